//! What one purchase cannot do without: durable writes, signatures, exchanges; each measured bare, in the same rounds.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::post;
use enishi_party::{Clock, Environment, PartyRole, PartyUri, VerifierModel};
use enishi_transport::{
    CancellationToken, HttpClientLimits, HttpLimits, HttpsClient, Request, SandboxCa, SystemClock,
    serve_https,
};
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::clock::typical;
use crate::error::BenchError;
use crate::figures::{Effort, Figures, count};
use crate::primitives::{BareDatabase, DurableFile, Ec, Echo, Rsa};

/// An OCSP question and its answer, as the sandbox's have them.
const OCSP_OCTETS: (usize, usize) = (130, 1_600);
/// Into so many turns a slice is divided: it is spent before every burst.
const PARTS: u32 = 8;
/// The octets of an approval as the terminal reads it.
const ANSWER_OCTETS: usize = 320;

/// Seconds that each part takes, one figure a round.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    pub(crate) durable: Figures,
    pub(crate) commit: Figures,
    new_key: Figures,
    known_key: Figures,
    pub(crate) rsa_sign: Figures,
    ec_sign: Figures,
    ec_verify: Figures,
    exchange: Figures,
    socket: Figures,
}

/// What is needed to measure them again and again.
pub(crate) struct Bench {
    rsa: Rsa,
    ec: Ec,
    file: DurableFile,
    database: BareDatabase,
    echo: Echo,
    client: HttpsClient,
    body: Vec<u8>,
    shutdown: CancellationToken,
    _folder: TempDir,
}

/// Durable commits of one purchase, as counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Commits {
    /// In all files.
    pub(crate) all: u32,
    /// Of the file that has most of them at the company, whose writer takes one purchase after another.
    pub(crate) company: u32,
}

impl Bench {
    /// `request` is as long as a terminal's.
    pub(crate) async fn start(folder: &Path, request: usize) -> Result<Self, BenchError> {
        let (client, shutdown) = empty_relay().await?;
        let folder = tempfile::tempdir_in(folder).map_err(BenchError::file(folder))?;
        let (question, answer) = OCSP_OCTETS;
        Ok(Self {
            rsa: Rsa::generate()?,
            ec: Ec::generate()?,
            file: DurableFile::create(folder.path())?,
            database: BareDatabase::create(folder.path())?,
            echo: Echo::start(question, answer)?,
            client,
            body: vec![b' '; request],
            shutdown,
            _folder: folder,
        })
    }

    /// One figure of each part, right beside what it is held against: a disk is another one a second later.
    pub(crate) async fn measure(&mut self, effort: &Effort, parts: &mut Parts) -> Result<(), BenchError> {
        let slice = effort.slice / PARTS;
        parts.durable.push(typical(slice, || self.file.write())?);
        parts.commit.push(typical(slice, || self.database.commit())?);
        parts.new_key.push(typical(slice, || self.rsa.verify_new_key())?);
        parts.known_key.push(typical(slice, || self.rsa.verify_known_key())?);
        parts.rsa_sign.push(typical(slice, || self.rsa.sign())?);
        parts.ec_sign.push(typical(slice, || self.ec.sign())?);
        parts.ec_verify.push(typical(slice, || self.ec.verify())?);
        parts.socket.push(typical(slice, || self.echo.ask())?);
        parts.exchange.extend(self.exchange(slice).await?.median());
        Ok(())
    }

    async fn exchange(&self, slice: Duration) -> Result<Figures, BenchError> {
        let begun = Instant::now();
        let mut each = Figures::default();
        while begun.elapsed() < slice || each.len() == 0 {
            let request = Request::post("/", "application/json", self.body.clone());
            let asked = Instant::now();
            let answer = self.client.send(request).await.map_err(BenchError::of("an empty exchange"))?;
            each.push(asked.elapsed().as_secs_f64());
            if !answer.status.is_success() {
                return Err(BenchError::Failed { what: "an empty exchange", why: answer.status.to_string() });
            }
        }
        Ok(each)
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

/// A server on mutual TLS that does nothing, and its client.
async fn empty_relay() -> Result<(HttpsClient, CancellationToken), BenchError> {
    let now = SystemClock.now();
    let name = |role, name: &str| {
        PartyUri::new(Environment::Sandbox, role, name).map_err(BenchError::of("a party's name"))
    };
    let (server, terminal) = (name(PartyRole::Relay, "empty")?, name(PartyRole::Terminal, "4989999999999")?);
    let setup = "an empty exchange";
    let ca = SandboxCa::create(now).map_err(BenchError::of(setup))?;
    let trusted = Arc::new(ca.trusted().map_err(BenchError::of(setup))?);
    let identity = ca.issue(&server, &[], now).map_err(BenchError::of(setup))?;
    let caller = ca.issue(&terminal, &[], now).map_err(BenchError::of(setup))?;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?.to_string();
    let shutdown = CancellationToken::new();
    let (serving, known) = (shutdown.clone(), Arc::clone(&trusted));
    tokio::spawn(async move {
        let router = Router::new().route("/", post(|| async { [b' '; ANSWER_OCTETS].to_vec() }));
        // A listener that does not serve is seen by its first caller.
        let _ = serve_https(listener, &identity, &known, router, HttpLimits::default(), None, serving).await;
    });
    let address = address.parse().map_err(BenchError::of::<enishi_transport::SetupError>(setup))?;
    let client = HttpsClient::new(address, server, &caller, &trusted, HttpClientLimits::default(), None)
        .map_err(BenchError::of(setup))?;
    Ok((client, shutdown))
}

impl Parts {
    /// Seconds of work for processors: signatures and exchanges, which are all work on a loopback.
    fn work(&self, model: VerifierModel) -> Figures {
        let join = |one: &Figures, two: &Figures| one.with(two, |one, two| one + two);
        // Possession and path at the relay; the assertion made and checked; terminal to relay, relay to company.
        let proof = join(&self.new_key, &self.known_key);
        let assertion = join(&self.ec_sign, &self.ec_verify);
        let both = join(&join(&proof, &assertion), &self.exchange.map(|once| 2.0 * once));
        match model {
            // The responder's signature over its answer; the relay verifies it and the responder's certificate.
            VerifierModel::Proxy => {
                let ocsp = join(&self.rsa_sign, &self.known_key.map(|once| 2.0 * once));
                join(&both, &join(&ocsp, &self.socket))
            }
            // The company fetches the evidence and verifies possession and path itself.
            VerifierModel::Entrusted => join(&both, &join(&proof, &self.exchange)),
        }
    }

    /// Seconds of one purchase with nobody else about.
    pub(crate) fn alone(&self, model: VerifierModel, commits: Commits) -> Figures {
        let durable = self.durable.map(|once| once * f64::from(commits.all));
        self.work(model).with(&durable, |work, durable| work + durable)
    }

    /// Purchases a second with so many terminals: as many as waiting, processors or the company's own log allow, whichever
    /// is least. The relay's commits are shared among those who wait, so they do not bound it.
    pub(crate) fn rate(
        &self,
        model: VerifierModel,
        commits: Commits,
        terminals: usize,
        cores: usize,
    ) -> Figures {
        let waiting = self.alone(model, commits).map(|seconds| count(terminals) / seconds);
        let working = self.work(model).map(|seconds| count(cores) / seconds);
        let writing = self.durable.map(|once| 1.0 / (once * f64::from(commits.company.max(1))));
        waiting.with(&working, f64::min).with(&writing, f64::min)
    }
}

#[cfg(test)]
mod tests {
    use enishi_party::VerifierModel;

    use super::{Commits, Parts};
    use crate::figures::Figures;

    fn parts() -> Parts {
        let seconds = |seconds: f64| {
            let mut figures = Figures::default();
            figures.push(seconds);
            figures
        };
        Parts {
            durable: seconds(0.001),
            exchange: seconds(0.0005),
            new_key: seconds(0.0),
            known_key: seconds(0.0),
            rsa_sign: seconds(0.0),
            ec_sign: seconds(0.0),
            ec_verify: seconds(0.0),
            socket: seconds(0.0),
            commit: Figures::default(),
        }
    }

    #[test]
    fn the_rate_is_bound_by_waiting_then_by_processors_or_the_companys_log() {
        let (parts, commits) = (parts(), Commits { all: 4, company: 1 });
        let rate = |terminals, cores| {
            parts.rate(VerifierModel::Proxy, commits, terminals, cores).median().unwrap().round()
        };
        assert_eq!(rate(1, 2), 200.0);
        assert_eq!(rate(4, 2), 800.0);
        assert_eq!(rate(64, 2), 1000.0);
        assert_eq!(rate(64, 1), 1000.0);
        let two = Commits { all: 5, company: 2 };
        assert_eq!(parts.rate(VerifierModel::Proxy, two, 64, 1).median().unwrap().round(), 500.0);
    }
}
