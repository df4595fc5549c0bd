//! One authority and a few citizens with cards, made once for a test binary.

use std::sync::{LazyLock, Mutex};

use enishi_authority::{
    Authority, AuthorityConfig, CarrierKeys, CitizenId, CitizenRecord, IssuedCertificates, Municipality,
    RegisteredBirth, RegisteredText, RevocationReason, SerialPlan, WithSigning,
};
use enishi_card::{
    CardImage, CardKey, CardParts, Document, Filler, Form, KeyAlgorithm, KeyParts, LastTry, Session,
    SoftwareCard, SoftwareReader,
};
use enishi_jpki::{
    AuthCertificate, AuthPin, CaCertificate, Carrier, CertKind, Challenge, Context, Profile, Serial, Sex,
    SigningCertificate, SigningPassword, Token,
};
use enishi_party::Timestamp;
use enishi_verify::{Anchors, ProvenHolder, prove};
use tempfile::TempDir;

use crate::clock::{at, now};

const PIN: &str = "4071";
const PASSWORD: &str = "TSUNAGU7";

/// A citizen, by the part that he or she plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// In good standing.
    First,
    /// In good standing too.
    Second,
    /// Reported the card lost: both certificates are revoked.
    Lost,
    /// Moved: the signing certificate alone is revoked.
    Moved,
}

impl Who {
    const ALL: [Self; 4] = [Self::First, Self::Second, Self::Lost, Self::Moved];

    /// 氏名, as in the register.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::First => "縁町\u{3000}一子",
            Self::Second => "架空川\u{3000}二郎",
            Self::Lost => "見本野\u{3000}三枝",
            Self::Moved => "例示谷\u{3000}四季",
        }
    }

    /// 生年月日.
    #[must_use]
    pub const fn birth_date(self) -> &'static str {
        match self {
            Self::First => "1980-02-17",
            Self::Second => "1975-06-30",
            Self::Lost => "1992-11-03",
            Self::Moved => "1988-04-12",
        }
    }
}

/// The authority, and who has a card.
pub struct Town {
    authority: Authority,
    anchors: Anchors,
    cards: Vec<Card>,
    _folder: TempDir,
}

/// A My Number Card in software.
pub struct Card {
    issued: IssuedCertificates,
    // One at a time at the reader: a second connection would break the first.
    reader: Mutex<SoftwareReader>,
}

/// What the signing key made.
#[derive(Clone)]
pub struct SignedDocument {
    /// The signing certificate's DER.
    pub certificate: Vec<u8>,
    /// RS256 over the document.
    pub signature: Vec<u8>,
}

impl std::fmt::Debug for Town {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Town(…)")
    }
}

impl std::fmt::Debug for Card {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Card(…)")
    }
}

impl std::fmt::Debug for SignedDocument {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SignedDocument(…)")
    }
}

impl Town {
    /// The town of this binary. Its keys are made once, for an RSA key costs 60 ms.
    #[must_use]
    pub fn get() -> &'static Self {
        static TOWN: LazyLock<Town> = LazyLock::new(Town::make);
        &TOWN
    }

    fn make() -> Self {
        let folder = TempDir::new().unwrap();
        let mut config = AuthorityConfig::new("http://responder.invalid/ocsp");
        // Long numbers, which nothing holds by chance.
        config.serials = SerialPlan::Random;
        let authority = Authority::create(&folder.path().join("authority"), config, now()).unwrap();
        let cards: Vec<_> = Who::ALL.into_iter().map(|who| Card::issue(&authority, who)).collect();
        for (who, card) in Who::ALL.into_iter().zip(&cards) {
            let revoke = |kind, serial: &Serial, reason| {
                authority.revoke(kind, serial, reason, at(-1_800)).unwrap();
            };
            let signing = &card.issued.signing.as_ref().unwrap().serial;
            match who {
                Who::First | Who::Second => {}
                Who::Lost => {
                    let reason = RevocationReason::CertificateHold;
                    revoke(CertKind::Authentication, &card.issued.auth_serial, reason);
                    revoke(CertKind::Signing, signing, reason);
                }
                Who::Moved => revoke(CertKind::Signing, signing, RevocationReason::AffiliationChanged),
            }
        }
        authority.publish(at(-600)).unwrap();
        let parse = |der: &[u8]| CaCertificate::parse(der, &Profile::SANDBOX).unwrap();
        let all = authority.authority_certificates();
        let anchors = Anchors::new(all.iter().map(|its| parse(&its.der)).collect()).unwrap();
        Self { authority, anchors, cards, _folder: folder }
    }

    /// A citizen's card.
    #[must_use]
    pub fn card(&self, who: Who) -> &Card {
        let place = Who::ALL.iter().position(|known| *known == who).unwrap();
        &self.cards[place]
    }

    /// The sandbox J-LIS.
    #[must_use]
    pub const fn authority(&self) -> &Authority {
        &self.authority
    }

    /// What its certificates are checked against.
    #[must_use]
    pub const fn anchors(&self) -> &Anchors {
        &self.anchors
    }

    /// One tap: the holder of a card, proven for this challenge and context.
    #[must_use]
    pub fn prove(&self, who: Who, challenge: &Challenge, context: Context, now: Timestamp) -> ProvenHolder {
        let token = self.card(who).token(challenge);
        prove(token, challenge, context, &self.anchors, &Profile::SANDBOX, now).unwrap()
    }
}

impl Card {
    fn issue(authority: &Authority, who: Who) -> Self {
        let keys = [(); 2].map(|()| enishi_authority::CardKey::generate().unwrap());
        let [authentication, signing] = &keys;
        let spki = CarrierKeys {
            authentication_spki: authentication.spki_der(),
            signing: WithSigning::Spki(signing.spki_der()),
        };
        let record = CitizenRecord {
            id: CitizenId::parse(&format!("{who:?}")).unwrap(),
            name: RegisteredText::name(who.name()).unwrap(),
            address: RegisteredText::address("東京都架空市見本町一丁目２番３号").unwrap(),
            birth_date: RegisteredBirth::Known(who.birth_date().parse().unwrap()),
            sex: Sex::NotStated,
            municipality: Municipality::new("13221", "Tokyo-to", "Kakuu-shi").unwrap(),
            carrier_expiry: None,
        };
        let issued = authority.issue(&record, spki, Carrier::Card, at(-3_600)).unwrap();
        let key = |key: &enishi_authority::CardKey| {
            CardKey::from_pkcs8(KeyAlgorithm::Rsa2048, key.expose_pkcs8_der()).unwrap()
        };
        let image = CardImage::new(CardParts {
            form: Form::Card,
            token_serial: "2015041400000001".to_owned(),
            authentication: KeyParts {
                key: key(authentication),
                certificate: issued.auth_der.clone(),
                secret: AuthPin::parse(PIN).unwrap(),
            },
            signing: Some(KeyParts {
                key: key(signing),
                certificate: issued.signing.as_ref().unwrap().der.clone(),
                secret: SigningPassword::parse(PASSWORD).unwrap(),
            }),
            authentication_ca: issued.auth_ca_der.clone(),
            signing_ca: issued.sign_ca_der.clone(),
            filler: Filler::None,
            face: None,
        });
        let reader = SoftwareReader::with_card(SoftwareCard::in_memory(image.unwrap()));
        Self { issued, reader: Mutex::new(reader) }
    }

    /// The authentication certificate.
    #[must_use]
    pub fn certificate(&self) -> AuthCertificate {
        AuthCertificate::parse(&self.issued.auth_der, &Profile::SANDBOX).unwrap()
    }

    /// The signing certificate.
    #[must_use]
    pub fn signing_certificate(&self) -> SigningCertificate {
        let signing = self.issued.signing.as_ref().unwrap();
        SigningCertificate::parse(&signing.der, &Profile::SANDBOX).unwrap()
    }

    /// Signs a challenge with the authentication key.
    #[must_use]
    pub fn token(&self, challenge: &Challenge) -> Token {
        let reader = self.reader.lock().unwrap();
        let mut session = Session::open(reader.connect().unwrap()).unwrap();
        let pin = AuthPin::parse(PIN).unwrap();
        session.prove(&pin, challenge, LastTry::NotConfirmed).unwrap().into_token()
    }

    /// Signs a document with the signing key.
    #[must_use]
    pub fn sign(&self, document: &[u8]) -> SignedDocument {
        let reader = self.reader.lock().unwrap();
        let mut session = Session::open(reader.connect().unwrap()).unwrap();
        let password = SigningPassword::parse(PASSWORD).unwrap();
        let signed =
            session.sign_document(&password, Document::Message(document), LastTry::NotConfirmed).unwrap();
        SignedDocument {
            certificate: signed.certificate_der().to_vec(),
            signature: signed.signature().to_vec(),
        }
    }
}
