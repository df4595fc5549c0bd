//! What an operator asks a party: does it live, is it ready, what has it counted.
//!
//! Plain HTTP on a loopback address alone, without any authentication: whoever has an account on the machine may read it, so
//! nothing here names a person. [`ops_router`] gives `/healthz`, `/readyz` and `/metrics`; other routes may be merged into it.

mod exposition;
mod http_metrics;
mod label;
mod listener;
mod media_range;
mod pages;
mod process;
mod readiness;

pub use http_metrics::{HttpMetrics, InFlight};
pub use label::{PartyLabel, response_code_label};
pub use listener::{OpsError, OpsListener};
pub use pages::{Operated, ops_router};
pub use process::register_process;
pub use readiness::{Check, CheckState, Readiness, ReadyStatus};
