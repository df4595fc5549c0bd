//! A large revocation list: reading it once, and what each entry then costs.

use std::hint::black_box;

use aws_lc_rs::digest::{SHA256, digest};
use enishi_verify::{Crl, Limits};

use crate::clock::timed;
use crate::error::BenchError;
use crate::figures::{Effort, Figures};
use crate::list;
use crate::people::People;
use crate::primitives::Rsa;
use crate::programs;
use crate::row::{Better, Row};

/// Copies that are held at once, so that what an entry costs is seen above the noise of pages.
const COPIES: usize = 8;

pub(crate) fn run(effort: &Effort) -> Result<Vec<Row>, BenchError> {
    let people = People::make(&effort.folder)?;
    let (issuer, limits, now) = (people.issuer()?, Limits::default(), people.now);
    let list = list::with_entries(&people, effort.entries)?;
    let file = people.path("large.crl");
    std::fs::write(&file, &list).map_err(BenchError::file(&file))?;
    let rsa = Rsa::generate()?;
    let accept = || Crl::accept(&list, issuer, None, &limits, now).map_err(BenchError::of("the large list"));
    let entries = f64::from(effort.entries);
    let (mut ours, mut bound, mut openssl, mut openssl_kept) =
        (Figures::default(), Figures::default(), Figures::default(), Figures::default());
    for round in 0..effort.rounds {
        let (read, spent) = timed(accept)?;
        drop(black_box(read));
        ours.push(entries / spent);
        let hash_and_verify = || {
            black_box(digest(&SHA256, &list));
            rsa.verify_known_key()
        };
        bound.push(entries / timed(hash_and_verify)?.1);
        if round % 3 == 0
            && let Some((spent, most)) = programs::openssl_crl(&file)
        {
            openssl.push(entries / spent);
            openssl_kept.extend(most.map(|octets| octets / entries));
        }
    }
    let kept = kept(entries, accept)?;
    let mut least = Figures::default();
    // The number, the second and the reason, and not one octet between.
    least.extend(
        kept.map(|_| crate::figures::count(size_of::<u64>() + size_of::<u32>() + size_of::<u8>()))
            .spread()
            .map(|its| its.0),
    );
    Ok(vec![
        Row::new("crl.read", "entries/s", Better::More, &ours, &bound)
            .goal(0.1)
            .peer("openssl crl", openssl.median())
            .note(format!(
                "{} entries checked, read and sorted; bound: their digest and one signature",
                effort.entries
            )),
        Row::new("crl.kept", "octets/entry", Better::Less, &kept, &least)
            .goal(0.75)
            .peer("openssl crl, at its most", openssl_kept.median())
            .note("resident memory of lists held; bound: number, second and reason packed"),
    ])
}

/// What an entry costs for as long as its list is held.
fn kept(entries: f64, accept: impl Fn() -> Result<Crl, BenchError>) -> Result<Figures, BenchError> {
    let resident = || {
        let failed = || BenchError::Failed { what: "memory", why: "the kernel does not say".to_owned() };
        programs::memory(std::process::id(), "VmRSS").ok_or_else(failed)
    };
    // Once before, so that the allocator has what reading needs beside.
    drop(accept()?);
    let before = resident()?;
    let lists = (0..COPIES).map(|_| accept()).collect::<Result<Vec<_>, _>>()?;
    let after = resident()?;
    drop(lists);
    let mut kept = Figures::default();
    kept.push((after - before) / entries / crate::figures::count(COPIES));
    Ok(kept)
}
