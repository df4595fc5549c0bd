//! Command APDUs as the card sees them (ISO/IEC 7816-4 §5), short form only.

use super::status::Status;

/// The four header bytes, which every command has.
#[derive(Clone, Copy)]
pub(super) struct Header {
    pub(super) cla: u8,
    pub(super) ins: u8,
    pub(super) p1: u8,
    pub(super) p2: u8,
}

/// What follows the header: cases 1 to 4 of ISO/IEC 7816-3 §12.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Body<'a> {
    pub(super) data: &'a [u8],
    /// How many bytes the reader expects: 1 to 256, or no field at all.
    pub(super) le: Option<usize>,
}

/// Why a body could not be taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyFault {
    /// The extended form, which this card does not offer.
    Extended,
    /// The length byte and the length of the command disagree.
    Inconsistent,
}

impl Header {
    /// Splits a command into its header and the rest.
    pub(super) fn split(apdu: &[u8]) -> Result<(Self, &[u8]), Status> {
        match apdu {
            [cla, ins, p1, p2, rest @ ..] => Ok((Self { cla: *cla, ins: *ins, p1: *p1, p2: *p2 }, rest)),
            _ => Err(Status::WRONG_LENGTH),
        }
    }

    /// Refuses the classes that the card does not speak.
    pub(super) fn check_class(self) -> Result<(), Status> {
        // ISO/IEC 7816-4 §5.4.1: b2 b1 carry the logical channel, b4 b3 secure messaging.
        match (self.cla & 0xFC, self.cla & 0x03) {
            (0x00 | 0x04 | 0x08 | 0x0C | 0x80 | 0x84 | 0x88 | 0x8C, 1..=3) => {
                Err(Status::CHANNEL_NOT_PROVIDED)
            }
            (0x00 | 0x80, _) => Ok(()),
            (0x08, _) => Err(Status::NO_SECURE_MESSAGING_HERE),
            (0x04 | 0x0C | 0x84 | 0x88 | 0x8C, _) => Err(Status::SECURE_MESSAGING_NOT_PROVIDED),
            _ => Err(Status::CLASS_NOT_PROVIDED),
        }
    }

    /// P1 and P2 as one number: an offset or a tag.
    pub(super) fn p1_p2(self) -> u16 {
        u16::from_be_bytes([self.p1, self.p2])
    }
}

impl<'a> Body<'a> {
    /// Takes apart what follows the header.
    pub(super) fn parse(rest: &'a [u8]) -> Result<Self, BodyFault> {
        match rest {
            [] => Ok(Self { data: &[], le: None }),
            [le] => Ok(Self { data: &[], le: Some(short_le(*le)) }),
            // A zero where Lc stands, with more behind it, announces the extended form.
            [0, ..] => Err(BodyFault::Extended),
            [lc, after @ ..] => match after.split_at_checked(usize::from(*lc)) {
                Some((data, [])) => Ok(Self { data, le: None }),
                Some((data, [le])) => Ok(Self { data, le: Some(short_le(*le)) }),
                _ => Err(BodyFault::Inconsistent),
            },
        }
    }

    /// The data field alone; a command of case 3 has no Le.
    pub(super) fn only_data(self) -> Result<&'a [u8], Status> {
        match self {
            Self { data: [], .. } | Self { le: Some(_), .. } => Err(Status::WRONG_LENGTH),
            Self { data, le: None } => Ok(data),
        }
    }

    /// Le alone; a command of case 2 has no data field.
    pub(super) fn only_le(self) -> Result<usize, Status> {
        match self {
            Self { data: [], le: Some(le) } => Ok(le),
            _ => Err(Status::WRONG_LENGTH),
        }
    }
}

/// One byte of Le, where zero means 256.
fn short_le(le: u8) -> usize {
    if le == 0 { 256 } else { usize::from(le) }
}

#[cfg(test)]
mod tests;
