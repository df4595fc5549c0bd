//! PIN blocks of format 4.

use enishi_party::SurrogatePan;
use enishi_pinblock::{IssuerPin, PinBlock, PinKey, open as decipher, seal, translate};

use crate::Reading;

/// Sixteen octets of a block, and the same octets as a PIN; what opens, opens again after its translation.
pub(crate) fn open(data: &[u8]) -> Reading {
    let mut understood = false;
    let (Ok(zone), Ok(next)) = (PinKey::from_bytes(&[1; 16]), PinKey::from_bytes(&[2; 32])) else {
        return Reading::Refused;
    };
    let pan = SurrogatePan::from_random(42);
    if let Some(octets) = data.first_chunk() {
        let block = PinBlock::from_octets(*octets);
        match (decipher(&block, &pan, &zone), translate(&block, &pan, &zone, &next, [3; 8])) {
            (Ok(pin), Ok(moved)) => {
                understood = true;
                let opened = decipher(&moved, &pan, &next);
                assert!(opened.is_ok_and(|its| its.expose_digits() == pin.expose_digits()), "another PIN");
            }
            (Err(_), Err(_)) => {}
            _ => assert!(octets.is_empty(), "a block that can be moved and not opened, or the reverse"),
        }
    }
    let pin = str::from_utf8(data).ok().and_then(|text| IssuerPin::parse(text).ok());
    if let Some(pin) = pin {
        understood = true;
        let opened = decipher(&seal(&pin, &pan, &zone, [4; 8]), &pan, &zone);
        assert!(opened.is_ok_and(|its| its.expose_digits() == data), "another PIN");
    }
    Reading::of(understood)
}
