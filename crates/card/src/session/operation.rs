//! One operation inside the JPKI application, which is selected once at its beginning and not again.
//!
//! A card that took the place of another in the middle has nothing selected and no PIN verified, so it cannot go on.

use myna_card::ap::jpki::JpkiAp;
use myna_card::{Card, Error, Pin, Retries, Transmit};

use super::certificate;
use super::guard::{Break, Guarded};
use super::words::{LastTry, PinKind, Step, Tries};
use crate::error::CardError;

/// The selected application, for the length of one operation.
pub(super) struct Operation<'a, T> {
    jpki: JpkiAp<'a, Guarded<T>>,
}

impl<'a, T: Transmit> Operation<'a, T> {
    /// Selects the application.
    pub(super) fn begin(card: &'a mut Card<Guarded<T>>) -> Result<Self, CardError> {
        card.transport_mut().begin();
        // The borrow ends with the error, so the question of what broke is asked before.
        match JpkiAp::select(card) {
            Ok(jpki) => Ok(Self { jpki }),
            Err(Error::Status(_)) => Err(CardError::NotJpki),
            Err(Error::NoReader) => Err(CardError::NoCard),
            Err(Error::Malformed(_)) => Err(CardError::Protocol { step: Step::Select, status: None }),
            Err(_) => Err(CardError::CardMoved { step: Step::Select }),
        }
    }

    /// Does one thing in the application.
    pub(super) fn step<R>(
        &mut self,
        step: Step,
        run: impl FnOnce(&mut JpkiAp<'a, Guarded<T>>) -> myna_card::Result<R>,
    ) -> Result<R, CardError> {
        run(&mut self.jpki).map_err(|error| self.fault(step, &error))
    }

    /// Reads the certificate in a file, in DER.
    pub(super) fn certificate(&mut self, step: Step, file: u16) -> Result<Vec<u8>, CardError> {
        self.step(step, |jpki| certificate::read(jpki.card(), file))
    }

    /// Asks how many tries are left, which costs none.
    pub(super) fn tries(&mut self, which: PinKind) -> Result<Tries, CardError> {
        let retries = match which {
            PinKind::Authentication => self.jpki.auth_pin_retries(),
            PinKind::Signing => self.jpki.sign_pin_retries(),
        };
        match retries {
            Ok(Retries::Remaining(left)) => Ok(Tries::Left(left)),
            Ok(Retries::Blocked) => Ok(Tries::Blocked),
            Ok(Retries::Unlimited) => Ok(Tries::Unlimited),
            Ok(Retries::NotReported) => Err(CardError::Protocol { step: Step::Tries, status: Some(0x9000) }),
            Err(Error::Status(status)) if status.value() == BLOCKED_BY_ISO => Ok(Tries::Blocked),
            Err(error) => Err(self.fault(Step::Tries, &error)),
        }
    }

    /// Refuses before a try is spent that should not be.
    pub(super) fn check_tries(&mut self, which: PinKind, last_try: LastTry) -> Result<(), CardError> {
        match (self.tries(which)?, last_try) {
            (Tries::Blocked, _) => Err(CardError::PinBlocked),
            (Tries::Left(1), LastTry::NotConfirmed) => Err(CardError::OneTryLeft),
            (Tries::Left(_) | Tries::Unlimited, _) => Ok(()),
        }
    }

    /// The one VERIFY of an operation.
    pub(super) fn verify(&mut self, which: PinKind, value: &[u8]) -> Result<(), CardError> {
        let unusable = CardError::Protocol { step: Step::Verify, status: None };
        let pin = Pin::new(value).map_err(|_| unusable)?;
        let verified = match which {
            PinKind::Authentication => self.jpki.verify_auth_pin(&pin),
            PinKind::Signing => self.jpki.verify_sign_pin(&pin),
        };
        match verified {
            Ok(()) => Ok(()),
            Err(Error::PinIncorrect { retries }) => {
                Err(CardError::PinWrong { left: retries.map_or(Tries::Unlimited, Tries::Left) })
            }
            Err(Error::PinBlocked) => Err(CardError::PinBlocked),
            Err(Error::Status(status)) if status.value() == BLOCKED_BY_ISO => Err(CardError::PinBlocked),
            Err(error) => Err(self.fault(Step::Verify, &error)),
        }
    }

    /// What an error of the crate below means here.
    fn fault(&mut self, step: Step, error: &Error) -> CardError {
        match (self.jpki.card().transport().broken(), error) {
            (Some(Break::NoCard), _) => CardError::NoCard,
            (Some(Break::Link), _) => CardError::CardMoved { step },
            (None, Error::Status(status)) => CardError::Protocol { step, status: Some(status.value()) },
            (Some(Break::Bounds) | None, _) => CardError::Protocol { step, status: None },
        }
    }
}

/// The word for a blocked PIN in ISO/IEC 7816-4, where measured cards say 63C0 or 6984.
const BLOCKED_BY_ISO: u16 = 0x6983;
