//! The sandbox as it is measured: production's time-outs, real files, terminals of its own, nobody listening in at the relay.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use enishi_authority::SerialPlan;
use enishi_card::{CardError, SoftwareReader};
use enishi_party::{Language, Money, PaymentType, VerifierModel};
use enishi_relay::{Hop, Observer, Unobserved};
use enishi_sandbox::demo::Citizen;
use enishi_sandbox::sandbox::{
    Account, Company, Enrolled, LimitsChoice, Person, PersonKey, RelayPlace, SetupOptions, Town, TownOptions,
};
use enishi_server::{Machine, RelayService, RelaySockets};
use enishi_terminal::{Preparation, Prepared, Reply, Sale, Terminal};
use enishi_wire::{AmountBinding, PaymentAnswer, PaymentStatus};
use myna_card::Transmit;
use tempfile::TempDir;

use crate::error::BenchError;
use crate::figures::{Effort, Figures};
use crate::start::RelayProcess;
use crate::terminals;

/// How long the relay may take until the companies can be reached.
const SIGN_ON_WAIT: Duration = Duration::from_secs(20);
/// What every purchase costs: so little that no limit of a sample card is ever met.
const YEN: u64 = 1;
/// How often the first purchase is tried: the relay may still be signing on.
const FIRST_TRIES: usize = 100;

/// Where the relay runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Alone, as in production.
    OwnProcess,
    /// With all others.
    OneProcess,
}

/// A running sandbox with terminals.
pub(crate) struct World {
    pub(crate) town: Town,
    pub(crate) terminals: Vec<Terminal>,
    pub(crate) hops: Arc<Hops>,
    relay: Option<Relay>,
    _folder: TempDir,
}

enum Relay {
    Process(RelayProcess),
    Service(RelayService),
}

/// What the relay's observer heard.
#[derive(Debug, Default)]
pub(crate) struct Hops(Mutex<HashMap<Hop, Figures>>);

impl Observer for Hops {
    fn hop(&self, hop: Hop, took: Duration) {
        let mut hops = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        hops.entry(hop).or_default().push(took.as_secs_f64());
    }
}

impl Hops {
    /// Their medians, in the order of a purchase, and nothing is kept.
    pub(crate) fn take(&self) -> String {
        let hops = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let median = |hop| hops.get(&hop).and_then(Figures::median).map(|seconds| 1e3 * seconds);
        let named =
            [(Hop::Prove, "prove"), (Hop::Link, "link"), (Hop::Clear, "clear"), (Hop::Provider, "company")];
        let said = named.into_iter().filter_map(|(hop, name)| Some(format!("{name} {:.2} ms", median(hop)?)));
        said.collect::<Vec<_>>().join(", ")
    }
}

impl World {
    pub(crate) async fn start(effort: &Effort, place: Place, terminals: usize) -> Result<Self, BenchError> {
        let folder = tempfile::Builder::new().prefix("world-").tempdir_in(&effort.folder);
        let folder = folder.map_err(BenchError::file(&effort.folder))?;
        let root = folder.path().canonicalize().map_err(BenchError::file(folder.path()))?;
        let options = TownOptions {
            setup: SetupOptions { serials: SerialPlan::default(), limits: LimitsChoice::Production },
            language: Language::En,
            port_base: None,
            observer: Arc::new(Unobserved),
            // Started here, after its register has been changed.
            relay: RelayPlace::OwnProcess,
        };
        let mut town = Town::start(&root, options).await?;
        let ids = terminals::register(&town.plan, terminals)?;
        let hops = Arc::new(Hops::default());
        let relay = match place {
            Place::OwnProcess => {
                Relay::Process(RelayProcess::start(&town.plan.relay(), town.plan.places.relay)?)
            }
            Place::OneProcess => Relay::Service(serve(&town, hops.clone()).await?),
        };
        for (person, company) in [(PersonKey::Taro, Company::A), (PersonKey::Hanako, Company::B)] {
            enrol(&mut town, person, company).await?;
        }
        let terminals = ids.iter().map(|id| terminals::open(&town.plan, id)).collect::<Result<_, _>>()?;
        let mut world = Self { town, terminals, hops, relay: Some(relay), _folder: folder };
        for model in [VerifierModel::Proxy, VerifierModel::Entrusted] {
            world.first_purchase(model).await?;
        }
        Ok(world)
    }

    pub(crate) async fn stop(self) {
        drop(self.terminals);
        match self.relay {
            Some(Relay::Process(process)) => process.stop(),
            Some(Relay::Service(service)) => service.stop().await,
            None => {}
        }
        self.town.stop().await;
    }

    /// The same without its relay's process, which the caller starts and stops.
    pub(crate) fn without_relay(mut self) -> Self {
        self.relay = None;
        self
    }

    /// The reader with the card of whoever pays under that model.
    pub(crate) fn reader(&self, model: VerifierModel) -> Result<SoftwareReader, BenchError> {
        let person = match model {
            VerifierModel::Proxy => PersonKey::Taro,
            VerifierModel::Entrusted => PersonKey::Hanako,
        };
        Ok(self.town.reader(person)?)
    }

    async fn first_purchase(&mut self, model: VerifierModel) -> Result<(), BenchError> {
        let reader = self.reader(model)?;
        let sale = sale(model)?;
        let terminal = self.terminals.first_mut().ok_or_else(none)?;
        let mut outcome = Ok(());
        for _ in 0..FIRST_TRIES {
            let prepared = prepare(terminal, || reader.connect(), &sale).await?;
            outcome = approved(terminal.submit(&prepared).await);
            if outcome.is_ok() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        outcome
    }
}

/// Starts the relay among the others; nobody listens in.
async fn serve(town: &Town, hops: Arc<Hops>) -> Result<RelayService, BenchError> {
    let machine = Machine { observer: hops, ..Machine::default() };
    let relay = RelayService::start(&town.plan.relay(), RelaySockets::default(), machine)
        .await
        .map_err(BenchError::of("the relay"))?;
    match relay.connections.signed_on(SIGN_ON_WAIT).await.first() {
        None => Ok(relay),
        Some(_) => {
            Err(BenchError::Failed { what: "the relay", why: "a company does not sign on".to_owned() })
        }
    }
}

async fn enrol(town: &mut Town, person: PersonKey, company: Company) -> Result<(), BenchError> {
    let wrong = |why: String| BenchError::Failed { what: "an enrolment", why };
    let account: &Account = Person::of(person)
        .and_then(|person| person.accounts.iter().find(|account| account.company == company))
        .ok_or_else(|| wrong("no such account".to_owned()))?;
    match town.enrol(account, person, &mut Citizen::new()).await? {
        Enrolled::Linked(_) => Ok(()),
        other => Err(wrong(format!("{other:?}"))),
    }
}

/// The sale of that model's company.
pub(crate) fn sale(model: VerifierModel) -> Result<Sale, BenchError> {
    let company = match model {
        VerifierModel::Proxy => Company::A,
        VerifierModel::Entrusted => Company::B,
    };
    let made = || -> Result<Sale, enishi_party::Malformed> {
        Ok(Sale {
            amount: Money::yen(YEN)?,
            payment_type: PaymentType::LumpSum,
            product_code: "990".to_owned(),
            contract: Some(company.contract().parse()?),
            amount_binding: AmountBinding::Bound,
        })
    };
    made().map_err(BenchError::of("a sale"))
}

/// A tap: everything up to the bytes that are sent.
pub(crate) async fn prepare<T: Transmit>(
    terminal: &mut Terminal,
    connect: impl FnMut() -> Result<T, CardError>,
    sale: &Sale,
) -> Result<Prepared, BenchError> {
    let prepared = terminal.prepare_payment(connect, sale, &mut Citizen::new()).await;
    match prepared.map_err(BenchError::of("a tap"))? {
        Preparation::Ready(prepared) => Ok(*prepared),
        other => Err(BenchError::Failed { what: "a tap", why: format!("{other:?}") }),
    }
}

/// Only an approved purchase is one.
pub(crate) fn approved(reply: Reply<PaymentAnswer>) -> Result<(), BenchError> {
    match reply {
        Reply::Answer(PaymentAnswer { status: PaymentStatus::Approved(_), .. }) => Ok(()),
        other => Err(BenchError::NotApproved(format!("{other:?}"))),
    }
}

pub(crate) fn none() -> BenchError {
    BenchError::Failed { what: "a terminal", why: "there is none".to_owned() }
}
