use std::time::Duration;

use enishi_authority::{Authority, AuthorityConfig, PublishPolicy};
use enishi_jpki::CertKind;
use enishi_party::Timestamp;
use enishi_transport::{Check, CheckState};
use jiff::SignedDuration;

use super::check;

#[test]
fn a_late_list_is_degraded_and_an_ended_one_unready() {
    let folder = tempfile::tempdir().unwrap();
    let config = AuthorityConfig {
        publish: PublishPolicy::OnSchedule,
        publish_every: Duration::from_hours(12),
        crl_life: Duration::from_hours(30),
        ..AuthorityConfig::new("http://127.0.0.1/ocsp")
    };
    let now: Timestamp = "2026-11-20T03:00:00Z".parse().unwrap();
    let authority = Authority::create(&folder.path().join("register"), config, now).unwrap();
    let look = |hours, minutes| {
        let later = now + SignedDuration::from_hours(hours) + SignedDuration::from_mins(minutes);
        let Check { name, state } = check(&authority, CertKind::Signing, later);
        assert_eq!(name, "list:sign");
        match state {
            CheckState::Ok => "ok",
            CheckState::Degraded { .. } => "degraded",
            CheckState::Failed { .. } => "failed",
        }
    };
    assert_eq!(look(0, 0), "failed", "none was published yet");
    authority.publish(now).unwrap();
    assert_eq!(
        [look(0, 0), look(12, 4), look(12, 6), look(29, 59), look(30, 0)],
        ["ok", "ok", "degraded", "degraded", "failed"]
    );
}
