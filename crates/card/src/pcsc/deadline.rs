//! How long a wait may still take.

use std::time::{Duration, Instant};

/// The end of somebody's patience; none if it is longer than the clock can tell.
pub(super) struct Deadline(Option<Instant>);

impl Deadline {
    pub(super) fn after(patience: Duration) -> Self {
        Self(Instant::now().checked_add(patience))
    }

    pub(super) fn left(&self) -> Duration {
        self.0.map_or(Duration::MAX, |end| end.saturating_duration_since(Instant::now()))
    }

    pub(super) fn is_over(&self) -> bool {
        self.left().is_zero()
    }
}
