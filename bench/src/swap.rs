//! Large lists put in each other's place while a thousand holders a second are proven and cleared by them.

use std::fs::File;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use enishi_jpki::{CertKind, Profile};
use enishi_lists::{DetailFiles, aside};
use enishi_verify::{CrlShelf, Limits, Placed, RevocationStatus, clear, prove};

use crate::error::BenchError;
use crate::figures::{Effort, Figures, count};
use crate::list_file::{self, Order};
use crate::people::{Holder, People};
use crate::row::{Better, Row};

/// Authentications a second, all threads together.
const PER_SECOND: u64 = 1_000;
/// Threads that authenticate, each with its share.
const THREADS: u64 = 2;
/// The least time of a phase.
const PHASE: Duration = Duration::from_secs(5);
const PHASE_QUICK: Duration = Duration::from_secs(1);

pub(crate) fn run(effort: &Effort) -> Result<Vec<Row>, BenchError> {
    let (entries, phase) = (effort.revoked, if effort.quick { PHASE_QUICK } else { PHASE });
    let rounds = effort.rounds.min(5);
    let stage = Stage::make(effort, entries, rounds)?;
    stage.place(stage.lists.first())?;
    let (mut quiet, mut swapping, mut answered, mut whole) =
        (Figures::default(), Figures::default(), Figures::default(), Figures::default());
    for list in stage.lists.iter().skip(1) {
        let alone = stage.authenticate(phase, None)?;
        let beside = stage.authenticate(phase, Some(list))?;
        for (phase, p99) in [(&alone, &mut quiet), (&beside, &mut swapping)] {
            p99.extend(phase.took.quantile(0.99).map(|seconds| seconds * 1_000.0));
        }
        let asked = count(beside.took.len().saturating_add(beside.failed));
        answered.push(count(beside.took.len()) / asked.max(1.0));
        whole.push(1.0);
    }
    let note = format!(
        "{PER_SECOND} authentications a second, counted from when each was due, while a list of {entries} entries takes the \
         place of another; bound: the same with nothing beside"
    );
    Ok(vec![
        Row::new("swap.p99", "ms", Better::Less, &swapping, &quiet).goal(0.5).note(note),
        Row::new("swap.answered", "share", Better::More, &answered, &whole)
            .goal(1.0)
            .note("authentications beside a swap that did not fail"),
    ])
}

/// A shelf with holders, and lists on the disk, each newer than the one before.
struct Stage {
    people: People,
    shelf: CrlShelf,
    lists: Vec<PathBuf>,
    details: DetailFiles,
}

/// What came of a phase.
#[derive(Default)]
struct Phase {
    /// Seconds from when each was due.
    took: Figures,
    failed: usize,
}

impl Stage {
    fn make(effort: &Effort, entries: u32, rounds: usize) -> Result<Self, BenchError> {
        let people = People::make(&effort.folder)?;
        let shelf = CrlShelf::new(people.anchors.clone(), Limits::default());
        let mut lists = Vec::new();
        for number in 0..=rounds {
            people.authority.publish(people.now).map_err(BenchError::of("its lists"))?;
            let path = people.path(&format!("large-{number}.crl"));
            list_file::write(&people, entries, Order::Shuffled, &path)?;
            lists.push(path);
        }
        let details = DetailFiles::new(people.path(""));
        Ok(Self { people, shelf, lists, details })
    }

    /// From file to serving.
    fn place(&self, list: Option<&PathBuf>) -> Result<(), BenchError> {
        let failed = |why: &str| BenchError::Failed { what: "the large list", why: why.to_owned() };
        let path = list.ok_or_else(|| failed("there is none"))?;
        let mut file = File::open(path).map_err(BenchError::file(path))?;
        let (kind, key_id) = (CertKind::Authentication, self.people.issuer()?.subject_key_id());
        let placed = self.shelf.place_from(kind, key_id, None, &mut file, &self.details, self.people.now);
        match placed.map_err(BenchError::of("the large list"))? {
            Placed::Newer => Ok(()),
            Placed::Same => Err(failed("it is not newer than the one before")),
        }
    }

    /// Authenticates at the agreed rate for at least so long, and until the list, if there is one, has taken its place.
    fn authenticate(&self, least: Duration, list: Option<&PathBuf>) -> Result<Phase, BenchError> {
        let placed = AtomicBool::new(list.is_none());
        let ends = |begun: Instant| begun.elapsed() >= least && placed.load(Ordering::Acquire);
        let ends = &ends;
        thread::scope(|scope| {
            let placing = list.map(|list| {
                let placed = &placed;
                scope.spawn(move || {
                    let outcome = aside(|| self.place(Some(list))).map_err(BenchError::from).flatten();
                    placed.store(true, Ordering::Release);
                    outcome
                })
            });
            let threads: Vec<_> =
                (0..THREADS).map(|at| scope.spawn(move || self.at_rate(at, ends))).collect();
            let cut_off = || BenchError::Failed { what: "a phase", why: "was cut off".to_owned() };
            let mut all = Phase::default();
            for thread in threads {
                let Phase { took, failed } = thread.join().map_err(|_| cut_off())?;
                all.took.append(took);
                all.failed = all.failed.saturating_add(failed);
            }
            placing.map_or(Ok(()), |placing| placing.join().map_err(|_| cut_off())?)?;
            Ok(all)
        })
    }

    /// One thread's share: each authentication is due at its own moment, whatever became of the one before.
    fn at_rate(&self, first: u64, ends: &impl Fn(Instant) -> bool) -> Phase {
        let (begun, mut phase) = (Instant::now(), Phase::default());
        let mut number = first;
        while !ends(begun) {
            let due = begun + Duration::from_micros(number.saturating_mul(1_000_000 / PER_SECOND));
            if let Some(early) = due.checked_duration_since(Instant::now()) {
                thread::sleep(early);
            }
            let holder = usize::try_from(number)
                .ok()
                .and_then(|at| self.people.holders.get(at.checked_rem(self.people.holders.len())?));
            match holder.map(|holder| self.one(holder)) {
                Some(Ok(())) => phase.took.push(due.elapsed().as_secs_f64()),
                Some(Err(_)) | None => phase.failed = phase.failed.saturating_add(1),
            }
            number = number.saturating_add(THREADS);
        }
        phase
    }

    fn one(&self, holder: &Holder) -> Result<(), BenchError> {
        let Holder { token, challenge, context, .. } = holder;
        let (anchors, profile, now) = (&self.people.anchors, &Profile::SANDBOX, self.people.now);
        let proven = prove(token.clone(), challenge, context.clone(), anchors, profile, now)
            .map_err(BenchError::of("a proof"))?;
        let missing = || BenchError::Failed { what: "the list", why: "none is current".to_owned() };
        let list = self.shelf.covering(proven.certificate(), now).ok_or_else(missing)?;
        let status = RevocationStatus::from_crl(&list, proven.certificate(), now)
            .map_err(BenchError::of("the list"))?;
        clear(proven, status, now).map(drop).map_err(BenchError::of("clearing"))
    }
}
