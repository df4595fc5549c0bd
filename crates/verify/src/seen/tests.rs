//! What the memory keeps, what it is not taken in by, and that it ends.

use std::sync::Arc;

use enishi_jpki::asn1::tag;
use enishi_jpki::{AuthCertificate, CaCertificate, CertKind, Profile};

use super::{CERTIFICATES_MAX, Claim, NEWEST_MAX, Seen, WAYS, WAYS_NEWEST};
use crate::Anchors;
use crate::anchors::Anchor;
use crate::issue::{Spec, Who, bits};
use crate::signature::{Form, VerifyingKey};

fn anchor(who: Who) -> Arc<Anchor> {
    let der = Spec::authority(CertKind::Authentication, who).build();
    let authority = CaCertificate::parse(&der, &Profile::SANDBOX).unwrap();
    let key_id = authority.subject_key_id().clone();
    let anchors = Anchors::new(vec![authority]).unwrap();
    Arc::clone(anchors.shared(CertKind::Authentication, &key_id).unwrap())
}

/// A certificate of the authority with this number.
fn numbered(number: u16) -> Spec {
    let mut spec = Spec::holder(CertKind::Authentication, Who::AuthAuthority, Who::Holder);
    let [high, low] = number.to_be_bytes();
    spec.serial = vec![tag::INTEGER, 4, 1, 1, high, low];
    spec
}

fn read(spec: &Spec) -> AuthCertificate {
    AuthCertificate::parse(&spec.build(), &Profile::SANDBOX).unwrap()
}

fn key(certificate: &AuthCertificate) -> VerifyingKey {
    VerifyingKey::of(certificate, Form::Fixed).unwrap()
}

/// Whether it is among the newest, and whether its fact is known.
fn found(seen: &Seen, authority: &Anchor, certificate: &AuthCertificate) -> (bool, bool) {
    let claim = Claim::new(authority, certificate);
    (seen.recall(authority, certificate).is_some(), seen.knows(certificate, &claim.fact))
}

fn count(seen: &Seen) -> (usize, usize) {
    let sets = seen.sets.iter().map(|set| set.lock().unwrap());
    sets.fold((0, 0), |(facts, newest), set| {
        (facts + set.len(), newest + set.iter().filter(|entry| entry.kept.is_some()).count())
    })
}

#[test]
fn a_certificate_that_was_verified_is_known_and_no_other_is() {
    let (seen, authority) = (Seen::default(), anchor(Who::AuthAuthority));
    let (one, other) = (read(&numbered(1)), read(&numbered(2)));
    assert_eq!(found(&seen, &authority, &one), (false, false));
    Claim::new(&authority, &one).verify_once(&seen, key(&one)).unwrap();
    assert_eq!(found(&seen, &authority, &one), (true, true));
    assert_eq!(found(&seen, &authority, &other), (false, false));
    // Verified again, it is there once.
    Claim::new(&authority, &one).verify_once(&seen, key(&one)).unwrap();
    assert_eq!(count(&seen), (1, 1));
    assert_eq!(format!("{seen:?}"), "Seen(…)");
}

#[test]
fn the_same_certificate_under_another_authoritys_key_is_unknown() {
    let (seen, certificate) = (Seen::default(), read(&numbered(1)));
    let (own, other) = (anchor(Who::AuthAuthority), anchor(Who::OtherAuthority));
    Claim::new(&own, &certificate).verify_once(&seen, key(&certificate)).unwrap();
    assert_eq!(found(&seen, &other, &certificate), (false, false));
    assert!(Claim::new(&other, &certificate).verify_once(&seen, key(&certificate)).is_err());
    assert_eq!(count(&seen), (1, 1));
}

/// Every octet, the signature's and the headers' among them; what does not parse any more is refused before.
#[test]
fn a_certificate_with_any_octet_changed_is_unknown_and_never_kept() {
    let (seen, authority) = (Seen::default(), anchor(Who::AuthAuthority));
    let certificate = read(&numbered(1));
    Claim::new(&authority, &certificate).verify_once(&seen, key(&certificate)).unwrap();
    let mut parsed = 0;
    for at in 0..certificate.der().len() {
        let mut der = certificate.der().to_vec();
        der[at] ^= 1;
        let Ok(changed) = AuthCertificate::parse(&der, &Profile::SANDBOX) else { continue };
        parsed += 1;
        assert_eq!(found(&seen, &authority, &changed), (false, false), "octet {at}");
        let Ok(own_key) = VerifyingKey::of(&changed, Form::Fixed) else { continue };
        assert!(Claim::new(&authority, &changed).verify_once(&seen, own_key).is_err(), "octet {at}");
    }
    assert!(parsed > 500, "{parsed}");
    assert_eq!(count(&seen), (1, 1));
}

#[test]
fn a_forged_certificate_is_never_kept() {
    let (seen, authority) = (Seen::default(), anchor(Who::AuthAuthority));
    let genuine = read(&numbered(1));
    let mut self_signed = numbered(1);
    self_signed.signer = Who::Holder.key();
    let mut borrowed = numbered(2);
    borrowed.signature = Some(bits(genuine.signature_bytes()));
    Claim::new(&authority, &genuine).verify_once(&seen, key(&genuine)).unwrap();
    for forged in [self_signed, borrowed] {
        let forged = read(&forged);
        for _ in 0..2 {
            assert!(Claim::new(&authority, &forged).verify_once(&seen, key(&forged)).is_err());
            assert_eq!(found(&seen, &authority, &forged), (false, false));
        }
    }
    assert_eq!(count(&seen), (1, 1));
}

/// The numbers end where the constants say; with one set they are met with few certificates.
#[test]
fn what_was_not_used_for_longest_is_forgotten() {
    let (seen, authority) = (Seen::with_room_for(WAYS), anchor(Who::AuthAuthority));
    let certificates: Vec<_> = (0..40).map(|number| read(&numbered(number))).collect();
    for certificate in &certificates {
        Claim::new(&authority, certificate).verify_once(&seen, key(certificate)).unwrap();
        let kept = seen.recall(&authority, &certificates[0]);
        // The first comes again and again, until it is left out at the end.
        if let Some(kept) = kept {
            seen.renew(&certificates[0], &kept);
        }
        let (facts, newest) = count(&seen);
        assert!(facts <= WAYS && newest <= WAYS_NEWEST, "{facts} {newest}");
    }
    assert_eq!(count(&seen), (WAYS, WAYS_NEWEST));
    assert_eq!(found(&seen, &authority, &certificates[0]), (true, true));
    assert_eq!(found(&seen, &authority, &certificates[39]), (true, true));
    // Known still, but no longer with its key; brought back, it has one again.
    assert_eq!(found(&seen, &authority, &certificates[38]), (false, true));
    assert_eq!(found(&seen, &authority, &certificates[1]), (false, false));
    Claim::new(&authority, &certificates[38]).verify_once(&seen, key(&certificates[38])).unwrap();
    assert_eq!(found(&seen, &authority, &certificates[38]), (true, true));
    assert_eq!(count(&seen), (WAYS, WAYS_NEWEST));
}

#[test]
fn room_is_what_was_asked_for_and_never_more_than_the_bound() {
    let room = |certificates| {
        let seen = Seen::with_room_for(certificates);
        seen.sets.len() * seen.ways
    };
    assert_eq!([0, 1, 2, 31, 32, 63, 64].map(room), [0, 1, 2, 31, 32, 32, 64]);
    assert_eq!([CERTIFICATES_MAX, CERTIFICATES_MAX + 1, usize::MAX].map(room), [CERTIFICATES_MAX; 3]);
    assert_eq!(Seen::default().sets.len() * WAYS_NEWEST, NEWEST_MAX);
    // A memory without room keeps nothing.
    let (seen, authority, certificate) =
        (Seen::with_room_for(0), anchor(Who::AuthAuthority), read(&numbered(1)));
    Claim::new(&authority, &certificate).verify_once(&seen, key(&certificate)).unwrap();
    assert_eq!(count(&seen), (0, 0));
}

#[test]
fn many_threads_at_once_keep_true_facts_only_and_no_more_than_there_is_room_for() {
    let (seen, authority) = (Seen::with_room_for(8), anchor(Who::AuthAuthority));
    let genuine: Vec<_> = (0..12).map(|number| read(&numbered(number))).collect();
    let forged: Vec<_> = (0..12)
        .map(|number| {
            let mut spec = numbered(number);
            spec.signer = Who::OtherAuthority.key();
            read(&spec)
        })
        .collect();
    std::thread::scope(|scope| {
        for offset in 0..4 {
            let (seen, authority, genuine, forged) = (&seen, &authority, &genuine, &forged);
            scope.spawn(move || {
                for at in (0..60).map(|step| (step * 5 + offset) % 12) {
                    match seen.recall(authority, &genuine[at]) {
                        Some(kept) => seen.renew(&genuine[at], &kept),
                        None => {
                            Claim::new(authority, &genuine[at]).verify_once(seen, key(&genuine[at])).unwrap();
                        }
                    }
                    assert!(Claim::new(authority, &forged[at]).verify_once(seen, key(&forged[at])).is_err());
                    assert!(seen.recall(authority, &forged[at]).is_none());
                }
            });
        }
    });
    assert_eq!(count(&seen), (8, WAYS_NEWEST));
    let known = genuine.iter().filter(|certificate| found(&seen, &authority, certificate).1);
    assert_eq!(known.count(), 8);
}
