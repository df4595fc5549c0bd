//! Where the repository is, and how cargo is called in it.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::TaskError;

/// The repository.
pub(crate) struct Workspace {
    root: PathBuf,
    target: PathBuf,
}

impl Workspace {
    /// The repository that this program was built from.
    pub(crate) fn here() -> Result<Self, TaskError> {
        let own = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root =
            own.parent().ok_or_else(|| TaskError::form("the workspace's root", "xtask has no parent"))?;
        let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
        Ok(Self { root: root.to_path_buf(), target: root.join(target) })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of build results; `CARGO_TARGET_DIR` is respected.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// The folder for what tasks keep: logs, the Python environment.
    pub(crate) fn kept(&self) -> PathBuf {
        self.target.join("xtask")
    }

    /// `cargo SUBCOMMAND`, from the root.
    pub(crate) fn cargo(&self, subcommand: &str) -> Command {
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.arg(subcommand).current_dir(&self.root);
        // Set for this program by the cargo that started it; they would mark every crate below as changed.
        for name in ["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH", "CARGO_PKG_NAME", "CARGO_PKG_VERSION"] {
            command.env_remove(name);
        }
        command
    }

    /// `cargo SUBCOMMAND --locked`: every version is the one in Cargo.lock.
    pub(crate) fn locked(&self, subcommand: &str) -> Command {
        let mut command = self.cargo(subcommand);
        command.arg("--locked");
        command
    }

    /// Whether the repository has a crate of that folder name.
    pub(crate) fn has_crate(&self, folder: &str) -> bool {
        self.root.join("crates").join(folder).join("Cargo.toml").is_file()
    }
}
