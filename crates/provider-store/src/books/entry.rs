use enishi_party::Timestamp;
use enishi_provider::{Account, Leg, Legs, Side};
use rusqlite::{Row, Transaction, params};

use crate::StoreError;
use crate::row::{millis, minor, money};

/// What an entry is.
#[derive(Debug, Clone, Copy)]
pub(super) enum EntryKind {
    Purchase,
    /// Of that entry.
    Reversal(i64),
}

/// Posts an entry and returns its number.
pub(super) fn post(
    tx: &Transaction<'_>,
    kind: EntryKind,
    legs: &Legs,
    now: Timestamp,
) -> Result<i64, StoreError> {
    let (kind, reverses) = match kind {
        EntryKind::Purchase => ("purchase", None),
        EntryKind::Reversal(entry) => ("reversal", Some(entry)),
    };
    tx.prepare_cached("INSERT INTO entry (posted_at, kind, reverses) VALUES (?1, ?2, ?3)")?
        .execute(params![millis(now), kind, reverses])?;
    let entry = tx.last_insert_rowid();
    let mut statement = tx.prepare_cached(
        "INSERT INTO leg (entry, line, account, customer, slot, merchant, side, minor, currency)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    for (line, leg) in legs.as_slice().iter().enumerate() {
        let (account, customer, slot, merchant) = match &leg.account {
            Account::CardReceivable(customer, slot) => {
                ("card_receivable", Some(customer.as_str()), Some(slot.number()), None)
            }
            Account::MerchantPayable(merchant) => ("merchant_payable", None, None, Some(merchant.as_str())),
        };
        let side = match leg.side {
            Side::Debit => "debit",
            Side::Credit => "credit",
        };
        let line = i64::try_from(line).map_err(|_| StoreError::Inconsistent("line"))?;
        let currency = leg.amount.currency().code();
        let minor = minor(leg.amount)?;
        statement.execute(params![entry, line, account, customer, slot, merchant, side, minor, currency])?;
    }
    Ok(entry)
}

/// The legs of an entry, checked again.
pub(super) fn legs(tx: &Transaction<'_>, entry: i64) -> Result<Legs, StoreError> {
    let mut statement = tx.prepare_cached(
        "SELECT account, customer, slot, merchant, side, minor, currency FROM leg WHERE entry = ?1 ORDER BY line",
    )?;
    let mut rows = statement.query([entry])?;
    let mut legs = Vec::new();
    while let Some(row) = rows.next()? {
        legs.push(leg(row)?);
    }
    Ok(Legs::new(legs)?)
}

fn leg(row: &Row<'_>) -> Result<Leg, StoreError> {
    let text = |index| row.get::<_, Option<String>>(index);
    let (kind, slot) = (row.get::<_, String>(0)?, row.get::<_, Option<u8>>(2)?);
    let account = match (kind.as_str(), text(1)?, slot, text(3)?) {
        ("card_receivable", Some(customer), Some(slot), None) => {
            Account::CardReceivable(customer.parse()?, slot.try_into()?)
        }
        ("merchant_payable", None, None, Some(merchant)) => Account::MerchantPayable(merchant.parse()?),
        _ => return Err(StoreError::Inconsistent("account")),
    };
    let side = match row.get::<_, String>(4)?.as_str() {
        "debit" => Side::Debit,
        "credit" => Side::Credit,
        _ => return Err(StoreError::Inconsistent("side")),
    };
    Ok(Leg { account, side, amount: money(row.get(5)?, &row.get::<_, String>(6)?)? })
}
