use enishi_provider::{LedgerCheck, StoreFault, Totals};

use crate::row::currency;
use crate::{ProviderStore, StoreError};

impl ProviderStore {
    /// Asks the whole ledger whether it sums to zero, entry by entry and in all.
    ///
    /// # Errors
    /// The store failed.
    pub async fn check_ledger(&self) -> Result<LedgerCheck, StoreFault> {
        let check = self.writer.run(|tx| {
            let entries: i64 = tx.query_row("SELECT count(*) FROM entry", [], |row| row.get(0))?;
            // Per entry and currency; an entry without legs counts as well.
            let unbalanced: i64 = tx.query_row(
                "SELECT count(DISTINCT id) FROM (
                     SELECT entry.id AS id, count(leg.line) AS legs,
                            coalesce(sum(CASE leg.side WHEN 'debit' THEN leg.minor ELSE -leg.minor END), 0) AS sum
                     FROM entry LEFT JOIN leg ON leg.entry = entry.id GROUP BY entry.id, leg.currency)
                 WHERE sum <> 0 OR legs < 2",
                [],
                |row| row.get(0),
            )?;
            let mut statement = tx.prepare(
                "SELECT currency, coalesce(sum(minor) FILTER (WHERE side = 'debit'), 0),
                        coalesce(sum(minor) FILTER (WHERE side = 'credit'), 0)
                 FROM leg GROUP BY currency ORDER BY currency",
            )?;
            let mut rows = statement.query([])?;
            let mut totals = Vec::new();
            while let Some(row) = rows.next()? {
                let (debits, credits) = (row.get::<_, i64>(1)?, row.get::<_, i64>(2)?);
                let total = Totals { debits: count(debits)?.into(), credits: count(credits)?.into() };
                totals.push((currency(&row.get::<_, String>(0)?)?, total));
            }
            Ok::<_, StoreError>(LedgerCheck {
                entries: count(entries)?,
                totals,
                unbalanced: count(unbalanced)?,
            })
        });
        Ok(check.await?)
    }
}

fn count(number: i64) -> Result<u64, StoreError> {
    u64::try_from(number).map_err(|_| StoreError::Inconsistent("count"))
}
