//! One list in a process of its own, so that nobody else's memory is counted: ours, or a peer's.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use enishi_jpki::{CaCertificate, Profile, Serial};
use enishi_lists::DetailFiles;
use enishi_party::Clock;
use enishi_transport::SystemClock;
use enishi_verify::{Crl, Limits};
use serde::{Deserialize, Serialize};

use crate::clock::timed;
use crate::error::BenchError;
use crate::list_file::number;
use crate::programs::memory;

const WHAT: &str = "a list's process";
/// The authority's certificate in the folder.
pub(crate) const ISSUER: &str = "issuer.der";

/// What such a process tells of its work.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Told {
    /// From the file to the first answer.
    pub(crate) seconds: f64,
    /// Anonymous memory above idle while the list serves, in octets.
    pub(crate) serving: f64,
    /// The same at the most while a second list was read and the first served.
    pub(crate) peak: f64,
}

/// What a process is asked to do.
#[derive(Debug, Clone)]
pub(crate) struct Task {
    /// `ours`, or a peer's name.
    pub(crate) who: String,
    /// The list; its issuer lies beside.
    pub(crate) list: PathBuf,
}

/// Who can be asked here.
pub(crate) const OURS: &str = "ours";
#[cfg(feature = "peers")]
pub(crate) const PEERS: &[&str] = crate::list_peers::NAMES;
#[cfg(not(feature = "peers"))]
pub(crate) const PEERS: &[&str] = &[];

impl Task {
    /// Has it done by another process.
    pub(crate) fn run(&self) -> Result<Told, BenchError> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("--list-process").arg(&self.who).arg("--folder").arg(&self.list);
        let output = command.output()?;
        if !output.status.success() {
            let why = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            return Err(BenchError::Failed { what: WHAT, why: format!("{}: {why}", self.who) });
        }
        serde_json::from_slice(&output.stdout).map_err(BenchError::of(WHAT))
    }

    /// Does it in this process, and tells it on standard output.
    pub(crate) fn serve(who: &str, list: &Path) -> Result<(), BenchError> {
        let told = match who {
            OURS => ours(list)?,
            #[cfg(feature = "peers")]
            peer => crate::list_peers::read(peer, list)?,
            #[cfg(not(feature = "peers"))]
            peer => {
                return Err(BenchError::Failed { what: WHAT, why: format!("no peer {peer} in this build") });
            }
        };
        println!("{}", serde_json::to_string(&told).map_err(BenchError::of(WHAT))?);
        Ok(())
    }
}

/// A figure of this process's own memory.
pub(crate) fn own(name: &str) -> Result<f64, BenchError> {
    let failed = || BenchError::Failed { what: "memory", why: "the kernel does not say".to_owned() };
    memory(std::process::id(), name).ok_or_else(failed)
}

/// The issuer that lies beside a list.
pub(crate) fn issuer_der(list: &Path) -> Result<Vec<u8>, BenchError> {
    let file = list.with_file_name(ISSUER);
    std::fs::read(&file).map_err(BenchError::file(&file))
}

fn ours(list: &Path) -> Result<Told, BenchError> {
    let issuer = CaCertificate::parse(&issuer_der(list)?, &Profile::SANDBOX).map_err(BenchError::of(WHAT))?;
    let store = DetailFiles::new(list.parent().unwrap_or(Path::new(".")).to_path_buf());
    let (limits, now) = (Limits::default(), SystemClock.now());
    let first = Serial::from_u64(u64::from(number(0))).map_err(BenchError::of(WHAT))?;
    let read = |previous: Option<&Crl>| {
        let mut file = File::open(list).map_err(BenchError::file(list))?;
        let list =
            Crl::read(&mut file, &store, &issuer, previous, &limits, now).map_err(BenchError::of(WHAT))?;
        list.status(&first).map_err(BenchError::of(WHAT))?;
        Ok(list)
    };
    let idle = own("RssAnon")?;
    let (old, seconds) = timed(|| read(None))?;
    let serving = own("RssAnon")? - idle;
    // From here on the kernel counts the most anew (proc(5), clear_refs).
    std::fs::write("/proc/self/clear_refs", "5").map_err(BenchError::of(WHAT))?;
    let new = read(Some(&old))?;
    let peak = own("VmHWM")? - own("RssFile")? - idle;
    // Both are held until here.
    drop((old, new));
    Ok(Told { seconds, serving, peak })
}
