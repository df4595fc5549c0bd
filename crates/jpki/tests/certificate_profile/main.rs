//! The certificate profile: one row per rule, each broken once.

#[path = "../support/mod.rs"]
#[expect(
    dead_code,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "the crate `verify` uses the rest; test material of our own making"
)]
mod support;

mod table;

use enishi_jpki::oid;
use enishi_jpki::{
    AuthCertificate, CaCertificate, Carrier, CertKind, CertificateError as E, Profile, SignatureAlgorithm,
    SigningCertificate,
};
use support::{Spec, Who, policies};
use table::{Must, TABLES, Whose};

fn parse(whose: Whose, der: &[u8], profile: &Profile) -> Result<(), E> {
    match whose {
        Whose::Authentication => AuthCertificate::parse(der, profile).map(drop),
        Whose::Signing => SigningCertificate::parse(der, profile).map(drop),
        Whose::Authority => CaCertificate::parse(der, profile).map(drop),
    }
}

#[test]
fn every_row_of_the_table_is_said_exactly() {
    for (whose, rows) in TABLES {
        assert!(Must::Hold.is(parse(whose, &whose.spec().build(), &Profile::SANDBOX)), "{whose:?} unchanged");
        for (name, change, must) in rows {
            let mut spec = whose.spec();
            change(&mut spec);
            let said = parse(whose, &spec.build(), &Profile::SANDBOX);
            assert!(must.is(said), "{whose:?}, {name}: {said:?}, not {must:?}");
        }
    }
}

#[test]
fn no_two_rows_of_a_table_have_one_name() {
    for (whose, rows) in TABLES {
        let names: std::collections::BTreeSet<_> = rows.iter().map(|(name, ..)| name).collect();
        assert_eq!(names.len(), rows.len(), "{whose:?}");
    }
}

/// Whose key is where, which algorithms the environment has; which one is not among them.
const ALGORITHMS: &[(Who, Who, &[SignatureAlgorithm], Option<SignatureAlgorithm>)] = {
    use SignatureAlgorithm::{Es384, Rs256};
    &[
        (Who::AuthAuthority, Who::Holder, &[Rs256], None),
        (Who::AuthAuthority, Who::Holder, &[Rs256, Es384], None),
        (Who::AuthAuthority, Who::Holder, &[Es384], Some(Rs256)),
        (Who::EcAuthority, Who::EcHolder, &[Es384], None),
        (Who::EcAuthority, Who::EcHolder, &[Rs256, Es384], None),
        (Who::EcAuthority, Who::EcHolder, &[Rs256], Some(Es384)),
        (Who::AuthAuthority, Who::EcHolder, &[Rs256], Some(Es384)),
        (Who::AuthAuthority, Who::EcHolder, &[Rs256, Es384], None),
        (Who::EcAuthority, Who::Holder, &[Rs256], Some(Es384)),
        (Who::EcAuthority, Who::Holder, &[Es384], Some(Rs256)),
    ]
};

#[test]
fn the_next_cards_keys_are_data_of_the_environment() {
    for &(authority, holder, algorithms, missing) in ALGORITHMS {
        let profile = Profile { algorithms, ..Profile::SANDBOX };
        for whose in [Whose::Authentication, Whose::Signing] {
            let kind = if whose == Whose::Signing { CertKind::Signing } else { CertKind::Authentication };
            let der = Spec::holder(kind, authority, holder).build();
            let expected = missing.map_or(Ok(()), |missing| Err(E::AlgorithmNotAllowed(missing)));
            assert_eq!(parse(whose, &der, &profile), expected, "{algorithms:?}");
        }
    }
}

/// Policy, environment; where the key lives, or what is said.
type Policy = (CertKind, oid::Oid, Profile, Result<Carrier, E>);

fn carriers() -> [Policy; 12] {
    use CertKind::{Authentication, Signing};
    let (card_only, sandbox) = (cards_only(), Profile::SANDBOX);
    let unknown = |policy| Err(E::PolicyUnknown(policy));
    let (auth, sign) = (oid::POLICY_TEST_AUTHENTICATION, oid::POLICY_TEST_SIGNING);
    let phone_auth = oid::POLICY_SANDBOX_PHONE_AUTHENTICATION;
    let phone_sign = oid::POLICY_SANDBOX_PHONE_SIGNING;
    [
        (Authentication, auth, sandbox, Ok(Carrier::Card)),
        (Authentication, phone_auth, sandbox, Ok(Carrier::Phone)),
        (Signing, sign, sandbox, Ok(Carrier::Card)),
        (Signing, phone_sign, sandbox, Ok(Carrier::Phone)),
        (Authentication, auth, card_only, Ok(Carrier::Card)),
        (Authentication, phone_auth, card_only, unknown(phone_auth)),
        (Signing, sign, card_only, Ok(Carrier::Card)),
        (Signing, phone_sign, card_only, unknown(phone_sign)),
        (Authentication, oid::POLICY_AUTHENTICATION, Profile::PRODUCTION, Ok(Carrier::Card)),
        (Authentication, phone_auth, Profile::PRODUCTION, unknown(phone_auth)),
        (Authentication, auth, Profile::PRODUCTION, unknown(auth)),
        (Signing, phone_sign, Profile::JLIS_TEST, unknown(phone_sign)),
    ]
}

fn cards_only() -> Profile {
    Profile {
        auth_policies: Profile::JLIS_TEST.auth_policies,
        signing_policies: Profile::JLIS_TEST.signing_policies,
        ..Profile::SANDBOX
    }
}

#[test]
fn phones_are_a_class_of_their_own() {
    for (kind, policy, profile, expected) in carriers() {
        let mut spec = Spec::holder(kind, Who::AuthAuthority, Who::Holder);
        spec.ext(oid::CERTIFICATE_POLICIES).2 = policies(&[policy]);
        let der = spec.build();
        let said = match kind {
            CertKind::Authentication => AuthCertificate::parse(&der, &profile).map(|read| read.carrier()),
            CertKind::Signing => SigningCertificate::parse(&der, &profile).map(|read| read.carrier()),
        };
        assert_eq!(said, expected, "{kind:?} {policy} {:?}", profile.environment);
    }
}

#[test]
fn dates_from_2050_are_read_to_the_second() {
    let mut spec = Whose::Authentication.spec();
    let to = support::generalized_time("20500101000000Z");
    let both = [support::utc_time("491231235959Z"), to].concat();
    spec.validity = enishi_jpki::asn1::encode(enishi_jpki::asn1::tag::SEQUENCE, &both);
    let certificate = AuthCertificate::parse(&spec.build(), &Profile::SANDBOX).unwrap();
    assert_eq!(certificate.not_before().to_string(), "2049-12-31T23:59:59Z");
    assert_eq!(certificate.not_after().to_string(), "2050-01-01T00:00:00Z");
}
