//! The journal on the store.

use async_trait::async_trait;
use enishi_linkage::StoreFault;
use enishi_party::{PaymentId, Timestamp};
use enishi_relay::{
    Authorizing, Awaiting, Closing, Journal, NewPayment, Opened, Outcome, PaymentRow, PaymentState,
    RequestKey,
};

use super::payment_row::{Evidence, StoredPayment};
use super::payments::Ending;
use super::{evidence, payments};
use crate::store::Store;

impl Store {
    /// Adds the evidence from the contract's partition.
    async fn whole(&self, stored: StoredPayment) -> Result<PaymentRow, StoreFault> {
        let StoredPayment { mut row, evidence: place } = stored;
        if let (PaymentState::Authorizing(authorizing), Evidence::InPartition) = (&mut row.state, place) {
            let missing =
                || StoreFault { reason: "a payment whose evidence is not in its partition".to_owned() };
            let sealed = self.sealed_evidence(&authorizing.contract, authorizing.assertion).await?;
            authorizing.evidence = Some(sealed.ok_or_else(missing)?);
        }
        Ok(row)
    }
}

#[async_trait]
impl Journal for Store {
    async fn find(&self, request: &RequestKey) -> Result<Option<PaymentRow>, StoreFault> {
        let request = request.clone();
        match self.relay.read(move |session| payments::find(session, &request)).await? {
            Some(stored) => self.whole(stored).await.map(Some),
            None => Ok(None),
        }
    }

    async fn get(&self, id: PaymentId) -> Result<Option<PaymentRow>, StoreFault> {
        match self.relay.read(move |session| payments::get(session, id)).await? {
            Some(stored) => self.whole(stored).await.map(Some),
            None => Ok(None),
        }
    }

    async fn open(&self, new: &NewPayment, now: Timestamp) -> Result<Opened, StoreFault> {
        let new = new.clone();
        self.relay.write(move |session| payments::open(session, &new, now)).await
    }

    async fn await_input(
        &self,
        id: PaymentId,
        awaiting: &Awaiting,
        _now: Timestamp,
    ) -> Result<bool, StoreFault> {
        let awaiting = awaiting.clone();
        self.relay.write(move |session| payments::await_input(session, id, &awaiting)).await
    }

    async fn authorize(
        &self,
        id: PaymentId,
        authorizing: &Authorizing,
        now: Timestamp,
    ) -> Result<bool, StoreFault> {
        let mut authorizing = authorizing.clone();
        let place = match authorizing.evidence.take() {
            Some(sealed) => {
                let assertion = authorizing.assertion;
                let partition = self.partitions.of(&authorizing.contract).await?;
                partition.write(move |session| evidence::keep(session, assertion, &sealed, now)).await?;
                Evidence::InPartition
            }
            None => Evidence::None,
        };
        self.relay.write(move |session| payments::authorize(session, id, &authorizing, place)).await
    }

    async fn close(
        &self,
        id: PaymentId,
        outcome: &Outcome,
        closing: Closing<'_>,
        now: Timestamp,
    ) -> Result<bool, StoreFault> {
        let (outcome, ending) = (outcome.clone(), Ending::from(closing));
        self.relay.write(move |session| payments::close(session, id, &outcome, &ending, now)).await
    }

    async fn bury(&self, request: &RequestKey, now: Timestamp) -> Result<bool, StoreFault> {
        let request = request.clone();
        self.relay.write(move |session| payments::bury(session, &request, now)).await
    }

    async fn unfinished(&self) -> Result<Vec<PaymentRow>, StoreFault> {
        let mut rows = Vec::new();
        for stored in self.relay.read(payments::unfinished).await? {
            rows.push(self.whole(stored).await?);
        }
        Ok(rows)
    }
}
