//! ③ on one core: authentications a second, beside the signatures that they cannot do without, and beside others.
//!
//! Rates are those of undisturbed moments, since ours and their bounds are told apart by less than a busy machine takes.

use std::fs::File;

use enishi_party::Entropy;
use enishi_transport::SystemEntropy;
use enishi_verify::{Limits, OcspRequest, RevocationStatus, check_ocsp, clear};

use crate::clock::rate;
use crate::crowd::{Crowd, Sight};
use crate::error::BenchError;
use crate::figures::{Effort, Figures};
use crate::list;
use crate::list_file::{self, Order};
use crate::peers::{PeerRates, Peers};
use crate::people::People;
use crate::primitives::{P384, Rsa};
use crate::programs;
use crate::row::{Better, Row};

/// An OCSP answer adds the responder's certificate, under the authority's key, and the answer, under the responder's.
const OF_OCSP: f64 = 2.0;
/// Entries of the lists that others read into objects, and of the next generation's.
const FEW_ENTRIES: u32 = 1_000;

/// Whom all is done with.
struct Subjects {
    today: Crowd,
    next: Crowd,
    /// A question and its answer for each holder of today.
    answers: Vec<(OcspRequest, Vec<u8>)>,
    peers: Peers,
    limits: Limits,
}

/// What the contenders did in the rounds.
#[derive(Default)]
struct Rounds {
    prove: Figures,
    first: Figures,
    again: Figures,
    first_next: Figures,
    again_next: Figures,
    with_ocsp: Figures,
    bare_first: Figures,
    bare_again: Figures,
    bare_first_next: Figures,
    bare_again_next: Figures,
    known_key: Figures,
    new_key: Figures,
    known_next: Figures,
    new_next: Figures,
    peers: PeerRates,
    in_rust: Figures,
    openssl_speed: Figures,
}

pub(crate) fn run(effort: &Effort) -> Result<Vec<Row>, BenchError> {
    let subjects = Subjects::make(effort)?;
    let (rsa, p384) = (Rsa::generate()?, P384::generate()?);
    let (today, next) = (&subjects.today, &subjects.next);
    let mut rounds = Rounds::default();
    let mut peers = Ok(());
    for round in 0..effort.rounds {
        let slice = effort.slice;
        rounds.prove.push(rate(slice, today.each(|crowd, at| crowd.prove(at, Sight::First).map(drop)))?);
        rounds.bare_first.push(rate(slice, today.each(|crowd, at| crowd.verify_bare(at, Sight::First)))?);
        rounds.first.push(rate(slice, today.each(|crowd, at| crowd.authenticate(at, Sight::First)))?);
        rounds.bare_again.push(rate(slice, today.each(|crowd, at| crowd.verify_bare(at, Sight::Again)))?);
        rounds.again.push(rate(slice, today.each(|crowd, at| crowd.authenticate(at, Sight::Again)))?);
        rounds.known_key.push(rate(slice, || rsa.verify_known_key())?);
        rounds.with_ocsp.push(rate(slice, today.each(|_, at| subjects.clear_by_ocsp(at)))?);
        rounds.new_key.push(rate(slice, || rsa.verify_new_key())?);
        rounds.first_next.push(rate(slice, next.each(|crowd, at| crowd.authenticate(at, Sight::First)))?);
        rounds.bare_first_next.push(rate(slice, next.each(|crowd, at| crowd.verify_bare(at, Sight::First)))?);
        rounds.bare_again_next.push(rate(slice, next.each(|crowd, at| crowd.verify_bare(at, Sight::Again)))?);
        rounds.again_next.push(rate(slice, next.each(|crowd, at| crowd.authenticate(at, Sight::Again)))?);
        rounds.known_next.push(rate(slice, || p384.verify_known_key())?);
        rounds.new_next.push(rate(slice, || p384.verify_new_key())?);
        // Ours are worth having without theirs.
        peers = peers.and_then(|()| subjects.peers.turn(today, next, slice, &mut rounds.peers));
        rounds.in_rust.push(rate(slice, || rsa.power_in_rust())?);
        // A second each: not in every round.
        if round % 3 == 0 {
            rounds.openssl_speed.extend(programs::openssl_speed().map(|speed| speed.verify_per_second));
        }
    }
    let mut rows = rows(&rounds, effort);
    rows.extend(peers.err().map(|error| Row::not_run("verify.peers", &error.to_string())));
    Ok(rows)
}

fn rows(rounds: &Rounds, effort: &Effort) -> Vec<Row> {
    let per_second =
        |name: &str, ours: &Figures, bound: &Figures| Row::new(name, "1/s", Better::More, ours, bound);
    let with_ocsp =
        rounds.bare_first.with(&rounds.known_key, |bare, known| 1.0 / (1.0 / bare + OF_OCSP / known));
    let peers = &rounds.peers;
    let others = |row: Row| {
        row.peer("openssl", peers.openssl.median())
            .peer("certval (no revocation)", peers.certval.median())
            .peer("webpki (no policy, no revocation)", peers.webpki.median())
    };
    let entries = effort.revoked;
    let mut rows = vec![
        others(per_second("verify.first", &rounds.first, &rounds.bare_first).goal(0.85)).note(format!(
            "parse, profile, path, possession, a list of {entries} entries; bound: the same 2 signatures verified bare, keys parsed"
        )),
        others(per_second("verify.again", &rounds.again, &rounds.bare_again).goal(0.85)).note(
            "certificate seen before: everything but the authority's signature; bound: 1 bare verification",
        ),
        per_second("verify.first.p384", &rounds.first_next, &rounds.bare_first_next)
            .goal(0.9)
            .peer("openssl", peers.openssl_next.median())
            .note(format!("the next card: P-384 in card and authority, a list of {FEW_ENTRIES} entries")),
        per_second("verify.again.p384", &rounds.again_next, &rounds.bare_again_next)
            .goal(0.9)
            .peer("openssl", peers.openssl_next.median())
            .note("the next card, seen before; bound: 1 bare verification"),
    ];
    rows.extend(beside_openssl(rounds));
    rows.extend([
        per_second("verify.prove", &rounds.prove, &rounds.bare_first)
            .goal(0.85)
            .note("at first sight, without revocation; bound: 2 bare verifications"),
        per_second("verify.prove+ocsp", &rounds.with_ocsp, &with_ocsp)
            .goal(0.65)
            .note("at first sight, and an OCSP answer read, checked and spent; bound: 4 bare verifications"),
        Row::alone("verify.rsa-2048", "1/s", &rounds.known_key)
            .peer("key parsed each time", rounds.new_key.median())
            .peer("openssl speed rsa2048", rounds.openssl_speed.median())
            .peer("crypto-bigint bare power", rounds.in_rust.median())
            .note(
                "bare verification by aws-lc, e = 65537, 64 octets, key parsed: what the bounds are made of",
            ),
        Row::alone("verify.p384", "1/s", &rounds.known_next)
            .peer("key parsed each time", rounds.new_next.median())
            .note("the same with P-384"),
    ]);
    rows
}

/// How many times OpenSSL: rows whose bound is the peer.
fn beside_openssl(rounds: &Rounds) -> Vec<Row> {
    let note = format!(
        "bound: X509_verify_cert with a list of {FEW_ENTRIES} entries (it holds no 20 M) and EVP_DigestVerify in this \
         process, the certificate read from DER each time"
    );
    let times = |name: &str, ours: &Figures, openssl: &Figures| match openssl.median() {
        Some(_) => Row::new(name, "1/s", Better::More, ours, openssl).note(note.clone()),
        None => Row::not_run(name, "built without the feature peers, for which OpenSSL's headers are needed"),
    };
    vec![
        times("verify.first÷openssl", &rounds.first, &rounds.peers.openssl).goal(4.0),
        times("verify.first.p384÷openssl", &rounds.first_next, &rounds.peers.openssl_next),
    ]
}

impl Subjects {
    fn make(effort: &Effort) -> Result<Self, BenchError> {
        let people = People::make(&effort.folder)?;
        let small_list = list::with_entries(&people, FEW_ENTRIES)?;
        let file = people.path("nation.crl");
        list_file::write(&people, effort.revoked, Order::Shuffled, &file)?;
        let mut large_list = File::open(&file).map_err(BenchError::file(&file))?;
        let today = Crowd::of_today(&people, &mut large_list, small_list.clone())?;
        let next = Crowd::of_the_next_generation(&people, &small_list)?;
        let issuer = people.issuer()?;
        let entropy: &dyn Entropy = &SystemEntropy;
        let answers = people.holders.iter().map(|holder| {
            let request = OcspRequest::new(&holder.certificate, issuer, entropy.octets());
            let answer = people.authority.answer_ocsp(&request.to_der(), people.now);
            (request, answer)
        });
        let answers = answers.collect();
        let peers = Peers::new(&people, &today, &next)?;
        Ok(Self { today, next, answers, peers, limits: Limits::default() })
    }

    fn clear_by_ocsp(&self, at: usize) -> Result<(), BenchError> {
        let (proven, now) = (self.today.prove(at, Sight::First)?, self.today.now);
        let missing = || BenchError::Failed { what: "an OCSP answer", why: "there is none".to_owned() };
        let (request, answer) = self.answers.get(at).ok_or_else(missing)?;
        let answer = check_ocsp(answer, request, proven.authority(), &self.limits, now)
            .map_err(BenchError::of("an OCSP answer"))?;
        clear(proven, RevocationStatus::from_ocsp(answer), now).map(drop).map_err(BenchError::of("clearing"))
    }
}
