//! What a backend gives the suite.

use std::sync::Arc;

use async_trait::async_trait;
use enishi_linkage::{Intents, LinkStore, Meter};
use enishi_party::Timestamp;
use enishi_relay::{Journal, Records, Reversals};
use enishi_store::Purged;

/// One empty place in which stores are opened, one after another: opening again is a restart.
pub(crate) trait Stores: Send + Sync {
    fn open(&self) -> Ports;
}

/// One open store, by its ports. Dropping it is the process's orderly end.
#[derive(Clone)]
pub(crate) struct Ports {
    pub(crate) journal: Arc<dyn Journal>,
    pub(crate) reversals: Arc<dyn Reversals>,
    pub(crate) records: Arc<dyn Records>,
    pub(crate) links: Arc<dyn LinkStore>,
    pub(crate) intents: Arc<dyn Intents>,
    pub(crate) meter: Arc<dyn Meter>,
    pub(crate) purge: Arc<dyn Purge>,
}

impl Ports {
    pub(crate) fn of<S>(store: &Arc<S>) -> Self
    where
        S: Journal + Reversals + Records + LinkStore + Intents + Meter + Purge + 'static,
    {
        Self {
            journal: store.clone(),
            reversals: store.clone(),
            records: store.clone(),
            links: store.clone(),
            intents: store.clone(),
            meter: store.clone(),
            purge: store.clone(),
        }
    }
}

/// The retention job, which no flow calls.
#[async_trait]
pub(crate) trait Purge: Send + Sync {
    async fn purge(&self, now: Timestamp) -> Purged;
}
