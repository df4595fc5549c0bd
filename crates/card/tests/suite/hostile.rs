//! The session against cards that are swapped, taken away, lying, or not cards at all.

use std::sync::{Arc, Mutex};

use enishi_card::{CardError, LastTry, PinKind, Session, SoftwareCard, SoftwareReader, Step, Tries};
use enishi_jpki::SignatureAlgorithm;

use crate::support::*;
use crate::wire::*;

fn pair() -> [SoftwareCard; 2] {
    [card(), card_of(parts(Holder::Second))]
}

#[test]
fn a_card_swapped_between_reading_and_signing_is_refused() {
    // The second card stands ready with its own holder's PIN verified.
    let [first, mut second] = pair();
    expect(&mut second, SELECT_JPKI, "9000");
    expect(&mut second, "0020009804 34303731", "9000");
    let sign = |command: &[u8]| command[1] == 0x2A;
    let mut session = Session::open(Swapping { cards: [first, second], at: 0, when: sign }).unwrap();
    let refused = session.prove(&pin(), &challenge(), LastTry::NotConfirmed);
    assert!(matches!(refused, Err(CardError::CardSwapped { step: Step::Sign })), "{refused:?}");
    assert!(matches!(session.auth_certificate(), Err(CardError::CardMoved { .. })));
}

#[test]
fn a_card_swapped_after_the_certificate_was_shown_never_learns_the_pin() {
    let log = Log::default();
    let [first, second] = pair();
    let selections = Arc::new(Mutex::new(0));
    let count = Arc::clone(&selections);
    let third_selection = move |command: &[u8]| {
        let mut seen = count.lock().unwrap();
        *seen += usize::from(command == hex::decode(SELECT_JPKI).unwrap());
        *seen == 3
    };
    let link = Swapping { cards: [first, second], at: 0, when: third_selection };
    let mut session = Session::open(Wire { link, log: Arc::clone(&log) }).unwrap();
    assert_eq!(session.auth_certificate().unwrap(), auth_certificate(Holder::First));
    let refused = session.prove(&pin(), &challenge(), LastTry::NotConfirmed);
    assert!(matches!(refused, Err(CardError::CardSwapped { step: Step::Certificate })));
    assert_eq!(verifies_sent(&log), 0);
    assert_eq!(*selections.lock().unwrap(), 3);
}

#[test]
fn a_card_that_replaces_another_at_any_command_never_proves_for_the_first() {
    let (mut session, log, _reader) = session();
    session.prove(&pin(), &challenge(), LastTry::NotConfirmed).unwrap();
    let sent = log.lock().unwrap().clone();
    let first_block = |command: &Vec<u8>| command[..] == [0x00, 0xB0, 0x00, 0x00, 0x00];
    // The token information is read in full blocks, too; the certificate's two readings come after the count.
    let query = sent.iter().position(|command| command[..] == [0x00, 0x20, 0x00, 0x80]).unwrap();
    let shown = query + sent[query..].iter().position(first_block).unwrap();
    let shown_again = sent.iter().rposition(first_block).unwrap();
    assert!(shown < shown_again);

    for swap_at in 0..sent.len() {
        // The other holder has the same PIN; the reader has it verified and the same file selected.
        let [first, mut second] = pair();
        expect(&mut second, SELECT_JPKI, "9000");
        expect(&mut second, "0020009804 34303731", "9000");
        expect(&mut second, "00A4020C02000A", "9000");
        let mut count = 0;
        let when = move |_: &[u8]| {
            count += 1;
            count > swap_at
        };
        let Ok(mut session) = Session::open(Swapping { cards: [first, second], at: 0, when }) else {
            assert!(swap_at < query, "swapped at command {swap_at}");
            continue;
        };
        let outcome = session.prove(&pin(), &challenge(), LastTry::NotConfirmed);
        if (shown + 1..=shown_again).contains(&swap_at) {
            assert!(outcome.is_err(), "swapped at command {swap_at}");
        }
        // What is proven, before or after that, is one card's certificate with that card's signature.
        if let Ok(proven) = outcome {
            let message = challenge().message(SignatureAlgorithm::Rs256);
            let holder = [Holder::First, Holder::Second]
                .into_iter()
                .find(|holder| auth_certificate(*holder) == proven.certificate_der())
                .expect("one of the two, whole");
            assert!(verifies(&auth_key(holder), &message, proven.signature()));
        }
    }
}

#[test]
fn a_card_taken_away_ends_the_session() {
    let (mut session, _log, reader) = session();
    let card = reader.remove().unwrap();
    let refused = session.prove(&pin(), &challenge(), LastTry::NotConfirmed);
    assert!(matches!(refused, Err(CardError::CardMoved { step: Step::Select })));
    reader.insert(card);
    assert!(matches!(session.tries_left(PinKind::Signing), Err(CardError::CardMoved { .. })));
    assert!(matches!(session.close(), Err(CardError::CardMoved { step: Step::Leave })));
    assert!(matches!(SoftwareReader::default().connect(), Err(CardError::NoCard)));
}

#[test]
fn what_has_no_jpki_application_is_not_a_my_number_card() {
    for word in [[0x6A, 0x82], [0x6D, 0x00], [0x6E, 0x00], [0x6F, 0x00]] {
        let refused = Session::open(Scripted(move |_: &[u8]| word.to_vec()));
        assert!(matches!(refused, Err(CardError::NotJpki)));
    }
}

#[test]
fn a_token_with_another_label_is_refused() {
    let mut card = card();
    let refused = Session::open(Scripted(move |command: &[u8]| {
        let mut answer = card.transmit(command);
        if answer.starts_with(b"JPKIAPICCTOKEN2") {
            answer[14] = b' ';
        }
        answer
    }));
    assert!(matches!(refused, Err(CardError::UnknownToken)));
}

/// An honest card up to one command, whose answer is replaced.
fn lying(on: impl Fn(&[u8]) -> bool, answer: Vec<u8>) -> Scripted<impl FnMut(&[u8]) -> Vec<u8>> {
    let mut card = card();
    Scripted(move |command: &[u8]| if on(command) { answer.clone() } else { card.transmit(command) })
}

#[test]
fn both_words_for_a_blocked_pin_are_understood() {
    for (answer, verify_only) in
        [([0x69, 0x83], false), ([0x69, 0x84], false), ([0x69, 0x83], true), ([0x69, 0x84], true)]
    {
        let on = move |command: &[u8]| command[1] == 0x20 && (command.len() > 4) == verify_only;
        let mut session = Session::open(lying(on, answer.to_vec())).unwrap();
        let refused = session.prove(&pin(), &challenge(), LastTry::NotConfirmed);
        assert!(matches!(refused, Err(CardError::PinBlocked)), "{refused:?}");
    }
}

#[test]
fn a_count_that_is_no_count_is_not_taken_for_one() {
    let query = |command: &[u8]| command == [0x00, 0x20, 0x00, 0x80];
    let mut session = Session::open(lying(query, vec![0x90, 0x00])).unwrap();
    let refused = session.prove(&pin(), &challenge(), LastTry::Confirmed);
    assert!(matches!(refused, Err(CardError::Protocol { step: Step::Tries, status: Some(0x9000) })));
    let mut session = Session::open(lying(query, vec![0x63, 0x00])).unwrap();
    assert_eq!(session.tries_left(PinKind::Signing).unwrap(), Tries::Unlimited);
}

#[test]
fn a_certificate_of_an_impossible_length_is_refused_before_anything_is_allocated() {
    for header in ["3083FFFFFF", "3084FFFFFFFF", "3088FFFFFFFFFFFFFFFF", "30821001", "3080", "3182000100"] {
        let mut answer = hex::decode(header).unwrap();
        answer.resize(256, 0x5A);
        answer.extend([0x90, 0x00]);
        let first_block = |command: &[u8]| command == [0x00, 0xB0, 0x00, 0x00, 0x00];
        let mut selected = Vec::new();
        let mut card = card();
        let link = Scripted(move |command: &[u8]| {
            if command.starts_with(&[0x00, 0xA4, 0x02]) {
                selected = command.to_vec();
            }
            let certificate = selected.ends_with(&[0x00, 0x0A]);
            if first_block(command) && certificate { answer.clone() } else { card.transmit(command) }
        });
        let mut session = Session::open(link).unwrap();
        let refused = session.auth_certificate();
        assert!(matches!(refused, Err(CardError::Protocol { step: Step::Certificate, .. })), "{header}");
    }
}

#[test]
fn a_card_that_leads_on_is_cut_off() {
    let mut asked = 0;
    // More and more to fetch with GET RESPONSE, without end.
    let refused = Session::open(Scripted(move |_: &[u8]| {
        asked += 1;
        assert!(asked < 500);
        vec![0x61, 0x01]
    }));
    assert!(refused.is_err());
    for answer in [vec![], vec![0x90], vec![0x00; 259], vec![0x90; 70_000]] {
        assert!(Session::open(Scripted(move |_: &[u8]| answer.clone())).is_err());
    }
}

#[test]
fn a_signature_that_does_not_verify_is_refused() {
    let sign = |command: &[u8]| command[1] == 0x2A;
    for answer in [[vec![0x11; 256], vec![0x90, 0x00]].concat(), vec![0x90, 0x00]] {
        let mut session = Session::open(lying(sign, answer)).unwrap();
        let refused = session.prove(&pin(), &challenge(), LastTry::NotConfirmed);
        assert!(matches!(refused, Err(CardError::CardSwapped { step: Step::Sign })));
    }
    let mut session = Session::open(lying(sign, vec![0x69, 0x82])).unwrap();
    let refused = session.prove(&pin(), &challenge(), LastTry::NotConfirmed);
    assert!(matches!(refused, Err(CardError::Protocol { step: Step::Sign, status: Some(0x6982) })));
}
