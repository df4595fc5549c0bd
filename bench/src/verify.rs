//! ③ on one core: proofs a second, alone and with revocation, beside the signatures that they cannot do without.

use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use enishi_jpki::{CertKind, Profile};
use enishi_party::Entropy;
use enishi_transport::SystemEntropy;
use enishi_verify::{
    CrlShelf, Limits, OcspRequest, ProvenHolder, RevocationStatus, check_ocsp, clear, prove,
};

use crate::clock::rate;
use crate::error::BenchError;
use crate::figures::{Effort, Figures};
use crate::list;
use crate::people::{Holder, People};
use crate::primitives::Rsa;
use crate::programs;
use crate::row::{Better, Row};

/// RSA verifications of a proof under a key that is new each time: possession.
const NEW_KEYS: f64 = 1.0;
/// Under an authority's key, which could be at hand: the path.
const KNOWN_KEYS: f64 = 1.0;
/// An OCSP answer adds the responder's certificate, under the authority's key, and the answer, under the responder's.
const OCSP_KNOWN_KEYS: f64 = 2.0;

/// What of the steps after `prove` is taken as well.
struct Subjects {
    people: People,
    shelf: CrlShelf,
    /// A question and its answer for each holder.
    answers: Vec<(OcspRequest, Vec<u8>)>,
    limits: Limits,
}

/// What the contenders did in the rounds.
#[derive(Default)]
struct Rounds {
    prove: Figures,
    with_list: Figures,
    with_ocsp: Figures,
    new_key: Figures,
    known_key: Figures,
    in_rust: Figures,
    openssl: Figures,
    openssl_path: Figures,
}

pub(crate) fn run(effort: &Effort) -> Result<Vec<Row>, BenchError> {
    let subjects = Subjects::make(effort)?;
    let rsa = Rsa::generate()?;
    let (authority, certificate) = subjects.pem_files()?;
    let mut rounds = Rounds::default();
    for round in 0..effort.rounds {
        let slice = effort.slice;
        rounds.new_key.push(rate(slice, || rsa.verify_new_key())?);
        rounds.prove.push(rate(slice, subjects.each(|subjects, at| subjects.prove(at).map(drop)))?);
        rounds.known_key.push(rate(slice, || rsa.verify_known_key())?);
        rounds.with_list.push(rate(slice, subjects.each(Subjects::clear_by_list))?);
        rounds.with_ocsp.push(rate(slice, subjects.each(Subjects::clear_by_ocsp))?);
        rounds.in_rust.push(rate(slice, || rsa.power_in_rust())?);
        // A second each: not in every round.
        if round % 3 == 0 {
            rounds.openssl.extend(programs::openssl_speed().map(|speed| speed.verify_per_second));
            rounds.openssl_path.extend(programs::openssl_verify(&authority, &certificate));
        }
    }
    Ok(rows(&rounds, effort))
}

fn rows(rounds: &Rounds, effort: &Effort) -> Vec<Row> {
    // Seconds of bare verification that a step cannot do without, as a rate.
    let bound = |new: f64, known: f64| {
        rounds
            .new_key
            .with(&rounds.known_key, |new_rate, known_rate| 1.0 / (new / new_rate + known / known_rate))
    };
    let (proof, ocsp) = (bound(NEW_KEYS, KNOWN_KEYS), bound(NEW_KEYS, KNOWN_KEYS + OCSP_KNOWN_KEYS));
    let per_second =
        |name: &str, ours: &Figures, bound: &Figures| Row::new(name, "1/s", Better::More, ours, bound);
    vec![
        per_second("verify.prove", &rounds.prove, &proof)
            .goal(0.7)
            .peer("openssl speed rsa2048 ÷ 2", rounds.openssl.median().map(|rate| rate / 2.0))
            .peer("crypto-bigint bare powers ÷ 2", rounds.in_rust.median().map(|rate| rate / 2.0))
            .peer("openssl verify (path alone)", rounds.openssl_path.median())
            .note("profile, path, context, possession; bound: 2 bare verifications by aws-lc"),
        per_second("verify.prove+list", &rounds.with_list, &proof)
            .goal(0.7)
            .note(format!("and clear by a list of {} entries at hand; bound: the same 2", effort.entries)),
        per_second("verify.prove+ocsp", &rounds.with_ocsp, &ocsp)
            .goal(0.65)
            .note("and an OCSP answer read, checked and spent; bound: 4 bare verifications"),
        Row::alone("verify.rsa-2048", "1/s", &rounds.new_key)
            .peer("key at hand", rounds.known_key.median())
            .peer("openssl speed rsa2048", rounds.openssl.median())
            .peer("crypto-bigint bare power", rounds.in_rust.median())
            .note("bare verification, e = 65537, key parsed each time: what the bounds are made of"),
    ]
}

impl Subjects {
    fn make(effort: &Effort) -> Result<Self, BenchError> {
        let people = People::make(&effort.folder)?;
        let limits = Limits::default();
        let shelf = CrlShelf::new(people.anchors.clone(), limits);
        let issuer = people.issuer()?;
        let list = list::with_entries(&people, effort.entries)?;
        shelf
            .place(CertKind::Authentication, issuer.subject_key_id(), &list, people.now)
            .map_err(BenchError::of("the large list"))?;
        let entropy: &dyn Entropy = &SystemEntropy;
        let answers = people.holders.iter().map(|holder| {
            let request = OcspRequest::new(&holder.certificate, issuer, entropy.octets());
            let answer = people.authority.answer_ocsp(&request.to_der(), people.now);
            (request, answer)
        });
        let answers = answers.collect();
        Ok(Self { people, shelf, answers, limits })
    }

    /// Holder after holder.
    fn each<'a>(
        &'a self,
        step: impl Fn(&'a Self, usize) -> Result<(), BenchError> + 'a,
    ) -> impl FnMut() -> Result<(), BenchError> + 'a {
        let mut at = 0_usize;
        move || {
            at = at.wrapping_add(1) % self.people.holders.len().max(1);
            step(self, at)
        }
    }

    fn holder(&self, at: usize) -> Result<&Holder, BenchError> {
        let missing = || BenchError::Failed { what: "a holder", why: "there is none".to_owned() };
        self.people.holders.get(at).ok_or_else(missing)
    }

    fn prove(&self, at: usize) -> Result<ProvenHolder, BenchError> {
        let Holder { token, challenge, context, .. } = self.holder(at)?;
        let (anchors, profile, now) = (&self.people.anchors, &Profile::SANDBOX, self.people.now);
        prove(token.clone(), challenge, context.clone(), anchors, profile, now)
            .map_err(BenchError::of("a proof"))
    }

    fn clear_by_list(&self, at: usize) -> Result<(), BenchError> {
        let (proven, now) = (self.prove(at)?, self.people.now);
        let certificate = proven.certificate();
        let list = self.shelf.current(certificate.kind(), certificate.issuer_key_id(), now);
        let missing = || BenchError::Failed { what: "the list", why: "none is current".to_owned() };
        let status = RevocationStatus::from_crl(&*list.ok_or_else(missing)?, certificate, now)
            .map_err(BenchError::of("the list"))?;
        clear(proven, status, now).map(drop).map_err(BenchError::of("clearing"))
    }

    fn clear_by_ocsp(&self, at: usize) -> Result<(), BenchError> {
        let (proven, now) = (self.prove(at)?, self.people.now);
        let missing = || BenchError::Failed { what: "an OCSP answer", why: "there is none".to_owned() };
        let (request, answer) = self.answers.get(at).ok_or_else(missing)?;
        let answer = check_ocsp(answer, request, proven.authority(), &self.limits, now)
            .map_err(BenchError::of("an OCSP answer"))?;
        clear(proven, RevocationStatus::from_ocsp(answer), now).map(drop).map_err(BenchError::of("clearing"))
    }

    /// The authority's and one holder's certificate as another's program reads them.
    fn pem_files(&self) -> Result<(PathBuf, PathBuf), BenchError> {
        let write = |name: &str, der: &[u8]| {
            let path = self.people.path(name);
            let text = STANDARD.encode(der);
            let lines: Vec<_> = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
            let pem =
                format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"));
            std::fs::write(&path, pem).map_err(BenchError::file(&path)).map(|()| path)
        };
        Ok((write("authority.pem", self.people.issuer()?.der())?, write("holder.pem", &self.holder(0)?.der)?))
    }
}
