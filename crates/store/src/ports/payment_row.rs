//! A payment's row: columns to stages.

use enishi_party::{AssertionId, ContractId, LinkId, ProviderId};
use enishi_relay::{Authorizing, Awaiting, Closed, PaymentRow, PaymentState, RequestKey, Sent};

use super::clock_value::timestamp;
use super::column::{from_json, parsed, parsed_if_there};
use crate::fault::Fault;
use crate::session::Row;

/// What [`read`] needs.
pub(crate) const COLUMNS: &str = "id, terminal, idempotency_key, body_sha256, opened_at, state, body, offered, chosen_contract, \
     chosen_link, answer, answer_until, provider, contract, message, assertion, evidence, outcome";

/// A payment without the evidence, which is in another file.
pub(crate) struct StoredPayment {
    pub(crate) row: PaymentRow,
    pub(crate) evidence: Evidence,
}

/// Where the evidence of what was sent is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Evidence {
    None,
    InPartition,
}

impl Evidence {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::InPartition => "in_partition",
        }
    }
}

struct Question {
    offered: String,
    chosen: Option<(ContractId, LinkId)>,
    answer: String,
    until: i64,
}

struct Sending {
    provider: ProviderId,
    contract: ContractId,
    message: Vec<u8>,
    assertion: AssertionId,
    evidence: Evidence,
}

pub(crate) fn read(row: &Row<'_>) -> Result<StoredPayment, Fault> {
    let state: String = row.get("state")?;
    let body: Option<Vec<u8>> = row.get("body")?;
    let outcome: Option<String> = row.get("outcome")?;
    let (state, evidence) = match (state.as_str(), body, question(row)?, sending(row)?, outcome) {
        ("proven", Some(_), None, None, None) => (PaymentState::Proven, Evidence::None),
        ("awaiting", Some(body), Some(question), None, None) => {
            let awaiting = Awaiting {
                body,
                offered: from_json(&question.offered)?,
                chosen: question.chosen,
                answer: from_json(&question.answer)?,
                until: timestamp(question.until)?,
            };
            (PaymentState::Awaiting(awaiting), Evidence::None)
        }
        ("authorizing", None, None, Some(sending), None) => {
            let Sending { provider, contract, message, assertion, evidence } = sending;
            let authorizing = Authorizing { provider, contract, message, assertion, evidence: None };
            (PaymentState::Authorizing(authorizing), evidence)
        }
        ("closed", None, None, sending, Some(outcome)) => {
            let sent = sending.map(|Sending { provider, message, .. }| Sent { provider, message });
            (PaymentState::Closed(Closed { outcome: from_json(&outcome)?, sent }), Evidence::None)
        }
        _ => return Err(Fault::Row("a payment whose columns are of no stage")),
    };
    let request = RequestKey { terminal: parsed(row, "terminal")?, key: parsed(row, "idempotency_key")? };
    let (id, opened_at) = (parsed(row, "id")?, timestamp(row.get("opened_at")?)?);
    let row = PaymentRow { id, request, body_sha256: row.get("body_sha256")?, opened_at, state };
    Ok(StoredPayment { row, evidence })
}

fn question(row: &Row<'_>) -> Result<Option<Question>, Fault> {
    let chosen = match (parsed_if_there(row, "chosen_contract")?, parsed_if_there(row, "chosen_link")?) {
        (Some(contract), Some(link)) => Some((contract, link)),
        (None, None) => None,
        (Some(_), None) | (None, Some(_)) => return Err(Fault::Row("half a choice")),
    };
    match (row.get("offered")?, row.get("answer")?, row.get("answer_until")?, chosen) {
        (Some(offered), Some(answer), Some(until), chosen) => {
            Ok(Some(Question { offered, chosen, answer, until }))
        }
        (None, None, None, None) => Ok(None),
        _ => Err(Fault::Row("half a question to the holder")),
    }
}

fn sending(row: &Row<'_>) -> Result<Option<Sending>, Fault> {
    let evidence = match row.get::<Option<String>>("evidence")?.as_deref() {
        None => None,
        Some("none") => Some(Evidence::None),
        Some("in_partition") => Some(Evidence::InPartition),
        Some(_) => return Err(Fault::Row("no such place of evidence")),
    };
    let (provider, contract) = (parsed_if_there(row, "provider")?, parsed_if_there(row, "contract")?);
    match (provider, contract, row.get("message")?, parsed_if_there(row, "assertion")?, evidence) {
        (Some(provider), Some(contract), Some(message), Some(assertion), Some(evidence)) => {
            Ok(Some(Sending { provider, contract, message, assertion, evidence }))
        }
        (None, None, None, None, None) => Ok(None),
        _ => Err(Fault::Row("half a message")),
    }
}
