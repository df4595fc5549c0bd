//! Callers who are idle or slow hold nothing but their own connection.

use std::sync::Arc;

use enishi_authority::{OcspAnswers, OcspKey, ServiceConfig, public_router};
use enishi_transport::{CancellationToken, HttpLimits, serve_http};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::{
    http::clock,
    responder::{nonce_extension, request, sha1},
    world::World,
};

/// Connections that never say a word.
const IDLE: usize = 200;

#[tokio::test]
async fn two_hundred_idle_callers_and_slow_ones_keep_nobody_waiting() {
    let service = ServiceConfig {
        ocsp_key: OcspKey::P256,
        ocsp_answers: OcspAnswers::Presigned,
        ..ServiceConfig::default()
    };
    let world = World::new().served_as(service);
    let issued = world.card("resident-1");
    let ids = [sha1(&issued.auth_ca_der, &issued.auth_serial)];
    let (folder, world) = world.closed();
    let authority = Arc::new(enishi_authority::Authority::open_with(&folder, service).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let shutdown = CancellationToken::new();
    let router = public_router(authority, clock());
    let serving = tokio::spawn(serve_http(listener, router, HttpLimits::default(), None, shutdown.clone()));

    let mut idle = Vec::new();
    for _ in 0..IDLE {
        idle.push(TcpStream::connect(address).await.unwrap());
    }
    let head = |octets: usize| {
        format!(
            "POST /ocsp HTTP/1.1\r\nHost: authority\r\nContent-Type: application/ocsp-request\r\nContent-Length: {octets}\r\n\r\n"
        )
    };
    // One that stops within its header, one within its body, one that takes nothing of what it asked for.
    let mut slow_head = TcpStream::connect(address).await.unwrap();
    slow_head.write_all(b"POST /ocsp HT").await.unwrap();
    let mut slow_body = TcpStream::connect(address).await.unwrap();
    slow_body.write_all(head(100).as_bytes()).await.unwrap();
    slow_body.write_all(&[0x30; 7]).await.unwrap();
    let mut deaf = TcpStream::connect(address).await.unwrap();
    let question = [head(request(&ids, &[]).len()).into_bytes(), request(&ids, &[])].concat();
    deaf.write_all(&question.repeat(8)).await.unwrap();

    // All of them are open still while these are answered: live, and signed beforehand.
    for body in [request(&ids, &nonce_extension(&[7; 32])), request(&ids, &[])] {
        let mut caller = TcpStream::connect(address).await.unwrap();
        caller.write_all(&[head(body.len()).as_bytes(), &body].concat()).await.unwrap();
        let mut start = [0; 15];
        caller.read_exact(&mut start).await.unwrap();
        assert_eq!(&start, b"HTTP/1.1 200 OK");
    }
    slow_head.write_all(b"T").await.unwrap();
    slow_body.write_all(&[0]).await.unwrap();
    for connection in &idle {
        let mut nothing = [0; 1];
        let said = connection.try_read(&mut nothing);
        assert!(said.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock), "still open");
    }
    drop((idle, slow_head, slow_body, deaf));
    shutdown.cancel();
    serving.await.unwrap().unwrap();
    drop(world);
}
