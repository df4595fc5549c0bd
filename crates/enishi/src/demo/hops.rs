//! How long each hop took.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use enishi_party::Text;
use enishi_relay::{Hop, Observer};

/// What the relay's observer heard since the story began.
#[derive(Debug, Default)]
pub(crate) struct HopLog(Mutex<Vec<(Hop, Duration)>>);

impl Observer for HopLog {
    fn hop(&self, hop: Hop, took: Duration) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((hop, took));
    }
}

impl HopLog {
    /// Takes what was heard.
    pub(crate) fn take(&self) -> Vec<(Hop, Duration)> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A hop's name for people.
pub(crate) fn name(hop: Hop) -> Text {
    match hop {
        Hop::Prove => Text::new("③証明・所持", "③ prove"),
        Hop::Link => Text::new("②紐付", "② link"),
        Hop::Clear => Text::new("③失効確認", "③ clear"),
        Hop::Provider => Text::new("会社", "company"),
    }
}
