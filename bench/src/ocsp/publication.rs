//! Publishing a list of a million entries: from the register's rows to three signed lists on the disk.

use aws_lc_rs::digest::{SHA256, digest};
use enishi_authority::{Authority, ListScopes, ServiceConfig};
use enishi_jpki::CertKind;
use rusqlite::Connection;

use crate::clock::timed;
use crate::error::BenchError;
use crate::figures::{Effort, Figures, count};
use crate::people::People;
use crate::programs::memory;
use crate::row::{Better, Row};

/// Publications; each writes some hundred megabytes.
const ROUNDS: usize = 5;
/// Where the invented numbers begin: four octets, far above those that the authority counts up to.
const FIRST_NUMBER: u32 = 1_000_000_000;

pub(super) fn rows(effort: &Effort, people: &People) -> Result<Vec<Row>, BenchError> {
    let what = "a publication";
    revoke(people, effort.entries)?;
    let service = ServiceConfig { lists: ListScopes::Whole, ..ServiceConfig::default() };
    let authority = Authority::open_with(&people.path("register"), service).map_err(BenchError::of(what))?;
    let entries = f64::from(effort.entries);
    let certificates = authority.authority_certificates();
    let keys: Vec<_> = certificates.iter().filter(|its| its.kind == CertKind::Authentication).collect();
    let mut sample = Vec::new();
    let (mut ours, mut bound, mut grown) = (Figures::default(), Figures::default(), Figures::default());
    for _ in 0..ROUNDS {
        let before = memory(std::process::id(), "VmRSS");
        let (_, spent) = timed(|| authority.publish(people.now).map_err(BenchError::of(what)))?;
        ours.push(count(keys.len()) * entries / spent);
        let most = memory(std::process::id(), "VmHWM");
        grown.extend(most.zip(before).map(|(most, before)| (most - before) / entries));
        if sample.is_empty()
            && let Some(key) = keys.last()
        {
            let list = authority.published_crl(key.kind, &key.key_id).map_err(BenchError::of(what))?;
            sample = list.map(|its| its.der).unwrap_or_default();
        }
        let (_, spent) = timed(|| Ok(std::hint::black_box(digest(&SHA256, &sample))))?;
        bound.push(entries / spent);
    }
    // Later rounds hold the sample, too.
    let mut first = Figures::default();
    first.extend(grown.spread().map(|(least, _)| least));
    let mut list = Figures::default();
    list.push(count(sample.len()) / entries);
    Ok(vec![
        Row::new("ocsp.list", "entries/s", Better::More, &ours, &bound).note(format!(
            "{} lists of {} entries published; bound: SHA-256 over each",
            keys.len(),
            effort.entries
        )),
        Row::new("ocsp.list.memory", "octets/entry", Better::Less, &first, &list)
            .note("most memory above what was held before; bound: one list"),
    ])
}

/// So many invented certificates, revoked, behind those that were issued.
fn revoke(people: &People, entries: u32) -> Result<(), BenchError> {
    let register = Connection::open(people.path("register/authority.sqlite"))?;
    register.execute(
        "WITH RECURSIVE numbers (n) AS (SELECT ?1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?2)
         INSERT INTO certificates (kind, serial, generation, citizen, carrier, issued_at, not_after, der, reason,
                                   revoked_at, published_in, point)
         SELECT 1, unhex(printf('%08x', n)), 3, 'invented', 1, ?3, ?3 + 100000000, x'00', 3, ?3, NULL,
                (SELECT min(id) FROM points WHERE kind = 1)
         FROM numbers",
        (FIRST_NUMBER, FIRST_NUMBER.saturating_add(entries.saturating_sub(1)), people.now.as_second()),
    )?;
    Ok(())
}
