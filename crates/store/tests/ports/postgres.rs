//! The suite on PostgreSQL.

mod suite {
    crate::cases::stamp! { super::super::PostgresStores::if_there() }
}

use std::sync::Arc;

use enishi_store::Store;

use crate::cluster::Cluster;
use crate::stores::{Ports, Stores};

/// A database of its own for each case.
pub(crate) struct PostgresStores(String);

impl PostgresStores {
    /// Says so and gives nothing where there is no PostgreSQL; under `CI=true` that is a failure.
    fn if_there() -> Option<Self> {
        if let Some(cluster) = off_the_loop(Cluster::shared) {
            return Some(Self(off_the_loop(|| cluster.database())));
        }
        println!("NOT RUN: postgresql (its server is missing)");
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "PostgreSQL's server is missing");
        None
    }

    fn store(&self) -> Arc<Store> {
        off_the_loop(|| Store::postgres(&self.0).unwrap())
    }
}

impl Stores for PostgresStores {
    fn open(&self) -> Ports {
        Ports::of(&self.store())
    }
}

/// The driver waits by itself, which an event loop's thread must not.
fn off_the_loop<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| scope.spawn(work).join().unwrap())
}
