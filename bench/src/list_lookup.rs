//! Looking serial numbers up: in the list, and in what could tell the same and no more.

use std::collections::HashSet;
use std::hint::black_box;
use std::sync::atomic::{Ordering, fence};
use std::time::Instant;

use enishi_jpki::Serial;
use enishi_verify::{Crl, CrlEntry};

use crate::error::BenchError;
use crate::figures::Figures;
use crate::list_file::{FIRST_ISSUED, ISSUED_A_REVOKED, mixed, number};
use crate::row::{Better, Row};

/// Numbers asked about in a turn: so many that few of their cache lines are met twice.
const ASKED: u32 = 1 << 20;
/// Of these, those that are timed at once: less than a millisecond.
const STRETCH: usize = 1 << 13;
/// Of these, those whose reasons are read from the file.
const DETAILS_ASKED: usize = 1 << 12;
const WHAT: &str = "look-ups";

/// What is asked, and what else could answer.
pub(crate) struct LookUps {
    misses: Vec<(u32, Serial)>,
    hits: Vec<(u32, Serial)>,
    bitmap: Vec<u64>,
    set: HashSet<u32>,
    #[cfg(feature = "peers")]
    roaring: roaring::RoaringBitmap,
}

/// Nanoseconds of one look-up, round by round.
#[derive(Default)]
struct Rounds {
    ours: Figures,
    bitmap: Figures,
    set: Figures,
    roaring: Figures,
}

impl LookUps {
    pub(crate) fn new(entries: u32) -> Result<Self, BenchError> {
        let issued = usize::try_from(entries * ISSUED_A_REVOKED).map_err(BenchError::of(WHAT))?;
        let mut bitmap = vec![0_u64; issued.div_ceil(64)];
        let mut set = HashSet::with_capacity(usize::try_from(entries).map_err(BenchError::of(WHAT))?);
        for rank in 0..entries {
            let at = number(rank) - FIRST_ISSUED;
            if let Some(word) = bitmap.get_mut(index(at / 64)) {
                *word |= 1 << (at % 64);
            }
            set.insert(number(rank));
        }
        #[cfg(feature = "peers")]
        let roaring = (0..entries).map(number).collect();
        let chance = |asked: u32| u32::try_from(mixed(u64::from(asked)) % u64::from(entries)).unwrap_or(0);
        let with_serial = |number: u32| -> Result<(u32, Serial), BenchError> {
            Ok((number, Serial::from_u64(u64::from(number)).map_err(BenchError::of(WHAT))?))
        };
        let hits = (0..ASKED).map(|asked| with_serial(number(chance(asked)))).collect::<Result<_, _>>()?;
        // Beside one that is revoked, within its ten.
        let miss = |asked: u32| {
            let listed = number(chance(asked)) - FIRST_ISSUED;
            let ten = listed - listed % ISSUED_A_REVOKED;
            FIRST_ISSUED + ten + (listed % ISSUED_A_REVOKED + 1) % ISSUED_A_REVOKED
        };
        let misses = (0..ASKED).map(|asked| with_serial(miss(asked))).collect::<Result<_, _>>()?;
        Ok(Self {
            misses,
            hits,
            bitmap,
            set,
            #[cfg(feature = "peers")]
            roaring,
        })
    }

    /// The rows of all rounds.
    pub(crate) fn rows(&self, list: &Crl, rounds: usize) -> Result<Vec<Row>, BenchError> {
        let mut rows = Vec::new();
        for (name, asked, expected) in [("miss", &self.misses, false), ("hit", &self.hits, true)] {
            let (mut together, mut apart) = (Rounds::default(), Rounds::default());
            for _ in 0..rounds {
                self.round(list, asked, expected, &mut together, || ())?;
                self.round(list, asked, expected, &mut apart, || fence(Ordering::SeqCst))?;
            }
            let what = "is it listed; bound: one bit of a bitmap of all issued, read at the same places";
            rows.push(
                together.row(format!("crl.look-up.{name}")).note(format!("{what}; one after the other")),
            );
            let row = apart.row(format!("crl.look-up.{name}.isolated"));
            rows.push(row.note(format!("{what}; a fence between two, taken off")));
        }
        let mut status = Figures::default();
        for _ in 0..rounds {
            let begun = Instant::now();
            for (_, serial) in self.hits.iter().take(DETAILS_ASKED) {
                let status = list.status(serial).map_err(BenchError::of(WHAT))?;
                if black_box(status) == CrlEntry::Good {
                    return Err(wrong());
                }
            }
            status.push(begun.elapsed().as_secs_f64() * 1e6 / crate::figures::count(DETAILS_ASKED));
        }
        rows.push(
            Row::alone("crl.look-up.reason", "µs", &status)
                .note("of one that is revoked: why and since when, from the file"),
        );
        Ok(rows)
    }

    fn round(
        &self,
        list: &Crl,
        asked: &[(u32, Serial)],
        expected: bool,
        rounds: &mut Rounds,
        between: impl Fn() + Copy,
    ) -> Result<(), BenchError> {
        let empty = each(asked, between, |_, _| expected, expected)?;
        let ours = each(asked, between, |_, serial| list.is_listed(serial).unwrap_or(!expected), expected)?;
        let bitmap = each(asked, between, |number, _| self.bit(number), expected)?;
        let set = each(asked, between, |number, _| self.set.contains(&number), expected)?;
        rounds.ours.push(ours - empty);
        rounds.bitmap.push(bitmap - empty);
        rounds.set.push(set - empty);
        #[cfg(feature = "peers")]
        {
            let roaring = each(asked, between, |number, _| self.roaring.contains(number), expected)?;
            rounds.roaring.push(roaring - empty);
        }
        Ok(())
    }

    fn bit(&self, number: u32) -> bool {
        let at = number - FIRST_ISSUED;
        self.bitmap.get(index(at / 64)).is_some_and(|word| word & (1 << (at % 64)) != 0)
    }
}

impl Rounds {
    fn row(&self, name: String) -> Row {
        Row::new(name, "ns", Better::Less, &self.ours, &self.bitmap)
            .goal(1.0 / 3.0)
            .peer("std HashSet", self.set.median())
            .peer("roaring", self.roaring.median())
    }
}

/// Nanoseconds of one answer: the median of short stretches, which are rarely disturbed; a wrong answer ends the bench.
fn each(
    asked: &[(u32, Serial)],
    between: impl Fn(),
    answer: impl Fn(u32, &Serial) -> bool,
    expected: bool,
) -> Result<f64, BenchError> {
    let mut stretches = Figures::default();
    for stretch in asked.chunks(STRETCH) {
        let begun = Instant::now();
        let mut right = 0_usize;
        for (number, serial) in stretch {
            right += usize::from(black_box(answer(*number, serial)) == expected);
            between();
        }
        stretches.push(begun.elapsed().as_secs_f64() * 1e9 / crate::figures::count(stretch.len()));
        if right != stretch.len() {
            return Err(wrong());
        }
    }
    stretches.median().ok_or_else(wrong)
}

fn wrong() -> BenchError {
    BenchError::Failed { what: WHAT, why: "a wrong answer".to_owned() }
}

fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
