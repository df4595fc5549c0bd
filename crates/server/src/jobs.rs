//! The jobs beside the listener.

use std::sync::Arc;
use std::time::Duration;

use enishi_party::{Clock, ProviderId};
use enishi_relay::Relay;
use enishi_store::Store;
use enishi_transport::CancellationToken;
use tokio::task::JoinSet;

use crate::ops::RelayOps;
use crate::switch::Connections;

/// How often the reversals' queue is looked at; each entry has its own due time.
const QUEUE_TICK: Duration = Duration::from_millis(100);
/// How often what is out of time is taken away.
const SWEEP_TICK: Duration = Duration::from_secs(60);

/// What the jobs beside the listener work on.
pub(crate) struct Jobs {
    pub(crate) relay: Arc<Relay>,
    pub(crate) ops: Arc<RelayOps>,
    pub(crate) store: Arc<Store>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Jobs {
    pub(crate) fn spawn(
        self,
        tasks: &mut JoinSet<()>,
        connections: &Arc<Connections>,
        refresh: Duration,
        shutdown: &CancellationToken,
    ) {
        for provider in connections.providers() {
            tasks.spawn(connections.clone().tell(provider.clone()));
            let (relay, provider) = (self.relay.clone(), provider.clone());
            tasks.spawn(every(QUEUE_TICK, shutdown.clone(), move || drain(relay.clone(), provider.clone())));
        }
        let ops = self.ops.clone();
        tasks.spawn(every(refresh, shutdown.clone(), move || {
            let ops = ops.clone();
            async move { ops.refresh().await }
        }));
        let jobs = Arc::new(self);
        tasks.spawn(every(SWEEP_TICK, shutdown.clone(), move || jobs.clone().sweep()));
    }

    /// Takes away what is out of time.
    async fn sweep(self: Arc<Self>) {
        if let Err(fault) = self.relay.expire_links().await {
            tracing::error!(%fault, "unconfirmed links not expired");
        }
        match self.relay.expire_questions().await {
            Ok(0) => {}
            Ok(closed) => tracing::info!(closed, "payments that nobody goes on with were closed"),
            Err(fault) => tracing::error!(%fault, "payments that nobody goes on with not closed"),
        }
        if let Err(error) = self.store.purge(self.clock.now()).await {
            tracing::error!(%error, "what is out of time was not taken away");
        }
    }
}

async fn drain(relay: Arc<Relay>, provider: ProviderId) {
    if let Err(fault) = relay.drain_reversals(&provider).await {
        tracing::error!(%provider, %fault, "reversals not sent");
    }
}

/// Runs a job again and again, never two at a time, until shutdown.
async fn every<F: Future<Output = ()>>(pause: Duration, shutdown: CancellationToken, job: impl Fn() -> F) {
    while shutdown.run_until_cancelled(tokio::time::sleep(pause)).await.is_some() {
        job().await;
    }
}
