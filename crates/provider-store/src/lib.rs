//! The provider's books, register, ID conversion and sessions in one SQLite file.
//!
//! All statements run on one thread with one connection, each call in one transaction that is on the disk (WAL,
//! `synchronous=FULL`) before the call returns. After an error of the disk the store stops and takes nothing more.
//!
//! *Invariant:* answer, ledger entry, PIN tries and used assertion of one message are one database transaction.
//! *Invariant:* ledger rows never change and never go; the database itself refuses.
//! *Invariant:* no PIN and no PIN block has a column. Card numbers do, in clear for now: encryption at rest comes later.
//!
//! Rules are in `enishi-provider`; here is SQL alone.

mod books;
mod check;
mod clerk;
mod conversions;
mod error;
mod facts;
mod register;
mod row;
mod sample;
mod schema;
mod sessions;
mod store;
mod writer;

pub use error::StoreError;
pub use sample::{SampleBook, SampleCard, SampleCustomer};
pub use store::ProviderStore;
