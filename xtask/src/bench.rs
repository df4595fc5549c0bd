//! `cargo xtask bench`: builds the benches as they would ship, and runs them where they can have a card reader.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use crate::command;
use crate::error::TaskError;
use crate::install;
use crate::workspace::Workspace;

const PACKAGE: &str = "enishi-bench";
/// The benches that have contenders behind the feature `peers`.
const WITH_PEERS: [&str; 2] = ["verify", "crl"];

/// Run as the first process of new namespaces: a loopback interface, a `/run` and a `/proc` of their own.
const ENTER: &str = r#"set -e
ip link set lo up
mount -t tmpfs -o mode=755 none /run
mkdir /run/pcscd
mount -t proc proc /proc
exec "$@"
"#;

/// What `cargo xtask bench` is asked.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Only these benches
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Name the benches and end
    #[arg(long)]
    list: bool,
    /// One JSON object a row
    #[arg(long, conflicts_with = "markdown")]
    json: bool,
    /// A table for docs/benchmarks.md
    #[arg(long)]
    markdown: bool,
    /// Few rounds: to see that it works, not to quote
    #[arg(long)]
    quick: bool,
    /// End with 1 where a goal is missed
    #[arg(long)]
    strict: bool,
}

/// Whether a reader service of one's own can be had.
enum Readers {
    There,
    Missing(TaskError),
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode, TaskError> {
    let readers = readers(arguments);
    if let Readers::Missing(error) = &readers {
        // Standard output belongs to the rows.
        eprintln!("no card reader: {error}");
    }
    let mut build = workspace.locked("build");
    build.args(["--release", "--quiet", "--package", PACKAGE]);
    if matches!(readers, Readers::There) {
        build.args(["--features", "pcsc"]);
    }
    match peers(arguments) {
        Ok(()) => drop(build.args(["--features", "peers"])),
        Err(error) => eprintln!("no peers by OpenSSL: {error}"),
    }
    command::must(build)?;
    let binary = workspace.target().join("release").join(PACKAGE);
    let mut bench = match readers {
        Readers::There => alone(&binary),
        Readers::Missing(_) => Command::new(&binary),
    };
    bench.current_dir(workspace.root()).args(&arguments.names).arg("--folder").arg(folder(workspace));
    let flags = [
        (arguments.list, "--list"),
        (arguments.json, "--json"),
        (arguments.markdown, "--markdown"),
        (arguments.quick, "--quick"),
        (arguments.strict, "--strict"),
    ];
    bench.args(flags.into_iter().filter(|(asked, _)| *asked).map(|(_, flag)| flag));
    Ok(if command::show(bench)?.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// On the disk of the build results: a folder in memory would measure no disk.
fn folder(workspace: &Workspace) -> PathBuf {
    workspace.kept().join("bench")
}

fn readers(arguments: &Arguments) -> Readers {
    let wanted =
        !arguments.list && (arguments.names.is_empty() || arguments.names.iter().any(|name| name == "card"));
    if !wanted {
        return Readers::Missing(TaskError::NotProvided("none is asked for".to_owned()));
    }
    match install::readers_of_ones_own() {
        Ok(()) => Readers::There,
        Err(error) => Readers::Missing(error),
    }
}

/// Whether others' verifiers can be built, where a bench is asked for that measures them.
fn peers(arguments: &Arguments) -> Result<(), TaskError> {
    let wanted = |name: &str| arguments.names.is_empty() || arguments.names.iter().any(|asked| asked == name);
    if arguments.list || !WITH_PEERS.iter().any(|name| wanted(name)) {
        return Err(TaskError::NotProvided("none is asked for".to_owned()));
    }
    install::openssl_headers()
}

/// The benches in namespaces of their own; whatever they start ends with them.
fn alone(binary: &Path) -> Command {
    let mut command = install::unshare();
    command.args(["sh", "-c", ENTER, "sh"]).arg(binary).arg("--alone");
    // pcscd and ip are not on everybody's path.
    let path = std::env::var("PATH").unwrap_or_default();
    command.env("PATH", format!("{path}:/usr/sbin:/sbin"));
    command
}
