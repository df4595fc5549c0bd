//! The two plain text fields of format 4, nibble by nibble.

use enishi_party::SurrogatePan;
use zeroize::Zeroizing;

use crate::IssuerPin;
use crate::pin::{PIN_DIGITS_MAX, PIN_DIGITS_MIN};

/// AES's block, and so the length of both fields and of the enciphered block.
pub(crate) const BLOCK_LENGTH: usize = 16;

/// Octets of randomness that end a PIN field.
pub(crate) const RANDOM_LENGTH: usize = 8;

/// The control nibble: format 4.
const CONTROL: u8 = 0x4;

/// What follows the last digit of the PIN up to the random octets.
const FILL: u8 = 0xA;

/// Nibbles between length and random octets: 12 for digits, 2 that are always fill.
const DIGIT_NIBBLES: usize = 14;

/// ISO 9564-1 §9.4.2.5: the PAN field begins with the PAN's length less 12.
const SURROGATE_LENGTH_NIBBLE: u8 = 4;

/// 4, length, digits, fill A, eight random octets.
pub(crate) fn pin_field(pin: &IssuerPin, random: [u8; RANDOM_LENGTH]) -> Zeroizing<[u8; BLOCK_LENGTH]> {
    let digits = pin.expose_digits();
    let length = u8::try_from(digits.len()).unwrap_or_default();
    let nibbles = [CONTROL, length].into_iter().chain(digits.iter().map(|digit| digit.wrapping_sub(b'0')));
    let mut field = Zeroizing::new([0; BLOCK_LENGTH]);
    pack(&mut field, nibbles, FILL);
    for (octet, random) in field.iter_mut().skip(BLOCK_LENGTH - RANDOM_LENGTH).zip(random) {
        *octet = random;
    }
    field
}

/// Length less 12, digits, zeros.
pub(crate) fn pan_field(pan: &SurrogatePan) -> [u8; BLOCK_LENGTH] {
    let digits = pan.as_str().bytes().map(|digit| digit.wrapping_sub(b'0'));
    let mut field = [0; BLOCK_LENGTH];
    pack(&mut field, std::iter::once(SURROGATE_LENGTH_NIBBLE).chain(digits), 0);
    field
}

/// Reads a PIN field; the random octets are not looked at.
///
/// Every nibble is looked at before anything is decided, so that time tells no more than the result.
pub(crate) fn read_pin_field(field: &[u8; BLOCK_LENGTH]) -> Option<IssuerPin> {
    let mut nibbles = field.iter().flat_map(|octet| [octet >> 4, octet & 0xF]);
    let mut faults = u32::from(nibbles.next() != Some(CONTROL));
    let length = usize::from(nibbles.next().unwrap_or_default());
    faults |= u32::from(!(PIN_DIGITS_MIN..=PIN_DIGITS_MAX).contains(&length));
    let mut digits = Zeroizing::new([0; DIGIT_NIBBLES]);
    for (index, (digit, nibble)) in digits.iter_mut().zip(nibbles).enumerate() {
        let is_digit = index < length;
        faults |= u32::from(is_digit & (nibble > 9)) | u32::from(!is_digit & (nibble != FILL));
        *digit = nibble.wrapping_add(b'0');
    }
    if faults == 0 { IssuerPin::from_digits(digits.get(..length)?) } else { None }
}

fn pack(field: &mut [u8; BLOCK_LENGTH], mut nibbles: impl Iterator<Item = u8>, fill: u8) {
    for octet in field {
        let high = nibbles.next().unwrap_or(fill);
        let low = nibbles.next().unwrap_or(fill);
        *octet = (high << 4) | (low & 0xF);
    }
}
