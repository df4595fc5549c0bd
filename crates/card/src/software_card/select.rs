//! SELECT FILE (JICSAP 6.4.8; ISO/IEC 7816-4 §11.1.1).

use super::SoftwareCard;
use super::apdu::{Body, Header};
use super::file::{Application, FileId};
use super::status::Status;

/// P2: first occurrence, no file control information in the answer.
const NO_INFORMATION: u8 = 0x0C;

/// P2: first occurrence, file control information welcome; this card has none to give.
const ANY_INFORMATION: u8 = 0x00;

impl SoftwareCard {
    pub(super) fn select(&mut self, header: Header, body: Body<'_>) -> Result<Vec<u8>, Status> {
        if !matches!(header.p2, NO_INFORMATION | ANY_INFORMATION) {
            return Err(Status::WRONG_P1_P2);
        }
        match header.p1 {
            0x00 => self.select_master_file(body),
            0x02 => self.select_file(body),
            0x04 => self.select_application(body),
            _ => Err(Status::WRONG_P1_P2),
        }
    }

    /// By DF name, whole or any beginning of it (JICSAP 4.2 (1)).
    fn select_application(&mut self, body: Body<'_>) -> Result<Vec<u8>, Status> {
        // JICSAP 4.2 (1): a DF name has 1 to 16 bytes.
        if !(1..=16).contains(&body.data.len()) {
            return Err(Status::WRONG_LENGTH);
        }
        let found = self.applications().find(|application| application.name().starts_with(body.data));
        let application = found.ok_or(Status::NOT_FOUND)?;
        if application == self.application {
            // Measured: selecting the same application again keeps what was verified.
            self.current = None;
        } else {
            self.enter(application);
        }
        Ok(Vec::new())
    }

    /// An elementary file of the current application.
    fn select_file(&mut self, body: Body<'_>) -> Result<Vec<u8>, Status> {
        let [high, low] = body.data else {
            return Err(Status::WRONG_LENGTH);
        };
        let id = FileId(u16::from_be_bytes([*high, *low]));
        if self.file(id).is_none() {
            return Err(Status::NOT_FOUND);
        }
        self.current = Some(id);
        Ok(Vec::new())
    }

    /// The ISO form for the master file, which this card does not have.
    fn select_master_file(&self, body: Body<'_>) -> Result<Vec<u8>, Status> {
        match (body.data, self.application) {
            // Measured: refused after a reset; inside an application it says yes and does nothing.
            ([], Application::IssuerDomain) => Err(Status::WRONG_P1_P2),
            ([], Application::Jpki | Application::Text) => Ok(Vec::new()),
            // 3F00 is not found; nor is anything else by this form.
            _ => Err(Status::NOT_FOUND),
        }
    }
}
