//! Operators' pages beside a party.

use std::sync::Arc;

use enishi_transport::openapi::openapi_routes;
use enishi_transport::{CancellationToken, Operated, OpsListener, ops_router};
use prometheus_client::registry::Registry;
use tokio::task::JoinSet;

/// Serves them, where they are wanted, with the description of the party's interface.
pub(super) fn serve(
    tasks: &mut JoinSet<()>,
    listener: Option<OpsListener>,
    registry: Registry,
    party: Arc<dyn Operated>,
    interface: &serde_json::Value,
    shutdown: &CancellationToken,
) {
    let Some(listener) = listener else { return };
    let pages = ops_router(registry, party).merge(openapi_routes(interface));
    let token = shutdown.clone();
    tasks.spawn(async move {
        if let Err(error) = listener.serve(pages, token).await {
            tracing::error!(%error, "operators' pages are not served");
        }
    });
}
