//! What is counted as a payment is approved, declined, refused and reversed.

use enishi_authority::RevocationReason;
use enishi_jpki::CertKind;
use enishi_party::Clock;
use enishi_sandbox::sandbox::{CableMode, Company, PersonKey, RelayPlace, Shop, Town};
use enishi_transport::SystemClock;

use crate::documents::hold_against;
use crate::exposition::Exposition;
use crate::pages::{metrics, page};
use crate::world::{alone, enrol, pay, town, until};

/// What all four servers tell.
struct Told {
    relay: Exposition,
    a: Exposition,
    b: Exposition,
    authority: Exposition,
}

impl Told {
    async fn by(town: &Town) -> Self {
        let places = town.plan.places;
        Self {
            relay: metrics(places.relay_ops).await,
            a: metrics(places.ops[0]).await,
            b: metrics(places.ops[1]).await,
            authority: metrics(places.authority_ops).await,
        }
    }
}

const PAYMENTS: &str = "enishi_relay_payments_total";
const A: (&str, &str) = ("contract", "sakura-card-credit");
const B: (&str, &str) = ("contract", "minato-card-credit");

#[tokio::test(flavor = "multi_thread")]
async fn the_numbers_follow_what_happens_in_the_shops() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let mut town = town(folder.path(), RelayPlace::InProcess).await;
    let before = Told::by(&town).await;
    assert!(before.relay.sum(PAYMENTS, &[A, ("code", "00")]).abs() < 0.5, "a zero, and not nothing");
    let some = before.relay.0[PAYMENTS].samples.len();
    assert_eq!(some, 2, "one zero for each contract");

    enrol(&mut town, PersonKey::Taro, Company::A).await;
    enrol(&mut town, PersonKey::Hanako, Company::B).await;
    assert_eq!(pay(&mut town, PersonKey::Taro, 1_980, Company::A).await, "approved");
    assert_eq!(pay(&mut town, PersonKey::Hanako, 2_980, Company::B).await, "approved");
    assert_eq!(pay(&mut town, PersonKey::Taro, 60_000, Company::A).await, "declined 61");
    assert_eq!(pay(&mut town, PersonKey::Yuki, 500, Company::A).await, "refused not_linked");
    let told = Told::by(&town).await;
    approved_declined_and_refused(&told);

    town.company_a_cable.set(CableMode::AnswersHeld);
    assert_eq!(pay(&mut town, PersonKey::Taro, 700, Company::A).await, "declined 91");
    let held = metrics(town.plan.places.relay_ops).await;
    assert_eq!(held.sum("enishi_relay_reversals_pending", &[]), 1.0);
    assert!(held.sum("enishi_relay_oldest_pending_reversal_timestamp_seconds", &[]) > 1.7e9);
    town.company_a_cable.set(CableMode::Whole);
    until("the reversal is acknowledged", async || {
        metrics(town.plan.places.relay_ops).await.sum("enishi_relay_reversals_pending", &[]) == 0.0
    })
    .await;
    reversed(&Told::by(&town).await);

    let (registry, serial) = (town.registry(), town.serial(PersonKey::Taro).unwrap().clone());
    let now = SystemClock.now();
    registry.revoke(CertKind::Authentication, &serial, RevocationReason::Superseded, now).unwrap();
    assert_eq!(pay(&mut town, PersonKey::Taro, 800, Company::A).await, "refused cert_revoked");
    let told = Told::by(&town).await;
    assert_eq!(told.authority.sum("enishi_authority_revoked_certificates", &[("kind", "auth")]), 1.0);
    assert_eq!(told.authority.sum("enishi_authority_revocations_awaiting_list", &[]), 1.0);
    assert_eq!(told.authority.sum("enishi_authority_ocsp_answers_total", &[("status", "revoked")]), 1.0);
    assert_eq!(told.relay.sum(PAYMENTS, &[A, ("code", "cert_revoked")]), 1.0);

    for told in [&told.relay, &told.a, &told.b, &told.authority] {
        hold_against(told);
        no_label_names_a_terminal(told);
    }
    let docs = page(town.plan.places.relay_ops, "/healthz").await;
    assert_eq!(docs, (200, "ok\n".to_owned()));
    town.stop().await;
}

fn approved_declined_and_refused(told: &Told) {
    let relay = |name, labels: &[(&str, &str)]| told.relay.sum(name, labels);
    assert_eq!(relay(PAYMENTS, &[A, ("outcome", "approved")]), 1.0);
    assert_eq!(relay(PAYMENTS, &[B, ("outcome", "approved"), ("code", "00")]), 1.0);
    assert_eq!(relay(PAYMENTS, &[A, ("outcome", "declined"), ("code", "61")]), 1.0);
    assert_eq!(relay(PAYMENTS, &[("outcome", "refused"), ("code", "not_linked")]), 1.0);
    assert_eq!(relay(PAYMENTS, &[]), 4.0);
    assert_eq!(relay("enishi_relay_payment_duration_seconds_count", &[]), 4.0);
    assert_eq!(relay("enishi_relay_hop_duration_seconds_count", &[("hop", "provider")]), 3.0);
    assert_eq!(relay("enishi_relay_enrolments_total", &[("result", "consented")]), 2.0);
    assert_eq!(relay("enishi_relay_confirmations_total", &[("result", "active")]), 2.0);
    assert_eq!(relay("enishi_relay_pairing_lookups_total", &[("result", "found")]), 2.0);
    assert_eq!(relay("enishi_relay_provider_signed_on", &[]), 2.0);
    assert!(relay("enishi_relay_tickets_issued_total", &[]) >= 4.0);
    assert!(relay("enishi_relay_metered_lookups_total", &[("purpose", "enrolment")]) >= 2.0);
    assert_eq!(relay("enishi_revocation_list_last_fetch_succeeded", &[("kind", "auth")]), 3.0);
    assert_eq!(relay("enishi_http_requests_total", &[("route", "/v1/payments"), ("status", "200")]), 3.0);
    assert_eq!(told.a.sum("enishi_provider_authorisations_total", &[("code", "00")]), 1.0);
    assert_eq!(told.a.sum("enishi_provider_authorisations_total", &[("code", "61")]), 1.0);
    assert_eq!(told.b.sum("enishi_provider_rechecks_total", &[("result", "borne_out")]), 1.0);
    assert_eq!(told.a.sum("enishi_provider_app_logins_total", &[("result", "done")]), 1.0);
    assert_eq!(told.a.sum("enishi_provider_relay_connections", &[]), 1.0);
    assert!(told.authority.sum("enishi_authority_certificates", &[("kind", "auth")]) >= 2.0);
    assert_eq!(told.authority.sum("enishi_authority_pairing_lookups_total", &[("result", "found")]), 2.0);
}

fn reversed(told: &Told) {
    let acknowledged = [("provider", "sakura-card"), ("result", "acknowledged")];
    assert_eq!(told.relay.sum("enishi_relay_reversals_total", &acknowledged), 1.0);
    assert_eq!(told.relay.sum("enishi_relay_oldest_pending_reversal_timestamp_seconds", &[]), 0.0);
    assert_eq!(told.relay.sum(PAYMENTS, &[A, ("outcome", "declined"), ("code", "91")]), 1.0);
    assert_eq!(told.a.sum("enishi_provider_reversals_total", &[("result", "posted")]), 1.0);
    let unanswered = [("provider", "sakura-card"), ("message", "authorisation"), ("result", "unanswered")];
    assert_eq!(told.relay.sum("enishi_relay_provider_exchanges_total", &unanswered), 1.0);
}

/// Terminals are many: a label for each would drown the collector.
fn no_label_names_a_terminal(told: &Exposition) {
    for sample in told.0.values().flat_map(|family| &family.samples) {
        for value in sample.labels.values() {
            assert!(!Shop::ALL.iter().any(|shop| value.contains(shop.terminal())), "{sample:?}");
        }
    }
}
