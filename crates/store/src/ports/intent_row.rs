//! An intent's row: columns to stages. Under 委託 the customer stands in the contract's partition.

use enishi_linkage::{Consented, Intent, IntentStage, SessionState};
use enishi_party::{CustomerId, LinkId};

use super::clock_value::timestamp;
use super::column::{first, label, offer, parsed, parsed_if_there};
use crate::fault::Fault;
use crate::session::{Row, Session};

const COLUMNS: &str = "id, contract, model, callback, session_state, label, offer, expires_at, stage, code_sha256, \
     code_expires_at, sealed_answer, link";

/// An intent without its customer.
pub(crate) struct StoredIntent {
    pub(crate) intent: Intent,
    pub(crate) stage: IntentStage,
    pub(crate) customer: Customer,
}

/// Where an intent's customer is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Customer {
    /// 代行: the relay is not told.
    None,
    InPartition,
}

impl Customer {
    pub(crate) const fn model(self) -> &'static str {
        match self {
            Self::None => "proxy",
            Self::InPartition => "entrusted",
        }
    }
}

pub(crate) fn get(session: &dyn Session, id: &str) -> Result<Option<StoredIntent>, Fault> {
    first(session, &format!("SELECT {COLUMNS} FROM intents WHERE id = ?1"), [id], read)
}

pub(crate) fn of_link(session: &dyn Session, link: LinkId) -> Result<Option<StoredIntent>, Fault> {
    let sql = format!("SELECT {COLUMNS} FROM intents WHERE link = ?1 AND stage = 'redeemed'");
    first(session, &sql, [link.to_string()], read)
}

pub(crate) fn customer(session: &dyn Session, id: &str) -> Result<Option<CustomerId>, Fault> {
    first(session, "SELECT customer FROM intent_customers WHERE intent = ?1", [id], |row| {
        parsed(row, "customer")
    })
}

fn read(row: &Row<'_>) -> Result<StoredIntent, Fault> {
    let customer = match row.get::<String>("model")?.as_str() {
        "proxy" => Customer::None,
        "entrusted" => Customer::InPartition,
        _ => return Err(Fault::Row("no such model")),
    };
    let intent = Intent {
        id: parsed(row, "id")?,
        contract: parsed(row, "contract")?,
        customer: None,
        callback: row.get("callback")?,
        state: SessionState(row.get("session_state")?),
        label: label(row)?,
        offer: offer(row)?,
        expires_at: timestamp(row.get("expires_at")?)?,
    };
    Ok(StoredIntent { intent, stage: stage(row)?, customer })
}

fn stage(row: &Row<'_>) -> Result<IntentStage, Fault> {
    let stage: String = row.get("stage")?;
    let (code, expires) = (row.get("code_sha256")?, row.get("code_expires_at")?);
    match (stage.as_str(), code, expires, row.get("sealed_answer")?, parsed_if_there(row, "link")?) {
        ("open", None, None, None, None) => Ok(IntentStage::Open),
        ("consented", Some(code_sha256), Some(expires), Some(sealed_answer), Some(link)) => {
            let code_expires_at = timestamp(expires)?;
            Ok(IntentStage::Consented(Consented { code_sha256, code_expires_at, link, sealed_answer }))
        }
        ("redeemed", None, None, None, Some(link)) => Ok(IntentStage::Redeemed(link)),
        ("closed", None, None, None, _) => Ok(IntentStage::Closed),
        _ => Err(Fault::Row("an intent whose columns are of no stage")),
    }
}
