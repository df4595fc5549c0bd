//! The provider over its real store: messages in, answers out, and what the books say afterwards.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test says so by stopping; helpers of integration tests count as no tests to the lint"
)]

mod app;
mod authorisation;
mod company;
mod durability;
mod histories;
mod http;
mod invitations;
mod logs;
mod pen;
mod pin;
mod relay;
mod reversal;
mod sample;
mod world;
