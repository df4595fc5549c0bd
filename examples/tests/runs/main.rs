//! The examples as they run: each a process of its own, in a sandbox whose authority and relay are the real ones.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "what fails here is a failed test, in helpers too"
)]

mod entrusted;
mod guides;
mod line;
mod proxy;
mod world;
