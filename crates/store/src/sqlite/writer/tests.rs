use std::pin::Pin;
use std::sync::mpsc::channel;
use std::task::Poll;

use enishi_linkage::StoreFault;
use rusqlite::Connection;

use super::{Fault, Writer};
use crate::sqlite::connection::{reading, writing};
use crate::sqlite::folder::private_file;

const TABLES: &str = "CREATE TABLE parents (id INTEGER PRIMARY KEY) STRICT;
     CREATE TABLE children (id INTEGER PRIMARY KEY, parent INTEGER NOT NULL
         REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED) STRICT;";

type Waiting<'a> = Pin<Box<dyn Future<Output = Result<i64, StoreFault>> + 'a>>;

struct Bench {
    folder: tempfile::TempDir,
    writer: Writer,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bench.sqlite");
        drop(private_file(&path).unwrap());
        let connection = writing(&path).unwrap();
        connection.execute_batch(TABLES).unwrap();
        Self { folder, writer: Writer::start(connection).unwrap() }
    }

    /// Transactions in the log: their last frames carry the size of the file (SQLite file format §4.1).
    fn commits(&self) -> usize {
        let log = std::fs::read(self.folder.path().join("bench.sqlite-wal")).unwrap();
        let page_octets = usize::try_from(u32::from_be_bytes(log[8..12].try_into().unwrap())).unwrap();
        log[32..].chunks_exact(24 + page_octets).filter(|frame| frame[4..8] != [0; 4]).count()
    }

    fn count(&self, table: &str) -> i64 {
        let connection = reading(&self.folder.path().join("bench.sqlite")).unwrap();
        connection.query_row(&format!("SELECT count(*) FROM {table}"), (), |row| row.get(0)).unwrap()
    }
}

fn insert(id: i64) -> impl FnOnce(&Connection) -> Result<i64, Fault> + Send + 'static {
    move |connection| {
        connection.execute("INSERT INTO parents (id) VALUES (?1)", [id])?;
        Ok(id)
    }
}

/// Lets the foreign key of its row be found missing by COMMIT, as a disk that fails would let the sync.
fn poison(connection: &Connection) -> Result<(), Fault> {
    connection.execute("INSERT INTO children (id, parent) VALUES (1, 4711)", ())?;
    Ok(())
}

#[tokio::test]
async fn a_write_that_fails_is_undone_alone() {
    let bench = Bench::new();
    // The first write holds the writer until the others wait behind it: one group.
    let (go, held) = channel::<()>();
    let first = bench.writer.write(move |connection| {
        held.recv().map_err(|_| Fault::Row("the test ended"))?;
        insert(1)(connection)
    });
    let failing = bench.writer.write(|connection| -> Result<(), Fault> {
        insert(2)(connection)?;
        Err(Fault::Row("on purpose"))
    });
    let colliding = bench.writer.write(insert(1));
    let last = bench.writer.write(insert(3));
    let release = async { go.send(()).unwrap() };
    let (first, failing, colliding, last, ()) = tokio::join!(first, failing, colliding, last, release);
    assert_eq!((first, last), (Ok(1), Ok(3)));
    assert_eq!(failing.unwrap_err().reason, "on purpose");
    assert!(colliding.unwrap_err().reason.contains("UNIQUE constraint failed"));
    assert_eq!(bench.count("parents"), 2);
}

#[tokio::test]
async fn a_commit_that_fails_fails_everyone_in_it_and_nothing_is_written_any_more() {
    let bench = Bench::new();
    assert_eq!(bench.writer.write(insert(1)).await, Ok(1));
    let (go, held) = channel::<()>();
    let first = bench.writer.write(move |connection| {
        held.recv().map_err(|_| Fault::Row("the test ended"))?;
        insert(2)(connection)
    });
    let poisoned = bench.writer.write(poison);
    let innocent = bench.writer.write(insert(3));
    let release = async { go.send(()).unwrap() };
    let (first, poisoned, innocent, ()) = tokio::join!(first, poisoned, innocent, release);
    for fault in [first.unwrap_err(), poisoned.unwrap_err(), innocent.unwrap_err()] {
        assert!(fault.reason.contains("could not be committed"), "{fault}");
    }
    let later = bench.writer.write(insert(4)).await.unwrap_err();
    assert!(
        later.reason.contains("no writes are taken any more: a transaction could not be committed"),
        "{later}"
    );
    assert_eq!((bench.count("parents"), bench.count("children")), (1, 0));
}

#[tokio::test]
async fn what_a_write_found_waits_for_the_commit_of_what_it_found() {
    let bench = Bench::new();
    let (go, held) = channel::<()>();
    let first = bench.writer.write(move |connection| {
        held.recv().map_err(|_| Fault::Row("the test ended"))?;
        insert(1)(connection)
    });
    let found = bench.writer.write(|connection| {
        Ok(connection.query_row("SELECT count(*) FROM parents", (), |row| row.get::<_, i64>(0))?)
    });
    let poisoned = bench.writer.write(poison);
    let release = async { go.send(()).unwrap() };
    let (_, found, _, ()) = tokio::join!(first, found, poisoned, release);
    assert!(found.is_err(), "it would have told of a row that never was");
}

#[tokio::test]
async fn a_write_stands_though_its_caller_stopped_waiting() {
    let bench = Bench::new();
    let (go, held) = channel::<()>();
    let mut abandoned = Box::pin(bench.writer.write(move |connection| {
        held.recv().map_err(|_| Fault::Row("the test ended"))?;
        insert(1)(connection)
    }));
    tokio::select! {
        biased;
        _ = &mut abandoned => panic!("it is held"),
        () = std::future::ready(()) => {}
    }
    drop(abandoned);
    go.send(()).unwrap();
    assert_eq!(bench.writer.write(insert(2)).await, Ok(2));
    assert_eq!(bench.count("parents"), 2);
}

#[tokio::test]
async fn a_writer_that_panics_stops_the_store() {
    let bench = Bench::new();
    let broken = bench.writer.write(|_| -> Result<(), Fault> { panic!("on purpose") }).await;
    assert!(broken.unwrap_err().reason.contains("its thread has ended"));
    assert!(bench.writer.write(insert(1)).await.is_err());
    assert_eq!(bench.count("parents"), 0);
}

#[tokio::test]
async fn waiting_writes_share_few_transactions() {
    let bench = Bench::new();
    let before = bench.commits();
    let (go, held) = channel::<()>();
    let Bench { writer, .. } = &bench;
    let mut writes: Vec<Waiting<'_>> = Vec::new();
    writes.push(Box::pin(writer.write(move |connection| {
        held.recv().map_err(|_| Fault::Row("the test ended"))?;
        insert(0)(connection)
    })));
    for id in 1..300 {
        writes.push(Box::pin(writer.write(insert(id))));
    }
    for write in &mut writes {
        // Unconstrained: tokio makes a task wait after 128 steps, and all are to stand in the queue first.
        let sent = std::future::poll_fn(|context| Poll::Ready(write.as_mut().poll(context).is_pending()));
        assert!(tokio::task::unconstrained(sent).await);
    }
    go.send(()).unwrap();
    for write in writes {
        assert!(write.await.is_ok());
    }
    assert_eq!(bench.count("parents"), 300);
    assert_eq!(bench.commits() - before, 300_usize.div_ceil(super::GROUP));
}
