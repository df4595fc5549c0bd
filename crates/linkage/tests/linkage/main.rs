//! ② against a small town: contracts, indexes, choosing, clearing, enrolment.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod choosing;
mod clearing;
mod contracts;
mod enrolling;
mod indexes;
mod labels;
mod shelf;
mod world;
