//! `enishi relay`

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};
use enishi_sandbox::party::PartyError;
use enishi_sandbox::sandbox::TapFile;
use enishi_server::{Machine, RelayService, RelaySockets};

use super::exit::ended;
use super::serve::{Serve, Service};

#[derive(Args)]
pub(crate) struct Relay {
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    /// Runs the relay until SIGTERM: proves holders, finds links, asks the companies.
    #[command(after_help = SERVE_HELP)]
    Serve(Serve),
}

const SERVE_HELP: &str = "\
Before it serves, it closes what an earlier process left open and fetches the revocation lists. When it serves it prints
\"relay ready\" and, under systemd (Type=notify), tells the service manager. SIGTERM or Ctrl-C stops it: it accepts nothing
more, ends what has begun, and exits 0; a second signal ends it at once.

Example:
  enishi keys init sandbox town
  enishi relay serve --config town/relay/relay.toml

Exit codes:
  0  stopped cleanly
  2  the configuration or a file that it names is wrong; `enishi config check FILE` lists everything
  3  a socket, the store or the disk failed, or the stop was not clean";

impl Relay {
    pub(crate) fn run(self) -> ExitCode {
        let Act::Serve(serve) = self.act;
        let start = async |config: PathBuf, tap: Option<Arc<TapFile>>| {
            let mut machine = Machine::default();
            if let Some(tap) = tap {
                machine.tap = Some(tap.clone());
                machine.observer = tap;
            }
            let started = RelayService::start(&config, RelaySockets::default(), machine).await;
            Ok(started.map_err(PartyError::from)?)
        };
        ended("relay serve", serve.run("relay", start))
    }
}

impl Service for RelayService {
    async fn stop(self) {
        Self::stop(self).await;
    }
}
