//! The slip counter: a number that was given is never given again, whatever happened after.

use std::path::Path;

use enishi_party::{SlipNumber, TerminalId};
use serde::{Deserialize, Serialize};

use super::{disk, folder_error, journal_error};
use crate::{JournalFault, TerminalError};

/// Six digits, then from one again: the relay asks for one slip per business date.
const LAST_SLIP: u32 = 999_999;

/// Largest counter file.
const OCTETS: u64 = 256;

pub(super) struct Counter {
    next: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    terminal: TerminalId,
    next_slip: u32,
}

impl Counter {
    pub(super) fn open(path: &Path, terminal: &TerminalId) -> Result<Self, TerminalError> {
        let error = |source| folder_error(path, source);
        let fault = |fault| journal_error(path, fault);
        if !path.try_exists().map_err(error)? {
            let counter = Self { next: 1 };
            disk::replace(path, &counter.to_json(terminal)?).map_err(error)?;
            return Ok(counter);
        }
        let content =
            disk::read(path, OCTETS).map_err(error)?.ok_or_else(|| fault(JournalFault::TooLarge))?;
        let fields: Fields = serde_json::from_slice(&content).map_err(|_| fault(JournalFault::Malformed))?;
        if fields.terminal != *terminal {
            return Err(fault(JournalFault::OtherTerminal));
        }
        if !(1..=LAST_SLIP).contains(&fields.next_slip) {
            return Err(fault(JournalFault::Malformed));
        }
        Ok(Self { next: fields.next_slip })
    }

    /// Takes a number; it is taken once the counter is on the disk.
    pub(super) fn take(&mut self) -> Result<SlipNumber, TerminalError> {
        let slip = format!("{:06}", self.next).parse()?;
        self.next = if self.next >= LAST_SLIP { 1 } else { self.next + 1 };
        Ok(slip)
    }

    pub(super) fn to_json(&self, terminal: &TerminalId) -> Result<Vec<u8>, TerminalError> {
        let fields = Fields { terminal: terminal.clone(), next_slip: self.next };
        serde_json::to_vec(&fields).map_err(|_| TerminalError::Encoding)
    }
}
