//! The flows on a real store in a folder of their own, with a company, a clock and a revocation source that do as they are
//! told.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

mod cancelling;
mod company;
mod confirming;
mod continuing;
mod enrolling;
mod idempotency;
mod journalling;
mod messages;
mod observing;
mod pins;
mod precedence;
mod purchase;
mod quarantine;
mod recovering;
mod reversing;
mod single_use;
mod tickets;
mod world;
