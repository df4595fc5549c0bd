//! Sources that fail, each over a real socket: never accepted, never asked twice, never read without end.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use enishi_authority::RevocationReason;
use enishi_linkage::LookupMethod;
use enishi_revocation::{Revocation, Unanswered};
use enishi_verify::Standing;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::world::{KIND, SHORT, World, config, now, seconds};

/// What a server may do to whoever asks it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// Nobody listens.
    Down,
    /// Takes the question and says nothing.
    Silent,
    /// Begins its header and never ends it.
    SlowHeader,
    /// Resets the connection at the question.
    Reset,
    /// Resets it in the middle of the body.
    ResetInBody,
    /// Ends the connection without a word.
    Closed,
    /// A whole answer of no octets.
    EmptyBody,
    /// A page for people.
    OtherType,
    /// No content type at all.
    NoType,
    /// `tryLater`, which as a list is rubbish.
    TryLater,
    /// A fault of its own.
    Status500,
    /// Somewhere else.
    Redirect,
    /// Fewer octets than it said.
    Truncated,
    /// Says a length of gigabytes, and sends them.
    GiantLength,
    /// Pieces without end.
    EndlessPieces,
    /// Neither length nor pieces, and no end.
    EndlessStream,
    /// Pieces that stop coming.
    StalledBody,
    /// No HTTP.
    OtherProtocol,
}

impl Fault {
    const ALL: [Self; 18] = [
        Self::Down,
        Self::Silent,
        Self::SlowHeader,
        Self::Reset,
        Self::ResetInBody,
        Self::Closed,
        Self::EmptyBody,
        Self::OtherType,
        Self::NoType,
        Self::TryLater,
        Self::Status500,
        Self::Redirect,
        Self::Truncated,
        Self::GiantLength,
        Self::EndlessPieces,
        Self::EndlessStream,
        Self::StalledBody,
        Self::OtherProtocol,
    ];
}

/// What lies at hand when the source fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AtHand {
    Nothing,
    Fresh,
    Ended,
    FreshRevoked,
    EndedRevoked,
}

impl AtHand {
    const ALL: [Self; 5] = [Self::Nothing, Self::Fresh, Self::Ended, Self::FreshRevoked, Self::EndedRevoked];
}

/// What comes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Refused,
    Good,
    Revoked,
}

use Outcome::{Good, Refused, Revoked};

/// By what lies at hand, in the order of [`AtHand::ALL`]: outcome and calls. Every fault comes to the same.
const BY_RESPONDER_OR_LIST: [(Outcome, usize); 5] =
    [(Refused, 1), (Good, 1), (Refused, 1), (Revoked, 0), (Revoked, 0)];
const BY_RESPONDER_ALONE: [(Outcome, usize); 5] =
    [(Refused, 1), (Refused, 1), (Refused, 1), (Revoked, 0), (Revoked, 0)];
const BY_LIST: [(Outcome, usize); 5] = [(Refused, 1), (Good, 0), (Refused, 1), (Revoked, 0), (Revoked, 0)];

/// Largest list that these tests take.
const LIST_BYTES: usize = 64 * 1024;
/// What a server may get rid of before it finds that nobody reads: the buffers of both sockets, and what is allowed.
const SENT_MAX: usize = 16 * 1024 * 1024;

/// A server with a fault: how often it was asked, and how many octets it got rid of.
struct Hostile {
    base: String,
    calls: Arc<AtomicUsize>,
    sent: Arc<AtomicUsize>,
}

impl Hostile {
    async fn with(fault: Fault) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (calls, sent) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        if fault == Fault::Down {
            drop(listener);
            return Self { base, calls, sent };
        }
        let (counted, octets) = (Arc::clone(&calls), Arc::clone(&sent));
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                counted.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(fault, stream, Arc::clone(&octets)));
            }
        });
        Self { base, calls, sent }
    }
}

async fn serve(fault: Fault, mut stream: TcpStream, sent: Arc<AtomicUsize>) {
    if fault == Fault::Reset {
        // Closing with octets unread makes the kernel reset the connection.
        drop(stream.read(&mut [0; 4]).await);
        return;
    }
    let question = question(&mut stream).await;
    let media_type =
        if question.starts_with(b"POST") { "application/ocsp-response" } else { "application/pkix-crl" };
    let head = |status: &str, fields: &str| format!("HTTP/1.1 {status}\r\n{fields}\r\n").into_bytes();
    let typed = format!("Content-Type: {media_type}\r\n");
    let ok = |fields: &str| head("200 OK", &format!("{typed}{fields}"));
    let beginning = [0x30, 0x82, 0x01, 0x00, 0x00];
    let answer = match fault {
        Fault::Down | Fault::Reset | Fault::Closed => Vec::new(),
        Fault::Silent => return linger(stream).await,
        Fault::SlowHeader => b"HTTP/1.1 200 OK\r\nContent-".to_vec(),
        Fault::ResetInBody | Fault::Truncated => [ok("Content-Length: 260\r\n"), beginning.to_vec()].concat(),
        Fault::EmptyBody => ok("Content-Length: 0\r\n"),
        Fault::OtherType => {
            [head("200 OK", "Content-Type: text/html\r\nContent-Length: 3\r\n"), b"<p>".to_vec()].concat()
        }
        Fault::NoType => [head("200 OK", "Content-Length: 5\r\n"), beginning.to_vec()].concat(),
        Fault::TryLater => [ok("Content-Length: 5\r\n"), vec![0x30, 3, 0x0a, 1, 3]].concat(),
        Fault::Status500 => head("500 Internal Server Error", &format!("{typed}Content-Length: 0\r\n")),
        Fault::Redirect => head("302 Found", "Location: /elsewhere\r\nContent-Length: 0\r\n"),
        Fault::GiantLength => ok("Content-Length: 8589934592\r\n"),
        Fault::EndlessPieces => ok("Transfer-Encoding: chunked\r\n"),
        Fault::EndlessStream => ok(""),
        Fault::StalledBody => [ok("Transfer-Encoding: chunked\r\n"), b"5\r\n00000\r\n".to_vec()].concat(),
        Fault::OtherProtocol => b"SSH-2.0-nobody\r\n\r\n".to_vec(),
    };
    drop(stream.write_all(&answer).await);
    match fault {
        Fault::SlowHeader | Fault::StalledBody => linger(stream).await,
        Fault::ResetInBody => reset(stream),
        Fault::GiantLength | Fault::EndlessStream => pour(stream, &[0x30; 16 * 1024], &sent).await,
        Fault::EndlessPieces => {
            let piece = [b"4000\r\n".as_slice(), &[0x30; 16 * 1024], b"\r\n"].concat();
            pour(stream, &piece, &sent).await;
        }
        _ => drop(stream.shutdown().await),
    }
}

/// Reads a question whole: what is left unread would turn the end of the connection into a reset.
async fn question(stream: &mut TcpStream) -> Vec<u8> {
    let mut read = Vec::new();
    loop {
        if let Some(end) = read.windows(4).position(|it| it == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&read[..end]).to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
            if read.len() >= end + 4 + length.unwrap_or(0) {
                return read;
            }
        }
        if stream.read_buf(&mut read).await.unwrap_or(0) == 0 {
            return read;
        }
    }
}

/// Holds the connection until the other end goes.
async fn linger(mut stream: TcpStream) {
    while stream.read(&mut [0; 64]).await.is_ok_and(|octets| octets > 0) {}
}

/// Sends for as long as anybody takes it.
async fn pour(mut stream: TcpStream, piece: &[u8], sent: &AtomicUsize) {
    while stream.write_all(piece).await.is_ok() {
        sent.fetch_add(piece.len(), Ordering::SeqCst);
    }
}

fn reset(stream: TcpStream) {
    stream.set_zero_linger().unwrap();
}

/// Two worlds, one of which revoked the card, and their lists as a relay kept them.
struct Kept {
    good: World,
    revoked: World,
    folder: TempDir,
}

impl Kept {
    async fn new() -> Self {
        let (good, revoked) = (World::new(), World::new());
        let reason = RevocationReason::Superseded;
        revoked.authority.revoke(KIND, revoked.certificate().serial(), reason, seconds(-60)).unwrap();
        let kept = Self { good, revoked, folder: TempDir::new().unwrap() };
        for world in [&kept.good, &kept.revoked] {
            world.authority.publish(seconds(-30)).unwrap();
            let server = world.honest().await;
            world.revocation_with_folder(&server.base, &kept.path(world)).refresh().await;
        }
        kept
    }

    fn path(&self, world: &World) -> PathBuf {
        self.folder.path().join(if std::ptr::eq(world, &raw const self.good) { "good" } else { "revoked" })
    }

    /// A relay after a restart, with this at hand, before a server with a fault.
    fn relay(&self, at_hand: AtHand, base: &str, unanswered: Unanswered) -> (&World, Revocation) {
        let world = match at_hand {
            AtHand::Nothing | AtHand::Fresh | AtHand::Ended => &self.good,
            AtHand::FreshRevoked | AtHand::EndedRevoked => &self.revoked,
        };
        world.clock.set(match at_hand {
            AtHand::Nothing | AtHand::Fresh | AtHand::FreshRevoked => now(),
            AtHand::Ended | AtHand::EndedRevoked => seconds(48 * 3600),
        });
        let mut config = config(base);
        config.unanswered = unanswered;
        config.ocsp_timeout = SHORT;
        (config.lists.lookup_timeout, config.lists.refresh_timeout) = (SHORT, SHORT);
        config.lists.list_bytes = LIST_BYTES;
        config.lists.folder = Some(match at_hand {
            AtHand::Nothing => self.folder.path().join("nothing"),
            _ => self.path(world),
        });
        (world, world.build(config).unwrap())
    }
}

async fn outcome(world: &World, revocation: &Revocation, method: LookupMethod) -> Outcome {
    match world.standing(revocation, method).await {
        Ok(Standing::Good) => Good,
        Ok(Standing::Revoked { .. }) => Revoked,
        Err(_) => Refused,
    }
}

/// Runs every fault against everything at hand, and gives what was sent at most.
async fn run(method: LookupMethod, unanswered: Unanswered, expected: [(Outcome, usize); 5]) {
    let kept = Kept::new().await;
    for fault in Fault::ALL {
        for (at_hand, (expected, calls)) in AtHand::ALL.into_iter().zip(expected) {
            let server = Hostile::with(fault).await;
            let (world, revocation) = kept.relay(at_hand, &server.base, unanswered);
            let found = outcome(world, &revocation, method).await;
            assert_eq!(found, expected, "{fault:?}, {at_hand:?} at hand, {method:?}");
            let calls = if fault == Fault::Down { 0 } else { calls };
            assert_eq!(server.calls.load(Ordering::SeqCst), calls, "calls: {fault:?}, {at_hand:?} at hand");
            let sent = server.sent.load(Ordering::SeqCst);
            assert!(sent <= SENT_MAX, "{fault:?}: {sent} octets");
        }
    }
    nothing_is_left_over(kept.folder.path());
}

/// Only accepted lists are on the disk.
fn nothing_is_left_over(folder: &Path) {
    for part in std::fs::read_dir(folder).unwrap() {
        for file in std::fs::read_dir(part.unwrap().path()).unwrap() {
            let name = file.unwrap().file_name().into_string().unwrap();
            assert!(name.ends_with(".crl"), "{name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_responder_that_fails_is_refused_or_a_list_inside_its_window_stands_in() {
    run(LookupMethod::Ocsp, Unanswered::ListStandsIn, BY_RESPONDER_OR_LIST).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_responder_that_fails_is_refused_where_the_platform_says_so() {
    run(LookupMethod::Ocsp, Unanswered::Refused, BY_RESPONDER_ALONE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_cannot_be_had_is_refused_and_one_at_hand_serves_to_its_end() {
    run(LookupMethod::Crl, Unanswered::ListStandsIn, BY_LIST).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_that_fails_leaves_the_list_at_hand_whatever_the_fault() {
    let kept = Kept::new().await;
    for fault in Fault::ALL {
        let server = Hostile::with(fault).await;
        let (world, revocation) = kept.relay(AtHand::Fresh, &server.base, Unanswered::ListStandsIn);
        let renewed = revocation.refresh().await;
        assert_eq!(renewed.len(), 6);
        assert!(renewed.iter().all(|it| it.outcome.is_err()), "{fault:?}: {renewed:?}");
        assert_eq!(outcome(world, &revocation, LookupMethod::Crl).await, Good, "{fault:?}");
        let sent = server.sent.load(Ordering::SeqCst);
        assert!(sent <= 6 * SENT_MAX, "{fault:?}: {sent} octets");
    }
    nothing_is_left_over(kept.folder.path());
}
