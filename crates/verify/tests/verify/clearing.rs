//! Revocation lets through or stops.

use std::time::Duration;

use enishi_jpki::{CertKind, Profile};
use enishi_party::RefusalCode;
use enishi_verify::{
    ClearError, PathError, RevocationReason, RevocationStatus, Standing, StatusMethod, clear,
};

use crate::answer::{Answer, revoked};
use crate::issue::{Spec, Who};
use crate::list::{List, entry};
use crate::world::{accept, at, certificate, hours, now, proven, status_by, status_by_answer};

const HOLDER: &[u8] = &[1, 2, 3];

#[test]
fn a_holder_who_is_not_in_the_list_is_verified() {
    let verified = clear(proven(), status_by(&List::new().with(entry(&[9], hours(-9), 1))), now()).unwrap();
    assert!(matches!(verified.status_method(), StatusMethod::Crl { number, .. } if *number == 5.into()));
    assert_eq!(verified.status_age(now()), Duration::from_secs(3600));
    assert_eq!(verified.checked_at(), now());
    assert_eq!(verified.certificate().der(), certificate().der());
    assert_eq!(format!("{verified:?}"), "VerifiedHolder(…)");
}

#[test]
fn a_holder_whom_the_responder_calls_good_is_verified() {
    let verified = clear(proven(), status_by_answer(&Answer::good()), now()).unwrap();
    assert!(matches!(verified.status_method(), StatusMethod::Ocsp { .. }));
    assert_eq!(verified.status_age(now()), Duration::from_secs(600));
}

#[test]
fn a_revoked_card_is_refused_whatever_the_reason() {
    let reasons = [
        RevocationReason::Unspecified,
        RevocationReason::KeyCompromise,
        RevocationReason::CaCompromise,
        RevocationReason::AffiliationChanged,
        RevocationReason::Superseded,
        RevocationReason::CessationOfOperation,
        RevocationReason::CertificateHold,
    ];
    for (code, reason) in (0_u8..).zip(reasons) {
        let expected = ClearError::Revoked { reason, at: hours(-9) };
        assert_eq!(expected.refusal(), RefusalCode::CertRevoked);
        let listed = status_by(&List::new().with(entry(HOLDER, hours(-9), code)));
        assert_eq!(clear(proven(), listed, now()).map(drop), Err(expected.clone()));
        let answered = status_by_answer(&Answer { standing: revoked(hours(-9), code), ..Answer::good() });
        assert_eq!(answered.standing(), Standing::Revoked { reason, at: hours(-9) });
        assert_eq!(clear(proven(), answered, now()).map(drop), Err(expected));
    }
}

#[test]
fn a_status_of_another_certificate_clears_nobody() {
    let mut other = Spec::holder(CertKind::Authentication, Who::AuthAuthority, Who::OtherHolder);
    other.serial = vec![2, 1, 77];
    let other = enishi_jpki::AuthCertificate::parse(&other.build(), &Profile::SANDBOX).unwrap();
    let status = RevocationStatus::from_crl(&accept(&List::new()), &other, now()).unwrap();
    let error = clear(proven(), status, now()).map(drop).unwrap_err();
    assert_eq!((error.refusal(), error), (RefusalCode::RevocationUnavailable, ClearError::OtherCertificate));
}

#[test]
fn the_same_serial_number_of_another_authority_clears_nobody() {
    let twin = Spec::holder(CertKind::Authentication, Who::EcAuthority, Who::Holder);
    let twin = enishi_jpki::AuthCertificate::parse(&twin.build(), &Profile::SANDBOX).unwrap();
    assert_eq!(twin.serial(), certificate().serial());
    let mut list = List::new();
    list.signer = Who::EcAuthority.key();
    list.inner_algorithm = crate::issue::algorithm_der(list.signer.algorithm());
    list.outer_algorithm.clone_from(&list.inner_algorithm);
    list.extensions[0] = crate::list::key_of(Who::EcAuthority);
    let authority = crate::world::authority(CertKind::Authentication, Who::EcAuthority);
    let limits = crate::world::limits();
    let list = enishi_verify::Crl::accept(list.build(), &authority, None, &limits, now()).unwrap();
    let status = RevocationStatus::from_crl(&list, &twin, now()).unwrap();
    assert_eq!(clear(proven(), status, now()).map(drop), Err(ClearError::OtherCertificate));
}

#[test]
fn a_status_that_aged_between_look_up_and_use_clears_nobody() {
    // Bought within the window, used after it: the answer ends five minutes from now, the list in 23 hours.
    let stale = |status, moment| clear(proven(), status, moment).map(drop);
    let good = || status_by_answer(&Answer::good());
    assert_eq!(stale(good(), at(300)), Ok(()));
    assert_eq!(stale(good(), at(301)), Err(ClearError::Stale { fresh_until: at(300) }));
    assert_eq!(stale(status_by(&List::new()), hours(23)), Ok(()));
    let ended = stale(status_by(&List::new()), hours(23) + Duration::from_secs(1));
    assert_eq!(ended, Err(ClearError::Stale { fresh_until: hours(23) }));
    assert_eq!(ended.unwrap_err().refusal(), RefusalCode::RevocationUnavailable);
    // A clock moved back before the answer was made.
    assert!(matches!(stale(good(), at(-71)), Err(ClearError::Stale { .. })));
}

#[test]
fn revoked_is_told_before_stale() {
    let status = status_by(&List::new().with(entry(HOLDER, hours(-9), 4)));
    let error = clear(proven(), status, hours(50)).map(drop).unwrap_err();
    assert_eq!(error.refusal(), RefusalCode::CertRevoked);
}

#[test]
fn a_certificate_that_ended_since_it_was_proven_is_refused() {
    let after = "2030-04-01T15:00:00Z".parse().unwrap();
    let error = clear(proven(), status_by(&List::new()), after).map(drop).unwrap_err();
    assert_eq!(error, ClearError::Path(PathError::Expired));
    assert_eq!(error.refusal(), RefusalCode::CertExpired);
}
