//! What a scan looks for, in every form in which it could hide.

use std::collections::BTreeSet;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use enishi_party::Timestamp;
use jiff::tz::{TimeZone, offset};
use memchr::memmem;

/// Japan's offset from UTC in hours; there is no summer time.
const JST_HOURS: i8 = 9;

/// A kind of data that somebody must, may or must not see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Item {
    /// シリアル番号 of the authentication certificate.
    Serial,
    /// シリアル番号 of the signing certificate, or anything else by which that certificate is known.
    SigningSerial,
    /// The authentication certificate, or its key, modulus, fingerprints, key id, subject or end of validity.
    Certificate,
    /// The card's signature.
    Signature,
    /// 氏名.
    Name,
    /// The card number at a company.
    CardNumber,
    /// The company's own PIN.
    CompanyPin,
    /// The PIN of the My Number Card, as the command that carries it.
    CardPin,
    /// The pairwise ID (変換用ID).
    PairwiseId,
    /// The company's name for its customer.
    CustomerId,
    /// The slip number and amount as the company's message has them.
    Amount,
}

/// One thing in all its forms.
#[derive(Clone)]
pub struct Needle {
    /// What it is.
    pub item: Item,
    forms: Vec<Form>,
}

#[derive(Clone)]
struct Form {
    /// Which part of the item: `modulus` of a certificate.
    of: &'static str,
    octets: Vec<u8>,
}

impl fmt::Debug for Needle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Needle({:?}, {} forms)", self.item, self.forms.len())
    }
}

impl Needle {
    /// Octets: as they are, reversed, in hex (both cases), in base64 (three offsets, both alphabets), and as a decimal number.
    #[must_use]
    pub fn octets(item: Item, octets: &[u8]) -> Self {
        let hex = hex::encode(octets);
        let mut forms = vec![octets.to_vec(), hex.to_uppercase().into_bytes(), hex.into_bytes()];
        forms.push(octets.iter().rev().copied().collect());
        for text in base64_forms(octets) {
            forms.push(text.replace('+', "-").replace('/', "_").into_bytes());
            forms.push(text.into_bytes());
        }
        if octets.len() <= 20 {
            forms.push(decimal(octets).into_bytes());
        }
        Self::of(item, forms)
    }

    /// A text: as it is, and its UTF-8 octets in hex and base64.
    #[must_use]
    pub fn text(item: Item, text: &str) -> Self {
        let mut forms = vec![text.as_bytes().to_vec(), hex::encode(text).into_bytes()];
        forms.extend(base64_forms(text.as_bytes()).into_iter().map(String::into_bytes));
        // JSON may escape what is not ASCII.
        let escaped: String = text
            .encode_utf16()
            .map(|unit| match u8::try_from(unit) {
                Ok(ascii) if ascii.is_ascii() => char::from(ascii).to_string(),
                _ => format!("\\u{unit:04x}"),
            })
            .collect();
        forms.push(escaped.into_bytes());
        Self::of(item, forms)
    }

    /// A moment: as certificates write it (UTCTime, GeneralizedTime), as RFC 3339 does, its day alone, and as seconds and
    /// milliseconds since 1970; in UTC and in Japan.
    #[must_use]
    pub fn moment(item: Item, moment: Timestamp) -> Self {
        let mut texts = vec![moment.as_second().to_string()];
        for zone in [TimeZone::UTC, TimeZone::fixed(offset(JST_HOURS))] {
            let there = moment.to_zoned(zone);
            let day = ["%Y-%m-%d", "%Y%m%d", "%Y/%m/%d"];
            let second = ["%y%m%d%H%M%S", "%Y-%m-%d %H:%M:%S"];
            texts.extend(day.into_iter().chain(second).map(|form| there.strftime(form).to_string()));
        }
        Self::any(item, texts.iter().map(|text| Self::text(item, text)))
    }

    /// Names the part of the item that these forms are of.
    #[must_use]
    pub fn called(mut self, of: &'static str) -> Self {
        for form in &mut self.forms {
            form.of = of;
        }
        self
    }

    /// Joins the forms of several things of one kind.
    #[must_use]
    pub fn any(item: Item, needles: impl IntoIterator<Item = Self>) -> Self {
        Self { item, forms: needles.into_iter().flat_map(|needle| needle.forms).collect() }
    }

    /// Whether any form is in these bytes.
    #[must_use]
    pub fn is_in(&self, bytes: &[u8]) -> bool {
        self.forms.iter().any(|form| form.is_in(bytes))
    }

    /// The parts of which a form is in these bytes; a part without a name is the empty text.
    #[must_use]
    pub fn parts_in(&self, bytes: &[u8]) -> BTreeSet<&'static str> {
        let mut found = BTreeSet::new();
        for form in &self.forms {
            if !found.contains(form.of) && form.is_in(bytes) {
                found.insert(form.of);
            }
        }
        found
    }

    /// The parts that are looked for.
    #[must_use]
    pub fn parts(&self) -> BTreeSet<&'static str> {
        self.forms.iter().map(|form| form.of).collect()
    }

    /// The forms of one part alone.
    #[must_use]
    pub fn part(&self, of: &str) -> Self {
        let forms = self.forms.iter().filter(|form| form.of == of);
        Self { item: self.item, forms: forms.cloned().collect() }
    }

    fn of(item: Item, forms: Vec<Vec<u8>>) -> Self {
        Self { item, forms: forms.into_iter().map(|octets| Form { of: "", octets }).collect() }
    }
}

impl Form {
    fn is_in(&self, bytes: &[u8]) -> bool {
        memmem::find(bytes, &self.octets).is_some()
    }
}

/// Base64 at each of the three offsets at which octets can stand in a longer string; characters that the neighbours
/// share are cut off.
fn base64_forms(octets: &[u8]) -> Vec<String> {
    (0..3)
        .map(|offset| {
            let padded = [vec![0; offset].as_slice(), octets].concat();
            let text = STANDARD_NO_PAD.encode(&padded);
            let first = (offset * 8).div_ceil(6);
            let last = padded.len() * 8 / 6;
            text.get(first..last).unwrap_or_default().to_owned()
        })
        .collect()
}

/// A big-endian number in decimal digits.
fn decimal(octets: &[u8]) -> String {
    let mut digits = vec![0_u32];
    for octet in octets {
        let mut carry = u32::from(*octet);
        for digit in &mut digits {
            let value = *digit * 256 + carry;
            *digit = value % 10;
            carry = value / 10;
        }
        while carry > 0 {
            digits.push(carry % 10);
            carry /= 10;
        }
    }
    digits.iter().rev().filter_map(|digit| char::from_digit(*digit, 10)).collect()
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    use super::{Item, Needle, decimal};

    #[test]
    fn a_needle_is_found_in_every_form_and_not_in_others() {
        let serial =
            [0x0b, 0xad, 0xca, 0xfe, 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0, 0x11, 0x22, 0x33, 0x44];
        let needle = Needle::octets(Item::Serial, &serial);
        for offset in 0..3 {
            let around = [&[7_u8; 3][..offset], &serial, &[9_u8; 5]].concat();
            assert!(needle.is_in(&around));
            assert!(needle.is_in(STANDARD.encode(&around).as_bytes()), "offset {offset}");
            assert!(needle.is_in(hex::encode(&around).as_bytes()));
            assert!(needle.is_in(hex::encode_upper(&around).as_bytes()));
        }
        let number = u128::from_be_bytes(serial);
        assert!(needle.is_in(format!("serial {number}").as_bytes()));
        assert!(!needle.is_in(&[0x0b, 0xad, 0xca, 0xfe]));
    }

    #[test]
    fn a_moment_is_found_as_certificates_and_as_logs_write_it() {
        let needle =
            Needle::moment(Item::Certificate, "2031-02-17T14:59:59Z".parse().unwrap()).called("expiry");
        for text in [
            "310217145959Z",
            "20310217145959Z",
            "2031-02-17T14:59:59Z",
            "2031-02-17T23:59:59+09:00",
            "1929106799000",
        ] {
            assert_eq!(needle.parts_in(text.as_bytes()), ["expiry"].into(), "{text}");
        }
        assert!(needle.parts_in(b"2031-02-18").is_empty());
    }

    #[test]
    fn decimals_agree_with_the_machine() {
        for number in [0_u128, 9, 10, 255, 256, u128::from(u64::MAX), u128::MAX] {
            assert_eq!(
                decimal(&number.to_be_bytes()).trim_start_matches('0'),
                number.to_string().trim_start_matches('0')
            );
        }
    }
}
