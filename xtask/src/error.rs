//! Why a task could not be done at all; a check that fails is a result, not an error.

use std::path::{Path, PathBuf};

/// What stopped a task.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TaskError {
    #[error("{program} cannot be started: {source}")]
    Start { program: String, source: std::io::Error },
    #[error("{command} failed ({status})")]
    Failed { command: String, status: std::process::ExitStatus },
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: std::io::Error },
    #[error("{what} cannot be read: {reason}")]
    Form { what: String, reason: String },
    #[error("there is no {kind} {name}; there are: {known}")]
    Unknown { kind: &'static str, name: String, known: String },
    #[error("{0}")]
    NotProvided(String),
}

impl TaskError {
    pub(crate) fn file(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::File { path, source }
    }

    pub(crate) fn form(what: impl Into<String>, reason: impl ToString) -> Self {
        Self::Form { what: what.into(), reason: reason.to_string() }
    }
}
