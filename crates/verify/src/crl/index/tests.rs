use std::collections::BTreeMap;
use std::io;

use enishi_jpki::Serial;
use proptest::prelude::{ProptestConfig, Strategy, any, prop, prop_assert_eq, proptest};

use super::{Gathering, Index, MEASURE, Measure, SIGNED_MEASURE};
use crate::crl::entry::{Entry, Number};
use crate::crl::{CrlEntry, CrlError, DetailFile, DetailStore, DetailsInMemory};
use crate::revocation::RevocationReason;

/// Few enough rows and pages that small lists meet every form, and numbers that find no page.
const SMALL: Measure = Measure { narrow_rows: 8, wide_rows: 4, pages: 3, unusual: usize::MAX };

fn entry(serial: &Serial, at: u32, reason: u8) -> Entry {
    Entry { number: Number::of_serial(serial), at, reason }
}

fn index(entries: &[(Serial, u32, u8)], measure: Measure) -> Result<Index, CrlError> {
    let mut gathering = Gathering::new(&DetailsInMemory, usize::MAX, measure);
    for (serial, at, reason) in entries {
        gathering.push(entry(serial, *at, *reason))?;
    }
    gathering.finish()
}

fn model(entries: &[(Serial, u32, u8)]) -> BTreeMap<Serial, (u32, u8)> {
    let mut all = BTreeMap::new();
    for (serial, at, reason) in entries {
        let known = all.entry(serial.clone()).or_insert((*at, *reason));
        *known = (*known).min((*at, *reason));
    }
    all
}

fn expected(known: Option<&(u32, u8)>) -> CrlEntry {
    known.map_or(CrlEntry::Good, |&(at, reason)| CrlEntry::Revoked {
        reason: RevocationReason::from_code(reason).unwrap(),
        at: enishi_party::Timestamp::from_second(i64::from(at)).unwrap(),
    })
}

fn serial(number: u64) -> Serial {
    Serial::from_u64(number).unwrap()
}

/// Every listed number, its neighbours, and numbers far away.
fn agree(entries: &[(Serial, u32, u8)], measure: Measure) {
    let (index, model) = (index(entries, measure).unwrap(), model(entries));
    let mut asked: Vec<Serial> = model.keys().cloned().collect();
    for (serial, ..) in entries {
        let content = serial.expose_der_content().to_vec();
        for (octet, flip) in
            [(content.len() - 1, 1), (content.len() - 1, 0x40), (0, 1), (content.len() / 2, 8)]
        {
            let mut other = content.clone();
            other[octet] ^= flip;
            asked.extend(Serial::from_der_content(&other));
        }
    }
    for serial in asked {
        let found = index.get(&serial).unwrap();
        assert_eq!(index.has(&serial).unwrap(), found != CrlEntry::Good);
        assert_eq!(found, expected(model.get(&serial)), "{:02x?}", serial.expose_der_content());
    }
    // A wide number listed twice counts twice where there is only its hash.
    assert!(index.len() >= model.len() && index.len() <= entries.len());
}

fn serials() -> impl Strategy<Value = Serial> {
    let wide = prop::collection::vec(any::<u8>(), 5..=20)
        .prop_filter_map("no serial", |octets| Serial::from_der_content(&octets).ok());
    proptest::prop_oneof![
        (1_u64..300).prop_map(serial),
        (0x0680_0000_u64..0x0683_0000).prop_map(serial),
        any::<u32>().prop_filter_map("zero", |number| Serial::from_u64(u64::from(number)).ok()),
        (u64::from(u32::MAX) - 2..u64::from(u32::MAX) + 3).prop_map(serial),
        wide,
    ]
}

proptest! {
    #[test]
    fn answers_are_those_of_a_map_whatever_the_numbers_and_their_order(
        entries in prop::collection::vec((serials(), any::<u32>(), 0_u8..7), 1..120),
        again in prop::collection::vec((any::<prop::sample::Index>(), any::<u32>(), 0_u8..7), 0..20),
    ) {
        let mut all = entries.clone();
        all.extend(again.into_iter().map(|(which, at, reason)| (which.get(&entries).0.clone(), at, reason)));
        agree(&all, SMALL);
        agree(&all, SIGNED_MEASURE);
        // No pages at all: every number goes by its hash.
        agree(&all, Measure { narrow_rows: 2, wide_rows: 0, pages: 0, unusual: usize::MAX });
    }

}

/// Numbers of a dense range: several blocks of one page.
const COUNT: u32 = 700;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_dense_range_is_answered_exactly(begin in 1_u64..200_000, step in 1_u64..7, reverse in any::<bool>()) {
        let mut entries: Vec<_> = (0..COUNT)
            .map(|at| (serial(begin + u64::from(at) * step), at, u8::try_from(at % 7).unwrap()))
            .collect();
        if reverse {
            entries.reverse();
        }
        let (index, model) = (index(&entries, SMALL).unwrap(), model(&entries));
        prop_assert_eq!(index.len(), model.len());
        for number in begin..begin + u64::from(COUNT) * step {
            let serial = serial(number);
            prop_assert_eq!(index.get(&serial).unwrap(), expected(model.get(&serial)));
        }
    }
}

/// A list that is long enough for the usual measure: whole blocks, several a page.
#[test]
fn many_numbers_in_any_order_are_answered_exactly() {
    let count = 400_000_u64;
    let entries: Vec<_> = (0..count)
        .map(|at| {
            let number = 10_000_000 + (at * 7_919) % count * 3;
            (serial(number), u32::try_from(at).unwrap(), u8::try_from(at % 7).unwrap())
        })
        .collect();
    let (index, model) = (index(&entries, SIGNED_MEASURE).unwrap(), model(&entries));
    assert_eq!(index.len(), model.len());
    for number in (10_000_000..10_000_000 + 3 * count).step_by(101) {
        assert_eq!(index.get(&serial(number)).unwrap(), expected(model.get(&serial(number))), "{number}");
    }
}

#[test]
fn a_town_costs_two_and_a_half_octets_a_number_and_a_nation_a_bit_for_each_issued() {
    // 1,900 towns of 10,000 among 200 million numbers: 64 MiB for all of them would be 35 KB each.
    let mut number = 8_000_000_u64;
    let town: Vec<_> = (0..10_000_u64)
        .map(|at| {
            // Steps of 20,000 in the mean, as chance has them.
            number += 1 + (at * 7_919) % 39_999;
            (serial(number), 9, 4)
        })
        .collect();
    let town = index(&town, MEASURE).unwrap();
    assert!(town.octets() <= 25_000, "{}", town.octets());
    let mut nation = Gathering::new(&DetailsInMemory, usize::MAX, MEASURE);
    for number in 0..600_000_u32 {
        nation.push_narrow(30_000_000 + number * 10, 9, 4).unwrap();
    }
    let nation = nation.finish().unwrap();
    // Six million numbers are 750 kB of bits; finding a page costs what it costs, however many there are.
    assert!(nation.octets() <= 2 * (1 << 20), "{}", nation.octets());
}

/// A store that fails at a place of choice.
struct Failing {
    begin: bool,
    octets: usize,
}

struct FailingFile(usize, Vec<u8>);

impl DetailStore for Failing {
    fn begin(&self) -> io::Result<Box<dyn DetailFile>> {
        if self.begin {
            Err(io::ErrorKind::ReadOnlyFilesystem.into())
        } else {
            Ok(Box::new(FailingFile(self.octets, vec![])))
        }
    }
}

impl DetailFile for FailingFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.1.extend_from_slice(bytes);
        if self.1.len() > self.0 { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    fn read_at(&self, _: u64, _: &mut [u8]) -> io::Result<()> {
        Err(io::ErrorKind::TimedOut.into())
    }
}

fn through(store: &Failing, measure: Measure) -> Result<Index, CrlError> {
    let mut gathering = Gathering::new(store, usize::MAX, measure);
    for number in 1..3_000_u32 {
        gathering.push_narrow(number * 50, 9, 4)?;
        gathering.push(entry(&serial((1 << 40) + u64::from(number)), 9, 4))?;
    }
    gathering.finish()
}

#[test]
fn a_store_that_fails_refuses_the_list() {
    for measure in [SMALL, MEASURE] {
        let begin = through(&Failing { begin: true, octets: 0 }, measure).map(drop);
        assert_eq!(begin, Err(CrlError::Store(io::ErrorKind::ReadOnlyFilesystem)));
        for octets in [0, 10_000] {
            let full = through(&Failing { begin: false, octets }, measure).map(drop);
            assert_eq!(full, Err(CrlError::Store(io::ErrorKind::StorageFull)));
        }
    }
}

#[test]
fn details_that_cannot_be_read_are_no_answer_and_never_good() {
    for measure in [SMALL, MEASURE, Measure { narrow_rows: 0, wide_rows: 0, pages: 0, unusual: usize::MAX }] {
        let index = through(&Failing { begin: false, octets: usize::MAX }, measure).unwrap();
        for listed in [50, 2_999 * 50, (1 << 40) + 1] {
            assert_eq!(index.get(&serial(listed)).unwrap_err().kind(), io::ErrorKind::TimedOut, "{listed}");
        }
    }
    let index = through(&Failing { begin: false, octets: usize::MAX }, SMALL).unwrap();
    assert_eq!(index.get(&serial(51)).unwrap(), CrlEntry::Good, "nothing is to be read about it");
}

#[test]
fn unusual_entries_are_put_off_after_so_many_and_cost_nothing_from_then_on() {
    let measure = Measure { unusual: 10, ..SMALL };
    let mut gathering = Gathering::new(&DetailsInMemory, usize::MAX, measure);
    for number in 1..=10 {
        gathering.push(entry(&serial(number), 9, 4)).unwrap();
        assert!(!gathering.is_put_off(), "{number}");
    }
    // Usual ones may be as many as there are.
    (100..400).for_each(|number| gathering.push_narrow(number, 9, 4).unwrap());
    assert!(!gathering.is_put_off());
    gathering.push(entry(&serial(1 << 40), 9, 4)).unwrap();
    assert!(gathering.is_put_off());
    (400..900).for_each(|number| gathering.push_narrow(number, 9, 4).unwrap());
    gathering.push(entry(&serial(1 << 41), 9, 4)).unwrap();
    assert_eq!(gathering.finish().unwrap().len(), 0);
}

#[test]
fn numbers_for_which_there_is_no_page_are_unusual() {
    let measure = Measure { unusual: 10, ..SMALL };
    let mut gathering = Gathering::new(&DetailsInMemory, usize::MAX, measure);
    // Three pages there may be.
    for page in 1..=14_u32 {
        gathering.push_narrow(page << super::NUMBER_PAGE_BITS, 9, 4).unwrap();
        assert_eq!(gathering.is_put_off(), page == 14, "{page}");
    }
}

#[test]
fn the_count_of_entries_holds_at_its_edge() {
    for measure in [SMALL, MEASURE] {
        let with = |most: usize| {
            let mut gathering = Gathering::new(&DetailsInMemory, most, measure);
            (1..=20_u32).try_for_each(|number| gathering.push_narrow(number, 9, 4))
        };
        assert_eq!(with(20), Ok(()));
        assert_eq!(with(19), Err(CrlError::TooManyEntries { limit: 19 }));
    }
}
