//! One tap of the card: commands are timed, the person's thinking is not.

use std::time::Duration;

use enishi_card::{CardError, Document, LastTry, PinKind, Proven, Session, SignedBytes, Tries};
use enishi_jpki::{AuthPin, Challenge, SigningPassword};
use myna_card::Transmit;
use tokio::time::Instant;

/// A card in the reader, and the time that its commands took.
pub(crate) struct Tap<T: Transmit> {
    session: Session<T>,
    spent: Duration,
}

impl<T: Transmit> Tap<T> {
    pub(crate) fn begin(connect: impl FnOnce() -> Result<T, CardError>) -> Result<Self, CardError> {
        let begun = Instant::now();
        let session = Session::open(connect()?)?;
        Ok(Self { session, spent: begun.elapsed() })
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

    /// Lets the card go, and tells the time that it took.
    pub(crate) fn end(self) -> Duration {
        let begun = Instant::now();
        // Whatever the card says here, the connection takes its power, and the PIN is forgotten.
        let _ = self.session.close();
        self.spent + begun.elapsed()
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
