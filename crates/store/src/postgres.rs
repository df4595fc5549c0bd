//! PostgreSQL 15 and later: the schema `relay`, and the schema `entrusted`, in which a transaction sees one contract's rows.

mod migration;
mod session;
mod workers;

use std::sync::Arc;

use enishi_linkage::StoreFault;
use enishi_party::ContractId;

use crate::OpenError;
use crate::fault::Fault;
use crate::session::Session;
use workers::Workers;

/// Whose rows a transaction is about.
#[derive(Debug, Clone)]
enum Scope {
    Relay,
    /// The rows of one contract under 委託; the tables let no other through.
    Contract(ContractId),
}

/// One scope of a database.
#[derive(Clone)]
pub(crate) struct PostgresRows {
    scope: Scope,
    workers: Arc<Workers>,
}

impl PostgresRows {
    /// Connects, and brings the schemas to the present version.
    ///
    /// `url` as libpq has it: `postgresql://user@host/database`.
    pub(crate) fn open(url: &str) -> Result<Self, OpenError> {
        let config: postgres::Config = url.parse().map_err(|_| OpenError::Address)?;
        migration::migrate(&config)?;
        Ok(Self { scope: Scope::Relay, workers: Arc::new(Workers::start(config)?) })
    }

    pub(crate) fn of(&self, contract: &ContractId) -> Self {
        Self { scope: Scope::Contract(contract.clone()), workers: Arc::clone(&self.workers) }
    }

    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl Fn(&dyn Session) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreFault> {
        self.workers.run(self.scope.clone(), work).await
    }

    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl Fn(&dyn Session) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreFault> {
        self.workers.run(self.scope.clone(), work).await
    }
}
