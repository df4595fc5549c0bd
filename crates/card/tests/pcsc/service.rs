//! A PC/SC service of the tests' own.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use enishi_card::{CardError, Exchange, Fate, PcscReader, PcscReaders, SoftwareCard, VpcdPlug};
use tempfile::TempDir;

/// Says that these tests are alone in their namespaces.
const ALONE: &str = "ENISHI_READERS";

/// How long anything may take that takes tenths of a second.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// How long the service may take to see that a card has come, and how long a slot must be empty to be seen to be.
const SEEN: Duration = Duration::from_millis(1500);
const UNSEEN: Duration = Duration::from_millis(600);

/// The first slot of the first reader, and of one that is plugged in later.
pub(crate) const READER: &str = "Counter 00 00";
pub(crate) const LATER: &str = "Later";
const PORT: u16 = 35_963;
const LATER_PORT: u16 = 35_973;

/// One service at a time.
static SERVICE: Mutex<()> = Mutex::new(());

/// pcscd with vsmartcard's driver; ends with this.
pub(crate) struct Service {
    daemon: Option<Child>,
    readers: TempDir,
    _alone: MutexGuard<'static, ()>,
}

impl Service {
    pub(crate) fn start() -> Self {
        assert!(
            std::env::var_os(ALONE).is_some(),
            "these tests start and stop pcscd: run them in namespaces of their own as tests/pcsc/main.rs says, and set {ALONE}"
        );
        let alone = SERVICE.lock().unwrap_or_else(PoisonError::into_inner);
        let readers = tempfile::tempdir().unwrap();
        let mut service = Self { daemon: None, readers, _alone: alone };
        service.plug_in("Counter", PORT);
        service.start_again();
        service
    }

    /// Describes one of vsmartcard's readers, which has two slots.
    fn plug_in(&self, name: &str, port: u16) {
        let text = format!(
            "FRIENDLYNAME \"{name}\"\nDEVICENAME /dev/null:{port:#06X}\nLIBPATH {DRIVER}\nCHANNELID {port:#06X}\n"
        );
        fs::write(self.readers.path().join(name), text).unwrap();
    }

    /// Starts the service anew with another reader: readers of the serial kind do not come while it runs.
    pub(crate) fn with_later(&mut self) {
        self.kill();
        self.plug_in(LATER, LATER_PORT);
        self.start_again();
    }

    pub(crate) fn without_later(&mut self) {
        self.kill();
        fs::remove_file(self.readers.path().join(LATER)).unwrap();
        self.start_again();
    }

    pub(crate) fn start_again(&mut self) {
        assert!(Path::new(DRIVER).exists(), "the package vsmartcard-vpcd is missing");
        let daemon = Command::new("/usr/sbin/pcscd")
            .args(["--foreground", "--config"])
            .arg(self.readers.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the package pcscd is missing");
        self.daemon = Some(daemon);
        for _ in 0..200 {
            let known = PcscReaders::new().and_then(|readers| readers.names());
            if known.is_ok_and(|names| names.iter().any(|name| name == READER)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("pcscd did not show its reader; {:?}", self.daemon.as_mut().unwrap().try_wait());
    }

    /// As when the service crashes.
    pub(crate) fn kill(&mut self) {
        let mut daemon = self.daemon.take().unwrap();
        daemon.kill().unwrap();
        daemon.wait().unwrap();
    }

    pub(crate) fn reader(&self) -> PcscReader {
        PcscReaders::new().unwrap().open(READER).unwrap()
    }

    /// Puts a card in and waits until the service has seen it.
    pub(crate) fn insert(&self, card: SoftwareCard) -> (VpcdPlug, PcscReader) {
        self.insert_with(card, |_| Fate::Stays)
    }

    /// pcscd looks at a slot every 0.4 s. A card that it finds missing in between, because a command failed, and that
    /// is back when it looks, is missing for ever, so the card is taken out again and put in once more.
    pub(crate) fn insert_with(
        &self,
        mut card: SoftwareCard,
        observer: impl Fn(Exchange) -> Fate + Clone + Send + 'static,
    ) -> (VpcdPlug, PcscReader) {
        let reader = self.reader();
        for _ in 0..10 {
            let plug = VpcdPlug::insert_with(card, slot(), observer.clone()).unwrap();
            if reader.wait_for_card(SEEN).is_ok() {
                return (plug, reader);
            }
            card = plug.remove();
            std::thread::sleep(UNSEEN);
        }
        panic!("the service does not see the card");
    }

    /// Lets the service see that the slot is empty.
    pub(crate) fn leave_empty(&self) {
        std::thread::sleep(UNSEEN);
        self.wait_until_empty();
    }

    /// Waits until the slot is empty.
    pub(crate) fn wait_until_empty(&self) {
        let reader = self.reader();
        for _ in 0..200 {
            if matches!(reader.wait_for_card(Duration::ZERO), Err(CardError::NoCard)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("the card is still in the reader");
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if self.daemon.is_some() {
            self.kill();
        }
        // What a killed service leaves behind would keep the next one from starting.
        for left in ["/run/pcscd/pcscd.comm", "/run/pcscd/pcscd.pid"] {
            let _ = fs::remove_file(left);
        }
    }
}

const DRIVER: &str = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so";

pub(crate) fn slot() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, PORT))
}

/// A connection to the slot, for a card that is none.
pub(crate) fn bare() -> TcpStream {
    TcpStream::connect(slot()).unwrap()
}
