//! All parties that run as child processes: started in order, watched, and ended in the other order.

use std::ffi::OsStr;
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::SandboxError;
use super::process::{Farewell, PartyProcess};

/// How long a party may take until it serves.
const START_WAIT: Duration = Duration::from_secs(30);
/// How long a process may take to be seen as ended after it has fallen silent.
const LAST_BREATH: Duration = Duration::from_secs(1);
/// How long a party may take to end before it is killed.
const END_WAIT: Duration = Duration::from_secs(10);
/// How long one that is spoken to may take to hear that nobody speaks any more.
const HEARING_WAIT: Duration = Duration::from_secs(1);
/// How often it is looked whether one has ended.
const GLANCE: Duration = Duration::from_millis(20);

/// The parties' processes. Dropped, it leaves none of them running.
pub struct Processes {
    program: PathBuf,
    running: Mutex<Vec<PartyProcess>>,
}

impl Processes {
    /// Of this program, none running yet.
    #[must_use]
    pub fn new(program: PathBuf) -> Self {
        Self { program, running: Mutex::default() }
    }

    /// Starts a party that serves: `arguments`, and the record that it is to write.
    pub(crate) fn serve(&self, root: &Path, name: &str, arguments: &[&OsStr]) -> Result<(), SandboxError> {
        let process = PartyProcess::serving(
            name,
            self.command(root, name, arguments)?,
            &log(root, name),
            &said(root, name),
        )?;
        self.running().push(process);
        Ok(())
    }

    /// Starts a party that is spoken to.
    pub(crate) fn speak_to(
        &self,
        root: &Path,
        name: &str,
        arguments: &[&OsStr],
    ) -> Result<UnixStream, SandboxError> {
        let command = self.command(root, name, arguments)?;
        let (process, line) = PartyProcess::spoken_to(name, command, &log(root, name))?;
        self.running().push(process);
        Ok(line)
    }

    fn command(&self, root: &Path, name: &str, arguments: &[&OsStr]) -> Result<Command, SandboxError> {
        for folder in [log_folder(root), tap_folder(root)] {
            let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder);
            made.map_err(|reason| SandboxError::File { path: folder, reason })?;
        }
        let mut command = Command::new(&self.program);
        command.args(arguments).arg("--sandbox-tap").arg(tap(root, name));
        Ok(command)
    }

    /// Waits until a party says on its standard output that it serves.
    pub(crate) async fn until_ready(&self, root: &Path, name: &str, word: &str) -> Result<(), SandboxError> {
        let said = said(root, name);
        let deadline = tokio::time::Instant::now() + START_WAIT;
        while !std::fs::read_to_string(&said).unwrap_or_default().lines().any(|line| line == word) {
            if let Some(error) = self.ended() {
                return Err(error);
            }
            if tokio::time::Instant::now() >= deadline {
                return Err(SandboxError::Making(format!("{name} did not serve within {START_WAIT:?}")));
            }
            tokio::time::sleep(GLANCE).await;
        }
        Ok(())
    }

    /// As [`ended`](Self::ended), of a process that is just about to end.
    pub(crate) async fn ended_soon(&self) -> Option<SandboxError> {
        tokio::time::timeout(LAST_BREATH, self.one_ended()).await.ok()
    }

    /// The first that ended unasked, as an error with the end of its log.
    pub fn ended(&self) -> Option<SandboxError> {
        self.running().iter_mut().find_map(|process| match process.ended() {
            Ok(None) => None,
            Ok(Some(status)) => Some(process.obituary(status)),
            Err(reason) => Some(reason.into()),
        })
    }

    /// Returns when one ends unasked.
    pub async fn one_ended(&self) -> SandboxError {
        loop {
            if let Some(error) = self.ended() {
                return error;
            }
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// Waits for those that have nobody to speak to any more.
    pub(crate) async fn reap_silent(&self) {
        let silent: Vec<_> = {
            let mut running = self.running();
            let (silent, rest) =
                running.drain(..).partition(|process| process.farewell() == Farewell::EndOfInput);
            *running = rest;
            silent
        };
        for process in silent {
            farewell(process).await;
        }
    }

    /// Ends all, the last started first, and waits for each; what did not end in order is told.
    pub async fn stop(&self) -> Vec<String> {
        let mut faults = Vec::new();
        loop {
            let Some(process) = self.running().pop() else { return faults };
            faults.extend(farewell(process).await);
        }
    }

    fn running(&self) -> MutexGuard<'_, Vec<PartyProcess>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends one party; what was not in order.
async fn farewell(mut process: PartyProcess) -> Option<String> {
    let name = process.name().to_owned();
    if process.farewell() == Farewell::Terminate {
        process.terminate();
    }
    let begun = tokio::time::Instant::now();
    while begun.elapsed() < END_WAIT {
        match process.ended() {
            Ok(Some(status)) if status.success() => return None,
            // It may be in the middle of an order that nobody waits for any more.
            Ok(None) if process.farewell() == Farewell::EndOfInput && begun.elapsed() > HEARING_WAIT => {
                process.terminate();
                tokio::time::sleep(GLANCE).await;
            }
            Ok(Some(status)) => return Some(format!("{name} was told to end and ended with {status}")),
            Ok(None) => tokio::time::sleep(GLANCE).await,
            Err(error) => return Some(format!("{name}: {error}")),
        }
    }
    process.kill();
    Some(format!("{name} did not end within {END_WAIT:?} and was killed"))
}

impl std::fmt::Debug for Processes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Processes({})", self.running().len())
    }
}

fn log_folder(root: &Path) -> PathBuf {
    root.join("logs")
}

fn tap_folder(root: &Path) -> PathBuf {
    root.join("taps")
}

fn log(root: &Path, name: &str) -> PathBuf {
    log_folder(root).join(format!("{name}.log"))
}

/// What a party says on its standard output.
fn said(root: &Path, name: &str) -> PathBuf {
    log_folder(root).join(format!("{name}.out"))
}

/// What a party writes down of its connections.
pub(crate) fn tap(root: &Path, name: &str) -> PathBuf {
    tap_folder(root).join(format!("{name}.tap"))
}

#[cfg(test)]
mod tests;
