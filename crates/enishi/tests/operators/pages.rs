//! What a collector, a load balancer or a person reads.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::exposition::Exposition;

/// Status and body of one page.
pub(crate) async fn page(address: SocketAddr, path: &str) -> (u16, String) {
    let mut tcp = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    tcp.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    tcp.read_to_string(&mut answer).await.unwrap();
    let (header, body) = answer.split_once("\r\n\r\n").unwrap();
    (header[9..12].parse().unwrap(), body.to_owned())
}

pub(crate) async fn metrics(address: SocketAddr) -> Exposition {
    let (status, text) = page(address, "/metrics").await;
    assert_eq!(status, 200, "{text}");
    Exposition::parse(&text)
}

/// Status, and each check by its name.
pub(crate) async fn ready(address: SocketAddr) -> (u16, serde_json::Value) {
    let (status, text) = page(address, "/readyz").await;
    (status, serde_json::from_str(&text).unwrap())
}

/// The state of one check.
pub(crate) fn state<'a>(readiness: &'a serde_json::Value, name: &str) -> &'a str {
    let checks = readiness["checks"].as_array().unwrap();
    let check = checks.iter().find(|check| check["name"].as_str().unwrap().starts_with(name));
    check.unwrap_or_else(|| panic!("no check {name}: {readiness}"))["state"].as_str().unwrap()
}
