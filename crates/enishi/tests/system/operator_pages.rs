//! What operators, and everyone else with an account on the machine, can read.

use std::net::SocketAddr;

use enishi_sandbox::sandbox::Town;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::haystack::Haystack;

/// Each server's metrics, in both forms, and its readiness.
pub(crate) async fn operator_pages(town: &Town) -> Vec<Haystack> {
    let places = &town.plan.places;
    let [a, b] = places.ops;
    let mut pages = Vec::new();
    for server in [places.authority_ops, places.relay_ops, a, b] {
        for (path, accept) in
            [("/metrics", "text/plain"), ("/metrics", "application/openmetrics-text"), ("/readyz", "*/*")]
        {
            pages.push(Haystack::new(format!("{path} at {server}"), read(server, path, accept).await));
        }
    }
    pages
}

async fn read(server: SocketAddr, path: &str, accept: &str) -> Vec<u8> {
    let mut tcp = TcpStream::connect(server).await.unwrap();
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: {accept}\r\nConnection: close\r\n\r\n");
    tcp.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    tcp.read_to_end(&mut answer).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200 "), "{path} at {server}");
    answer
}
