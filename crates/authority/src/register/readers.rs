//! Connections that read beside the one that writes: in a write-ahead log neither waits for the other.

use std::{
    path::Path,
    sync::{
        Mutex, MutexGuard, PoisonError, TryLockError,
        atomic::{AtomicUsize, Ordering},
    },
};

use rusqlite::{Connection, OpenFlags};

use super::BUSY_TIMEOUT;
use crate::AuthorityError;

/// The most connections: each has a cache of its own.
const CONNECTIONS_MAX: usize = 8;

thread_local! {
    /// Threads begin their search at different connections, so that each mostly finds its own.
    static FIRST: usize = NEXT.fetch_add(1, Ordering::Relaxed);
}
static NEXT: AtomicUsize = AtomicUsize::new(0);

/// As many as there are processors.
pub(crate) struct Readers(Vec<Mutex<Connection>>);

impl Readers {
    pub(super) fn open(path: &Path) -> Result<Self, AuthorityError> {
        let count = std::thread::available_parallelism().map_or(1, usize::from).clamp(1, CONNECTIONS_MAX);
        let open = || -> Result<_, AuthorityError> {
            // A log that another process's death left behind is recovered by whoever comes first: that is a write.
            let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let connection = Connection::open_with_flags(path, flags)?;
            connection.busy_timeout(BUSY_TIMEOUT)?;
            connection.pragma_update(None, "query_only", true)?;
            Ok(Mutex::new(connection))
        };
        Ok(Self((0..count).map(|_| open()).collect::<Result<_, _>>()?))
    }

    /// Whichever is free first, or the caller's own when it is.
    pub(super) fn wait_for_one(&self) -> MutexGuard<'_, Connection> {
        // There is at least one, and the register's callers cannot go on without.
        loop {
            if let Some(free) = self.one_that_is_free() {
                return free;
            }
            let own = self.in_turn().next().map(|its| its.lock().unwrap_or_else(PoisonError::into_inner));
            if let Some(own) = own {
                return own;
            }
        }
    }

    pub(super) fn one_that_is_free(&self) -> Option<MutexGuard<'_, Connection>> {
        self.in_turn().find_map(|connection| match connection.try_lock() {
            Ok(free) => Some(free),
            // A panic in a reader leaves nothing half done.
            Err(TryLockError::Poisoned(free)) => Some(free.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        })
    }

    fn in_turn(&self) -> impl Iterator<Item = &Mutex<Connection>> {
        let first = FIRST.with(|first| *first) % self.0.len().max(1);
        let (before, from) = self.0.split_at_checked(first).unwrap_or((&[], &self.0));
        from.iter().chain(before)
    }
}
