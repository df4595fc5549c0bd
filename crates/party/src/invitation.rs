//! A link intent as people type it.

use std::fmt;
use std::str::FromStr;

use crate::{IntentId, Malformed};

/// 32 signs of which none looks like another: Crockford's base 32, without I, L, O and U.
const SIGNS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Signs that carry the 128 bits of an intent.
const DATA_SIGNS: u32 = 26;
/// Signs that check them.
const CHECK_SIGNS: u32 = 2;
/// A prime below 2^10: of the code as a number, the rest tells every single wrong sign and next to every exchange of two.
const CHECK_MODULUS: u128 = 1021;
/// Signs between hyphens.
const GROUP: usize = 4;
/// More than any code with spaces and hyphens.
const LENGTH_MAX: usize = 64;

/// The one-time code of an invitation: an intent of the relay's, in seven groups of four signs.
///
/// Not case-sensitive; hyphens and spaces mean nothing; O is read as 0, I and L as 1. The last two signs are a check, so
/// that a mistyped code is told from one that is out of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvitationCode(IntentId);

impl InvitationCode {
    /// The code of an intent.
    #[must_use]
    pub const fn of(intent: IntentId) -> Self {
        Self(intent)
    }

    /// The intent.
    #[must_use]
    pub const fn intent(self) -> IntentId {
        self.0
    }
}

impl fmt::Display for InvitationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = u128::from_be_bytes(*self.0.as_octets());
        let signs = signs(number, DATA_SIGNS).chain(signs(number % CHECK_MODULUS, CHECK_SIGNS));
        for (at, sign) in signs.enumerate() {
            if at > 0 && at % GROUP == 0 {
                f.write_str("-")?;
            }
            write!(f, "{}", char::from(sign))?;
        }
        Ok(())
    }
}

impl FromStr for InvitationCode {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        parse(text).ok_or(Malformed {
            noun: "invitation code",
            rule: "seven groups of four letters and digits, as the company gave it; one of them is mistyped",
        })
    }
}

/// The lowest bits of a number, five a sign, the highest first.
fn signs(number: u128, count: u32) -> impl Iterator<Item = u8> {
    (0..count).rev().map(move |place| {
        let value = usize::try_from((number >> (5 * place)) & 31).unwrap_or_default();
        SIGNS.get(value).copied().unwrap_or(b'0')
    })
}

fn parse(text: &str) -> Option<InvitationCode> {
    if text.len() > LENGTH_MAX {
        return None;
    }
    let mut values = text.bytes().filter(|byte| !matches!(byte, b'-' | b' ')).map(value);
    let number = read(&mut values, DATA_SIGNS)?;
    let check = read(&mut values, CHECK_SIGNS)?;
    let whole = values.next().is_none() && number % CHECK_MODULUS == check;
    whole.then(|| InvitationCode(IntentId::from_random(number.to_be_bytes())))
}

fn read(values: &mut impl Iterator<Item = Option<u128>>, count: u32) -> Option<u128> {
    let mut number = 0_u128;
    for _ in 0..count {
        // Two bits of the first sign are beyond the 128: a code with one of them is none of ours.
        number = number.checked_mul(32)?.checked_add(values.next()??)?;
    }
    Some(number)
}

fn value(sign: u8) -> Option<u128> {
    let sign = match sign.to_ascii_uppercase() {
        b'O' => b'0',
        b'I' | b'L' => b'1',
        sign => sign,
    };
    let place = SIGNS.iter().position(|known| *known == sign)?;
    u128::try_from(place).ok()
}

#[cfg(test)]
mod tests;
