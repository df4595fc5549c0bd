//! Death at every step of the disk, of the purchase and of its resumption.

use super::fake_relay::{Decision, Delivery};
use super::person::Person;
use super::plastic::{auth_certificate, reader};
use super::world::{World, contains, sale};
use crate::Outcome;
use crate::journal::fault::die_after;

/// More steps than any purchase takes.
const STEPS_MAX: u32 = 200;

struct Scenario {
    decisions: &'static [Decision],
    deliveries: &'static [Delivery],
}

const SCENARIOS: [Scenario; 5] = [
    Scenario { decisions: &[], deliveries: &[] },
    Scenario { decisions: &[Decision::Decline], deliveries: &[] },
    Scenario { decisions: &[Decision::Choose], deliveries: &[] },
    Scenario { decisions: &[Decision::ChooseAndPin], deliveries: &[] },
    Scenario { decisions: &[], deliveries: &[Delivery::Garbled; 5] },
];

impl Scenario {
    fn prepare(&self, world: &World) {
        let mut book = world.relay.book();
        book.decisions = self.decisions.iter().copied().collect();
        book.deliveries = self.deliveries.iter().copied().collect();
    }
}

/// What must hold once every pending request is settled: the shop knows of each approval, once, and of no other.
fn assert_consistent(world: &World) {
    let sales = world.sales();
    let mut known: Vec<_> =
        sales.iter().filter(|line| line["outcome"] == "approved").map(|line| line["key"].clone()).collect();
    known.sort_by_key(ToString::to_string);
    let mut approved: Vec<_> = world.relay.book().approved.iter().map(|key| serde_json::json!(key)).collect();
    approved.sort_by_key(ToString::to_string);
    assert_eq!(known, approved);

    let outcomes = sales.iter().filter(|line| line["outcome"] != "cancelled");
    let mut slips: Vec<_> = outcomes.map(|line| line["slip"].to_string()).collect();
    let all = slips.len();
    slips.sort();
    slips.dedup();
    assert_eq!(slips.len(), all, "one outcome a slip");

    assert!(world.pending_files().is_empty());
    let bytes = world.folder_bytes();
    assert!(!contains(&bytes, &auth_certificate()));
    for seen in world.relay.seen("/v1/payments") {
        let body: serde_json::Value = serde_json::from_slice(&seen.body).unwrap();
        let Some(certificate) = body["token"]["unverifiedCertificate"].as_str() else { continue };
        assert!(!contains(&bytes, certificate.as_bytes()));
    }
}

/// Opens, resumes and sells once more, as a shop does in the morning.
async fn recover(world: &World) {
    let mut terminal = world.terminal();
    for resumed in terminal.resume().await.unwrap() {
        if let Outcome::Approved { receipt } = resumed.outcome {
            assert_eq!((receipt.slip, receipt.approval_number), (resumed.slip, "A1B2C3".to_owned()));
        }
    }
    assert_eq!(terminal.pending(), 0);
    assert_consistent(world);
}

#[tokio::test]
async fn a_death_at_any_step_of_a_purchase_leaves_the_shop_knowing_every_approval() {
    let world = World::new().await;
    for scenario in &SCENARIOS {
        for steps in 0.. {
            assert!(steps < STEPS_MAX);
            scenario.prepare(&world);
            let (mut terminal, reader) = (world.terminal(), reader());
            die_after(Some(steps));
            let lived = terminal.pay(|| reader.connect(), sale(), &mut Person::default()).await.is_ok();
            drop(terminal);
            die_after(None);
            world.relay.book().deliveries.clear();
            recover(&world).await;
            if lived {
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_death_at_any_step_of_the_resumption_changes_nothing() {
    let world = World::new().await;
    for scenario in [&SCENARIOS[0], &SCENARIOS[4]] {
        for steps in (0..STEPS_MAX).step_by(4) {
            for again in 0..STEPS_MAX {
                scenario.prepare(&world);
                let (mut terminal, reader) = (world.terminal(), reader());
                die_after(Some(steps));
                let lived = terminal.pay(|| reader.connect(), sale(), &mut Person::default()).await.is_ok();
                drop(terminal);
                die_after(None);
                if lived {
                    break;
                }
                let mut terminal = world.terminal();
                die_after(Some(again));
                let resumed = terminal.resume().await.is_ok();
                drop(terminal);
                die_after(None);
                world.relay.book().deliveries.clear();
                recover(&world).await;
                if resumed {
                    break;
                }
            }
        }
    }
}

#[tokio::test]
async fn a_folder_that_failed_is_not_touched_again_by_the_same_process() {
    let world = World::new().await;
    let (mut terminal, reader) = (world.terminal(), reader());
    die_after(Some(0));
    assert!(terminal.pay(|| reader.connect(), sale(), &mut Person::default()).await.is_err());
    die_after(None);
    let again = terminal.pay(|| reader.connect(), sale(), &mut Person::default()).await;
    assert!(matches!(again, Err(crate::TerminalError::FolderFailed)), "{again:?}");
    drop(terminal);
    recover(&world).await;
}
