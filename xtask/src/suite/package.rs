//! The Debian package: built, installed over a copy of this machine's folders, and its services run as their units say.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{Session, Tally};
use crate::command::{self, Channel};
use crate::error::TaskError;
use crate::install;
use crate::workspace::Workspace;

/// The crate whose manifest holds the package's contents; cargo-deb builds with the features that stand there.
const CRATE: &str = "enishi";
const FEATURES: &str = "pcsc";
/// Shells with a completion file, and its name in the manifest's list.
const SHELLS: [(&str, &str); 3] = [("bash", "enishi.bash"), ("zsh", "_enishi"), ("fish", "enishi.fish")];

pub(crate) fn run(session: &Session<'_>) -> Result<Tally, TaskError> {
    if !install::is_root() {
        let why = "package (installing takes root)".to_owned();
        return Ok(Tally { not_run: vec![why], ..Tally::default() });
    }
    let package = build(session.workspace)?;
    let mut check = Command::new("unshare");
    check.args(["--mount", "--net", "bash"]);
    check.arg(session.workspace.root().join("packaging/check-install.sh")).arg(&package);
    let mut tally = Tally::default();
    let status = command::follow(check, Channel::Output, &session.log("package"), |line| {
        println!("{line}");
        match line.split_once(' ') {
            Some(("ok", _)) => tally.add(Tally::one(true)),
            Some(("FAILED", _)) => tally.add(Tally::one(false)),
            _ => {}
        }
    })?;
    if !status.success() && tally.failed == 0 {
        println!("FAILED the script itself ({status})");
        tally.add(Tally::one(false));
    }
    Ok(tally)
}

/// Builds the program, what is made of its own definitions, and the package of them.
fn build(workspace: &Workspace) -> Result<PathBuf, TaskError> {
    let mut program = workspace.locked("build");
    program.args(["--release", "-p", CRATE, "--features", FEATURES]);
    command::must(program)?;
    let program = workspace.target().join("release").join(CRATE);
    // Where the manifest's list looks, whatever CARGO_TARGET_DIR says.
    let staged = workspace.root().join("target/package");
    fs::create_dir_all(&staged).map_err(TaskError::file(&staged))?;
    let mut manual = Command::new(&program);
    manual.arg("man").arg(staged.join("man"));
    command::must(manual)?;
    for (shell, file) in SHELLS {
        write_output(Command::new(&program).args(["completions", shell]), &staged.join(file))?;
    }
    let package = staged.join("enishi.deb");
    // Its manifest's paths begin at the folder that it is run in.
    let mut deb = Command::new(install::cargo_deb(workspace)?);
    deb.args(["--package", CRATE, "--no-build", "--quiet", "--output"])
        .arg(&package)
        .current_dir(workspace.root().join("crates").join(CRATE));
    command::must(deb)?;
    Ok(package)
}

fn write_output(command: &mut Command, file: &Path) -> Result<(), TaskError> {
    let output = fs::File::create(file).map_err(TaskError::file(file))?;
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command
        .stdin(Stdio::null())
        .stdout(output)
        .status()
        .map_err(|source| TaskError::Start { program: program.clone(), source })?;
    if status.success() { Ok(()) } else { Err(TaskError::Failed { command: program, status }) }
}
