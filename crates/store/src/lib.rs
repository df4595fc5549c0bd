//! The relay's ports on a database: journal, reversals, records, links, intents and the look-up meter.
//!
//! One folder: `relay.sqlite`, and `entrusted/{contract}.sqlite` for each contract under 委託 (slides 12 and 15).
//!
//! *Invariant:* a write is answered after its COMMIT reached the disk; after a failed COMMIT nothing is written any more.
//! *Invariant:* no statement sees two files; a column for a customer exists in a contract's own file alone.
//! *Invariant:* under 代行 the subject is a pairwise ID and the instrument an instrument reference: the tables check it.
//! *Invariant:* a card's token is erased when its payment is sent or closed, also from free pages and the log.

mod error;
mod sqlite;

pub use error::OpenError;
pub use sqlite::{Purged, SqliteStore, StoreCondition};
