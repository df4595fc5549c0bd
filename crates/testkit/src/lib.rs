//! What tests of several crates stand on: one small town with an authority and cards, and ports that do as they are told.
//!
//! Nothing here ships. A test that cannot go on fails, so everything panics instead of returning errors.
//!
//! *Invariant:* all persons and numbers are invented.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod clock;
mod contract;
mod entropy;
mod gate;
mod lookups;
mod town;

pub use clock::{Standstill, at, now};
pub use contract::{Contract, Described};
pub use entropy::Counting;
pub use gate::Gate;
pub use lookups::{Lookups, Tally};
pub use town::{Card, SignedDocument, Town, Who};
