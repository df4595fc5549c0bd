//! One tap of the card: commands are timed, the person's thinking is not.

use std::time::Duration;

use enishi_card::{
    CardError, Document, LastTry, PinKind, Proven, Session, SignedBytes, Step, TokenKind, Tries,
};
use enishi_jpki::{AuthPin, Challenge, SigningPassword};
use myna_card::Transmit;
use tokio::time::Instant;

use crate::visit::Visit;

/// A card in the reader, and the time that its commands took.
pub(crate) struct Tap<T: Transmit> {
    session: Session<T>,
    spent: Duration,
}

impl<T: Transmit> Tap<T> {
    /// Connects and selects the application. Waiting for a card is `connect`'s affair and is not timed.
    pub(crate) fn begin(
        connect: &mut impl FnMut() -> Result<T, CardError>,
        visit: &mut Visit,
    ) -> Result<Self, CardError> {
        let link = connect()?;
        visit.met();
        let begun = Instant::now();
        let opened = Session::open(link);
        let spent = begun.elapsed();
        match opened {
            Ok(session) => Ok(Self { session, spent }),
            Err(error) => {
                visit.card += spent;
                Err(error)
            }
        }
    }

    /// What kind of token this is.
    pub(crate) fn token(&self) -> TokenKind {
        self.session.token()
    }

    /// Makes sure that the card is the one that proved before.
    pub(crate) fn is_card_of(&mut self, proven: &Proven) -> Result<(), CardError> {
        let shown = self.timed(Session::auth_certificate)?;
        if shown == proven.certificate_der() {
            Ok(())
        } else {
            Err(CardError::CardSwapped { step: Step::Certificate })
        }
    }

    /// How many tries are left; a blocked PIN is an error before anyone is asked for it.
    pub(crate) fn tries(&mut self, which: PinKind) -> Result<Tries, CardError> {
        match self.timed(|session| session.tries_left(which))? {
            Tries::Blocked => Err(CardError::PinBlocked),
            tries => Ok(tries),
        }
    }

    /// Proves the holder, who was shown `tries` and gave the PIN.
    pub(crate) fn prove(
        &mut self,
        pin: &AuthPin,
        challenge: &Challenge,
        tries: Tries,
    ) -> Result<Proven, CardError> {
        self.timed(|session| session.prove(pin, challenge, last_try(tries)))
    }

    /// Signs the document, for a holder who was shown `tries` and gave the password.
    pub(crate) fn sign(
        &mut self,
        password: &SigningPassword,
        document: &[u8],
        tries: Tries,
    ) -> Result<SignedBytes, CardError> {
        self.timed(|session| session.sign_document(password, Document::Message(document), last_try(tries)))
    }

    /// Lets the card go, and adds the time that it took.
    pub(crate) fn end(self, visit: &mut Visit) {
        let begun = Instant::now();
        // Whatever the card says here, the connection takes its power, and the PIN is forgotten.
        let _ = self.session.close();
        visit.card += self.spent + begun.elapsed();
    }

    fn timed<R>(&mut self, run: impl FnOnce(&mut Session<T>) -> R) -> R {
        let begun = Instant::now();
        let result = run(&mut self.session);
        self.spent += begun.elapsed();
        result
    }
}

/// Giving a PIN after having been shown that one try is left is the agreement to spend it.
const fn last_try(shown: Tries) -> LastTry {
    match shown {
        Tries::Left(1) => LastTry::Confirmed,
        Tries::Left(_) | Tries::Blocked | Tries::Unlimited => LastTry::NotConfirmed,
    }
}
