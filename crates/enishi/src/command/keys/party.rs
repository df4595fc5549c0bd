//! `enishi keys init ca|authority|relay|provider|terminal`

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use enishi_authority::AuthorityError;
use enishi_party::Clock;
use enishi_sandbox::party::{Founding, FoundingError, NewModel, Told, found_ca};
use enishi_transport::{SystemClock, SystemEntropy};

use super::Serial;
use crate::command::exit::{Exit, Failure};

pub(super) const CA_HELP: &str = "\
The certification authority that signs the parties' certificates for mutual TLS in a sandbox: ca.crt.pem, which every party gets, and
ca.key.pem, which whoever runs the sandbox keeps. Outside a sandbox the parties' certificates come from elsewhere.

Example:
  enishi keys init ca town/party-ca

Exit codes:
  0  made
  2  the folder is not empty
  3  the disk failed";

pub(super) const PARTY_HELP: &str = "\
The folder gets tls/ (identity: certificate and key), party-ca.crt.pem, the party's key files (0600) and its configuration file,
in which every key is explained. What the other parties must be told is printed. `enishi config check FILE` says what is missing.

Example:
  enishi keys init ca ca
  enishi keys init authority authority --name jlis --ca ca
  enishi keys init relay relay --name relay --ca ca
  enishi keys init provider sakura --name sakura-card --ca ca
  enishi keys init terminal till --name 4980000000012 --ca ca

Exit codes:
  0  made
  2  the folder is not empty, the name is of another form, or there is no CA
  3  the disk failed";

#[derive(Args)]
pub(super) struct Ca {
    /// Where; must be new or empty.
    folder: PathBuf,
}

#[derive(Args)]
pub(super) struct Party {
    /// Where; must be new or empty.
    folder: PathBuf,
    /// The last part of its party URI; for a terminal its number.
    #[arg(long)]
    name: String,
    /// The CA's folder.
    #[arg(long, value_name = "FOLDER")]
    ca: PathBuf,
}

#[derive(Args)]
pub(super) struct Authority {
    #[command(flatten)]
    party: Party,
    /// How certificates are numbered.
    #[arg(long, value_enum, default_value_t = Serial::Random)]
    serial: Serial,
}

#[derive(Args)]
pub(super) struct Provider {
    #[command(flatten)]
    party: Party,
    /// Who verifies.
    #[arg(long, value_enum, default_value_t = Model::Proxy)]
    model: Model,
}

#[derive(Clone, Copy, ValueEnum)]
enum Model {
    /// 代行: the relay.
    Proxy,
    /// 委託: the company itself.
    Entrusted,
}

impl Ca {
    pub(super) fn run(self) -> Result<Exit, Failure> {
        found_ca(&self.folder, SystemClock.now()).map_err(failure)?;
        say!(
            "A CA for a sandbox's parties was made in {}. Keep ca.key.pem to yourself.",
            self.folder.display()
        );
        Ok(Exit::Done)
    }
}

impl Party {
    fn found(
        &self,
        file: &str,
        found: impl FnOnce(&Founding<'_>) -> Result<Told, FoundingError>,
    ) -> Result<Exit, Failure> {
        if !self.ca.join("ca.key.pem").is_file() {
            return Err(Failure::wrong_use(format!(
                "--ca {}: no CA is there; make one with `enishi keys init ca FOLDER`",
                self.ca.display()
            )));
        }
        let founding = Founding {
            folder: &self.folder,
            ca: &self.ca,
            name: &self.name,
            entropy: &SystemEntropy,
            now: SystemClock.now(),
        };
        let told = found(&founding).map_err(failure)?;
        let config = self.folder.join(file);
        say!("Made {}. What is left to do, and what the others must be told:", config.display());
        for line in told {
            say!("  - {line}");
        }
        say!("Then: enishi config check {}", config.display());
        Ok(Exit::Done)
    }

    pub(super) fn relay(self) -> Result<Exit, Failure> {
        self.found("relay.toml", |founding| founding.relay())
    }

    pub(super) fn terminal(self) -> Result<Exit, Failure> {
        self.found("terminal.toml", |founding| founding.terminal())
    }
}

impl Authority {
    pub(super) fn run(self) -> Result<Exit, Failure> {
        self.party.found("authority.toml", |founding| founding.authority(self.serial.plan()))
    }
}

impl Provider {
    pub(super) fn run(self) -> Result<Exit, Failure> {
        let model = match self.model {
            Model::Proxy => NewModel::Proxy,
            Model::Entrusted => NewModel::Entrusted,
        };
        self.party.found("provider.toml", |founding| founding.provider(model))
    }
}

fn failure(error: FoundingError) -> Failure {
    match &error {
        FoundingError::NotEmpty(_)
        | FoundingError::OpenToOthers(_)
        | FoundingError::Name(_)
        | FoundingError::Setup(_)
        | FoundingError::Authority(AuthorityError::FolderNotEmpty(_)) => Failure::wrong_use(error),
        _ => Failure::surroundings(error),
    }
}
