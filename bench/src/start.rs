//! The relay as a process: how long it takes to serve, and what it then holds.

use std::io::Read;
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use enishi_server::{Machine, RelayService, RelaySockets};

use crate::clock::timed;
use crate::error::BenchError;
use crate::figures::{Effort, Figures};
use crate::programs::memory;
use crate::row::{Better, Row};
use crate::world::{Place, World};

const PATIENCE: Duration = Duration::from_secs(20);
const GLANCE: Duration = Duration::from_micros(500);
/// How long after its start the relay's memory is looked at.
const SETTLING: Duration = Duration::from_millis(500);

/// A relay in a process of its own. It ends when its standard input does, and so with whoever started it.
pub(crate) struct RelayProcess(Child);

impl RelayProcess {
    /// Starts it, and waits until it takes connections.
    pub(crate) fn start(config: &Path, address: SocketAddr) -> Result<Self, BenchError> {
        let own = std::env::current_exe()?;
        let mut command = Command::new(own);
        command.arg("--relay").arg(config).stdin(Stdio::piped()).stdout(Stdio::null());
        let mut process = Self(command.spawn()?);
        let begun = Instant::now();
        while TcpStream::connect(address).is_err() {
            let ended = process.0.try_wait()?;
            if ended.is_some() || begun.elapsed() > PATIENCE {
                let why =
                    ended.map_or_else(|| "does not listen".to_owned(), |status| format!("ended: {status}"));
                return Err(BenchError::Failed { what: "the relay's process", why });
            }
            std::thread::sleep(GLANCE);
        }
        Ok(process)
    }

    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    /// Ends it in order.
    pub(crate) fn stop(self) {
        drop(self);
    }
}

impl Drop for RelayProcess {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if !matches!(self.0.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(GLANCE);
        }
        let _ = (self.0.kill(), self.0.wait());
    }
}

/// What that process does.
pub(crate) fn serve(config: &Path) -> Result<(), BenchError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let relay = RelayService::start(config, RelaySockets::default(), Machine::default())
            .await
            .map_err(BenchError::of("the relay"))?;
        let ended = tokio::task::spawn_blocking(|| std::io::stdin().lock().read(&mut [0]));
        // Whatever comes, or nothing more: both say stop.
        let _ = ended.await;
        relay.stop().await;
        Ok(())
    })
}

pub(crate) fn run(effort: &Effort) -> Result<Vec<Row>, BenchError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let world = World::start(effort, Place::OwnProcess, 1).await?;
        let (plan, world) = (world.town.plan.clone(), world.without_relay());
        let (mut ours, mut bound, mut held) = (Figures::default(), Figures::default(), Figures::default());
        for _ in 0..effort.rounds {
            bound.push(1e3 * timed(empty_process)?.1);
            let (relay, spent) = timed(|| RelayProcess::start(&plan.relay(), plan.places.relay))?;
            ours.push(1e3 * spent);
            tokio::time::sleep(SETTLING).await;
            held.extend(memory(relay.id(), "VmRSS").map(|octets| octets / (1024.0 * 1024.0)));
            relay.stop();
        }
        world.stop().await;
        Ok(vec![
            Row::new("start.relay", "ms", Better::Less, &ours, &bound)
                .note("from the process to the first connection, store and lists there; bound: the same program that only names its benches"),
            Row::alone("start.relay.memory", "MiB", &held).note("resident, half a second after the start"),
        ])
    })
}

/// A process of this very program that does nothing.
fn empty_process() -> Result<(), BenchError> {
    let status = Command::new(std::env::current_exe()?).arg("--list").stdout(Stdio::null()).status()?;
    if status.success() {
        Ok(())
    } else {
        Err(BenchError::Failed { what: "an empty process", why: status.to_string() })
    }
}
