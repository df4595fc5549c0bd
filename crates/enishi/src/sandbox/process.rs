//! One party as a child process.

use std::fs::OpenOptions;
use std::io::{Read, Seek, SeekFrom};
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use super::SandboxError;

/// How much of a log is read to show its end.
const LAST_OCTETS: u64 = 8 * 1024;
/// How many lines of it are shown.
const LAST_LINES: usize = 8;

/// A child process with its log. It is killed when dropped, if it has not ended.
pub(crate) struct PartyProcess {
    name: String,
    child: Child,
    log: PathBuf,
    /// Its standard input: a party that reads its end there knows that the demo is gone.
    _lifeline: Option<ChildStdin>,
    farewell: Farewell,
}

/// How a party is told to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Farewell {
    /// SIGTERM, as a service manager sends it.
    Terminate,
    /// Nothing: it reads the end of its input, which is closed already.
    EndOfInput,
}

impl PartyProcess {
    /// Starts a party that serves until it is told to end.
    pub(crate) fn serving(
        name: &str,
        mut command: Command,
        log: &Path,
        said: &Path,
    ) -> Result<Self, SandboxError> {
        command.stdin(Stdio::piped());
        command.stdout(log_file(said)?);
        Self::start(name, command, log, Farewell::Terminate)
    }

    /// Starts a party that is spoken to over its standard input and output; gives our end of the line.
    pub(crate) fn spoken_to(
        name: &str,
        mut command: Command,
        log: &Path,
    ) -> Result<(Self, UnixStream), SandboxError> {
        let (ours, theirs) = UnixStream::pair()?;
        command.stdin(OwnedFd::from(theirs.try_clone()?));
        command.stdout(OwnedFd::from(theirs));
        Ok((Self::start(name, command, log, Farewell::EndOfInput)?, ours))
    }

    fn start(name: &str, mut command: Command, log: &Path, farewell: Farewell) -> Result<Self, SandboxError> {
        command.stderr(log_file(log)?);
        // A Ctrl-C is for the demo, which ends the others in their order.
        command.process_group(0);
        let program = PathBuf::from(command.get_program());
        let mut child = command.spawn().map_err(|reason| SandboxError::File { path: program, reason })?;
        let lifeline = child.stdin.take();
        Ok(Self { name: name.to_owned(), child, log: log.to_owned(), _lifeline: lifeline, farewell })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) const fn farewell(&self) -> Farewell {
        self.farewell
    }

    /// Whether it has ended, and how.
    pub(crate) fn ended(&mut self) -> std::io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }

    /// Asks it to end.
    pub(crate) fn terminate(&mut self) {
        // While it has not been waited for, its number is nobody else's.
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = kill_process(Pid::from_child(&self.child), Signal::TERM);
        }
    }

    /// Ends it.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// The error that says how it ended before its time, with the end of its log.
    pub(crate) fn obituary(&self, status: ExitStatus) -> SandboxError {
        SandboxError::PartyEnded {
            party: self.name.clone(),
            status,
            last_lines: last_lines(&self.log).unwrap_or_else(|error| error.to_string()),
        }
    }
}

impl Drop for PartyProcess {
    fn drop(&mut self) {
        if !matches!(self.child.try_wait(), Ok(Some(_))) {
            self.kill();
        }
    }
}

fn log_file(path: &Path) -> Result<Stdio, SandboxError> {
    let opened = OpenOptions::new().create(true).append(true).mode(0o600).open(path);
    opened.map(Stdio::from).map_err(|reason| SandboxError::File { path: path.to_owned(), reason })
}

fn last_lines(log: &Path) -> std::io::Result<String> {
    let mut file = std::fs::File::open(log)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(LAST_OCTETS)))?;
    let mut octets = Vec::new();
    file.take(LAST_OCTETS).read_to_end(&mut octets)?;
    let text = String::from_utf8_lossy(&octets);
    let lines: Vec<_> = text.lines().collect();
    let last = lines.get(lines.len().saturating_sub(LAST_LINES)..).unwrap_or_default();
    Ok(last.join("\n"))
}
