//! ISO 8583 messages and their frames.

use enishi_iso8583::{
    Deframed, Dialect, FRAME_HEADER_LENGTH, Message, ascii_1987, deframe as read_frame, describe, frame,
    japan_credit,
};

use crate::Reading;

/// In both dialects: what decodes encodes again to the same bytes, and can be described.
pub(crate) fn decode(data: &[u8]) -> Reading {
    let read = [japan_credit(), ascii_1987()].map(|dialect| decode_in(dialect, data));
    Reading::of(read.contains(&Reading::Understood))
}

fn decode_in(dialect: &Dialect, data: &[u8]) -> Reading {
    let Ok(message) = Message::decode(dialect, data) else { return Reading::Refused };
    assert_eq!(message.encode(dialect).as_deref(), Ok(data), "two readings of one message");
    assert!(!describe(dialect, &message).is_empty(), "an empty description");
    Reading::Understood
}

/// The stream of a socket, until it ends or breaks.
pub(crate) fn deframe(data: &[u8]) -> Reading {
    let mut received = data;
    while let Ok(Deframed::Message { message, rest }) = read_frame(received) {
        assert!(rest.len() < received.len(), "a frame of no length");
        let taken = received.len().saturating_sub(rest.len());
        assert_eq!(taken, message.len().saturating_add(FRAME_HEADER_LENGTH), "octets lost between frames");
        assert_eq!(frame(message).ok().as_deref(), received.get(..taken), "two frames for one message");
        received = rest;
    }
    Reading::of(received.len() < data.len())
}
