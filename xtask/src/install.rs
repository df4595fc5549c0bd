//! What Debian or the Python registry must provide: found, or installed where that is allowed.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::command;
use crate::error::TaskError;
use crate::suite::Session;
use crate::workspace::Workspace;

/// Something that a suite needs and cargo does not provide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// OpenSSL 3, the second opinion on certificates, lists and answers.
    Openssl,
    /// pyiso8583, the second opinion on messages.
    Pyiso8583,
    /// schemathesis, the tester of interface descriptions.
    Schemathesis,
    /// PostgreSQL's server, the other database of the relay.
    Postgres,
    /// A C++ compiler, for libFuzzer.
    CxxCompiler,
    /// PC/SC with a virtual reader, and OpenSC as the other card software.
    CardReaders,
    /// What reads and judges units.
    Systemd,
    /// Mount, network and process namespaces of one's own.
    Namespaces,
}

/// The other implementation of ISO 8583, pinned.
const PYISO8583: &str = "pyiso8583==4.0.1";
/// The tester of interface descriptions, pinned.
const SCHEMATHESIS: &str = "schemathesis==4.32.5";

/// The other reader of JPKI cards, pinned; LGPL, so it is a program that tests run and never a library.
const JPKI_CLI: (&str, &str) = ("jpki-cli", "=0.4.3");

/// Run as the first process of new namespaces: a loopback interface and a `/run` of their own, and then the program.
const ENTER: &str = r#"set -e
ip link set lo up
mount -t tmpfs -o mode=755 none /run
mkdir /run/pcscd
"$@" || exit $?
"#;

/// The maker of Debian packages, pinned.
const CARGO_DEB: (&str, &str) = ("cargo-deb", "=3.8.0");

/// What the card suite uses, and the Debian packages that have it.
const CARD_READERS: [(&str, &str); 6] = [
    ("/usr/sbin/pcscd", "pcscd"),
    ("/usr/lib/pcsc/drivers/serial/libifdvpcd.so", "vsmartcard-vpcd"),
    ("/usr/bin/pkcs15-tool", "opensc"),
    ("/usr/include/PCSC/winscard.h", "libpcsclite-dev"),
    ("/usr/bin/pkg-config", "pkg-config"),
    ("/bin/ip", "iproute2"),
];

/// Where Debian has PostgreSQL's programs, a folder a version, and what its package asks before it makes a server.
const POSTGRES_PROGRAMS: &str = "/usr/lib/postgresql";
const POSTGRES_SETTINGS: &str = "/etc/postgresql-common/createcluster.conf";

/// What a program needs that links OpenSSL, and the Debian packages that have it.
const OPENSSL_HEADERS: [(&str, &str); 2] =
    [("/usr/include/openssl/x509.h", "libssl-dev"), ("/usr/bin/pkg-config", "pkg-config")];

impl Need {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Openssl => "openssl",
            Self::Pyiso8583 => "pyiso8583",
            Self::Schemathesis => "schemathesis",
            Self::Postgres => "postgresql",
            Self::CxxCompiler => "g++",
            Self::CardReaders => "pcscd, vsmartcard-vpcd and opensc",
            Self::Systemd => "systemd-analyze",
            Self::Namespaces => "unshare",
        }
    }
}

/// Makes sure that it is there.
pub(crate) fn provide(need: Need, session: &mut Session<'_>) -> Result<(), TaskError> {
    match need {
        Need::Openssl => program("openssl", &["version"], "openssl"),
        Need::Postgres => postgres(),
        Need::CxxCompiler => program("c++", &["--version"], "g++"),
        Need::Pyiso8583 => {
            session.python = Some(python_with(session.workspace, "venv", PYISO8583, "iso8583")?);
            Ok(())
        }
        Need::Schemathesis => {
            python_with(session.workspace, SCHEMATHESIS_FOLDER, SCHEMATHESIS, "schemathesis").map(drop)
        }
        Need::CardReaders => card_readers(),
        Need::Systemd => program("systemd-analyze", &["--version"], "systemd"),
        Need::Namespaces => namespaces(),
    }
}

/// A reader service that nobody else sees can be started: [`Need::CardReaders`] within [`Need::Namespaces`].
pub(crate) fn readers_of_ones_own() -> Result<(), TaskError> {
    namespaces()?;
    card_readers()
}

/// A program in namespaces of its own for mounts, network and processes, where it may start a card reader service that
/// meets no other; arguments may follow. What it starts ends with it.
pub(crate) fn in_namespaces(program: &Path) -> Command {
    let mut command = unshare();
    command.args(["sh", "-c", ENTER, "sh"]).arg(program);
    // pcscd and ip are not on everybody's path.
    let path = env::var("PATH").unwrap_or_default();
    command.env("PATH", format!("{path}:/usr/sbin:/sbin"));
    command
}

/// `unshare` with namespaces for mounts, network and processes; the program follows.
pub(crate) fn unshare() -> Command {
    let mut command = Command::new("unshare");
    command.args(["--mount", "--net", "--pid", "--fork", "--kill-child"]);
    if !is_root() {
        command.arg("--map-root-user");
    }
    command
}

/// The path of jpki-cli.
pub(crate) fn jpki_cli(session: &Session<'_>) -> Result<PathBuf, TaskError> {
    cargo_tool(session.workspace, JPKI_CLI)
}

/// The path of cargo-deb.
pub(crate) fn cargo_deb(workspace: &Workspace) -> Result<PathBuf, TaskError> {
    cargo_tool(workspace, CARGO_DEB)
}

/// A program from the registry; built once, then kept under `target`.
fn cargo_tool(workspace: &Workspace, (name, version): (&str, &str)) -> Result<PathBuf, TaskError> {
    let folder = workspace.kept().join("tools");
    // It needs no target folder of ours; what it is built from would only stay behind there.
    let mut install = workspace.locked("install");
    install.args(["--quiet", name, "--version", version, "--root"]).arg(&folder);
    // Cargo knows what it has installed there, and is quick to say so.
    command::must(install)?;
    Ok(folder.join("bin").join(name))
}

/// The headers of OpenSSL 3 and what finds them: the benches link it as a contender.
pub(crate) fn openssl_headers() -> Result<(), TaskError> {
    files(&OPENSSL_HEADERS)?;
    if answers("pkg-config", &["--atleast-version=3.0", "openssl"]) {
        return Ok(());
    }
    Err(TaskError::NotProvided("pkg-config does not find the headers of OpenSSL 3".to_owned()))
}

/// The server's programs, whatever their version. The package is told to start no server of its own.
fn postgres() -> Result<(), TaskError> {
    let there = || {
        let versions = fs::read_dir(POSTGRES_PROGRAMS);
        versions
            .is_ok_and(|mut all| all.any(|its| its.is_ok_and(|its| its.path().join("bin/initdb").exists())))
    };
    if there() {
        return Ok(());
    }
    let settings = Path::new(POSTGRES_SETTINGS);
    if is_root() && !settings.exists() {
        let folder = settings.parent().unwrap_or(Path::new("/"));
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(settings, "create_main_cluster = false\n"))
            .map_err(|error| TaskError::NotProvided(format!("{POSTGRES_SETTINGS}: {error}")))?;
    }
    debian(&["postgresql"])?;
    if there() { Ok(()) } else { Err(TaskError::NotProvided("postgresql did not bring initdb".to_owned())) }
}

fn card_readers() -> Result<(), TaskError> {
    files(&CARD_READERS)
}

/// Files, each with the Debian package that has it.
fn files(wanted: &[(&str, &'static str)]) -> Result<(), TaskError> {
    let missing = || {
        let missing = wanted.iter().filter(|(file, _)| !Path::new(file).exists());
        missing.map(|(_, package)| *package).collect::<Vec<_>>()
    };
    if !missing().is_empty() {
        debian(&missing())?;
    }
    match missing().as_slice() {
        [] => Ok(()),
        still => Err(TaskError::NotProvided(format!("{} did not bring what is used", still.join(" ")))),
    }
}

fn namespaces() -> Result<(), TaskError> {
    let mut probe = in_namespaces(Path::new("true"));
    probe.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if probe.status().is_ok_and(|status| status.success()) {
        return Ok(());
    }
    let advice = "namespaces are not permitted here; run as root, or allow them to users";
    Err(TaskError::NotProvided(advice.to_owned()))
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

/// The environment of schemathesis has dependencies of its own.
const SCHEMATHESIS_FOLDER: &str = "venv-schemathesis";

/// The program `st`, once schemathesis was provided.
pub(crate) fn schemathesis(workspace: &Workspace) -> PathBuf {
    workspace.kept().join(SCHEMATHESIS_FOLDER).join("bin").join("st")
}

/// The interpreter of an environment that has a package; made once, then kept under `target`.
fn python_with(
    workspace: &Workspace,
    folder: &str,
    package: &str,
    module: &str,
) -> Result<PathBuf, TaskError> {
    let folder = workspace.kept().join(folder);
    let python = folder.join("bin").join("python");
    let mark = folder.join(package);
    if mark.is_file() && answers(&python, &["-c", &format!("import {module}")]) {
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
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", package]);
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

pub(crate) fn is_root() -> bool {
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
