use std::ops::ControlFlow;

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::{mpsc, oneshot};

use crate::StoreError;

/// Calls that wait at most; above it callers wait for a place, which the senders of messages bound already.
const QUEUE_LENGTH: usize = 256;

type Job = Box<dyn FnOnce(&mut Connection) -> ControlFlow<()> + Send>;

/// The one thread that owns the connection. It ends, and closes the file, when the last handle is dropped.
#[derive(Clone)]
pub(crate) struct Writer(mpsc::Sender<Job>);

impl Writer {
    pub(crate) fn start(mut connection: Connection) -> Result<Self, StoreError> {
        let (sender, mut jobs) = mpsc::channel::<Job>(QUEUE_LENGTH);
        std::thread::Builder::new().name("provider-store".to_owned()).spawn(move || {
            while let Some(job) = jobs.blocking_recv() {
                if job(&mut connection).is_break() {
                    // Dropping the receiver tells everyone who waits.
                    tracing::error!("the store stops: the disk cannot be trusted");
                    break;
                }
            }
        })?;
        Ok(Self(sender))
    }

    /// Runs `work` in a transaction of its own and commits; the result comes after the commit is on the disk.
    ///
    /// A caller that gives up waiting changes nothing: the work is done all the same.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (told, heard) = oneshot::channel();
        let job = Box::new(move |connection: &mut Connection| {
            let outcome = commit(connection, work);
            let flow = match &outcome {
                Err(error) if error.is_fatal() => ControlFlow::Break(()),
                _ => ControlFlow::Continue(()),
            };
            // Nobody may wait any more; the work is done.
            let _ = told.send(outcome);
            flow
        });
        self.0.send(job).await.map_err(|_| StoreError::Stopped)?;
        heard.await.map_err(|_| StoreError::Stopped)?
    }
}

fn commit<T>(
    connection: &mut Connection,
    work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    // Immediate: what the work reads is what it writes upon.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let value = work(&transaction)?;
    transaction.commit()?;
    Ok(value)
}

#[cfg(test)]
mod tests;
