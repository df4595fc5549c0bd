//! OCSP answers a second of the authority, beside the signatures that they cannot do without and `openssl ocsp`.
//!
//! Callers, responders and signatures share one machine: the bound of a live answer is what all processors would sign if
//! they did nothing else; that of an answer signed beforehand is an empty exchange with the same server.

mod load;
mod openssl;
mod publication;

use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use enishi_authority::{
    Authority, Clock as AuthorityClock, ListScopes, OcspAnswers, OcspKey, ServiceConfig, public_router,
};
use enishi_jpki::asn1::{DerError, Reader, encode, encode_all, tag};
use enishi_party::Clock;
use enishi_transport::{CancellationToken, HttpLimits, SystemClock, serve_http};
use enishi_verify::{Limits, OcspRequest, check_ocsp};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::clock::rate;
use crate::error::BenchError;
use crate::figures::{Effort, Figures, count};
use crate::people::People;
use crate::primitives::{Ec, Rsa};
use crate::row::{Better, Row};
use load::{Connections, Question, answers_per_second};
use openssl::{OpensslResponder, Signer};

/// So many times `openssl ocsp` is what we hold ourselves to.
const TIMES_OPENSSL: f64 = 15.0;
/// Of a turn of other benches: sockets need longer than signatures until their figures are steady.
const SLICES: u32 = 5;
/// Turns with a responder that has an idle caller: those who give up fill its queue, so that there are few.
const STALLED_TURNS: usize = 3;
/// An idle caller may cost the others no more than noise.
const IDLE_GOAL: f64 = 0.9;

/// Everybody who answers.
struct Responders {
    rsa: SocketAddr,
    p256: SocketAddr,
    presigned: SocketAddr,
    empty: SocketAddr,
    openssl: Option<OpensslResponder>,
    openssl_p256: Option<OpensslResponder>,
    openssl_two: Option<OpensslResponder>,
    shutdown: CancellationToken,
    _runtime: Runtime,
}

impl Drop for Responders {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

/// One figure a round of each contender.
#[derive(Default)]
struct Rounds {
    rsa: Figures,
    rsa_anew: Figures,
    rsa_signatures: Figures,
    p256: Figures,
    p256_anew: Figures,
    p256_idle: Figures,
    p256_signatures: Figures,
    presigned: Figures,
    presigned_anew: Figures,
    empty: Figures,
    empty_anew: Figures,
    openssl: Figures,
    openssl_idle: Figures,
    openssl_p256: Figures,
    openssl_two: Figures,
}

pub(crate) fn run(effort: &Effort) -> Result<Vec<Row>, BenchError> {
    let people = People::make(&effort.folder)?;
    let (with_nonce, without) = (questions(&people, true)?, questions(&people, false)?);
    let (rsa, ec) = (Rsa::generate()?, Ec::generate()?);
    let cores = std::thread::available_parallelism().map_or(1.0, |cores| count(cores.get()));
    let mut rounds = Rounds { openssl_idle: stalled(effort, &people, &with_nonce)?, ..Rounds::default() };
    let responders = Responders::start(&people, &with_nonce)?;
    for _ in 0..effort.rounds {
        rounds.take(effort, &responders, (&with_nonce, &without))?;
        rounds.rsa_signatures.push(cores * rate(effort.slice, || rsa.sign())?);
        rounds.p256_signatures.push(cores * rate(effort.slice, || ec.sign())?);
    }
    drop(responders);
    let mut rows = rounds.rows(cores);
    rows.extend(publication::rows(effort, &people)?);
    Ok(rows)
}

/// What `openssl ocsp` answers while one caller is idle. It ends here, before the rounds: when that caller goes without having
/// asked, it spins on what is no more, and would take a processor from all others.
fn stalled(effort: &Effort, people: &People, questions: &[Question]) -> Result<Figures, BenchError> {
    let ca = people.issuer()?.der();
    let signer = Signer { name: "stalled", certificate: ca, key: "authca03.p8" };
    let mut figures = Figures::default();
    let Some(question) = questions.first() else { return Ok(figures) };
    let Some(openssl) = OpensslResponder::start(people, &signer, None, question)? else { return Ok(figures) };
    let _idle = TcpStream::connect(openssl.address)?;
    for _ in 0..STALLED_TURNS {
        let slice = SLICES * effort.slice;
        figures.push(answers_per_second(openssl.address, questions, Connections::OneEach, slice)?);
    }
    Ok(figures)
}

impl Rounds {
    fn take(
        &mut self,
        effort: &Effort,
        to: &Responders,
        (live, plain): (&[Question], &[Question]),
    ) -> Result<(), BenchError> {
        use Connections::{Kept, OneEach};
        let ask = |address, questions: &[Question], connections| {
            answers_per_second(address, questions, connections, SLICES * effort.slice)
        };
        self.rsa.push(ask(to.rsa, live, Kept)?);
        self.rsa_anew.push(ask(to.rsa, live, OneEach)?);
        self.p256.push(ask(to.p256, live, Kept)?);
        self.p256_anew.push(ask(to.p256, live, OneEach)?);
        self.presigned.push(ask(to.presigned, plain, Kept)?);
        self.presigned_anew.push(ask(to.presigned, plain, OneEach)?);
        self.empty.push(ask(to.empty, plain, Kept)?);
        self.empty_anew.push(ask(to.empty, plain, OneEach)?);
        let idle = TcpStream::connect(to.p256)?;
        self.p256_idle.push(ask(to.p256, live, Kept)?);
        drop(idle);
        if let Some(openssl) = &to.openssl {
            self.openssl.push(ask(openssl.address, live, OneEach)?);
        }
        if let Some(openssl) = &to.openssl_p256 {
            self.openssl_p256.push(ask(openssl.address, live, OneEach)?);
        }
        if let Some(openssl) = &to.openssl_two {
            self.openssl_two.push(ask(openssl.address, live, OneEach)?);
        }
        Ok(())
    }

    fn rows(&self, cores: f64) -> Vec<Row> {
        let row = |name: &str, ours: &Figures, bound: &Figures| {
            Row::new(name, "answers/s", Better::More, ours, bound)
                .peer("openssl ocsp", self.openssl.median())
                .peer("openssl ocsp, P-256", self.openssl_p256.median())
                .peer("openssl ocsp -multi 2", self.openssl_two.median())
        };
        // The least part of the bound that is so many times the peer.
        let held = |row: Row, bound: &Figures| match (self.openssl.median(), bound.median()) {
            // A peer that answered nothing is no measure.
            (Some(openssl), Some(bound)) if openssl > 0.0 => row.goal(TIMES_OPENSSL * openssl / bound),
            _ => row,
        };
        let signed = |key: &str| {
            format!("each with a nonce and signed live; bound: {key} signatures of {cores} processors")
        };
        let anew = "; a new connection each, as the peer's";
        let held_to = |ours: &Figures| match (ours.median(), self.openssl.median()) {
            (Some(ours), Some(openssl)) if openssl > 0.0 => {
                format!("; {:.1} × openssl ocsp, goal: {TIMES_OPENSSL} ×", ours / openssl)
            }
            _ => String::new(),
        };
        let idle = Row::new("ocsp.p256.idle", "answers/s", Better::More, &self.p256_idle, &self.p256)
            .goal(IDLE_GOAL)
            .peer("openssl ocsp", self.openssl_idle.median())
            .note("one more connection is open and silent; bound: without it");
        let (rsa, p256) = (&self.rsa_signatures, &self.p256_signatures);
        vec![
            row("ocsp.rsa", &self.rsa, rsa).note(signed("RSA-2048")),
            row("ocsp.rsa.anew", &self.rsa_anew, rsa).note(signed("RSA-2048") + anew),
            held(row("ocsp.p256", &self.p256, p256), p256).note(signed("P-256") + &held_to(&self.p256)),
            row("ocsp.p256.anew", &self.p256_anew, p256).note(signed("P-256") + anew),
            held(row("ocsp.presigned", &self.presigned, &self.empty), &self.empty).note(format!(
                "without nonce, by POST; bound: the same server with nothing to do{}",
                held_to(&self.presigned)
            )),
            row("ocsp.presigned.anew", &self.presigned_anew, &self.empty_anew)
                .note(format!("without nonce, by POST; bound: the same server with nothing to do{anew}")),
            idle,
        ]
    }
}

impl Responders {
    fn start(people: &People, questions: &[Question]) -> Result<Self, BenchError> {
        let nobody = || BenchError::Failed { what: "a question", why: "nobody to ask about".to_owned() };
        let question = questions.first().ok_or_else(nobody)?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let shutdown = CancellationToken::new();
        let register = people.path("register");
        let authority = |ocsp_key, ocsp_answers| open(people, &register, ocsp_key, ocsp_answers);
        let rsa = authority(OcspKey::Rsa2048, OcspAnswers::Live)?;
        let p256 = authority(OcspKey::P256, OcspAnswers::Live)?;
        let presigned = authority(OcspKey::P256, OcspAnswers::Presigned)?;
        let sample = Bytes::from(answer_of(people, &p256)?);
        let (ca, delegate) = (people.issuer()?.der().to_vec(), delegate_in(&sample)?);
        let serve = |router: Router| serve(&runtime, router, &shutdown);
        let own = |authority: Authority| {
            let clock: AuthorityClock = Arc::new(|| SystemClock.now());
            serve(public_router(Arc::new(authority), clock))
        };
        let empty = post(move || {
            let answer = sample.clone();
            async move { answer }
        });
        let by_rsa = Signer { name: "rsa", certificate: &ca, key: "authca03.p8" };
        let by_p256 = Signer { name: "p256", certificate: &delegate, key: "authocsp-p256.p8" };
        let two = Signer { name: "two", ..by_rsa };
        Ok(Self {
            rsa: own(rsa)?,
            p256: own(p256)?,
            presigned: own(presigned)?,
            empty: serve(Router::new().route("/ocsp", empty))?,
            openssl: OpensslResponder::start(people, &by_rsa, None, question)?,
            openssl_p256: OpensslResponder::start(people, &by_p256, None, question)?,
            openssl_two: OpensslResponder::start(people, &two, Some(2), question)?,
            shutdown,
            _runtime: runtime,
        })
    }
}

/// One of several that share a register; what it answers is what our verifier accepts.
fn open(
    people: &People,
    register: &Path,
    key: OcspKey,
    answers: OcspAnswers,
) -> Result<Authority, BenchError> {
    let service = ServiceConfig { ocsp_key: key, ocsp_answers: answers, lists: ListScopes::Whole };
    let authority = Authority::open_with(register, service).map_err(BenchError::of("an authority"))?;
    answer_of(people, &authority)?;
    Ok(authority)
}

fn serve(runtime: &Runtime, router: Router, shutdown: &CancellationToken) -> Result<SocketAddr, BenchError> {
    let listener = runtime.block_on(TcpListener::bind(("127.0.0.1", 0)))?;
    let address = listener.local_addr()?;
    let shutdown = shutdown.clone();
    runtime.spawn(async move {
        // A listener that does not serve is seen by its first caller.
        let _ = serve_http(listener, router, HttpLimits::default(), None, shutdown).await;
    });
    Ok(address)
}

/// An answer about the first holder, checked as a relay checks it.
fn answer_of(people: &People, authority: &Authority) -> Result<Vec<u8>, BenchError> {
    let what = "an answer";
    let holder = people.holders.first();
    let holder = holder.ok_or_else(|| BenchError::Failed { what, why: "nobody to ask about".to_owned() })?;
    let request = OcspRequest::new(&holder.certificate, people.issuer()?, [7; 32]);
    let answer = authority.answer_ocsp(&request.to_der(), people.now);
    check_ocsp(&answer, &request, people.issuer()?, &Limits::default(), people.now)
        .map_err(BenchError::of(what))?;
    Ok(answer)
}

/// A question about each holder.
fn questions(people: &People, nonce: bool) -> Result<Vec<Question>, BenchError> {
    const NONCE: [u8; 32] = [0xa5; 32];
    let issuer = people.issuer()?;
    let question = |holder: &crate::people::Holder| {
        let der = OcspRequest::new(&holder.certificate, issuer, NONCE).to_der();
        if nonce {
            return Ok(Question::new(der, Some(&NONCE)));
        }
        let der = without_nonce(&der).map_err(BenchError::of("a question"))?;
        Ok(Question::new(der, None))
    };
    people.holders.iter().map(question).collect()
}

/// The same request without its extensions.
fn without_nonce(request: &[u8]) -> Result<Vec<u8>, DerError> {
    let body = Reader::only(request, tag::SEQUENCE)?.only_inside(tag::SEQUENCE)?;
    let list = body.inside().expect(tag::SEQUENCE)?;
    Ok(encode_all(tag::SEQUENCE, &[&encode(tag::SEQUENCE, list.raw())]))
}

/// The delegate's certificate in an answer (RFC 6960 §4.2.1).
fn delegate_in(answer: &[u8]) -> Result<Vec<u8>, BenchError> {
    let read = || -> Result<Vec<u8>, DerError> {
        let mut response = Reader::only(answer, tag::SEQUENCE)?.inside();
        response.expect(tag::ENUMERATED)?;
        let bytes = response.expect(tag::context_constructed(0))?.only_inside(tag::SEQUENCE)?;
        let mut bytes = bytes.inside();
        bytes.expect(tag::OID)?;
        let basic = Reader::only(bytes.expect(tag::OCTET_STRING)?.content(), tag::SEQUENCE)?;
        let mut basic = basic.inside();
        basic.expect(tag::SEQUENCE)?;
        basic.expect(tag::SEQUENCE)?;
        basic.expect(tag::BIT_STRING)?;
        let certificates = basic.expect(tag::context_constructed(0))?.only_inside(tag::SEQUENCE)?;
        Ok(certificates.inside().expect(tag::SEQUENCE)?.raw().to_vec())
    };
    read().map_err(BenchError::of("an answer's certificate"))
}
