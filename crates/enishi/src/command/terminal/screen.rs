//! What people read while the terminal works.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use enishi_party::{Language, Text};
use enishi_terminal::{Progress, Watcher};

/// The screen: stdout, or stderr where stdout is for a program.
#[derive(Clone, Copy)]
pub(super) struct Screen {
    language: Language,
    place: Place,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Stdout,
    Stderr,
}

impl Screen {
    pub(super) const fn new(language: Language, json: bool) -> Self {
        Self { language, place: if json { Place::Stderr } else { Place::Stdout } }
    }

    pub(super) const fn language(&self) -> Language {
        self.language
    }

    /// A line. A screen that nobody reads any more stops no purchase.
    pub(super) fn say(&self, text: &Text) {
        self.write(text.of(self.language), "\n");
    }

    /// A line that is the same in both languages.
    pub(super) fn line(&self, text: &str) {
        self.write(text, "\n");
    }

    /// A question, with the answer on the same line.
    pub(super) fn ask(&self, text: &Text) {
        self.write(text.of(self.language), "");
    }

    fn is_terminal(&self) -> bool {
        match self.place {
            Place::Stdout => io::stdout().is_terminal(),
            Place::Stderr => io::stderr().is_terminal(),
        }
    }

    fn write(&self, text: &str, end: &str) {
        let _ = match self.place {
            Place::Stdout => write!(io::stdout(), "{text}{end}").and_then(|()| io::stdout().flush()),
            Place::Stderr => write!(io::stderr(), "{text}{end}"),
        };
    }
}

/// The hops while they happen, for a person at a terminal alone.
pub(super) struct Hops {
    screen: Screen,
    shown: bool,
}

impl Hops {
    pub(super) fn new(screen: &Screen) -> Self {
        Self { screen: *screen, shown: screen.is_terminal() }
    }
}

impl Watcher for Hops {
    fn progress(&self, progress: Progress) {
        if !self.shown {
            return;
        }
        let ms = |took: Duration| took.as_millis();
        self.screen.say(&match progress {
            Progress::CardDone { took } => {
                let ms = ms(took);
                Text::new(format!("  カード … {ms} ms"), format!("  card … {ms} ms"))
            }
            Progress::Asking { attempt: 1 } => Text::new("  中継に送信中 …", "  asking the relay …"),
            Progress::Asking { attempt } => Text::new(
                format!("  もう一度送信中({attempt}回目) …"),
                format!("  asking again ({attempt}) …"),
            ),
            Progress::Heard { took } => {
                let ms = ms(took);
                Text::new(format!("  応答あり … {ms} ms"), format!("  answered … {ms} ms"))
            }
            Progress::NotHeard { took } => {
                let ms = ms(took);
                Text::new(format!("  応答なし … {ms} ms"), format!("  no answer … {ms} ms"))
            }
            Progress::TakingBack => Text::new("  取消を送信中 …", "  taking it back …"),
        });
    }
}
