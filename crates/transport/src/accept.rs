//! The accept loop that all servers share: bounded connections, orderly end, errors that stop nobody else.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::gate::{Admission, Gate};

/// How long to wait when the system cannot give us a socket (no descriptors, no memory): others must end first.
const EXHAUSTED_PAUSE: Duration = Duration::from_millis(100);

/// A connection just accepted, and the places it takes.
pub(crate) struct Accepted {
    pub(crate) stream: TcpStream,
    pub(crate) from: SocketAddr,
    pub(crate) place: Place,
}

/// A place among all connections and one among those of its address; free again when the last clone is gone.
#[derive(Clone)]
pub(crate) struct Place {
    _slot: Arc<OwnedSemaphorePermit>,
    _address: Arc<Admission<IpAddr>>,
}

/// How many connections an accept loop takes, and how long it waits for them in the end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AcceptBounds {
    pub(crate) connections: usize,
    pub(crate) per_address: usize,
    pub(crate) drain: Duration,
}

/// Accepts until `shutdown`, then waits up to `drain` for what was begun.
///
/// Above the bound on all connections nothing is accepted: callers wait in the system's own bounded queue. Above the
/// bound of its address a connection is closed at once.
pub(crate) async fn accept_until<F>(
    listener: TcpListener,
    bounds: AcceptBounds,
    tasks: &TaskTracker,
    shutdown: &CancellationToken,
    serve: impl Fn(Accepted) -> F,
) where
    F: Future<Output = ()> + Send + 'static,
{
    let slots = Arc::new(Semaphore::new(bounds.connections));
    let addresses = Gate::new(bounds.per_address);
    loop {
        let accepted = tokio::select! {
            biased;
            () = shutdown.cancelled() => break,
            accepted = accept_one(&listener, &slots, &addresses) => accepted,
        };
        match accepted {
            Ok(Some(accepted)) => {
                tasks.spawn(serve(accepted));
            }
            Ok(None) => {}
            Err(error) if concerns_one_connection(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "cannot accept connections");
                sleep(EXHAUSTED_PAUSE).await;
            }
        }
    }
    drop(listener);
    tasks.close();
    if timeout(bounds.drain, tasks.wait()).await.is_err() {
        tracing::warn!(
            left = tasks.len(),
            "connections or requests had not ended when the time to drain was over"
        );
    }
}

/// `None` if the address has all its places already.
async fn accept_one(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
    addresses: &Arc<Gate<IpAddr>>,
) -> io::Result<Option<Accepted>> {
    let slot = Arc::clone(slots).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, from) = listener.accept().await?;
    let Some(address) = addresses.admit(&from.ip()) else {
        tracing::warn!(from = %from.ip(), "too many connections of one address");
        return Ok(None);
    };
    // Messages are small and answered one by one; waiting to fill a segment only adds delay.
    stream.set_nodelay(true)?;
    Ok(Some(Accepted { stream, from, place: Place { _slot: Arc::new(slot), _address: Arc::new(address) } }))
}

fn concerns_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::InvalidInput
    )
}
