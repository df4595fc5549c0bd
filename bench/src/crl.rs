//! A nation's revocation list: reading it, what it costs in memory while it serves and is replaced, and looking numbers up.

use std::fs::File;
use std::hint::black_box;
use std::io::Read;
use std::path::Path;

use aws_lc_rs::digest::{Context, SHA256};
use enishi_lists::DetailFiles;
use enishi_verify::{Crl, Limits};

use crate::clock::timed;
use crate::error::BenchError;
use crate::figures::{Effort, Figures, NATION};
use crate::list_file::{self, ISSUED_A_REVOKED, Order};
use crate::list_lookup::LookUps;
use crate::list_process::{ISSUER, OURS, PEERS, Task, Told};
use crate::people::People;
use crate::row::{Better, Row};

/// Rounds at least: fewer give no median worth the name.
const ROUNDS_AT_LEAST: usize = 5;
/// Entries of the list that the peers read: what fits into a machine's memory and a minute.
const PEERS_ENTRIES: u32 = 2_000_000;
const PEERS_ENTRIES_QUICK: u32 = 300_000;
/// Octets that the bound reads at a time.
const CHUNK: usize = 256 * 1024;
const MIB: f64 = 1024.0 * 1024.0;
/// Most memory that a nation's list may take while it serves, in MiB.
const SERVING_MOST: f64 = 64.0;
/// What reading the next list may take beside both lists, in octets.
const READING_MOST: f64 = 32.0 * MIB;

/// What is read, and by whom.
struct Subjects {
    people: People,
    store: DetailFiles,
    limits: Limits,
    entries: u32,
    rounds: usize,
}

pub(crate) fn run(effort: &Effort) -> Result<Vec<Row>, BenchError> {
    let entries = effort.revoked;
    let peers_entries = if effort.quick { PEERS_ENTRIES_QUICK } else { PEERS_ENTRIES };
    let people = People::make(&effort.folder)?;
    let store = DetailFiles::new(effort.folder.clone());
    let rounds = effort.rounds.max(ROUNDS_AT_LEAST);
    let (ascending, shuffled) = (people.path("ascending.crl"), people.path("shuffled.crl"));
    list_file::write(&people, entries, Order::Ascending, &ascending)?;
    list_file::write(&people, entries, Order::Shuffled, &shuffled)?;
    std::fs::write(people.path(ISSUER), people.issuer()?.der())?;
    let subjects = Subjects { people, store, limits: Limits::default(), entries, rounds };
    let mut rows = subjects.reading(&ascending, &shuffled)?;
    rows.push(subjects.hostile()?);
    rows.extend(subjects.memory(&shuffled)?);
    let list = subjects.read(&shuffled)?;
    rows.extend(LookUps::new(entries)?.rows(&list, rounds)?);
    drop(list);
    let shared = subjects.people.path("peers.crl");
    list_file::write(&subjects.people, peers_entries, Order::Shuffled, &shared)?;
    rows.extend(subjects.peers(&shared, peers_entries)?);
    Ok(rows)
}

impl Subjects {
    fn read(&self, list: &Path) -> Result<Crl, BenchError> {
        let mut file = File::open(list).map_err(BenchError::file(list))?;
        let issuer = self.people.issuer()?;
        Crl::read(&mut file, &self.store, issuer, None, &self.limits, self.people.now)
            .map_err(BenchError::of("the nation's list"))
    }

    /// From the file to an answer, beside the digest of the same file.
    fn reading(&self, ascending: &Path, shuffled: &Path) -> Result<Vec<Row>, BenchError> {
        let entries = f64::from(self.entries);
        let (mut bound, mut in_order, mut by_chance) =
            (Figures::default(), Figures::default(), Figures::default());
        for _ in 0..self.rounds {
            bound.push(entries / timed(|| digest(shuffled))?.1);
            in_order.push(entries / timed(|| self.read(ascending))?.1);
            by_chance.push(entries / timed(|| self.read(shuffled))?.1);
        }
        let row = |name: &str, ours: &Figures| {
            Row::new(name, "entries/s", Better::More, ours, &bound).goal(1.0 / 1.5).note(format!(
                "{} entries of 37 octets, from a file to serving, every entry and the signature checked; bound: \
                 SHA-256 over the file",
                self.entries
            ))
        };
        Ok(vec![row("crl.read.ascending", &in_order), row("crl.read.shuffled", &by_chance)])
    }

    /// A list that nobody signed, of the form that takes longest to walk over.
    fn hostile(&self) -> Result<Row, BenchError> {
        let forged = self.people.path("forged.crl");
        list_file::write_forged(&self.people, self.entries, &forged)?;
        let (mut ours, mut bound) = (Figures::default(), Figures::default());
        for _ in 0..self.rounds {
            bound.push(timed(|| digest(&forged))?.1);
            let refused = timed(|| Ok(self.read(&forged).map(drop)))?;
            if refused.0.is_ok() {
                let why = "it was accepted".to_owned();
                return Err(BenchError::Failed { what: "the forged list", why });
            }
            ours.push(refused.1);
        }
        std::fs::remove_file(&forged).map_err(BenchError::file(&forged))?;
        Ok(Row::new("crl.refuse", "s", Better::Less, &ours, &bound).goal(1.0 / 1.5).note(format!(
            "{} entries of 20-octet numbers, which nobody signed, until the refusal; bound: SHA-256 over the file",
            self.entries
        )))
    }

    /// What is held, measured in processes of their own.
    fn memory(&self, list: &Path) -> Result<Vec<Row>, BenchError> {
        let (mut serving, mut bits, mut peak, mut allowed) =
            (Figures::default(), Figures::default(), Figures::default(), Figures::default());
        let bound = f64::from(self.entries) * f64::from(ISSUED_A_REVOKED) / 8.0;
        for _ in 0..self.rounds {
            let Told { serving: held, peak: most, .. } = ask(OURS, list)?;
            serving.push(held / MIB);
            bits.push(bound / MIB);
            peak.push(most / MIB);
            allowed.push((2.0 * held + READING_MOST) / MIB);
        }
        Ok(vec![
            Row::new("crl.memory", "MiB", Better::Less, &serving, &bits)
                // Of a nation's; a small list may take the same part of its own.
                .goal(bound / MIB / SERVING_MOST * f64::from(NATION) / f64::from(self.entries))
                .note(format!(
                    "anonymous, above idle, while {} of {} issued are served; bound: one bit for each issued; goal: {SERVING_MOST} MiB for a nation",
                    self.entries,
                    u64::from(self.entries) * u64::from(ISSUED_A_REVOKED),
                )),
            Row::new("crl.memory.swap", "MiB", Better::Less, &peak, &allowed)
                .goal(1.0)
                .note("at most, while the next list is read and the one before serves; bound: both and 32 MiB"),
        ])
    }

    /// Ours and others' from the file to the first answer, each in a process of its own.
    fn peers(&self, list: &Path, entries: u32) -> Result<Vec<Row>, BenchError> {
        let count = f64::from(entries);
        let (mut time, mut memory) = (Figures::default(), Figures::default());
        for _ in 0..self.rounds {
            let told = ask(OURS, list)?;
            time.push(count / told.seconds);
            memory.push(told.serving / count);
        }
        let mut by_time = Row::alone("crl.read.peers", "entries/s", &time);
        let mut by_memory = Row::alone("crl.memory.peers", "octets/entry", &memory);
        for (at, peer) in PEERS.iter().enumerate() {
            // The first is the one that goals speak of.
            let rounds = if at == 0 { self.rounds } else { 1 };
            let (mut their_time, mut their_memory) = (Figures::default(), Figures::default());
            for _ in 0..rounds {
                let told = ask(peer, list)?;
                their_time.push(count / told.seconds);
                their_memory.push(told.serving / count);
            }
            by_time = by_time.peer(peer, their_time.median());
            by_memory = by_memory.peer(peer, their_memory.median());
            if at == 0 {
                by_time = by_time.times(time.median(), their_time.median()).goal(30.0);
                by_memory = by_memory.times(their_memory.median(), memory.median()).goal(50.0);
            }
        }
        let said = format!("{entries} entries, shuffled, to the first answer; ratio: how many times OpenSSL");
        Ok(vec![by_time.note(said.clone()), by_memory.note(format!("{said}'s is ours"))])
    }
}

fn ask(who: &str, list: &Path) -> Result<Told, BenchError> {
    Task { who: who.to_owned(), list: list.to_path_buf() }.run()
}

/// The least that can be done with a list before it is believed.
fn digest(list: &Path) -> Result<(), BenchError> {
    let mut file = File::open(list).map_err(BenchError::file(list))?;
    let (mut buffer, mut digest) = (vec![0; CHUNK], Context::new(&SHA256));
    loop {
        let octets = file.read(&mut buffer).map_err(BenchError::file(list))?;
        if octets == 0 {
            break;
        }
        digest.update(buffer.get(..octets).unwrap_or_default());
    }
    black_box(digest.finish());
    Ok(())
}
