//! An authority of its own and card holders with proofs: what ③ is asked to look at.

use std::path::{Path, PathBuf};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use enishi_authority::{
    Authority, AuthorityConfig, CardKey, CarrierKeys, CitizenId, CitizenRecord, Municipality,
    RegisteredBirth, RegisteredText, WithSigning,
};
use enishi_jpki::{
    AuthCertificate, CaCertificate, Carrier, CertKind, Challenge, Context, Nonce, Origin, PayContext,
    Profile, Sex, SignatureAlgorithm, Ticket, Token,
};
use enishi_party::{
    Clock, Entropy, Environment, Money, PartyRole, PartyUri, PaymentType, SurrogatePan, Timestamp,
};
use enishi_transport::{SystemClock, SystemEntropy};
use enishi_verify::Anchors;
use tempfile::TempDir;

use crate::error::BenchError;

/// Holders: so many that none of their keys is at hand by chance.
const HOLDERS: u64 = 16;
/// The octets of a ticket.
const TICKET_OCTETS: usize = 56;

/// The authority, what trusts it, and its card holders.
pub(crate) struct People {
    pub(crate) authority: Authority,
    pub(crate) anchors: Anchors,
    pub(crate) holders: Vec<Holder>,
    pub(crate) now: Timestamp,
    folder: TempDir,
}

/// A card holder, and one proof.
pub(crate) struct Holder {
    pub(crate) certificate: AuthCertificate,
    pub(crate) der: Vec<u8>,
    pub(crate) token: Token,
    pub(crate) challenge: Challenge,
    pub(crate) context: Context,
}

impl People {
    pub(crate) fn make(folder: &Path) -> Result<Self, BenchError> {
        let folder = tempfile::tempdir_in(folder).map_err(BenchError::file(folder))?;
        let now = SystemClock.now();
        let config = AuthorityConfig::new("http://responder.invalid/ocsp");
        let authority = Authority::create(&folder.path().join("register"), config, now)
            .map_err(BenchError::of("the authority"))?;
        let holders =
            (0..HOLDERS).map(|number| Holder::make(&authority, number, now)).collect::<Result<_, _>>()?;
        authority.publish(now).map_err(BenchError::of("its lists"))?;
        let certificates = authority.authority_certificates();
        let parsed = certificates.iter().map(|its| CaCertificate::parse(&its.der, &Profile::SANDBOX));
        let parsed =
            parsed.collect::<Result<_, _>>().map_err(BenchError::of("an authority's certificate"))?;
        let anchors = Anchors::new(parsed).map_err(BenchError::of("anchors"))?;
        Ok(Self { authority, anchors, holders, now, folder })
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The key by which the newest generation issues: a list that is to count is signed with it.
    pub(crate) fn issuing_key(&self) -> Result<RsaKeyPair, BenchError> {
        let path = self.path("register/keys/authca03.p8");
        let pkcs8 = std::fs::read(&path).map_err(BenchError::file(&path))?;
        RsaKeyPair::from_pkcs8(&pkcs8).map_err(BenchError::of("the authority's key"))
    }

    /// The authority that issued everybody's certificate.
    pub(crate) fn issuer(&self) -> Result<&CaCertificate, BenchError> {
        let missing = || BenchError::Failed { what: "the issuer", why: "is no anchor".to_owned() };
        let holder = self.holders.first().ok_or_else(missing)?;
        let key_id = holder.certificate.issuer_key_id();
        let issuer = self.anchors.by_key_id(CertKind::Authentication, key_id);
        issuer.ok_or_else(missing)
    }
}

impl Holder {
    /// The same holder, for another who asks.
    pub(crate) fn again(&self) -> Self {
        let Self { certificate, der, token, challenge, context } = self;
        let (certificate, der, token) = (certificate.clone(), der.clone(), token.clone());
        Self { certificate, der, token, challenge: challenge.clone(), context: context.clone() }
    }

    fn make(authority: &Authority, number: u64, now: Timestamp) -> Result<Self, BenchError> {
        let making = |why: String| BenchError::Failed { what: "a citizen", why };
        let key = CardKey::generate().map_err(BenchError::of("a card's key"))?;
        let record = CitizenRecord {
            id: CitizenId::parse(&format!("holder-{number}")).map_err(|error| making(error.to_string()))?,
            name: RegisteredText::name("計測\u{3000}太郎").map_err(|error| making(error.to_string()))?,
            address: RegisteredText::address("東京都架空市見本町一丁目２番３号")
                .map_err(|error| making(error.to_string()))?,
            birth_date: RegisteredBirth::Known(jiff::civil::date(1980, 2, 17)),
            sex: Sex::NotStated,
            municipality: Municipality::new("13221", "Tokyo-to", "Kakuu-shi")
                .map_err(|error| making(error.to_string()))?,
            carrier_expiry: None,
        };
        let keys = CarrierKeys { authentication_spki: key.spki_der(), signing: WithSigning::Without };
        let issued = authority
            .issue(&record, keys, Carrier::Card, now)
            .map_err(BenchError::of("a citizen's certificate"))?;
        let certificate = AuthCertificate::parse(&issued.auth_der, &Profile::SANDBOX)
            .map_err(BenchError::of("a citizen's certificate"))?;
        let context = context(number)?;
        let mut ticket = [0; TICKET_OCTETS];
        SystemEntropy.fill(&mut ticket);
        let origin =
            Origin::parse("https://pos.relay.enishi.example").map_err(BenchError::of("an origin"))?;
        let challenge = Challenge::new(origin, Nonce::new(&Ticket::from_octets(ticket), &context));
        let pair = RsaKeyPair::from_pkcs8(key.expose_pkcs8_der()).map_err(BenchError::of("a card's key"))?;
        let algorithm = SignatureAlgorithm::Rs256;
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), &challenge.message(algorithm), &mut signature)
            .map_err(BenchError::of("a card's signature"))?;
        let token =
            Token::new(issued.auth_der.clone(), algorithm, signature).map_err(BenchError::of("a token"))?;
        Ok(Self { certificate, der: issued.auth_der, token, challenge, context })
    }
}

fn context(number: u64) -> Result<Context, BenchError> {
    let made = || -> Result<Context, enishi_party::Malformed> {
        Ok(Context::Pay(PayContext {
            relay: PartyUri::new(Environment::Sandbox, PartyRole::Relay, "relay")?,
            terminal: "4980000000012".parse()?,
            merchant: "SBX-BOOKS-01".parse()?,
            slip: format!("{number:05}").parse()?,
            amount: Money::yen(1_980)?,
            payment_type: PaymentType::LumpSum,
            surrogate_pan: SurrogatePan::from_random(number),
        }))
    };
    made().map_err(BenchError::of("a context"))
}
