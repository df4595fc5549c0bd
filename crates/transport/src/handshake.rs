//! TLS handshakes with a time limit, and what the other end proved to be.

use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_rustls::{TlsAcceptor, TlsConnector, client, server};

use crate::Peer;
use crate::peer::PeerError;
use crate::tls::unnamed_server;

/// Why there is no TLS connection.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HandshakeError {
    #[error("no handshake within {0:?}")]
    TooSlow(Duration),
    #[error("{0}")]
    Tls(#[from] std::io::Error),
    #[error("no certificate was shown")]
    NoCertificate,
    #[error("{0}")]
    Peer(#[from] PeerError),
}

pub(crate) async fn accept<S>(
    acceptor: &TlsAcceptor,
    stream: S,
    limit: Duration,
) -> Result<(server::TlsStream<S>, Peer), HandshakeError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let stream =
        timeout(limit, acceptor.accept(stream)).await.map_err(|_| HandshakeError::TooSlow(limit))??;
    let certificate = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first());
    let peer = Peer::from_certificate(certificate.ok_or(HandshakeError::NoCertificate)?)?;
    Ok((stream, peer))
}

/// Without a limit of its own: the caller counts it into the time to connect.
pub(crate) async fn connect<S>(
    config: &Arc<ClientConfig>,
    stream: S,
) -> Result<client::TlsStream<S>, HandshakeError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    Ok(TlsConnector::from(Arc::clone(config)).connect(unnamed_server(), stream).await?)
}
