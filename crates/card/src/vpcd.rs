//! A software card in a real reader: the card's side of vsmartcard's virtual reader (vpcd), over TCP.
//!
//! vpcd listens, and a connection to it is a card in its slot; a closed connection is a card taken out. In both
//! directions a message is a length in two bytes, big-endian, and that many bytes. Whoever sits at the address can
//! use the card as a reader can, so it should be on the loopback.

use std::fmt;
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::panic;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::software_card::SoftwareCard;

mod error;
mod service;
mod watch;
mod wire;

pub use error::{NotInserted, VpcdError};
pub use watch::{Exchange, Fate, Moment};

use service::Service;

/// How long a reader may take to accept the connection.
const CONNECT_PATIENCE: Duration = Duration::from_secs(5);

/// A software card in vsmartcard's reader; a thread of its own answers.
///
/// Dropping it takes the card out; [`VpcdPlug::remove`] gives it back as well.
#[derive(Debug)]
pub struct VpcdPlug {
    hand: Hand,
    thread: JoinHandle<Unplugged>,
}

/// Takes a card out of the reader from any thread, while another waits for the end.
#[derive(Clone, Debug)]
pub struct VpcdPuller {
    link: Arc<Link>,
}

/// The card after it was in the reader, and how that ended.
#[derive(Debug)]
pub struct Unplugged {
    /// The card, without power; it can be inserted again, whatever happened.
    pub card: SoftwareCard,
    /// Who ended it, if nothing went wrong.
    pub end: Result<End, VpcdError>,
}

/// How a card came out of the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The reader closed the connection between two messages, as when its service stops.
    ReaderClosed,
    /// The card was taken out on this side.
    Pulled,
}

/// The connection, and whether this side has ended it.
struct Link {
    stream: TcpStream,
    pulled: AtomicBool,
}

/// Pulls when it is let go.
#[derive(Debug)]
struct Hand(VpcdPuller);

impl VpcdPlug {
    /// Where Debian's vsmartcard-vpcd has its first slot.
    pub const DEFAULT_PORT: u16 = 35_963;

    /// Puts a card into the reader at this address.
    ///
    /// A reader whose slot is taken may let a second card wait for its turn and give no sign of it.
    ///
    /// # Errors
    /// [`NotInserted`], which gives the card back, if nothing there accepts a connection.
    pub fn insert(card: SoftwareCard, address: SocketAddr) -> Result<Self, NotInserted> {
        Self::insert_with(card, address, |_| Fate::Stays)
    }

    /// As [`VpcdPlug::insert`], and tells `observer` of each command before the card sees it and of each answer
    /// before it goes out; at either moment the observer may pull the card.
    ///
    /// It runs on the plug's thread; a panic in it comes out of [`VpcdPlug::wait`] and [`VpcdPlug::remove`].
    ///
    /// # Errors
    /// As [`VpcdPlug::insert`].
    pub fn insert_with(
        card: SoftwareCard,
        address: SocketAddr,
        observer: impl FnMut(Exchange) -> Fate + Send + 'static,
    ) -> Result<Self, NotInserted> {
        let connected = TcpStream::connect_timeout(&address, CONNECT_PATIENCE)
            .and_then(|stream| stream.set_nodelay(true).map(|()| stream));
        let stream = match connected {
            Ok(stream) => stream,
            Err(cause) => return Err(NotInserted::new(card, VpcdError::Connect { address, cause })),
        };
        let link = Arc::new(Link { stream, pulled: AtomicBool::new(false) });
        let service = Service::new(card, Arc::clone(&link), Box::new(observer));
        let thread = thread::spawn(move || service.run());
        Ok(Self { hand: Hand(VpcdPuller { link }), thread })
    }

    /// Waits until the card is out, by whose doing ever.
    #[must_use]
    pub fn wait(self) -> Unplugged {
        let Self { hand, thread } = self;
        let unplugged = thread.join().unwrap_or_else(|panic| panic::resume_unwind(panic));
        drop(hand);
        unplugged
    }

    /// Pulls the card. A command that it has begun it finishes, but the answer goes nowhere.
    #[must_use]
    pub fn remove(self) -> SoftwareCard {
        self.hand.0.pull();
        self.wait().card
    }

    /// What takes the card out while somebody waits in [`VpcdPlug::wait`].
    #[must_use]
    pub fn puller(&self) -> VpcdPuller {
        self.hand.0.clone()
    }
}

impl VpcdPuller {
    /// Pulls the card; once it is out, nothing.
    pub fn pull(&self) {
        self.link.pull();
    }
}

impl Link {
    fn pull(&self) {
        self.pulled.store(true, Ordering::SeqCst);
        // Fails where the other end was quicker; then the card is out just as well.
        let _ = self.stream.shutdown(Shutdown::Both);
    }

    fn is_pulled(&self) -> bool {
        self.pulled.load(Ordering::SeqCst)
    }
}

impl Drop for Hand {
    fn drop(&mut self) {
        self.0.pull();
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").field("pulled", &self.is_pulled()).finish_non_exhaustive()
    }
}
