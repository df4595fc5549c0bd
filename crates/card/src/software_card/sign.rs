//! The card's own signing command, `80 2A` with the scheme in P1.

use super::SoftwareCard;
use super::apdu::{Body, Header};
use super::file::{Access, Application, File};
use super::status::Status;
use crate::key::{CardKey, Scheme, SignFault};

/// P2 that asks for the key of the application itself, which the text application has.
const DEFAULT_KEY: u8 = 0x00;

impl SoftwareCard {
    pub(super) fn sign(&self, header: Header, body: Body<'_>) -> Result<Vec<u8>, Status> {
        let scheme = Scheme::from_p1(header.p1).ok_or(Status::WRONG_P1_P2)?;
        let (key, access) = self.signing_key(header.p2)?;
        if !self.opens(access) {
            return Err(Status::SECURITY_STATUS);
        }
        if body.data.is_empty() {
            return Err(Status::WRONG_LENGTH);
        }
        // Some readers send no Le. What a card says to that is not published; here it is as good as 00.
        if body.le.is_some_and(|le| le < key.signature_len()) {
            return Err(Status::WRONG_LENGTH);
        }
        key.sign(scheme, body.data).map_err(|fault| match fault {
            SignFault::Input => Status::CONDITIONS_NOT_MET,
            SignFault::Library => Status::SELF_DIAGNOSIS_FAILURE,
        })
    }

    fn signing_key(&self, p2: u8) -> Result<(&CardKey, Access), Status> {
        if let (DEFAULT_KEY, Application::Text, Some(face)) = (p2, self.application, self.image.face()) {
            return Ok((face.key(), Access::Free));
        }
        match self.file(self.referenced(p2)?) {
            Some(File::Key { key, access }) => Ok((key, access)),
            _ => Err(Status::WRONG_FILE_STRUCTURE),
        }
    }
}
