//! A party in a process of its own, which can be killed.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// How long a party may take to start or to stop.
const PATIENCE: Duration = Duration::from_secs(30);
const GLANCE: Duration = Duration::from_millis(5);

/// The built program.
pub(crate) const ENISHI: &str = env!("CARGO_BIN_EXE_enishi");

/// A child that is killed when dropped.
pub(crate) struct PartyProcess {
    child: Child,
    log: PathBuf,
    log_before: usize,
}

impl PartyProcess {
    /// `enishi …`; what it logs is appended to a file.
    pub(crate) fn start(arguments: &[&str], log: &Path) -> Self {
        let log_before = text(log).len();
        let file = OpenOptions::new().create(true).append(true).open(log).unwrap();
        let child = Command::new(ENISHI)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::from(file.try_clone().unwrap()))
            .stderr(Stdio::from(file))
            .spawn()
            .unwrap();
        Self { child, log: log.to_owned(), log_before }
    }

    /// Starts a party that serves and waits until it does.
    pub(crate) fn serving(role: &str, config: &Path, log: &Path) -> Self {
        let mut process = Self::start(&[role, "serve", "--config", config.to_str().unwrap()], log);
        process.until_logged("serves");
        process
    }

    /// Waits for a log line of this process.
    pub(crate) fn until_logged(&mut self, words: &str) {
        let deadline = Instant::now() + PATIENCE;
        while !self.logged().contains(words) {
            if let Some(status) = self.child.try_wait().unwrap() {
                panic!("the party ended with {status}: {}", self.logged());
            }
            assert!(Instant::now() < deadline, "not {words:?} within {PATIENCE:?}: {}", self.logged());
            std::thread::sleep(GLANCE);
        }
    }

    /// What it has logged so far.
    pub(crate) fn logged(&self) -> String {
        text(&self.log).get(self.log_before..).unwrap_or_default().to_owned()
    }

    /// SIGKILL, and its body is taken away.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM, and waits for its end.
    pub(crate) fn terminate(mut self) -> ExitStatus {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, Signal::TERM).unwrap();
        self.ended()
    }

    /// Waits for its end.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < deadline, "still running after {PATIENCE:?}: {}", self.logged());
            std::thread::sleep(GLANCE);
        }
    }
}

impl Drop for PartyProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs `enishi …` to its end.
pub(crate) fn run_enishi(arguments: &[&str]) -> Output {
    Command::new(ENISHI).args(arguments).stdin(Stdio::null()).output().unwrap()
}

fn text(log: &Path) -> String {
    let octets = File::open(log).and_then(|mut file| {
        let mut octets = Vec::new();
        std::io::Read::read_to_end(&mut file, &mut octets).map(|_| octets)
    });
    String::from_utf8_lossy(&octets.unwrap_or_default()).into_owned()
}
