//! The relay as a service: its HTTP interface, its ways to the providers, and the jobs beside them.
//!
//! Slides 7 and 9. Rules are in `enishi-relay`; here are configuration, listeners and tasks.
//!
//! *Invariant:* who calls comes from the mutual-TLS certificate, never from a body.
//! *Invariant:* a problem document never repeats what a request held.
//! *Invariant:* nothing is served before what an earlier process left open is closed.

mod build;
mod check;
mod config;
mod jobs;
mod list_metrics;
mod metrics;
mod ops;
mod router;
mod service;
mod switch;

pub use build::{anchors, hex_key};
pub use check::check;
pub use config::{
    AccreditationEntry, AuthorityEntry, ContractLine, GroundEntry, KeyFiles, LimitsEntry, LookupEntry,
    ModelEntry, PlatformEntry, ProviderLine, RelayConfig, StartError, TerminalLine, UnansweredEntry, explain,
};
pub use list_metrics::{ListMetrics, list_checks};
pub use router::{openapi, router};
pub use service::{Machine, RelayService, RelaySockets};
pub use switch::Connections;
