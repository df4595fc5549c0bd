//! The relay's ports on a database: journal, reversals, records, links, intents and the look-up meter.
//!
//! On SQLite, one folder: `relay.sqlite`, and `entrusted/{contract}.sqlite` for each contract under 委託 (slides 12 and 15).
//! On PostgreSQL, one database: the schema `relay`, and the schema `entrusted`, whose rows are each one contract's. What the
//! ports do is written once, for both.
//!
//! *Invariant:* a write is answered after its COMMIT reached the disk; after a failed COMMIT nothing is written any more.
//! *Invariant:* no statement sees two files; a column for a customer exists in a contract's own file alone.
//! *Invariant:* under 代行 the subject is a pairwise ID and the instrument an instrument reference: the tables check it.
//! *Invariant:* a card's token is erased when its payment is sent or closed, also from free pages and the log.

mod database;
mod error;
mod fault;
mod ports;
mod postgres;
mod session;
mod sqlite;
mod store;

pub use error::OpenError;
pub use ports::{Purged, StoreCondition};
pub use store::Store;
