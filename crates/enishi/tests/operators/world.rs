//! A town for one test at a time.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use enishi_authority::SerialPlan;
use enishi_party::{Language, Money, PaymentType};
use enishi_relay::Unobserved;
use enishi_sandbox::demo::{Citizen, of_outcome};
use enishi_sandbox::sandbox::{
    Company, Enrolled, LimitsChoice, Person, PersonKey, RelayPlace, SetupOptions, Shop, Town, TownOptions,
};
use enishi_terminal::Sale;
use enishi_wire::AmountBinding;

/// Towns beside each other would slow each other down on few cores; shared with the system tests.
pub(crate) fn alone() -> File {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("system-tests.lock");
    let lock = File::options().create(true).truncate(false).write(true).open(file).unwrap();
    lock.lock().unwrap();
    lock
}

pub(crate) async fn town(root: &Path, relay: RelayPlace) -> Town {
    let options = TownOptions {
        setup: SetupOptions { serials: SerialPlan::Random, limits: LimitsChoice::Short },
        language: Language::En,
        port_base: None,
        observer: Arc::new(Unobserved),
        relay,
    };
    Town::start(root, options).await.unwrap()
}

pub(crate) async fn enrol(town: &mut Town, person: PersonKey, company: Company) {
    let accounts = Person::of(person).unwrap().accounts;
    let account = accounts.iter().find(|account| account.company == company).unwrap();
    let enrolled = town.enrol(account, person, &mut Citizen::new()).await.unwrap();
    assert!(matches!(enrolled, Enrolled::Linked(_)), "{person:?}: {enrolled:?}");
}

pub(crate) async fn pay(town: &mut Town, person: PersonKey, yen: u64, company: Company) -> String {
    let sale = Sale {
        amount: Money::yen(yen).unwrap(),
        payment_type: PaymentType::LumpSum,
        product_code: "990".to_owned(),
        contract: Some(company.contract().parse().unwrap()),
        amount_binding: AmountBinding::Bound,
    };
    let reader = town.reader(person).unwrap();
    let terminal = town.terminal(Shop::Books).unwrap();
    let report = terminal.pay(|| reader.connect(), sale, &mut Citizen::new()).await.unwrap();
    of_outcome(&report.outcome)
}

/// Looks again and again until something holds.
pub(crate) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
    while !holds().await {
        assert!(tokio::time::Instant::now() < deadline, "{what}: not within 30 s");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
