//! One scene: what was done, what was expected, and what came.

use std::time::Duration;

use enishi_party::Text;

use super::sight::Sight;

/// Whether a scene came out as expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The outcome and every further check.
    AsExpected,
    /// Something else.
    Otherwise,
}

/// A part of a story with one outcome.
#[derive(Debug)]
pub struct Scene {
    /// What it is about.
    pub title: Text,
    /// What happened, in a shopkeeper's words.
    pub told: Vec<Text>,
    /// The outcome that must come.
    pub expected: &'static str,
    /// The outcome that came.
    pub came: String,
    /// What else must hold, and whether it does.
    pub checks: Vec<(Text, bool)>,
    /// How long each hop took.
    pub hops: Vec<(Text, Duration)>,
    /// Who saw what, where the story is about that.
    pub(crate) sight: Option<Sight>,
    /// What the shop prints.
    pub receipt: Option<String>,
}

impl Scene {
    pub(crate) fn new(title: Text, expected: &'static str, came: String) -> Self {
        Self {
            title,
            told: Vec::new(),
            expected,
            came,
            checks: Vec::new(),
            hops: Vec::new(),
            sight: None,
            receipt: None,
        }
    }

    pub(crate) fn told(mut self, ja: impl Into<String>, en: impl Into<String>) -> Self {
        self.told.push(Text::new(ja, en));
        self
    }

    pub(crate) fn check(mut self, ja: impl Into<String>, en: impl Into<String>, holds: bool) -> Self {
        self.checks.push((Text::new(ja, en), holds));
        self
    }

    /// Whether everything came out as expected.
    #[must_use]
    pub fn standing(&self) -> Standing {
        let checks = self.checks.iter().all(|(_, holds)| *holds);
        let sight = self.sight.as_ref().is_none_or(Sight::is_as_it_must);
        if self.came == self.expected && checks && sight { Standing::AsExpected } else { Standing::Otherwise }
    }
}
