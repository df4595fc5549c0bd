//! What honest parties said, taken out of captured streams.

use enishi_transport::Method;
use memchr::memmem;

/// A request as an honest party sent it.
#[derive(Clone)]
pub(crate) struct Honest {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) content_type: Option<String>,
    pub(crate) body: Vec<u8>,
}

/// The HTTP/1.1 requests in a stream.
pub(crate) fn requests(stream: &[u8]) -> Vec<Honest> {
    let mut found = Vec::new();
    for version in memmem::find_iter(stream, b" HTTP/1.1\r\n") {
        let begin = memchr::memrchr(b'\n', &stream[..version]).map_or(0, |at| at + 1);
        let line = String::from_utf8_lossy(&stream[begin..version]).into_owned();
        // The body before may end without a line's end.
        let Some(at) = ["POST /", "PUT /", "GET /"].iter().filter_map(|word| line.rfind(word)).max() else {
            continue;
        };
        let (method, path) = line[at..].split_once(' ').unwrap();
        let head_end = version + memmem::find(&stream[version..], b"\r\n\r\n").unwrap() + 4;
        let head = String::from_utf8(stream[version..head_end].to_vec()).unwrap();
        let field = |name: &str| {
            let line = head.lines().find(|line| line.to_lowercase().starts_with(name));
            line.and_then(|line| line.split_once(": ")).map(|(_, value)| value.trim().to_owned())
        };
        let length = field("content-length").map_or(0, |length| length.parse().unwrap());
        found.push(Honest {
            method: method.parse().unwrap(),
            path: path.to_owned(),
            content_type: field("content-type"),
            body: stream[head_end..head_end + length].to_vec(),
        });
    }
    found
}

/// The whole frames of a stream of ISO 8583 messages, headers included; the company's HTTPS answers lie before or after.
pub(crate) fn frames(stream: &[u8]) -> Vec<&[u8]> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(&[high, low]) = stream.get(at..at + 2).and_then(|head| <&[u8; 2]>::try_from(head).ok()) {
        let length = usize::from(u16::from_be_bytes([high, low]));
        match stream.get(at..at + 2 + length) {
            Some(frame) if (20..4_096).contains(&length) && frame[2..].starts_with(b"0") => {
                found.push(frame);
                at += frame.len();
            }
            _ => at += 1,
        }
    }
    found
}
