//! Random bytes at both ends of the wire.

use enishi_card::{CardImage, CardParts, LastTry, PinKind, Session};
use proptest::prelude::*;

use crate::support::*;
use crate::wire::*;

/// Commands that are mostly near real ones: a known header, then anything.
fn command() -> impl Strategy<Value = Vec<u8>> {
    let headers = prop::sample::select(vec![
        [0x00, 0xA4, 0x04, 0x0C],
        [0x00, 0xA4, 0x02, 0x0C],
        [0x00, 0xA4, 0x00, 0x00],
        [0x00, 0xB0, 0x00, 0x00],
        [0x00, 0xB0, 0x81, 0xFF],
        [0x00, 0xB0, 0x7F, 0xFF],
        [0x00, 0xB2, 0x01, 0x04],
        [0x00, 0x20, 0x00, 0x80],
        [0x00, 0x20, 0x00, 0x98],
        [0x00, 0x24, 0x01, 0x9B],
        [0x00, 0x84, 0x00, 0x00],
        [0x00, 0x88, 0x00, 0x97],
        [0x00, 0xCA, 0x5F, 0x51],
        [0x80, 0x2A, 0x00, 0x97],
        [0x80, 0x2A, 0x04, 0x9A],
        [0x80, 0xFC, 0x00, 0x00],
    ]);
    let body = prop::collection::vec(any::<u8>(), 0..300);
    let fitting = prop::collection::vec(any::<u8>(), 0..=255).prop_map(|data| {
        let mut body = vec![u8::try_from(data.len()).unwrap()];
        body.extend(data);
        body
    });
    let select = prop::sample::select(vec![SELECT_JPKI, SELECT_ISSUER, SELECT_TEXT, "0020009804 34303731"])
        .prop_map(|command| hex::decode(command.replace(' ', "")).unwrap());
    prop_oneof![
        1 => body.clone(),
        3 => (headers.clone(), body).prop_map(|(header, body)| [&header[..], &body].concat()),
        3 => (headers, fitting).prop_map(|(header, body)| [&header[..], &body].concat()),
        2 => select,
    ]
}

proptest! {
    #[test]
    fn any_commands_get_a_status_word_and_no_panic(commands in prop::collection::vec(command(), 1..24)) {
        let mut card = card_of(CardParts { face: Some(face_parts()), ..parts(Holder::First) });
        for command in commands {
            let answer = card.transmit(&command);
            prop_assert!((2..=258).contains(&answer.len()));
        }
    }

    #[test]
    fn every_beginning_of_a_command_gets_a_status_word(command in command(), cut in 0usize..300) {
        let mut card = jpki();
        let answer = card.transmit(&command[..cut.min(command.len())]);
        prop_assert!((2..=258).contains(&answer.len()));
    }

    #[test]
    fn a_session_survives_any_card(answers in prop::collection::vec(answer(), 1..40), seed in any::<usize>()) {
        let mut honest = card();
        let mut at = 0usize;
        // Now and then the honest answer, so that the lies reach every step.
        let link = Scripted(move |command: &[u8]| {
            at += 1;
            let lie = &answers[at % answers.len()];
            if (seed >> (at % 60)) & 3 == 0 { lie.clone() } else { honest.transmit(command) }
        });
        if let Ok(mut session) = Session::open(link) {
            let _ = session.auth_certificate();
            let _ = session.tries_left(PinKind::Signing);
            let _ = session.sign_document(
                &password(),
                enishi_card::Document::Message(b"x"),
                LastTry::Confirmed,
            );
            let _ = session.prove(&pin(), &challenge(), LastTry::Confirmed);
            let _ = session.close();
        }
    }

    #[test]
    fn any_text_as_an_image_is_refused_without_a_panic(text in "\\PC{0,400}") {
        use std::os::unix::fs::OpenOptionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("card.toml");
        let mut file =
            std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).unwrap();
        std::io::Write::write_all(&mut file, text.as_bytes()).unwrap();
        drop(file);
        prop_assert!(CardImage::load(&path).is_err());
    }
}

/// Answers of all lengths, many of them with a status word that leads on.
fn answer() -> impl Strategy<Value = Vec<u8>> {
    let words = prop::sample::select(vec![
        [0x90, 0x00],
        [0x61, 0x00],
        [0x61, 0xFF],
        [0x6C, 0x00],
        [0x6C, 0x10],
        [0x63, 0xC1],
        [0x63, 0x00],
        [0x6B, 0x00],
        [0x62, 0x82],
        [0x69, 0x82],
    ]);
    let data = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..262),
        Just(hex::decode("3084FFFFFFFF").unwrap()),
        Just(hex::decode("3088FFFFFFFFFFFFFFFF").unwrap()),
    ];
    (data, words).prop_map(|(data, word)| [&data[..], &word].concat())
}
