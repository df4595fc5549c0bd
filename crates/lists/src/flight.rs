use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::{Mutex, OwnedMutexGuard};

/// One fetch at a time of one list; whoever waited for another's fetch takes its outcome.
#[derive(Clone, Default)]
pub(crate) struct Flight {
    turn: Arc<Mutex<()>>,
    ended: Arc<AtomicU64>,
}

/// The right to fetch. Ends when it is landed or dropped, also where whoever asked has gone.
pub(crate) struct Turn {
    ended: Arc<AtomicU64>,
    _turn: OwnedMutexGuard<()>,
}

impl Flight {
    /// Waits for the turn; none where a fetch ended, well or badly, while waiting.
    pub(crate) async fn board(&self) -> Option<Turn> {
        let ended_before = self.ended.load(Ordering::Acquire);
        let turn = Arc::clone(&self.turn).lock_owned().await;
        let ended = self.ended.load(Ordering::Acquire);
        (ended == ended_before).then(|| Turn { ended: Arc::clone(&self.ended), _turn: turn })
    }
}

impl Turn {
    /// The fetch has an outcome, which those who wait share.
    pub(crate) fn land(self) {
        self.ended.fetch_add(1, Ordering::Release);
    }
}
