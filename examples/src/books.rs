//! The books: each decision is one transaction, on the disk before anyone hears of it.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use enishi_iso8583::{ApprovalNumber, ResponseCode};
use enishi_party::{CustomerId, InstrumentRef, IntentId, MerchantId, Money, Timestamp};
use enishi_provider::{Answer, BookKey, Keyed};
use enishi_wire::ConsentReceipt;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use serde::Deserialize;

use crate::purchase::Purchase;

/// One SQLite file. Each call keeps its thread waiting for the disk: enough to be read, not to be busy.
pub(crate) struct Books(Mutex<Connection>);

/// A customer as the company knows it; a line of the customers' file.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Customer {
    pub(crate) id: CustomerId,
    pub(crate) name: String,
    pub(crate) birth_date: String,
    pub(crate) label: String,
    pub(crate) limit_yen: i64,
}

/// A link that was begun.
pub(crate) struct Pending {
    pub(crate) intent: IntentId,
    pub(crate) customer: CustomerId,
}

/// What becomes a tie between a person and a customer.
pub(crate) struct Tie<'a> {
    pub(crate) instrument: InstrumentRef,
    pub(crate) subject: String,
    pub(crate) customer: &'a CustomerId,
    pub(crate) receipt: &'a ConsentReceipt,
    pub(crate) link: String,
}

type Done<T> = Result<T, rusqlite::Error>;

impl Books {
    pub(crate) fn open(file: &Path) -> Done<Self> {
        let connection = Connection::open(file)?;
        connection.busy_timeout(std::time::Duration::from_secs(5))?;
        // Answered means: it survives a power cut.
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.execute_batch(include_str!("books.sql"))?;
        Ok(Self(Mutex::new(connection)))
    }

    /// What is answered under a key that is decided already.
    pub(crate) fn answered(&self, keyed: &Keyed) -> Done<Option<Answer>> {
        answered(&self.lock(), keyed)
    }

    /// Decides a purchase whose checks are done, and writes it down; a key that is decided is answered again.
    pub(crate) fn settle(
        &self,
        keyed: &Keyed,
        checked: &Result<Purchase, ResponseCode>,
        said: (Money, &MerchantId),
        now: Timestamp,
    ) -> Done<Answer> {
        let mut connection = self.lock();
        let write = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if let Some(answer) = answered(&write, keyed)? {
            return Ok(answer);
        }
        let decided = match checked {
            Ok(purchase) => decide(&write, purchase)?,
            Err(code) => Err(*code),
        };
        // A refused assertion is used up as well, unless it was another transaction's.
        let assertion = checked.as_ref().ok().map(|purchase| purchase.assertion.to_string());
        let assertion = assertion.filter(|_| !matches!(decided, Err(ResponseCode::Duplicate)));
        let (state, answer, customer) = match decided {
            Ok(customer) => ("debited", Answer::Approved(next_number(&write)?), Some(customer)),
            Err(code) => ("declined", Answer::Declined(code), None),
        };
        let (code, approval) = match answer {
            Answer::Approved(number) => (ResponseCode::Approved, Some(number.to_string())),
            Answer::Declined(code) => (code, None),
        };
        let (digest, at_s) = (keyed.digest.as_slice(), now.as_second());
        write.execute(
            "INSERT INTO booking VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            params![
                keyed.key.as_str(),
                state,
                digest,
                code.as_str(),
                approval,
                assertion,
                customer,
                yen(said.0),
                said.1.as_str(),
                at_s
            ],
        )?;
        write.commit()?;
        Ok(answer)
    }

    /// Undoes a transaction once, or makes sure that it never happens. A ledger would post an entry against the first.
    pub(crate) fn reverse(
        &self,
        original: &BookKey,
        amount: Money,
        merchant: &MerchantId,
        now: Timestamp,
    ) -> Done<ResponseCode> {
        let mut connection = self.lock();
        let write = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let found = write
            .query_row(
                "SELECT yen = ?2 AND merchant = ?3 FROM booking WHERE key = ?1 AND state <> 'tombstone'",
                params![original.as_str(), yen(amount), merchant.as_str()],
                |row| row.get::<_, bool>(0),
            )
            .optional()?;
        if found == Some(false) {
            return Ok(ResponseCode::PreviousDiffers);
        }
        write.execute(
            "UPDATE booking SET state = 'taken back' WHERE key = ?1 AND state = 'debited'",
            params![original.as_str()],
        )?;
        if found.is_none() {
            // Never seen: whatever arrives under this key from now on is declined. Keep it for seven days at least.
            write.execute(
                "INSERT OR IGNORE INTO booking VALUES (?1, 'tombstone', NULL, '12', NULL, NULL, NULL, ?2, ?3, ?4)",
                params![original.as_str(), yen(amount), merchant.as_str(), now.as_second()],
            )?;
        }
        write.commit()?;
        Ok(ResponseCode::Approved)
    }

    pub(crate) fn take_over(&self, customers: &[Customer]) -> Done<()> {
        let mut connection = self.lock();
        let write = connection.transaction()?;
        for customer in customers {
            let Customer { id, name, birth_date, label, limit_yen } = customer;
            write.execute(
                "INSERT OR REPLACE INTO customer VALUES (?1, ?2, ?3, ?4, ?5)",
                params![id.as_str(), name, birth_date, label, limit_yen],
            )?;
        }
        write.commit()
    }

    pub(crate) fn customer(&self, id: &CustomerId) -> Done<Option<Customer>> {
        let sql = "SELECT name, birth_date, label, limit_yen FROM customer WHERE id = ?1";
        self.lock()
            .query_row(sql, [id.as_str()], |row| {
                let (name, birth_date, label, limit_yen) =
                    (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
                Ok(Customer { id: id.clone(), name, birth_date, label, limit_yen })
            })
            .optional()
    }

    pub(crate) fn begin(&self, state_sha256: &[u8], pending: &Pending, until: Timestamp) -> Done<()> {
        let Pending { intent, customer } = pending;
        self.lock().execute(
            "INSERT INTO pending VALUES (?1, ?2, ?3, ?4)",
            params![state_sha256, intent.to_string(), customer.as_str(), until.as_second()],
        )?;
        Ok(())
    }

    /// Takes a begun link out: good once, and while it lasts.
    pub(crate) fn take(&self, state_sha256: &[u8], now: Timestamp) -> Done<Option<Pending>> {
        let sql = "DELETE FROM pending WHERE state_sha256 = ?1 AND until_s >= ?2 RETURNING intent, customer";
        let taken = self.lock().query_row(sql, params![state_sha256, now.as_second()], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
        });
        let parse = |(intent, customer): (String, String)| {
            Some(Pending { intent: intent.parse().ok()?, customer: customer.parse().ok()? })
        };
        Ok(taken.optional()?.and_then(parse))
    }

    /// Stores a tie. `false`: the pairwise ID stands for another customer, now and for ever.
    pub(crate) fn tie(&self, tie: &Tie<'_>) -> Done<bool> {
        let mut connection = self.lock();
        let write = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let Tie { instrument, subject, customer, receipt, link } = tie;
        let others = "SELECT EXISTS (SELECT 1 FROM tie WHERE subject = ?1 AND customer <> ?2)";
        if write.query_row(others, [subject.as_str(), customer.as_str()], |row| row.get(0))? {
            return Ok(false);
        }
        // Someone who comes with a new pairwise ID has only that one from now on.
        write
            .execute("DELETE FROM tie WHERE customer = ?1 AND subject <> ?2", [customer.as_str(), subject])?;
        let receipt = serde_json::to_string(receipt).unwrap_or_default();
        write.execute(
            "INSERT INTO tie VALUES (?1, ?2, ?3, ?4, ?5)",
            params![instrument.to_string(), subject, customer.as_str(), link, receipt],
        )?;
        write.commit()?;
        Ok(true)
    }

    pub(crate) fn untie(&self, instrument: InstrumentRef) -> Done<()> {
        self.lock().execute("DELETE FROM tie WHERE instrument = ?1", [instrument.to_string()]).map(drop)
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn answered(connection: &Connection, keyed: &Keyed) -> Done<Option<Answer>> {
    let sql = "SELECT state, digest = ?2, code, approval FROM booking WHERE key = ?1";
    let row = connection.query_row(sql, params![keyed.key.as_str(), keyed.digest.as_slice()], |row| {
        Ok((
            row.get::<_, String>(0)?,
            row.get::<_, Option<bool>>(1)?,
            row.get::<_, String>(2)?,
            row.get::<_, Option<String>>(3)?,
        ))
    });
    let Some((state, same, code, approval)) = row.optional()? else { return Ok(None) };
    let code = ResponseCode::parse(&code).unwrap_or(ResponseCode::SystemMalfunction);
    let approval = approval.and_then(|number| ApprovalNumber::parse(&number).ok());
    Ok(Some(match (state.as_str(), same, approval) {
        ("taken back" | "tombstone", ..) => Answer::Declined(ResponseCode::InvalidTransaction),
        // Another message under a key that is taken.
        (_, Some(false) | None, _) => Answer::Declined(ResponseCode::Duplicate),
        ("debited", _, Some(number)) => Answer::Approved(number),
        _ => Answer::Declined(code),
    }))
}

/// The company's own decision: the assertion is new, the tie is there, the limit is kept. Gives the customer.
fn decide(write: &Transaction<'_>, purchase: &Purchase) -> Done<Result<String, ResponseCode>> {
    let used = "SELECT EXISTS (SELECT 1 FROM booking WHERE assertion = ?1)";
    if write.query_row(used, [purchase.assertion.to_string()], |row| row.get(0))? {
        return Ok(Err(ResponseCode::Duplicate));
    }
    let tied = "SELECT customer.id, customer.limit_yen FROM tie JOIN customer ON customer.id = tie.customer
                WHERE tie.instrument = ?1 AND tie.subject = ?2";
    let found = write
        .query_row(tied, [&purchase.instrument.to_string(), &purchase.subject], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?))
        })
        .optional()?;
    let Some((customer, limit)) = found else { return Ok(Err(ResponseCode::InvalidCustomer)) };
    let owed = "SELECT coalesce(sum(yen), 0) FROM booking WHERE customer = ?1 AND state = 'debited'";
    let owed: i64 = write.query_row(owed, [&customer], |row| row.get(0))?;
    let over = owed.saturating_add(yen(purchase.amount)) > limit;
    Ok(if over { Err(ResponseCode::InsufficientFunds) } else { Ok(customer) })
}

fn next_number(write: &Transaction<'_>) -> Done<ApprovalNumber> {
    let count: i64 = write.query_row("SELECT count(*) FROM booking", [], |row| row.get(0))?;
    let number = format!("{:06}", count.saturating_add(1) % 1_000_000);
    ApprovalNumber::parse(&number).map_err(|_| rusqlite::Error::InvalidQuery)
}

fn yen(amount: Money) -> i64 {
    i64::try_from(amount.minor()).unwrap_or(i64::MAX)
}
