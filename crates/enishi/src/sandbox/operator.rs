//! What an operator reads of a party: its pages `/readyz` and `/metrics`.

use std::net::SocketAddr;
use std::time::Duration;

use serde::Deserialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How long a page may take.
const PAGE_WAIT: Duration = Duration::from_secs(5);
/// Far above the longest page.
const PAGE_OCTETS_MAX: u64 = 256 * 1024;

#[derive(Deserialize)]
struct Readiness {
    checks: Vec<Check>,
}

#[derive(Deserialize)]
struct Check {
    name: String,
    state: String,
}

/// Whether the party at an address says that it serves, and that these of its checks hold.
pub(crate) async fn ready(address: SocketAddr, checks: &[String]) -> bool {
    let Ok(Ok(page)) = tokio::time::timeout(PAGE_WAIT, page(address, "/readyz")).await else { return false };
    all_hold(&page, checks)
}

/// The value of a metric without labels, at the party at an address.
///
/// # Errors
/// The page cannot be had, or has no such metric.
pub(crate) async fn metric(address: SocketAddr, name: &str) -> std::io::Result<u64> {
    let page = tokio::time::timeout(PAGE_WAIT, page(address, "/metrics")).await??;
    let missing =
        || std::io::Error::new(std::io::ErrorKind::InvalidData, format!("no metric {name} at {address}"));
    value(&page, name).ok_or_else(missing)
}

fn value(page: &str, name: &str) -> Option<u64> {
    page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.trim().parse().ok())
}

fn all_hold(page: &str, checks: &[String]) -> bool {
    let Some((head, body)) = page.split_once("\r\n\r\n") else { return false };
    let Ok(readiness) = serde_json::from_str::<Readiness>(body) else { return false };
    let holds =
        |name: &String| readiness.checks.iter().any(|check| check.name == *name && check.state == "ok");
    let served = ["HTTP/1.0 200", "HTTP/1.1 200"].iter().any(|line| head.starts_with(line));
    served && checks.iter().all(holds)
}

/// HTTP/1.0: the answer ends with the connection, and comes in one piece.
async fn page(address: SocketAddr, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET {path} HTTP/1.0\r\nhost: {address}\r\naccept: */*\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut page = String::new();
    stream.take(PAGE_OCTETS_MAX).read_to_string(&mut page).await?;
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::{all_hold, value};

    #[test]
    fn a_metric_is_read_by_its_whole_name() {
        let page = "HTTP/1.0 200 OK\r\n\r\n# TYPE pending gauge\npending_oldest 7\npending{of=\"a\"} 8\npending 3\n# EOF\n";
        assert_eq!(value(page, "pending"), Some(3));
        assert_eq!(value(page, "pend"), None);
    }

    #[test]
    fn a_party_is_ready_when_it_says_so_and_each_check_holds() {
        let page = |line: &str, state: &str| {
            format!(
                "{line}\r\ncontent-type: application/json\r\n\r\n{{\"status\":\"ready\",\"checks\":[{{\"name\":\"store\",\"state\":\"ok\"}},{{\"name\":\"provider:a\",\"state\":\"{state}\"}}]}}"
            )
        };
        let (store, both) = (vec!["store".to_owned()], vec!["store".to_owned(), "provider:a".to_owned()]);
        assert!(all_hold(&page("HTTP/1.0 200 OK", "ok"), &both));
        assert!(all_hold(&page("HTTP/1.1 200 OK", "degraded"), &store));
        assert!(!all_hold(&page("HTTP/1.1 200 OK", "degraded"), &both));
        assert!(!all_hold(&page("HTTP/1.0 503 Service Unavailable", "ok"), &both));
        assert!(!all_hold(&page("HTTP/1.0 200 OK", "ok"), &["provider:b".to_owned()]));
        assert!(!all_hold("HTTP/1.0 200 OK\r\n\r\nok\n", &[]));
    }
}
