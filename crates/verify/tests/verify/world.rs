//! One shop, one relay, one holder, at one moment.

use std::sync::LazyLock;
use std::time::Duration;

use enishi_jpki::asn1::{Reader, tag};
use enishi_jpki::{
    AuthCertificate, CaCertificate, CertKind, Challenge, Context, LoginContext, Nonce, Origin, Profile,
    SignatureAlgorithm, SigningCertificate, Ticket, Token,
};
use enishi_party::{Environment, PartyRole, PartyUri, Timestamp};
use enishi_verify::{
    Anchors, Crl, Limits, OcspRequest, ProveError, ProvenHolder, RevocationStatus, check_ocsp, prove,
};

use crate::answer::Answer;
use crate::issue::{Key, Spec, Who};
use crate::list::List;

/// Now.
pub(crate) fn now() -> Timestamp {
    "2026-06-01T03:00:00Z".parse().unwrap()
}

/// Seconds after now, or before it.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(now().as_second() + seconds).unwrap()
}

pub(crate) fn hours(hours: i64) -> Timestamp {
    at(hours * 3600)
}

pub(crate) fn limits() -> Limits {
    Limits { clock_skew: Duration::from_secs(10), ..Limits::default() }
}

pub(crate) fn authority(kind: CertKind, who: Who) -> CaCertificate {
    CaCertificate::parse(&Spec::authority(kind, who).build(), &Profile::SANDBOX).unwrap()
}

/// The authority of authentication certificates.
pub(crate) fn auth_authority() -> CaCertificate {
    static MADE: LazyLock<CaCertificate> =
        LazyLock::new(|| authority(CertKind::Authentication, Who::AuthAuthority));
    MADE.clone()
}

/// The authority of signing certificates.
pub(crate) fn signing_authority() -> CaCertificate {
    authority(CertKind::Signing, Who::SigningAuthority)
}

pub(crate) fn anchors() -> Anchors {
    static MADE: LazyLock<Anchors> = LazyLock::new(|| {
        let next_generation = authority(CertKind::Authentication, Who::EcAuthority);
        Anchors::new(vec![auth_authority(), signing_authority(), next_generation]).unwrap()
    });
    MADE.clone()
}

pub(crate) fn holder_spec() -> Spec {
    Spec::holder(CertKind::Authentication, Who::AuthAuthority, Who::Holder)
}

pub(crate) fn certificate() -> AuthCertificate {
    static MADE: LazyLock<AuthCertificate> =
        LazyLock::new(|| AuthCertificate::parse(&holder_spec().build(), &Profile::SANDBOX).unwrap());
    MADE.clone()
}

pub(crate) fn signing_certificate() -> SigningCertificate {
    let spec = Spec::holder(CertKind::Signing, Who::SigningAuthority, Who::Holder);
    SigningCertificate::parse(&spec.build(), &Profile::SANDBOX).unwrap()
}

pub(crate) fn context() -> Context {
    context_for("clinic")
}

pub(crate) fn context_for(client: &str) -> Context {
    Context::Login(LoginContext {
        relay: PartyUri::new(Environment::Sandbox, PartyRole::Relay, "relay").unwrap(),
        client: client.into(),
        request_sha256: "5a".repeat(32),
    })
}

/// A challenge whose ticket was made twenty seconds ago.
pub(crate) fn challenge() -> Challenge {
    challenge_of(at(-20), &context())
}

pub(crate) fn challenge_of(issued_at: Timestamp, context: &Context) -> Challenge {
    let mut octets = [0x42; 56];
    octets[..2].copy_from_slice(&[1, 1]);
    octets[2..8].copy_from_slice(&issued_at.as_millisecond().to_be_bytes()[2..]);
    let origin = Origin::parse("https://web.enishi.example").unwrap();
    Challenge::new(origin, Nonce::new(&Ticket::from_octets(octets), context))
}

/// As a card signs: ECDSA as r ‖ s.
pub(crate) fn card_signature(key: &Key, message: &[u8]) -> Vec<u8> {
    let signature = key.sign(message);
    let octets = match key {
        Key::Rsa(_) => return signature,
        Key::P256(_) => 32,
        Key::P384(_) => 48,
    };
    let mut numbers = Reader::only(&signature, tag::SEQUENCE).unwrap().inside();
    let mut fixed = Vec::new();
    for _ in 0..2 {
        let number = numbers.any().unwrap().unsigned_integer().unwrap();
        let number = number.strip_prefix(&[0]).unwrap_or(number);
        fixed.extend(std::iter::repeat_n(0, octets - number.len()));
        fixed.extend_from_slice(number);
    }
    fixed
}

/// What a card answers to a challenge.
pub(crate) fn token(certificate: Vec<u8>, key: &Key, challenge: &Challenge) -> Token {
    let algorithm = key.algorithm();
    Token::new(certificate, algorithm, card_signature(key, &challenge.message(algorithm))).unwrap()
}

pub(crate) fn good_token() -> Token {
    static MADE: LazyLock<Token> =
        LazyLock::new(|| token(holder_spec().build(), Who::Holder.key(), &challenge()));
    MADE.clone()
}

pub(crate) fn prove_token(token: Token) -> Result<ProvenHolder, ProveError> {
    prove(token, &challenge(), context(), &anchors(), &Profile::SANDBOX, now())
}

pub(crate) fn proven() -> ProvenHolder {
    prove_token(good_token()).unwrap()
}

pub(crate) fn accept(list: &List) -> Crl {
    Crl::accept(list.build(), &auth_authority(), None, &limits(), now()).unwrap()
}

/// The holder's status by a list.
pub(crate) fn status_by(list: &List) -> RevocationStatus {
    RevocationStatus::from_crl(&accept(list), &certificate(), now()).unwrap()
}

pub(crate) fn request() -> OcspRequest {
    OcspRequest::new(&certificate(), &auth_authority(), [7; 32])
}

/// The holder's status by a responder.
pub(crate) fn status_by_answer(answer: &Answer) -> RevocationStatus {
    let checked = check_ocsp(&answer.build(), &request(), &auth_authority(), &limits(), now()).unwrap();
    RevocationStatus::from_ocsp(checked)
}

pub(crate) const RS256: SignatureAlgorithm = SignatureAlgorithm::Rs256;
