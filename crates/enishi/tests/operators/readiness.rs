//! Readiness follows what a relay needs, there and back.

use std::sync::{Arc, Mutex};

use enishi_party::{Clock, Timestamp};
use enishi_sandbox::party::{AuthorityService, AuthoritySockets, ProviderService, ProviderSockets};
use enishi_sandbox::sandbox::{Company, RelayPlace};
use enishi_server::{Machine, RelayService, RelaySockets, StartError};
use enishi_transport::{OpsError, SystemClock, SystemEntropy};
use jiff::SignedDuration;

use crate::pages::{page, ready, state};
use crate::world::{alone, town, until};

/// The system's clock, set ahead.
#[derive(Default)]
struct Ahead(Mutex<SignedDuration>);

impl Clock for Ahead {
    fn now(&self) -> Timestamp {
        SystemClock.now() + *self.0.lock().unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn readiness_is_lost_and_comes_back() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let town = town(folder.path(), RelayPlace::OwnProcess).await;
    let company = town.plan.places.ops[0];
    let (status, readiness) = ready(company).await;
    assert_eq!((status, state(&readiness, "relay"), state(&readiness, "store")), (503, "failed", "ok"));

    let clock = Arc::new(Ahead::default());
    let machine = Machine { clock: clock.clone(), ..Machine::default() };
    let relay = RelayService::start(&town.plan.relay(), RelaySockets::default(), machine).await.unwrap();
    let ops = relay.ops.unwrap();
    assert_eq!(ops, town.plan.places.relay_ops);
    until("the relay is ready", async || ready(ops).await.1["status"] == "ready").await;
    until("the company is ready", async || ready(company).await.0 == 200).await;
    let (_, readiness) = ready(ops).await;
    for check in
        ["store", "recovery", "list:auth:", "list:sign:", "provider:sakura-card", "provider:minato-card"]
    {
        assert_eq!(state(&readiness, check), "ok", "{readiness}");
    }

    *clock.0.lock().unwrap() = SignedDuration::from_hours(60 * 24);
    let (status, readiness) = ready(ops).await;
    assert_eq!((status, state(&readiness, "list:auth:"), state(&readiness, "store")), (503, "failed", "ok"));
    *clock.0.lock().unwrap() = SignedDuration::ZERO;
    assert_eq!(ready(ops).await.0, 200);

    let database = town.plan.relay().parent().unwrap().join("store/relay.sqlite");
    let other = rusqlite::Connection::open(database).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let (status, readiness) = ready(ops).await;
    assert_eq!((status, state(&readiness, "store")), (503, "failed"), "{readiness}");
    assert_eq!(page(ops, "/healthz").await.0, 200, "alive all the same");
    other.execute_batch("ROLLBACK").unwrap();
    until("the store is back", async || ready(ops).await.0 == 200).await;

    relay.stop().await;
    until("the company misses the relay", async || ready(company).await.0 == 503).await;
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_provider_away_is_degraded_and_all_of_them_unready() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let made = town(folder.path(), RelayPlace::OwnProcess).await;
    let plan = made.plan.clone();
    // The folders alone are wanted: the parties are started one by one.
    made.stop().await;
    let machine = Machine::default();
    let authority =
        AuthorityService::start(&plan.authority(), AuthoritySockets::default(), machine.clock.clone(), None)
            .await
            .unwrap();
    assert_eq!(authority.ops, Some(plan.places.authority_ops));
    let (status, readiness) = ready(plan.places.authority_ops).await;
    assert_eq!((status, state(&readiness, "list:auth"), state(&readiness, "list:sign")), (200, "ok", "ok"));

    let relay = RelayService::start(&plan.relay(), RelaySockets::default(), machine).await.unwrap();
    let ops = relay.ops.unwrap();
    let (status, readiness) = ready(ops).await;
    assert_eq!(
        (status, state(&readiness, "provider:sakura-card"), state(&readiness, "provider:minato-card")),
        (503, "failed", "failed")
    );
    let (clock, entropy) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
    let file = plan.company(Company::B);
    let b = ProviderService::start(&file, ProviderSockets::default(), clock, entropy, None).await.unwrap();
    until("one is there", async || ready(ops).await.0 == 200).await;
    let (_, readiness) = ready(ops).await;
    assert_eq!(readiness["status"], "degraded", "{readiness}");
    assert_eq!(
        (state(&readiness, "provider:sakura-card"), state(&readiness, "provider:minato-card")),
        ("degraded", "ok")
    );
    let (status, readiness) = ready(b.ops.unwrap()).await;
    assert_eq!((status, state(&readiness, "list:auth:")), (200, "ok"), "{readiness}");
    b.stop().await;
    until("none is there", async || ready(ops).await.0 == 503).await;
    relay.stop().await;
    authority.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_party_does_not_start_where_others_could_read_its_pages() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let made = town(folder.path(), RelayPlace::OwnProcess).await;
    let plan = made.plan.clone();
    made.stop().await;
    for file in [plan.relay(), plan.authority(), plan.company(Company::A)] {
        let text = std::fs::read_to_string(&file).unwrap();
        let open = |line: &str| match line.starts_with("listen_ops") {
            true => "listen_ops = \"0.0.0.0:0\"\n".to_owned(),
            false => format!("{line}\n"),
        };
        std::fs::write(&file, text.lines().map(open).collect::<String>()).unwrap();
    }
    let relay = RelayService::start(&plan.relay(), RelaySockets::default(), Machine::default()).await;
    let Err(StartError::Ops(OpsError::NotLoopback { .. })) = relay else { panic!("the relay started") };
    let clock = Arc::new(SystemClock);
    let sockets = AuthoritySockets::default();
    let authority = AuthorityService::start(&plan.authority(), sockets, clock.clone(), None).await;
    assert!(authority.is_err_and(
        |error| error.to_string().contains("loopback") || error.to_string().contains("this machine")
    ));
    let (sockets, file) = (ProviderSockets::default(), plan.company(Company::A));
    let provider = ProviderService::start(&file, sockets, clock, Arc::new(SystemEntropy), None).await;
    assert!(provider.is_err_and(|error| error.to_string().contains("this machine")));
}
