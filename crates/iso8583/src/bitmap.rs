use crate::reader::Reader;
use crate::{De, Error, Part};

/// Which elements a message has; the first bit is element 1, the highest of the 128.
#[derive(Clone, Copy, Default)]
pub(crate) struct Bitmap(u128);

impl Bitmap {
    /// Reads the primary bitmap and, where its first bit says so, the secondary one.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Error> {
        let primary = read_half(reader, Part::PrimaryBitmap)?;
        if primary & SECONDARY_FOLLOWS == 0 {
            return Ok(Self(u128::from(primary) << 64));
        }
        let offset = reader.offset();
        let secondary = read_half(reader, Part::SecondaryBitmap)?;
        if secondary == 0 {
            // A second way of writing the same message, and so a way of hiding one.
            let expected = "an element above 64, as the first bit announces";
            return Err(Error::Bitmap { part: Part::SecondaryBitmap, offset, expected });
        }
        let elements = u128::from(primary & !SECONDARY_FOLLOWS) << 64;
        Ok(Self(elements | u128::from(secondary)))
    }

    pub(crate) fn write(self, out: &mut Vec<u8>) {
        let [primary, secondary] = self.halves();
        match secondary {
            0 => write_half(primary, out),
            _ => {
                write_half(primary | SECONDARY_FOLLOWS, out);
                write_half(secondary, out);
            }
        }
    }

    pub(crate) const fn insert(&mut self, de: De) {
        self.0 |= bit(de);
    }

    pub(crate) const fn count(self) -> u32 {
        self.0.count_ones()
    }

    fn halves(self) -> [u64; 2] {
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = self.0.to_be_bytes();
        [u64::from_be_bytes([a, b, c, d, e, f, g, h]), u64::from_be_bytes([i, j, k, l, m, n, o, p])]
    }
}

impl Iterator for Bitmap {
    type Item = De;

    fn next(&mut self) -> Option<De> {
        let before = u8::try_from(self.0.leading_zeros()).ok()?;
        let de = De::new(before.checked_add(1)?)?;
        self.0 &= !bit(de);
        Some(de)
    }
}

const fn bit(de: De) -> u128 {
    FIRST >> (de.number() - 1)
}

fn read_half(reader: &mut Reader<'_>, part: Part) -> Result<u64, Error> {
    let offset = reader.offset();
    let digits: [u8; 16] = reader.take_array(part)?;
    let mut half = 0;
    for (at, &digit) in digits.iter().enumerate() {
        let Some(nibble) = nibble(digit) else {
            let expected = "upper-case hexadecimal digits";
            return Err(Error::Bitmap { part, offset: offset.saturating_add(at), expected });
        };
        half = half << 4 | u64::from(nibble);
    }
    Ok(half)
}

fn write_half(half: u64, out: &mut Vec<u8>) {
    out.extend(half.to_be_bytes().into_iter().flat_map(hex_digits));
}

/// The value of an upper-case hexadecimal digit; lower case would be a second way of writing the same.
pub(crate) const fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// The two upper-case hexadecimal digits of a byte.
pub(crate) fn hex_digits(byte: u8) -> [u8; 2] {
    [byte >> 4, byte & 0xF].map(|nibble| match nibble {
        0..=9 => b'0' + nibble,
        _ => b'A' + (nibble - 10),
    })
}

const FIRST: u128 = 1 << 127;
const SECONDARY_FOLLOWS: u64 = 1 << 63;
