//! Random, cut and damaged input: an error or another content, never a panic, never the same status.

use enishi_jpki::Token;
use enishi_verify::{Crl, Evidence, check_ocsp, clear};
use proptest::prelude::{any, prop, prop_assert, proptest};

use crate::answer::Answer;
use crate::list::{List, entry};
use crate::world::{
    RS256, auth_authority, good_token, hours, limits, now, prove_token, proven, request, status_by_answer,
};

fn list() -> Vec<u8> {
    List::new().with(entry(&[9], hours(-9), 1)).with(entry(&[0x41; 16], hours(-9), 6)).build()
}

fn accepts_list(der: &[u8]) -> bool {
    Crl::accept(der, &auth_authority(), None, &limits(), now()).is_ok()
}

fn accepts_answer(der: &[u8]) -> bool {
    check_ocsp(der, &request(), &auth_authority(), &limits(), now()).is_ok()
}

fn evidence() -> Vec<u8> {
    clear(proven(), status_by_answer(&Answer::good()), now()).unwrap().evidence().to_cbor()
}

fn holds(bytes: &[u8]) -> bool {
    let profile = enishi_jpki::Profile::SANDBOX;
    Evidence::from_cbor(bytes)
        .is_ok_and(|read| read.recheck(&crate::world::anchors(), &profile, None, &limits(), now()).is_ok())
}

#[test]
fn every_truncation_is_refused() {
    let (list, answer, evidence) = (list(), Answer::good().build(), evidence());
    assert!(accepts_list(&list) && accepts_answer(&answer) && holds(&evidence));
    for length in 0..list.len() {
        assert!(!accepts_list(&list[..length]), "{length}");
    }
    for length in 0..answer.len() {
        assert!(!accepts_answer(&answer[..length]), "{length}");
    }
    for length in 0..evidence.len() {
        assert!(Evidence::from_cbor(&evidence[..length]).is_err(), "{length}");
    }
}

#[test]
fn no_flipped_bit_of_a_list_is_accepted() {
    let original = list();
    for at in 0..original.len() {
        for bit in 0..8 {
            let mut damaged = original.clone();
            damaged[at] ^= 1 << bit;
            assert!(!accepts_list(&damaged), "octet {at}, bit {bit}");
        }
    }
}

#[test]
fn no_flipped_bit_of_evidence_holds_unless_it_is_the_time_of_the_check_within_its_bounds() {
    let original = evidence();
    let moment = now().as_millisecond().to_be_bytes();
    let time = original.windows(8).position(|window| window == moment).unwrap();
    for at in 0..original.len() {
        let mut damaged = original.clone();
        damaged[at] ^= 1;
        assert!(!holds(&damaged) || (time..time + 8).contains(&at), "octet {at}");
    }
}

proptest! {
    #[test]
    fn random_octets_are_nothing(octets in prop::collection::vec(any::<u8>(), 0..2000)) {
        prop_assert!(!accepts_list(&octets) && !accepts_answer(&octets));
        prop_assert!(Evidence::from_cbor(&octets).is_err());
        if let Ok(token) = Token::new(octets.clone(), RS256, octets) {
            prop_assert!(prove_token(token).is_err());
        }
    }

    /// The delegate's own certificate lies outside what it signed; whatever is changed there is under the authority's.
    #[test]
    fn a_changed_answer_is_refused(at in 0_usize..4000, flip in 1..=u8::MAX) {
        let mut answer = Answer::good().build();
        let at = at % answer.len();
        answer[at] ^= flip;
        prop_assert!(!accepts_answer(&answer));
    }

    #[test]
    fn a_changed_token_proves_nothing(at in 0_usize..4000, flip in 1..=u8::MAX) {
        let good = good_token();
        let (mut certificate, mut signature) = (good.certificate().to_vec(), good.signature().to_vec());
        let at = at % (certificate.len() + signature.len());
        match certificate.get_mut(at) {
            Some(octet) => *octet ^= flip,
            None => signature[at - certificate.len()] ^= flip,
        }
        let damaged = Token::new(certificate, RS256, signature).unwrap();
        prop_assert!(prove_token(damaged).is_err());
    }

    /// Signed lists of any content: what a hostile or broken authority could put in.
    #[test]
    fn a_signed_list_of_random_entries_never_panics(
        entries in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 0..6),
    ) {
        let mut list = List::new();
        list.entries = Some(entries);
        let _ = accepts_list(&list.build());
    }

    #[test]
    fn a_signed_list_with_a_damaged_entry_never_panics(at in 0_usize..60, octet in any::<u8>()) {
        let mut damaged = entry(&[0x41; 16], hours(-9), 6);
        let at = at % damaged.len();
        damaged[at] = octet;
        let _ = accepts_list(&List::new().with(damaged).build());
    }

    #[test]
    fn a_signed_answer_with_a_damaged_status_never_panics(at in 0_usize..80, octet in any::<u8>()) {
        let mut answer = Answer::good();
        let at = at % answer.cert_id.len();
        answer.cert_id[at] = octet;
        let _ = accepts_answer(&answer.build());
    }

    #[test]
    fn any_number_of_serials_is_found_again(
        listed in prop::collection::btree_set(1..5_000_u64, 1..200), asked in 1..5_000_u64,
    ) {
        let serial = |number| enishi_jpki::Serial::from_u64(number).unwrap();
        let mut list = List::new();
        for &number in listed.iter().rev() {
            list = list.with(entry(serial(number).expose_der_content(), hours(-9), 4));
        }
        let crl = Crl::accept(list.build(), &auth_authority(), None, &limits(), now()).unwrap();
        let is_listed = crl.status(&serial(asked)) != Ok(enishi_verify::CrlEntry::Good);
        prop_assert!(is_listed == listed.contains(&asked) && crl.len() == listed.len());
    }
}
