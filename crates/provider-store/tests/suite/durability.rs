//! What the file holds after a crash, and what it refuses to hold.

use std::path::Path;

use enishi_provider_store::{ProviderStore, StoreError};
use rusqlite::Connection;

use crate::world::{HANAKO, PAN, PIN, World};

/// The file as it is on the disk now, as a power cut would leave it to the next start.
fn image(file: &Path, name: &str) -> std::path::PathBuf {
    let copy = file.with_file_name(name);
    for suffix in ["", "-wal"] {
        let part = |path: &Path| std::path::PathBuf::from(format!("{}{suffix}", path.display()));
        if part(file).exists() {
            std::fs::copy(part(file), part(&copy)).unwrap();
        }
    }
    copy
}

#[tokio::test]
async fn what_was_answered_is_on_the_disk_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("provider.db");
    let world = World::at(&file).await;
    let buy = world.tied(HANAKO, 0).await;
    let mut sent = Vec::new();
    for round in 0..12_u32 {
        let message = world.pen.write(&buy.clone().again(&world.pen));
        let answer = world.send(&message).await.unwrap();
        if round % 3 == 0 {
            assert_eq!(world.code(&world.pen.reverse(&message)).await, "00");
        }
        sent.push((message, answer, round % 3 == 0));
        // The store is open and was never closed: this is all that a crash leaves.
        let after = World::at(&image(&file, &format!("crash-{round}.db"))).await;
        for (message, answer, reversed) in &sent {
            let again = after.send(message).await.unwrap();
            match reversed {
                true => assert_eq!(again.response_code().unwrap().as_str(), "12"),
                false => assert_eq!(again, *answer),
            }
        }
        assert_eq!(after.statement(HANAKO).await, world.statement(HANAKO).await);
        assert!(after.store.check_ledger().await.unwrap().is_sound());
    }
}

#[tokio::test]
async fn a_store_that_was_dropped_opens_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("provider.db");
    let world = World::at(&file).await;
    let message = world.pen.write(&world.tied(HANAKO, 0).await);
    let answer = world.send(&message).await;
    drop(world);
    let world = World::at(&file).await;
    assert_eq!(world.send(&message).await, answer);
    world.assert_sound(1).await;
}

#[tokio::test]
async fn the_ledger_cannot_be_changed_even_by_hand() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("provider.db");
    let world = World::at(&file).await;
    assert_eq!(world.purchase(&world.tied(HANAKO, 0).await).await, "00");
    let hand = Connection::open(&file).unwrap();
    hand.execute_batch("PRAGMA foreign_keys = ON").unwrap();
    for (statement, rule) in [
        ("UPDATE leg SET minor = 1", "never change"),
        ("DELETE FROM leg", "never taken out"),
        ("UPDATE entry SET posted_at = 0", "never change"),
        ("DELETE FROM entry", "never taken out"),
        (
            "INSERT INTO leg SELECT entry, 9, account, NULL, NULL, NULL, side, minor, currency FROM leg",
            "CHECK",
        ),
        ("UPDATE book_transaction SET reversed_at = 1", "CHECK"),
        ("UPDATE book_transaction SET response_code = '05'", "CHECK"),
        ("UPDATE card SET pin_wrong_tries = 4", "CHECK"),
        ("DELETE FROM card", "FOREIGN KEY"),
    ] {
        let refused = hand.execute(statement, []).unwrap_err().to_string();
        assert!(refused.contains(rule), "{statement}: {refused}");
    }
    world.assert_sound(1).await;
}

#[tokio::test]
async fn a_ledger_that_does_not_sum_to_zero_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("provider.db");
    let world = World::at(&file).await;
    assert_eq!(world.purchase(&world.tied(HANAKO, 0).await).await, "00");
    let hand = Connection::open(&file).unwrap();
    hand.execute_batch(
        "INSERT INTO entry (posted_at, kind) VALUES (0, 'purchase');
         INSERT INTO leg VALUES (2, 0, 'merchant_payable', NULL, NULL, 'SHOP', 'debit', 5, 'JPY');
         INSERT INTO leg VALUES (2, 1, 'merchant_payable', NULL, NULL, 'SHOP', 'credit', 4, 'JPY');
         INSERT INTO entry (posted_at, kind) VALUES (0, 'purchase');",
    )
    .unwrap();
    let check = world.store.check_ledger().await.unwrap();
    assert!(!check.is_sound());
    assert_eq!((check.entries, check.unbalanced), (3, 2), "one leg too light, one entry without legs");
}

#[tokio::test]
async fn no_pin_is_in_the_file_and_the_file_is_closed_to_others() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("provider.db");
    let world = World::at(&file).await;
    let buy = world.tied(HANAKO, 0).await.with_pin(PIN);
    let message = world.pen.write(&buy);
    assert_eq!(world.code(&message).await, "00");
    let block = message.expose_pin_block().unwrap().to_vec();
    let mut numbers = 0;
    for suffix in ["", "-wal"] {
        let path = format!("{}{suffix}", file.display());
        let bytes = std::fs::read(&path).unwrap();
        let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
        assert!(!holds(PIN.as_bytes()) && !holds(&block), "{suffix}");
        assert!(!holds(crate::world::PASSWORD.as_bytes()), "{suffix}");
        numbers += usize::from(holds(PAN.as_bytes()));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600, "{suffix}");
        }
    }
    assert!(numbers > 0, "the scan finds what is there: card numbers, until encryption at rest comes");
}

#[tokio::test]
async fn a_newer_or_foreign_file_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let newer = folder.path().join("newer.db");
    drop(ProviderStore::open(&newer).unwrap());
    Connection::open(&newer).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let refused = ProviderStore::open(&newer).unwrap_err();
    assert!(matches!(refused, StoreError::NewerSchema { found: 99, known: 2 }), "{refused}");
    let foreign = folder.path().join("foreign.db");
    std::fs::write(&foreign, "not a database, but long enough to look like one ".repeat(100)).unwrap();
    assert!(matches!(ProviderStore::open(&foreign), Err(StoreError::Sqlite(_))));
}
