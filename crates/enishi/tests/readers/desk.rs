//! A desk with a reader on it: what each test starts with, and nobody else sees.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use enishi_card::{CardError, Exchange, Fate, Moment, PcscReader, PcscReaders, SoftwareCard, VpcdPlug};
use tempfile::TempDir;

use crate::pcscd::{Pcscd, Slot};

/// How long anything may take that a test waits for; none takes near as long.
const PATIENCE: Duration = Duration::from_secs(30);
const GLANCE: Duration = Duration::from_millis(5);

/// Set by `cargo xtask test --suite cards`, inside the namespaces: the folder for logs and figures.
const ALONE: &str = "ENISHI_READERS";

/// The reader service, and a folder.
pub(crate) struct Desk {
    pub(crate) folder: TempDir,
    pcscd: Option<Pcscd>,
    log: ServiceLog,
    _one_at_a_time: MutexGuard<'static, ()>,
}

/// A card in the reader of a desk.
pub(crate) struct Inserted {
    plug: VpcdPlug,
    slot: &'static Slot,
    service: ServiceLog,
    watched: Arc<Mutex<Watched>>,
}

/// When the card is pulled: the number of the command, and whether the card has done it.
pub(crate) type Pull = (u64, Side);

/// On which side of a command the card is pulled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// The card never saw it.
    BeforeCard,
    /// The card has done it, and nobody heard.
    AfterCard,
}

/// What the card was told since it was last asked about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Traffic {
    pub(crate) commands: u64,
    /// PINs that were right.
    pub(crate) verified: u64,
    pub(crate) signatures: u64,
}

#[derive(Default)]
struct Watched {
    traffic: Traffic,
    pull: Option<Pull>,
}

/// What the reader service says of the cards that come and go.
///
/// Its clients may know of a pulled card before its own look at the reader, every 400 ms, has found out; a card that is
/// back by then stays unnoticed. So the log is asked.
#[derive(Clone)]
struct ServiceLog(PathBuf);

impl ServiceLog {
    fn await_removal<R>(&self, slot: &Slot, take_out: impl FnOnce() -> R) -> R {
        let before = self.removals(slot);
        let taken = take_out();
        until("the service sees that the card is gone", || self.removals(slot) > before);
        // It writes so a moment before it is so.
        until("the slot is empty", || {
            matches!(open(slot).wait_for_card(Duration::ZERO), Err(CardError::NoCard))
        });
        taken
    }

    /// How often it has seen a card leave that slot.
    fn removals(&self, slot: &Slot) -> usize {
        let log = std::fs::read_to_string(&self.0).unwrap();
        log.lines().filter(|line| line.contains("Card Removed From") && line.ends_with(slot.reader)).count()
    }
}

impl Desk {
    /// Sets a desk up; `None`, said aloud, where the surroundings are not those of the suite.
    pub(crate) fn set(test: &str) -> Option<Self> {
        static DESKS: Mutex<()> = Mutex::new(());
        let Some(kept) = kept() else {
            println!("NOT RUN: {test} (needs a reader service of its own: cargo xtask test --suite cards)");
            return None;
        };
        let one_at_a_time = DESKS.lock().unwrap_or_else(PoisonError::into_inner);
        let log = ServiceLog(kept.join(format!("pcscd-{test}.log")));
        // A former run's cards do not count.
        let _ = std::fs::remove_file(&log.0);
        let pcscd = Pcscd::start(&log.0);
        let folder = tempfile::Builder::new().prefix("enishi-readers-").tempdir().unwrap();
        Some(Self { folder, pcscd: Some(pcscd), log, _one_at_a_time: one_at_a_time })
    }

    /// Puts a card into the first slot, and waits until the service has seen it.
    pub(crate) fn insert(&self, card: &Path) -> Inserted {
        self.put(SoftwareCard::open(card).unwrap())
    }

    /// Puts a card into the second slot.
    pub(crate) fn insert_second(&self, card: &Path) -> Inserted {
        Inserted::new(SoftwareCard::open(card).unwrap(), &Pcscd::SECOND, self.log.clone())
    }

    /// As [`Desk::insert`], with a card that was pulled before.
    pub(crate) fn put(&self, card: SoftwareCard) -> Inserted {
        Inserted::new(card, &Pcscd::FIRST, self.log.clone())
    }

    /// Waits until the service has a card in the first slot.
    pub(crate) fn await_card(&self) {
        open(&Pcscd::FIRST).wait_for_card(PATIENCE).unwrap();
    }

    /// Has a card taken out of the first slot, and waits until the service has seen that.
    pub(crate) fn await_removal(&self, take_out: impl FnOnce()) {
        self.log.await_removal(&Pcscd::FIRST, take_out);
    }

    /// Ends the reader service.
    pub(crate) fn stop_pcscd(&mut self) {
        if let Some(pcscd) = self.pcscd.take() {
            pcscd.stop();
        }
    }

    /// Starts it again.
    pub(crate) fn start_pcscd(&mut self) {
        self.stop_pcscd();
        self.pcscd = Some(Pcscd::start(&self.log.0));
    }
}

impl Inserted {
    fn new(card: SoftwareCard, slot: &'static Slot, service: ServiceLog) -> Self {
        let watched = Arc::<Mutex<Watched>>::default();
        let mut card = Some(card);
        let plug = until_some("the reader takes a card", || {
            let own = Arc::clone(&watched);
            let observer = move |exchange| lock(&own).see(exchange);
            match VpcdPlug::insert_with(card.take()?, slot.address, observer) {
                Ok(plug) => Some(plug),
                // The driver listens anew only when it has noticed that the last card is gone.
                Err(refused) => {
                    card = Some(refused.into_card());
                    None
                }
            }
        });
        open(slot).wait_for_card(PATIENCE).unwrap();
        Self { plug, slot, service, watched }
    }

    /// Takes the card out, and waits until the service has seen that.
    pub(crate) fn pull(self) -> SoftwareCard {
        let Self { plug, slot, service, .. } = self;
        service.await_removal(slot, || plug.remove())
    }

    /// The card, when the reader has let go of it.
    pub(crate) fn ended(self) -> SoftwareCard {
        self.plug.wait().card
    }

    /// Counts anew, and pulls the card when `pull` says so.
    pub(crate) fn count_anew(&self, pull: Option<Pull>) {
        *lock(&self.watched) = Watched { traffic: Traffic::default(), pull };
    }

    /// What the card was told since.
    pub(crate) fn traffic(&self) -> Traffic {
        lock(&self.watched).traffic
    }

    /// Whether the card is still to be pulled.
    pub(crate) fn awaits_pull(&self) -> bool {
        lock(&self.watched).pull.is_some()
    }
}

impl Watched {
    fn see(&mut self, exchange: Exchange) -> Fate {
        let [_, instruction, _, _] = exchange.header;
        let side = match exchange.moment {
            Moment::Command => {
                self.traffic.commands += 1;
                Side::BeforeCard
            }
            Moment::Answer { status } => {
                match (instruction, status) {
                    // The question for the tries has the same instruction, and never this answer.
                    (VERIFY, DONE) => self.traffic.verified += 1,
                    (SIGN, DONE) => self.traffic.signatures += 1,
                    _ => {}
                }
                Side::AfterCard
            }
        };
        if self.pull == Some((self.traffic.commands, side)) {
            self.pull = None;
            return Fate::Pulled;
        }
        Fate::Stays
    }
}

/// VERIFY and PERFORM SECURITY OPERATION (ISO/IEC 7816-4 §11.5.6, -8 §5.2), and success.
const VERIFY: u8 = 0x20;
const SIGN: u8 = 0x2A;
const DONE: u16 = 0x9000;

fn open(slot: &Slot) -> PcscReader {
    PcscReaders::new().unwrap().open(slot.reader).unwrap()
}

fn lock(watched: &Mutex<Watched>) -> MutexGuard<'_, Watched> {
    watched.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The folder for logs and figures, inside the suite's namespaces.
pub(crate) fn kept() -> Option<PathBuf> {
    std::env::var_os(ALONE).map(PathBuf::from)
}

/// Looks again and again until something holds.
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    until_some(what, || holds().then_some(()));
}

/// Looks again and again until there is something.
pub(crate) fn until_some<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "{what}: not within {PATIENCE:?}");
        std::thread::sleep(GLANCE);
    }
}
