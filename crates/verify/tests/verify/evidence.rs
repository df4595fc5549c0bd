//! Evidence, checked again by a party that trusts its own anchors only.

use std::time::Duration;

use ciborium::Value;
use enishi_jpki::{CertKind, Profile};
use enishi_party::Timestamp;
use enishi_verify::{
    CoverageError, Crl, Evidence, EvidenceError, OcspError, OwnList, PathError, ProveError, RecheckError,
    Rechecked, RevocationReason, StatusBasis, clear,
};

use crate::answer::{Answer, revoked};
use crate::issue::{Who, full_name, municipality};
use crate::list::{List, entry, point};
use crate::world::{
    accept, anchors, at, authority, card_signature, challenge_of, context, context_for, holder_spec, hours,
    limits, now, proven, status_by, status_by_answer,
};

const HOLDER: &[u8] = &[1, 2, 3];
const NONCE: usize = 2;
const CONTEXT: usize = 3;
const CERTIFICATE: usize = 4;
const SIGNATURE: usize = 6;
const AUTHORITY: usize = 7;
const CHECKED_AT: usize = 8;
const STATUS: usize = 9;

fn by_list() -> Evidence {
    clear(proven(), status_by(&List::new()), now()).unwrap().evidence()
}

fn by_responder() -> Evidence {
    clear(proven(), status_by_answer(&Answer::good()), now()).unwrap().evidence()
}

fn recheck(evidence: &Evidence, own_list: Option<&Crl>) -> Result<Rechecked, RecheckError> {
    evidence.recheck(&anchors(), &Profile::SANDBOX, own_list, &limits(), at(2))
}

/// The evidence as a lying verifier writes it.
fn forged(evidence: &Evidence, lie: impl FnOnce(&mut Vec<Value>)) -> Evidence {
    let mut fields: Value = ciborium::from_reader(evidence.to_cbor().as_slice()).unwrap();
    lie(fields.as_array_mut().unwrap());
    let mut bytes = Vec::new();
    ciborium::into_writer(&fields, &mut bytes).unwrap();
    Evidence::from_cbor(&bytes).unwrap()
}

fn caught(evidence: &Evidence, lie: impl FnOnce(&mut Vec<Value>)) -> RecheckError {
    recheck(&forged(evidence, lie), None).map(drop).unwrap_err()
}

fn milliseconds(moment: Timestamp) -> Value {
    Value::from(moment.as_millisecond())
}

#[test]
fn evidence_reads_back_to_the_octet() {
    for evidence in [by_list(), by_responder()] {
        let bytes = evidence.to_cbor();
        let read = Evidence::from_cbor(&bytes).unwrap();
        assert!(read == evidence && read.to_cbor() == bytes);
        assert_eq!(read.checked_at(), now());
        assert_eq!(format!("{read:?} {:?}", read.status_method()).matches('…').count(), 2);
    }
}

#[test]
fn honest_evidence_holds_and_says_on_whose_word() {
    let listed = recheck(&by_list(), None).unwrap();
    assert_eq!((listed.basis(), listed.own_list()), (StatusBasis::VerifiersWord, OwnList::None));
    let own = accept(&List::new());
    let listed = recheck(&by_list(), Some(&own)).unwrap();
    assert_eq!((listed.basis(), listed.own_list()), (StatusBasis::OwnList, OwnList::Agrees));
    let answered = recheck(&by_responder(), Some(&own)).unwrap();
    assert_eq!((answered.basis(), answered.own_list()), (StatusBasis::Responder, OwnList::Older));
    assert_eq!(answered.proof().context(), &context());
    assert_eq!(answered.certificate().der(), holder_spec().build());
    assert_eq!(answered.checked_at(), now());
}

#[test]
fn evidence_holds_years_later_as_of_the_time_it_was_received() {
    // Nothing but what was kept is asked: no clock, no network, no list of today.
    let kept = by_responder().to_cbor();
    assert!(recheck(&Evidence::from_cbor(&kept).unwrap(), None).is_ok());
}

#[test]
fn a_party_with_other_anchors_accepts_nothing() {
    let strange = vec![authority(CertKind::Authentication, Who::OtherAuthority)];
    let strange = enishi_verify::Anchors::new(strange).unwrap();
    let refused = by_list().recheck(&strange, &Profile::SANDBOX, None, &limits(), now()).map(drop);
    assert!(matches!(refused, Err(RecheckError::Prove(ProveError::Path(PathError::UnknownIssuer { .. })))));
}

#[test]
fn each_lie_about_the_tap_is_caught() {
    let evidence = by_list();
    let other = holder_spec_of(Who::OtherHolder);
    let swapped = caught(&evidence, |fields| fields[CERTIFICATE] = Value::from(other));
    assert_eq!(swapped, ProveError::Possession.into());
    let own_key = card_signature(Who::OtherHolder.key(), b"anything");
    let forged = caught(&evidence, |fields| fields[SIGNATURE] = Value::from(own_key));
    assert_eq!(forged, ProveError::Possession.into());
    let other = context_for("casino");
    let context = other.canonical();
    let retold = caught(&evidence, |fields| fields[CONTEXT] = Value::from(context.clone()));
    assert_eq!(retold, ProveError::Context.into());
    // Context and nonce changed together: then the card did not sign it.
    let nonce = challenge_of(at(-20), &other);
    let rebound = caught(&evidence, |fields| {
        fields[CONTEXT] = Value::from(context);
        fields[NONCE] = Value::from(nonce.nonce().as_str());
    });
    assert_eq!(rebound, ProveError::Possession.into());
    let strange = authority(CertKind::Authentication, Who::OtherAuthority);
    let chained = caught(&evidence, |fields| fields[AUTHORITY] = Value::from(strange.der()));
    assert_eq!(chained, RecheckError::OtherAuthority);
}

#[test]
fn each_lie_about_time_is_caught() {
    let evidence = by_list();
    let moved = |moment| caught(&evidence, |fields| fields[CHECKED_AT] = milliseconds(moment));
    assert_eq!(moved(at(13)), RecheckError::CheckedInFuture);
    assert_eq!(moved(at(-31)), RecheckError::TicketTime, "before the ticket was made");
    assert_eq!(moved(hours(-25)), RecheckError::TooLate);
    // Yesterday's tap told as today's: the ticket's time is under the card's signature.
    let old = challenge_of(hours(-20), &context());
    let replayed = caught(&evidence, |fields| fields[NONCE] = Value::from(old.nonce().as_str()));
    assert_eq!(replayed, RecheckError::TicketTime);
    let late = evidence.recheck(&anchors(), &Profile::SANDBOX, None, &limits(), hours(25)).map(drop);
    assert_eq!(late, Err(RecheckError::TooLate));
}

#[test]
fn each_lie_about_a_list_is_caught() {
    let evidence = by_list();
    let window = |from: Timestamp, to: Timestamp| {
        caught(&evidence, |fields| {
            let status = fields[STATUS].as_array_mut().unwrap();
            status[2] = Value::from(from.as_second());
            status[3] = Value::from(to.as_second());
        })
    };
    assert_eq!(window(hours(-30), hours(-6)), RecheckError::Window, "ended");
    assert_eq!(window(at(11), hours(24)), RecheckError::Window, "of the future");
    assert_eq!(window(hours(-25), hours(9)), RecheckError::Window, "older than a day");
    // The number that this party has too, with another window.
    let own = accept(&List::new());
    let stretched = forged(&evidence, |fields| {
        fields[STATUS].as_array_mut().unwrap()[3] = Value::from(hours(40).as_second());
    });
    assert_eq!(recheck(&stretched, Some(&own)).map(drop), Err(RecheckError::OtherList));
}

#[test]
fn a_verifier_that_says_good_against_ones_own_list_is_caught() {
    let reason = RevocationReason::KeyCompromise;
    for evidence in [by_list(), by_responder()] {
        let newer = accept(&List::new().with(entry(HOLDER, hours(-9), 1)).renumbered(&[6], at(-30)));
        let at = hours(-9);
        assert_eq!(
            recheck(&evidence, Some(&newer)).map(drop),
            Err(RecheckError::RevokedByOwnList { reason, at })
        );
        let older = accept(&List::new().with(entry(HOLDER, hours(-9), 1)).renumbered(&[4], hours(-3)));
        assert_eq!(
            recheck(&evidence, Some(&older)).map(drop),
            Err(RecheckError::RevokedByOwnList { reason, at })
        );
    }
    // The same number, whatever the date in it.
    let same = accept(&List::new().with(entry(HOLDER, hours(1), 1)));
    let refused = recheck(&by_list(), Some(&same)).map(drop);
    assert_eq!(refused, Err(RecheckError::RevokedByOwnList { reason, at: hours(1) }));
}

#[test]
fn a_revocation_after_the_check_is_told_and_a_lifted_hold_is_no_lie() {
    let later = List::new().with(entry(HOLDER, at(60), 5)).renumbered(&[6], at(-30));
    let held = recheck(&by_list(), Some(&accept(&later))).unwrap();
    let reason = RevocationReason::CessationOfOperation;
    assert_eq!(held.own_list(), OwnList::RevokedLater { reason, at: at(60) });
    let hold = List::new().with(entry(HOLDER, hours(-9), 6)).renumbered(&[4], hours(-3));
    let lifted = recheck(&by_list(), Some(&accept(&hold))).unwrap();
    assert_eq!((lifted.basis(), lifted.own_list()), (StatusBasis::VerifiersWord, OwnList::Older));
}

#[test]
fn an_own_list_that_does_not_cover_the_certificate_is_said() {
    let mut list = List::new();
    list.extensions.push(point(&[&full_name(&municipality("Tonari-shi CRLDP"))]));
    let refused = recheck(&by_list(), Some(&accept(&list))).map(drop);
    assert_eq!(refused, Err(RecheckError::OwnList(CoverageError::OtherPartition)));
}

#[test]
fn each_lie_about_a_responders_answer_is_caught() {
    let evidence = by_responder();
    let with = |index: usize, value: Value| {
        caught(&evidence, |fields| fields[STATUS].as_array_mut().unwrap()[index] = value)
    };
    let answer = |answer: Answer| with(5, Value::from(answer.build()));
    let said = answer(Answer { standing: revoked(hours(-9), 1), ..Answer::good() });
    let reason = RevocationReason::KeyCompromise;
    assert_eq!(said, RecheckError::RevokedByResponder { reason, at: hours(-9) });
    let other = Answer { signer: Who::OtherAuthority.key(), ..Answer::good() };
    assert_eq!(answer(other), RecheckError::Ocsp(OcspError::Forged));
    assert_eq!(with(4, Value::from(vec![8; 32])), RecheckError::Ocsp(OcspError::Nonce));
    assert_eq!(with(1, Value::from(at(-61).as_second())), RecheckError::OtherTimes);
    assert_eq!(with(2, Value::from(at(-599).as_second())), RecheckError::OtherTimes);
    assert_eq!(with(3, Value::Null), RecheckError::OtherTimes);
    assert!(matches!(with(5, Value::from(vec![0x30_u8, 0])), RecheckError::Ocsp(OcspError::Der(_))));
}

#[test]
fn other_forms_of_the_same_evidence_are_refused() {
    let bytes = by_list().to_cbor();
    let with = |change: fn(&mut Vec<u8>)| {
        let mut changed = bytes.clone();
        change(&mut changed);
        Evidence::from_cbor(&changed).map(drop)
    };
    assert_eq!(with(|bytes| bytes.push(0)), Err(EvidenceError::Form), "something behind it");
    assert_eq!(with(|bytes| bytes[0] = 0x89), Err(EvidenceError::Field("status")), "an array too short");
    // 0x18 0x01 is a longer form of 1.
    let long = with(|bytes| drop(bytes.splice(1..2, [0x18, 1])));
    assert_eq!(long, Err(EvidenceError::Form));
    assert_eq!(with(|bytes| bytes[1] = 2), Err(EvidenceError::Field("version")));
    assert_eq!(with(|bytes| bytes.resize(40_000, 0)), Err(EvidenceError::TooLarge { octets: 40_000 }));
    assert_eq!(Evidence::from_cbor(&[]).map(drop), Err(EvidenceError::Form));
    assert_eq!(Evidence::from_cbor(&[0x81; 1000]).map(drop), Err(EvidenceError::Form), "depth");
}

#[test]
fn evidence_of_a_moment_between_seconds_keeps_its_milliseconds() {
    let moment = now() + Duration::from_micros(1_234_567);
    let evidence = clear(proven(), status_by(&List::new()), moment).unwrap().evidence();
    assert!(Evidence::from_cbor(&evidence.to_cbor()).unwrap() == evidence);
    assert_eq!(evidence.checked_at().as_millisecond(), now().as_millisecond() + 1234);
}

fn holder_spec_of(who: Who) -> Vec<u8> {
    let mut spec = holder_spec();
    spec.spki = who.key().spki();
    spec.build()
}
