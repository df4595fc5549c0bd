//! Parties as they run: each from one configuration file in a folder of its own.

mod authority;
mod provider;
mod terminal;

use std::path::{Path, PathBuf};

use enishi_party::Environment;
use serde::de::DeserializeOwned;
use tokio::net::TcpListener;

pub use authority::{AuthorityFile, AuthorityService, AuthoritySockets};
pub use provider::{EntrustedEntry, PolicyEntry, ProviderFile, ProviderService, ProviderSockets};
pub use terminal::{TerminalFile, open_terminal};

/// Largest configuration or key file.
const FILE_OCTETS_MAX: u64 = 64 * 1024;

/// Why a party does not start; each text says what to do or what was expected.
#[derive(Debug, thiserror::Error)]
pub enum PartyError {
    /// A file.
    #[error("{path}: {reason}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A socket.
    #[error("cannot listen on {address}: {reason}")]
    Listen {
        /// Where.
        address: String,
        /// Why.
        reason: std::io::Error,
    },
    /// Identity, CA or an address.
    #[error(transparent)]
    Setup(#[from] enishi_transport::SetupError),
    /// The authority.
    #[error(transparent)]
    Authority(#[from] enishi_authority::AuthorityError),
    /// The relay.
    #[error(transparent)]
    Relay(#[from] enishi_server::StartError),
    /// The provider's database.
    #[error(transparent)]
    Store(#[from] enishi_provider_store::StoreError),
    /// The terminal's folder.
    #[error(transparent)]
    Terminal(#[from] enishi_terminal::TerminalError),
    /// A value that contradicts another.
    #[error("configuration: {0}")]
    Configuration(String),
}

pub(crate) fn file_error(path: &Path, reason: impl ToString) -> PartyError {
    PartyError::File { path: path.to_owned(), reason: reason.to_string() }
}

/// Reads a TOML file of bounded size.
fn read_config<T: DeserializeOwned>(file: &Path) -> Result<T, PartyError> {
    let size = std::fs::metadata(file).map_err(|error| file_error(file, error))?.len();
    if size > FILE_OCTETS_MAX {
        return Err(file_error(file, format!("{size} octets, at most {FILE_OCTETS_MAX} expected")));
    }
    let text = std::fs::read_to_string(file).map_err(|error| file_error(file, error))?;
    toml::from_str(&text).map_err(|error| file_error(file, error))
}

/// Paths in a configuration are relative to its own folder.
fn absolute<'a>(file: &Path, paths: impl IntoIterator<Item = &'a mut PathBuf>) {
    let base = file.parent().unwrap_or(Path::new("."));
    for path in paths {
        *path = base.join(&*path);
    }
}

const fn environment(sandbox: bool) -> Environment {
    if sandbox { Environment::Sandbox } else { Environment::Production }
}

async fn bind(given: Option<TcpListener>, address: &str) -> Result<TcpListener, PartyError> {
    match given {
        Some(listener) => Ok(listener),
        None => TcpListener::bind(address)
            .await
            .map_err(|reason| PartyError::Listen { address: address.to_owned(), reason }),
    }
}
