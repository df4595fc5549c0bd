//! Reading what a proof does not need: the authorities' certificates, and the signing certificate by itself.

use enishi_jpki::SigningPassword;
use myna_card::Transmit;
use myna_card::ap::jpki::ef;

use super::operation::Operation;
use super::words::{LastTry, PinKind, Step};
use super::{PinState, Session, agree};
use crate::error::CardError;

impl<T: Transmit> Session<T> {
    /// Reads the certificate of the authority behind one of the two keys, in DER; a card shows it to anyone.
    ///
    /// # Errors
    /// The errors of the link.
    pub fn authority_certificate(&mut self, which: PinKind) -> Result<Vec<u8>, CardError> {
        self.check_link()?;
        let file = match which {
            PinKind::Authentication => ef::AUTH_CA_CERTIFICATE,
            PinKind::Signing => ef::SIGN_CA_CERTIFICATE,
        };
        let read = Operation::begin(&mut self.card)
            .and_then(|mut operation| operation.certificate(Step::Certificate, file));
        self.note_link(read)
    }

    /// Reads the signing certificate (署名用電子証明書) in DER, which names its holder: one VERIFY, no signature.
    ///
    /// # Errors
    /// As [`Session::sign_document`].
    pub fn signing_certificate(
        &mut self,
        password: &SigningPassword,
        last_try: LastTry,
    ) -> Result<Vec<u8>, CardError> {
        self.check_link()?;
        let read = self.read_signing(password, last_try);
        self.forget_pins();
        self.note_link(read)
    }

    fn read_signing(&mut self, password: &SigningPassword, last_try: LastTry) -> Result<Vec<u8>, CardError> {
        self.pin = PinState::MayBeVerified;
        let mut operation = Operation::begin(&mut self.card)?;
        let present = operation.step(Step::Availability, |jpki| jpki.read_certificate_availability())?;
        if !present.has_sign_certificate() {
            return Err(CardError::NoSigningCertificate);
        }
        operation.check_tries(PinKind::Signing, last_try)?;
        operation.verify(PinKind::Signing, password.expose_bytes())?;
        let read = operation.certificate(Step::Certificate, ef::SIGN_CERTIFICATE)?;
        agree(&mut self.signing, read, Step::Certificate)
    }
}
