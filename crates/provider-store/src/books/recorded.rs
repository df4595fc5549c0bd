use enishi_provider::{ApprovalNumber, BookKey, ResponseCode};
use rusqlite::{OptionalExtension, Transaction};

use crate::StoreError;

/// What is recorded under a transaction's key.
#[derive(Debug)]
pub(super) enum Recorded {
    /// Reversed, and never seen.
    Tombstone,
    /// Declined; whether it was reversed besides changes nothing.
    Declined { digest: [u8; 32], code: ResponseCode },
    /// Approved and posted.
    Approved { digest: [u8; 32], number: ApprovalNumber, entry: i64 },
    /// Approved, posted and undone.
    Undone { digest: [u8; 32] },
}

/// A row, column by column.
struct Columns {
    digest: Option<[u8; 32]>,
    code: Option<String>,
    number: Option<String>,
    entry: Option<i64>,
    reversed_at: Option<i64>,
    reversal: Option<i64>,
}

impl Recorded {
    pub(super) fn find(tx: &Transaction<'_>, key: &BookKey) -> Result<Option<Self>, StoreError> {
        let columns = tx
            .prepare_cached(
                "SELECT digest, response_code, approval_number, entry, reversed_at, reversal
                 FROM book_transaction WHERE key = ?1",
            )?
            .query_row([key.as_str()], |row| {
                Ok(Columns {
                    digest: row.get(0)?,
                    code: row.get(1)?,
                    number: row.get(2)?,
                    entry: row.get(3)?,
                    reversed_at: row.get(4)?,
                    reversal: row.get(5)?,
                })
            })
            .optional()?;
        columns.map(Self::try_from).transpose()
    }
}

impl TryFrom<Columns> for Recorded {
    type Error = StoreError;

    fn try_from(columns: Columns) -> Result<Self, StoreError> {
        let Columns { digest, code, number, entry, reversed_at, reversal } = columns;
        let code = code.map(|code| ResponseCode::parse(&code)).transpose();
        let code = code.map_err(|_| StoreError::Inconsistent("response code"))?;
        let number = number.map(|number| ApprovalNumber::parse(&number)).transpose();
        let number = number.map_err(|_| StoreError::Inconsistent("approval number"))?;
        match (digest, code, number, entry, reversed_at, reversal) {
            (None, None, None, None, Some(_), None) => Ok(Self::Tombstone),
            (Some(digest), Some(code), None, None, _, None) if !code.is_approved() => {
                Ok(Self::Declined { digest, code })
            }
            (Some(digest), Some(ResponseCode::Approved), Some(number), Some(entry), None, None) => {
                Ok(Self::Approved { digest, number, entry })
            }
            (Some(digest), Some(ResponseCode::Approved), Some(_), Some(_), Some(_), Some(_)) => {
                Ok(Self::Undone { digest })
            }
            _ => Err(StoreError::Inconsistent("transaction")),
        }
    }
}
