//! Messages of vpcd: a length in two bytes, big-endian, and the payload.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;

use zeroize::Zeroizing;

use super::error::VpcdError;

/// What the reader says.
pub(super) enum Message {
    /// Take the card's power.
    PowerOff,
    /// Give it power.
    PowerOn,
    /// Reset it without taking its power; a card without any is powered.
    Reset,
    /// Tell the answer to reset; also how the reader looks, a few times a second, whether the card is still there.
    GetAtr,
    /// A command APDU of 4 to 65,535 octets, perhaps with a PIN in it.
    Command(Zeroizing<Vec<u8>>),
}

/// How far a read got before the other end closed.
enum Fill {
    Whole,
    Nothing,
    Part,
}

/// Reads one message; nothing if the reader closed the connection before it.
pub(super) fn read(stream: &TcpStream) -> Result<Option<Message>, VpcdError> {
    let mut length = [0; 2];
    match fill(stream, &mut length)? {
        Fill::Whole => {}
        Fill::Nothing => return Ok(None),
        Fill::Part => return Err(VpcdError::CutMessage),
    }
    let len = usize::from(u16::from_be_bytes(length));
    // Checked before the payload is awaited, which might never come.
    if matches!(len, 0 | 2 | 3) {
        return Err(VpcdError::NoCommand { len });
    }
    let mut payload = Zeroizing::new(vec![0; len]);
    match fill(stream, &mut payload)? {
        Fill::Whole => {}
        Fill::Nothing | Fill::Part => return Err(VpcdError::CutMessage),
    }
    match payload.as_slice() {
        [0x00] => Ok(Some(Message::PowerOff)),
        [0x01] => Ok(Some(Message::PowerOn)),
        [0x02] => Ok(Some(Message::Reset)),
        [0x04] => Ok(Some(Message::GetAtr)),
        [code] => Err(VpcdError::UnknownControl { code: *code }),
        _ => Ok(Some(Message::Command(payload))),
    }
}

/// Writes one message at once: in two pieces, the second would wait for the reader's acknowledgement of the first.
///
/// # Errors
/// [`VpcdError::Link`]; what is longer than a length can say is one, too.
pub(super) fn write(mut stream: &TcpStream, payload: &[u8]) -> Result<(), VpcdError> {
    let length = u16::try_from(payload.len()).map_err(|_| VpcdError::Link(ErrorKind::InvalidData.into()))?;
    let message = [&length.to_be_bytes()[..], payload].concat();
    stream.write_all(&message).map_err(VpcdError::Link)
}

fn fill(mut stream: &TcpStream, buffer: &mut [u8]) -> Result<Fill, VpcdError> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        acknowledge_at_once(stream)?;
        match stream.read(rest) {
            Ok(0) if filled == 0 => return Ok(Fill::Nothing),
            Ok(0) => return Ok(Fill::Part),
            Ok(len) => filled += len,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(VpcdError::Link(error)),
        }
    }
    Ok(Fill::Whole)
}

/// vpcd sends length and payload in two writes and waits with the second for the acknowledgement of the first, which
/// Linux delays by 40 ms unless it is told not to, before every read.
#[cfg(target_os = "linux")]
fn acknowledge_at_once(stream: &TcpStream) -> Result<(), VpcdError> {
    rustix::net::sockopt::set_tcp_quickack(stream, true).map_err(|error| VpcdError::Link(error.into()))
}

#[cfg(not(target_os = "linux"))]
fn acknowledge_at_once(_: &TcpStream) -> Result<(), VpcdError> {
    Ok(())
}
