use enishi_party::CustomerId;
use enishi_provider::{LineKind, StatementLine};
use rusqlite::{Row, Transaction as Tx, params};

use crate::StoreError;
use crate::row::{money, timestamp};

pub(super) fn lines(
    tx: &Tx<'_>,
    customer: &CustomerId,
    at_most: u32,
) -> Result<Vec<StatementLine>, StoreError> {
    let mut statement = tx.prepare_cached(
        "SELECT entry.posted_at, entry.kind, card.label, payable.merchant, owed.minor, owed.currency,
                book_transaction.approval_number
         FROM leg AS owed
         JOIN entry ON entry.id = owed.entry
         JOIN card ON card.customer = owed.customer AND card.slot = owed.slot
         JOIN leg AS payable ON payable.entry = owed.entry AND payable.account = 'merchant_payable'
         JOIN book_transaction ON book_transaction.entry = coalesce(entry.reverses, entry.id)
         WHERE owed.account = 'card_receivable' AND owed.customer = ?1
         ORDER BY entry.id DESC LIMIT ?2",
    )?;
    let mut rows = statement.query(params![customer.as_str(), at_most])?;
    let mut lines = Vec::new();
    while let Some(row) = rows.next()? {
        lines.push(line(row)?);
    }
    Ok(lines)
}

fn line(row: &Row<'_>) -> Result<StatementLine, StoreError> {
    let text = |index| row.get::<_, String>(index);
    Ok(StatementLine {
        at: timestamp(row.get(0)?)?,
        kind: match text(1)?.as_str() {
            "purchase" => LineKind::Purchase,
            "reversal" => LineKind::Reversal,
            _ => return Err(StoreError::Inconsistent("entry kind")),
        },
        card: text(2)?.parse()?,
        merchant: text(3)?.parse()?,
        amount: money(row.get(4)?, &text(5)?)?,
        approval_number: text(6)?,
    })
}
