//! Time that a test holds in its hand.

use std::sync::Mutex;
use std::time::Duration;

use enishi_party::{Clock, Timestamp};

/// The town's present: its cards and lists are of this day.
#[must_use]
pub fn now() -> Timestamp {
    "2026-11-20T03:00:00Z".parse().unwrap()
}

/// So many seconds from the town's present.
#[must_use]
pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(now().as_second() + seconds).unwrap()
}

/// A clock that stands until it is set.
#[derive(Debug)]
pub struct Standstill(Mutex<Timestamp>);

impl Default for Standstill {
    fn default() -> Self {
        Self(Mutex::new(now()))
    }
}

impl Standstill {
    /// Sets it.
    pub fn set(&self, moment: Timestamp) {
        *self.0.lock().unwrap() = moment;
    }

    /// Moves it on.
    pub fn pass(&self, time: Duration) {
        let mut clock = self.0.lock().unwrap();
        *clock += time;
    }
}

impl Clock for Standstill {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}
