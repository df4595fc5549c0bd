use enishi_party::{PartyRole, Timestamp};
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

/// What every party tells of itself: its version and role, and since when it serves.
pub fn register_process(
    registry: &mut Registry,
    role: PartyRole,
    version: &'static str,
    started_at: Timestamp,
) {
    let labels = [("version", version), ("party", word(role))];
    registry.register("enishi_build", "Version and role of this party", Info::new(labels));
    registry.register_with_unit(
        "process_start_time",
        "When this party started, as Unix time",
        Unit::Seconds,
        ConstGauge::new(started_at.as_duration().as_secs_f64()),
    );
}

const fn word(role: PartyRole) -> &'static str {
    match role {
        PartyRole::Terminal => "terminal",
        PartyRole::Provider => "provider",
        PartyRole::Relay => "relay",
        PartyRole::Authority => "authority",
        PartyRole::Operator => "operator",
    }
}
