//! `enishi provider`

mod invite;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};
use enishi_sandbox::party::{ProviderService, ProviderSockets};
use enishi_sandbox::sandbox::TapFile;
use enishi_transport::{SystemClock, SystemEntropy, Tap};

use super::exit::ended;
use super::serve::{Serve, Service};

#[derive(Args)]
pub(crate) struct Provider {
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    /// Runs a card company until SIGTERM: its authorisation host on ISO 8583, and its customers' app.
    #[command(after_help = SERVE_HELP)]
    Serve(Serve),
    /// Invites a customer to register a card: prints a one-time code for the terminal.
    #[command(after_help = invite::HELP)]
    Invite(invite::Invite),
}

const SERVE_HELP: &str = "\
When it serves it prints \"provider ready\". SIGTERM or Ctrl-C stops it cleanly; a second signal ends it at once.

Example:
  enishi keys init sandbox town
  enishi provider serve --config town/company-a/provider.toml

Exit codes:
  0  stopped cleanly
  2  the configuration or a file that it names is wrong; `enishi config check FILE` lists everything
  3  a socket, the database or the disk failed, or the stop was not clean";

impl Provider {
    pub(crate) fn run(self) -> ExitCode {
        match self.act {
            Act::Serve(serve) => {
                let start = async |config: PathBuf, tap: Option<Arc<TapFile>>| {
                    let (clock, entropy) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
                    let sockets = ProviderSockets::default();
                    Ok(ProviderService::start(
                        &config,
                        sockets,
                        clock,
                        entropy,
                        tap.map(|tap| -> Arc<dyn Tap> { tap }),
                    )
                    .await?)
                };
                ended("provider serve", serve.run("provider", start))
            }
            Act::Invite(order) => ended("provider invite", order.run()),
        }
    }
}

impl Service for ProviderService {
    async fn stop(self) {
        Self::stop(self).await;
    }
}
