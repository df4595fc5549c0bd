//! A relay that runs: recover, listen, and the jobs beside it.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use enishi_iso8583::{Message, japan_credit};
use enishi_party::{Clock, Entropy, PartyRole, PartyUri, ProviderId};
use enishi_relay::{Observer, Ports, Relay, Reversals, Unobserved, for_quarantine};
use enishi_revocation::{AuthorityPairing, ListUrl, OcspUrls, Revocation, RevocationConfig};
use enishi_store::SqliteStore;
use enishi_transport::{
    CancellationToken, HttpClientLimits, HttpLimits, HttpsClient, Identity, IsoClient, IsoClientConfig,
    IsoClientLimits, PlainHttpClient, SystemClock, SystemEntropy, Tap, TrustedCa, serve_https,
};
use enishi_verify::Limits;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::build;
use crate::config::{RelayConfig, StartError};
use crate::router::router;
use crate::switch::Connections;

/// How often the reversals' queue is looked at; each entry has its own due time.
const QUEUE_TICK: Duration = Duration::from_millis(100);
/// How often what is out of time is taken away.
const SWEEP_TICK: Duration = Duration::from_secs(60);

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

/// A relay that runs until it is stopped.
pub struct RelayService {
    /// Where it listens.
    pub address: SocketAddr,
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
    /// Starts the relay of a configuration file: opens the store, closes what an earlier process left open, fetches the
    /// revocation lists, and listens: on the given socket, or where the configuration says.
    ///
    /// # Errors
    /// [`StartError`], with what to do.
    pub async fn start(
        file: &Path,
        listener: Option<TcpListener>,
        machine: Machine,
    ) -> Result<Self, StartError> {
        let config = RelayConfig::load(file)?;
        let environment = build::environment(&config);
        let identity = Identity::load(&config.identity, environment)?;
        let ca = TrustedCa::load(&config.party_ca, environment)?;
        let register = build::register(&config, identity.party().clone())?;
        let secrets = build::secrets(&config)?;
        let store = SqliteStore::open(&config.store)?;
        let shutdown = CancellationToken::new();

        let parts =
            Parts { config: &config, identity: &identity, ca: &ca, machine: &machine, shutdown: &shutdown };
        let connections = Arc::new(parts.connections(&store)?);
        let revocation = Arc::new(parts.revocation(&register.anchors)?);
        let Machine { clock, entropy, tap, observer } = machine.clone();
        let relay = Arc::new(Relay {
            register,
            secrets,
            limits: build::limits(&config.limits),
            ports: Ports {
                journal: store.clone(),
                reversals: store.clone(),
                records: store.clone(),
                links: store.clone(),
                intents: store.clone(),
                meter: store.clone(),
                revocation: revocation.clone(),
                pairing: Arc::new(parts.pairing()?),
                switch: connections.clone(),
                clock: clock.clone(),
                entropy,
                observer,
            },
        });
        let closed = relay.recover().await?;
        if closed > 0 {
            tracing::warn!(
                closed,
                "payments that an earlier process left open were closed; what was sent is reversed"
            );
        }
        // A relay without lists refuses rather than waits: it serves enrolment and OCSP contracts meanwhile.
        revocation.refresh().await;

        let failed = |reason| StartError::Listen { address: config.listen.clone(), reason };
        let listener = match listener {
            Some(listener) => listener,
            None => TcpListener::bind(&config.listen).await.map_err(failed)?,
        };
        let address = listener.local_addr().map_err(failed)?;
        let mut tasks = JoinSet::new();
        let serving = shutdown.clone();
        let routes = router(relay.clone());
        tasks.spawn(async move {
            let served =
                serve_https(listener, &identity, &ca, routes, HttpLimits::default(), tap, serving).await;
            if let Err(error) = served {
                tracing::error!(%error, "the listener did not start");
            }
        });
        let jobs = Jobs { relay, revocation: revocation.clone(), store: store.clone(), clock };
        jobs.spawn(&mut tasks, &connections, config.refresh(), &shutdown);
        tracing::info!(%address, "relay serves");
        Ok(Self { address, connections, revocation, reversals: store, shutdown, tasks })
    }

    /// Stops: reads no more, ends what has begun, closes the store.
    pub async fn stop(mut self) {
        self.shutdown.cancel();
        while self.tasks.join_next().await.is_some() {}
    }
}

struct Parts<'a> {
    config: &'a RelayConfig,
    identity: &'a Identity,
    ca: &'a TrustedCa,
    machine: &'a Machine,
    shutdown: &'a CancellationToken,
}

impl Parts<'_> {
    fn connections(&self, store: &Arc<SqliteStore>) -> Result<Connections, StartError> {
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
                on_stray: quarantine(store.clone(), line.id.clone(), self.machine.clock.clone()),
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
        let config = RevocationConfig {
            folder: Some(self.config.store.join("lists")),
            ..RevocationConfig::new(urls, lists)
        };
        let plain = PlainHttpClient::new(config.refresh_timeout, self.machine.tap.clone())?;
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
    store: Arc<SqliteStore>,
    provider: ProviderId,
    clock: Arc<dyn Clock>,
) -> enishi_transport::OnStray {
    let runtime = tokio::runtime::Handle::current();
    Arc::new(move |message: Message| {
        let (store, provider, now) = (store.clone(), provider.clone(), clock.now());
        runtime.spawn(async move {
            tracing::warn!(%provider, mti = %message.mti(), "late answer: quarantined");
            let Ok(octets) = for_quarantine(&message) else { return };
            if let Err(error) = store.quarantine(&provider, &octets, now).await {
                tracing::error!(%error, "late answer could not be kept");
            }
        });
    })
}

/// What the jobs beside the listener work on.
struct Jobs {
    relay: Arc<Relay>,
    revocation: Arc<Revocation>,
    store: Arc<SqliteStore>,
    clock: Arc<dyn Clock>,
}

impl Jobs {
    fn spawn(
        self,
        tasks: &mut JoinSet<()>,
        connections: &Connections,
        refresh: Duration,
        shutdown: &CancellationToken,
    ) {
        for provider in connections.providers() {
            let (relay, provider) = (self.relay.clone(), provider.clone());
            tasks.spawn(every(QUEUE_TICK, shutdown.clone(), move || drain(relay.clone(), provider.clone())));
        }
        let revocation = self.revocation.clone();
        tasks.spawn(every(refresh, shutdown.clone(), move || {
            let revocation = revocation.clone();
            async move {
                revocation.refresh().await;
            }
        }));
        let jobs = Arc::new(self);
        tasks.spawn(every(SWEEP_TICK, shutdown.clone(), move || jobs.clone().sweep()));
    }

    /// Takes away what is out of time.
    async fn sweep(self: Arc<Self>) {
        if let Err(fault) = self.relay.expire_links().await {
            tracing::error!(%fault, "unconfirmed links not expired");
        }
        match self.relay.expire_questions().await {
            Ok(0) => {}
            Ok(closed) => tracing::info!(closed, "payments that nobody goes on with were closed"),
            Err(fault) => tracing::error!(%fault, "payments that nobody goes on with not closed"),
        }
        if let Err(error) = self.store.purge(self.clock.now()).await {
            tracing::error!(%error, "what is out of time was not taken away");
        }
    }
}

async fn drain(relay: Arc<Relay>, provider: ProviderId) {
    if let Err(fault) = relay.drain_reversals(&provider).await {
        tracing::error!(%provider, %fault, "reversals not sent");
    }
}

/// Runs a job again and again, never two at a time, until shutdown.
async fn every<F: Future<Output = ()>>(pause: Duration, shutdown: CancellationToken, job: impl Fn() -> F) {
    while shutdown.run_until_cancelled(tokio::time::sleep(pause)).await.is_some() {
        job().await;
    }
}
