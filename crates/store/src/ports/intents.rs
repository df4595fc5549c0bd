//! Intents and consents on the store.

use async_trait::async_trait;
use enishi_linkage::{ConsentRecord, Consented, Intent, IntentStage, Intents, StoreFault};
use enishi_party::{IntentId, LinkId, Timestamp};

use super::clock_value::micros;
use super::column::{offer_word, run};
use super::intent_row::{self, Customer, StoredIntent};
use crate::fault::Fault;
use crate::session::Session;
use crate::store::Store;

impl Store {
    /// Adds the customer from the contract's partition.
    async fn whole_intent(&self, stored: StoredIntent) -> Result<(Intent, IntentStage), StoreFault> {
        let StoredIntent { mut intent, stage, customer } = stored;
        if customer == Customer::InPartition {
            let missing =
                || StoreFault { reason: "an intent whose customer is not in its partition".to_owned() };
            let partition = self.partitions.standing(&intent.contract).await?.ok_or_else(missing)?;
            let id = intent.id.to_string();
            let customer = partition.read(move |session| intent_row::customer(session, &id)).await?;
            intent.customer = Some(customer.ok_or_else(missing)?);
        }
        Ok((intent, stage))
    }
}

fn create(session: &dyn Session, intent: &Intent, customer: Customer, now: Timestamp) -> Result<(), Fault> {
    run(
        session,
        "INSERT INTO intents
             (id, contract, model, callback, session_state, label, offer, expires_at, stage, changed_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'open', ?9)",
        (
            intent.id.to_string(),
            intent.contract.as_str(),
            customer.model(),
            &intent.callback,
            &intent.state.0,
            intent.label.expose(),
            offer_word(intent.offer),
            micros(intent.expires_at),
            micros(now),
        ),
    )
    .map(|_| ())
}

fn consent(
    session: &dyn Session,
    id: IntentId,
    consented: &Consented,
    record: &ConsentRecord,
    now: Timestamp,
) -> Result<bool, Fault> {
    let changed = run(
        session,
        "UPDATE intents
         SET stage = 'consented', code_sha256 = ?2, code_expires_at = ?3, sealed_answer = ?4, link = ?5,
             changed_at = ?6
         WHERE id = ?1 AND stage = 'open'",
        (
            id.to_string(),
            consented.code_sha256,
            micros(consented.code_expires_at),
            &consented.sealed_answer,
            consented.link.to_string(),
            micros(now),
        ),
    )?;
    if changed == 0 {
        return Ok(false);
    }
    run(
        session,
        "INSERT INTO consents (id, receipt, given_at) VALUES (?1, ?2, ?3)",
        (record.id.to_string(), &record.receipt, micros(record.given_at)),
    )?;
    Ok(true)
}

#[async_trait]
impl Intents for Store {
    /// The customer is written first: a customer without an intent is found by nobody.
    async fn create(&self, intent: &Intent, now: Timestamp) -> Result<(), StoreFault> {
        let mut intent = intent.clone();
        let place = match intent.customer.take() {
            Some(customer) => {
                let (partition, id) = (self.partitions.of(&intent.contract).await?, intent.id.to_string());
                let write = move |session: &dyn Session| {
                    let sql = "INSERT INTO intent_customers (intent, customer) VALUES (?1, ?2)";
                    run(session, sql, (&id, customer.as_str()))
                };
                partition.write(write).await?;
                Customer::InPartition
            }
            None => Customer::None,
        };
        self.relay.write(move |session| create(session, &intent, place, now)).await
    }

    async fn get(&self, id: IntentId) -> Result<Option<(Intent, IntentStage)>, StoreFault> {
        match self.relay.read(move |session| intent_row::get(session, &id.to_string())).await? {
            Some(stored) => self.whole_intent(stored).await.map(Some),
            None => Ok(None),
        }
    }

    async fn consent(
        &self,
        id: IntentId,
        consented: &Consented,
        record: &ConsentRecord,
        now: Timestamp,
    ) -> Result<bool, StoreFault> {
        let (consented, record) = (consented.clone(), record.clone());
        self.relay.write(move |session| consent(session, id, &consented, &record, now)).await
    }

    async fn redeem(&self, id: IntentId, now: Timestamp) -> Result<bool, StoreFault> {
        let write = move |session: &dyn Session| {
            run(
                session,
                "UPDATE intents
                 SET stage = 'redeemed', code_sha256 = NULL, code_expires_at = NULL, sealed_answer = NULL,
                     changed_at = ?2
                 WHERE id = ?1 AND stage = 'consented'",
                (id.to_string(), micros(now)),
            )
        };
        self.relay.write(write).await.map(|changed| changed == 1)
    }

    async fn of_link(&self, link: LinkId) -> Result<Option<Intent>, StoreFault> {
        match self.relay.read(move |session| intent_row::of_link(session, link)).await? {
            Some(stored) => self.whole_intent(stored).await.map(|(intent, _)| Some(intent)),
            None => Ok(None),
        }
    }

    async fn close(&self, id: IntentId, now: Timestamp) -> Result<(), StoreFault> {
        let write = move |session: &dyn Session| {
            run(
                session,
                "UPDATE intents
                 SET stage = 'closed', code_sha256 = NULL, code_expires_at = NULL, sealed_answer = NULL,
                     changed_at = ?2
                 WHERE id = ?1 AND stage <> 'closed'",
                (id.to_string(), micros(now)),
            )
        };
        self.relay.write(write).await.map(|_| ())
    }
}
