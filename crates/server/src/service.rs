//! A relay that runs: recover, listen, and the jobs beside it.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use enishi_iso8583::{Message, japan_credit};
use enishi_party::{Clock, Entropy, PartyRole, PartyUri, ProviderId};
use enishi_relay::{Observer, Ports, Relay, Reversals, Unobserved, for_quarantine};
use enishi_revocation::{AuthorityPairing, ListUrl, OcspUrls, Revocation, RevocationConfig, Unanswered};
use enishi_store::Store;
use enishi_transport::openapi::openapi_routes;
use enishi_transport::{
    CancellationToken, HttpClientLimits, HttpLimits, HttpsClient, Identity, IsoClient, IsoClientConfig,
    IsoClientLimits, OpsListener, PlainHttpClient, SystemClock, SystemEntropy, Tap, TrustedCa, ops_router,
    serve_https,
};
use enishi_verify::Limits;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::build;
use crate::config::{RelayConfig, StartError, UnansweredEntry};
use crate::jobs::Jobs;
use crate::metrics::{Both, CountedMeter, CountedPairing, CountedRevocation, CountedSwitch, RelayMetrics};
use crate::ops::{Counters, RelayOps};
use crate::router::{openapi, router};
use crate::switch::Connections;

/// What a caller may put in the place of the machine's own.
#[derive(Clone)]
pub struct Machine {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Sees every decrypted byte, in tests and the sandbox.
    pub tap: Option<Arc<dyn Tap>>,
    /// Is told how long the hops took.
    pub observer: Arc<dyn Observer>,
}

impl Default for Machine {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            tap: None,
            observer: Arc::new(Unobserved),
        }
    }
}

/// The relay's sockets; whatever is absent is bound where the configuration says.
#[derive(Debug, Default)]
pub struct RelaySockets {
    /// Terminals and providers.
    pub service: Option<TcpListener>,
    /// Health, readiness and metrics.
    pub ops: Option<TcpListener>,
}

/// A relay that runs until it is stopped.
pub struct RelayService {
    /// Where it listens.
    pub address: SocketAddr,
    /// Where operators' pages are served.
    pub ops: Option<SocketAddr>,
    /// Its ways to the providers.
    pub connections: Arc<Connections>,
    /// Its revocation lists.
    pub revocation: Arc<Revocation>,
    /// Its queue of reversals.
    pub reversals: Arc<dyn Reversals>,
    shutdown: CancellationToken,
    tasks: JoinSet<()>,
}

impl RelayService {
    /// Starts the relay of a configuration file: opens the store, serves operators' pages, closes what an earlier process
    /// left open, fetches the revocation lists, and listens: on the given sockets, or where the configuration says.
    ///
    /// # Errors
    /// [`StartError`], with what to do.
    pub async fn start(file: &Path, sockets: RelaySockets, machine: Machine) -> Result<Self, StartError> {
        let config = RelayConfig::load(file)?;
        let ops = OpsListener::given_or_configured(sockets.ops, config.listen_ops.as_deref()).await?;
        let environment = build::environment(&config);
        let identity = Identity::load(&config.identity, environment)?;
        let ca = TrustedCa::load(&config.party_ca, environment)?;
        let register = build::register(&config, identity.party().clone())?;
        let secrets = build::secrets(&config)?;
        let store = Store::sqlite(&config.store)?;
        let shutdown = CancellationToken::new();

        let Counters { registry, http, metrics, lists } = Counters::new(&config, machine.clock.now());
        let parts = Parts {
            config: &config,
            identity: &identity,
            ca: &ca,
            machine: &machine,
            shutdown: &shutdown,
            metrics: &metrics,
        };
        let connections = Arc::new(parts.connections(&store)?);
        let revocation = Arc::new(parts.revocation(&register.anchors)?);
        let looked_at = Arc::new(RelayOps {
            metrics: metrics.clone(),
            lists,
            store: store.clone(),
            connections: connections.clone(),
            revocation: revocation.clone(),
            clock: machine.clock.clone(),
            recovered: AtomicBool::new(false),
        });
        let mut tasks = JoinSet::new();
        let ops_address = ops.as_ref().map(OpsListener::address);
        if let Some(ops) = ops {
            let pages = ops_router(registry, looked_at.clone()).merge(openapi_routes(&openapi()));
            tasks.spawn(pages_until(ops, pages, shutdown.clone()));
        }
        let ports = parts.ports(&store, &connections, &revocation)?;
        let relay = Arc::new(Relay { register, secrets, limits: build::limits(&config.limits), ports });
        recover(&relay).await?;
        looked_at.recovered();
        // A relay without lists refuses rather than waits: it serves enrolment and OCSP contracts meanwhile.
        looked_at.refresh().await;

        let failed = |reason| StartError::Listen { address: config.listen.clone(), reason };
        let listener = match sockets.service {
            Some(listener) => listener,
            None => TcpListener::bind(&config.listen).await.map_err(failed)?,
        };
        let address = listener.local_addr().map_err(failed)?;
        let (routes, tap, serving) =
            (http.observe(router(relay.clone())), machine.tap.clone(), shutdown.clone());
        tasks.spawn(async move {
            let served =
                serve_https(listener, &identity, &ca, routes, HttpLimits::default(), tap, serving).await;
            if let Err(error) = served {
                tracing::error!(%error, "the listener did not start");
            }
        });
        let jobs = Jobs { relay, ops: looked_at, store: store.clone(), clock: machine.clock };
        jobs.spawn(&mut tasks, &connections, config.refresh(), &shutdown);
        tracing::info!(%address, ops = ops_address.map(tracing::field::display), "relay serves");
        Ok(Self { address, ops: ops_address, connections, revocation, reversals: store, shutdown, tasks })
    }

    /// Stops: reads no more, ends what has begun, closes the store.
    pub async fn stop(mut self) {
        self.shutdown.cancel();
        while self.tasks.join_next().await.is_some() {}
        tracing::info!("relay stopped");
    }
}

async fn pages_until(listener: OpsListener, pages: axum::Router, shutdown: CancellationToken) {
    if let Err(error) = listener.serve(pages, shutdown).await {
        tracing::error!(%error, "operators' pages are not served");
    }
}

/// What an earlier process left open is closed before anyone is served.
async fn recover(relay: &Relay) -> Result<(), StartError> {
    let closed = relay.recover().await?;
    if closed > 0 {
        tracing::warn!(
            closed,
            "payments that an earlier process left open were closed; what was sent is reversed"
        );
    }
    Ok(())
}

struct Parts<'a> {
    config: &'a RelayConfig,
    identity: &'a Identity,
    ca: &'a TrustedCa,
    machine: &'a Machine,
    shutdown: &'a CancellationToken,
    metrics: &'a RelayMetrics,
}

impl Parts<'_> {
    /// The adapters, counted where something goes out of the relay.
    fn ports(
        &self,
        store: &Arc<Store>,
        connections: &Arc<Connections>,
        revocation: &Arc<Revocation>,
    ) -> Result<Ports, StartError> {
        let metrics = || self.metrics.clone();
        let Machine { clock, entropy, observer, .. } = self.machine.clone();
        Ok(Ports {
            journal: store.clone(),
            reversals: store.clone(),
            records: store.clone(),
            links: store.clone(),
            intents: store.clone(),
            meter: Arc::new(CountedMeter { meter: store.clone(), metrics: metrics() }),
            revocation: Arc::new(CountedRevocation { source: revocation.clone(), metrics: metrics() }),
            pairing: Arc::new(CountedPairing { pairing: self.pairing()?, metrics: metrics() }),
            switch: Arc::new(CountedSwitch { switch: connections.clone(), metrics: metrics() }),
            clock,
            entropy,
            observer: Arc::new(Both(metrics(), observer)),
        })
    }

    fn connections(&self, store: &Arc<Store>) -> Result<Connections, StartError> {
        let mut clients = HashMap::new();
        for line in &self.config.providers {
            let environment = self.identity.party().environment();
            let expected = PartyUri::new(environment, PartyRole::Provider, line.id.as_str())
                .map_err(|error| StartError::Configuration(error.to_string()))?;
            let clock = self.machine.clock.clone();
            let config = IsoClientConfig {
                address: line.address.parse()?,
                expected,
                dialect: japan_credit(),
                limits: IsoClientLimits::default(),
                now: Arc::new(move || clock.now()),
                on_stray: quarantine(store, line.id.clone(), self.machine.clock.clone(), self.metrics),
                tap: self.machine.tap.clone(),
            };
            clients.insert(
                line.id.clone(),
                IsoClient::start(config, self.identity, self.ca, self.shutdown.clone())?,
            );
        }
        Ok(Connections::new(clients))
    }

    fn revocation(&self, anchors: &enishi_verify::Anchors) -> Result<Revocation, StartError> {
        let authority = &self.config.authority;
        let wrong = |error: enishi_revocation::RevocationError| StartError::Configuration(error.to_string());
        let urls = OcspUrls { auth: authority.ocsp_url.clone(), sign: authority.ocsp_url.clone() };
        let lists: ListUrl =
            authority.crl_url.parse().map_err(|error: enishi_revocation::ListUrlError| {
                StartError::Configuration(format!("authority.crl_url: {error}"))
            })?;
        let mut config = RevocationConfig::new(urls, lists);
        config.lists = config.lists.kept_in(self.config.store.join("lists"));
        if let Some(limit) = self.config.list_timeout() {
            config.lists.refresh_timeout = limit;
        }
        config.unanswered = match self.config.platform.unanswered {
            UnansweredEntry::ListStandsIn => Unanswered::ListStandsIn,
            UnansweredEntry::Refused => Unanswered::Refused,
        };
        let plain = PlainHttpClient::new(config.lists.refresh_timeout, self.machine.tap.clone())?;
        let (clock, entropy) = (self.machine.clock.clone(), self.machine.entropy.clone());
        Revocation::new(config, plain, anchors.clone(), Limits::default(), clock, entropy).map_err(wrong)
    }

    fn pairing(&self) -> Result<AuthorityPairing, StartError> {
        let authority = &self.config.authority;
        let client = HttpsClient::new(
            authority.pairing.parse()?,
            authority.party.clone(),
            self.identity,
            self.ca,
            HttpClientLimits::default(),
            self.machine.tap.clone(),
        )?;
        Ok(AuthorityPairing::new(client))
    }
}

/// What nobody waits for is written down, never forwarded.
fn quarantine(
    store: &Arc<Store>,
    provider: ProviderId,
    clock: Arc<dyn Clock>,
    metrics: &RelayMetrics,
) -> enishi_transport::OnStray {
    let (store, metrics) = (store.clone(), metrics.clone());
    let runtime = tokio::runtime::Handle::current();
    Arc::new(move |message: Message| {
        let (store, provider, now) = (store.clone(), provider.clone(), clock.now());
        metrics.quarantined(&provider);
        runtime.spawn(async move {
            tracing::warn!(%provider, mti = %message.mti(), "late answer: quarantined");
            let Ok(octets) = for_quarantine(&message) else { return };
            if let Err(error) = store.quarantine(&provider, &octets, now).await {
                tracing::error!(%error, "late answer could not be kept");
            }
        });
    })
}
