//! What the figures were measured on.

use std::fs;
use std::path::Path;
use std::process::Command;

use enishi_party::{Clock, Timestamp};
use enishi_transport::SystemClock;

use crate::error::BenchError;
use crate::figures::Effort;

/// Above this load before the start, figures are for development only.
const QUIET_LOAD: f64 = 0.5;

/// The machine and the moment.
#[derive(Debug, Clone)]
pub(crate) struct Machine {
    pub(crate) processor: String,
    pub(crate) cores: usize,
    pub(crate) file_system: String,
    pub(crate) commit: String,
    pub(crate) begun: Timestamp,
    pub(crate) load: Option<f64>,
    pub(crate) quick: bool,
}

impl Machine {
    pub(crate) fn here(folder: &Path, effort: &Effort) -> Result<Self, BenchError> {
        let folder = folder.canonicalize().map_err(BenchError::file(folder))?;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Self {
            processor: processor().unwrap_or_else(|| "unknown".to_owned()),
            cores,
            file_system: file_system(&folder).unwrap_or_else(|| "unknown".to_owned()),
            commit: commit().unwrap_or_else(|| "unknown".to_owned()),
            begun: SystemClock.now(),
            load: load(),
            quick: effort.quick,
        })
    }

    /// One line for people.
    pub(crate) fn line(&self) -> String {
        let load = self.load.map_or_else(|| "unknown".to_owned(), |load| format!("{load:.2}"));
        let busy =
            if self.load.is_none_or(|load| load > QUIET_LOAD) { " (busy: for development only)" } else { "" };
        let quick = if self.quick { ", quick" } else { "" };
        format!(
            "{}, commit {}, {} ({} cores), {}, load before {load}{busy}{quick}",
            self.begun.strftime("%Y-%m-%d %H:%M UTC"),
            self.commit,
            self.processor,
            self.cores,
            self.file_system,
        )
    }
}

fn processor() -> Option<String> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    field(&text, "model name").map(str::to_owned)
}

/// The value of a line `NAME : VALUE`.
pub(crate) fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == name).then(|| value.trim())
    })
}

/// The kind of file system below a folder: figures from memory are none of a disk.
fn file_system(folder: &Path) -> Option<String> {
    let mounts = fs::read_to_string("/proc/mounts").ok()?;
    let mut best: Option<(usize, &str)> = None;
    for line in mounts.lines() {
        let mut words = line.split_whitespace().skip(1);
        let (Some(place), Some(kind)) = (words.next(), words.next()) else { continue };
        if folder.starts_with(place) && best.is_none_or(|(length, _)| place.len() >= length) {
            best = Some((place.len(), kind));
        }
    }
    best.map(|(_, kind)| kind.to_owned())
}

fn commit() -> Option<String> {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let commit = git(&["rev-parse", "--short=12", "HEAD"])?;
    let changed = git(&["status", "--porcelain", "--untracked-files=no"])?;
    Some(if changed.is_empty() { commit } else { format!("{commit} with changes") })
}

pub(crate) fn load() -> Option<f64> {
    fs::read_to_string("/proc/loadavg").ok()?.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::field;

    #[test]
    fn a_field_is_found_by_its_whole_name() {
        let text = "VmHWM:\t  900 kB\nVmRSS:\t  640 kB\nmodel name\t: A B: C\n";
        assert_eq!(field(text, "VmRSS"), Some("640 kB"));
        assert_eq!(field(text, "model name"), Some("A B: C"));
        assert_eq!(field(text, "RSS"), None);
    }
}
