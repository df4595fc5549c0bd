//! Somebody who speaks TLS and nothing beyond it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::version::TLS13;
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// How long the enemy listens for what comes back.
const LISTEN: Duration = Duration::from_secs(20);

/// What the other end did.
#[derive(Debug)]
pub(crate) struct Heard {
    /// What it said before it closed.
    pub(crate) said: Vec<u8>,
    /// Whether it closed the connection, or still held it after a long while.
    pub(crate) closed: bool,
}

/// Connects with the identity of a party's folder, or with none.
pub(crate) fn connector(folder: Option<&Path>) -> TlsConnector {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(&[&TLS13])
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anyone(provider)));
    let config = match folder {
        Some(folder) => {
            let chain = CertificateDer::pem_file_iter(folder.join("tls/party.crt.pem")).unwrap();
            let key = PrivateKeyDer::from_pem_file(folder.join("tls/party.key.pem")).unwrap();
            config.with_client_auth_cert(chain.map(Result::unwrap).collect(), key).unwrap()
        }
        None => config.with_no_client_auth(),
    };
    TlsConnector::from(Arc::new(config))
}

/// Sends bytes over mutual TLS, closes its own side where told, and listens.
pub(crate) async fn over_tls(connector: &TlsConnector, address: &str, octets: &[u8], end: End) -> Heard {
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("127.0.0.1").unwrap();
    match connector.connect(name, stream).await {
        Ok(stream) => exchange(stream, octets, end).await,
        Err(_) => Heard { said: Vec::new(), closed: true },
    }
}

/// Sends bytes as they are.
pub(crate) async fn in_the_clear(address: &str, octets: &[u8], end: End) -> Heard {
    exchange(TcpStream::connect(address).await.unwrap(), octets, end).await
}

/// What the enemy does after its last byte.
#[derive(Clone, Copy)]
pub(crate) enum End {
    /// Says that nothing more comes.
    Closes,
    /// Says nothing.
    Waits,
}

async fn exchange(mut stream: impl AsyncRead + AsyncWrite + Unpin, octets: &[u8], end: End) -> Heard {
    // The other end may have closed already: that is an answer.
    let _ = stream.write_all(octets).await;
    let _ = stream.flush().await;
    if matches!(end, End::Closes) {
        let _ = stream.shutdown().await;
    }
    let mut said = Vec::new();
    let closed = tokio::time::timeout(LISTEN, stream.read_to_end(&mut said)).await.is_ok();
    Heard { said, closed }
}

/// Takes any server: the enemy is the one to be afraid of.
#[derive(Debug)]
struct Anyone(Arc<CryptoProvider>);

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("TLS 1.3 alone".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
