//! The authority and crate `verify`, end to end: what is issued here proves, clears and is refused there.

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256, RsaKeyPair},
};
use enishi_authority::{
    CardKey, CarrierKeys, GenerationNumber, IssuedCertificates, RevocationReason, WithSigning,
};
use enishi_jpki::{
    AuthCertificate, CaCertificate, Carrier, CertKind, Challenge, Context, EndEntity, LoginContext, Nonce,
    Origin, Profile, SignatureAlgorithm, SigningCertificate, TicketHolder, TicketKeys, Token,
};
use enishi_verify::{
    Anchors, ClearError, Crl, DocumentError, Limits, OcspRequest, ProvenHolder, RevocationStatus, check_ocsp,
    clear, prove, verify_document,
};

use crate::world::{NOW, World, at, key, keys, person};

const AUTH: CertKind = CertKind::Authentication;
const SIGN: CertKind = CertKind::Signing;

fn anchors(world: &World) -> Anchors {
    let all = world.authority.authority_certificates();
    Anchors::new(all.iter().map(|its| parse_authority(&its.der)).collect()).unwrap()
}

fn parse_authority(der: &[u8]) -> CaCertificate {
    CaCertificate::parse(der, &Profile::SANDBOX).unwrap()
}

fn sign_rs256(key: &CardKey, message: &[u8]) -> Vec<u8> {
    let pair = RsaKeyPair::from_pkcs8(key.expose_pkcs8_der()).unwrap();
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).unwrap();
    signature
}

fn sign_es384(key: &CardKey, message: &[u8]) -> Vec<u8> {
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, key.expose_pkcs8_der()).unwrap();
    pair.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec()
}

fn login() -> (Challenge, Context) {
    let context = Context::Login(LoginContext {
        relay: "urn:enishi:sandbox:relay:relay-1".parse().unwrap(),
        client: "library".to_owned(),
        request_sha256: "0".repeat(64),
    });
    let origin = Origin::parse("https://relay.example").unwrap();
    let holder = TicketHolder::Browser([3; 32]);
    let ticket = TicketKeys::new(1, [2; 32]).issue(&origin, &holder, at(NOW), [1; 32]).unwrap();
    let nonce = Nonce::new(&ticket, &context);
    (Challenge::new(origin, nonce), context)
}

fn proven(world: &World, issued: &IssuedCertificates, key: &CardKey) -> ProvenHolder {
    let (challenge, context) = login();
    let signature = sign_rs256(key, &challenge.message(SignatureAlgorithm::Rs256));
    let token = Token::new(issued.auth_der.clone(), SignatureAlgorithm::Rs256, signature).unwrap();
    prove(token, &challenge, context, &anchors(world), &Profile::SANDBOX, at(NOW)).unwrap()
}

fn from_list(world: &World, kind: CertKind, certificate: &EndEntity) -> RevocationStatus {
    let anchors = anchors(world);
    let issuer = anchors.by_key_id(kind, certificate.issuer_key_id()).unwrap();
    let list = world.authority.published_crl(kind, issuer.subject_key_id()).unwrap().unwrap();
    let list = Crl::accept(&list.der, issuer, None, &Limits::default(), at(NOW)).unwrap();
    RevocationStatus::from_crl(&list, certificate, at(NOW)).unwrap()
}

fn from_ocsp(world: &World, kind: CertKind, certificate: &EndEntity) -> RevocationStatus {
    let anchors = anchors(world);
    let issuer = anchors.by_key_id(kind, certificate.issuer_key_id()).unwrap();
    let request = OcspRequest::new(certificate, issuer, [8; 32]);
    let answer = world.authority.answer_ocsp(&request.to_der(), at(NOW));
    RevocationStatus::from_ocsp(check_ocsp(&answer, &request, issuer, &Limits::default(), at(NOW)).unwrap())
}

#[test]
fn our_certificates_are_read_by_the_vocabulary_of_the_card() {
    let world = World::new();
    for carrier in [Carrier::Card, Carrier::Phone] {
        let issued = world.authority.issue(&person("resident-1"), keys(0), carrier, at(NOW)).unwrap();
        let auth = AuthCertificate::parse(&issued.auth_der, &Profile::SANDBOX).unwrap();
        assert_eq!(auth.carrier(), carrier);
        assert_eq!(auth.serial(), &issued.auth_serial);
        assert_eq!(auth.issuer_key_id(), parse_authority(&issued.auth_ca_der).subject_key_id());
        let signing = issued.signing.unwrap();
        let signing = SigningCertificate::parse(&signing.der, &Profile::SANDBOX).unwrap();
        assert_eq!(signing.issuer_key_id(), parse_authority(&issued.sign_ca_der).subject_key_id());
        let attributes = signing.basic_attributes().unwrap();
        assert_eq!(attributes.expose_name(), "霧島\u{3000}千景");
        assert_eq!(attributes.expose_address(), "東京都清瀬市架空町一丁目２番３号");
        // Another hierarchy's profile takes none of them.
        assert!(AuthCertificate::parse(&issued.auth_der, &Profile::PRODUCTION).is_err());
        assert!(CaCertificate::parse(&issued.auth_ca_der, &Profile::JLIS_TEST).is_err());
        assert!(CaCertificate::parse(&issued.sign_ca_der, &Profile::PRODUCTION).is_err());
    }
}

#[test]
fn a_holder_of_any_generation_and_carrier_is_proven_and_cleared() {
    let world = World::new();
    world.authority.publish(at(NOW)).unwrap();
    let cases = [
        (GenerationNumber::First, Carrier::Card),
        (GenerationNumber::Second, Carrier::Phone),
        (GenerationNumber::Third, Carrier::Card),
    ];
    for (number, (generation, carrier)) in cases.into_iter().enumerate() {
        let citizen = person(&format!("resident-{number}"));
        let issued = world.authority.issue_from(generation, &citizen, keys(0), carrier, at(NOW)).unwrap();
        for status in [from_list, from_ocsp] {
            let holder = proven(&world, &issued, key(0));
            let status = status(&world, AUTH, holder.certificate());
            let cleared = clear(holder, status, at(NOW)).unwrap();
            assert_eq!(cleared.certificate().serial(), &issued.auth_serial);
            assert_eq!(cleared.certificate().carrier(), carrier);
        }
    }
}

#[test]
fn a_revoked_holder_is_refused_by_ocsp_at_once_and_by_the_next_list() {
    let world = World::new();
    let issued = world.card("resident-1");
    world.authority.publish(at(NOW)).unwrap();
    world.authority.revoke(AUTH, &issued.auth_serial, RevocationReason::CertificateHold, at(NOW)).unwrap();
    let ask = |status: fn(&World, CertKind, &EndEntity) -> RevocationStatus| {
        let holder = proven(&world, &issued, key(0));
        let status = status(&world, AUTH, holder.certificate());
        clear(holder, status, at(NOW))
    };
    let refused =
        |result| matches!(result, Err(ClearError::Revoked { reason: RevocationReason::CertificateHold, .. }));
    assert!(ask(from_list).is_ok(), "the list of the morning knows nothing yet");
    assert!(refused(ask(from_ocsp)));
    world.authority.publish(at(NOW)).unwrap();
    assert!(refused(ask(from_list)));
}

#[test]
fn a_card_of_the_next_generation_proves_and_signs() {
    let world = World::new();
    let (auth_key, signing_key) = (CardKey::generate_p384().unwrap(), CardKey::generate_p384().unwrap());
    let keys = CarrierKeys {
        authentication_spki: auth_key.spki_der(),
        signing: WithSigning::Spki(signing_key.spki_der()),
    };
    let issued = world.authority.issue(&person("resident-1"), keys, Carrier::Card, at(NOW)).unwrap();
    let (challenge, context) = login();
    let signature = sign_es384(&auth_key, &challenge.message(SignatureAlgorithm::Es384));
    let token = Token::new(issued.auth_der, SignatureAlgorithm::Es384, signature).unwrap();
    let holder = prove(token, &challenge, context, &anchors(&world), &Profile::SANDBOX, at(NOW)).unwrap();
    let status = from_ocsp(&world, AUTH, holder.certificate());
    assert!(clear(holder, status, at(NOW)).is_ok());

    let document = "申込書".as_bytes();
    let certificate = SigningCertificate::parse(&issued.signing.unwrap().der, &Profile::SANDBOX).unwrap();
    let status = from_ocsp(&world, SIGN, &certificate);
    let signature = sign_es384(&signing_key, document);
    assert!(verify_document(document, &signature, certificate, &anchors(&world), status, at(NOW)).is_ok());
}

#[test]
fn a_signed_application_names_its_signer_until_the_signer_moves() {
    let world = World::new();
    let signing = world.card("resident-1").signing.unwrap();
    world.authority.publish(at(NOW)).unwrap();
    let document = "口座振替の申込書".as_bytes();
    let signature = sign_rs256(key(1), document);
    let check = |status: fn(&World, CertKind, &EndEntity) -> RevocationStatus| {
        let certificate = SigningCertificate::parse(&signing.der, &Profile::SANDBOX).unwrap();
        let status = status(&world, SIGN, &certificate);
        verify_document(document, &signature, certificate, &anchors(&world), status, at(NOW))
    };
    for status in [from_list, from_ocsp] {
        let signer = check(status).unwrap();
        assert_eq!(signer.basic_attributes().unwrap().expose_name(), "霧島\u{3000}千景");
    }
    world.authority.revoke(SIGN, &signing.serial, RevocationReason::AffiliationChanged, at(NOW)).unwrap();
    world.authority.publish(at(NOW)).unwrap();
    for status in [from_list, from_ocsp] {
        let refused = check(status);
        let reason = RevocationReason::AffiliationChanged;
        assert!(matches!(refused, Err(DocumentError::Revoked { reason: found, .. }) if found == reason));
    }
}
