//! VERIFY and CHANGE REFERENCE DATA (JICSAP 6.4.9; ISO/IEC 7816-4 §11.5.6 and §11.5.7).

use super::SoftwareCard;
use super::apdu::{Body, Header};
use super::file::File;
use super::status::Status;
use crate::image::{PinName, Presented};

/// The longest value of a VERIFY (JICSAP 6.4.9 (3)).
const MAX_PIN_LEN: usize = 16;

impl SoftwareCard {
    /// Without data: how many tries are left. With data: one try.
    pub(super) fn verify(&mut self, header: Header, body: Body<'_>) -> Result<Vec<u8>, Status> {
        if header.p1 != 0x00 {
            return Err(Status::WRONG_P1_P2);
        }
        let name = self.referenced_pin(header.p2)?;
        if body.data.is_empty() && body.le.is_none() {
            // Measured: the count comes even right after a PIN was verified; a blocked one says 63C0.
            return Err(Status::tries(self.tries_left(name)));
        }
        let value = body.only_data()?;
        if value.len() > MAX_PIN_LEN {
            return Err(Status::WRONG_LENGTH);
        }
        let name = name.ok_or(Status::BLOCKED)?;
        let secret = self.image.secret_mut(name).ok_or(Status::BLOCKED)?;
        let before = secret.tries_left();
        if before == 0 {
            return Err(Status::BLOCKED);
        }
        let presented = secret.present(value);
        let left = secret.tries_left();
        // Until the counter is safe, nothing may depend on the comparison, not even the answer.
        self.verified.remove(name);
        if left != before {
            self.persist().map_err(|_| Status::MEMORY_FAILURE)?;
        }
        match presented {
            Presented::Right => {
                self.verified.add(name);
                Ok(Vec::new())
            }
            Presented::Wrong => Err(Status::tries(left)),
        }
    }

    /// A new value for a PIN that was verified just before.
    pub(super) fn change_reference_data(
        &mut self,
        header: Header,
        body: Body<'_>,
    ) -> Result<Vec<u8>, Status> {
        // P1 = 01: the data field holds the new value alone.
        if header.p1 != 0x01 {
            return Err(Status::WRONG_P1_P2);
        }
        let name = self.referenced_pin(header.p2)?.ok_or(Status::BLOCKED)?;
        let value = body.only_data()?;
        if !self.verified.holds(name) {
            return Err(Status::SECURITY_STATUS);
        }
        // Which word a card gives a value outside the PIN's alphabet is not published.
        if name == PinName::FaceCodeB || !name.accepts(value) {
            return Err(Status::WRONG_DATA);
        }
        self.image.secret_mut(name).ok_or(Status::BLOCKED)?.replace(value);
        self.persist().map_err(|_| Status::MEMORY_FAILURE)?;
        Ok(Vec::new())
    }

    fn referenced_pin(&self, p2: u8) -> Result<Option<PinName>, Status> {
        match self.file(self.referenced(p2)?) {
            Some(File::Pin(name)) => Ok(name),
            _ => Err(Status::WRONG_FILE_STRUCTURE),
        }
    }

    fn tries_left(&self, name: Option<PinName>) -> u8 {
        name.and_then(|name| self.image.secret(name)).map_or(0, |secret| secret.tries_left())
    }
}
