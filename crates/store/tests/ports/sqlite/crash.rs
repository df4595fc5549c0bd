//! What a power cut leaves: copies of the files, taken in the middle of a burst of writes, and opened.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use enishi_relay::{Closing, Journal, Records, Reversals};
use enishi_store::Store;
use rusqlite::Connection;
use tokio::task::JoinSet;

use super::SqliteStores;
use crate::sample::{
    after, authorizing, declined, new_payment, payment_id, provider, request, reversal, stage, start,
};

/// Images of one burst.
const IMAGES: usize = 8;
const WRITERS: u64 = 16;

/// What the store had acknowledged, by payment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Acknowledged {
    Opened(u64),
    Sent(u64),
    Reversing(u64),
    Buried(u64),
    Trace(u64),
}

/// The salts of a log's header: another pair means that the log was begun anew.
fn salts(log: &Path) -> Option<Vec<u8>> {
    fs::read(log).ok()?.get(16..24).map(<[u8]>::to_vec)
}

/// Copies file and log as they stand on the disk at one moment.
///
/// The file is copied before its log. Between the two the log may only have grown, which a power cut would show as well: a
/// log that was begun anew meanwhile would have dropped pages that the copied file lacks, so then the copy is no image.
fn image(from: &Path, to: &Path) -> bool {
    fs::create_dir_all(to).unwrap();
    let (file, log) = ("relay.sqlite", "relay.sqlite-wal");
    let Some(before) = salts(&from.join(log)) else { return false };
    fs::copy(from.join(file), to.join(file)).unwrap();
    fs::copy(from.join(log), to.join(log)).unwrap();
    salts(&to.join(log)) == Some(before)
}

async fn burst(
    store: Arc<Store>,
    writer: u64,
    log: Arc<Mutex<BTreeSet<Acknowledged>>>,
    stop: Arc<AtomicBool>,
) {
    let tell = |what| {
        log.lock().unwrap().insert(what);
    };
    let mut number = writer;
    while !stop.load(Ordering::Relaxed) {
        number += WRITERS;
        let id = payment_id(number);
        store.open(&new_payment(number), start()).await.unwrap();
        tell(Acknowledged::Opened(number));
        let mut sent = authorizing(number);
        sent.message = store.next_trace(&provider("card-a")).await.unwrap().number.to_be_bytes().to_vec();
        tell(Acknowledged::Trace(u64::from_be_bytes(sent.message.clone().try_into().unwrap())));
        store.authorize(id, &sent, after(1)).await.unwrap();
        tell(Acknowledged::Sent(number));
        if number.is_multiple_of(2) {
            store.close(id, &declined(number), Closing::Reversed(&reversal(number)), after(2)).await.unwrap();
            tell(Acknowledged::Reversing(number));
        }
        store.bury(&request(number + 1_000_000), after(3)).await.unwrap();
        tell(Acknowledged::Buried(number + 1_000_000));
    }
}

async fn check(folder: &Path, acknowledged: &BTreeSet<Acknowledged>) {
    let store = Store::sqlite(folder).unwrap();
    let due = store.due(&provider("card-a"), 1_000_000, after(9)).await.unwrap();
    let due: BTreeSet<_> = due.into_iter().map(|queued| queued.reversal.payment).collect();
    let next = store.next_trace(&provider("card-a")).await.unwrap().number;
    for what in acknowledged {
        match what {
            Acknowledged::Opened(number) => {
                assert!(Journal::find(&*store, &request(*number)).await.unwrap().is_some(), "{what:?}");
            }
            Acknowledged::Sent(number) => {
                let row = Journal::get(&*store, payment_id(*number)).await.unwrap().unwrap();
                assert!(matches!(stage(&row), "authorizing" | "closed"), "{what:?}");
            }
            Acknowledged::Reversing(number) => {
                let row = Journal::get(&*store, payment_id(*number)).await.unwrap().unwrap();
                assert_eq!(stage(&row), "closed", "{what:?}");
                assert!(due.contains(&payment_id(*number)), "{what:?}");
            }
            Acknowledged::Buried(number) => {
                assert!(Journal::find(&*store, &request(*number)).await.unwrap().is_none());
                let opened = store.open(&new_payment(*number), after(9)).await;
                assert_eq!(opened, Ok(enishi_relay::Opened::Cancelled), "{what:?}");
            }
            Acknowledged::Trace(number) => assert!(next > *number, "{number} would come again"),
        }
    }
    // Each closed payment of the image has its reversal, whether acknowledged or not: one transaction.
    let shell = Connection::open(folder.join("relay.sqlite")).unwrap();
    let torn: i64 = shell
        .query_row(
            "SELECT (SELECT count(*) FROM payments WHERE state = 'closed') - (SELECT count(*) FROM reversals)",
            (),
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(torn, 0);
    let sound: String = shell.query_row("PRAGMA integrity_check", (), |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_in_any_image_of_the_files() {
    let stores = SqliteStores::new();
    let store = stores.store();
    let (log, stop) = (Arc::new(Mutex::new(BTreeSet::new())), Arc::new(AtomicBool::new(false)));
    let mut writers = JoinSet::new();
    for writer in 1..=WRITERS {
        writers.spawn(burst(Arc::clone(&store), writer, Arc::clone(&log), Arc::clone(&stop)));
    }
    let mut images = Vec::new();
    for attempt in 0..1_000 {
        if images.len() == IMAGES {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        let acknowledged = log.lock().unwrap().clone();
        if acknowledged.is_empty() {
            continue;
        }
        let folder = stores.0.path().join(format!("image-{attempt}"));
        let from = stores.folder();
        let to = folder.clone();
        if tokio::task::spawn_blocking(move || image(&from, &to)).await.unwrap() {
            images.push((folder, acknowledged));
        }
    }
    stop.store(true, Ordering::Relaxed);
    writers.join_all().await;
    assert_eq!(images.len(), IMAGES, "the burst left no room for an image");
    assert!(images.iter().all(|(_, acknowledged)| !acknowledged.is_empty()));
    for (folder, acknowledged) in images {
        check(&folder, &acknowledged).await;
    }
}
