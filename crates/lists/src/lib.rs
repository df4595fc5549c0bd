//! 失効情報ファイル at hand: revocation lists of the authorities that one party trusts, whole or by partition.
//!
//! A list is fetched into a private file, checked as it is read from there, and kept for the next start; what `verify`
//! holds of it in memory is the index alone. Who a list speaks of, and for how long, `verify` says; when to fetch, the
//! caller.
//!
//! *Invariant:* addresses come from configuration, never from a certificate.
//! *Invariant:* no list is followed by an older one of its authority and scope, also across restarts where a folder is set.
//! *Invariant:* one fetch at a time of one list; a look-up makes at most one call.
//! *Invariant:* no list is held whole in memory where a folder is set.
//!
//! Standards: RFC 5280.

mod aside;
mod config;
mod details;
mod download;
mod error;
mod flight;
mod folder;
mod lists;
mod name;
mod round;

pub use aside::aside;
pub use config::ListsConfig;
pub use details::DetailFiles;
pub use error::ListError;
pub use lists::{AtHand, Keeping, Lists, Renewed};

pub use enishi_verify::{ListUrl, ListUrlError};
