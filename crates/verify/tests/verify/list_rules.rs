//! Rules of lists at their edges: points, numbers, windows, and what came before.

use enishi_jpki::asn1::{encode, tag};
use enishi_jpki::oid::{self, Oid};
use enishi_jpki::{CertKind, ExtensionError};
use enishi_verify::{Crl, CrlError as E, CrlNumber, CrlScope, RevocationStatus, Unsupported};

use crate::issue::{self, Ext, Who, directory_name, full_name, municipality};
use crate::list::{List, entry, key_of, number, point, utc};
use crate::world::{at, auth_authority, authority, certificate, hours, limits, now};

/// freshestCRL (RFC 5280 §5.2.6): where a delta list is.
const FRESHEST_CRL: Oid = Oid::new_unwrap("2.5.29.46");

/// A list of one municipality with these fields behind its name.
fn partition(list: &mut List, fields: &[u8]) {
    list.extensions.push(point(&[&full_name(&municipality("A")), fields]));
}

type Row = (&'static str, fn(&mut List), E);

const REFUSED: &[Row] = &[
    (
        "a point by a relative name",
        |l| l.extensions.push(point(&[&encode(0xa0, &encode(0xa1, &[0x30, 0]))])),
        E::Unsupported(Unsupported::DistributionPoint),
    ),
    (
        "a point by two names",
        |l| {
            let two = [directory_name(&municipality("A")), directory_name(&municipality("B"))];
            l.extensions.push(point(&[&encode(0xa0, &encode(0xa0, &two.concat()))]));
        },
        E::Unsupported(Unsupported::DistributionPoint),
    ),
    (
        "a whole list for some reasons",
        |l| l.extensions.push(point(&[&[0x83, 2, 1, 0x40]])),
        E::Unsupported(Unsupported::SomeReasons),
    ),
    (
        "a whole list that is indirect",
        |l| l.extensions.push(point(&[&[0x84, 1, 0xff]])),
        E::Unsupported(Unsupported::Indirect),
    ),
    (
        "a partition for authorities",
        |l| partition(l, &[0x82, 1, 0xff]),
        E::Unsupported(Unsupported::NotForHolders),
    ),
    (
        "a partition for attributes",
        |l| partition(l, &[0x85, 1, 0xff]),
        E::Unsupported(Unsupported::NotForHolders),
    ),
    (
        "a partition for holders and authorities",
        |l| partition(l, &[0x81, 1, 0xff, 0x82, 1, 0xff]),
        E::Unsupported(Unsupported::NotForHolders),
    ),
    (
        "a partition that is a delta",
        |l| {
            partition(l, &[]);
            l.extensions.push(Ext(oid::DELTA_CRL_INDICATOR, true, vec![2, 1, 4]));
        },
        E::Unsupported(Unsupported::Delta),
    ),
    (
        "a partition for some reasons and indirect",
        |l| partition(l, &[0x83, 2, 1, 0x40, 0x84, 1, 0xff]),
        E::Unsupported(Unsupported::SomeReasons),
    ),
    (
        "a pointer to deltas that is critical",
        |l| l.extensions.push(Ext(FRESHEST_CRL, true, vec![0x30, 0])),
        E::Extension(ExtensionError::UnknownCritical(FRESHEST_CRL)),
    ),
    (
        "a number that is critical",
        |l| l.extensions[1].1 = true,
        E::Extension(ExtensionError::Criticality(oid::CRL_NUMBER)),
    ),
    (
        "an authority key identifier that is critical",
        |l| l.extensions[0].1 = true,
        E::Extension(ExtensionError::Criticality(oid::AUTHORITY_KEY_IDENTIFIER)),
    ),
    ("the holder's key as the issuer's", |l| l.extensions[0] = key_of(Who::Holder), E::OtherIssuer),
    (
        "production's name",
        |l| l.issuer = issue::authority_name(CertKind::Authentication, "JPKI"),
        E::OtherIssuer,
    ),
];

fn check(list: &List) -> Result<Crl, E> {
    Crl::accept(list.build(), &auth_authority(), None, &limits(), now())
}

#[test]
fn a_list_with_one_rule_broken_is_refused_by_that_rule() {
    for (rule, break_it, expected) in REFUSED {
        let mut list = List::new();
        break_it(&mut list);
        assert_eq!(check(&list).map(drop), Err(expected.clone()), "{rule}");
    }
}

#[test]
fn what_says_nothing_against_a_list_is_passed_over() {
    let mut pointed = List::new();
    pointed.extensions.push(Ext(FRESHEST_CRL, false, vec![0x30, 0]));
    assert!(check(&pointed).is_ok());
    let mut long = List::new();
    long.extensions[1] = number(&[0x41; 20]);
    assert!(check(&long).is_ok());
    let mut users = List::new();
    users.extensions.push(point(&[&[0x81, 1, 0xff]]));
    assert_eq!(check(&users).unwrap().scope(), &CrlScope::Full);
}

#[test]
fn next_update_is_enforced_to_the_moment_wherever_the_list_lies() {
    let mut list = List::new().with(entry(&[9], hours(-9), 1));
    list.next_update = utc(at(60));
    let crl = check(&list).unwrap();
    for (seconds, thousandths, holds) in [(59, 999, true), (60, 0, true), (60, 1, false), (61, 0, false)] {
        let moment = at(seconds).as_millisecond() + thousandths;
        let moment = enishi_party::Timestamp::from_millisecond(moment).unwrap();
        assert_eq!(crl.is_current(moment), holds, "{seconds}.{thousandths}");
        assert_eq!(RevocationStatus::from_crl(&crl, &certificate(), moment).is_ok(), holds);
        let again = Crl::accept(list.build(), &auth_authority(), None, &limits(), moment);
        assert_eq!(again.is_ok(), holds, "{seconds}.{thousandths}");
    }
    list.next_update = encode(tag::GENERALIZED_TIME, b"20260601040000Z");
    assert!(matches!(check(&list), Err(E::Der(_))), "GeneralizedTime before 2050");
    list.next_update = encode(tag::GENERALIZED_TIME, b"20500101000000Z");
    assert_eq!(check(&list).unwrap().fresh_until(), hours(23));
}

/// Number and age of the next list, in seconds; what becomes of it behind list 5 of an hour ago.
#[test]
fn numbers_grow_with_the_lists() {
    let known = check(&List::new()).unwrap();
    let five = CrlNumber::from(5);
    let rolled = |offered: u64| Err(E::RolledBack { known: five, offered: offered.into() });
    for (octet, age, expected) in [
        (6, -60, Ok(())),
        (6, -3600, Ok(())),
        (6, -3601, rolled(6)),
        (5, -60, Err(E::NumberReused { number: five })),
        (4, -60, rolled(4)),
        (4, -3600, rolled(4)),
        (1, 0, rolled(1)),
    ] {
        let next = List::new().renumbered(&[octet], at(age));
        let outcome = Crl::accept(next.build(), &auth_authority(), Some(&known), &limits(), now());
        assert_eq!(outcome.map(drop), expected, "{octet}, {age}");
    }
}

#[test]
fn a_list_follows_only_one_of_its_own_authority_and_generation() {
    let of = |who: Who| {
        let mut list = List::new();
        list.signer = who.key();
        list.inner_algorithm = issue::algorithm_der(list.signer.algorithm());
        list.outer_algorithm.clone_from(&list.inner_algorithm);
        list.extensions[0] = key_of(who);
        list.build()
    };
    let other = authority(CertKind::Authentication, Who::EcAuthority);
    let known = Crl::accept(of(Who::EcAuthority), &other, None, &limits(), now()).unwrap();
    let next = Crl::accept(of(Who::AuthAuthority), &auth_authority(), Some(&known), &limits(), now());
    assert_eq!(next.map(drop), Err(E::PreviousOfAnotherScope));
    // One generation's list under another generation of the same name.
    let crossed = Crl::accept(of(Who::AuthAuthority), &other, None, &limits(), now());
    assert_eq!(crossed.map(drop), Err(E::Forged));
}
