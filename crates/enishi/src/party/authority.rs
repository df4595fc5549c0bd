//! The sandbox J-LIS as a party: lists and OCSP on plain HTTP, serial pairing on mutual TLS.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use enishi_authority::{Authority, public_router, verifier_router};
use enishi_party::Clock;
use enishi_transport::{CancellationToken, HttpLimits, Identity, Tap, TrustedCa, serve_http, serve_https};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::{PartyError, absolute, bind, environment, read_config};

/// How often it is looked whether a list is due.
const PUBLISH_TICK: Duration = Duration::from_secs(1);

/// The configuration file of the sandbox authority. Paths are relative to its folder.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthorityFile {
    /// Must be true: there is no production authority here.
    pub sandbox: bool,
    /// Where lists and OCSP are served, plain.
    pub listen_public: String,
    /// Where verifiers ask for serial pairings, mutual TLS.
    pub listen_verifiers: String,
    /// Folder of the mutual-TLS identity.
    pub identity: PathBuf,
    /// The CA of the parties' certificates.
    pub party_ca: PathBuf,
    /// Folder of the authority's keys and register.
    pub register: PathBuf,
}

/// A running authority.
pub struct AuthorityService {
    /// The authority itself: the sandbox issues and revokes through it.
    pub authority: Arc<Authority>,
    shutdown: CancellationToken,
    tasks: JoinSet<()>,
}

/// The authority's two sockets.
#[derive(Default)]
pub struct AuthoritySockets {
    /// Lists and OCSP.
    pub public: Option<TcpListener>,
    /// Serial pairing.
    pub verifiers: Option<TcpListener>,
}

impl AuthorityService {
    /// Starts the authority of a configuration file; its register must exist.
    ///
    /// # Errors
    /// [`PartyError`]
    pub async fn start(
        file: &Path,
        sockets: AuthoritySockets,
        clock: Arc<dyn Clock>,
        tap: Option<Arc<dyn Tap>>,
    ) -> Result<Self, PartyError> {
        let mut config: AuthorityFile = read_config(file)?;
        absolute(file, [&mut config.identity, &mut config.party_ca, &mut config.register]);
        let environment = environment(config.sandbox);
        let identity = Identity::load(&config.identity, environment)?;
        let ca = TrustedCa::load(&config.party_ca, environment)?;
        let authority = Arc::new(Authority::open(&config.register)?);
        authority.publish_if_due(clock.now())?;
        let public = bind(sockets.public, &config.listen_public).await?;
        let verifiers = bind(sockets.verifiers, &config.listen_verifiers).await?;
        let now: enishi_authority::Clock = {
            let clock = clock.clone();
            Arc::new(move || clock.now())
        };
        let shutdown = CancellationToken::new();
        let mut tasks = JoinSet::new();
        let (routes, token, seen) =
            (public_router(authority.clone(), now.clone()), shutdown.clone(), tap.clone());
        tasks.spawn(async move {
            if let Err(error) = serve_http(public, routes, HttpLimits::default(), seen, token).await {
                tracing::error!(%error, "lists and OCSP are not served");
            }
        });
        let (routes, token) = (verifier_router(authority.clone(), now), shutdown.clone());
        tasks.spawn(async move {
            if let Err(error) =
                serve_https(verifiers, &identity, &ca, routes, HttpLimits::default(), tap, token).await
            {
                tracing::error!(%error, "serial pairing is not served");
            }
        });
        let (publishing, token) = (authority.clone(), shutdown.clone());
        tasks.spawn(async move {
            while token.run_until_cancelled(tokio::time::sleep(PUBLISH_TICK)).await.is_some() {
                let (authority, now) = (publishing.clone(), clock.now());
                let published = tokio::task::spawn_blocking(move || authority.publish_if_due(now)).await;
                if let Ok(Err(error)) = published {
                    tracing::error!(%error, "list not published");
                }
            }
        });
        Ok(Self { authority, shutdown, tasks })
    }

    /// Stops serving.
    pub async fn stop(mut self) {
        self.shutdown.cancel();
        while self.tasks.join_next().await.is_some() {}
    }
}
