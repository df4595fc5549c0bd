//! The reader service, with vsmartcard's two virtual readers and no other.

use std::fs::File;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::desk::until;

/// Where clients and service meet; the folder is this namespace's own.
const SOCKET: &str = "/run/pcscd/pcscd.comm";

/// The driver, and the port of its first slot; the second slot has the next one.
const READERS: &str = r#"FRIENDLYNAME "Virtual PCD"
DEVICENAME   /dev/null:0x8C7B
LIBPATH      /usr/lib/pcsc/drivers/serial/libifdvpcd.so
CHANNELID    0x8C7B
"#;
const FIRST_PORT: u16 = 0x8C7B;

/// A running pcscd; it ends with this value.
pub(crate) struct Pcscd {
    child: Child,
    _configuration: TempDir,
}

/// A virtual reader.
pub(crate) struct Slot {
    /// What PC/SC calls it.
    pub(crate) reader: &'static str,
    /// Where a card is plugged in.
    pub(crate) address: SocketAddr,
}

impl Pcscd {
    pub(crate) const FIRST: Slot = Slot::new("Virtual PCD 00 00", FIRST_PORT);
    pub(crate) const SECOND: Slot = Slot::new("Virtual PCD 00 01", FIRST_PORT + 1);

    /// Starts it and waits until it takes clients; what it says goes to `log`, commands to the card left out.
    pub(crate) fn start(log: &Path) -> Self {
        let configuration = tempfile::Builder::new().prefix("enishi-pcscd-").tempdir().unwrap();
        let readers: PathBuf = configuration.path().join("readers");
        std::fs::write(readers, READERS).unwrap();
        let log = File::options().create(true).append(true).open(log).unwrap();
        let mut child = Command::new("pcscd")
            .args(["--foreground", "--info", "--config"])
            .arg(configuration.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        until("pcscd takes clients", || {
            assert!(child.try_wait().unwrap().is_none(), "pcscd ended at once");
            UnixStream::connect(SOCKET).is_ok()
        });
        Self { child, _configuration: configuration }
    }

    /// Ends it in order.
    pub(crate) fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        if kill_process(Pid::from_child(&self.child), Signal::TERM).is_ok() {
            let _ = self.child.wait();
        }
    }
}

impl Slot {
    const fn new(reader: &'static str, port: u16) -> Self {
        Self { reader, address: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port) }
    }
}

impl Drop for Pcscd {
    fn drop(&mut self) {
        self.end();
    }
}
