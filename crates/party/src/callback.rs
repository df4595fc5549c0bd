//! Where a citizen, or the terminal for the citizen, is sent back to after an enrolment.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Environment, Malformed};

/// Longest callback, in octets.
const LENGTH_MAX: usize = 512;
/// Longest name of a host (RFC 1035 §2.3.4).
const HOST_MAX: usize = 253;
/// What a path and a query are made of (RFC 3986 §3.3 and §3.4); `%` is checked to begin a triplet.
const PATH_SIGNS: &[u8] = b"-._~!$&'()*+,;=:@/?%";

/// An address that a one-time code is carried to: `https://HOST[:PORT]/PATH[?QUERY]` of RFC 3986, or plain `http` on
/// this very machine, which the sandbox alone accepts.
///
/// Narrower than RFC 3986 where a reader could see another host than a program does: no user information, no fragment,
/// no upper-case scheme, no encoded or international host name.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CallbackUrl {
    text: String,
    /// Up to where scheme, host and port reach.
    origin: usize,
    reach: Reach,
}

/// How far what is sent there travels in the clear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// Nowhere: TLS.
    Encrypted,
    /// On this machine alone: plain, to a loopback address.
    ThisMachine,
}

impl CallbackUrl {
    /// The whole address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Scheme, host and port, as `https://app.example` (RFC 6454 §4): what an operator allows.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.text.get(..self.origin).unwrap_or_default()
    }

    /// Path and query, at least `/`.
    #[must_use]
    pub fn path(&self) -> &str {
        match self.text.get(self.origin..) {
            Some(path) if !path.is_empty() => path,
            _ => "/",
        }
    }

    /// Whether it is fit for an environment: plain HTTP, even on this machine, is for the sandbox.
    #[must_use]
    pub fn is_for(&self, environment: Environment) -> bool {
        self.reach == Reach::Encrypted || environment == Environment::Sandbox
    }
}

impl FromStr for CallbackUrl {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        parse(text).ok_or(Malformed {
            noun: "callback",
            rule: "an https URL of at most 512 characters without user and fragment, or http on a loopback address in the \
                   sandbox",
        })
    }
}

impl TryFrom<String> for CallbackUrl {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        text.parse()
    }
}

impl From<CallbackUrl> for String {
    fn from(url: CallbackUrl) -> Self {
        url.text
    }
}

impl fmt::Display for CallbackUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for CallbackUrl {
    /// The origin: a query may name a customer.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CallbackUrl({}…)", self.origin())
    }
}

fn parse(text: &str) -> Option<CallbackUrl> {
    if text.len() > LENGTH_MAX {
        return None;
    }
    let (rest, encrypted) = match text.strip_prefix("https://") {
        Some(rest) => (rest, true),
        None => (text.strip_prefix("http://")?, false),
    };
    let authority = rest.split(['/', '?', '#']).next()?;
    let path = rest.get(authority.len()..)?;
    if !is_path(path) {
        return None;
    }
    let host = host_of(authority)?;
    let reach = match (encrypted, is_loopback(host)) {
        (true, _) => Reach::Encrypted,
        (false, true) => Reach::ThisMachine,
        (false, false) => return None,
    };
    Some(CallbackUrl { text: text.to_owned(), origin: text.len().checked_sub(path.len())?, reach })
}

/// The host of `HOST[:PORT]`, in brackets where it is an IPv6 address.
fn host_of(authority: &str) -> Option<&str> {
    let (host, port) = match authority.rfind(']') {
        Some(end) => {
            let (host, after) = authority.split_at(end.checked_add(1)?);
            (host, if after.is_empty() { None } else { Some(after.strip_prefix(':')?) })
        }
        None => match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    };
    let port_is_good = port.is_none_or(|port| {
        port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0)
    });
    let host_is_good = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(inner) => inner.parse::<Ipv6Addr>().is_ok(),
        None => {
            (1..=HOST_MAX).contains(&host.len())
                && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.')
                && host
                    .split('.')
                    .all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'))
        }
    };
    (port_is_good && host_is_good).then_some(host)
}

/// Literal addresses alone: a name may be made to mean another machine.
fn is_loopback(host: &str) -> bool {
    match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(inner) => inner.parse::<Ipv6Addr>().is_ok_and(|address| address.is_loopback()),
        None => host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback()),
    }
}

fn is_path(path: &str) -> bool {
    let octets = path.as_bytes();
    octets.iter().enumerate().all(|(at, octet)| match octet {
        b'%' => {
            let digits = octets.get(at.saturating_add(1)..at.saturating_add(3));
            digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
        }
        octet => octet.is_ascii_alphanumeric() || PATH_SIGNS.contains(octet),
    })
}

#[cfg(test)]
mod tests;
