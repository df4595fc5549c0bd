//! The record of sales: what the shop knows, one line per event, never changed.

use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::PathBuf;

use enishi_party::{IdempotencyKey, Money, PaymentId, PaymentType, SlipNumber, Timestamp};
use enishi_wire::CancelOutcome;
use serde::{Deserialize, Serialize};

use super::{disk, folder_error, journal_error};
use crate::pay_request::Facts;
use crate::{JournalFault, TerminalError};

/// Longest line; the longest that is written has some 400 octets.
const LINE_OCTETS: u64 = 1024;

/// How far from the end the outcome recorded last is looked for. Acknowledgements of cancellations may stand behind
/// it, at most one for each request that was pending.
const TAIL_OCTETS: u64 = 64 * LINE_OCTETS;

/// One event of one slip. It has no field for a label, a certificate or a PIN.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaleRecord {
    /// The slip.
    pub slip: SlipNumber,
    /// Its business date in Japan, `YYYY-MM-DD`.
    pub business_date: String,
    /// When the request was made; RFC 3339 in the file.
    #[serde(with = "moment")]
    pub at: Timestamp,
    /// The amount.
    pub amount: Money,
    /// 支払区分.
    pub payment_type: PaymentType,
    /// The request's key; absent where none was made.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub key: Option<IdempotencyKey>,
    /// What happened.
    #[serde(flatten)]
    pub what: Recorded,
}

/// What happened to a slip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Recorded {
    /// The company approved.
    Approved {
        /// The relay's name for the purchase.
        payment: PaymentId,
        /// ISO 8583 DE 38.
        approval_number: String,
    },
    /// The company declined.
    Declined {
        /// The relay's name for the purchase.
        payment: PaymentId,
        /// ISO 8583 DE 39.
        response_code: String,
    },
    /// The relay refused.
    Refused {
        /// The refusal's code.
        code: enishi_party::RefusalCode,
    },
    /// The card gave no proof; nothing was sent.
    CardRefused,
    /// The holder did not go on after a request had been sent.
    Withdrawn,
    /// No outcome was heard; the goods were not to be handed over.
    NotCompleted,
    /// The relay acknowledged the cancellation: a second line of a slip that was withdrawn or not completed.
    Cancelled {
        /// What it had to cancel.
        found: CancelOutcome,
    },
}

impl SaleRecord {
    pub(crate) fn new(facts: &Facts, key: Option<&IdempotencyKey>, what: Recorded) -> Self {
        Self {
            slip: facts.slip.clone(),
            business_date: facts.business_date.clone(),
            at: facts.at,
            amount: facts.amount,
            payment_type: facts.payment_type,
            key: key.cloned(),
            what,
        }
    }

    pub(super) fn to_line(&self) -> Result<Vec<u8>, TerminalError> {
        let mut line = serde_json::to_vec(self).map_err(|_| TerminalError::Encoding)?;
        line.push(b'\n');
        Ok(line)
    }

    fn is_outcome(&self) -> bool {
        !matches!(self.what, Recorded::Cancelled { .. })
    }
}

pub(super) struct SalesBook {
    path: PathBuf,
}

impl SalesBook {
    pub(super) fn open(path: PathBuf) -> Result<Self, TerminalError> {
        disk::cut_to_whole_lines(&path).map_err(|source| folder_error(&path, source))?;
        Ok(Self { path })
    }

    /// The outcome recorded under a key. Reads the whole book, line by line: only for requests that were left over.
    pub(super) fn outcome_of(&self, key: &IdempotencyKey) -> Result<Option<SaleRecord>, TerminalError> {
        let mut found = None;
        self.read(u64::MAX, |record| {
            if record.key.as_ref() == Some(key) && record.is_outcome() {
                found = Some(record);
            }
        })?;
        Ok(found)
    }

    /// The outcome recorded last.
    pub(super) fn last(&self) -> Result<Option<SaleRecord>, TerminalError> {
        let mut last = None;
        self.read(TAIL_OCTETS, |record| {
            if record.is_outcome() {
                last = Some(record);
            }
        })?;
        Ok(last)
    }

    /// Reads the whole lines within so many octets of the end.
    fn read(&self, tail: u64, mut each: impl FnMut(SaleRecord)) -> Result<(), TerminalError> {
        let error = |source| folder_error(&self.path, source);
        let malformed = || journal_error(&self.path, JournalFault::Malformed);
        let mut file = match File::open(&self.path) {
            Ok(file) => file,
            Err(source) if source.kind() == ErrorKind::NotFound => return Ok(()),
            Err(source) => return Err(error(source)),
        };
        let skipped = file.metadata().map_err(error)?.len().saturating_sub(tail);
        file.seek(SeekFrom::Start(skipped)).map_err(error)?;
        let mut reader = BufReader::new(file);
        // The first line of a tail may lack its beginning.
        let mut cut = skipped > 0;
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = (&mut reader).take(LINE_OCTETS).read_until(b'\n', &mut line).map_err(error)?;
            if read == 0 {
                return Ok(());
            }
            if line.last() != Some(&b'\n') {
                return Err(malformed());
            }
            if !std::mem::take(&mut cut) {
                each(serde_json::from_slice(&line).map_err(|_| malformed())?);
            }
        }
    }
}

/// A moment as text.
mod moment {
    use enishi_party::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(moment: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(moment)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
