//! The sandbox J-LIS as a party: lists and OCSP on plain HTTP, serial pairing on mutual TLS.

mod ops;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use enishi_authority::{Authority, ServiceConfig, public_router, verifier_router};
use enishi_party::{Clock, PartyRole};
use enishi_transport::{
    CancellationToken, HttpLimits, HttpMetrics, Identity, OpsListener, Tap, TrustedCa, register_process,
    serve_http, serve_https,
};
use prometheus_client::registry::Registry;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use self::ops::{AuthorityMetrics, AuthorityOps};
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
    /// Where health, readiness and metrics are served to operators: plain HTTP, a loopback address alone; absent: not
    /// served.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub listen_ops: Option<String>,
    /// Folder of the mutual-TLS identity.
    pub identity: PathBuf,
    /// The CA of the parties' certificates.
    pub party_ca: PathBuf,
    /// Folder of the authority's keys and register.
    pub register: PathBuf,
    /// What may be chosen anew at every start.
    #[serde(default)]
    pub service: ServiceConfig,
}

/// A running authority.
pub struct AuthorityService {
    /// The authority itself: the sandbox issues and revokes through it.
    pub authority: Arc<Authority>,
    /// Where operators' pages are served.
    pub ops: Option<SocketAddr>,
    shutdown: CancellationToken,
    tasks: JoinSet<()>,
}

/// The authority's sockets.
#[derive(Default)]
pub struct AuthoritySockets {
    /// Lists and OCSP.
    pub public: Option<TcpListener>,
    /// Serial pairing.
    pub verifiers: Option<TcpListener>,
    /// Health, readiness and metrics.
    pub ops: Option<TcpListener>,
}

pub(super) fn load(file: &Path) -> Result<AuthorityFile, PartyError> {
    let mut config: AuthorityFile = read_config(file)?;
    absolute(file, [&mut config.identity, &mut config.party_ca, &mut config.register]);
    Ok(config)
}

/// The authority of a configuration file without its listeners, beside whoever serves it: the register is one SQLite
/// database, in which each command is one transaction.
///
/// # Errors
/// [`PartyError`]
pub fn open_authority(file: &Path) -> Result<Authority, PartyError> {
    let config = load(file)?;
    if !config.sandbox {
        return Err(PartyError::Configuration(
            "sandbox must be true: there is no production authority here".to_owned(),
        ));
    }
    Ok(Authority::open_with(&config.register, config.service)?)
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
        let config = load(file)?;
        let environment = environment(config.sandbox);
        let identity = Identity::load(&config.identity, environment)?;
        let ca = TrustedCa::load(&config.party_ca, environment)?;
        let authority = Arc::new(Authority::open_with(&config.register, config.service)?);
        authority.publish_if_due(clock.now())?;
        let ops = OpsListener::given_or_configured(sockets.ops, config.listen_ops.as_deref()).await?;
        let ops_address = ops.as_ref().map(OpsListener::address);
        let public = bind(sockets.public, &config.listen_public).await?;
        let verifiers = bind(sockets.verifiers, &config.listen_verifiers).await?;
        let now: enishi_authority::Clock = {
            let clock = clock.clone();
            Arc::new(move || clock.now())
        };
        let shutdown = CancellationToken::new();
        let mut tasks = JoinSet::new();
        let http = watch(&mut tasks, ops, &authority, clock.clone(), &shutdown);
        let routes = http.observe(public_router(authority.clone(), now.clone()));
        let (token, seen) = (shutdown.clone(), tap.clone());
        tasks.spawn(async move {
            if let Err(error) = serve_http(public, routes, HttpLimits::default(), seen, token).await {
                tracing::error!(%error, "lists and OCSP are not served");
            }
        });
        let routes = http.observe(verifier_router(authority.clone(), now));
        let token = shutdown.clone();
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
        Ok(Self { authority, ops: ops_address, shutdown, tasks })
    }

    /// Stops serving.
    pub async fn stop(mut self) {
        self.shutdown.cancel();
        while self.tasks.join_next().await.is_some() {}
        tracing::info!("authority stopped");
    }
}

/// Counts what is answered, and serves operators' pages where they are wanted.
fn watch(
    tasks: &mut JoinSet<()>,
    listener: Option<OpsListener>,
    authority: &Arc<Authority>,
    clock: Arc<dyn Clock>,
    shutdown: &CancellationToken,
) -> HttpMetrics {
    let mut registry = Registry::default();
    register_process(&mut registry, PartyRole::Authority, env!("CARGO_PKG_VERSION"), clock.now());
    let http = HttpMetrics::register(&mut registry);
    let metrics = AuthorityMetrics::register(&mut registry);
    authority.observed_by(Arc::new(metrics.clone()));
    let looked_at = Arc::new(AuthorityOps { metrics, authority: authority.clone(), clock });
    super::ops::serve(tasks, listener, registry, looked_at, &enishi_authority::openapi(), shutdown);
    http
}
