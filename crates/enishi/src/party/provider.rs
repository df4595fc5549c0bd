//! A card company as a party: its authorisation host on ISO 8583, its customers' app on loopback.

mod ops;
mod settings;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use enishi_entrusted::{
    Entrusted, EntrustedConfig, EntrustedPorts, ListUrlError, SerialIndexKey, SerialRows,
};
use enishi_iso8583::japan_credit;
use enishi_jpki::Profile;
use enishi_party::{CallbackUrl, Clock, ContractId, Entropy, Money, PartyRole, PartyUri, Timestamp};
use enishi_provider::{NoRecheck, Ports, Provider, Recheck, RelayClient, serve_local};
use enishi_provider_store::ProviderStore;
use enishi_server::{ListMetrics, anchors, hex_key};
use enishi_transport::{
    CancellationToken, HttpClientLimits, HttpLimits, HttpMetrics, HttpsClient, Identity, IsoServerConfig,
    IsoServerLimits, OpsListener, PlainHttpClient, Tap, TrustedCa, register_process, serve_iso,
};
use enishi_verify::OpeningKey;
use prometheus_client::registry::Registry;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use self::ops::{OwnVerifier, ProviderMetrics, ProviderOps};
pub(super) use self::settings::{load, provider_config, values};
use super::{PartyError, bind, environment, file_error};

/// How often a verifier of its own fetches the revocation lists.
const REFRESH_TICK: Duration = Duration::from_secs(60);
/// How often what is out of time is forgotten.
const FORGET_TICK: Duration = Duration::from_secs(60);

/// The configuration file of a card company. Paths are relative to its folder.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderFile {
    /// Must be true for sandbox certificates, and false for any other.
    pub sandbox: bool,
    /// Where the relay connects with ISO 8583.
    pub listen_iso: String,
    /// Where its app is served, on this machine alone.
    pub listen_app: String,
    /// Where health, readiness and metrics are served to operators: plain HTTP, a loopback address alone; absent: not
    /// served.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub listen_ops: Option<String>,
    /// Folder of the mutual-TLS identity.
    pub identity: PathBuf,
    /// The CA of the parties' certificates.
    pub party_ca: PathBuf,
    /// The database.
    pub store: PathBuf,
    /// Where the relay listens.
    pub relay: String,
    /// The relay's name.
    pub relay_party: PartyUri,
    /// The relay's key for assertions: an uncompressed P-256 point in hex.
    pub relay_key: String,
    /// Its contract.
    pub contract: ContractId,
    /// The key under which PIN blocks come from the relay, 64 hex digits.
    pub zone_key: PathBuf,
    /// The key of its PIN verification values, 64 hex digits.
    pub pin_key: PathBuf,
    /// Where citizens are sent back to after a link that they began in its app.
    pub callback: CallbackUrl,
    /// Where its app is reached from outside: invited links end at `/app/invitation-callback` there.
    pub app_origin: String,
    /// Rounds of its customers' password hashes (PBKDF2).
    pub password_rounds: u32,
    /// What it demands of a purchase.
    pub policy: PolicyEntry,
    /// Who verifies.
    pub model: ProviderModel,
}

/// The verifier model of a company's contract.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProviderModel {
    /// 代行: the relay verifies and vouches.
    Proxy,
    /// 委託: the company verifies itself.
    Entrusted(EntrustedEntry),
}

/// What a company demands of a purchase.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyEntry {
    /// Its PIN is needed from this amount on; absent: never.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pin_from: Option<Money>,
    /// Amounts that the card did not sign are taken up to this; absent: never.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub unbound_up_to: Option<Money>,
}

/// What a verifier of its own (委託) needs.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntrustedEntry {
    /// The private key that evidence is sealed to, 64 hex digits.
    pub opening_key: PathBuf,
    /// The key of its serial rows' index, 64 hex digits.
    pub index_key: PathBuf,
    /// Its serial rows.
    pub serial_rows: PathBuf,
    /// Folder of the authorities' certificates.
    pub anchors: PathBuf,
    /// Revocation lists, with `{kind}` and `{key_id}` in it; with `{partition}` as well, lists are fetched by municipality, each
    /// from when it is first needed.
    pub crl_url: String,
    /// Where they are kept; absent: in memory alone, and then none larger than 64 MiB.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lists: Option<PathBuf>,
}

/// A running card company.
pub struct ProviderService {
    /// Where operators' pages are served.
    pub ops: Option<SocketAddr>,
    shutdown: CancellationToken,
    tasks: JoinSet<()>,
}

/// The company's sockets.
#[derive(Default)]
pub struct ProviderSockets {
    /// ISO 8583.
    pub iso: Option<TcpListener>,
    /// The app.
    pub app: Option<TcpListener>,
    /// Health, readiness and metrics.
    pub ops: Option<TcpListener>,
}

impl ProviderService {
    /// Starts the card company of a configuration file.
    ///
    /// # Errors
    /// [`PartyError`]
    pub async fn start(
        file: &Path,
        sockets: ProviderSockets,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        tap: Option<Arc<dyn Tap>>,
    ) -> Result<Self, PartyError> {
        let config = load(file)?;
        let environment = environment(config.sandbox);
        let identity = Identity::load(&config.identity, environment)?;
        let ca = TrustedCa::load(&config.party_ca, environment)?;
        let client = HttpsClient::new(
            config.relay.parse()?,
            config.relay_party.clone(),
            &identity,
            &ca,
            HttpClientLimits::default(),
            tap.clone(),
        )?;
        let relay = RelayClient::new(client);
        let store = Arc::new(ProviderStore::open(&config.store)?);
        let mut watched = Watched::new(&config, clock.now());
        let verifier = match &config.model {
            ProviderModel::Entrusted(entry) => {
                Some(Arc::new(verifier(&config, entry, &relay, &clock, &entropy, tap.clone())?))
            }
            ProviderModel::Proxy => None,
        };
        let provider = Provider::observed(
            provider_config(&config)?,
            Ports {
                books: store.clone(),
                register: store.clone(),
                conversions: store.clone(),
                sessions: store.clone(),
                relay,
                recheck: recheck(verifier.as_ref()),
                clock: clock.clone(),
                entropy,
            },
            Arc::new(watched.metrics.clone()),
        );
        let verifier = verifier.map(|verifier| watched.verifier(verifier));
        let ops = OpsListener::given_or_configured(sockets.ops, config.listen_ops.as_deref()).await?;
        let ops_address = ops.as_ref().map(OpsListener::address);
        let iso = bind(sockets.iso, &config.listen_iso).await?;
        let app = bind(sockets.app, &config.listen_app).await?;
        if let Ok(address) = app.local_addr() {
            require_local_app(address)?;
        }
        let server = IsoServerConfig {
            clients: vec![config.relay_party],
            dialect: japan_credit(),
            limits: IsoServerLimits::default(),
            tap: tap.clone(),
        };
        if let Some(verifier) = &verifier {
            verifier.refresh().await;
        }
        let shutdown = CancellationToken::new();
        let mut tasks = JoinSet::new();
        let routes = watched.http.observe(provider.app());
        let looked_at = ProviderOps { metrics: watched.metrics, store, verifier: verifier.clone(), clock };
        let interface = enishi_provider::openapi();
        super::ops::serve(&mut tasks, ops, watched.registry, Arc::new(looked_at), &interface, &shutdown);
        spawn_listeners(&mut tasks, (iso, server, identity, ca), (app, routes, tap), &provider, &shutdown);
        spawn_jobs(&mut tasks, provider, verifier, &shutdown);
        Ok(Self { ops: ops_address, shutdown, tasks })
    }

    /// Stops: reads no more, ends what has begun.
    pub async fn stop(mut self) {
        self.shutdown.cancel();
        while self.tasks.join_next().await.is_some() {}
        tracing::info!("provider stopped");
    }
}

fn recheck(verifier: Option<&Arc<Entrusted>>) -> Arc<dyn Recheck> {
    match verifier {
        Some(verifier) => verifier.clone(),
        // 代行: the relay vouches, and there is nothing to look at.
        None => Arc::new(NoRecheck),
    }
}

/// What counts beside a company.
struct Watched {
    registry: Registry,
    http: HttpMetrics,
    metrics: ProviderMetrics,
}

impl Watched {
    fn new(config: &ProviderFile, now: Timestamp) -> Self {
        let mut registry = Registry::default();
        register_process(&mut registry, PartyRole::Provider, env!("CARGO_PKG_VERSION"), now);
        let http = HttpMetrics::register(&mut registry);
        let metrics = ProviderMetrics::register(&mut registry, &config.contract);
        Self { registry, http, metrics }
    }

    fn verifier(&mut self, verifier: Arc<Entrusted>) -> OwnVerifier {
        OwnVerifier { verifier, metrics: ListMetrics::register(&mut self.registry) }
    }
}

/// The app speaks plain HTTP: before it is said to serve, not after, its address must be this machine's own.
pub(super) fn require_local_app(address: SocketAddr) -> Result<(), PartyError> {
    if address.ip().is_loopback() {
        return Ok(());
    }
    Err(PartyError::Configuration(format!(
        "listen_app: {address} is no loopback address, and the app speaks plain HTTP; listen on 127.0.0.1 and let \
         the company's web front end TLS before it"
    )))
}

/// The authorisation host and the app, each on its own socket.
fn spawn_listeners(
    tasks: &mut JoinSet<()>,
    (iso, server, identity, ca): (TcpListener, IsoServerConfig, Identity, TrustedCa),
    (app, routes, tap): (TcpListener, Router, Option<Arc<dyn Tap>>),
    provider: &Arc<Provider>,
    shutdown: &CancellationToken,
) {
    let (handler, token) = (provider.clone(), shutdown.clone());
    tasks.spawn(async move {
        if let Err(error) = serve_iso(iso, &identity, &ca, server, handler, token).await {
            tracing::error!(%error, "the authorisation host is not served");
        }
    });
    let token = shutdown.clone();
    tasks.spawn(async move {
        if let Err(error) = serve_local(app, routes, HttpLimits::default(), tap, token).await {
            tracing::error!(%error, "the app is not served");
        }
    });
}

/// Forgetting, and under 委託 the company's own lists.
fn spawn_jobs(
    tasks: &mut JoinSet<()>,
    provider: Arc<Provider>,
    verifier: Option<OwnVerifier>,
    shutdown: &CancellationToken,
) {
    if let Some(verifier) = verifier {
        let token = shutdown.clone();
        tasks.spawn(async move {
            while token.run_until_cancelled(tokio::time::sleep(REFRESH_TICK)).await.is_some() {
                verifier.refresh().await;
            }
        });
    }
    let token = shutdown.clone();
    tasks.spawn(async move {
        while token.run_until_cancelled(tokio::time::sleep(FORGET_TICK)).await.is_some() {
            if let Err(error) = provider.forget().await {
                tracing::error!(%error, "what is out of time was not forgotten");
            }
        }
    });
}

/// 委託: the company is the verifier, with its own anchors, lists and serial rows.
fn verifier(
    config: &ProviderFile,
    entry: &EntrustedEntry,
    relay: &RelayClient,
    clock: &Arc<dyn Clock>,
    entropy: &Arc<dyn Entropy>,
    tap: Option<Arc<dyn Tap>>,
) -> Result<Entrusted, PartyError> {
    let profile = if config.sandbox { Profile::SANDBOX } else { Profile::PRODUCTION };
    let crl_url =
        entry.crl_url.parse().map_err(|error: ListUrlError| PartyError::Configuration(error.to_string()))?;
    let mut rules =
        EntrustedConfig::new(config.contract.clone(), config.relay_party.clone(), crl_url, profile);
    if let Some(folder) = &entry.lists {
        rules.lists = rules.lists.kept_in(folder);
    }
    let opening_key = OpeningKey::from_octets(hex_key(&entry.opening_key)?.as_slice())
        .map_err(|error| file_error(&entry.opening_key, error))?;
    let ports = EntrustedPorts {
        opening_key,
        index_key: SerialIndexKey::from_octets(*hex_key(&entry.index_key)?),
        rows: SerialRows::open(&entry.serial_rows).map_err(|error| file_error(&entry.serial_rows, error))?,
        anchors: anchors(&entry.anchors, &profile)?,
        relay: relay.clone(),
        lists: PlainHttpClient::new(rules.lists.refresh_timeout, tap)?,
        clock: clock.clone(),
        entropy: entropy.clone(),
    };
    Entrusted::new(rules, ports).map_err(|error| PartyError::Configuration(error.to_string()))
}
