//! Health, readiness and metrics of running parties, over their sockets, and the documents about them.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "what fails here is a failed test, in helpers too"
)]

mod counting;
mod documents;
mod exposition;
mod pages;
mod readiness;
mod world;
