use enishi_party::{AssertionId, Timestamp};
use enishi_provider::{
    Answer, ApprovalNumber, Inquiry, Keyed, Legs, Outcome, PinEffect, Proposal, Purchase, Refusal,
    ResponseCode, Settled, Standing, Transaction,
};
use jiff::tz::{Offset, TimeZone};
use rusqlite::{OptionalExtension, Transaction as Tx, params};

use super::entry::{EntryKind, post};
use super::recorded::Recorded;
use crate::StoreError;
use crate::facts::facts;
use crate::row::{Octets16, millis};

/// Japan's: the day whose approval numbers are unique.
const BUSINESS_OFFSET: Offset = jiff::tz::offset(9);

pub(super) fn settle(tx: &Tx<'_>, transaction: &Transaction, now: Timestamp) -> Result<Settled, StoreError> {
    let keyed = &transaction.keyed;
    match Recorded::find(tx, &keyed.key)? {
        Some(Recorded::Tombstone) => {
            let code = Refusal::TakenBack.response_code();
            bury(tx, keyed, code, now)?;
            if let Some(assertion) = assertion_of(&transaction.proposal) {
                use_up(tx, assertion, now)?;
            }
            Ok(Settled::Answer(Answer::Declined(code)))
        }
        Some(recorded) => Ok(recorded.again(keyed)),
        None => decide(tx, transaction, now).map(Settled::Answer),
    }
}

fn decide(tx: &Tx<'_>, transaction: &Transaction, now: Timestamp) -> Result<Answer, StoreError> {
    let keyed = &transaction.keyed;
    match &transaction.proposal {
        Proposal::Decline { refusal, assertion } => {
            if let Some(assertion) = assertion {
                use_up(tx, *assertion, now)?;
            }
            decline(tx, keyed, *refusal, now)
        }
        Proposal::Purchase(purchase) => decide_purchase(tx, keyed, purchase, now),
    }
}

fn decide_purchase(
    tx: &Tx<'_>,
    keyed: &Keyed,
    purchase: &Purchase,
    now: Timestamp,
) -> Result<Answer, StoreError> {
    let inquiry = Inquiry {
        assertion: purchase.assertion,
        subject: purchase.subject.clone(),
        instrument: purchase.instrument,
    };
    let facts = facts(tx, &inquiry, now)?;
    let verdict = purchase.decide(&facts);
    use_up(tx, purchase.assertion, now)?;
    if let Some(standing) = &facts.standing {
        note_pin(tx, verdict.pin, standing, now)?;
    }
    match verdict.outcome {
        Outcome::Decline(refusal) => decline(tx, keyed, refusal, now),
        Outcome::Post(legs) => approve(tx, keyed, &legs, now),
    }
}

fn approve(tx: &Tx<'_>, keyed: &Keyed, legs: &Legs, now: Timestamp) -> Result<Answer, StoreError> {
    let day = now.to_zoned(TimeZone::fixed(BUSINESS_OFFSET)).date().to_string();
    let Some(number) = next_number(tx, &day)? else {
        return decline(tx, keyed, Refusal::NumbersExhausted, now);
    };
    let entry = post(tx, EntryKind::Purchase, legs, now)?;
    tx.prepare_cached(
        "INSERT INTO book_transaction
         (key, digest, response_code, approval_day, approval_number, entry, settled_at)
         VALUES (?1, ?2, '00', ?3, ?4, ?5, ?6)",
    )?
    .execute(params![keyed.key.as_str(), keyed.digest, day, number.as_str(), entry, millis(now)])?;
    Ok(Answer::Approved(number))
}

fn decline(tx: &Tx<'_>, keyed: &Keyed, refusal: Refusal, now: Timestamp) -> Result<Answer, StoreError> {
    let code = refusal.response_code();
    tx.prepare_cached(
        "INSERT INTO book_transaction (key, digest, response_code, reason, settled_at)
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![keyed.key.as_str(), keyed.digest, code.as_str(), refusal.word(), millis(now)])?;
    Ok(Answer::Declined(code))
}

/// The original came after its reversal: the tombstone becomes its record.
fn bury(tx: &Tx<'_>, keyed: &Keyed, code: ResponseCode, now: Timestamp) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE book_transaction SET digest = ?2, response_code = ?3, reason = ?4, settled_at = ?5
         WHERE key = ?1 AND digest IS NULL",
    )?
    .execute(params![
        keyed.key.as_str(),
        keyed.digest,
        code.as_str(),
        Refusal::TakenBack.word(),
        millis(now)
    ])?;
    Ok(())
}

fn assertion_of(proposal: &Proposal) -> Option<AssertionId> {
    match proposal {
        Proposal::Decline { assertion, .. } => *assertion,
        Proposal::Purchase(purchase) => Some(purchase.assertion),
    }
}

/// Whatever follows, the assertion is used.
fn use_up(tx: &Tx<'_>, assertion: AssertionId, now: Timestamp) -> Result<(), StoreError> {
    tx.prepare_cached("INSERT OR IGNORE INTO used_assertion (assertion, used_at) VALUES (?1, ?2)")?
        .execute(params![assertion.octets(), millis(now)])?;
    Ok(())
}

fn note_pin(tx: &Tx<'_>, effect: PinEffect, standing: &Standing, now: Timestamp) -> Result<(), StoreError> {
    let (customer, slot) = (standing.card.customer.as_str(), standing.card.slot.number());
    let sql = match effect {
        PinEffect::None => return Ok(()),
        PinEffect::Right => "UPDATE card SET pin_wrong_tries = 0 WHERE customer = ?1 AND slot = ?2",
        PinEffect::Wrong => {
            "UPDATE card SET pin_wrong_tries = pin_wrong_tries + 1 WHERE customer = ?1 AND slot = ?2"
        }
        PinEffect::Unreadable => {
            tx.prepare_cached("INSERT INTO unreadable_block (customer, slot, came_at) VALUES (?1, ?2, ?3)")?
                .execute(params![customer, slot, millis(now)])?;
            return Ok(());
        }
    };
    tx.prepare_cached(sql)?.execute(params![customer, slot])?;
    Ok(())
}

/// The day's next approval number, 000001 to 999999; `None` when all are given.
fn next_number(tx: &Tx<'_>, day: &str) -> Result<Option<ApprovalNumber>, StoreError> {
    let last: Option<u32> = tx
        .prepare_cached(
            "INSERT INTO approval_day (day, last) VALUES (?1, 1)
             ON CONFLICT (day) DO UPDATE SET last = last + 1 WHERE last < 999999 RETURNING last",
        )?
        .query_row([day], |row| row.get(0))
        .optional()?;
    let number = last.map(|last| ApprovalNumber::parse(&format!("{last:06}"))).transpose();
    number.map_err(|_| StoreError::Inconsistent("approval number"))
}
