//! Lists over real sockets, whole and by partition, and what a restart has of them.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "test material of our own making")]

mod partitions;
mod whole;
mod world;
