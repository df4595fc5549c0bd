//! What a person enters: without echo on a terminal, one line at a time from anything else.

use std::io::{self, IsTerminal, Stdin, Write};
use std::os::fd::AsFd;

use enishi_transport::CancellationToken;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};
use tokio::signal::unix::{SignalKind, signal};
use zeroize::Zeroizing;

/// Longest line that is read; what goes beyond is dropped, and then the line is nothing that is asked for here.
const LINE_OCTETS_MAX: usize = 256;
/// How long Ctrl-C may go unnoticed while somebody thinks.
const GLANCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };
/// A key that is none (`_POSIX_VDISABLE`).
const NO_KEY: u8 = 0;

/// Whether SIGINT, SIGQUIT or SIGTERM has come; from the first watch on they end no process by themselves, so that none
/// ends with a terminal that shows nothing, or with a core file that holds what was typed.
#[derive(Clone)]
pub(crate) struct Interrupt(CancellationToken);

impl Interrupt {
    /// Watches from here on; needs a runtime.
    pub(crate) fn watch() -> io::Result<Self> {
        let token = CancellationToken::new();
        for kind in [SignalKind::interrupt(), SignalKind::quit(), SignalKind::terminate()] {
            let (mut signal, heard) = (signal(kind)?, token.clone());
            tokio::spawn(async move {
                if signal.recv().await.is_some() {
                    heard.cancel();
                }
            });
        }
        Ok(Self(token))
    }

    pub(crate) fn is_heard(&self) -> bool {
        self.0.is_cancelled()
    }

    pub(crate) async fn heard(&self) {
        self.0.cancelled().await;
    }
}

/// Whether what is entered is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Echo {
    Shown,
    Hidden,
}

/// One line as it was entered. It is wiped after use, whatever it was.
pub(crate) struct Line(Zeroizing<Vec<u8>>);

impl Line {
    /// The line; octets that are no text are no answer.
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// Standard input.
pub(crate) struct Keypad {
    input: Stdin,
    interrupt: Interrupt,
}

impl Keypad {
    pub(crate) fn new(interrupt: Interrupt) -> Self {
        Self { input: io::stdin(), interrupt }
    }

    /// Whether a person can be asked again: a program that pipes its lines in has said all that it will say.
    pub(crate) fn is_terminal(&self) -> bool {
        self.input.is_terminal()
    }

    pub(crate) fn is_interrupted(&self) -> bool {
        self.interrupt.is_heard()
    }

    /// Reads a line. `None`: the input has ended or Ctrl-C was pressed.
    ///
    /// `prompt` is called when nothing that is typed will be shown any more. The line is read octet by octet and past
    /// the buffer of the standard library, which would keep a PIN.
    pub(crate) fn line(&self, echo: Echo, prompt: impl FnOnce()) -> Option<Line> {
        let _hidden = match echo {
            Echo::Hidden if self.is_terminal() => Some(Hidden::begin(&self.input).ok()?),
            _ => None,
        };
        prompt();
        let mut line = Zeroizing::new(Vec::with_capacity(LINE_OCTETS_MAX));
        loop {
            match self.octet()? {
                b'\n' => return Some(Line(line)),
                b'\r' => {}
                octet if line.len() < LINE_OCTETS_MAX => line.push(octet),
                _ => {}
            }
        }
    }

    fn octet(&self) -> Option<u8> {
        let mut octet = [0];
        loop {
            if self.interrupt.is_heard() {
                return None;
            }
            let mut ready = [PollFd::new(&self.input, PollFlags::IN)];
            match poll(&mut ready, Some(&GLANCE)) {
                Ok(0) | Err(Errno::INTR) => continue,
                Ok(_) => {}
                Err(_) => return None,
            }
            match rustix::io::read(&self.input, &mut octet) {
                Ok(1..) => return octet.first().copied(),
                Err(Errno::INTR | Errno::AGAIN) => {}
                Ok(0) | Err(_) => return None,
            }
        }
    }
}

/// A terminal that shows nothing, until this is dropped: also when a panic unwinds.
struct Hidden<'a> {
    terminal: &'a Stdin,
    before: Termios,
}

impl<'a> Hidden<'a> {
    fn begin(terminal: &'a Stdin) -> io::Result<Self> {
        let before = tcgetattr(terminal.as_fd())?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO | LocalModes::ECHONL);
        // Ctrl-Z would leave the terminal silent for whoever has it next.
        silent.special_codes[SpecialCodeIndex::VSUSP] = NO_KEY;
        // What was typed before the question is no answer to it.
        tcsetattr(terminal.as_fd(), OptionalActions::Flush, &silent)?;
        Ok(Self { terminal, before })
    }
}

impl Drop for Hidden<'_> {
    fn drop(&mut self) {
        let _ = tcsetattr(self.terminal.as_fd(), OptionalActions::Now, &self.before);
        // The line end was swallowed with the rest.
        let _ = writeln!(io::stderr());
    }
}
