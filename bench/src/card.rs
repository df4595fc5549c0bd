//! ① A purchase at the card: how many commands, and how long they take.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use enishi_card::CardError;
use enishi_party::VerifierModel;
use enishi_terminal::Sale;
use myna_card::Transmit;

use crate::clock::typical;
use crate::error::BenchError;
use crate::figures::{Effort, Figures, count};
use crate::primitives::{Echo, Rsa};
use crate::programs;
use crate::row::{Better, Row};
use crate::world::{Place, World, none, prepare, sale};

/// Taps of one round.
const TAPS: usize = 8;

/// One command and its answer.
#[derive(Debug, Clone, Copy)]
struct Apdu {
    sent: usize,
    received: usize,
    seconds: f64,
}

/// What passed between terminal and card.
type Passed = Arc<Mutex<Vec<Apdu>>>;

/// A connection that counts what passes.
struct Counting<T> {
    inner: T,
    passed: Passed,
}

impl<T: Transmit> Transmit for Counting<T> {
    fn transmit(&mut self, command: &[u8]) -> myna_card::Result<Vec<u8>> {
        let begun = Instant::now();
        let answer = self.inner.transmit(command)?;
        let seconds = begun.elapsed().as_secs_f64();
        let apdu = Apdu { sent: command.len(), received: answer.len(), seconds };
        self.passed.lock().unwrap_or_else(PoisonError::into_inner).push(apdu);
        Ok(answer)
    }
}

pub(crate) fn run(effort: &Effort) -> Result<Vec<Row>, BenchError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut world = World::start(effort, Place::OneProcess, 1).await?;
        let rows = measure(effort, &mut world).await;
        world.stop().await;
        rows
    })
}

async fn measure(effort: &Effort, world: &mut World) -> Result<Vec<Row>, BenchError> {
    let (rsa, sale) = (Rsa::generate()?, sale(VerifierModel::Proxy)?);
    let reader = world.reader(VerifierModel::Proxy)?;
    let (mut apdus, mut octets) = (Figures::default(), Figures::default());
    let (mut ours, mut bound, mut openssl, mut wire) =
        (Figures::default(), Figures::default(), Figures::default(), Figures::default());
    for round in 0..effort.rounds {
        let mut taps = Figures::default();
        let mut last = Vec::new();
        for _ in 0..TAPS {
            last = tap(world, &sale, || reader.connect()).await?;
            apdus.push(count(last.len()));
            octets.push(last.iter().map(|apdu| count(apdu.sent + apdu.received)).sum());
            taps.push(1e3 * last.iter().map(|apdu| apdu.seconds).sum::<f64>());
        }
        ours.extend(taps.median());
        bound.push(1e3 * typical(effort.slice, || rsa.sign())?);
        wire.push(1e3 * on_a_socket(effort, &last)?);
        if round % 3 == 0 {
            openssl.extend(programs::openssl_speed().map(|speed| 1e3 / speed.sign_per_second));
        }
    }
    let mut rows = vec![
        Row::alone("card.apdus", "APDUs/purchase", &apdus).note(format!(
            "{} octets both ways; on a socket of the same sizes {:.2} ms",
            octets.median().unwrap_or_default(),
            wire.median().unwrap_or_default()
        )),
        Row::new("card.software", "ms/purchase", Better::Less, &ours, &bound)
            .peer("openssl speed, one signature", openssl.median())
            .note("all commands of a purchase in the software card; bound: one bare RSA-2048 signature"),
    ];
    drop(reader);
    rows.extend(through_pcsc(effort, world).await?);
    Ok(rows)
}

/// A tap of the first terminal, and what passed.
async fn tap<T: Transmit>(
    world: &mut World,
    sale: &Sale,
    mut connect: impl FnMut() -> Result<T, CardError>,
) -> Result<Vec<Apdu>, BenchError> {
    let passed = Passed::default();
    let connect = || Ok(Counting { inner: connect()?, passed: Arc::clone(&passed) });
    let terminal = world.terminals.first_mut().ok_or_else(none)?;
    prepare(terminal, connect, sale).await?;
    Ok(std::mem::take(&mut *passed.lock().unwrap_or_else(PoisonError::into_inner)))
}

/// The same commands' sizes, there and back on the loopback.
fn on_a_socket(effort: &Effort, apdus: &[Apdu]) -> Result<f64, BenchError> {
    let mut all = 0.0;
    for apdu in apdus {
        let mut echo = Echo::start(apdu.sent, apdu.received)?;
        let turns = u32::try_from(apdus.len()).unwrap_or(1).max(1);
        all += typical(effort.slice / turns, || echo.ask())?;
    }
    Ok(all)
}

#[cfg(not(feature = "pcsc"))]
#[expect(clippy::unused_async, reason = "with a reader it waits")]
async fn through_pcsc(_: &Effort, _: &mut World) -> Result<Vec<Row>, BenchError> {
    Ok(vec![Row::not_run("card.pcsc", "built without PC/SC; cargo xtask bench says what it lacks")])
}

/// The same purchases, the same card, behind pcscd.
#[cfg(feature = "pcsc")]
async fn through_pcsc(effort: &Effort, world: &mut World) -> Result<Vec<Row>, BenchError> {
    if !effort.alone {
        return Ok(vec![Row::not_run("card.pcsc", "needs a reader service of its own: cargo xtask bench")]);
    }
    let card = world.reader(VerifierModel::Proxy)?.remove();
    let missing = || BenchError::Failed { what: "the card", why: "is not in its reader".to_owned() };
    let desk = crate::desk::Desk::set(card.ok_or_else(missing)?)?;
    let (rsa, sale) = (Rsa::generate()?, sale(VerifierModel::Proxy)?);
    let (mut ours, mut each, mut bound, mut wire, mut opensc) =
        (Figures::default(), Figures::default(), Figures::default(), Figures::default(), Figures::default());
    for round in 0..effort.rounds {
        let (mut taps, mut times, mut last) = (Figures::default(), Figures::default(), Vec::new());
        for _ in 0..TAPS {
            last = tap(world, &sale, || desk.connect()).await?;
            times.extend(last.iter().map(|apdu| 1e3 * apdu.seconds));
            taps.push(1e3 * last.iter().map(|apdu| apdu.seconds).sum::<f64>());
        }
        ours.extend(taps.median());
        each.extend(times.median());
        let socket = 1e3 * on_a_socket(effort, &last)?;
        bound.push(socket + 1e3 * typical(effort.slice, || rsa.sign())?);
        wire.push(socket / count(last.len()));
        if round % 3 == 0 {
            opensc.extend(desk.opensc(enishi_sandbox::sandbox::CARD_AUTH_PIN).map(|seconds| 1e3 * seconds));
        }
    }
    Ok(vec![
        Row::new("card.pcsc", "ms/purchase", Better::Less, &ours, &bound)
            .peer("OpenSC, one signature, program and all", opensc.median())
            .note("all commands of a purchase through pcscd; bound: the same sizes on a socket and one bare signature"),
        Row::new("card.pcsc.apdu", "ms", Better::Less, &each, &wire)
            .note("the median command through pcscd; bound: the mean of the same sizes on a socket"),
    ])
}
