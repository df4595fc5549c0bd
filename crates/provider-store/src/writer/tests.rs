use rusqlite::ffi;

use super::*;

fn writer() -> Writer {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch("CREATE TABLE it (number INTEGER NOT NULL UNIQUE) STRICT").unwrap();
    Writer::start(connection).unwrap()
}

async fn insert(writer: &Writer, number: i64) -> Result<usize, StoreError> {
    writer.run(move |tx| Ok(tx.execute("INSERT INTO it VALUES (?1)", [number])?)).await
}

async fn count(writer: &Writer) -> Result<i64, StoreError> {
    writer.run(|tx| Ok(tx.query_row("SELECT count(*) FROM it", [], |row| row.get(0))?)).await
}

#[tokio::test]
async fn what_failed_in_the_middle_is_taken_back_whole() {
    let writer = writer();
    let failed = writer.run(|tx| {
        tx.execute("INSERT INTO it VALUES (1)", [])?;
        Err::<(), _>(StoreError::Inconsistent("test"))
    });
    assert!(matches!(failed.await, Err(StoreError::Inconsistent("test"))));
    assert_eq!(count(&writer).await.unwrap(), 0);
}

#[tokio::test]
async fn a_broken_rule_is_no_reason_to_stop() {
    let writer = writer();
    insert(&writer, 1).await.unwrap();
    assert!(matches!(insert(&writer, 1).await, Err(StoreError::Sqlite(_))));
    assert_eq!(count(&writer).await.unwrap(), 1);
}

#[tokio::test]
async fn after_an_error_of_the_disk_nothing_more_is_taken() {
    for code in [ffi::SQLITE_IOERR, ffi::SQLITE_IOERR_FSYNC, ffi::SQLITE_CORRUPT, ffi::SQLITE_READONLY] {
        let writer = writer();
        let failed = writer.run(move |_| {
            Err::<(), _>(StoreError::Sqlite(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None)))
        });
        assert!(matches!(failed.await, Err(StoreError::Sqlite(_))));
        assert!(matches!(insert(&writer, 1).await, Err(StoreError::Stopped)), "{code}");
        assert!(matches!(count(&writer).await, Err(StoreError::Stopped)));
    }
}

#[tokio::test]
async fn a_full_disk_is_waited_out() {
    let writer = writer();
    let full = rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_FULL), None);
    let failed = writer.run(move |_| Err::<(), _>(StoreError::Sqlite(full)));
    assert!(failed.await.is_err());
    assert_eq!(insert(&writer, 1).await.unwrap(), 1);
}

#[tokio::test]
async fn work_is_done_though_nobody_waits_for_it() {
    let writer = writer();
    for number in 0..20 {
        // Polled once, so that the work is queued, and given up.
        let mut waiting = Box::pin(insert(&writer, number));
        std::future::poll_fn(|context| {
            let _ = waiting.as_mut().poll(context);
            std::task::Poll::Ready(())
        })
        .await;
    }
    assert_eq!(count(&writer).await.unwrap(), 20);
}
