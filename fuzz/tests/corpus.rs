//! The corpora, replayed: every seed and every input that once was a finding, whole, cut short and damaged.
#![expect(clippy::unwrap_used, reason = "a corpus that cannot be read fails the test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use enishi_fuzz::{Reading, TARGETS, Target, world};

/// Cuts and flips tried for each seed; more is what the fuzzer is for.
const DAMAGES: usize = 24;
/// The repository stays small.
const OCTETS_MAX: u64 = 200 * 1024;

fn seeds(target: &Target) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = world::corpus().join(target.name);
    let mut files: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|file| (file.clone(), fs::read(file).unwrap())).collect()
}

#[test]
fn every_seed_is_survived_whole_cut_and_damaged() {
    for target in TARGETS {
        let seeds = seeds(target);
        // `cargo xtask fuzz --seeds` writes them anew after a format has changed.
        let understood = seeds.iter().any(|(_, seed)| (target.run)(seed) == Reading::Understood);
        assert!(understood, "{} understands none of its seeds", target.name);
        for (file, seed) in seeds {
            println!("{}", file.display());
            for place in (0..seed.len()).step_by((seed.len() / DAMAGES).max(1)) {
                (target.run)(&seed[..place]);
                let mut damaged = seed.clone();
                damaged[place] ^= 1 << (place % 8);
                (target.run)(&damaged);
            }
        }
        (target.run)(&[]);
    }
    fs::remove_dir_all(world::folder()).unwrap();
}

#[test]
fn every_target_has_a_corpus_and_every_corpus_a_target() {
    let folders: BTreeSet<_> = fs::read_dir(world::corpus())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let targets: BTreeSet<_> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    assert_eq!(folders, targets);
    assert_eq!(targets.len(), TARGETS.len());
}

#[test]
fn the_corpora_stay_small() {
    let files = TARGETS.iter().flat_map(seeds);
    let octets: u64 = files.map(|(_, seed)| u64::try_from(seed.len()).unwrap()).sum();
    assert!(octets <= OCTETS_MAX, "{octets} octets");
}
