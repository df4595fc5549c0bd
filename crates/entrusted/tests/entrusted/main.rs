//! A provider that is itself the verifier, against relays that are honest and relays that are not.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "test material of our own making")]

mod enrolments;
mod honest;
mod lies;
mod relay;
mod world;
