use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use tokio::net::TcpStream;

use crate::{NotSent, SetupError};

/// Longest host name (RFC 1035 §2.3.4).
const HOST_LENGTH_MAX: usize = 255;

/// Where a party listens: HOST:PORT, the host an IPv4 address, an IPv6 address in brackets or a name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Address {
    host: String,
    port: u16,
}

impl Address {
    /// Connects over TCP, to each resolved address in turn.
    pub(crate) async fn connect(&self) -> Result<TcpStream, NotSent> {
        let host = self.host.trim_start_matches('[').trim_end_matches(']');
        let mut last = NotSent::Unresolved;
        let resolved = tokio::net::lookup_host((host, self.port)).await.map_err(|_| NotSent::Unresolved)?;
        for address in resolved {
            match TcpStream::connect(address).await {
                Ok(stream) => {
                    // Messages are small; waiting to fill a segment only adds delay.
                    stream.set_nodelay(true).map_err(|error| NotSent::Unreachable(error.kind()))?;
                    return Ok(stream);
                }
                Err(error) => last = NotSent::Unreachable(error.kind()),
            }
        }
        Err(last)
    }
}

impl FromStr for Address {
    type Err = SetupError;

    fn from_str(text: &str) -> Result<Self, SetupError> {
        let (host, port) = text.rsplit_once(':').ok_or(SetupError::Address)?;
        let port_is_plain = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
        let port = port.parse().ok().filter(|_| port_is_plain).ok_or(SetupError::Address)?;
        let host_is_good = match host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            Some(inner) => inner.parse::<std::net::Ipv6Addr>().is_ok(),
            None => {
                (1..=HOST_LENGTH_MAX).contains(&host.len())
                    && host.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.')
            }
        };
        if host_is_good && port != 0 {
            Ok(Self { host: host.to_owned(), port })
        } else {
            Err(SetupError::Address)
        }
    }
}

impl From<SocketAddr> for Address {
    fn from(address: SocketAddr) -> Self {
        let host = match address {
            SocketAddr::V4(v4) => v4.ip().to_string(),
            SocketAddr::V6(v6) => format!("[{}]", v6.ip()),
        };
        Self { host, port: address.port() }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

#[cfg(test)]
mod tests;
