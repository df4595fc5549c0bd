//! A reader service of our own with vsmartcard's virtual reader, and the card in it.
//!
//! `cargo xtask bench` starts this program in namespaces of its own for it: nobody else's readers are touched.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use enishi_card::{PcscConnection, PcscReader, PcscReaders, SoftwareCard, VpcdPlug};
use tempfile::TempDir;

use crate::error::BenchError;

/// Where clients and service meet; the folder is this namespace's own.
const SOCKET: &str = "/run/pcscd/pcscd.comm";
/// The driver, and the port of its first slot in hexadecimal.
const READERS: &str = r#"FRIENDLYNAME "Virtual PCD"
DEVICENAME   /dev/null:0x8C7B
LIBPATH      /usr/lib/pcsc/drivers/serial/libifdvpcd.so
CHANNELID    0x8C7B
"#;
const READER: &str = "Virtual PCD 00 00";
const PATIENCE: Duration = Duration::from_secs(20);
const GLANCE: Duration = Duration::from_millis(5);

/// A running pcscd with a card; all of it ends with this value.
pub(crate) struct Desk {
    reader: PcscReader,
    plug: Option<VpcdPlug>,
    service: Child,
    configuration: TempDir,
}

impl Desk {
    /// Starts the service and puts the card in.
    pub(crate) fn set(card: SoftwareCard) -> Result<Self, BenchError> {
        let configuration = tempfile::tempdir()?;
        std::fs::write(configuration.path().join("readers"), READERS)?;
        let mut command = Command::new("pcscd");
        command.args(["--foreground", "--error", "--config"]).arg(configuration.path());
        let service = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let mut service = Kept(Some(service));
        until("pcscd", || Ok(UnixStream::connect(SOCKET).ok()))?;
        let address = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), VpcdPlug::DEFAULT_PORT);
        let mut card = Some(card);
        let plug = until("the virtual reader", || {
            let Some(offered) = card.take() else { return Ok(None) };
            match VpcdPlug::insert(offered, address) {
                Ok(plug) => Ok(Some(plug)),
                Err(refused) => {
                    card = Some(refused.into_card());
                    Ok(None)
                }
            }
        })?;
        let readers = PcscReaders::new().map_err(BenchError::of("PC/SC"))?;
        let reader = readers.open(READER).map_err(BenchError::of("PC/SC"))?;
        reader.wait_for_card(PATIENCE).map_err(BenchError::of("PC/SC"))?;
        let service = service.0.take();
        let service =
            service.ok_or_else(|| BenchError::Failed { what: "pcscd", why: "is gone".to_owned() })?;
        Ok(Self { reader, plug: Some(plug), service, configuration })
    }

    /// Powers the card and holds it alone.
    pub(crate) fn connect(&self) -> Result<PcscConnection, enishi_card::CardError> {
        self.reader.connect()
    }

    /// Seconds that OpenSC's program takes for one signature of the authentication key, its own start and reading of the
    /// card with it; none where it is not there.
    pub(crate) fn opensc(&self, pin: &str) -> Option<f64> {
        let (digest, made) = (self.file("digest"), self.file("signature"));
        std::fs::write(&digest, [0x5a; 32]).ok()?;
        let mut command = Command::new("pkcs15-crypt");
        command.args(["--sign", "--pkcs1", "--sha-256", "--raw", "--key", "01", "--pin", pin]);
        command.arg("--input").arg(&digest).arg("--output").arg(&made);
        // Nothing of an earlier run is at hand, and nothing of this one stays.
        command.env("HOME", self.configuration.path());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let begun = Instant::now();
        let status = command.status().ok()?;
        let seconds = begun.elapsed().as_secs_f64();
        let octets = std::fs::metadata(&made).ok()?.len();
        (status.success() && octets == 256).then_some(seconds)
    }

    fn file(&self, name: &str) -> std::path::PathBuf {
        Path::join(self.configuration.path(), name)
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        if let Some(plug) = self.plug.take() {
            drop(plug.remove());
        }
        let _ = (self.service.kill(), self.service.wait());
    }
}

/// A service that is ended where the desk is not set after all.
struct Kept(Option<Child>);

impl Drop for Kept {
    fn drop(&mut self) {
        if let Some(mut service) = self.0.take() {
            let _ = (service.kill(), service.wait());
        }
    }
}

fn until<T>(
    what: &'static str,
    mut look: impl FnMut() -> Result<Option<T>, BenchError>,
) -> Result<T, BenchError> {
    let begun = Instant::now();
    loop {
        if let Some(found) = look()? {
            return Ok(found);
        }
        if begun.elapsed() > PATIENCE {
            return Err(BenchError::Failed { what, why: "does not come".to_owned() });
        }
        std::thread::sleep(GLANCE);
    }
}
