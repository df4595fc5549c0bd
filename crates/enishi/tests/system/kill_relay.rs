//! The relay dies at any moment.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use enishi_card::SoftwareReader;
use enishi_party::RefusalCode;
use enishi_sandbox::demo::{Citizen, of_outcome};
use enishi_sandbox::sandbox::{Company, PersonKey, RelayPlace, Shop, Town};
use enishi_terminal::{Outcome, Preparation, Prepared, Reply, Terminal};
use enishi_wire::{PaymentAnswer, PaymentStatus, Problem};

use crate::books::{Books, OpenAtRelay, check_ledger, open_at_relay, reversals_at_relay};
use crate::child::PartyProcess;
use crate::random::{Random, kills};
use crate::world::{Hurried, alone, configure, enrol, root, sale, town, until};

/// Within this time of a purchase's beginning the relay is killed.
const KILL_WITHIN: Duration = Duration::from_millis(300);
/// The relay is mostly back before the shops give up, and sometimes after.
const SOON: Duration = Duration::from_millis(200);
const LATE: Duration = Duration::from_millis(1_600);

/// Who shops where; two each, so that no account comes near its limit in a long soak.
const CUSTOMERS: [(Shop, [PersonKey; 2]); 2] =
    [(Shop::Books, [PersonKey::Taro, PersonKey::Ken]), (Shop::Coffee, [PersonKey::Hanako, PersonKey::Jiro])];

struct RelayHost {
    process: Option<PartyProcess>,
    config: PathBuf,
    log: PathBuf,
}

impl RelayHost {
    fn new(town: &Town) -> Self {
        let mut host =
            Self { process: None, config: town.plan.relay(), log: town.plan.root.join("relay.log") };
        host.start();
        host
    }

    fn start(&mut self) {
        self.process = Some(PartyProcess::serving("relay", &self.config, &self.log));
    }

    fn kill(&mut self) {
        self.process.take().unwrap().kill();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_purchase_is_lost_doubled_or_orphaned_when_the_relay_is_killed() {
    let _alone = alone();
    let mut random = Random::seeded("kill_relay");
    let folder = root();
    let mut town = town(folder.path(), RelayPlace::OwnProcess).await;
    let mut relay = RelayHost::new(&town);
    for person in CUSTOMERS.iter().flat_map(|(_, people)| people) {
        enrol(&mut town, *person, Company::A).await;
    }
    for shop in Shop::ALL {
        let terminal = town.terminals.remove(&shop).unwrap();
        town.terminals.insert(shop, terminal.with_sleeper(Arc::new(Hurried)));
    }
    let mut outcomes = Outcomes::default();
    for round in 0..kills() {
        let stop = Arc::new(AtomicBool::new(false));
        let sellers = CUSTOMERS.map(|(shop, people)| {
            let person = people[usize::try_from(round % 2).unwrap()];
            let (terminal, reader) = (town.terminals.remove(&shop).unwrap(), town.reader(person).unwrap());
            // Amounts differ from round to round, so that a mixed-up answer shows.
            (shop, tokio::spawn(sell(terminal, reader, round % 400 + 1, stop.clone())))
        });
        tokio::time::sleep(random.moment(KILL_WITHIN)).await;
        relay.kill();
        stop.store(true, Ordering::SeqCst);
        let away = if random.below(4) == 0 { random.moment(LATE) } else { random.moment(SOON) };
        tokio::time::sleep(away).await;
        relay.start();
        for (shop, seller) in sellers {
            let (mut terminal, came) = seller.await.unwrap();
            outcomes.extend(came);
            until("the shop settles what is left over", async || {
                outcomes.extend(terminal.resume().await.unwrap().into_iter().map(|resumed| resumed.outcome));
                terminal.pending() == 0
            })
            .await;
            town.terminals.insert(shop, terminal);
        }
        settle(&town).await;
        let books = Books::read(&town.plan);
        assert_eq!(books.faults(), Vec::<String>::new(), "round {round}");
    }
    let books = Books::read(&town.plan);
    println!("{}; {} stand; {} reversals", outcomes.told(), books.approved(), reversals_at_relay(&town.plan));
    assert!(books.approved() > 0, "nothing was ever approved: {}", outcomes.told());
    assert!(outcomes.interrupted > 0 || kills() < 20, "no kill ever met a purchase: {}", outcomes.told());
    let plan = town.plan.clone();
    no_person_in(&std::fs::read(&relay.log).unwrap(), &town);
    town.stop().await;
    check_ledger(&plan).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_bytes_get_the_first_answer_after_a_kill_and_after_their_ticket_has_expired() {
    let _alone = alone();
    let mut random = Random::seeded("first answer");
    let folder = root();
    let mut town = town(folder.path(), RelayPlace::OwnProcess).await;
    let mut relay = RelayHost::new(&town);
    enrol(&mut town, PersonKey::Taro, Company::A).await;

    let answered = prepare(&mut town, 1_001).await;
    let unsent = prepare(&mut town, 1_002).await;
    let cut_off = prepare(&mut town, 1_003).await;
    let first = answer(submit(&town, &answered).await);
    assert!(matches!(first.status, PaymentStatus::Approved(_)), "{first:?}");
    let moment = random.moment(Duration::from_millis(30));
    let (lost, ()) = tokio::join!(submit(&town, &cut_off), async {
        tokio::time::sleep(moment).await;
        relay.kill();
    });
    println!("cut off: {lost:?}");
    relay.start();
    assert_eq!(answer(submit(&town, &answered).await), first, "the first answer, after the kill");
    let cut_off_first = submit(&town, &cut_off).await;
    println!("cut off, asked again: {cut_off_first:?}");

    relay.kill();
    // A terminal takes no ticket that lives so short; those in hand have ended for the relay when it is back.
    configure(&town, |config| config.limits.ticket_life_ms = Some(1));
    relay.start();
    let expired = Reply::Refusal(Box::new(Problem::refusal(RefusalCode::ChallengeExpired)));
    until("the tickets expire", async || submit(&town, &unsent).await == expired).await;
    assert_eq!(answer(submit(&town, &answered).await), first, "the first answer, after its ticket");
    assert_eq!(submit(&town, &cut_off).await, cut_off_first, "and that of the one that was cut off");

    settle(&town).await;
    let debits = debits(&town, 1_001).await;
    assert_eq!(debits, 1, "asked four times, debited once");
    let told =
        matches!(&cut_off_first, Reply::Answer(PaymentAnswer { status: PaymentStatus::Approved(_), .. }));
    assert_eq!(
        self::debits(&town, 1_003).await,
        i64::from(told),
        "a debit stands if, and only if, the shop was told"
    );
    town.stop().await;
}

async fn sell(
    mut terminal: Terminal,
    reader: SoftwareReader,
    yen: u64,
    stop: Arc<AtomicBool>,
) -> (Terminal, Vec<Outcome>) {
    let mut outcomes = Vec::new();
    while !stop.load(Ordering::SeqCst) {
        let what = sale(yen, Some(Company::A));
        match terminal.pay(|| reader.connect(), what, &mut Citizen::new()).await {
            Ok(report) => outcomes.push(report.outcome),
            // Without a ticket nothing is sold.
            Err(enishi_terminal::TerminalError::NoTicket(_)) => tokio::time::sleep(SOON / 10).await,
            Err(error) => panic!("{error}"),
        }
    }
    (terminal, outcomes)
}

/// Every reversal is answered and nothing is under way.
async fn settle(town: &Town) {
    let quiet = OpenAtRelay { payments: 0, queued: 0, rejected: 0 };
    until("the reversals' queue is empty", async || open_at_relay(&town.plan) == quiet).await;
}

#[derive(Default)]
struct Outcomes {
    words: std::collections::BTreeMap<String, usize>,
    interrupted: usize,
}

impl Outcomes {
    fn extend(&mut self, outcomes: impl IntoIterator<Item = Outcome>) {
        for outcome in outcomes {
            if matches!(outcome, Outcome::NotCompleted { .. } | Outcome::Declined { .. }) {
                self.interrupted += 1;
            }
            *self.words.entry(of_outcome(&outcome)).or_default() += 1;
        }
    }

    fn told(&self) -> String {
        format!("{:?}", self.words)
    }
}

async fn prepare(town: &mut Town, yen: u64) -> Prepared {
    let reader = town.reader(PersonKey::Taro).unwrap();
    let terminal = town.terminal(Shop::Books).unwrap();
    let what = sale(yen, Some(Company::A));
    match terminal.prepare_payment(|| reader.connect(), &what, &mut Citizen::new()).await.unwrap() {
        Preparation::Ready(prepared) => *prepared,
        other => panic!("{other:?}"),
    }
}

async fn submit(town: &Town, prepared: &Prepared) -> Reply<PaymentAnswer> {
    town.terminals[&Shop::Books].submit(prepared).await
}

fn answer(reply: Reply<PaymentAnswer>) -> PaymentAnswer {
    match reply {
        Reply::Answer(answer) => answer,
        other => panic!("{other:?}"),
    }
}

async fn debits(town: &Town, yen: u64) -> i64 {
    let account = crate::world::account(PersonKey::Taro, Company::A);
    let statement = town.app(account).await.unwrap().statement().await.unwrap();
    let of = |kind: &str| {
        let entries =
            statement.entries.iter().filter(|entry| entry.kind == kind && entry.amount.minor() == yen);
        i64::try_from(entries.count()).unwrap()
    };
    of("purchase") - of("reversal")
}

fn no_person_in(log: &[u8], town: &Town) {
    assert!(!log.is_empty());
    for (_, people) in CUSTOMERS {
        for needle in people.iter().flat_map(|person| town.needles(*person)) {
            assert!(!needle.is_in(log), "{needle:?} in the relay's log: {:?}", needle.parts_in(log));
        }
    }
}
