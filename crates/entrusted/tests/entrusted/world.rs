//! An authority, two cards, a verifier at the relay, and the provider that looks at its evidence.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use axum::Router;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use enishi_authority::{
    Authority, AuthorityConfig, CardKey, CarrierKeys, CitizenId, CitizenRecord, Municipality,
    RegisteredBirth, RegisteredText, SerialPlan, WithSigning, public_router,
};
use enishi_entrusted::{
    Entrusted, EntrustedConfig, EntrustedPorts, EvidenceRefused, RecheckRule, SerialIndexKey, SerialRows,
};
use enishi_jpki::{
    AuthCertificate, CaCertificate, Carrier, CertKind, Challenge, Context, EnrolContext, Nonce, Origin,
    PayContext, Profile, Sex, SignatureAlgorithm, Ticket, Token,
};
use enishi_party::{
    AssertionId, Clock, ContractId, Entropy, InstrumentRef, IntentId, LinkId, Money, PaymentType,
    SurrogatePan, Timestamp, VerifierModel,
};
use enishi_provider::EnrolmentEvidence;
use enishi_transport::PlainHttpClient;
use enishi_verify::{
    Anchors, Crl, Evidence, Limits, OcspRequest, OpeningKey, RevocationStatus, SealingKey, check_ocsp, clear,
    prove,
};
use enishi_wire::{AmountBinding, Assertion, Assurance, Octets, RevocationMethod, Subject};
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::relay::{Relay, relay_party};

pub(crate) const KIND: CertKind = CertKind::Authentication;
pub(crate) const CUSTOMER: &str = "tanuki-0001";
pub(crate) const OTHER_CUSTOMER: &str = "kitsune-0002";

pub(crate) fn now() -> Timestamp {
    "2026-11-20T03:00:00Z".parse().unwrap()
}

pub(crate) fn seconds(seconds: i64) -> Timestamp {
    Timestamp::from_second(now().as_second() + seconds).unwrap()
}

pub(crate) fn contract() -> ContractId {
    "bank-b-credit".parse().unwrap()
}

/// A clock that stands until it is set.
pub(crate) struct Standstill(Mutex<Timestamp>);

impl Clock for Standstill {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// Counts instead of being random.
#[derive(Default)]
struct Counting(AtomicU64);

impl Entropy for Counting {
    fn fill(&self, buffer: &mut [u8]) {
        let number = self.0.fetch_add(1, Ordering::SeqCst).to_be_bytes();
        buffer.fill(0);
        let start = buffer.len() - number.len();
        buffer[start..].copy_from_slice(&number);
    }
}

/// A card and what it can do.
pub(crate) struct Card {
    pub(crate) der: Vec<u8>,
    issuer_der: Vec<u8>,
    key: CardKey,
}

impl Card {
    pub(crate) fn certificate(&self) -> AuthCertificate {
        AuthCertificate::parse(&self.der, &Profile::SANDBOX).unwrap()
    }

    pub(crate) fn issuer(&self) -> CaCertificate {
        CaCertificate::parse(&self.issuer_der, &Profile::SANDBOX).unwrap()
    }

    fn sign(&self, challenge: &Challenge) -> Token {
        let pair = RsaKeyPair::from_pkcs8(self.key.expose_pkcs8_der()).unwrap();
        let mut signature = vec![0; pair.public_modulus_len()];
        let message = challenge.message(SignatureAlgorithm::Rs256);
        pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), &message, &mut signature).unwrap();
        Token::new(self.der.clone(), SignatureAlgorithm::Rs256, signature).unwrap()
    }
}

/// How the relay looked revocation up.
#[derive(Clone, Copy)]
pub(crate) enum By {
    List,
    Responder,
}

pub(crate) struct World {
    pub(crate) authority: Arc<Authority>,
    pub(crate) card: Card,
    pub(crate) other: Card,
    pub(crate) relay: Relay,
    pub(crate) provider: Entrusted,
    pub(crate) sealing_key: SealingKey,
    pub(crate) folder: TempDir,
    pub(crate) lists_down: Arc<AtomicBool>,
    taps: AtomicU64,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(RecheckRule::Always).await
    }

    pub(crate) async fn with(rule: RecheckRule) -> Self {
        let folder = TempDir::new().unwrap();
        let authority = authority(&folder.path().join("authority"));
        let (card, other) = (issue(&authority, "resident-1"), issue(&authority, "resident-2"));
        authority.publish(seconds(-1_200)).unwrap();
        let lists_down = Arc::new(AtomicBool::new(false));
        let base = serve_lists(&authority, &lists_down).await;
        let relay = Relay::start().await;
        let (opening_key, sealing_key) = OpeningKey::from_random([0x31; 32]);
        let url = format!("{base}/crl/{{kind}}/{{key_id}}.crl").parse().unwrap();
        let mut config = EntrustedConfig::new(contract(), relay_party(), url, Profile::SANDBOX);
        config.rule = rule;
        let ports = EntrustedPorts {
            opening_key,
            index_key: SerialIndexKey::from_octets([0x52; 32]),
            rows: SerialRows::open(&folder.path().join("serials.sqlite")).unwrap(),
            anchors: anchors(&authority),
            relay: relay.client.clone(),
            lists: PlainHttpClient::new(Duration::from_secs(30), None).unwrap(),
            clock: Arc::new(Standstill(Mutex::new(now()))),
            entropy: Arc::new(Counting::default()),
        };
        let provider = Entrusted::new(config, ports).unwrap();
        let taps = AtomicU64::new(0);
        Self { authority, card, other, relay, provider, sealing_key, folder, lists_down, taps }
    }

    /// One tap: proven and cleared as the relay does it.
    pub(crate) fn tap(&self, card: &Card, context: &Context, by: By) -> Evidence {
        self.tap_at(card, context, by, seconds(-5))
    }

    pub(crate) fn tap_at(&self, card: &Card, context: &Context, by: By, at: Timestamp) -> Evidence {
        let challenge = self.challenge(context, at);
        let (profile, anchors) = (Profile::SANDBOX, anchors(&self.authority));
        let proven =
            prove(card.sign(&challenge), &challenge, context.clone(), &anchors, &profile, at).unwrap();
        let status = self.status(card, by, at);
        clear(proven, status, at).unwrap().evidence()
    }

    fn challenge(&self, context: &Context, at: Timestamp) -> Challenge {
        let mut ticket = [0x42; 56];
        ticket[2..8].copy_from_slice(&(at.as_millisecond() - 3_000).to_be_bytes()[2..]);
        let number = self.taps.fetch_add(1, Ordering::SeqCst);
        ticket[8..16].copy_from_slice(&number.to_be_bytes());
        let nonce = Nonce::new(&Ticket::from_octets(ticket), context);
        Challenge::new(Origin::parse("https://pos.enishi.example").unwrap(), nonce)
    }

    fn status(&self, card: &Card, by: By, at: Timestamp) -> RevocationStatus {
        let (certificate, issuer, limits) = (card.certificate(), card.issuer(), Limits::default());
        match by {
            By::List => {
                let list = Crl::accept(self.list(), &issuer, None, &limits, at).unwrap();
                RevocationStatus::from_crl(&list, &certificate, at).unwrap()
            }
            By::Responder => {
                let request = OcspRequest::new(&certificate, &issuer, [9; 32]);
                let answer = self.authority.answer_ocsp(&request.to_der(), at);
                RevocationStatus::from_ocsp(check_ocsp(&answer, &request, &issuer, &limits, at).unwrap())
            }
        }
    }

    /// The list that is published for both cards.
    pub(crate) fn list(&self) -> Vec<u8> {
        let key_id = self.card.issuer().subject_key_id().clone();
        self.authority.published_crl(KIND, &key_id).unwrap().unwrap().der
    }

    pub(crate) fn seal(&self, evidence: &Evidence) -> Vec<u8> {
        self.sealing_key.seal(evidence, &contract()).unwrap()
    }

    /// Enrols the first card for the customer.
    pub(crate) async fn enrol(&self) {
        self.provider.record(&self.enrolment(&self.card, CUSTOMER, 7), now()).await.unwrap();
    }

    pub(crate) fn enrolment(&self, card: &Card, customer: &str, instrument: u8) -> EnrolmentEvidence {
        let evidence = self.tap(card, &Context::Enrol(enrol_context()), By::Responder);
        EnrolmentEvidence {
            customer: customer.parse().unwrap(),
            instrument: InstrumentRef::from_random([instrument; 16]),
            link: LinkId::from_random([instrument; 16]),
            intent: enrol_context().intent,
            consent_sha256: enrol_context().consent_sha256,
            sealed: Octets(self.seal(&evidence)),
        }
    }

    /// What the provider says to an assertion whose evidence the relay gives.
    pub(crate) async fn examine(
        &self,
        assertion: &Assertion,
        evidence: &Evidence,
    ) -> Result<(), EvidenceRefused> {
        self.relay.gives(assertion.id, self.seal(evidence));
        self.provider.examine(assertion, now()).await
    }
}

pub(crate) fn pay_context() -> PayContext {
    PayContext {
        relay: relay_party(),
        terminal: "4980000000012".parse().unwrap(),
        merchant: "M0001".parse().unwrap(),
        slip: "0042".parse().unwrap(),
        amount: Money::yen(1_980).unwrap(),
        payment_type: PaymentType::LumpSum,
        surrogate_pan: SurrogatePan::from_random(77),
    }
}

pub(crate) fn enrol_context() -> EnrolContext {
    EnrolContext {
        relay: relay_party(),
        terminal: "4980000000012".parse().unwrap(),
        intent: IntentId::from_random([3; 16]),
        consent_sha256: "5a".repeat(32),
    }
}

/// An honest assertion about a payment.
pub(crate) fn assertion(signed: &PayContext) -> Assertion {
    Assertion {
        id: AssertionId::from_random([1; 16]),
        issuer: relay_party(),
        audience: contract(),
        issued_at: seconds(-2).as_second(),
        subject: Subject::Customer(CUSTOMER.parse().unwrap()),
        instrument: InstrumentRef::from_random([7; 16]),
        terminal: signed.terminal.clone(),
        merchant: signed.merchant.clone(),
        slip: signed.slip.clone(),
        amount: signed.amount,
        payment_type: signed.payment_type,
        surrogate_pan: signed.surrogate_pan,
        amount_binding: AmountBinding::Bound,
        assurance: Assurance::Pin,
        revocation: RevocationMethod::Crl { age_h: 1 },
        verifier: "bank-b".parse().unwrap(),
        model: VerifierModel::Entrusted,
    }
}

fn anchors(authority: &Authority) -> Anchors {
    let all = authority.authority_certificates();
    Anchors::new(all.iter().map(|it| CaCertificate::parse(&it.der, &Profile::SANDBOX).unwrap()).collect())
        .unwrap()
}

fn authority(folder: &Path) -> Arc<Authority> {
    let mut config = AuthorityConfig::new("http://responder.invalid/ocsp");
    // Long numbers, which a file cannot hold by chance.
    config.serials = SerialPlan::Random;
    Arc::new(Authority::create(folder, config, now()).unwrap())
}

async fn serve_lists(authority: &Arc<Authority>, down: &Arc<AtomicBool>) -> String {
    let down = Arc::clone(down);
    let router: Router = public_router(Arc::clone(authority), Arc::new(now)).layer(
        axum::middleware::from_fn(move |request: axum::extract::Request, next: axum::middleware::Next| {
            let down = down.load(Ordering::SeqCst);
            async move {
                if down { StatusCode::SERVICE_UNAVAILABLE.into_response() } else { next.run(request).await }
            }
        }),
    );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    format!("http://{address}")
}

fn issue(authority: &Authority, citizen: &str) -> Card {
    let key = CardKey::generate().unwrap();
    let keys = CarrierKeys { authentication_spki: key.spki_der(), signing: WithSigning::Without };
    let person = CitizenRecord {
        id: CitizenId::parse(citizen).unwrap(),
        name: RegisteredText::name("架空\u{3000}花").unwrap(),
        address: RegisteredText::address("東京都清瀬市架空町一丁目２番３号").unwrap(),
        birth_date: RegisteredBirth::Known("1980-02-17".parse().unwrap()),
        sex: Sex::Female,
        municipality: Municipality::new("13221", "Tokyo-to", "Kiyose-shi").unwrap(),
        carrier_expiry: None,
    };
    let issued = authority.issue(&person, keys, Carrier::Card, seconds(-3_600)).unwrap();
    Card { der: issued.auth_der, issuer_der: issued.auth_ca_der, key }
}
