//! 縁: every party of the platform as it runs, and the sandbox in which all of them meet on one machine.
//!
//! [`party`] starts one party from its configuration file; [`sandbox`] makes folders, keys, cards and customers for a
//! whole small world; [`demo`] plays the stories of slide 9 in it. The binary is the face of all three.
//!
//! *Invariant:* parties meet through sockets alone; what a party "saw" is computed from the bytes that reached it.

pub mod demo;
pub mod party;
pub mod sandbox;
