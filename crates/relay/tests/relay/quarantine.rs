//! The queue of reversals, with a window on what is quarantined.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use enishi_iso8583::{Message, japan_credit};
use enishi_linkage::StoreFault;
use enishi_party::{PaymentId, ProviderId, Timestamp};
use enishi_relay::{QueuedReversal, Reversal, Reversals};
use enishi_store::Store;

/// Passes everything on to the store, and shows what was quarantined.
pub(crate) struct Quarantine {
    store: Arc<Store>,
    kept: Mutex<Vec<Message>>,
}

impl Quarantine {
    pub(crate) fn new(store: Arc<Store>) -> Self {
        Self { store, kept: Mutex::default() }
    }

    /// The answers that nobody was told.
    pub(crate) fn kept(&self) -> Vec<Message> {
        self.kept.lock().unwrap().clone()
    }
}

#[async_trait]
impl Reversals for Quarantine {
    async fn queue(&self, reversal: &Reversal, now: Timestamp) -> Result<bool, StoreFault> {
        self.store.queue(reversal, now).await
    }

    async fn due(
        &self,
        provider: &ProviderId,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<QueuedReversal>, StoreFault> {
        self.store.due(provider, limit, now).await
    }

    async fn attempted(
        &self,
        payment: PaymentId,
        next_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreFault> {
        self.store.attempted(payment, next_at, now).await
    }

    async fn acknowledged(&self, payment: PaymentId, now: Timestamp) -> Result<(), StoreFault> {
        self.store.acknowledged(payment, now).await
    }

    async fn rejected(&self, payment: PaymentId, code: &str, now: Timestamp) -> Result<(), StoreFault> {
        self.store.rejected(payment, code, now).await
    }

    async fn quarantine(
        &self,
        provider: &ProviderId,
        message: &[u8],
        now: Timestamp,
    ) -> Result<(), StoreFault> {
        self.kept.lock().unwrap().push(Message::decode(japan_credit(), message).unwrap());
        self.store.quarantine(provider, message, now).await
    }

    async fn pending(&self) -> Result<u64, StoreFault> {
        self.store.pending().await
    }
}
