use enishi_party::Timestamp;
use enishi_party::broken::{Check, is_broken};
use enishi_provider::{Account, Legs, Reversal, Reversed};
use rusqlite::{Transaction as Tx, params};

use super::entry::{EntryKind, legs, post};
use super::recorded::Recorded;
use crate::StoreError;
use crate::row::millis;

pub(super) fn reverse(tx: &Tx<'_>, reversal: &Reversal, now: Timestamp) -> Result<Reversed, StoreError> {
    let key = reversal.original.as_str();
    match Recorded::find(tx, &reversal.original)? {
        None if is_broken(Check::Tombstone) => Ok(Reversed::NeverSeen),
        None => {
            tx.prepare_cached("INSERT INTO book_transaction (key, reversed_at) VALUES (?1, ?2)")?
                .execute(params![key, millis(now)])?;
            Ok(Reversed::NeverSeen)
        }
        Some(Recorded::Tombstone | Recorded::Undone { .. }) => Ok(Reversed::Again),
        Some(Recorded::Declined { .. }) => {
            tx.prepare_cached(
                "UPDATE book_transaction SET reversed_at = coalesce(reversed_at, ?2) WHERE key = ?1",
            )?
            .execute(params![key, millis(now)])?;
            Ok(Reversed::Nothing)
        }
        Some(Recorded::Approved { entry, .. }) => {
            let posted = legs(tx, entry)?;
            if !is_of(&posted, reversal) {
                return Ok(Reversed::Differs);
            }
            let undoing = post(tx, EntryKind::Reversal(entry), &posted.reversal(), now)?;
            tx.prepare_cached("UPDATE book_transaction SET reversed_at = ?2, reversal = ?3 WHERE key = ?1")?
                .execute(params![key, millis(now), undoing])?;
            Ok(Reversed::Posted)
        }
    }
}

/// Whether the reversal repeats the purchase's amount and merchant.
fn is_of(posted: &Legs, reversal: &Reversal) -> bool {
    posted.as_slice().iter().any(|leg| {
        leg.amount == reversal.amount && leg.account == Account::MerchantPayable(reversal.merchant.clone())
    })
}
