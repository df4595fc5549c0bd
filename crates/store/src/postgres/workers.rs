//! Threads that each hold one connection: what one thread's COMMIT waits for, others' share (group commit by PostgreSQL).

use std::cell::RefCell;
use std::hash::{BuildHasher, RandomState};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use enishi_linkage::StoreFault;
use postgres::{Config, NoTls};
use tokio::sync::{Semaphore, oneshot};

use super::Scope;
use super::session::{Connection, PostgresSession, fault};
use crate::OpenError;
use crate::fault::Fault;
use crate::session::Session;

/// Connections of one relay: beyond some sixteen they share the same disk no better.
const CONNECTIONS: usize = 16;
/// Transactions that may wait at once; whoever comes after them waits outside.
const WAITING: usize = 1_024;
/// How often a transaction is tried where others' came between.
const TRIES: u32 = 100;
/// How long a connection that broke is left alone before the next is tried.
const RECONNECT: Duration = Duration::from_millis(200);

type Job = Box<dyn FnOnce(&mut Held) + Send>;

/// Threads and what waits for them.
pub(super) struct Workers {
    jobs: Option<Sender<Job>>,
    room: Semaphore,
    threads: Vec<JoinHandle<()>>,
}

/// A worker's connection; none where it broke.
struct Held {
    config: Config,
    connection: Option<Connection>,
}

impl Workers {
    pub(super) fn start(config: Config) -> Result<Self, OpenError> {
        let (jobs, waiting) = channel::<Job>();
        let waiting = Arc::new(Mutex::new(waiting));
        let mut workers = Self { jobs: Some(jobs), room: Semaphore::new(WAITING), threads: Vec::new() };
        for _ in 0..CONNECTIONS {
            let waiting = Arc::clone(&waiting);
            let mut held = Held { config: config.clone(), connection: None };
            let thread = thread::Builder::new()
                .name("store-postgres".to_owned())
                .spawn(move || serve(&mut held, &waiting))
                .map_err(|error| OpenError::Postgres { reason: error.to_string() })?;
            workers.threads.push(thread);
        }
        Ok(workers)
    }

    pub(super) async fn run<T: Send + 'static>(
        &self,
        scope: Scope,
        work: impl Fn(&dyn Session) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreFault> {
        let stopped = || StoreFault { reason: "the database's threads have stopped".to_owned() };
        let _room = self.room.acquire().await.map_err(|_| stopped())?;
        let (reply, answer) = oneshot::channel();
        let job = move |held: &mut Held| {
            // Nobody to tell where the caller stopped waiting; what was committed stands.
            let _ = reply.send(held.transaction(&scope, &work).map_err(StoreFault::from));
        };
        let jobs = self.jobs.as_ref().ok_or_else(stopped)?;
        jobs.send(Box::new(job)).map_err(|_| stopped())?;
        answer.await.unwrap_or_else(|_| Err(stopped()))
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.jobs = None;
        for thread in self.threads.drain(..) {
            // A worker that panicked took only its own connection with it.
            let _ = thread.join();
        }
    }
}

fn serve(held: &mut Held, waiting: &Mutex<Receiver<Job>>) {
    loop {
        // The lock is held while waiting: the next free thread takes the next job.
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match next {
            Ok(job) => job(held),
            Err(_) => return,
        }
    }
}

/// Somewhere between 0 and 1.
fn chance() -> f64 {
    let [first, ..] = RandomState::new().hash_one(0_u8).to_le_bytes();
    f64::from(first) / 256.0
}

impl Held {
    /// Runs the work as if nobody else were there (SERIALIZABLE), again where somebody was.
    fn transaction<T>(
        &mut self,
        scope: &Scope,
        work: &impl Fn(&dyn Session) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let mut wait = Duration::from_micros(500);
        for _ in 1..TRIES {
            match self.once(scope, work) {
                // Not all at once again.
                Err(Fault::Overtaken) => thread::sleep(wait.mul_f64(chance())),
                done => return done,
            }
            wait = (wait * 2).min(Duration::from_millis(20));
        }
        self.once(scope, work)
    }

    fn once<T>(
        &mut self,
        scope: &Scope,
        work: &impl Fn(&dyn Session) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let (schema, claim) = match scope {
            Scope::Relay => ("relay", String::new()),
            // A contract's name is of `[a-z0-9-]`: nothing of it needs quoting.
            Scope::Contract(contract) => {
                ("entrusted", format!("; SET LOCAL enishi.contract TO '{contract}'"))
            }
        };
        let begin = format!("BEGIN ISOLATION LEVEL SERIALIZABLE; SET LOCAL search_path TO {schema}{claim}");
        let connection = self.connected()?;
        connection.schema = schema;
        let outcome = connection.client.batch_execute(&begin).map_err(|error| fault(&error)).and_then(|()| {
            let done = work(&PostgresSession(RefCell::new(connection)))?;
            connection.client.batch_execute("COMMIT").map_err(|error| fault(&error))?;
            Ok(done)
        });
        if outcome.is_err() && connection.client.batch_execute("ROLLBACK").is_err() {
            self.connection = None;
        }
        outcome
    }

    fn connected(&mut self) -> Result<&mut Connection, Fault> {
        if self.connection.as_ref().is_none_or(|connection| connection.client.is_closed()) {
            let client = self.config.connect(NoTls).map_err(|error| {
                thread::sleep(RECONNECT);
                fault(&error)
            })?;
            return Ok(self.connection.insert(Connection::new(client)));
        }
        self.connection.as_mut().ok_or(Fault::Row("no connection"))
    }
}
