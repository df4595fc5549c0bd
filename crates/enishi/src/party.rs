//! Parties as they run: each from one configuration file in a folder of its own.

mod authority;
mod callback;
mod check;
mod founding;
mod invitation;
mod ops;
mod provider;
mod template;
mod terminal;

use std::path::{Path, PathBuf};

use enishi_party::Environment;
use enishi_server::explain;
use enishi_transport::OpsError;
use serde::de::DeserializeOwned;
use tokio::net::TcpListener;

pub use authority::{AuthorityFile, AuthorityService, AuthoritySockets, open_authority};
pub use callback::{CallbackError, CallbackOrigin, Delivered, Delivery, WayBack};
pub use check::{Checked, ConfigOf, check};
pub(crate) use founding::is_open_to_others;
pub use founding::{Founding, FoundingError, NewModel, Told, found_ca};
pub use invitation::{InvitationError, invite};
pub use provider::{
    EntrustedEntry, PolicyEntry, ProviderFile, ProviderModel, ProviderService, ProviderSockets,
};
pub use template::{Form, Key, Presence, Section, Template, TemplateError, templates};
pub use terminal::{PcscEntry, ReaderEntry, TerminalFile, open_terminal};

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
    /// Operators' pages.
    #[error(transparent)]
    Ops(#[from] OpsError),
    /// A value that contradicts another.
    #[error("configuration: {0}")]
    Configuration(String),
}

/// Whose fault it is that a party does not start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blame {
    /// The configuration, or a file that it names.
    Configuration,
    /// A socket, a disk, a database, another party: what a second try may mend.
    Surroundings,
}

impl PartyError {
    /// Whose fault it is.
    #[must_use]
    pub const fn blame(&self) -> Blame {
        use enishi_authority::AuthorityError;
        use enishi_server::StartError;
        match self {
            Self::File { .. }
            | Self::Setup(_)
            | Self::Configuration(_)
            | Self::Ops(OpsError::Address { .. } | OpsError::NotLoopback { .. })
            | Self::Relay(StartError::Ops(OpsError::Address { .. } | OpsError::NotLoopback { .. }))
            | Self::Authority(
                AuthorityError::NoMarker(_)
                | AuthorityError::KeyFileOpen(_)
                | AuthorityError::KeyMismatch { .. }
                | AuthorityError::Setting { .. },
            )
            | Self::Relay(StartError::File { .. } | StartError::Configuration(_) | StartError::Setup(_)) => {
                Blame::Configuration
            }
            _ => Blame::Surroundings,
        }
    }
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
    toml::from_str(&text).map_err(|error| file_error(file, explain(&text, &error)))
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
