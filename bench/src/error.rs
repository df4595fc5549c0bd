//! Why something could not be measured.

use std::path::{Path, PathBuf};

/// What stopped a bench.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BenchError {
    #[error("there is no bench {name}; there are: {known}")]
    Unknown { name: String, known: String },
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: std::io::Error },
    #[error("{what}: {why}")]
    Failed { what: &'static str, why: String },
    #[error("a purchase was not approved: {0}")]
    NotApproved(String),
    #[error(transparent)]
    Sandbox(#[from] enishi_sandbox::sandbox::SandboxError),
    #[error("database: {0}")]
    Database(#[from] rusqlite::Error),
    #[error("output: {0}")]
    Output(#[from] std::io::Error),
}

impl BenchError {
    pub(crate) fn file(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::File { path, source }
    }

    /// For errors of many types that all end a bench.
    pub(crate) fn of<E: ToString>(what: &'static str) -> impl FnOnce(E) -> Self {
        move |why| Self::Failed { what, why: why.to_string() }
    }
}
