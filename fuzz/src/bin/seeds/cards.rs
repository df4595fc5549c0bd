//! What terminals send to a card, and the file a card is kept in.

use std::fs;

use enishi_fuzz::world::{self, AUTH_PIN, FACE_PIN, SIGNING_PASSWORD};

use crate::{Done, seed};

const SELECT_JPKI: &[u8] = b"\x00\xA4\x04\x0C\x0A\xD3\x92\xF0\x00\x26\x01\x00\x00\x00\x01";
const SELECT_TEXT: &[u8] = b"\x00\xA4\x04\x0C\x0A\xD3\x92\x10\x00\x31\x00\x01\x01\x04\x08";

pub(crate) fn write() -> Done<()> {
    let select = |file: u8| vec![0x00, 0xA4, 0x02, 0x0C, 0x02, 0x00, file];
    let verify = |pin: &str| {
        let length = u8::try_from(pin.len()).unwrap_or_default();
        [&[0x00, 0x20, 0x00, 0x80, length], pin.as_bytes()].concat()
    };
    let tries_left = vec![0x00, 0x20, 0x00, 0x80];
    let read = vec![0x00, 0xB0, 0x00, 0x00, 0x00];
    let sign = |octets: u8| {
        [&[0x80, 0x2A, 0x00, 0x80, octets], vec![0x5A; usize::from(octets)].as_slice(), &[0]].concat()
    };
    let read_certificate =
        [SELECT_JPKI.to_vec(), select(0x0A), read.clone(), vec![0x00, 0xB0, 0x01, 0x00, 0x00]];
    seed("apdu", "read-certificate", script(&read_certificate)?)?;
    let prove =
        [SELECT_JPKI.to_vec(), select(0x18), tries_left.clone(), verify(AUTH_PIN), select(0x17), sign(51)];
    seed("apdu", "prove", script(&prove)?)?;
    let document =
        [SELECT_JPKI.to_vec(), select(0x1B), tries_left, verify(SIGNING_PASSWORD), select(0x1A), sign(51)];
    seed("apdu", "sign", script(&document)?)?;
    let face = [SELECT_TEXT.to_vec(), select(0x11), verify(FACE_PIN), select(0x02), read];
    seed("apdu", "face", script(&face)?)?;
    let wrong = [
        SELECT_JPKI.to_vec(),
        select(0x18),
        verify("0000"),
        verify("0000"),
        verify("0000"),
        verify(AUTH_PIN),
    ];
    seed("apdu", "blocked", script(&wrong)?)?;

    let file = world::folder().join("seed.toml");
    world::get().card_image().create(&file)?;
    seed("card-image", "card", fs::read(file)?)
}

/// Each command with its length in one octet before it.
fn script(commands: &[Vec<u8>]) -> Done<Vec<u8>> {
    let mut script = Vec::new();
    for command in commands {
        script.push(u8::try_from(command.len())?);
        script.extend_from_slice(command);
    }
    Ok(script)
}
