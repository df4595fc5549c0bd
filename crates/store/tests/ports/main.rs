//! The relay's ports, one suite for every backend: each case takes a factory of stores and is stamped for each of them.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

mod cases;
mod cluster;
mod intending;
mod linking;
mod metering;
mod moving;
mod opening;
mod postgres;
mod purging;
mod recording;
mod reversing;
mod sample;
mod sqlite;
mod stores;
