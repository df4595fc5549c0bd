//! schemathesis against a sandbox: whatever the descriptions allow, and much that they do not, as each kind of caller.

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::{Session, Tally};
use crate::command::{self, Channel};
use crate::error::TaskError;
use crate::install;
use crate::workspace::Workspace;

/// The crate of the binary.
const CRATE: &str = "enishi";
/// Ports in a row that a sandbox takes.
const PORTS: u16 = 11;
/// How long the parties may take to listen.
const START: Duration = Duration::from_secs(60);
/// Seconds that schemathesis may spend on one kind of caller, and requests for one operation.
const SECONDS: &str = "15";
const EXAMPLES: &str = "30";
/// How much of a failed run is repeated; the log has all of it.
const LINES_SHOWN: usize = 60;
/// Longest line that is repeated: what is invented can be long.
const COLUMNS_SHOWN: usize = 300;

/// A sample customer of the sandbox, and the password that its folder tells.
const CUSTOMER: &str = "sakura-000417";
const PASSWORD: &str = "sandbox sakura-000417";

/// One kind of caller: which description, from which port on, with whose certificate.
struct Caller {
    name: &'static str,
    document: &'static str,
    scheme: &'static str,
    /// From the first port of the sandbox.
    port: u16,
    /// The party's folder.
    certificate: Option<&'static str>,
    filter: &'static [&'static str],
}

const PAIRING: &str = "/v1/serial-pairings";
const CALLERS: [Caller; 5] = [
    Caller {
        name: "relay-as-terminal",
        document: "relay",
        scheme: "https",
        port: 2,
        certificate: Some("terminal-books"),
        filter: &[],
    },
    Caller {
        name: "relay-as-provider",
        document: "relay",
        scheme: "https",
        port: 2,
        certificate: Some("company-a"),
        filter: &[],
    },
    Caller { name: "app", document: "provider", scheme: "http", port: 4, certificate: None, filter: &[] },
    Caller {
        name: "authority",
        document: "authority",
        scheme: "http",
        port: 0,
        certificate: None,
        filter: &["--exclude-path", PAIRING],
    },
    Caller {
        name: "authority-as-verifier",
        document: "authority",
        scheme: "https",
        port: 1,
        certificate: Some("relay"),
        filter: &["--include-path", PAIRING],
    },
];

pub(crate) fn exists(workspace: &Workspace) -> bool {
    workspace.has_crate(CRATE) && workspace.root().join("docs/reference/relay.openapi.json").is_file()
}

pub(crate) fn run(session: &Session<'_>) -> Result<Tally, TaskError> {
    let mut build = session.workspace.locked("build");
    build.args(["-p", CRATE]);
    command::must(build)?;
    let sandbox = Sandbox::start(session)?;
    let mut tally = Tally::default();
    for caller in &CALLERS {
        tally.add(ask(session, &sandbox, caller)?);
    }
    Ok(tally)
}

/// A running sandbox; its parties end with it.
struct Sandbox {
    root: PathBuf,
    base: u16,
    parties: Vec<Child>,
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        for party in &mut self.parties {
            let _gone = party.kill();
            let _status = party.wait();
        }
    }
}

impl Sandbox {
    fn start(session: &Session<'_>) -> Result<Self, TaskError> {
        let root = session.workspace.kept().join("api-sandbox");
        if root.exists() {
            fs::remove_dir_all(&root).map_err(TaskError::file(&root))?;
        }
        let base = free_ports()?;
        let binary = session.workspace.target().join("debug").join(CRATE);
        let mut init = Command::new(&binary);
        init.args(["keys", "init", "sandbox", "--port-base", &base.to_string()]).arg(&root);
        command::read(init)?;
        let mut sandbox = Self { root, base, parties: Vec::new() };
        // Each waits for what the next one asks.
        for (party, folder, port) in [
            ("authority", "authority", 0),
            ("provider", "company-a", 4),
            ("provider", "company-b", 6),
            ("relay", "relay", 2),
        ] {
            let file = sandbox.root.join(folder).join(format!("{party}.toml"));
            let log = session.log(&format!("api-{folder}"));
            sandbox.parties.push(serve(&binary, party, &file, &log)?);
            sandbox.wait_for(port, folder)?;
        }
        Ok(sandbox)
    }

    fn wait_for(&self, port: u16, party: &str) -> Result<(), TaskError> {
        let deadline = Instant::now() + START;
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.base + port)).is_err() {
            if Instant::now() > deadline {
                return Err(TaskError::NotProvided(format!("{party} of the sandbox does not listen")));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }
}

fn serve(binary: &Path, party: &str, file: &Path, log: &Path) -> Result<Child, TaskError> {
    if let Some(folder) = log.parent() {
        fs::create_dir_all(folder).map_err(TaskError::file(folder))?;
    }
    let output = File::create(log).map_err(TaskError::file(log))?;
    let errors = output.try_clone().map_err(TaskError::file(log))?;
    let mut command = Command::new(binary);
    command.args([party, "serve", "--config"]).arg(file);
    command.stdin(Stdio::null()).stdout(output).stderr(errors);
    command.spawn().map_err(|source| TaskError::Start { program: format!("enishi {party} serve"), source })
}

/// The first of so many ports in a row that nobody listens on.
fn free_ports() -> Result<u16, TaskError> {
    let free = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
    (15_000..30_000)
        .step_by(usize::from(PORTS))
        .find(|base| (*base..base + PORTS).all(free))
        .ok_or_else(|| TaskError::NotProvided("no eleven free ports in a row".to_owned()))
}

fn ask(session: &Session<'_>, sandbox: &Sandbox, caller: &Caller) -> Result<Tally, TaskError> {
    let root = session.workspace.root();
    let here = root.join("xtask").join("api");
    let url = format!("{}://127.0.0.1:{}", caller.scheme, sandbox.base + caller.port);
    let mut command = Command::new(install::schemathesis(session.workspace));
    // The sandbox's certificates name parties, not addresses.
    command.arg("--config-file").arg(here.join("schemathesis.toml"));
    command.arg("run").arg(root.join(format!("docs/reference/{}.openapi.json", caller.document)));
    command.args(["--url", &url, "--tls-verify", "false", "--phases", "examples,coverage,fuzzing"]);
    command.args(["--max-time", SECONDS, "--max-examples", EXAMPLES, "--seed", "1"]);
    command.args(["--warnings", "off", "--no-color"]).args(caller.filter);
    if let Some(folder) = caller.certificate {
        let tls = sandbox.root.join(folder).join("tls");
        command.arg("--request-cert").arg(tls.join("party.crt.pem"));
        command.arg("--request-cert-key").arg(tls.join("party.key.pem"));
    }
    // Its own files stay out of the repository.
    command.current_dir(&sandbox.root).env("SCHEMATHESIS_HOOKS", here.join("hooks.py"));
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    if caller.document == "provider" {
        command.env("ENISHI_APP", &url).env("ENISHI_CUSTOMER", CUSTOMER).env("ENISHI_PASSWORD", PASSWORD);
    }
    let name = format!("api-{}", caller.name);
    let mut lines = Vec::new();
    let status = command::follow(command, Channel::Output, &session.log(&name), |line| {
        lines.push(line.chars().take(COLUMNS_SHOWN).collect::<String>());
    })?;
    let passed = status.success();
    let requests = lines.iter().find(|line| line.contains(" generated")).map_or("", |line| line.trim());
    println!("{} {} ({requests})", if passed { "ok    " } else { "FAILED" }, caller.name);
    if !passed {
        let failures =
            lines.iter().skip_while(|line| !line.contains("= FAILURES =") && !line.contains("= ERRORS ="));
        failures.take(LINES_SHOWN).for_each(|line| println!("       {line}"));
    }
    Ok(Tally::one(passed))
}
