//! ① A session with one card: read, prove, sign.

use std::fmt;

use enishi_jpki::{AuthPin, Challenge, SignatureAlgorithm, SigningPassword};
use myna_card::ap::jpki::{SignatureScheme, TokenType, ef};
use myna_card::{Card, MasterFile, Transmit};

use crate::error::CardError;

mod certificate;
mod document;
mod guard;
mod operation;
mod reading;
mod words;

pub use document::{Document, SignedBytes};
pub use words::{LastTry, PinKind, Proven, Step, TokenKind, Tries};

use certificate::PublicKey;
use document::DigestInfo;
use guard::Guarded;
use operation::Operation;

/// A card that has shown itself to hold the JPKI application, and what it has shown so far.
///
/// Each operation selects the application anew and leaves it at its end, so that no verified PIN stays behind
/// between two of them. The transport should hold the card alone and take its power when it is dropped.
pub struct Session<T: Transmit> {
    card: Card<Guarded<T>>,
    token: TokenKind,
    /// The certificates seen first; every later reading must agree.
    authentication: Option<Vec<u8>>,
    signing: Option<Vec<u8>>,
    pin: PinState,
    link: Link,
}

/// Whether a PIN may still be verified in the card.
#[derive(Clone, Copy, PartialEq, Eq)]
enum PinState {
    Forgotten,
    MayBeVerified,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Link {
    Whole,
    Lost,
}

impl<T: Transmit> Session<T> {
    /// Selects the JPKI application and reads what kind of token it is.
    ///
    /// A PIN that somebody verified before is forgotten first.
    ///
    /// # Errors
    /// [`CardError::NotJpki`] if there is no such application, [`CardError::UnknownToken`] if the token's label is
    /// none of the three known ones, and the errors of the link.
    pub fn open(transmit: T) -> Result<Self, CardError> {
        let mut session = Self {
            card: Card::new(Guarded::new(transmit)),
            token: TokenKind::Card,
            authentication: None,
            signing: None,
            pin: PinState::MayBeVerified,
            link: Link::Whole,
        };
        session.forget_pins();
        let information = Operation::begin(&mut session.card)?
            .step(Step::TokenInformation, |jpki| jpki.read_token_info())?;
        session.token = match information.token_type {
            TokenType::Card => TokenKind::Card,
            TokenType::Android => TokenKind::Android,
            TokenType::IPhone => TokenKind::IPhone,
            TokenType::Other(_) | TokenType::Absent => return Err(CardError::UnknownToken),
        };
        Ok(session)
    }

    /// What kind of token this is.
    #[must_use]
    pub fn token(&self) -> TokenKind {
        self.token
    }

    /// Reads the authentication certificate (利用者証明用電子証明書) in DER, which a card shows to anyone.
    ///
    /// # Errors
    /// [`CardError::PinRequired`] from a phone, [`CardError::CardSwapped`] if this session has seen another one.
    pub fn auth_certificate(&mut self) -> Result<Vec<u8>, CardError> {
        if self.token != TokenKind::Card {
            return Err(CardError::PinRequired);
        }
        self.check_link()?;
        let read = Operation::begin(&mut self.card)
            .and_then(|mut operation| operation.certificate(Step::Certificate, ef::AUTH_CERTIFICATE))
            .and_then(|read| agree(&mut self.authentication, read, Step::Certificate));
        self.note_link(read)
    }

    /// Asks how many tries are left, which costs none.
    ///
    /// # Errors
    /// The errors of the link, and [`CardError::Protocol`] if the card gives no count.
    pub fn tries_left(&mut self, which: PinKind) -> Result<Tries, CardError> {
        self.check_link()?;
        let tries = Operation::begin(&mut self.card).and_then(|mut operation| operation.tries(which));
        self.note_link(tries)
    }

    /// Proves the holder: one VERIFY, one signature over the challenge.
    ///
    /// What is signed is SHA-256(origin) ‖ SHA-256(nonce) under RS256, made here from the challenge. The certificate
    /// is read again after the signature, must be the one that this session saw before, and must verify it.
    ///
    /// # Errors
    /// [`CardError::OneTryLeft`] and [`CardError::PinBlocked`] before the PIN is presented;
    /// [`CardError::PinWrong`] and [`CardError::PinBlocked`] after; [`CardError::CardSwapped`]; the errors of the link.
    pub fn prove(
        &mut self,
        pin: &AuthPin,
        challenge: &Challenge,
        last_try: LastTry,
    ) -> Result<Proven, CardError> {
        self.check_link()?;
        let proven = self.prove_within(pin, challenge, last_try);
        self.forget_pins();
        self.note_link(proven)
    }

    /// Signs a document with the signing key (署名用秘密鍵): one VERIFY, one signature.
    ///
    /// # Errors
    /// As [`Session::prove`], and [`CardError::NoSigningCertificate`] before the password is presented.
    pub fn sign_document(
        &mut self,
        password: &SigningPassword,
        document: Document<'_>,
        last_try: LastTry,
    ) -> Result<SignedBytes, CardError> {
        self.check_link()?;
        let signed = self.sign_within(password, document, last_try);
        self.forget_pins();
        self.note_link(signed)
    }

    /// Ends the session and makes sure that no verified PIN stays.
    ///
    /// # Errors
    /// The link or the card kept this from happening: the card must lose its power.
    pub fn close(mut self) -> Result<(), CardError> {
        self.forget_pins();
        match (self.pin, self.link) {
            (PinState::Forgotten, _) => Ok(()),
            (PinState::MayBeVerified, Link::Lost) => Err(CardError::CardMoved { step: Step::Leave }),
            (PinState::MayBeVerified, Link::Whole) => {
                Err(CardError::Protocol { step: Step::Leave, status: None })
            }
        }
    }

    fn prove_within(
        &mut self,
        pin: &AuthPin,
        challenge: &Challenge,
        last_try: LastTry,
    ) -> Result<Proven, CardError> {
        self.pin = PinState::MayBeVerified;
        let seen = &mut self.authentication;
        let mut operation = Operation::begin(&mut self.card)?;
        operation.check_tries(PinKind::Authentication, last_try)?;
        let mut certificate = |operation: &mut Operation<'_, T>, step| {
            operation.certificate(step, ef::AUTH_CERTIFICATE).and_then(|read| agree(seen, read, step))
        };
        // A card shows its certificate before the PIN, so another card is found out before it learns the PIN.
        let shown = match self.token {
            TokenKind::Card => {
                let shown = certificate(&mut operation, Step::Certificate)?;
                Some((PublicKey::of(&shown)?, shown))
            }
            TokenKind::Android | TokenKind::IPhone => None,
        };
        operation.verify(PinKind::Authentication, pin.expose_bytes())?;
        let (key, shown) = match shown {
            Some(shown) => shown,
            None => {
                let shown = certificate(&mut operation, Step::Certificate)?;
                (PublicKey::of(&shown)?, shown)
            }
        };
        let algorithm = SignatureAlgorithm::Rs256;
        let info = DigestInfo::of(Document::Message(&challenge.message(algorithm)))?;
        let signature = operation
            .step(Step::Sign, |jpki| jpki.sign_with_auth_key(SignatureScheme::Verbatim, info.der()))?;
        key.check(&info, &signature)?;
        certificate(&mut operation, Step::CertificateAgain)?;
        Proven::new(shown, algorithm, signature)
    }

    fn sign_within(
        &mut self,
        password: &SigningPassword,
        document: Document<'_>,
        last_try: LastTry,
    ) -> Result<SignedBytes, CardError> {
        self.pin = PinState::MayBeVerified;
        let seen = &mut self.signing;
        let mut operation = Operation::begin(&mut self.card)?;
        let present = operation.step(Step::Availability, |jpki| jpki.read_certificate_availability())?;
        if !present.has_sign_certificate() {
            return Err(CardError::NoSigningCertificate);
        }
        operation.check_tries(PinKind::Signing, last_try)?;
        operation.verify(PinKind::Signing, password.expose_bytes())?;
        let certificate =
            agree(seen, operation.certificate(Step::Certificate, ef::SIGN_CERTIFICATE)?, Step::Certificate)?;
        let key = PublicKey::of(&certificate)?;
        let info = DigestInfo::of(document)?;
        let signature = operation
            .step(Step::Sign, |jpki| jpki.sign_with_sign_key(SignatureScheme::Verbatim, info.der()))?;
        key.check(&info, &signature)?;
        let again = operation.certificate(Step::CertificateAgain, ef::SIGN_CERTIFICATE)?;
        agree(seen, again, Step::CertificateAgain)?;
        Ok(SignedBytes::new(certificate, signature))
    }

    fn check_link(&self) -> Result<(), CardError> {
        match self.link {
            Link::Whole => Ok(()),
            Link::Lost => Err(CardError::CardMoved { step: Step::Select }),
        }
    }

    /// After a lost link, whatever answers next is not this session's card.
    fn note_link<R>(&mut self, outcome: Result<R, CardError>) -> Result<R, CardError> {
        if let Err(CardError::NoCard | CardError::CardMoved { .. } | CardError::CardSwapped { .. }) = &outcome
        {
            self.link = Link::Lost;
        }
        outcome
    }

    /// Leaves the application: a card forgets its verified PINs when another one is selected.
    ///
    /// A failure is kept in `pin`, so that `close` can tell.
    fn forget_pins(&mut self) {
        if self.pin == PinState::MayBeVerified {
            self.card.transport_mut().begin();
            if MasterFile::select(&mut self.card).is_ok() {
                self.pin = PinState::Forgotten;
            }
        }
    }
}

impl<T: Transmit> Drop for Session<T> {
    fn drop(&mut self) {
        self.forget_pins();
    }
}

impl<T: Transmit> fmt::Debug for Session<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("token", &self.token).finish_non_exhaustive()
    }
}

/// Keeps the first reading and compares every later one with it.
fn agree(seen: &mut Option<Vec<u8>>, read: Vec<u8>, step: Step) -> Result<Vec<u8>, CardError> {
    if *seen.get_or_insert_with(|| read.clone()) == read {
        Ok(read)
    } else {
        Err(CardError::CardSwapped { step })
    }
}
