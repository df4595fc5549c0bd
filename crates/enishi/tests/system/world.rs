//! A town for one test at a time, and what its people do.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use enishi_authority::SerialPlan;
use enishi_party::{Environment, Language, Money, PaymentType};
use enishi_relay::Unobserved;
use enishi_sandbox::demo::Citizen;
use enishi_sandbox::sandbox::{
    Account, Company, Enrolled, LimitsChoice, Person, PersonKey, ProcessTownOptions, Processes, RelayPlace,
    SetupOptions, Shop, Town, TownOptions,
};
use enishi_server::RelayConfig;
use enishi_terminal::{PayReport, Sale, Sleeper};
use enishi_transport::{HttpClientLimits, HttpsClient, Identity, TrustedCa};
use enishi_wire::AmountBinding;
use tempfile::TempDir;

use crate::child::ENISHI;

/// How much quicker the shops' patience is than in a shop.
const HURRY: u32 = 20;

/// Held by one test at a time, of any process: towns beside each other would slow each other down on few cores.
pub(crate) struct Alone {
    _lock: File,
}

pub(crate) fn alone() -> Alone {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("system-tests.lock");
    let lock = File::options().create(true).truncate(false).write(true).open(file).unwrap();
    lock.lock().unwrap();
    Alone { _lock: lock }
}

pub(crate) fn root() -> TempDir {
    tempfile::Builder::new().prefix("enishi-system-").tempdir().unwrap()
}

pub(crate) async fn town(root: &Path, relay: RelayPlace) -> Town {
    let options = TownOptions {
        // 16 random octets: what a scan finds is there, and not there by chance.
        setup: SetupOptions { serials: SerialPlan::Random, limits: LimitsChoice::Short },
        language: Language::En,
        port_base: None,
        observer: Arc::new(Unobserved),
        relay,
    };
    Town::start(root, options).await.unwrap()
}

/// The same with every party as a process of the built program.
pub(crate) async fn town_of_processes(root: &Path, log_level: &'static str) -> (Town, Arc<Processes>) {
    let processes = Arc::new(Processes::new(ENISHI.into()));
    let options = ProcessTownOptions {
        setup: SetupOptions { serials: SerialPlan::Random, limits: LimitsChoice::Short },
        language: Language::En,
        port_base: None,
        processes: processes.clone(),
        log_level,
    };
    (Town::start_in_processes(root, options).await.unwrap(), processes)
}

/// Changes the relay's configuration before its own process reads it.
pub(crate) fn configure(town: &Town, change: impl FnOnce(&mut RelayConfig)) {
    let file = town.plan.relay();
    let mut config: RelayConfig = toml::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    change(&mut config);
    std::fs::write(&file, toml::to_string_pretty(&config).unwrap()).unwrap();
}

pub(crate) fn account(person: PersonKey, company: Company) -> &'static Account {
    let person = Person::of(person).unwrap();
    person.accounts.iter().find(|account| account.company == company).unwrap()
}

pub(crate) async fn enrol(town: &mut Town, person: PersonKey, company: Company) {
    let enrolled = town.enrol(account(person, company), person, &mut Citizen::new()).await.unwrap();
    assert!(matches!(enrolled, Enrolled::Linked(_)), "{person:?}: {enrolled:?}");
}

pub(crate) fn sale(yen: u64, company: Option<Company>) -> Sale {
    Sale {
        amount: Money::yen(yen).unwrap(),
        payment_type: PaymentType::LumpSum,
        product_code: "990".to_owned(),
        contract: company.map(|company| company.contract().parse().unwrap()),
        amount_binding: AmountBinding::Bound,
    }
}

pub(crate) async fn pay(
    town: &mut Town,
    shop: Shop,
    person: PersonKey,
    sale: Sale,
    citizen: &mut Citizen,
) -> PayReport {
    let reader = town.reader(person).unwrap();
    town.terminal(shop).unwrap().pay(|| reader.connect(), sale, citizen).await.unwrap()
}

/// A client with the identity in one party's folder.
pub(crate) fn client(folder: &Path, address: &str, party: &str) -> HttpsClient {
    let identity = Identity::load(&folder.join("tls"), Environment::Sandbox).unwrap();
    let ca = TrustedCa::load(&folder.join("party-ca.crt.pem"), Environment::Sandbox).unwrap();
    let limits = HttpClientLimits::default();
    HttpsClient::new(address.parse().unwrap(), party.parse().unwrap(), &identity, &ca, limits, None).unwrap()
}

/// The shops' waits, shortened: a test with many crashes has no time for them.
pub(crate) struct Hurried;

#[async_trait]
impl Sleeper for Hurried {
    async fn sleep(&self, span: Duration) {
        tokio::time::sleep(span / HURRY).await;
    }
}

/// Looks again and again until something holds.
pub(crate) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
    while !holds().await {
        assert!(tokio::time::Instant::now() < deadline, "{what}: not within 30 s");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
