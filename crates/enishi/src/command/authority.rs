//! `enishi authority`

mod counter;
mod issue;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};
use enishi_sandbox::party::{AuthorityService, AuthoritySockets};
use enishi_sandbox::sandbox::TapFile;
use enishi_transport::{SystemClock, Tap};

use super::exit::ended;
use super::serve::{Serve, Service};

#[derive(Args)]
pub(crate) struct Authority {
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    /// Runs the sandbox J-LIS until SIGTERM: serves revocation lists, OCSP and serial pairing.
    #[command(after_help = SERVE_HELP)]
    Serve(Serve),
    /// Issues a software card to an invented person.
    #[command(after_help = issue::HELP)]
    Issue(issue::Issue),
    /// Revokes a card's certificates.
    #[command(after_help = counter::REVOKE_HELP)]
    Revoke(counter::Revoke),
    /// Puts new keys and certificates on a card.
    #[command(after_help = counter::RENEW_HELP)]
    Renew(counter::Renew),
    /// Publishes the revocation lists now.
    #[command(after_help = counter::PUBLISH_HELP)]
    Publish(counter::Publish),
}

const SERVE_HELP: &str = "\
When it serves it prints \"authority ready\". SIGTERM or Ctrl-C stops it cleanly; a second signal ends it at once. The other
`enishi authority` commands work beside it, on the same register.

Example:
  enishi keys init sandbox town
  enishi authority serve --config town/authority/authority.toml

Exit codes:
  0  stopped cleanly
  2  the configuration or a file that it names is wrong; `enishi config check FILE` lists everything
  3  a socket, the register or the disk failed, or the stop was not clean";

impl Authority {
    pub(crate) fn run(self) -> ExitCode {
        match self.act {
            Act::Serve(serve) => {
                let start = async |config: PathBuf, tap: Option<Arc<TapFile>>| {
                    let (sockets, clock) = (AuthoritySockets::default(), Arc::new(SystemClock));
                    Ok(AuthorityService::start(
                        &config,
                        sockets,
                        clock,
                        tap.map(|tap| -> Arc<dyn Tap> { tap }),
                    )
                    .await?)
                };
                ended("authority serve", serve.run("authority", start))
            }
            Act::Issue(order) => ended("authority issue", order.run()),
            Act::Revoke(order) => ended("authority revoke", order.run()),
            Act::Renew(order) => ended("authority renew", order.run()),
            Act::Publish(order) => ended("authority publish", order.run()),
        }
    }
}

impl Service for AuthorityService {
    async fn stop(self) {
        Self::stop(self).await;
    }
}
