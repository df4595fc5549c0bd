//! A terminal, a relay and the wire between them.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use enishi_party::{
    Clock, Entropy, Environment, Language, Money, PartyRole, PartyUri, PaymentType, Text, Timestamp,
};
use enishi_pinblock::PinKey;
use enishi_transport::{
    Address, CancellationToken, HttpClientLimits, HttpLimits, HttpsClient, Identity, SandboxCa, SystemClock,
    serve_https,
};
use enishi_wire::AmountBinding;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::fake_relay::{FakeRelay, epoch};
use crate::{Sale, Sleeper, Terminal, TerminalConfig, TerminalError};

pub(super) const TERMINAL: &str = "4980000000012";
pub(super) const PIN_KEY: [u8; 32] = [0x5A; 32];

/// A clock whose clones share one hand.
#[derive(Clone)]
pub(super) struct HeldClock(Arc<Mutex<Timestamp>>);

impl HeldClock {
    pub(super) fn advance(&self, span: Duration) {
        let mut now = self.0.lock().unwrap();
        *now = now.checked_add(span).unwrap();
    }
}

impl Clock for HeldClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

struct SystemRandom;

impl Entropy for SystemRandom {
    fn fill(&self, buffer: &mut [u8]) {
        aws_lc_rs::rand::fill(buffer).unwrap();
    }
}

/// Waits for nothing, and remembers for how long.
#[derive(Default)]
pub(super) struct NoSleep(pub(super) Mutex<Vec<Duration>>);

#[async_trait]
impl Sleeper for NoSleep {
    async fn sleep(&self, span: Duration) {
        self.0.lock().unwrap().push(span);
    }
}

pub(super) struct World {
    pub(super) relay: FakeRelay,
    pub(super) clock: HeldClock,
    pub(super) slept: Arc<NoSleep>,
    pub(super) folder: TempDir,
    ca: SandboxCa,
    identities: Mutex<HashMap<String, Identity>>,
    address: Address,
    shutdown: CancellationToken,
    server: JoinHandle<()>,
}

impl World {
    pub(super) async fn new() -> Self {
        let clock = HeldClock(Arc::new(Mutex::new(epoch())));
        let relay = FakeRelay::new(clock.clone());
        // TLS looks at the machine's clock, whatever the tests say the time is.
        let ca = SandboxCa::create(SystemClock.now()).unwrap();
        let identity = ca.issue(&relay_party(), &[], SystemClock.now()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().into();
        let (trusted, router) = (ca.trusted().unwrap(), relay.router());
        let shutdown = CancellationToken::new();
        let stop = shutdown.clone();
        let server = tokio::spawn(async move {
            let limits = HttpLimits { request_timeout: Duration::from_secs(900), ..HttpLimits::default() };
            serve_https(listener, &identity, &trusted, router, limits, None, stop).await.unwrap();
        });
        let slept = Arc::default();
        let folder = tempfile::tempdir().unwrap();
        Self { relay, clock, slept, folder, ca, identities: Mutex::default(), address, shutdown, server }
    }

    /// Ends the relay: from here on nobody listens.
    pub(super) async fn stop(&mut self) {
        self.shutdown.cancel();
        (&mut self.server).await.unwrap();
    }

    /// A terminal on the world's folder.
    pub(super) fn terminal(&self) -> Terminal {
        self.open(TERMINAL, self.folder.path(), Duration::from_secs(60)).unwrap()
    }

    pub(super) fn open(
        &self,
        terminal: &str,
        folder: &Path,
        wait: Duration,
    ) -> Result<Terminal, TerminalError> {
        let party = PartyUri::new(Environment::Sandbox, PartyRole::Terminal, terminal).unwrap();
        // One key per terminal: a ticket is good for its holder's key alone.
        let mut identities = self.identities.lock().unwrap();
        let identity = identities
            .entry(terminal.to_owned())
            .or_insert_with(|| self.ca.issue(&party, &[], SystemClock.now()).unwrap());
        let limits =
            HttpClientLimits { exchange_timeout: Duration::from_secs(60), ..HttpClientLimits::default() };
        let trusted = self.ca.trusted().unwrap();
        let client =
            HttpsClient::new(self.address.clone(), relay_party(), identity, &trusted, limits, None).unwrap();
        let mut config = TerminalConfig::new(
            folder,
            terminal.parse().unwrap(),
            "SHOP-0001".parse().unwrap(),
            Text::new("縁結び商店", "Enmusubi Store"),
            Language::Ja,
        );
        config.answer_wait = wait;
        let pin_key = PinKey::from_bytes(&PIN_KEY).unwrap();
        let clock = Arc::new(self.clock.clone());
        let terminal = Terminal::open(config, client, pin_key, clock, Arc::new(SystemRandom))?;
        Ok(terminal.with_sleeper(self.slept.clone()))
    }

    /// Everything in the folder, file names too.
    pub(super) fn folder_bytes(&self) -> Vec<u8> {
        let mut all = Vec::new();
        let mut folders = vec![self.folder.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                all.extend(path.to_string_lossy().as_bytes());
                if path.is_dir() {
                    folders.push(path);
                } else {
                    all.extend(std::fs::read(path).unwrap());
                }
            }
        }
        all
    }

    pub(super) fn sales(&self) -> Vec<serde_json::Value> {
        let text = std::fs::read_to_string(self.folder.path().join("sales.jsonl")).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The files of requests without an outcome.
    pub(super) fn pending_files(&self) -> Vec<std::path::PathBuf> {
        let entries = std::fs::read_dir(self.folder.path().join("pending")).unwrap();
        entries.map(|entry| entry.unwrap().path()).collect()
    }
}

pub(super) fn relay_party() -> PartyUri {
    PartyUri::new(Environment::Sandbox, PartyRole::Relay, "relay").unwrap()
}

pub(super) fn sale() -> Sale {
    Sale {
        amount: Money::yen(12_345).unwrap(),
        payment_type: PaymentType::LumpSum,
        product_code: "0990".to_owned(),
        contract: None,
        amount_binding: AmountBinding::Bound,
    }
}

pub(super) fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}
