//! How a service starts, tells that it is ready, logs and ends.

use std::net::TcpListener;
use std::os::unix::net::UnixDatagram;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::child::ENISHI;
use crate::cli_world::Sandbox;
use crate::random::Random;

const PATIENCE: Duration = Duration::from_secs(30);

struct Manager {
    socket: UnixDatagram,
    path: std::path::PathBuf,
}

impl Manager {
    fn listen(sandbox: &Sandbox) -> Self {
        let path = sandbox.path("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Self { socket, path }
    }

    fn start(&self, arguments: &[&str]) -> Child {
        Command::new(ENISHI)
            .args(arguments)
            .env("NOTIFY_SOCKET", &self.path)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    fn hears(&self) -> String {
        let mut octets = [0; 256];
        let length = self.socket.recv(&mut octets).unwrap();
        String::from_utf8(octets[..length].to_vec()).unwrap()
    }
}

#[test]
fn a_service_manager_hears_when_a_party_is_ready_and_when_it_stops() {
    let sandbox = Sandbox::make(&mut Random::seeded("cli_serve"));
    let manager = Manager::listen(&sandbox);
    let config = sandbox.file("authority/authority.toml");
    for (form, level, logged) in
        [("json", "info", "{\"timestamp\""), ("text", "info", " INFO "), ("text", "error", "")]
    {
        let child =
            manager.start(&["authority", "serve", "--config", &config, "--log", form, "--log-level", level]);
        assert_eq!(manager.hears().trim(), "READY=1");
        kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
        assert_eq!(manager.hears().trim(), "STOPPING=1");
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        assert_eq!(String::from_utf8(output.stdout).unwrap(), "authority ready\n");
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains(logged) && (told.is_empty() == logged.is_empty()), "{form} {level}: {told}");
        assert!(!told.contains('\u{1b}'), "no colours in a file: {told}");
    }
}

#[test]
fn an_address_that_is_taken_is_the_surroundings_fault_and_is_named() {
    let sandbox = Sandbox::make(&mut Random::seeded("cli_serve, taken"));
    for (party, config, key) in [
        ("authority", "authority/authority.toml", "listen_public = \""),
        ("provider", "company-a/provider.toml", "listen_iso = \""),
        ("relay", "relay/relay.toml", "listen = \""),
    ] {
        let text = std::fs::read_to_string(sandbox.path(config)).unwrap();
        let (_, rest) = text.split_once(&format!("\n{key}")).unwrap();
        let (address, _) = rest.split_once('"').unwrap();
        let taken = TcpListener::bind(address).unwrap();
        let config = sandbox.file(config);
        let output = Command::new(ENISHI)
            .args([party, "serve", "--config", &config])
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{party}: {told}");
        assert!(told.lines().last().unwrap().starts_with(&format!("enishi {party} serve: ")), "{told}");
        assert!(told.contains(address), "{party}: {told}");
        assert!(output.stdout.is_empty(), "{party} is not ready");
        drop(taken);
    }
}
