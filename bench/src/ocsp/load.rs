//! Callers of a responder, on bare sockets: nothing of theirs is to be what is measured.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use crate::error::BenchError;
use crate::figures::count;

/// Threads that ask, as many as the machines that this is made for have processors.
const THREADS: u8 = 2;
/// Connections of each thread that are kept, each with one question under way.
const CONNECTIONS: usize = 32;
/// After so long without an octet a responder counts as stalled.
const PATIENCE: Duration = Duration::from_millis(500);
/// The octets of a nonce.
const NONCE_OCTETS: usize = 32;
/// An answer's head and body.
const ANSWER_OCTETS_MAX: usize = 16 * 1024;

/// Whether a connection is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Connections {
    Kept,
    /// One for each question, as `openssl ocsp` has it.
    OneEach,
}

/// A question of which thousands are made.
#[derive(Clone)]
pub(super) struct Question {
    der: Vec<u8>,
    /// Where its nonce stands; one without has none.
    nonce_at: Option<usize>,
}

impl Question {
    /// `nonce`: the octets in the request that are another one's each time.
    pub(super) fn new(der: Vec<u8>, nonce: Option<&[u8; NONCE_OCTETS]>) -> Self {
        let nonce_at = nonce.and_then(|nonce| der.windows(NONCE_OCTETS).position(|octets| octets == nonce));
        Self { der, nonce_at }
    }

    /// A POST with a nonce that was not sent before.
    fn write(&self, into: &mut Vec<u8>, connections: Connections, number: u64) {
        into.clear();
        let version = if connections == Connections::Kept { "1.1" } else { "1.0" };
        let head = format!(
            "POST /ocsp HTTP/{version}\r\nHost: localhost\r\nContent-Type: application/ocsp-request\r\nContent-Length: {}\r\n\r\n",
            self.der.len()
        );
        into.extend_from_slice(head.as_bytes());
        let body = into.len();
        into.extend_from_slice(&self.der);
        let nonce = self.nonce_at.and_then(|at| into.get_mut(body.saturating_add(at)..));
        if let Some(nonce) = nonce.and_then(|rest| rest.first_chunk_mut::<8>()) {
            *nonce = number.to_be_bytes();
        }
    }
}

/// Answers a second of whoever listens there; a stalled responder has none.
pub(super) fn answers_per_second(
    to: SocketAddr,
    questions: &[Question],
    connections: Connections,
    slice: Duration,
) -> Result<f64, BenchError> {
    let begun = Instant::now();
    let ask = |thread: u8| {
        let mut caller = Caller { to, questions, thread, asked: 0, buffer: Vec::new() };
        match connections {
            Connections::Kept => caller.keep_asking(begun, slice),
            Connections::OneEach => caller.ask_anew(begun, slice),
        }
    };
    let answers = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|thread| scope.spawn(move || ask(thread))).collect();
        let joined = threads.into_iter().map(|thread| {
            thread.join().map_err(|_| BenchError::Failed { what: "a caller", why: "panicked".to_owned() })?
        });
        joined.sum::<Result<usize, BenchError>>()
    })?;
    Ok(count(answers) / begun.elapsed().as_secs_f64())
}

/// Whether one question is answered: a connection without one would stall `openssl ocsp` for good.
pub(super) fn answers(to: SocketAddr, question: &Question) -> bool {
    let questions = std::slice::from_ref(question);
    let mut caller = Caller { to, questions, thread: 0, asked: 0, buffer: Vec::new() };
    let mut answer = Vec::new();
    let mut ask = || -> std::io::Result<()> {
        let mut stream = caller.connect()?;
        caller.send(&mut stream, Connections::OneEach)?;
        stream.read_to_end(&mut answer).map(drop)
    };
    ask().is_ok() && check(&answer).is_ok()
}

struct Caller<'a> {
    to: SocketAddr,
    questions: &'a [Question],
    thread: u8,
    asked: u32,
    buffer: Vec<u8>,
}

impl Caller<'_> {
    fn connect(&self) -> std::io::Result<TcpStream> {
        let stream = TcpStream::connect_timeout(&self.to, PATIENCE)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(stream)
    }

    fn send(&mut self, stream: &mut TcpStream, connections: Connections) -> std::io::Result<()> {
        let number = (u64::from(self.thread) << 32) | u64::from(self.asked);
        let turn = usize::try_from(self.asked).unwrap_or_default() % self.questions.len().max(1);
        self.asked = self.asked.wrapping_add(1);
        if let Some(question) = self.questions.get(turn) {
            question.write(&mut self.buffer, connections, number);
        }
        stream.write_all(&self.buffer)
    }

    /// One question on each connection, then one answer from each.
    fn keep_asking(&mut self, begun: Instant, slice: Duration) -> Result<usize, BenchError> {
        let mut streams = Vec::new();
        for _ in 0..CONNECTIONS {
            streams.push(self.connect()?);
        }
        let mut answer = vec![0; ANSWER_OCTETS_MAX];
        let mut answers = 0_usize;
        while begun.elapsed() < slice {
            for stream in &mut streams {
                self.send(stream, Connections::Kept)?;
            }
            for stream in &mut streams {
                let end = read_one(stream, &mut answer)?;
                check(answer.get(..end).unwrap_or_default())?;
                answers = answers.saturating_add(1);
            }
        }
        Ok(answers)
    }

    fn ask_anew(&mut self, begun: Instant, slice: Duration) -> Result<usize, BenchError> {
        let mut answer = Vec::new();
        let mut answers = 0_usize;
        while begun.elapsed() < slice {
            answer.clear();
            let mut ask = || -> std::io::Result<()> {
                let mut stream = self.connect()?;
                self.send(&mut stream, Connections::OneEach)?;
                stream.read_to_end(&mut answer).map(drop)
            };
            match ask() {
                Ok(()) => {
                    check(&answer)?;
                    answers = answers.saturating_add(1);
                }
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(answers)
    }
}

/// Head and body of one answer; where it ends.
fn read_one(stream: &mut TcpStream, answer: &mut [u8]) -> Result<usize, BenchError> {
    let broken = |why: &str| BenchError::Failed { what: "an answer", why: why.to_owned() };
    let mut filled = 0_usize;
    loop {
        let room = answer.get_mut(filled..).filter(|room| !room.is_empty());
        let read = stream.read(room.ok_or_else(|| broken("is too long"))?)?;
        if read == 0 {
            return Err(broken("broke off"));
        }
        filled = filled.saturating_add(read);
        let so_far = answer.get(..filled).unwrap_or_default();
        if let Some(end) = end_of(so_far)
            && filled >= end
        {
            return if filled == end { Ok(end) } else { Err(broken("is followed by another")) };
        }
    }
}

/// Where an answer of that head ends, once the head is whole.
fn end_of(so_far: &[u8]) -> Option<usize> {
    let head = so_far.windows(4).position(|octets| octets == b"\r\n\r\n")?;
    let text = std::str::from_utf8(so_far.get(..head)?).ok()?;
    let length = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    })?;
    Some(head.saturating_add(4).saturating_add(length))
}

/// A 200 with a successful OCSPResponse in it.
fn check(answer: &[u8]) -> Result<(), BenchError> {
    let body = answer.windows(4).position(|octets| octets == b"\r\n\r\n").and_then(|at| {
        answer.get(at.saturating_add(4)..).filter(|_| answer.get(8..13) == Some(b" 200 ".as_slice()))
    });
    match body {
        Some([0x30, 0x82, _, _, 0x0a, 1, 0, ..]) => Ok(()),
        _ => Err(BenchError::Failed { what: "an answer", why: "is no successful one".to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::{Connections, Question, check, end_of};

    #[test]
    fn an_answer_ends_where_its_head_says() {
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n\x30\x82\0\x03\x0a\x01\0";
        assert_eq!(end_of(answer), Some(answer.len()));
        assert!(check(answer).is_ok());
        assert_eq!(end_of(&answer[..30]), None);
        assert!(check(b"HTTP/1.1 503 No\r\n\r\n\x30\x82\0\x03\x0a\x01\0").is_err());
        assert!(check(b"HTTP/1.1 200 OK\r\n\r\n\x30\x03\x0a\x01\x03").is_err());
    }

    #[test]
    fn no_two_questions_have_one_nonce() {
        let nonce = [9; 32];
        let question = Question::new([[1, 2, 3].as_slice(), &nonce].concat(), Some(&nonce));
        let write = |number| {
            let mut octets = Vec::new();
            question.write(&mut octets, Connections::Kept, number);
            octets
        };
        assert_ne!(write(1), write(2));
        assert_eq!(write(1).len(), write(2).len());
        let without = Question::new(vec![1, 2, 3], None);
        let (mut one, mut two) = (Vec::new(), Vec::new());
        without.write(&mut one, Connections::OneEach, 1);
        without.write(&mut two, Connections::OneEach, 2);
        assert_eq!(one, two);
    }
}
