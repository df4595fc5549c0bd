//! What Debian or the Python registry must provide: found, or installed where that is allowed.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::command;
use crate::error::TaskError;
use crate::suite::Session;

/// Something that a suite needs and cargo does not provide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// OpenSSL 3, the second opinion on certificates, lists and answers.
    Openssl,
    /// pyiso8583, the second opinion on messages.
    Pyiso8583,
    /// A C++ compiler, for libFuzzer.
    CxxCompiler,
}

/// The other implementation of ISO 8583, pinned.
const PYISO8583: &str = "pyiso8583==4.0.1";

impl Need {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Openssl => "openssl",
            Self::Pyiso8583 => "pyiso8583",
            Self::CxxCompiler => "g++",
        }
    }
}

/// Makes sure that it is there.
pub(crate) fn provide(need: Need, session: &mut Session<'_>) -> Result<(), TaskError> {
    match need {
        Need::Openssl => program("openssl", &["version"], "openssl"),
        Need::CxxCompiler => program("c++", &["--version"], "g++"),
        Need::Pyiso8583 => {
            session.python = Some(pyiso8583(session)?);
            Ok(())
        }
    }
}

fn program(program: &str, probe: &[&str], package: &str) -> Result<(), TaskError> {
    if answers(program, probe) {
        return Ok(());
    }
    debian(&[package])?;
    if answers(program, probe) {
        return Ok(());
    }
    Err(TaskError::NotProvided(format!("{program} does not run although {package} was installed")))
}

/// The interpreter of an environment that has pyiso8583; made once, then kept under `target`.
fn pyiso8583(session: &Session<'_>) -> Result<PathBuf, TaskError> {
    let folder = session.workspace.kept().join("venv");
    let python = folder.join("bin").join("python");
    let mark = folder.join(PYISO8583);
    if mark.is_file() && answers(&python, &["-c", "import iso8583"]) {
        return Ok(python);
    }
    // Debian packs venv apart from Python; asking for `ensurepip` tells.
    if !answers("python3", &["-c", "import venv, ensurepip"]) {
        debian(&["python3", "python3-venv"])?;
    }
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(TaskError::file(&folder))?;
    }
    let mut venv = Command::new("python3");
    venv.args(["-m", "venv"]).arg(&folder);
    command::must(venv)?;
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", PYISO8583]);
    command::must(pip)?;
    fs::write(&mark, "").map_err(TaskError::file(&mark))?;
    Ok(python)
}

/// Installs Debian packages; only for root, since nobody else can.
fn debian(packages: &[&str]) -> Result<(), TaskError> {
    static LISTS: OnceLock<bool> = OnceLock::new();
    let advice = format!("install it with: apt-get install {}", packages.join(" "));
    if !is_root() || !answers("apt-get", &["--version"]) {
        return Err(TaskError::NotProvided(advice));
    }
    // The lists once a run, however many packages are missing; stale ones may still do.
    LISTS.get_or_init(|| command::show(apt_get(&["update"])).is_ok_and(|status| status.success()));
    let mut install = apt_get(&["install", "--yes", "--no-install-recommends"]);
    install.args(packages);
    command::must(install).map_err(|error| TaskError::NotProvided(format!("{error}; {advice}")))
}

fn apt_get(arguments: &[&str]) -> Command {
    let mut command = Command::new("apt-get");
    command.args(["-q", "-o", "DPkg::Lock::Timeout=300"]).args(arguments);
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

fn is_root() -> bool {
    env::var_os("USER").is_some_and(|user| user == "root")
        || command::read({
            let mut id = Command::new("id");
            id.arg("-u");
            id
        })
        .is_ok_and(|id| id.trim() == "0")
}

/// Whether a program starts and succeeds.
fn answers(program: impl AsRef<std::ffi::OsStr>, arguments: &[&str]) -> bool {
    Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::answers;

    #[test]
    fn a_program_that_is_missing_or_fails_does_not_answer() {
        assert!(answers("true", &[]));
        assert!(!answers("false", &[]));
        assert!(!answers("no-such-program-anywhere", &[]));
    }
}
