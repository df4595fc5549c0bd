//! The certificate profile against the whole proof: every row of the table, then what only a path can tell.

use enishi_jpki::asn1::{encode, tag};
use enishi_jpki::oid;
use enishi_jpki::{
    AuthCertificate, CaCertificate, CertKind, CertificateError, KeyId, Profile, SignatureAlgorithm, Token,
    TokenError,
};
use enishi_party::{RefusalCode, Timestamp};
use enishi_verify::{Anchors, PathError, ProveError, prove};

use crate::issue::{self, Spec, Who, authority_name, policies};
use crate::table::{Must, TABLES, Whose};
use crate::world::{anchors, card_signature, challenge, context, now};

#[test]
fn every_row_of_the_profiles_table_is_refused_as_an_invalid_profile() {
    let rows = TABLES.iter().filter(|(whose, _)| *whose == Whose::Authentication).flat_map(|(_, rows)| *rows);
    for (name, change, must) in rows {
        let mut spec = Whose::Authentication.spec();
        change(&mut spec);
        let signature = card_signature(Who::Holder.key(), &challenge().message(SignatureAlgorithm::Rs256));
        let token = match Token::new(spec.build(), SignatureAlgorithm::Rs256, signature) {
            Ok(token) => token,
            Err(error) => {
                assert!(matches!((error, must), (TokenError::TooLarge, Must::TooLarge)), "{name}");
                continue;
            }
        };
        match crate::world::prove_token(token).map(drop) {
            Err(error @ ProveError::Profile(said)) => {
                assert!(must.is(Err(said)), "{name}: {said:?}, not {must:?}");
                assert_eq!(error.refusal(), RefusalCode::ProfileInvalid, "{name}");
            }
            // It holds; whether its holder is here and its authority is ours is another matter.
            other => assert!(matches!(must, Must::Hold), "{name}: {other:?}"),
        }
    }
}

/// A certificate, whose key it is, when, by which profile; what is said of its holder, and what the person is told.
struct Case {
    name: &'static str,
    spec: Spec,
    holder: Who,
    at: &'static str,
    profile: Profile,
    said: Result<(), (ProveError, RefusalCode)>,
}

const NOON: &str = "2026-06-01T03:00:00Z";

/// The holder's certificate with something changed, now.
fn case(name: &'static str, change: impl Fn(&mut Spec), said: Result<(), (ProveError, RefusalCode)>) -> Case {
    let mut spec = crate::world::holder_spec();
    change(&mut spec);
    Case { name, spec, holder: Who::Holder, at: NOON, profile: Profile::SANDBOX, said }
}

/// The same, at another moment.
fn when(at: &'static str, said: Result<(), (ProveError, RefusalCode)>) -> Case {
    Case { at, ..case("validity", |_| {}, said) }
}

fn unknown(who: Who) -> Result<(), (ProveError, RefusalCode)> {
    let key_id = KeyId::from_octets(&who.key().key_id()).unwrap();
    path(PathError::UnknownIssuer { key_id }, RefusalCode::CertUnknownIssuer)
}

fn path(error: PathError, code: RefusalCode) -> Result<(), (ProveError, RefusalCode)> {
    Err((ProveError::Path(error), code))
}

fn profile(error: CertificateError) -> Result<(), (ProveError, RefusalCode)> {
    Err((ProveError::Profile(error), RefusalCode::ProfileInvalid))
}

/// An authority key identifier of a key alone.
fn by_key(spec: &mut Spec, who: Who) {
    let key = encode(tag::context_primitive(0), &who.key().key_id());
    spec.ext(oid::AUTHORITY_KEY_IDENTIFIER).2 = encode(tag::SEQUENCE, &key);
}

fn policy(spec: &mut Spec, policy: oid::Oid) {
    spec.ext(oid::CERTIFICATE_POLICIES).2 = policies(&[policy]);
}

fn cards_only() -> Profile {
    Profile { auth_policies: Profile::JLIS_TEST.auth_policies, ..Profile::SANDBOX }
}

fn rsa_only() -> Profile {
    Profile { algorithms: Profile::PRODUCTION.algorithms, ..Profile::SANDBOX }
}

fn of(
    authority: Who,
    holder: Who,
    profile: Profile,
    name: &'static str,
    said: Result<(), (ProveError, RefusalCode)>,
) -> Case {
    let spec = Spec::holder(CertKind::Authentication, authority, holder);
    Case { name, spec, holder, at: NOON, profile, said }
}

/// Whose certificate, under which authority: the two kinds swapped, names and keys that do not belong together.
fn authorities() -> Vec<Case> {
    let forged = || path(PathError::Forged, RefusalCode::CertUnknownIssuer);
    let name = || path(PathError::IssuerName, RefusalCode::CertUnknownIssuer);
    vec![
        case("unchanged", |_| {}, Ok(())),
        case(
            "the card's signing certificate",
            |s| *s = Spec::holder(CertKind::Signing, Who::SigningAuthority, Who::Holder),
            profile(CertificateError::WrongKind(CertKind::Signing)),
        ),
        case(
            "issued by the signing authority in its own name",
            |s| {
                *s = Spec::holder(CertKind::Authentication, Who::SigningAuthority, Who::Holder);
                s.issuer = authority_name(CertKind::Signing, issue::SANDBOX);
                by_key(s, Who::SigningAuthority);
            },
            unknown(Who::SigningAuthority),
        ),
        case(
            "issued by the signing authority in the other's name",
            |s| *s = Spec::holder(CertKind::Authentication, Who::SigningAuthority, Who::Holder),
            unknown(Who::SigningAuthority),
        ),
        case("signed by the signing authority", |s| s.signer = Who::SigningAuthority.key(), forged()),
        case("signed by its holder", |s| s.signer = Who::Holder.key(), forged()),
        case(
            "the signing authority's name above the right key",
            |s| {
                s.issuer = authority_name(CertKind::Signing, issue::SANDBOX);
                by_key(s, Who::AuthAuthority);
            },
            name(),
        ),
        case(
            "production's name above the right key",
            |s| {
                s.issuer = authority_name(CertKind::Authentication, "JPKI");
                by_key(s, Who::AuthAuthority);
            },
            name(),
        ),
        case(
            "the authority's name in PrintableString",
            |s| {
                let utf8 = s.issuer.iter().rposition(|&octet| octet == tag::UTF8_STRING).unwrap();
                s.issuer[utf8] = tag::PRINTABLE_STRING;
                by_key(s, Who::AuthAuthority);
            },
            name(),
        ),
        case("its authority by key alone", |s| by_key(s, Who::AuthAuthority), Ok(())),
        case(
            "its authority by another serial number",
            |s| *s.ext(oid::AUTHORITY_KEY_IDENTIFIER).2.last_mut().unwrap() = 2,
            name(),
        ),
        case(
            "its authority by a stranger's key",
            |s| by_key(s, Who::OtherAuthority),
            unknown(Who::OtherAuthority),
        ),
        case("its authority by the holder's own key", |s| by_key(s, Who::Holder), unknown(Who::Holder)),
    ]
}

/// The holder's fifth birthday begins at 15:00:00Z of the day before: the second before it is the last.
fn moments() -> Vec<Case> {
    let early = || path(PathError::NotYetValid, RefusalCode::CertNotYetValid);
    let late = || path(PathError::Expired, RefusalCode::CertExpired);
    vec![
        when("2025-03-31T23:59:59Z", early()),
        when("2025-03-31T23:59:59.999999999Z", early()),
        when("2025-04-01T00:00:00Z", Ok(())),
        when("2025-04-01T00:00:00.000000001Z", Ok(())),
        when("2030-04-01T14:59:58.999999999Z", Ok(())),
        when("2030-04-01T14:59:59Z", Ok(())),
        when("2030-04-01T14:59:59.000000001Z", Ok(())),
        when("2030-04-01T14:59:59.999999999Z", Ok(())),
        when("2030-04-01T15:00:00Z", late()),
        when("2030-04-01T15:00:00.000000001Z", late()),
        when("2031-04-01T14:59:59Z", late()),
        Case {
            at: "2028-02-29T14:59:59Z",
            ..case(
                "born on 29 February",
                |s| s.validity = issue::validity("250401000000Z", "280229145959Z"),
                Ok(()),
            )
        },
        Case {
            at: "2028-02-29T15:00:00Z",
            ..case(
                "born on 29 February",
                |s| s.validity = issue::validity("250401000000Z", "280229145959Z"),
                late(),
            )
        },
        Case {
            at: "2033-07-15T14:59:59Z",
            ..case(
                "it outlives its authority",
                |s| s.validity = issue::validity("250401000000Z", "340401145959Z"),
                Ok(()),
            )
        },
        Case {
            at: "2033-07-15T15:00:00Z",
            ..case(
                "it outlives its authority",
                |s| s.validity = issue::validity("250401000000Z", "340401145959Z"),
                path(PathError::AuthorityNotValid, RefusalCode::CertUnknownIssuer),
            )
        },
    ]
}

/// Phones, and the next card's key: what the environment has as data.
fn environments() -> Vec<Case> {
    let (card, phone) = (oid::POLICY_TEST_AUTHENTICATION, oid::POLICY_SANDBOX_PHONE_AUTHENTICATION);
    let foreign = CertificateError::AlgorithmNotAllowed(SignatureAlgorithm::Es384);
    let sandbox = Profile::SANDBOX;
    vec![
        case("a phone", |s| policy(s, phone), Ok(())),
        Case { profile: cards_only(), ..case("a card where only cards are", |s| policy(s, card), Ok(())) },
        Case {
            profile: cards_only(),
            ..case(
                "a phone where only cards are",
                |s| policy(s, phone),
                profile(CertificateError::PolicyUnknown(phone)),
            )
        },
        of(Who::EcAuthority, Who::EcHolder, sandbox, "P-384 under P-384", Ok(())),
        of(Who::AuthAuthority, Who::EcHolder, sandbox, "P-384 under RSA", Ok(())),
        of(Who::EcAuthority, Who::Holder, sandbox, "RSA under P-384", Ok(())),
        of(Who::AuthAuthority, Who::Holder, rsa_only(), "RSA where only RSA is", Ok(())),
        of(Who::EcAuthority, Who::EcHolder, rsa_only(), "P-384 where only RSA is", profile(foreign)),
        of(Who::AuthAuthority, Who::EcHolder, rsa_only(), "a P-384 card where only RSA is", profile(foreign)),
    ]
}

fn run(case: &Case, anchors: &Anchors) -> Result<(), ProveError> {
    let algorithm = case.holder.key().algorithm();
    let signature = card_signature(case.holder.key(), &challenge().message(algorithm));
    let token = Token::new(case.spec.build(), algorithm, signature).unwrap();
    let at: Timestamp = case.at.parse().unwrap();
    prove(token, &challenge(), context(), anchors, &case.profile, at).map(drop)
}

#[test]
fn every_case_of_authority_moment_and_environment_is_said_exactly() {
    for case in authorities().into_iter().chain(moments()).chain(environments()) {
        let said = run(&case, &anchors()).map_err(|error| {
            let code = error.refusal();
            (error, code)
        });
        assert_eq!(said, case.said, "{}, {}", case.name, case.at);
    }
}

/// Which key the certificate names (down), who signed it (across); all three authorities bear one name.
const GENERATIONS: [(Who, [bool; 3]); 3] = [
    (Who::AuthAuthority, [true, false, false]),
    (Who::OtherAuthority, [false, true, false]),
    (Who::EcAuthority, [false, false, true]),
];

fn generation(who: Who, serial: u8, from: &str, to: &str) -> CaCertificate {
    let mut spec = Spec::authority(CertKind::Authentication, who);
    spec.serial = vec![tag::INTEGER, 1, serial];
    spec.validity = issue::validity(from, to);
    CaCertificate::parse(&spec.build(), &Profile::SANDBOX).unwrap()
}

fn generations() -> Anchors {
    let all = [(Who::AuthAuthority, 1), (Who::OtherAuthority, 2), (Who::EcAuthority, 3)];
    let made = all.map(|(who, serial)| generation(who, serial, "230716010104Z", "330715145959Z"));
    Anchors::new(made.to_vec()).unwrap()
}

#[test]
fn three_generations_under_one_name_are_told_apart_by_key() {
    let signers = GENERATIONS.map(|(who, _)| who);
    for (named, row) in GENERATIONS {
        for (signer, holds) in signers.into_iter().zip(row) {
            let mut spec = Spec::holder(CertKind::Authentication, signer, Who::Holder);
            by_key(&mut spec, named);
            let case = Case { spec, ..case("generations", |_| {}, Ok(())) };
            let expected = if holds { Ok(()) } else { Err(ProveError::Path(PathError::Forged)) };
            assert_eq!(run(&case, &generations()), expected);
        }
    }
    // The right key beside another generation's serial number.
    for (who, serial, holds) in
        [(Who::OtherAuthority, 2, true), (Who::OtherAuthority, 1, false), (Who::OtherAuthority, 3, false)]
    {
        let mut spec = Spec::holder(CertKind::Authentication, who, Who::Holder);
        *spec.ext(oid::AUTHORITY_KEY_IDENTIFIER).2.last_mut().unwrap() = serial;
        let case = Case { spec, ..case("serial", |_| {}, Ok(())) };
        let expected = if holds { Ok(()) } else { Err(ProveError::Path(PathError::IssuerName)) };
        assert_eq!(run(&case, &generations()), expected, "{serial}");
    }
}

/// The moment; whether a certificate of the old key holds, and one of the new.
const ROLL_OVER: [(&str, bool, bool); 6] = [
    ("2026-04-30T23:59:59Z", true, false),
    ("2026-05-01T00:00:00Z", true, true),
    ("2026-06-01T03:00:00Z", true, true),
    ("2026-09-30T14:59:59Z", true, true),
    ("2026-09-30T14:59:59.999Z", true, true),
    ("2026-09-30T15:00:00Z", false, true),
];

#[test]
fn in_a_roll_over_certificates_of_both_keys_hold_each_as_long_as_its_authority() {
    let old = generation(Who::AuthAuthority, 1, "160101000000Z", "260930145959Z");
    let new = generation(Who::EcAuthority, 1, "260501000000Z", "360430145959Z");
    let anchors = Anchors::new(vec![old, new]).unwrap();
    for (at, by_old, by_new) in ROLL_OVER {
        for (authority, holds) in [(Who::AuthAuthority, by_old), (Who::EcAuthority, by_new)] {
            let mut case = of(authority, Who::Holder, Profile::SANDBOX, "roll-over", Ok(()));
            case.at = at;
            let expected = if holds { Ok(()) } else { Err(ProveError::Path(PathError::AuthorityNotValid)) };
            assert_eq!(run(&case, &anchors), expected, "{at}");
        }
    }
}

#[test]
fn a_phones_certificate_says_that_it_is_one() {
    let mut spec = crate::world::holder_spec();
    policy(&mut spec, oid::POLICY_SANDBOX_PHONE_AUTHENTICATION);
    let phone = AuthCertificate::parse(&spec.build(), &Profile::SANDBOX).unwrap();
    assert_eq!(phone.carrier(), enishi_jpki::Carrier::Phone);
    assert_eq!(crate::world::certificate().carrier(), enishi_jpki::Carrier::Card);
    assert_eq!(now(), NOON.parse().unwrap());
}
