//! Lists: each rule of RFC 5280 §5 and of the profile broken once.

use std::time::Duration;

use enishi_jpki::asn1::{encode, encode_all, tag};
use enishi_jpki::oid::{self, Oid};
use enishi_jpki::{CertKind, ExtensionError, Profile, Serial};
use enishi_verify::{
    CoverageError, Crl, CrlEntry, CrlError, CrlNumber, CrlScope, Limits, RevocationReason, RevocationStatus,
    Unsupported,
};

use crate::issue::{self, Ext, Who, full_name, municipality};
use crate::list::{List, entry, entry_with, key_of, number, point, utc};
use crate::world::{accept, at, auth_authority, certificate, hours, limits, now};

fn check(list: &List) -> Result<Crl, CrlError> {
    Crl::accept(list.build(), &auth_authority(), None, &limits(), now())
}

fn serial(octets: &[u8]) -> Serial {
    Serial::from_der_content(octets).unwrap()
}

type Row = (&'static str, fn(&mut List), fn(&CrlError) -> bool);

const REFUSED: &[Row] = &[
    ("something behind it", |l| l.trailing = vec![0], |e| matches!(e, CrlError::Der(_))),
    ("version 1", |l| l.version = vec![], |e| *e == CrlError::Version),
    ("version 3", |l| l.version = vec![2, 1, 2], |e| *e == CrlError::Version),
    (
        "algorithm differs inside",
        |l| l.inner_algorithm = issue::algorithm_der(enishi_jpki::SignatureAlgorithm::Es384),
        |e| *e == CrlError::AlgorithmsDiffer,
    ),
    (
        "an algorithm that the authority's key has not",
        |l| l.outer_algorithm = issue::algorithm_der(enishi_jpki::SignatureAlgorithm::Es384),
        |e| *e == CrlError::Forged,
    ),
    ("another key's signature", |l| l.signer = Who::OtherAuthority.key(), |e| *e == CrlError::Forged),
    ("a holder's signature", |l| l.signer = Who::Holder.key(), |e| *e == CrlError::Forged),
    ("no signature", |l| l.signature = Some(vec![3, 1, 0]), |e| *e == CrlError::Forged),
    (
        "another authority's name",
        |l| l.issuer = issue::authority_name(CertKind::Signing, issue::SANDBOX),
        |e| *e == CrlError::OtherIssuer,
    ),
    (
        "another generation's key",
        |l| l.extensions[0] = key_of(Who::EcAuthority),
        |e| *e == CrlError::OtherIssuer,
    ),
    (
        "no authority key identifier",
        |l| l.without(oid::AUTHORITY_KEY_IDENTIFIER),
        |e| *e == CrlError::Extension(ExtensionError::Missing(oid::AUTHORITY_KEY_IDENTIFIER)),
    ),
    (
        "no number",
        |l| l.without(oid::CRL_NUMBER),
        |e| *e == CrlError::Extension(ExtensionError::Missing(oid::CRL_NUMBER)),
    ),
    ("negative number", |l| l.extensions[1] = number(&[0x80]), |e| matches!(e, CrlError::Der(_))),
    ("number of 21 octets", |l| l.extensions[1] = number(&[1; 21]), |e| matches!(e, CrlError::Der(_))),
    ("no extensions", |l| l.extensions.clear(), |e| matches!(e, CrlError::Der(_))),
    (
        "an extension twice",
        |l| l.extensions.push(number(&[5])),
        |e| matches!(e, CrlError::Extension(ExtensionError::Duplicate(_))),
    ),
    ("no nextUpdate", |l| l.next_update = vec![], |e| *e == CrlError::NextUpdateMissing),
    ("nextUpdate before thisUpdate", |l| l.next_update = utc(hours(-2)), |e| *e == CrlError::WindowReversed),
    ("nextUpdate at thisUpdate", |l| l.next_update = utc(hours(-1)), |e| *e == CrlError::WindowReversed),
    (
        "made in the future",
        |l| l.this_update = utc(at(11)),
        |e| *e == CrlError::NotYetValid { this_update: at(11) },
    ),
    (
        "ended a second ago",
        |l| l.next_update = utc(at(-1)),
        |e| *e == CrlError::Expired { fresh_until: at(-1) },
    ),
    (
        "older than a day, whatever it says",
        |l| l.this_update = utc(hours(-25)),
        |e| *e == CrlError::Expired { fresh_until: hours(-1) },
    ),
    (
        "a delta list",
        |l| l.extensions.push(Ext(oid::DELTA_CRL_INDICATOR, true, vec![2, 1, 4])),
        |e| *e == CrlError::Unsupported(Unsupported::Delta),
    ),
    (
        "a delta list that is not marked critical",
        |l| l.extensions.push(Ext(oid::DELTA_CRL_INDICATOR, false, vec![2, 1, 4])),
        |e| *e == CrlError::Unsupported(Unsupported::Delta),
    ),
    (
        "an indirect list",
        |l| l.extensions.push(point(&[&full_name(&municipality("A")), &[0x84, 1, 0xff]])),
        |e| *e == CrlError::Unsupported(Unsupported::Indirect),
    ),
    (
        "a list for some reasons",
        |l| l.extensions.push(point(&[&full_name(&municipality("A")), &[0x83, 2, 1, 0x40]])),
        |e| *e == CrlError::Unsupported(Unsupported::SomeReasons),
    ),
    (
        "a list for authorities",
        |l| l.extensions.push(point(&[&[0x82, 1, 0xff]])),
        |e| *e == CrlError::Unsupported(Unsupported::NotForHolders),
    ),
    (
        "a list for attribute certificates",
        |l| l.extensions.push(point(&[&[0x85, 1, 0xff]])),
        |e| *e == CrlError::Unsupported(Unsupported::NotForHolders),
    ),
    (
        "a point by URI",
        |l| {
            let uri = encode(0xa0, &encode(0xa0, &encode(0x86, b"http://authority.enishi.example/crl")));
            l.extensions.push(point(&[&uri]));
        },
        |e| *e == CrlError::Unsupported(Unsupported::DistributionPoint),
    ),
    (
        "a default written out",
        |l| l.extensions.push(point(&[&full_name(&municipality("A")), &[0x81, 1, 0]])),
        |e| matches!(e, CrlError::Der(_)),
    ),
    (
        "a point that says nothing",
        |l| l.extensions.push(point(&[])),
        |e| *e == CrlError::Unsupported(Unsupported::DistributionPoint),
    ),
    (
        "a point that is not critical",
        |l| l.extensions.push(Ext(oid::ISSUING_DISTRIBUTION_POINT, false, vec![0x30, 0])),
        |e| *e == CrlError::Extension(ExtensionError::Criticality(oid::ISSUING_DISTRIBUTION_POINT)),
    ),
    (
        "an unknown critical extension",
        |l| l.extensions.push(Ext(Oid::new_unwrap("1.3.6.1.4.1.99999.1"), true, vec![5, 0])),
        |e| matches!(e, CrlError::Extension(ExtensionError::UnknownCritical(_))),
    ),
    ("an empty list of entries", |l| l.entries = Some(vec![]), |e| matches!(e, CrlError::Der(_))),
    (
        "serial zero",
        |l| l.entries = Some(vec![entry(&[0], hours(-9), 1)]),
        |e| matches!(e, CrlError::Serial(_)),
    ),
    (
        "serial of 21 octets",
        |l| l.entries = Some(vec![entry(&[1; 21], hours(-9), 1)]),
        |e| matches!(e, CrlError::Serial(_)),
    ),
    (
        "a revocation without a date",
        |l| l.entries = Some(vec![encode(tag::SEQUENCE, &[2, 1, 9])]),
        |e| matches!(e, CrlError::Der(_)),
    ),
    (
        "a revocation before 1970",
        |l| {
            let entry = encode_all(tag::SEQUENCE, &[&[2, 1, 9], &issue::utc_time("691231235959Z")]);
            l.entries = Some(vec![entry]);
        },
        |e| *e == CrlError::RevocationDate,
    ),
    (
        "removeFromCRL in a full list",
        |l| l.entries = Some(vec![entry(&[9], hours(-9), 8)]),
        |e| *e == CrlError::Unsupported(Unsupported::Reason(8)),
    ),
    (
        "reason 7",
        |l| l.entries = Some(vec![entry(&[9], hours(-9), 7)]),
        |e| *e == CrlError::Unsupported(Unsupported::Reason(7)),
    ),
    (
        "a reason of two octets",
        |l| {
            let reason = Ext(oid::CRL_REASON, false, vec![tag::ENUMERATED, 2, 0, 1]);
            l.entries = Some(vec![entry_with(&[9], &utc(hours(-9)), &[reason])]);
        },
        |e| matches!(e, CrlError::Der(_)),
    ),
    (
        "two reasons",
        |l| {
            let reason = Ext(oid::CRL_REASON, false, vec![tag::ENUMERATED, 1, 1]);
            l.entries = Some(vec![entry_with(&[9], &utc(hours(-9)), &[reason.clone(), reason])]);
        },
        |e| matches!(e, CrlError::Der(_)),
    ),
    (
        "an entry of another issuer",
        |l| {
            let issuer = Ext(oid::CERTIFICATE_ISSUER, true, vec![0x30, 0]);
            l.entries = Some(vec![entry_with(&[9], &utc(hours(-9)), &[issuer])]);
        },
        |e| *e == CrlError::Unsupported(Unsupported::Indirect),
    ),
    (
        "an unknown critical extension of an entry",
        |l| {
            let unknown = Ext(Oid::new_unwrap("1.3.6.1.4.1.99999.1"), true, vec![5, 0]);
            l.entries = Some(vec![entry_with(&[9], &utc(hours(-9)), &[unknown])]);
        },
        |e| matches!(e, CrlError::Unsupported(Unsupported::EntryExtension(_))),
    ),
    (
        "an entry with something behind it",
        |l| {
            let date = utc(hours(-9));
            l.entries = Some(vec![encode_all(tag::SEQUENCE, &[&[2, 1, 9], &date, &[5, 0]])]);
        },
        |e| matches!(e, CrlError::Der(_)),
    ),
];

#[test]
fn a_list_with_one_rule_broken_is_refused() {
    for (rule, break_it, is_expected) in REFUSED {
        let mut list = List::new();
        break_it(&mut list);
        let error = check(&list).map(drop).expect_err(rule);
        assert!(is_expected(&error), "{rule}: {error:?}");
    }
}

#[test]
fn a_list_of_nobody_is_accepted() {
    let list = check(&List::new()).unwrap();
    assert!(list.is_empty());
    assert_eq!((list.number(), list.scope()), (CrlNumber::from(5), &CrlScope::Full));
    assert_eq!((list.this_update(), list.next_update()), (hours(-1), hours(23)));
    assert_eq!(list.number().to_string(), "0x5");
    assert_eq!(format!("{list:?}"), "Crl(0x5)");
}

#[test]
fn serials_of_every_width_are_found_and_no_other() {
    let serials: [&[u8]; 6] =
        [&[1], &[0, 0xff], &[6, 0xd1, 0x80, 6], &[0x7f; 8], &[0, 0xff, 1, 2, 3, 4, 5, 6, 7], &[0x41; 20]];
    let mut list = List::new();
    for (index, octets) in serials.iter().enumerate().rev() {
        list = list.with(entry(octets, hours(-100), u8::try_from(index).unwrap()));
    }
    let crl = check(&list).unwrap();
    assert_eq!(crl.len(), 6);
    for octets in serials {
        assert!(
            matches!(crl.status(&serial(octets)).unwrap(), CrlEntry::Revoked { at, .. } if at == hours(-100))
        );
    }
    let held = CrlEntry::Revoked { reason: RevocationReason::CessationOfOperation, at: hours(-100) };
    assert_eq!(crl.status(&serial(&[0x41; 20])).unwrap(), held);
    for octets in [&[2][..], &[0, 0xfe], &[6, 0xd1, 0x80, 7], &[0x41; 19], &[0x42; 20], &[1, 0]] {
        assert_eq!(crl.status(&serial(octets)).unwrap(), CrlEntry::Good);
    }
}

#[test]
fn an_entry_without_reason_or_with_harmless_extensions_is_revoked() {
    let harmless = [
        Ext(Oid::new_unwrap("2.5.29.24"), false, issue::generalized_time("20260101000000Z")),
        Ext(Oid::new_unwrap("1.3.6.1.4.1.99999.1"), false, vec![5, 0]),
    ];
    let list = List::new().with(encode_all(tag::SEQUENCE, &[&[2, 1, 9], &utc(hours(-9))])).with(entry_with(
        &[10],
        &utc(hours(-9)),
        &harmless,
    ));
    let crl = check(&list).unwrap();
    let revoked = CrlEntry::Revoked { reason: RevocationReason::Unspecified, at: hours(-9) };
    assert_eq!([9, 10].map(|last| crl.status(&serial(&[last])).unwrap()), [revoked, revoked]);
}

#[test]
fn a_serial_listed_twice_is_revoked_since_the_earlier_date() {
    let list = List::new().with(entry(&[9], hours(-3), 4)).with(entry(&[9], hours(-9), 6));
    let crl = check(&list).unwrap();
    let held = CrlEntry::Revoked { reason: RevocationReason::CertificateHold, at: hours(-9) };
    assert_eq!((crl.len(), crl.status(&serial(&[9])).unwrap()), (1, held));
}

#[test]
fn limits_of_size_and_count_hold_at_their_edge() {
    let list = List::new().with(entry(&[8], hours(-9), 1)).with(entry(&[9], hours(-9), 1));
    let octets = list.build().len();
    let with = |crl_octets_max, crl_entries_max| {
        let limits = Limits { crl_octets_max, crl_entries_max, ..limits() };
        Crl::accept(list.build(), &auth_authority(), None, &limits, now()).map(drop)
    };
    assert_eq!(with(octets, 2), Ok(()));
    assert_eq!(with(octets - 1, 2), Err(CrlError::TooLarge { octets }));
    assert_eq!(with(octets, 1), Err(CrlError::TooManyEntries { limit: 1 }));
}

#[test]
fn windows_hold_at_their_edges() {
    let accept_at =
        |list: &List, moment| Crl::accept(list.build(), &auth_authority(), None, &limits(), moment);
    let ahead = List { this_update: utc(at(10)), ..List::new() };
    assert!(accept_at(&ahead, now()).is_ok());
    assert!(accept_at(&List::new(), hours(23)).is_ok());
    assert!(accept_at(&List::new(), hours(23) + Duration::from_secs(1)).is_err());
    // What was accepted ages where it lies.
    let crl = accept(&List::new());
    assert!(crl.is_current(hours(23)) && !crl.is_current(hours(24)));
    let late = RevocationStatus::from_crl(&crl, &certificate(), hours(24)).map(drop);
    assert_eq!(late, Err(CoverageError::OutOfWindow { fresh_until: hours(23) }));
}

#[test]
fn an_expired_authoritys_list_is_refused() {
    let mut spec = issue::Spec::authority(CertKind::Authentication, Who::AuthAuthority);
    spec.validity = issue::validity("160101000000Z", "260531145959Z");
    let expired = enishi_jpki::CaCertificate::parse(&spec.build(), &Profile::SANDBOX).unwrap();
    let refused = Crl::accept(List::new().build(), &expired, None, &limits(), now()).map(drop);
    assert_eq!(refused, Err(CrlError::AuthorityNotValid));
}

#[test]
fn an_old_list_does_not_come_back() {
    let known = accept(&List::new());
    let next = |list: &List| {
        Crl::accept(list.build(), &auth_authority(), Some(&known), &limits(), now()).map(|crl| crl.number())
    };
    let five = CrlNumber::from(5);
    assert_eq!(next(&List::new()), Ok(five), "the same file fetched again");
    assert_eq!(next(&List::new().renumbered(&[6], at(-60))), Ok(CrlNumber::from(6)));
    assert_eq!(next(&List::new().renumbered(&[1, 0], at(-60))), Ok(CrlNumber::from(256)));
    let four = CrlNumber::from(4);
    let older = next(&List::new().renumbered(&[4], at(-60)));
    assert_eq!(older, Err(CrlError::RolledBack { known: five, offered: four }));
    let backdated = next(&List::new().renumbered(&[6], hours(-2)));
    assert_eq!(backdated, Err(CrlError::RolledBack { known: five, offered: CrlNumber::from(6) }));
    let changed = next(&List::new().with(entry(&[9], hours(-9), 1)));
    assert_eq!(changed, Err(CrlError::NumberReused { number: five }));
    let mut partition = List::new().renumbered(&[6], at(-60));
    partition.extensions.push(point(&[&full_name(&municipality("A"))]));
    assert_eq!(next(&partition), Err(CrlError::PreviousOfAnotherScope));
}

#[test]
fn a_partition_covers_its_own_municipality_only() {
    let status = |name: &str| {
        let mut list = List::new().with(entry(&[1, 2, 3], hours(-9), 4));
        list.extensions.push(point(&[&full_name(&municipality(name)), &[0x81, 1, 0xff]]));
        RevocationStatus::from_crl(&accept(&list), &certificate(), now()).map(drop)
    };
    assert_eq!(status("Mihon-shi CRLDP"), Ok(()));
    assert_eq!(status("Tonari-shi CRLDP"), Err(CoverageError::OtherPartition));
}

#[test]
fn a_certificate_without_a_distribution_point_needs_the_full_list() {
    let mut spec = crate::world::holder_spec();
    spec.without(oid::CRL_DISTRIBUTION_POINTS);
    let certificate = enishi_jpki::AuthCertificate::parse(&spec.build(), &Profile::SANDBOX).unwrap();
    assert!(RevocationStatus::from_crl(&accept(&List::new()), &certificate, now()).is_ok());
    let mut list = List::new();
    list.extensions.push(point(&[&full_name(&municipality("Mihon-shi CRLDP"))]));
    let partition = RevocationStatus::from_crl(&accept(&list), &certificate, now()).map(drop);
    assert_eq!(partition, Err(CoverageError::OtherPartition));
}

#[test]
fn a_list_covers_the_certificates_of_its_own_authority_only() {
    let list = accept(&List::new());
    let signing = crate::world::signing_certificate();
    let refused = RevocationStatus::from_crl(&list, &signing, now()).map(drop);
    assert_eq!(refused, Err(CoverageError::OtherIssuer));
}
