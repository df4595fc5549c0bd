use proptest::prelude::*;

use crate::{Deframed, Error, MAX_MESSAGE_LENGTH, MIN_MESSAGE_LENGTH, deframe, frame, frame_length};

#[test]
fn frame_is_two_bytes_of_length_and_the_message() {
    let framed = frame(&[b'x'; 300]).unwrap();
    assert_eq!(framed.len(), 302);
    assert_eq!(framed[..2], [0x01, 0x2C]);
    assert_eq!(frame_length([0x01, 0x2C]), Ok(300));
}

#[test]
fn lengths_out_of_bounds_are_refused_from_the_header_alone() {
    assert_eq!(deframe(&[0, 0]), Err(Error::TooShort { length: 0 }));
    assert_eq!(deframe(&[0, 19]), Err(Error::TooShort { length: MIN_MESSAGE_LENGTH - 1 }));
    assert_eq!(deframe(&[0x20, 0x01]), Err(Error::TooLong { length: MAX_MESSAGE_LENGTH + 1 }));
    assert_eq!(deframe(&[0xFF, 0xFF]), Err(Error::TooLong { length: 0xFFFF }));
    assert_eq!(deframe(b"0200"), Err(Error::TooLong { length: 0x3032 }));
    assert_eq!(frame(&[0; MAX_MESSAGE_LENGTH + 1]), Err(Error::TooLong { length: MAX_MESSAGE_LENGTH + 1 }));
    assert_eq!(frame(&[]), Err(Error::TooShort { length: 0 }));
    assert!(frame(&[0; MAX_MESSAGE_LENGTH]).is_ok());
}

#[test]
fn incomplete_frame_says_how_much_is_missing() {
    assert_eq!(deframe(&[]), Ok(Deframed::Incomplete { missing: 2 }));
    assert_eq!(deframe(&[0]), Ok(Deframed::Incomplete { missing: 1 }));
    assert_eq!(deframe(&[0, 20, 1]), Ok(Deframed::Incomplete { missing: 19 }));
}

proptest! {
    #[test]
    fn messages_come_out_of_a_stream_as_they_went_in(
        messages in prop::collection::vec(prop::collection::vec(any::<u8>(), 20..400), 1..5),
        cut in any::<prop::sample::Index>(),
    ) {
        let stream: Vec<u8> = messages.iter().flat_map(|message| frame(message).unwrap()).collect();
        let mut rest = stream.as_slice();
        for sent in &messages {
            let Deframed::Message { message, rest: after } = deframe(rest)? else { panic!("whole") };
            prop_assert_eq!(message, sent.as_slice());
            rest = after;
        }
        prop_assert!(rest.is_empty());
        let received = &stream[..cut.index(stream.len())];
        prop_assert!(deframe(received).is_ok());
    }

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        if let Ok(Deframed::Message { message, rest }) = deframe(&bytes) {
            prop_assert_eq!(message.len() + rest.len() + 2, bytes.len());
        }
    }
}
