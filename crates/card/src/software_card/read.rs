//! READ BINARY and READ RECORD (JICSAP 6.4.1 and 6.4.4).

use super::SoftwareCard;
use super::apdu::{Body, Header};
use super::file::{File, FileId};
use super::status::Status;

impl SoftwareCard {
    /// Up to Le bytes from an offset; at the end of the file fewer, with 9000.
    pub(super) fn read_binary(&mut self, header: Header, body: Body<'_>) -> Result<Vec<u8>, Status> {
        let le = body.only_le()?;
        let offset = if header.p1 & 0x80 == 0 {
            // b8 = 0: fifteen bits of offset into the current file
            usize::from(header.p1_p2())
        } else {
            // b8 = 1: a short identifier, which also makes the file current
            let short = header.p1 & 0x1F;
            if header.p1 & 0x60 != 0 || short == 0 {
                return Err(Status::WRONG_P1_P2);
            }
            let id = FileId::from_short(short);
            self.file(id).ok_or(Status::NOT_FOUND)?;
            self.current = Some(id);
            usize::from(header.p2)
        };
        let current = self.current.ok_or(Status::NO_CURRENT_FILE)?;
        match self.file(current) {
            Some(File::Transparent { access, .. }) if !self.opens(access) => Err(Status::SECURITY_STATUS),
            Some(File::Transparent { content, .. }) => {
                let rest =
                    content.get(offset..).filter(|rest| !rest.is_empty()).ok_or(Status::WRONG_OFFSET)?;
                Ok(rest.get(..le).unwrap_or(rest).to_vec())
            }
            Some(File::Pin(_) | File::Key { .. } | File::Internal) | None => {
                Err(Status::WRONG_FILE_STRUCTURE)
            }
        }
    }

    /// No file of these applications has records.
    pub(super) fn read_record(&self, header: Header) -> Result<Vec<u8>, Status> {
        match header.p2 >> 3 {
            0 => self.current.ok_or(Status::NO_CURRENT_FILE).map(|_| ())?,
            short => self.file(FileId::from_short(short)).ok_or(Status::NOT_FOUND).map(|_| ())?,
        }
        Err(Status::WRONG_FILE_STRUCTURE)
    }
}
