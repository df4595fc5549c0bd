//! Where transactions run.

use std::sync::Arc;

use enishi_linkage::StoreFault;
use enishi_party::ContractId;

use crate::fault::Fault;
use crate::postgres::PostgresRows;
use crate::session::Session;
use crate::sqlite::{SqliteFile, SqliteFiles};

/// The relay's own rows, or those of one contract under 委託. Reads see every write that was answered.
#[derive(Clone)]
pub(crate) enum Database {
    Sqlite(Arc<SqliteFile>),
    Postgres(PostgresRows),
}

impl Database {
    /// Runs the work in a transaction; an error undoes it alone. Answers once it is durable.
    ///
    /// The work may be run again where others' transactions came between: it changes nothing but rows.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl Fn(&dyn Session) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreFault> {
        match self {
            Self::Sqlite(file) => file.write(work).await,
            Self::Postgres(rows) => rows.write(work).await,
        }
    }

    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl Fn(&dyn Session) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreFault> {
        match self {
            Self::Sqlite(file) => file.read(work).await,
            Self::Postgres(rows) => rows.read(work).await,
        }
    }
}

/// The contracts under 委託, each by itself.
pub(crate) enum Partitions {
    Sqlite(SqliteFiles),
    Postgres(PostgresRows),
}

impl Partitions {
    /// A contract's partition; made where there is none.
    pub(crate) async fn of(&self, contract: &ContractId) -> Result<Database, StoreFault> {
        match self {
            Self::Sqlite(files) => files.of(contract).await.map(Database::Sqlite),
            Self::Postgres(rows) => Ok(Database::Postgres(rows.of(contract))),
        }
    }

    /// A contract's partition where there is one: asking never makes one.
    pub(crate) async fn standing(&self, contract: &ContractId) -> Result<Option<Database>, StoreFault> {
        match self {
            Self::Sqlite(files) => Ok(files.standing(contract).await?.map(Database::Sqlite)),
            Self::Postgres(rows) => Ok(Some(Database::Postgres(rows.of(contract)))),
        }
    }
}
