//! The origin of a channel, as Web eID signs it.

use std::fmt;

/// Longest origin accepted: a DNS name of 253 characters (RFC 1035 §2.3.4) with scheme and port.
const MAX_LENGTH: usize = 8 + 253 + 6;

/// `https://host[:port]`, lower case, without a slash: one per channel, so that a tap is no login.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin(String);

/// Not an origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an origin is https://host[:port] in lower case, without a path or a trailing slash")]
pub struct OriginError;

impl Origin {
    /// Reads an origin.
    ///
    /// # Errors
    /// Another scheme, upper case, user information, path, query, or a port that is none.
    pub fn parse(text: &str) -> Result<Self, OriginError> {
        let rest = text.strip_prefix("https://").ok_or(OriginError)?;
        let (host, port) = match rest.rsplit_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (rest, None),
        };
        let host_ok = !host.is_empty()
            && host.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'-');
        let port_ok = port.is_none_or(|port| {
            port.bytes().all(|b| b.is_ascii_digit()) && !port.starts_with('0') && port.parse::<u16>().is_ok()
        });
        if text.len() <= MAX_LENGTH && host_ok && port_ok {
            Ok(Self(text.to_owned()))
        } else {
            Err(OriginError)
        }
    }

    /// The text that is hashed, in ASCII.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Origin;

    #[test]
    fn only_a_bare_https_origin_is_one() {
        for text in ["https://pos.enishi.example", "https://127.0.0.1:4443", "https://localhost:1"] {
            assert_eq!(Origin::parse(text).unwrap().as_str(), text);
        }
        for text in [
            "",
            "https://",
            "http://a.example",
            "https://A.example",
            "https://a.example/",
            "https://a.example:0",
            "https://a.example:65536",
            "https://u@a.example",
            "https://a.example?x",
            "https://:443",
            "https://日本",
        ] {
            assert!(Origin::parse(text).is_err(), "{text}");
        }
    }
}
