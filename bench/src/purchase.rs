//! Purchases through the whole path: terminals on mutual TLS, the relay with its database, the company's ISO 8583 socket.
//!
//! The card's part is done before the clock starts: it is the card's, and the relay never waits for it.

use std::collections::BTreeMap;
use std::time::Instant;

use enishi_party::VerifierModel;
use enishi_sandbox::demo::Citizen;
use enishi_terminal::{Outcome, Terminal};
use tokio::task::JoinSet;

use crate::error::BenchError;
use crate::figures::{Effort, Figures, count};
use crate::floor::{self, Commits, Parts};
use crate::row::{Better, Row};
use crate::wal::Logs;
use crate::world::{Place, World, approved, none, prepare, sale};

/// Terminals at a time.
const TERMINALS: [usize; 5] = [1, 2, 4, 8, 16];
/// With all parties in one process.
const TERMINALS_IN_ONE_PROCESS: [usize; 2] = [1, 8];
const MODELS: [VerifierModel; 2] = [VerifierModel::Proxy, VerifierModel::Entrusted];
/// Purchases whose commits are counted, one by one.
const COUNTED: usize = 5;
/// A quantile is told only where so many figures lie above it.
const ABOVE_QUANTILE: f64 = 10.0;

/// What is measured apart from everything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Case {
    place: Order,
    model: Order,
    terminals: usize,
}

/// A place in the order of the table.
type Order = usize;

#[derive(Debug, Default)]
struct Measured {
    /// Purchases a second, one figure a round.
    rate: Figures,
    /// Seconds, the median of each round.
    median: Figures,
    /// Seconds, every purchase.
    all: Figures,
    /// The floor's parts, beside each burst.
    parts: Parts,
}

const PLACES: [(Place, &str); 2] = [(Place::OwnProcess, ""), (Place::OneProcess, ".one-process")];

pub(crate) fn run(effort: &Effort) -> Result<Vec<Row>, BenchError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let most = TERMINALS.into_iter().max().unwrap_or(1);
        let mut worlds = Vec::new();
        for (place, _) in PLACES {
            worlds.push(World::start(effort, place, most).await?);
        }
        let rows = measure(effort, &mut worlds).await;
        for world in worlds {
            world.stop().await;
        }
        rows
    })
}

async fn measure(effort: &Effort, worlds: &mut [World]) -> Result<Vec<Row>, BenchError> {
    let first = worlds.first_mut().ok_or_else(none)?;
    let mut commits = Vec::new();
    for model in MODELS {
        commits.push(counted(first, model).await?);
    }
    let request = request_octets(first).await?;
    let mut bench = floor::Bench::start(&effort.folder, request).await?;
    let mut taps = [Tap::default(), Tap::default()];
    let mut measured: BTreeMap<Case, Measured> = BTreeMap::new();
    for round in 0..effort.rounds {
        for (place, world) in worlds.iter_mut().enumerate() {
            let terminals: &[usize] = if place == 0 { &TERMINALS } else { &TERMINALS_IN_ONE_PROCESS };
            for (at, model) in MODELS.into_iter().enumerate() {
                for &terminals in terminals {
                    let case = measured.entry(Case { place, model: at, terminals }).or_default();
                    bench.measure(effort, &mut case.parts).await?;
                    case.take(burst(world, model, terminals, effort.purchases).await?);
                }
            }
            world.town.clear_captures()?;
        }
        let first = worlds.first_mut().ok_or_else(none)?;
        for (model, tap) in MODELS.into_iter().zip(&mut taps) {
            bench.measure(effort, &mut tap.parts).await?;
            tap.measure(first, model).await?;
        }
        eprintln!("enishi-bench: purchase, round {} of {}", round + 1, effort.rounds);
    }
    let hops = worlds.last().map(|world| world.hops.take()).unwrap_or_default();
    Ok(rows(&measured, &taps, &commits, &hops))
}

/// All terminals' purchases of one turn.
struct Burst {
    seconds: f64,
    each: Vec<f64>,
}

impl Measured {
    fn take(&mut self, burst: Burst) {
        let mut each = Figures::default();
        each.extend(burst.each);
        self.rate.push(count(each.len()) / burst.seconds);
        self.median.extend(each.median());
        self.all.append(each);
    }
}

/// Prepares, then sends from so many terminals at once, each one purchase after the other.
async fn burst(
    world: &mut World,
    model: VerifierModel,
    terminals: usize,
    purchases: usize,
) -> Result<Burst, BenchError> {
    let (reader, sale) = (world.reader(model)?, sale(model)?);
    let mut sellers = Vec::new();
    for mut terminal in world.terminals.drain(..terminals) {
        let mut prepared = Vec::new();
        for _ in 0..purchases.div_ceil(terminals) {
            prepared.push(prepare(&mut terminal, || reader.connect(), &sale).await?);
        }
        sellers.push((terminal, prepared));
    }
    let mut selling = JoinSet::new();
    let begun = Instant::now();
    for (terminal, prepared) in sellers {
        selling.spawn(async move {
            let mut each = Vec::with_capacity(prepared.len());
            for prepared in &prepared {
                let sent = Instant::now();
                let reply = terminal.submit(prepared).await;
                each.push(sent.elapsed().as_secs_f64());
                approved(reply)?;
            }
            Ok::<(Terminal, Vec<f64>), BenchError>((terminal, each))
        });
    }
    let mut each = Vec::new();
    while let Some(sold) = selling.join_next().await {
        let (terminal, seconds) = sold.map_err(BenchError::of("a terminal's task"))??;
        world.terminals.push(terminal);
        each.extend(seconds);
    }
    Ok(Burst { seconds: begun.elapsed().as_secs_f64(), each })
}

/// Durable commits of one purchase, from the logs of everybody's databases.
async fn counted(world: &mut World, model: VerifierModel) -> Result<Commits, BenchError> {
    let (reader, sale) = (world.reader(model)?, sale(model)?);
    let root = world.town.plan.root.clone();
    let (mut all, mut company) = (Figures::default(), Figures::default());
    for _ in 0..4 * COUNTED {
        let terminal = world.terminals.first_mut().ok_or_else(none)?;
        let prepared = prepare(terminal, || reader.connect(), &sale).await?;
        let before = Logs::read(&root)?;
        approved(terminal.submit(&prepared).await)?;
        // A log may have been cut in between: then the next purchase is counted.
        let Some(commits) = Logs::read(&root)?.since(&before) else { continue };
        all.push(commits.values().copied().map(f64::from).sum());
        let theirs = commits.iter().filter(|(path, _)| {
            path.starts_with(root.join("company-a")) || path.starts_with(root.join("company-b"))
        });
        company.push(theirs.map(|(_, commits)| f64::from(*commits)).fold(0.0, f64::max));
        if all.len() >= COUNTED {
            break;
        }
    }
    let whole = |figures: &Figures| {
        let missing =
            || BenchError::Failed { what: "commits", why: "the logs were cut each time".to_owned() };
        let median = figures.median().ok_or_else(missing)?;
        (0..1_000).find(|number| f64::from(*number) >= median).ok_or_else(missing)
    };
    Ok(Commits { all: whole(&all)?, company: whole(&company)? })
}

async fn request_octets(world: &mut World) -> Result<usize, BenchError> {
    let (reader, sale) = (world.reader(VerifierModel::Proxy)?, sale(VerifierModel::Proxy)?);
    let terminal = world.terminals.first_mut().ok_or_else(none)?;
    Ok(prepare(terminal, || reader.connect(), &sale).await?.expose_body().len())
}

/// A purchase as the shop has it: card, journal, relay, record.
#[derive(Debug, Default)]
struct Tap {
    whole: Figures,
    card: Figures,
    relay: Figures,
    parts: Parts,
}

impl Tap {
    const TAPS: usize = 8;

    async fn measure(&mut self, world: &mut World, model: VerifierModel) -> Result<(), BenchError> {
        let (reader, sale) = (world.reader(model)?, sale(model)?);
        let terminal = world.terminals.first_mut().ok_or_else(none)?;
        let (mut whole, mut card, mut relay) = (Figures::default(), Figures::default(), Figures::default());
        for _ in 0..Self::TAPS {
            // Before the customer comes.
            terminal.refill().await.map_err(BenchError::of("tickets"))?;
            let begun = Instant::now();
            let report = terminal.pay(|| reader.connect(), sale.clone(), &mut Citizen::new()).await;
            whole.push(1e3 * begun.elapsed().as_secs_f64());
            let report = report.map_err(BenchError::of("a purchase"))?;
            if !matches!(report.outcome, Outcome::Approved { .. }) {
                return Err(BenchError::NotApproved(format!("{:?}", report.outcome)));
            }
            card.push(1e3 * report.timing.card.as_secs_f64());
            relay.push(1e3 * report.timing.relay.iter().map(std::time::Duration::as_secs_f64).sum::<f64>());
        }
        self.whole.extend(whole.median());
        self.card.extend(card.median());
        self.relay.extend(relay.median());
        Ok(())
    }
}

fn rows(measured: &BTreeMap<Case, Measured>, taps: &[Tap; 2], commits: &[Commits], hops: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    for (case, measured) in measured {
        let (Some(&model), Some(&commits)) = (MODELS.get(case.model), commits.get(case.model)) else {
            continue;
        };
        rows.extend(case.rows(model, commits, measured));
    }
    rows.extend(
        MODELS.into_iter().zip(taps).zip(commits).map(|((model, tap), &commits)| tap.row(model, commits)),
    );
    if let Some(first) = measured.values().next() {
        let milli = |figures: &Figures| figures.map(|seconds| 1e3 * seconds);
        let (commit, durable) = (milli(&first.parts.commit), milli(&first.parts.durable));
        rows.push(
            Row::new("purchase.commit", "ms", Better::Less, &commit, &durable)
                .note("SQLite's bare commit of one row; bound: one page overwritten and made durable"),
        );
    }
    // Where the relay's time goes, from its own observer.
    let mut last = Row::alone("purchase.hops", "", &Figures::default());
    last.note = format!("medians in one process, both models: {hops}");
    rows.push(last);
    rows
}

impl Tap {
    fn row(&self, model: VerifierModel, commits: Commits) -> Row {
        let bound =
            self.parts.alone(model, commits).with(&self.parts.rsa_sign, |path, card| 1e3 * (path + card));
        let median = |figures: &Figures| figures.median().unwrap_or_default();
        let (card, relay) = (median(&self.card), median(&self.relay));
        let rest = median(&self.whole) - card - relay;
        let note = format!(
            "card {card:.2}, relay {relay:.2}, terminal's own files {rest:.2} ms; bound: the path's and one RSA signature"
        );
        Row::new(format!("purchase.{}.tap", word(model)), "ms", Better::Less, &self.whole, &bound).note(note)
    }
}

impl Case {
    fn rows(self, model: VerifierModel, commits: Commits, measured: &Measured) -> Vec<Row> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let bound = measured.parts.rate(model, commits, self.terminals, cores);
        let place = PLACES.get(self.place).map_or("", |(_, suffix)| suffix);
        let name = format!("purchase.{}.{}{place}", word(model), self.terminals);
        let each = bound.map(|rate| 1e3 * count(self.terminals) / rate);
        let milli = |figures: &Figures| figures.map(|seconds| 1e3 * seconds);
        let commit = measured.parts.commit.median().map(|once| 1.0 / once);
        let mut rate = Row::new(&*name, "1/s", Better::More, &measured.rate, &bound)
            .peer("SQLite's bare commits", commit)
            .note(format!("{} durable commits a purchase", commits.all));
        if let Some(goal) = goal(self) {
            rate = rate.goal(goal);
        }
        let median = Row::new(format!("{name}.p50"), "ms", Better::Less, &milli(&measured.median), &each);
        let mut rows = vec![rate, median];
        for (part, suffix) in [(0.99, "p99"), (0.999, "p99.9")] {
            if count(measured.all.len()) * (1.0 - part) >= ABOVE_QUANTILE {
                let mut figure = Figures::default();
                figure.extend(measured.all.quantile(part).map(|seconds| 1e3 * seconds));
                let mut row = Row::new(format!("{name}.{suffix}"), "ms", Better::Less, &figure, &each);
                row.spread = None;
                row.ratio = row.ours.zip(row.bound).map(|(ours, bound)| bound / ours);
                rows.push(row.note(format!("of {} purchases", measured.all.len())));
            }
        }
        rows
    }
}

/// The least ratio that we hold ourselves to: with the relay alone in its process, as in production. More terminals than
/// cores wait for each other, which no bound knows.
fn goal(case: Case) -> Option<f64> {
    let goal = if case.terminals == 1 { 0.2 } else { 0.15 };
    (case.place == 0).then_some(goal)
}

const fn word(model: VerifierModel) -> &'static str {
    match model {
        VerifierModel::Proxy => "proxy",
        VerifierModel::Entrusted => "entrusted",
    }
}
