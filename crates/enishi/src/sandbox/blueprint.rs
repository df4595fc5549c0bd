//! Who is where in the sandbox.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use enishi_party::{Environment, PartyRole, PartyUri, Text};

use crate::party::PartyError;

/// A card company of the sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Company {
    /// Under 代行: the relay verifies.
    A,
    /// Under 委託: it verifies itself.
    B,
}

impl Company {
    /// Both.
    pub const ALL: [Self; 2] = [Self::A, Self::B];

    /// Its provider id, and the name in its certificate.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::A => "sakura-card",
            Self::B => "minato-card",
        }
    }

    /// Its contract.
    #[must_use]
    pub const fn contract(self) -> &'static str {
        match self {
            Self::A => "sakura-card-credit",
            Self::B => "minato-card-credit",
        }
    }

    /// Its name for people.
    #[must_use]
    pub fn name(self) -> Text {
        match self {
            Self::A => Text::new("さくらカード", "Sakura Card"),
            Self::B => Text::new("みなとカード", "Minato Card"),
        }
    }

    pub(crate) const fn folder(self) -> &'static str {
        match self {
            Self::A => "company-a",
            Self::B => "company-b",
        }
    }
}

/// A shop of the sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Shop {
    /// A bookshop.
    Books,
    /// A coffee house.
    Coffee,
}

impl Shop {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Books, Self::Coffee];

    /// Its terminal's number, and the name in its certificate.
    #[must_use]
    pub const fn terminal(self) -> &'static str {
        match self {
            Self::Books => "4980000000012",
            Self::Coffee => "4980000000029",
        }
    }

    /// Its merchant number.
    #[must_use]
    pub const fn merchant(self) -> &'static str {
        match self {
            Self::Books => "SBX-BOOKS-01",
            Self::Coffee => "SBX-COFFEE-01",
        }
    }

    /// Its name for people.
    #[must_use]
    pub fn name(self) -> Text {
        match self {
            Self::Books => Text::new("縁むすび書店", "Enmusubi Books"),
            Self::Coffee => Text::new("こだま珈琲", "Kodama Coffee"),
        }
    }

    pub(crate) const fn folder(self) -> &'static str {
        match self {
            Self::Books => "terminal-books",
            Self::Coffee => "terminal-coffee",
        }
    }
}

/// The addresses of one run; each is a socket of its own.
#[derive(Debug, Clone, Copy)]
pub struct Places {
    /// Lists and OCSP.
    pub authority_public: SocketAddr,
    /// Serial pairing.
    pub authority_verifiers: SocketAddr,
    /// The relay.
    pub relay: SocketAddr,
    /// Where the bookshop believes the relay is: a cable to it.
    pub relay_for_books: SocketAddr,
    /// The companies' ISO 8583 sockets.
    pub iso: [SocketAddr; 2],
    /// Where the relay believes company A is: a cable to it.
    pub iso_a_for_relay: SocketAddr,
    /// The companies' apps.
    pub app: [SocketAddr; 2],
    /// Operators' pages (health, readiness, metrics) of the authority.
    pub authority_ops: SocketAddr,
    /// Operators' pages of the relay.
    pub relay_ops: SocketAddr,
    /// Operators' pages of the companies.
    pub ops: [SocketAddr; 2],
}

impl Places {
    /// How many ports in a row [`at`](Self::at) takes.
    pub const COUNT: u16 = 11;

    /// Fixed places on this machine, from one port on and without cables in between; `None`: there are not so many.
    #[must_use]
    pub fn at(port_base: u16) -> Option<Self> {
        port_base.checked_add(Self::COUNT - 1).filter(|_| port_base > 0)?;
        let port = |offset| SocketAddr::from((Ipv4Addr::LOCALHOST, port_base.saturating_add(offset)));
        Some(Self {
            authority_public: port(0),
            authority_verifiers: port(1),
            relay: port(2),
            relay_for_books: port(2),
            iso: [port(3), port(5)],
            iso_a_for_relay: port(3),
            app: [port(4), port(6)],
            authority_ops: port(7),
            relay_ops: port(8),
            ops: [port(9), port(10)],
        })
    }

    pub(crate) const fn app_of(&self, company: Company) -> SocketAddr {
        let [a, b] = self.app;
        match company {
            Company::A => a,
            Company::B => b,
        }
    }

    pub(crate) const fn ops_of(&self, company: Company) -> SocketAddr {
        let [a, b] = self.ops;
        match company {
            Company::A => a,
            Company::B => b,
        }
    }

    pub(crate) const fn iso_of(&self, company: Company) -> SocketAddr {
        let [a, b] = self.iso;
        match company {
            Company::A => a,
            Company::B => b,
        }
    }
}

/// The folders of one sandbox.
#[derive(Debug, Clone)]
pub struct Blueprint {
    /// Everything lies under it.
    pub root: PathBuf,
    /// Where everyone listens.
    pub places: Places,
}

impl Blueprint {
    /// The configuration file of the authority.
    #[must_use]
    pub fn authority(&self) -> PathBuf {
        self.root.join("authority/authority.toml")
    }

    /// The configuration file of the relay.
    #[must_use]
    pub fn relay(&self) -> PathBuf {
        self.root.join("relay/relay.toml")
    }

    /// The configuration file of a card company.
    #[must_use]
    pub fn company(&self, company: Company) -> PathBuf {
        self.root.join(company.folder()).join("provider.toml")
    }

    /// The configuration file of a shop's terminal.
    #[must_use]
    pub fn terminal(&self, shop: Shop) -> PathBuf {
        self.root.join(shop.folder()).join("terminal.toml")
    }

    /// The image of a citizen's card.
    #[must_use]
    pub fn card(&self, person: super::PersonKey) -> PathBuf {
        self.root.join("cards").join(format!("{person:?}.card").to_lowercase())
    }
}

pub(crate) fn party(role: PartyRole, name: &str) -> Result<PartyUri, SandboxError> {
    PartyUri::new(Environment::Sandbox, role, name).map_err(|error| SandboxError::Making(error.to_string()))
}

/// Why the sandbox cannot be made or does not do what it is asked.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// A party did not start.
    #[error(transparent)]
    Party(#[from] PartyError),
    /// A file.
    #[error("{path}: {reason}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        reason: std::io::Error,
    },
    /// A sandbox is made in a folder of its own.
    #[error("{0} is not empty; name a new folder, nothing is overwritten")]
    FolderNotEmpty(PathBuf),
    /// Others may put files into the sandbox's folder, or take them away.
    #[error("others may write to {0}: chmod go-w, or name a new folder")]
    FolderOpenToOthers(PathBuf),
    /// A socket.
    #[error("socket: {0}")]
    Socket(#[from] std::io::Error),
    /// What is the sandbox's alone was asked of a party that is none of it.
    #[error("{0} does not say `sandbox = true`; only a party of the sandbox lets others look on")]
    NotASandbox(PathBuf),
    /// A party that is a process of its own ended before it was told to.
    #[error("{party} ended by itself ({status}); --keep keeps its whole log, which ends with:\n{last_lines}")]
    PartyEnded {
        /// Which.
        party: String,
        /// How.
        status: std::process::ExitStatus,
        /// The last of that.
        last_lines: String,
    },
    /// Parties that are processes of their own did not end in order.
    #[error("not stopped in order: {}", .0.join("; "))]
    NotStopped(Vec<String>),
    /// Something could not be made.
    #[error("could not be made: {0}")]
    Making(String),
    /// The company's app.
    #[error(transparent)]
    App(#[from] super::AppError),
}

impl From<enishi_transport::SetupError> for SandboxError {
    fn from(error: enishi_transport::SetupError) -> Self {
        Self::Party(error.into())
    }
}

impl From<enishi_authority::AuthorityError> for SandboxError {
    fn from(error: enishi_authority::AuthorityError) -> Self {
        Self::Party(error.into())
    }
}

impl From<enishi_card::CardError> for SandboxError {
    fn from(error: enishi_card::CardError) -> Self {
        Self::Making(format!("card: {error}"))
    }
}

impl From<enishi_provider_store::StoreError> for SandboxError {
    fn from(error: enishi_provider_store::StoreError) -> Self {
        Self::Party(error.into())
    }
}

impl From<enishi_terminal::TerminalError> for SandboxError {
    fn from(error: enishi_terminal::TerminalError) -> Self {
        Self::Party(error.into())
    }
}

impl From<enishi_party::Malformed> for SandboxError {
    fn from(error: enishi_party::Malformed) -> Self {
        Self::Making(error.to_string())
    }
}
