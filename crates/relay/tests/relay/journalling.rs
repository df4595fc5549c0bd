//! A journal that tells in which order things become durable, and can be held up.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use enishi_linkage::StoreFault;
use enishi_party::{PaymentId, Timestamp};
use enishi_relay::{
    Authorizing, Awaiting, Closing, Journal, NewPayment, Opened, Outcome, PaymentRow, RequestKey,
};
use enishi_store::Store;
use enishi_testkit::Gate;

/// What happened, in order.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    pub(crate) fn write(&self, line: impl Into<String>) {
        self.0.lock().unwrap().push(line.into());
    }

    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// Passes everything on to the store, and writes down what the store has made durable.
pub(crate) struct Watched {
    store: Arc<Store>,
    log: Log,
    gate: Mutex<Option<Arc<Gate>>>,
    failing: Mutex<Option<&'static str>>,
}

impl Watched {
    pub(crate) fn new(store: Arc<Store>, log: Log) -> Self {
        Self { store, log, gate: Mutex::default(), failing: Mutex::default() }
    }

    /// The next who closes what was not sent waits at the gate first.
    pub(crate) fn hold_next_unsent_close(&self, gate: &Arc<Gate>) {
        *self.gate.lock().unwrap() = Some(Arc::clone(gate));
    }

    /// The next move of that name fails.
    pub(crate) fn fails_at(&self, what: &'static str) {
        *self.failing.lock().unwrap() = Some(what);
    }

    fn done<T>(&self, what: &'static str, result: Result<T, StoreFault>) -> Result<T, StoreFault> {
        if result.is_ok() {
            self.log.write(what);
        }
        result
    }

    fn may(&self, what: &'static str) -> Result<(), StoreFault> {
        let mut failing = self.failing.lock().unwrap();
        if *failing == Some(what) {
            *failing = None;
            return Err(StoreFault { reason: "the disk is full".to_owned() });
        }
        Ok(())
    }
}

#[async_trait]
impl Journal for Watched {
    async fn find(&self, request: &RequestKey) -> Result<Option<PaymentRow>, StoreFault> {
        self.store.find(request).await
    }

    async fn get(&self, id: PaymentId) -> Result<Option<PaymentRow>, StoreFault> {
        Journal::get(&*self.store, id).await
    }

    async fn open(&self, new: &NewPayment, now: Timestamp) -> Result<Opened, StoreFault> {
        self.done("open", self.store.open(new, now).await)
    }

    async fn await_input(
        &self,
        id: PaymentId,
        awaiting: &Awaiting,
        now: Timestamp,
    ) -> Result<bool, StoreFault> {
        self.may("await")?;
        self.done("await", self.store.await_input(id, awaiting, now).await)
    }

    async fn authorize(
        &self,
        id: PaymentId,
        authorizing: &Authorizing,
        now: Timestamp,
    ) -> Result<bool, StoreFault> {
        self.may("authorize")?;
        self.done("authorize", self.store.authorize(id, authorizing, now).await)
    }

    async fn close(
        &self,
        id: PaymentId,
        outcome: &Outcome,
        closing: Closing<'_>,
        now: Timestamp,
    ) -> Result<bool, StoreFault> {
        let what = match closing {
            Closing::Unsent => "close unsent",
            Closing::Answered => "close answered",
            Closing::Reversed(_) => "close reversed",
        };
        self.may(what)?;
        if let Closing::Unsent = closing {
            let gate = self.gate.lock().unwrap().take();
            if let Some(gate) = gate {
                gate.pass().await;
            }
        }
        self.done(what, Journal::close(&*self.store, id, outcome, closing, now).await)
    }

    async fn bury(&self, request: &RequestKey, now: Timestamp) -> Result<bool, StoreFault> {
        self.store.bury(request, now).await
    }

    async fn unfinished(&self) -> Result<Vec<PaymentRow>, StoreFault> {
        self.store.unfinished().await
    }
}
