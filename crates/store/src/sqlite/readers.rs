//! Threads that read.

use std::io;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use enishi_linkage::StoreFault;
use rusqlite::Connection;
use tokio::sync::{Semaphore, oneshot};

use crate::fault::Fault;

/// Reads that may wait at once; whoever comes after them waits outside.
const WAITING_READS: usize = 1_024;

type Read = Box<dyn FnOnce(&Connection) + Send>;

pub(super) struct Readers {
    reads: Option<Sender<Read>>,
    room: Semaphore,
    threads: Vec<JoinHandle<()>>,
}

impl Readers {
    pub(super) fn start(connections: Vec<Connection>) -> io::Result<Self> {
        let (reads, waiting) = channel::<Read>();
        let waiting = Arc::new(Mutex::new(waiting));
        let mut readers =
            Self { reads: Some(reads), room: Semaphore::new(WAITING_READS), threads: Vec::new() };
        for connection in connections {
            let waiting = Arc::clone(&waiting);
            let thread = thread::Builder::new()
                .name("store-reader".to_owned())
                .spawn(move || serve(&connection, &waiting))?;
            readers.threads.push(thread);
        }
        Ok(readers)
    }

    pub(super) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreFault> {
        let _room = self.room.acquire().await.map_err(|_| stopped())?;
        let (reply, answer) = oneshot::channel();
        let read = move |connection: &Connection| {
            // Nobody to tell where the caller stopped waiting.
            let _ = reply.send(work(connection).map_err(StoreFault::from));
        };
        let reads = self.reads.as_ref().ok_or_else(stopped)?;
        reads.send(Box::new(read)).map_err(|_| stopped())?;
        answer.await.unwrap_or_else(|_| Err(stopped()))
    }
}

fn stopped() -> StoreFault {
    StoreFault { reason: "the readers have stopped".to_owned() }
}

fn serve(connection: &Connection, waiting: &Mutex<Receiver<Read>>) {
    loop {
        // The lock is held while waiting: the next free thread takes the next read.
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match next {
            Ok(read) => read(connection),
            Err(_) => return,
        }
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.reads = None;
        for thread in self.threads.drain(..) {
            // A reader that panicked took only its own connection with it.
            let _ = thread.join();
        }
    }
}
