use crate::Error;

#[cfg(test)]
mod tests;

/// Bytes of the length that stands before each message on a socket, big-endian, not counting itself.
pub const FRAME_HEADER_LENGTH: usize = 2;

/// The longest message, 8 KiB: the longest element has 999 bytes, and no flow sends more than a handful of those.
pub const MAX_MESSAGE_LENGTH: usize = 8 * 1024;

/// The shortest message: an MTI and an empty bitmap.
pub const MIN_MESSAGE_LENGTH: usize = 4 + 16;

/// What the bytes received so far hold.
#[derive(Debug, PartialEq, Eq)]
pub enum Deframed<'a> {
    /// A whole message, and what follows it.
    Message {
        /// The message, without its length.
        message: &'a [u8],
        /// The bytes after it.
        rest: &'a [u8],
    },
    /// The beginning of one.
    Incomplete {
        /// At least so many bytes are still to come.
        missing: usize,
    },
}

/// Puts its length before a message.
pub fn frame(message: &[u8]) -> Result<Vec<u8>, Error> {
    let length = message.len();
    checked(length)?;
    let header = u16::try_from(length).map_err(|_| Error::TooLong { length })?.to_be_bytes();
    let mut framed = Vec::with_capacity(FRAME_HEADER_LENGTH.saturating_add(length));
    framed.extend_from_slice(&header);
    framed.extend_from_slice(message);
    Ok(framed)
}

/// The length that a frame's header announces, held against both bounds before anything is read or reserved.
pub fn frame_length(header: [u8; FRAME_HEADER_LENGTH]) -> Result<usize, Error> {
    checked(usize::from(u16::from_be_bytes(header)))
}

/// Takes the first message off what has been received.
///
/// A length out of bounds is an error as soon as its two bytes are there; the stream cannot be read on after it.
pub fn deframe(received: &[u8]) -> Result<Deframed<'_>, Error> {
    let Some((header, body)) = received.split_first_chunk::<FRAME_HEADER_LENGTH>() else {
        return Ok(Deframed::Incomplete { missing: FRAME_HEADER_LENGTH.saturating_sub(received.len()) });
    };
    let length = frame_length(*header)?;
    Ok(match body.split_at_checked(length) {
        Some((message, rest)) => Deframed::Message { message, rest },
        None => Deframed::Incomplete { missing: length.saturating_sub(body.len()) },
    })
}

const fn checked(length: usize) -> Result<usize, Error> {
    match length {
        ..MIN_MESSAGE_LENGTH => Err(Error::TooShort { length }),
        MIN_MESSAGE_LENGTH..=MAX_MESSAGE_LENGTH => Ok(length),
        _ => Err(Error::TooLong { length }),
    }
}
