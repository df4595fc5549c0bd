//! The moves of a payment, each in one transaction.

use enishi_party::broken::{Check, is_broken};
use enishi_party::{PaymentId, Timestamp};
use enishi_relay::{Authorizing, Awaiting, Closing, NewPayment, Opened, Outcome, RequestKey, Reversal};

use super::clock_value::micros;
use super::column::{all, exists, first, run, to_json};
use super::payment_row::{COLUMNS, Evidence, StoredPayment, read};
use super::reversals;
use crate::fault::Fault;
use crate::session::Session;

/// Tickets out of their time that each new payment takes away: more than it adds, so the table does not grow.
const TICKETS_FORGOTTEN_AT_ONCE: i64 = 4;

/// A [`Closing`] that may travel to the writer's thread.
pub(crate) enum Ending {
    Unsent,
    Answered,
    Reversed(Reversal),
}

impl From<Closing<'_>> for Ending {
    fn from(closing: Closing<'_>) -> Self {
        match closing {
            Closing::Unsent => Self::Unsent,
            Closing::Answered => Self::Answered,
            Closing::Reversed(reversal) => Self::Reversed(reversal.clone()),
        }
    }
}

pub(crate) fn find(session: &dyn Session, request: &RequestKey) -> Result<Option<StoredPayment>, Fault> {
    let sql = format!("SELECT {COLUMNS} FROM payments WHERE terminal = ?1 AND idempotency_key = ?2");
    first(session, &sql, (request.terminal.as_str(), request.key.as_str()), read)
}

pub(crate) fn get(session: &dyn Session, id: PaymentId) -> Result<Option<StoredPayment>, Fault> {
    first(session, &format!("SELECT {COLUMNS} FROM payments WHERE id = ?1"), [id.to_string()], read)
}

pub(crate) fn unfinished(session: &dyn Session) -> Result<Vec<StoredPayment>, Fault> {
    let sql = format!("SELECT {COLUMNS} FROM payments WHERE state <> 'closed' ORDER BY opened_at, id");
    all(session, &sql, (), read)
}

/// The checks stand in the order of precedence.
pub(crate) fn open(session: &dyn Session, new: &NewPayment, now: Timestamp) -> Result<Opened, Fault> {
    if has_payment(session, &new.request)? {
        return Ok(Opened::KeyTaken);
    }
    forget_tickets(session, now, TICKETS_FORGOTTEN_AT_ONCE)?;
    // Design §3: one unique insert, whatever follows. Also the proof of a cancelled or repeated request was shown once.
    let consumed = run(
        session,
        "INSERT INTO consumed_tickets (ticket_sha256, until) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        (new.ticket_sha256, micros(new.ticket_until)),
    )?;
    let (terminal, key) = (new.request.terminal.as_str(), new.request.key.as_str());
    if exists(
        session,
        "SELECT 1 FROM tombstones WHERE terminal = ?1 AND idempotency_key = ?2",
        (terminal, key),
    )? {
        return Ok(Opened::Cancelled);
    }
    if consumed == 0 && !is_broken(Check::TicketOnce) {
        return Ok(Opened::TicketReused);
    }
    let slip = (terminal, &new.business_date, new.slip.as_str());
    let used = "SELECT 1 FROM payments WHERE terminal = ?1 AND business_date = ?2 AND slip = ?3";
    if exists(session, used, slip)? {
        return Ok(Opened::SlipReused);
    }
    run(
        session,
        "INSERT INTO payments
             (id, terminal, idempotency_key, body_sha256, business_date, slip, opened_at, state, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'proven', ?8)",
        (
            new.id.to_string(),
            terminal,
            key,
            new.body_sha256,
            &new.business_date,
            new.slip.as_str(),
            micros(now),
            &new.body,
        ),
    )?;
    Ok(Opened::Fresh)
}

pub(crate) fn forget_tickets(session: &dyn Session, now: Timestamp, limit: i64) -> Result<usize, Fault> {
    run(
        session,
        "DELETE FROM consumed_tickets WHERE ticket_sha256 IN
             (SELECT ticket_sha256 FROM consumed_tickets WHERE until < ?1 ORDER BY until LIMIT ?2)",
        (micros(now), limit),
    )
}

pub(crate) fn await_input(session: &dyn Session, id: PaymentId, awaiting: &Awaiting) -> Result<bool, Fault> {
    let (contract, link) =
        awaiting.chosen.as_ref().map(|(contract, link)| (contract.as_str(), link.to_string())).unzip();
    let changed = run(
        session,
        "UPDATE payments
         SET state = 'awaiting', body = ?2, offered = ?3, chosen_contract = ?4, chosen_link = ?5, answer = ?6,
             answer_until = ?7
         WHERE id = ?1 AND state IN ('proven', 'awaiting')",
        (
            id.to_string(),
            &awaiting.body,
            to_json(&awaiting.offered)?,
            contract,
            link,
            to_json(&awaiting.answer)?,
            micros(awaiting.until),
        ),
    )?;
    Ok(changed == 1)
}

/// The request's body is erased here already: nothing asks for it after this.
pub(crate) fn authorize(
    session: &dyn Session,
    id: PaymentId,
    authorizing: &Authorizing,
    evidence: Evidence,
) -> Result<bool, Fault> {
    let changed = run(
        session,
        "UPDATE payments
         SET state = 'authorizing', body = NULL, offered = NULL, chosen_contract = NULL, chosen_link = NULL,
             answer = NULL, answer_until = NULL, provider = ?2, contract = ?3, message = ?4, assertion = ?5,
             evidence = ?6
         WHERE id = ?1 AND state IN ('proven', 'awaiting')",
        (
            id.to_string(),
            authorizing.provider.as_str(),
            authorizing.contract.as_str(),
            &authorizing.message,
            authorizing.assertion.to_string(),
            evidence.word(),
        ),
    )?;
    Ok(changed == 1)
}

pub(crate) fn close(
    session: &dyn Session,
    id: PaymentId,
    outcome: &Outcome,
    ending: &Ending,
    now: Timestamp,
) -> Result<bool, Fault> {
    let from = match ending {
        Ending::Unsent => "state IN ('proven', 'awaiting')",
        Ending::Answered | Ending::Reversed(_) => "state = 'authorizing'",
    };
    let sql = format!(
        "UPDATE payments
         SET state = 'closed', body = NULL, offered = NULL, chosen_contract = NULL, chosen_link = NULL,
             answer = NULL, answer_until = NULL, outcome = ?2, closed_at = ?3
         WHERE id = ?1 AND {from}"
    );
    let changed = run(session, &sql, (id.to_string(), to_json(outcome)?, micros(now)))?;
    match ending {
        Ending::Reversed(reversal) if reversal.payment != id => {
            Err(Fault::Row("the reversal of another payment"))
        }
        Ending::Reversed(reversal) if changed == 1 => {
            reversals::enqueue(session, reversal, now)?;
            Ok(true)
        }
        Ending::Unsent | Ending::Answered | Ending::Reversed(_) => Ok(changed == 1),
    }
}

pub(crate) fn bury(session: &dyn Session, request: &RequestKey, now: Timestamp) -> Result<bool, Fault> {
    if has_payment(session, request)? {
        return Ok(false);
    }
    run(
        session,
        "INSERT INTO tombstones (terminal, idempotency_key, buried_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        (request.terminal.as_str(), request.key.as_str(), micros(now)),
    )?;
    Ok(true)
}

fn has_payment(session: &dyn Session, request: &RequestKey) -> Result<bool, Fault> {
    exists(
        session,
        "SELECT 1 FROM payments WHERE terminal = ?1 AND idempotency_key = ?2",
        (request.terminal.as_str(), request.key.as_str()),
    )
}
