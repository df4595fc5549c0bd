//! The one thread of a file that writes: many writes share one transaction and one sync of the disk (group commit).

use std::io;
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use enishi_linkage::StoreFault;
use rusqlite::Connection;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::session::describe;
use crate::fault::Fault;

/// Writes that may wait at once; whoever comes after them waits outside.
const WAITING_WRITES: usize = 1_024;
/// Writes that share one transaction; beyond some 60 a sync of the disk costs little of each.
const GROUP: usize = 128;
/// After so long without a write the log is folded into the file and cut to nothing: it still holds what was erased.
const IDLE: Duration = Duration::from_millis(250);
/// The log is cut after so many transactions also where the writer is never idle.
const COMMITS_PER_CUT: u32 = 4_096;

pub(super) struct Writer {
    moves: Option<Sender<Box<dyn Move>>>,
    room: Arc<Semaphore>,
    failure: Arc<OnceLock<String>>,
    thread: Option<JoinHandle<()>>,
}

/// One write, and whoever waits for it.
trait Move: Send {
    fn run(&mut self, connection: &Connection) -> Ran;
    fn answer(self: Box<Self>, durable: Result<(), StoreFault>);
}

/// Whether a write's changes stay in the transaction.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ran {
    Kept,
    Undone,
}

struct Pending<T, W> {
    work: Option<W>,
    result: Option<Result<T, Fault>>,
    reply: oneshot::Sender<Result<T, StoreFault>>,
    _room: OwnedSemaphorePermit,
}

impl<T: Send, W: FnOnce(&Connection) -> Result<T, Fault> + Send> Move for Pending<T, W> {
    fn run(&mut self, connection: &Connection) -> Ran {
        self.result = self.work.take().map(|work| work(connection));
        match self.result {
            Some(Ok(_)) => Ran::Kept,
            Some(Err(_)) | None => Ran::Undone,
        }
    }

    fn answer(self: Box<Self>, durable: Result<(), StoreFault>) {
        // Also what a write merely found waits for the COMMIT: it may have found another's row of this transaction.
        let result = match (durable, self.result) {
            (Err(fault), _) => Err(fault),
            (Ok(()), Some(result)) => result.map_err(StoreFault::from),
            (Ok(()), None) => Err(StoreFault { reason: "a write that never ran".to_owned() }),
        };
        // Nobody to tell where the caller stopped waiting; the write stands.
        let _ = self.reply.send(result);
    }
}

impl Writer {
    pub(super) fn start(connection: Connection) -> io::Result<Self> {
        let (moves, waiting) = channel();
        let failure = Arc::new(OnceLock::new());
        let told = Arc::clone(&failure);
        let thread = thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || serve(&connection, &waiting, &told))?;
        let room = Arc::new(Semaphore::new(WAITING_WRITES));
        Ok(Self { moves: Some(moves), room, failure, thread: Some(thread) })
    }

    pub(super) async fn write<T, W>(&self, work: W) -> Result<T, StoreFault>
    where
        T: Send + 'static,
        W: FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    {
        // The permit travels with the write: the channel never holds more than there is room for.
        let room = Arc::clone(&self.room).acquire_owned().await.map_err(|_| self.stopped())?;
        let (reply, answer) = oneshot::channel();
        let pending = Pending { work: Some(work), result: None, reply, _room: room };
        let moves = self.moves.as_ref().ok_or_else(|| self.stopped())?;
        moves.send(Box::new(pending)).map_err(|_| self.stopped())?;
        answer.await.unwrap_or_else(|_| Err(self.stopped()))
    }

    fn stopped(&self) -> StoreFault {
        let why = self.failure.get().map_or("its thread has ended", String::as_str);
        StoreFault { reason: format!("no writes are taken any more: {why}") }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.moves = None;
        if let Some(thread) = self.thread.take() {
            // A writer that panicked left its transaction uncommitted.
            let _ = thread.join();
        }
    }
}

/// Ends when nobody can send any more, or after a COMMIT that failed: what is waiting then is told so.
fn serve(connection: &Connection, waiting: &Receiver<Box<dyn Move>>, failure: &OnceLock<String>) {
    let mut commits_since_cut = 0_u32;
    loop {
        let next = match commits_since_cut {
            0 => waiting.recv().map_err(|_| RecvTimeoutError::Disconnected),
            _ => waiting.recv_timeout(IDLE),
        };
        let cut_due = match next {
            Ok(first) => {
                if commit_group(connection, first, waiting, failure).is_break() {
                    return;
                }
                commits_since_cut = commits_since_cut.saturating_add(1);
                commits_since_cut.is_multiple_of(COMMITS_PER_CUT)
            }
            Err(RecvTimeoutError::Timeout) => true,
            Err(RecvTimeoutError::Disconnected) => break,
        };
        if cut_due && cut_log(connection) {
            commits_since_cut = 0;
        }
    }
    cut_log(connection);
}

/// Runs what is waiting in one transaction, and answers all of it after the COMMIT. Breaks where the COMMIT failed.
fn commit_group(
    connection: &Connection,
    first: Box<dyn Move>,
    waiting: &Receiver<Box<dyn Move>>,
    failure: &OnceLock<String>,
) -> ControlFlow<()> {
    if let Err(error) = step(connection, "BEGIN IMMEDIATE") {
        // Nothing was written and nothing is in doubt: only this write fails.
        first.answer(Err(StoreFault { reason: describe(&error) }));
        return ControlFlow::Continue(());
    }
    let mut group = Vec::with_capacity(1);
    let mut next = Some(first);
    let mut sound = Ok(());
    while let Some(mut one) = next.take() {
        sound = run_apart(connection, &mut *one);
        group.push(one);
        if sound.is_ok() && group.len() < GROUP {
            next = waiting.try_recv().ok();
        }
    }
    match sound.and_then(|()| step(connection, "COMMIT")) {
        Ok(()) => {
            group.into_iter().for_each(|one| one.answer(Ok(())));
            ControlFlow::Continue(())
        }
        Err(error) => {
            let reason = format!("a transaction could not be committed: {}", describe(&error));
            // Whatever the file holds now, nobody was told that it does. Fail closed: a disk that did not sync once has
            // forgotten what it did not sync, and says nothing of it the next time.
            let _ = step(connection, "ROLLBACK");
            let _ = failure.set(reason.clone());
            for one in group {
                one.answer(Err(StoreFault { reason: reason.clone() }));
            }
            ControlFlow::Break(())
        }
    }
}

/// A write in a savepoint of its own: where it fails, its changes go and the others' stay.
fn run_apart(connection: &Connection, one: &mut dyn Move) -> rusqlite::Result<()> {
    step(connection, "SAVEPOINT move")?;
    if one.run(connection) == Ran::Undone {
        // On some errors (a full disk) SQLite has undone the whole transaction: then this fails, and so does the group.
        step(connection, "ROLLBACK TO move")?;
    }
    step(connection, "RELEASE move")
}

fn step(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.execute(()).map(|_| ())
}

/// False where a reader is in the way: it is tried again later.
fn cut_log(connection: &Connection) -> bool {
    let busy = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |row| row.get::<_, i64>(0));
    busy.is_ok_and(|busy| busy == 0)
}

#[cfg(test)]
mod tests;
