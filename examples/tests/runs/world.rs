//! An authority and a relay in this process, and one of the examples for a company.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

use enishi_authority::SerialPlan;
use enishi_card::{SoftwareCard, SoftwareReader};
use enishi_party::{Clock, Entropy, InvitationCode, Language};
use enishi_relay::Unobserved;
use enishi_sandbox::demo::Citizen;
use enishi_sandbox::party::{
    AuthorityService, AuthoritySockets, CallbackOrigin, Delivered, WayBack, open_terminal,
};
use enishi_sandbox::sandbox::{
    Blueprint, Company, LimitsChoice, PersonKey, Places, SetupOptions, Shop, set_up_on_disk,
};
use enishi_server::{Machine, RelayService, RelaySockets};
use enishi_terminal::EnrolOutcome;
use enishi_transport::{SystemClock, SystemEntropy};
use rustix::process::{Pid, Signal, kill_process};
use tokio::net::TcpListener;

/// Every sandbox card's PIN.
pub(crate) const PIN: &str = "4071\n";

pub(crate) struct World {
    pub(crate) plan: Blueprint,
    pub(crate) relay: RelayService,
    pub(crate) company: Company,
    authority: AuthorityService,
    program: &'static str,
    serving: Serving,
    _root: tempfile::TempDir,
}

/// A process that does not outlive its test.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ended_already = self.0.kill();
        let _status = self.0.wait();
    }
}

impl World {
    /// Starts everyone; `program` stands where `enishi provider serve` would.
    pub(crate) async fn start(company: Company, program: &'static str) -> Self {
        let root = tempfile::Builder::new().prefix("enishi-examples-").tempdir().unwrap();
        let mut sockets = Vec::new();
        for _ in 0..Places::COUNT {
            sockets.push(port().await);
        }
        let at: Vec<SocketAddr> = sockets.iter().map(|socket| socket.local_addr().unwrap()).collect();
        let places = Places {
            authority_public: at[0],
            authority_verifiers: at[1],
            relay: at[2],
            relay_for_books: at[2],
            iso: [at[3], at[5]],
            iso_a_for_relay: at[3],
            app: [at[4], at[6]],
            authority_ops: at[7],
            relay_ops: at[8],
            ops: [at[9], at[10]],
        };
        let plan = Blueprint { root: root.path().join("sandbox"), places };
        let options = SetupOptions { serials: SerialPlan::Random, limits: LimitsChoice::Short };
        set_up_on_disk(&plan, options, &SystemEntropy, SystemClock.now()).await.unwrap();
        let mut sockets = sockets.into_iter();
        let authority = AuthoritySockets { public: sockets.next(), verifiers: sockets.next(), ops: None };
        let service = sockets.next();
        // The other ports are free again: for the example.
        drop(sockets);
        let authority =
            AuthorityService::start(&plan.authority(), authority, Arc::new(SystemClock), None).await.unwrap();
        let config = plan.company(company);
        let serve = ["serve", "--customers", concat!(env!("CARGO_MANIFEST_DIR"), "/customers.toml")];
        let mut serving = Command::new(program)
            .arg("--config")
            .arg(&config)
            .args(serve)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = String::new();
        let out = serving.stdout.take().unwrap();
        let mut out = BufReader::new(out);
        out.read_line(&mut said).unwrap();
        assert_eq!(said, "serves\n");
        std::thread::spawn(move || std::io::copy(&mut out, &mut std::io::sink()));
        let machine = Machine {
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            tap: None,
            observer: Arc::new(Unobserved),
        };
        let relay =
            RelayService::start(&plan.relay(), RelaySockets { service, ops: None }, machine).await.unwrap();
        let world = Self { plan, relay, company, authority, program, serving: Serving(serving), _root: root };
        world.signed_on().await;
        world
    }

    async fn signed_on(&self) {
        let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
        let absent = async || self.relay.connections.signed_on(Duration::from_millis(100)).await;
        while absent().await.iter().any(|its| its.as_str() == self.company.id()) {
            assert!(tokio::time::Instant::now() < deadline, "the relay did not sign on");
        }
    }

    /// The company's own books.
    pub(crate) fn books(&self) -> rusqlite::Connection {
        let file = self.plan.company(self.company).with_file_name("own-books.sqlite");
        let books = rusqlite::Connection::open(file).unwrap();
        books.busy_timeout(Duration::from_secs(5)).unwrap();
        books
    }

    pub(crate) fn debits(&self) -> i64 {
        let sql = "SELECT count(*) FROM booking WHERE state = 'debited'";
        self.books().query_row(sql, [], |row| row.get(0)).unwrap()
    }

    /// The example's `invite`, a terminal, and the result brought back; the label, or why not.
    pub(crate) async fn enrol(&self, customer: &str, card: PersonKey) -> Result<String, String> {
        let config = self.plan.company(self.company);
        let invited = Command::new(self.program)
            .arg("--config")
            .arg(config)
            .args(["invite", customer])
            .output()
            .unwrap();
        assert!(invited.status.success(), "{invited:?}");
        let code: InvitationCode = String::from_utf8(invited.stdout).unwrap().trim().parse().unwrap();
        let (clock, entropy) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
        let file = self.plan.terminal(Shop::Coffee);
        let mut terminal = open_terminal(&file, Language::En, clock, entropy, None).unwrap();
        let reader = SoftwareReader::with_card(SoftwareCard::open(&self.plan.card(card)).unwrap());
        let enrolled = terminal.enrol(|| reader.connect(), code.intent(), &mut Citizen::new()).await.unwrap();
        let EnrolOutcome::Enrolled(answer) = enrolled.outcome else { panic!("{enrolled:?}") };
        let origin = format!("http://{}", self.plan.places.app[usize::from(self.company == Company::B)]);
        let allowed: CallbackOrigin = origin.try_into().unwrap();
        let way = WayBack::to(&answer.callback, &answer.state, &answer.code, &[allowed]);
        let WayBack::Here(delivery) = way else { panic!("{way:?}") };
        let delivered = delivery.send().await.unwrap();
        // A result is good once, whoever brings it.
        assert!(matches!(delivery.send().await.unwrap(), Delivered::Refused(_)));
        match delivered {
            Delivered::Linked(label) => Ok(label),
            Delivered::Refused(problem) => Err(problem.unwrap().code),
        }
    }

    /// The example of a terminal, at the bookshop.
    pub(crate) fn pay(&self, card: PersonKey, yen: &str, more: &[&str], entered: &str) -> Output {
        let config = self.plan.terminal(Shop::Books);
        let mut till = Command::new(env!("CARGO_BIN_EXE_terminal"))
            .arg("--config")
            .arg(config)
            .arg("--card")
            .arg(self.plan.card(card))
            .args(["--yen", yen])
            .args(more)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        till.stdin.take().unwrap().write_all(entered.as_bytes()).unwrap();
        till.wait_with_output().unwrap()
    }

    pub(crate) fn relay_folder(&self) -> PathBuf {
        self.plan.root.join("relay")
    }

    /// Ends everyone; the example must do so in order.
    pub(crate) async fn stop(mut self) {
        self.relay.stop().await;
        let pid = Pid::from_raw(i32::try_from(self.serving.0.id()).unwrap()).unwrap();
        kill_process(pid, Signal::TERM).unwrap();
        assert!(self.serving.0.wait().unwrap().success());
        self.authority.stop().await;
    }
}

/// Of a range from which the kernel gives none to callers, so that it stays free for the example.
async fn port() -> TcpListener {
    let entropy: &dyn Entropy = &SystemEntropy;
    loop {
        let random = u16::from_be_bytes(entropy.octets());
        if let Ok(socket) = TcpListener::bind(("127.0.0.1", 20_000 + random % 12_000)).await {
            return socket;
        }
    }
}

pub(crate) fn text(octets: &[u8]) -> &str {
    std::str::from_utf8(octets).unwrap()
}
