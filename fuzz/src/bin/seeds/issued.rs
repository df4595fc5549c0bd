//! A card that the sandbox authority issued, and everything that follows from it.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use enishi_authority::{
    Authority, AuthorityConfig, CardKey, CarrierKeys, CitizenId, CitizenRecord, IssuedCertificates,
    Municipality, RegisteredBirth, RegisteredText, WithSigning,
};
use enishi_fuzz::world;
use enishi_jpki::asn1::{Reader, encode, encode_all, tag};
use enishi_jpki::{
    AuthCertificate, CaCertificate, Carrier, CertKind, Challenge, Nonce, Origin, Profile, Sex,
    SignatureAlgorithm, Ticket, Token, oid,
};
use enishi_verify::{Anchors, Crl, Limits, OcspRequest, RevocationStatus, check_ocsp, clear, prove};
use jiff::civil::date;

use crate::{Done, bodies, fixture, seed};

pub(crate) struct Issued {
    authority: Authority,
    auth_key: CardKey,
    sign_key: CardKey,
    certificates: IssuedCertificates,
}

impl Issued {
    pub(crate) fn make() -> Done<Self> {
        let config = AuthorityConfig::new("http://127.0.0.1/ocsp");
        let authority = Authority::create(&world::folder().join("issuer"), config, world::now())?;
        let (auth_key, sign_key) = (CardKey::generate()?, CardKey::generate()?);
        let citizen = CitizenRecord {
            id: CitizenId::parse("resident-1")?,
            name: RegisteredText::name("霧島\u{3000}千景")?.with_substitutes(&[1])?,
            address: RegisteredText::address("東京都清瀬市架空町一丁目２番３号")?,
            birth_date: RegisteredBirth::Known(date(1980, 2, 17)),
            sex: Sex::Female,
            municipality: Municipality::new("13221", "Tokyo-to", "Kiyose-shi")?,
            carrier_expiry: None,
        };
        let keys = CarrierKeys {
            authentication_spki: auth_key.spki_der(),
            signing: WithSigning::Spki(sign_key.spki_der()),
        };
        let certificates = authority.issue(&citizen, keys, Carrier::Card, world::now())?;
        authority.publish(world::now())?;
        Ok(Self { authority, auth_key, sign_key, certificates })
    }

    fn signer_der(&self) -> Done<&[u8]> {
        let signing = self.certificates.signing.as_ref().ok_or("no signing certificate")?;
        Ok(&signing.der)
    }

    pub(crate) fn write_fixtures(&self) -> Done<()> {
        fixture("authority.der", &self.certificates.auth_ca_der)?;
        fixture("holder.der", &self.certificates.auth_der)?;
        fixture("holder.pk8", self.auth_key.expose_pkcs8_der())?;
        fixture("signer.der", self.signer_der()?)?;
        fixture("signer.pk8", self.sign_key.expose_pkcs8_der())?;
        let key = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_ASN1_SIGNING)?;
        fixture("signing-authority.der", with_key(&self.certificates.auth_ca_der, &key)?)?;
        fixture("signing-authority.pk8", key.to_pkcs8v1()?)?;
        let (_, assertion) = enishi_wire::AssertionKey::generate()?;
        fixture("assertion.pk8", assertion)
    }

    pub(crate) fn write_seeds(&self) -> Done<()> {
        seed("certificate", "authority", &self.certificates.auth_ca_der)?;
        seed("certificate", "holder", &self.certificates.auth_der)?;
        seed("certificate", "signer", self.signer_der()?)?;
        let authority = CaCertificate::parse(&self.certificates.auth_ca_der, &Profile::SANDBOX)?;
        let list = self.authority.published_crl(CertKind::Authentication, authority.subject_key_id())?;
        let list = list.ok_or("no list")?.der;
        seed("crl", "whole", &list)?;

        let holder = AuthCertificate::parse(&self.certificates.auth_der, &Profile::SANDBOX)?;
        let request = OcspRequest::new(&holder, &authority, [7; 32]);
        seed("ocsp-request", "one", request.to_der())?;
        let response = self.authority.answer_ocsp(&request.to_der(), world::now());
        seed("ocsp-response", "whole", &response)?;
        seed("ocsp-response", "try-later", [0x30, 3, tag::ENUMERATED, 1, 3])?;

        let limits = Limits::default();
        let crl = Crl::accept(&list, &authority, None, &limits, world::now())?;
        let answer = check_ocsp(&response, &request, &authority, &limits, world::now())?;
        let by_crl = RevocationStatus::from_crl(&crl, &holder, world::now())?;
        self.evidence("by-crl", by_crl)?;
        self.evidence("by-ocsp", RevocationStatus::from_ocsp(answer))
    }

    /// Evidence of one tap; its token, nonce and context are seeds, too.
    fn evidence(&self, name: &str, status: RevocationStatus) -> Done<()> {
        let context = bodies::pay_context()?;
        let nonce = Nonce::new(&ticket(), &context);
        let challenge = Challenge::new(Origin::parse("https://relay.enishi.example")?, nonce);
        let token = self.token(&challenge)?;
        seed("token", "rs256", serde_json::to_vec(&token.to_json())?)?;
        seed("nonce", "nonce", challenge.nonce().as_str())?;
        seed("nonce", "origin", challenge.origin().as_str())?;
        seed("context", "pay", context.canonical())?;
        let anchors =
            Anchors::new(vec![CaCertificate::parse(&self.certificates.auth_ca_der, &Profile::SANDBOX)?])?;
        let proven = prove(token, &challenge, context, &anchors, &Profile::SANDBOX, world::now())?;
        let holder = clear(proven, status, world::now())?;
        seed("evidence", name, holder.evidence().to_cbor())
    }

    fn token(&self, challenge: &Challenge) -> Done<Token> {
        let key = RsaKeyPair::from_pkcs8(self.auth_key.expose_pkcs8_der())?;
        let message = challenge.message(SignatureAlgorithm::Rs256);
        let mut signature = vec![0; key.public_modulus_len()];
        key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), &message, &mut signature)?;
        Ok(Token::new(self.certificates.auth_der.clone(), SignatureAlgorithm::Rs256, signature)?)
    }
}

/// A ticket that was made just now: version, key, milliseconds, and what only its maker can check.
fn ticket() -> Ticket {
    let [_, _, made_at @ ..] = world::now().as_millisecond().to_be_bytes();
    let mut octets = [1; 56];
    octets.iter_mut().skip(2).zip(made_at).for_each(|(octet, made_at)| *octet = made_at);
    Ticket::from_octets(octets)
}

/// The same authority under a key that signs fast: what is damaged is signed again for each input.
fn with_key(der: &[u8], key: &EcdsaKeyPair) -> Done<Vec<u8>> {
    let mut fields = Reader::only(der, tag::SEQUENCE)?.inside().any()?.inside();
    let mut parts = Vec::new();
    while !fields.is_empty() {
        parts.push(fields.any()?.raw().to_vec());
    }
    let oid_der = |oid: oid::Oid| encode(tag::OID, oid.as_bytes());
    let curve = encode_all(tag::SEQUENCE, &[&oid_der(oid::EC_PUBLIC_KEY), &oid_der(oid::P384)]);
    let point = encode_all(tag::BIT_STRING, &[&[0], key.public_key().as_ref()]);
    let algorithm = encode_all(tag::SEQUENCE, &[&oid_der(oid::ECDSA_WITH_SHA384)]);
    // RFC 5280 §4.1: version, serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo.
    *parts.get_mut(2).ok_or("no algorithm")? = algorithm.clone();
    *parts.get_mut(6).ok_or("no key")? = encode_all(tag::SEQUENCE, &[&curve, &point]);
    let to_be_signed = encode(tag::SEQUENCE, &parts.concat());
    let signature = key.sign(&SystemRandom::new(), &to_be_signed)?;
    let bits = encode_all(tag::BIT_STRING, &[&[0], signature.as_ref()]);
    Ok(encode_all(tag::SEQUENCE, &[&to_be_signed, &algorithm, &bits]))
}
