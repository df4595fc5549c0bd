//! A shop's terminal dies at any moment.

use std::time::Duration;

use enishi_sandbox::sandbox::{Company, PersonKey, RelayPlace, Shop, Town};

use crate::books::{Books, OpenAtRelay, check_ledger, open_at_relay};
use crate::child::PartyProcess;
use crate::random::{Random, kills};
use crate::world::{alone, enrol, root, town, until};

/// Within this time of its start the terminal is killed: starting, settling or selling.
const KILL_WITHIN: Duration = Duration::from_millis(700);

#[tokio::test(flavor = "multi_thread")]
async fn no_purchase_is_lost_doubled_or_orphaned_when_the_terminal_is_killed() {
    let _alone = alone();
    let mut random = Random::seeded("kill_terminal");
    let folder = root();
    let mut town = town(folder.path(), RelayPlace::InProcess).await;
    enrol(&mut town, PersonKey::Taro, Company::A).await;
    // The folder and the card are the other process's from here on.
    town.terminals.remove(&Shop::Books);
    town.reader(PersonKey::Taro).unwrap().remove();

    for round in 0..kills() {
        let process = terminal(&town, "1000000", round % 400 + 1);
        tokio::time::sleep(random.moment(KILL_WITHIN)).await;
        process.kill();
        // A process that only settles what the killed one left.
        let mut process = terminal(&town, "0", 1);
        let status = process.ended();
        assert!(status.success(), "{status}: {}", process.logged());
        let quiet = OpenAtRelay { payments: 0, queued: 0, rejected: 0 };
        until("the reversals' queue is empty", async || open_at_relay(&town.plan) == quiet).await;
        assert_eq!(Books::read(&town.plan).faults(), Vec::<String>::new(), "round {round}");
    }
    let mut process = terminal(&town, "1", 777);
    assert!(process.ended().success(), "{}", process.logged());
    assert!(process.logged().contains(" approved"), "{}", process.logged());
    let books = Books::read(&town.plan);
    println!("{} approved", books.approved());
    assert_eq!(books.faults(), Vec::<String>::new());

    let log = std::fs::read(town.plan.root.join("terminal.log")).unwrap();
    for needle in town.needles(PersonKey::Taro) {
        assert!(!needle.is_in(&log), "{needle:?} in the terminal's log: {:?}", needle.parts_in(&log));
    }
    let plan = town.plan.clone();
    town.stop().await;
    check_ledger(&plan).await;
}

fn terminal(town: &Town, count: &str, yen: u64) -> PartyProcess {
    let (config, card) = (town.plan.terminal(Shop::Books), town.plan.card(PersonKey::Taro));
    let yen = yen.to_string();
    PartyProcess::start(
        &[
            "party",
            "terminal-sell",
            "--config",
            config.to_str().unwrap(),
            "--card",
            card.to_str().unwrap(),
            "--contract",
            Company::A.contract(),
            "--count",
            count,
            "--yen",
            &yen,
        ],
        &town.plan.root.join("terminal.log"),
    )
}
