//! The sandbox as it runs with every party as a process of its own: the same folder, the same program.
//!
//! What stays in this process is nobody's party: the cables, the citizens (who enter PINs over a line to the terminal's
//! process, as over a keypad's cable), their phones, the operators who revoke and publish at the register and read
//! `/readyz` and `/metrics`, and the attackers, who have identity files that they stole. A card is its image's file, which
//! a terminal opens for one tap.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use enishi_authority::Authority;
use enishi_party::Language;
use enishi_transport::SystemEntropy;

use super::clerk::RemoteClerk;
use super::parties::{Elsewhere, Parties};
use super::processes::tap;
use super::sockets::{Outside, sockets};
use super::town::{Captures, Site, party_of};
use super::{Capture, Company, Party, Processes, SandboxError, SetupOptions, Shop, Town};

/// How long the companies may take to be signed on to at the start.
const SIGN_ON_WAIT: Duration = Duration::from_secs(20);

/// What can be chosen for a town of processes.
#[derive(Debug, Clone)]
pub struct ProcessTownOptions {
    /// What is made.
    pub setup: SetupOptions,
    /// The language of receipts.
    pub language: Language,
    /// The first of thirteen ports in a row; none: ports that are free now.
    pub port_base: Option<u16>,
    /// Which processes; whoever holds them as well can watch them and end them.
    pub processes: Arc<Processes>,
    /// The least level that the parties log, as `--log-level` takes it.
    pub log_level: &'static str,
}

impl Town {
    /// Makes a sandbox in an empty folder and starts every party as a process.
    ///
    /// # Errors
    /// [`SandboxError`]; the processes that run by then are the caller's to end.
    pub async fn start_in_processes(root: &Path, options: ProcessTownOptions) -> Result<Self, SandboxError> {
        let (sockets, places) = sockets(options.port_base, Outside::Everyone, &SystemEntropy).await?;
        let cables = (sockets.books, sockets.company_a);
        let (site, issued) = Site::make(root, places, options.setup, cables).await?;
        // From here on the ports are the parties'.
        drop((sockets.authority, sockets.relay, sockets.companies));
        let plan = &site.plan;
        let starter = Starter { root, processes: &options.processes, level: OsStr::new(options.log_level) };
        starter.serve("authority", "authority", &plan.authority())?;
        starter.until_ready("authority", "authority").await?;
        for company in Company::ALL {
            starter.serve("provider", company.folder(), &plan.company(company))?;
        }
        for company in Company::ALL {
            starter.until_ready("provider", company.folder()).await?;
        }
        starter.serve("relay", "relay", &plan.relay())?;
        starter.until_ready("relay", "relay").await?;
        let mut clerks = HashMap::new();
        for shop in Shop::ALL {
            clerks.insert(shop, starter.terminal(shop, &plan.terminal(shop)).await?);
        }
        let registry = Arc::new(Authority::open(&plan.root.join("authority/register"))?);
        let elsewhere = Elsewhere { running: options.processes, registry, clerks };
        let parties = Parties::Processes(Box::new(elsewhere));
        let mut town = Self::assemble(site, parties, captures(root), options.language, HashMap::new());
        town.meet_all(issued)?;
        if town.relay_signed_on(SIGN_ON_WAIT).await {
            Ok(town)
        } else {
            Err(SandboxError::Making(format!(
                "the relay did not sign on to every company within {SIGN_ON_WAIT:?}"
            )))
        }
    }
}

/// The records that the parties write, by who shares one line of the tables.
fn captures(root: &Path) -> Captures {
    let names = |party: Party| -> Vec<&str> {
        match party {
            Party::Terminal => Shop::ALL.map(Shop::folder).to_vec(),
            Party::Relay => vec!["relay"],
            Party::CompanyA | Party::CompanyB => Company::ALL
                .into_iter()
                .filter(|company| party_of(*company) == party)
                .map(Company::folder)
                .collect(),
            Party::Authority => vec!["authority"],
        }
    };
    let files = |party| names(party).into_iter().map(|name| tap(root, name)).collect::<Vec<PathBuf>>();
    Party::ALL.map(|party| (party, Arc::new(Capture::of_files(files(party))))).into()
}

struct Starter<'a> {
    root: &'a Path,
    processes: &'a Processes,
    level: &'a OsStr,
}

impl Starter<'_> {
    /// `enishi ROLE serve --config …`, as an operator starts it, and with a record of what it sees.
    fn serve(&self, role: &str, name: &str, config: &Path) -> Result<(), SandboxError> {
        let arguments = [role.as_ref(), "serve".as_ref(), "--config".as_ref(), config.as_os_str()];
        self.processes.serve(self.root, name, &[&arguments[..], &self.logging()].concat())
    }

    async fn until_ready(&self, role: &str, name: &str) -> Result<(), SandboxError> {
        self.processes.until_ready(self.root, name, &format!("{role} ready")).await
    }

    async fn terminal(&self, shop: Shop, config: &Path) -> Result<RemoteClerk, SandboxError> {
        let arguments = ["sandbox-terminal".as_ref(), "--config".as_ref(), config.as_os_str()];
        let arguments = [&arguments[..], &self.logging()].concat();
        let line = self.processes.speak_to(self.root, shop.folder(), &arguments)?;
        match RemoteClerk::meet(line).await {
            Ok(clerk) => Ok(clerk),
            // Its own last words say more than that the line broke.
            Err(error) => Err(self.processes.ended_soon().await.unwrap_or(error)),
        }
    }

    fn logging(&self) -> [&OsStr; 4] {
        ["--log".as_ref(), "json".as_ref(), "--log-level".as_ref(), self.level]
    }
}
