use std::time::Duration;

use aws_lc_rs::{
    digest,
    signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey},
};
use enishi_authority::{AuthorityConfig, GenerationNumber, OcspService, RevocationReason};
use enishi_jpki::{
    AuthCertificate, CaCertificate, Carrier, CertKind, Profile, Serial, SigningCertificate, oid,
};
use enishi_verify::{Crl, CrlEntry, Limits, OcspError, OcspFailure, OcspRequest, Standing, check_ocsp};
use jiff::Timestamp;
use x509_cert::{
    Certificate,
    der::{
        Decode, Encode, Sequence,
        asn1::{Any, BitString, GeneralizedTime, ObjectIdentifier, OctetString},
    },
    ext::{
        Extension,
        pkix::{KeyUsage, KeyUsages},
    },
    spki::AlgorithmIdentifierOwned,
};

use crate::world::{NOW, World, at, config, keys, person};

const AUTH: CertKind = CertKind::Authentication;
const SIGN: CertKind = CertKind::Signing;

fn authority(der: &[u8]) -> CaCertificate {
    CaCertificate::parse(der, &Profile::SANDBOX).unwrap()
}

fn nonce(filler: u8) -> [u8; 32] {
    [filler; 32]
}

fn ask(world: &World, der: &[u8], issuer: &CaCertificate, now: Timestamp) -> Result<Standing, OcspError> {
    let certificate = AuthCertificate::parse(der, &Profile::SANDBOX).unwrap();
    let request = OcspRequest::new(&certificate, issuer, nonce(1));
    let answer = world.authority.answer_ocsp(&request.to_der(), now);
    check_ocsp(&answer, &request, issuer, &Limits::default(), now).map(|answer| answer.standing())
}

#[test]
fn an_answer_follows_the_register_at_once_while_the_list_lags() {
    let world = World::new();
    let issued = world.card("resident-1");
    let issuer = authority(&issued.auth_ca_der);
    world.authority.publish_if_due(at(NOW)).unwrap();
    assert_eq!(ask(&world, &issued.auth_der, &issuer, at(NOW)).unwrap(), Standing::Good);

    let revoked_at = at("2026-11-20T06:00:00Z");
    world.authority.revoke(AUTH, &issued.auth_serial, RevocationReason::KeyCompromise, revoked_at).unwrap();
    let now = at("2026-11-20T06:00:01Z");
    world.authority.publish_if_due(now).unwrap();
    let revoked = Standing::Revoked { reason: RevocationReason::KeyCompromise, at: revoked_at };
    assert_eq!(ask(&world, &issued.auth_der, &issuer, now).unwrap(), revoked);
    let list = |previous: Option<&Crl>, now| {
        let der = world.authority.published_crl(AUTH, issuer.subject_key_id()).unwrap().unwrap().der;
        Crl::accept(&der, &issuer, previous, &Limits::default(), now).unwrap()
    };
    let stale = list(None, now);
    assert_eq!(stale.status(&issued.auth_serial), Ok(CrlEntry::Good));

    let next_day = at("2026-11-21T03:00:00Z");
    world.authority.publish_if_due(next_day).unwrap();
    let reason = RevocationReason::KeyCompromise;
    assert_eq!(
        list(Some(&stale), next_day).status(&issued.auth_serial),
        Ok(CrlEntry::Revoked { reason, at: revoked_at })
    );
}

#[test]
fn every_reason_reaches_the_verifier_by_both_ways() {
    let world = World::new();
    let reasons = [
        RevocationReason::Unspecified,
        RevocationReason::KeyCompromise,
        RevocationReason::CaCompromise,
        RevocationReason::AffiliationChanged,
        RevocationReason::Superseded,
        RevocationReason::CessationOfOperation,
        RevocationReason::CertificateHold,
    ];
    let cards: Vec<_> = (0..reasons.len()).map(|number| world.card(&format!("resident-{number}"))).collect();
    for (card, reason) in cards.iter().zip(reasons) {
        world.authority.revoke(AUTH, &card.auth_serial, reason, at(NOW)).unwrap();
    }
    world.authority.publish(at(NOW)).unwrap();
    let (der, key_id) = world.issuer(AUTH);
    let issuer = authority(&der);
    let list = world.authority.published_crl(AUTH, &key_id).unwrap().unwrap().der;
    let list = Crl::accept(&list, &issuer, None, &Limits::default(), at(NOW)).unwrap();
    for (card, reason) in cards.iter().zip(reasons) {
        let revoked = Standing::Revoked { reason, at: at(NOW) };
        assert_eq!(ask(&world, &card.auth_der, &issuer, at(NOW)).unwrap(), revoked);
        assert_eq!(list.status(&card.auth_serial), Ok(CrlEntry::Revoked { reason, at: at(NOW) }));
    }
}

#[test]
fn each_generation_answers_for_its_own_certificates() {
    let world = World::new();
    for (number, citizen) in
        [(GenerationNumber::First, "a"), (GenerationNumber::Second, "b"), (GenerationNumber::Third, "c")]
    {
        let issued =
            world.authority.issue_from(number, &person(citizen), keys(0), Carrier::Card, at(NOW)).unwrap();
        let issuer = authority(&issued.auth_ca_der);
        assert_eq!(ask(&world, &issued.auth_der, &issuer, at(NOW)).unwrap(), Standing::Good);
    }
}

/// CertID by SHA-1 or SHA-256, its serial as content octets.
fn cert_id(
    ca: &[u8],
    algorithm: ObjectIdentifier,
    hash: &'static digest::Algorithm,
    serial: &[u8],
) -> Vec<u8> {
    let ca = Certificate::from_der(ca).unwrap();
    let name = ca.tbs_certificate().subject().to_der().unwrap();
    let key = ca.tbs_certificate().subject_public_key_info().subject_public_key.raw_bytes();
    let octets =
        |content: &[u8]| OctetString::new(digest::digest(hash, content).as_ref()).unwrap().to_der().unwrap();
    sequence(&[
        sequence(&[algorithm.to_der().unwrap(), vec![5, 0]]),
        octets(&name),
        octets(key),
        tlv(0x02, serial),
    ])
}

pub(crate) fn sha1(ca: &[u8], serial: &Serial) -> Vec<u8> {
    cert_id(ca, oid::SHA1, &digest::SHA1_FOR_LEGACY_USE_ONLY, serial.expose_der_content())
}

pub(crate) fn request(cert_ids: &[Vec<u8>], extensions: &[u8]) -> Vec<u8> {
    let singles: Vec<Vec<u8>> = cert_ids.iter().map(|id| sequence(std::slice::from_ref(id))).collect();
    sequence(&[sequence(&[sequence(&singles), extensions.to_vec()])])
}

/// requestExtensions with that nonce alone.
pub(crate) fn nonce_extension(nonce: &[u8]) -> Vec<u8> {
    let value = tlv(0x04, &tlv(0x04, nonce));
    tlv(0xa2, &sequence(&[sequence(&[oid::OCSP_NONCE.to_der().unwrap(), value])]))
}

fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    enishi_jpki::asn1::encode(tag, content)
}

#[derive(Sequence)]
pub(crate) struct Basic {
    pub(crate) data: ResponseData,
    pub(crate) algorithm: AlgorithmIdentifierOwned,
    pub(crate) signature: BitString,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    pub(crate) certificates: Option<Vec<Certificate>>,
}

#[derive(Sequence)]
pub(crate) struct ResponseData {
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT")]
    pub(crate) responder: OctetString,
    pub(crate) produced_at: GeneralizedTime,
    pub(crate) singles: Vec<Single>,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    pub(crate) extensions: Option<Vec<Extension>>,
}

#[derive(Sequence)]
pub(crate) struct Single {
    pub(crate) cert_id: Any,
    pub(crate) status: Any,
    pub(crate) this_update: GeneralizedTime,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    pub(crate) next_update: Option<GeneralizedTime>,
}

/// The BasicOCSPResponse in an answer; panics where there is none.
pub(crate) fn basic(answer: &[u8]) -> Basic {
    #[derive(Sequence)]
    struct Response {
        status: Any,
        #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
        bytes: Option<Bytes>,
    }
    #[derive(Sequence)]
    struct Bytes {
        kind: ObjectIdentifier,
        response: OctetString,
    }
    let response = Response::from_der(answer).unwrap();
    assert_eq!(response.status.to_der().unwrap(), [0x0a, 1, 0]);
    let bytes = response.bytes.unwrap();
    assert_eq!(bytes.kind, oid::OCSP_BASIC);
    Basic::from_der(bytes.response.as_bytes()).unwrap()
}

#[test]
fn one_answer_serves_both_hashes_several_certificates_and_serials_never_issued() {
    let world = World::new();
    let (good, revoked) = (world.card("resident-1"), world.card("resident-2"));
    let ca = &good.auth_ca_der;
    world.authority.revoke(AUTH, &revoked.auth_serial, RevocationReason::Unspecified, at(NOW)).unwrap();
    let old = world
        .authority
        .issue_from(GenerationNumber::Second, &person("resident-3"), keys(0), Carrier::Card, at(NOW))
        .unwrap();
    let cert_ids = vec![
        sha1(ca, &good.auth_serial),
        cert_id(
            ca,
            ObjectIdentifier::new("2.16.840.1.101.3.4.2.1").unwrap(),
            &digest::SHA256,
            revoked.auth_serial.expose_der_content(),
        ),
        sha1(ca, &Serial::from_u64(77).unwrap()),
        // Issued, but under another key of the same name.
        sha1(ca, &old.auth_serial),
        // No serial that anybody has: negative.
        cert_id(ca, oid::SHA1, &digest::SHA1_FOR_LEGACY_USE_ONLY, &[0xff]),
    ];
    let answer = basic(&world.authority.answer_ocsp(&request(&cert_ids, &[]), at(NOW)));
    let singles = answer.data.singles;
    let echoed: Vec<Vec<u8>> = singles.iter().map(|single| single.cert_id.to_der().unwrap()).collect();
    assert_eq!(echoed, cert_ids);
    let statuses: Vec<String> =
        singles.iter().map(|single| hex::encode(single.status.to_der().unwrap())).collect();
    let time = hex::encode("20261120030000Z");
    assert_eq!(statuses, ["8000", &format!("a111180f{time}"), "8200", "8200", "8200"]);
    assert!(answer.data.extensions.is_none(), "no nonce asked, none given");
    for single in &singles {
        let from = single.this_update.to_unix_duration();
        assert_eq!(from, answer.data.produced_at.to_unix_duration());
        assert_eq!(single.next_update.unwrap().to_unix_duration() - from, Duration::from_secs(15 * 60));
    }
}

#[test]
fn the_delegate_is_the_issuers_own_and_signs() {
    let world = World::new();
    let issued = world.card("resident-1");
    let ids = [sha1(&issued.sign_ca_der, &issued.signing.unwrap().serial)];
    let answer = basic(&world.authority.answer_ocsp(&request(&ids, &[]), at(NOW)));
    let certificates = answer.certificates.unwrap();
    let [delegate] = certificates.as_slice() else { panic!("one certificate") };
    let verify = |by: &Certificate, message: Vec<u8>, signature: &BitString| {
        let key = by.tbs_certificate().subject_public_key_info().subject_public_key.raw_bytes();
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key)
            .verify(&message, signature.raw_bytes())
            .unwrap();
        key.to_vec()
    };
    let key = verify(delegate, answer.data.to_der().unwrap(), &answer.signature);
    assert_eq!(answer.algorithm.oid, oid::SHA256_WITH_RSA);
    assert_eq!(
        answer.data.responder.as_bytes(),
        digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &key).as_ref()
    );
    let ca = Certificate::from_der(&issued.sign_ca_der).unwrap();
    let tbs = delegate.tbs_certificate();
    verify(&ca, tbs.to_der().unwrap(), delegate.signature());
    assert_eq!(tbs.issuer(), ca.tbs_certificate().subject());
    let extensions: Vec<(String, bool, String)> = tbs
        .extensions()
        .unwrap()
        .iter()
        .map(|its| (its.extn_id.to_string(), its.critical, hex::encode(its.extn_value.as_bytes())))
        .take(3)
        .collect();
    assert_eq!(
        extensions,
        [
            ("2.5.29.15".to_owned(), true, "03020780".to_owned()),
            ("2.5.29.37".to_owned(), false, "300a06082b06010505070309".to_owned()),
            ("1.3.6.1.5.5.7.48.1.5".to_owned(), false, "0500".to_owned()),
        ]
    );
    let usage = tbs.get_extension::<KeyUsage>().unwrap().unwrap().1;
    assert_eq!(usage.0, KeyUsages::DigitalSignature);
}

#[test]
fn a_delegate_is_replaced_half_way_through_its_life_and_survives_a_restart() {
    let world = World::new();
    let issued = world.card("resident-1");
    let ids = [sha1(&issued.auth_ca_der, &issued.auth_serial)];
    let delegate = |world: &World, now: &str| {
        let answer = basic(&world.authority.answer_ocsp(&request(&ids, &[]), at(now)));
        let certificate = answer.certificates.unwrap().remove(0);
        let validity = certificate.tbs_certificate().validity();
        let window = (validity.not_before.to_unix_duration(), validity.not_after.to_unix_duration());
        let now = Duration::from_secs(u64::try_from(at(now).as_second()).unwrap());
        assert!(window.0 <= now && now < window.1);
        certificate.tbs_certificate().serial_number().as_bytes().to_vec()
    };
    let first = delegate(&world, NOW);
    assert_eq!(delegate(&world, "2026-11-23T12:00:00Z"), first);
    let world = world.restart();
    assert_eq!(delegate(&world, "2026-11-23T14:00:00Z"), first);
    let second = delegate(&world, "2026-11-23T16:00:00Z");
    assert_ne!(second, first);
    // Months later, and by a clock that was put back.
    assert_ne!(delegate(&world, "2027-06-01T00:00:00Z"), second);
    assert_ne!(delegate(&world, NOW), second);
}

#[test]
fn nonces_come_back_as_they_were_sent() {
    let world = World::new();
    let issued = world.card("resident-1");
    let ids = [sha1(&issued.auth_ca_der, &issued.auth_serial)];
    for length in [1, 16, 32, 128] {
        let inner = tlv(0x04, &vec![0xab; length]);
        let question = request(&ids, &nonce_extension(&vec![0xab; length]));
        let answer = basic(&world.authority.answer_ocsp(&question, at(NOW)));
        let extensions = answer.data.extensions.unwrap();
        assert_eq!(extensions.len(), 1);
        assert_eq!(extensions[0].extn_id, oid::OCSP_NONCE);
        assert_eq!(extensions[0].extn_value.as_bytes(), inner);
    }
}

#[test]
fn trouble_is_said_in_the_standards_words() {
    let world = World::new();
    let issued = world.card("resident-1");
    let issuer = authority(&issued.auth_ca_der);
    let malformed = [0x30, 3, 0x0a, 1, 1];
    let unauthorized = [0x30, 3, 0x0a, 1, 6];
    assert_eq!(world.authority.answer_ocsp(b"", at(NOW)), malformed);
    assert_eq!(world.authority.answer_ocsp(&[0x30, 0], at(NOW)), malformed);
    // Of one issuer, of both, of nobody.
    let own = sha1(&issued.auth_ca_der, &issued.auth_serial);
    let other = sha1(&issued.sign_ca_der, &issued.auth_serial);
    assert_eq!(world.authority.answer_ocsp(&request(&[own.clone(), other], &[]), at(NOW)), unauthorized);
    let strangers = World::with(config());
    let strange = sha1(&strangers.issuer(AUTH).0, &issued.auth_serial);
    assert_eq!(world.authority.answer_ocsp(&request(&[strange], &[]), at(NOW)), unauthorized);
    // An authority that has ended can answer for nothing.
    let late = at("2036-10-20T15:00:00Z");
    assert_eq!(world.authority.answer_ocsp(&request(&[own], &[]), late), unauthorized);

    world.authority.set_ocsp_service(OcspService::TryLater);
    let refused = ask(&world, &issued.auth_der, &issuer, at(NOW));
    assert!(matches!(refused, Err(OcspError::Responder(OcspFailure::TryLater))));
    world.authority.set_ocsp_service(OcspService::Running);
    assert!(ask(&world, &issued.auth_der, &issuer, at(NOW)).is_ok());
}

#[test]
fn random_serials_are_answered_too() {
    let settings = AuthorityConfig { serials: enishi_authority::SerialPlan::Random, ..config() };
    let world = World::with(settings);
    let issued = world.card("resident-1");
    let issuer = authority(&issued.auth_ca_der);
    assert_eq!(ask(&world, &issued.auth_der, &issuer, at(NOW)).unwrap(), Standing::Good);
    let signing = issued.signing.unwrap();
    let certificate = SigningCertificate::parse(&signing.der, &Profile::SANDBOX).unwrap();
    let issuer = authority(&issued.sign_ca_der);
    let request = OcspRequest::new(&certificate, &issuer, nonce(2));
    world.authority.revoke(SIGN, &signing.serial, RevocationReason::Superseded, at(NOW)).unwrap();
    let answer = world.authority.answer_ocsp(&request.to_der(), at(NOW));
    let answer = check_ocsp(&answer, &request, &issuer, &Limits::default(), at(NOW)).unwrap();
    assert!(matches!(answer.standing(), Standing::Revoked { .. }));
    // An answer to another question's nonce is refused by the verifier.
    let other = OcspRequest::new(&certificate, &issuer, nonce(3));
    let replayed = world.authority.answer_ocsp(&request.to_der(), at(NOW));
    let refused = check_ocsp(&replayed, &other, &issuer, &Limits::default(), at(NOW));
    assert!(matches!(refused, Err(OcspError::Nonce)));
}
