//! Lists, responders and pairings over real sockets: an honest authority, and servers that are not.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "test material of our own making")]

mod answers;
mod lists;
mod pairings;
mod restart;
mod sources;
mod swapping;
mod world;
