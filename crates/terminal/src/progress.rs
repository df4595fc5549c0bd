//! What the terminal is doing just now, for a screen.

use std::time::Duration;

/// One thing that has just begun or ended; it names no person and no contents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// The card proved its holder, or signed; all its commands so far took this long.
    CardDone {
        /// By a monotonic clock, the holder's own time not in it.
        took: Duration,
    },
    /// A request goes to the relay.
    Asking {
        /// Which sending of this request, from 1.
        attempt: usize,
    },
    /// The relay answered.
    Heard {
        /// After this time.
        took: Duration,
    },
    /// No answer, or none that says anything.
    NotHeard {
        /// For this time.
        took: Duration,
    },
    /// A cancellation goes to the relay.
    TakingBack,
}

/// Who is told while a purchase or registration goes on.
///
/// Called on the way, so it returns at once.
pub trait Watcher: Send + Sync {
    /// Something has begun or ended.
    fn progress(&self, progress: Progress);
}

/// Nobody watches.
pub(crate) struct Unwatched;

impl Watcher for Unwatched {
    fn progress(&self, _: Progress) {}
}
