//! A card company whose app and relay are really there, on this machine.

use std::net::SocketAddr;
use std::sync::Arc;

use enishi_party::{InstrumentRef, LinkId, PairwiseId, VerifierModel};
use enishi_provider::{NoRecheck, Recheck, serve_app};
use enishi_transport::{Address, CancellationToken, HttpLimits};
use enishi_wire::{ConfirmOutcome, Subject};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::http::{Answer, call};
use crate::relay::{CODE, FakeRelay};
use crate::world::{PASSWORD, Setting, World, assertion_key};

pub(crate) struct Company {
    pub(crate) world: World,
    pub(crate) relay: FakeRelay,
    pub(crate) relay_address: Address,
    pub(crate) app: SocketAddr,
}

impl Company {
    pub(crate) async fn start() -> Self {
        Self::with(VerifierModel::Proxy, Arc::new(NoRecheck)).await
    }

    pub(crate) async fn with(model: VerifierModel, recheck: Arc<dyn Recheck>) -> Self {
        let (relay, address) = FakeRelay::start(model, assertion_key()).await;
        let setting = Setting { model, recheck, relay: address.clone(), ..Setting::default() };
        Self::over(World::with(setting).await, relay, address).await
    }

    /// The app of another world, beside the same relay.
    pub(crate) async fn beside(&self, world: World) -> Self {
        Self::over(world, self.relay.clone(), self.relay_address.clone()).await
    }

    async fn over(world: World, relay: FakeRelay, relay_address: Address) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let app = listener.local_addr().unwrap();
        let provider = Arc::clone(&world.provider);
        tokio::spawn(async move {
            let (limits, shutdown) = (HttpLimits::default(), CancellationToken::new());
            serve_app(listener, &provider, limits, None, shutdown).await.unwrap();
        });
        Self { world, relay, relay_address, app }
    }

    pub(crate) async fn post(&self, path: &str, session: Option<&str>, body: Value) -> Answer {
        call(self.app, &format!("POST {path}"), session, &body.to_string()).await
    }

    pub(crate) async fn get(&self, path: &str, session: &str) -> Answer {
        call(self.app, &format!("GET {path}"), Some(session), "").await
    }

    pub(crate) async fn try_login(&self, id: &str, password: &str) -> Answer {
        self.post("/app/login", None, json!({ "customer": id, "password": password })).await
    }

    pub(crate) async fn login(&self, id: &str) -> String {
        let answer = self.try_login(id, PASSWORD).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body["session"].as_str().unwrap().to_owned()
    }

    /// Begins a link and returns the state that the relay was told.
    pub(crate) async fn begin(&self, session: &str, card: u8) -> String {
        let answer =
            self.post("/app/links", Some(session), json!({ "card": card, "offer_jointly": true })).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        self.relay.get(|script| script.intents.last().unwrap().state.clone())
    }

    pub(crate) async fn finish(&self, session: &str, state: &str) -> Answer {
        self.post("/app/link-callback", Some(session), json!({ "state": state, "code": CODE })).await
    }

    pub(crate) async fn link(&self, session: &str, card: u8) -> Answer {
        let state = self.begin(session, card).await;
        self.finish(session, &state).await
    }

    pub(crate) fn confirmed(&self) -> Vec<&'static str> {
        let word = |outcome: &ConfirmOutcome| match outcome {
            ConfirmOutcome::Confirmed { .. } => "confirmed",
            ConfirmOutcome::IdentityMismatch => "identity_mismatch",
            ConfirmOutcome::Conflict => "conflict",
        };
        self.relay.get(|script| script.confirmed.iter().map(word).collect())
    }

    pub(crate) fn instrument(&self) -> InstrumentRef {
        self.relay.get(|script| match script.confirmed.last() {
            Some(ConfirmOutcome::Confirmed { instrument }) => *instrument,
            _ => InstrumentRef::from_random([0; 16]),
        })
    }

    /// What a purchase with the last confirmed instrument is answered.
    pub(crate) async fn purchase(&self, subject: Subject) -> String {
        self.world.purchase(&self.world.buy(subject, self.instrument())).await
    }

    pub(crate) fn pairwise(&self) -> Subject {
        Subject::Pairwise(self.relay.get(|script| script.pairwise.unwrap()))
    }

    pub(crate) fn new_link(&self, pairwise: Option<u8>) {
        self.relay.set(|script| {
            script.link = LinkId::from_random([script.link.as_octets()[0] + 1; 16]);
            if let Some(pairwise) = pairwise {
                script.pairwise = Some(PairwiseId::from_random([pairwise; 16]));
            }
        });
    }
}
