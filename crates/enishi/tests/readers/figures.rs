//! How many commands a purchase takes, and how long the card takes behind the reader service.

use std::time::Duration;

use enishi_sandbox::demo::Citizen;
use enishi_sandbox::sandbox::{PersonKey, Shop};
use serde_json::json;

use crate::desk::{Desk, kept};
use crate::ours::{Books, reader};

/// Purchases on each way to the card.
const PURCHASES: u64 = 20;

#[tokio::test(flavor = "multi_thread")]
async fn every_purchase_takes_the_same_commands_and_their_time_is_told() {
    let Some(desk) = Desk::set("figures") else { return };
    let mut books = Books::open(desk.folder.path()).await;
    let inserted = desk.put(books.card());
    let reader = reader();
    books.enrol(&reader).await;
    let (mut commands, mut through) = (Vec::new(), Vec::new());
    for number in 0..PURCHASES {
        inserted.count_anew(None);
        let report = books.sell_well(&reader, 1_000 + number).await;
        assert_eq!(inserted.traffic().signatures, 1);
        commands.push(inserted.traffic().commands);
        through.push(report.timing.card);
    }
    assert_eq!(commands.iter().min(), commands.iter().max(), "{commands:?}");
    // The same card on a wire of no length, as what the service and the virtual reader add to.
    let software = books.town.reader(PersonKey::Taro).unwrap();
    software.insert(inserted.pull());
    let mut bare = Vec::new();
    for number in 0..PURCHASES {
        let sale = Books::sale(2_000 + number);
        let terminal = books.town.terminal(Shop::Books).unwrap();
        let report = terminal.pay(|| software.connect(), sale, &mut Citizen::new()).await.unwrap();
        bare.push(report.timing.card);
    }
    let (through, bare) = (milliseconds(through), milliseconds(bare));
    let row = |name: &str, unit: &str, ours: f64, bound: Option<f64>, spread: [f64; 2], note: &str| {
        let ratio = bound.map(|bound| bound / ours);
        json!({ "name": name, "ours": ours, "unit": unit, "bound": bound, "peers": {}, "ratio": ratio,
            "goal": null, "ok": null, "spread": spread, "note": note })
    };
    let count = f64::from(u32::try_from(commands[0]).unwrap());
    let note = format!(
        "median of {PURCHASES}; bound: the same card without pcscd; both as `cargo test` builds them"
    );
    let rows = [
        row("readers.apdus", "APDUs/purchase", count, None, [count; 2], "the same in every purchase"),
        row("readers.card_time", "ms/purchase", through.median, Some(bare.median), through.spread, &note),
    ];
    for row in &rows {
        println!("FIGURE: {row}");
    }
    let lines: String = rows.iter().map(|row| format!("{row}\n")).collect();
    std::fs::write(kept().unwrap().join("figures.jsonl"), lines).unwrap();
    books.town.stop().await;
}

struct Spread {
    median: f64,
    spread: [f64; 2],
}

fn milliseconds(mut spans: Vec<Duration>) -> Spread {
    spans.sort();
    let of = |span: Duration| (span.as_secs_f64() * 1e5).round() / 1e2;
    Spread { median: of(spans[spans.len() / 2]), spread: [of(spans[0]), of(spans[spans.len() - 1])] }
}
