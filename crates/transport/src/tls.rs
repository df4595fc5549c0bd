//! TLS as the parties speak it: version 1.3 only, both ends certified, no resumption, no early data.

use std::sync::Arc;

use enishi_party::{Environment, PartyUri};
use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_cert_signed_by_trust_anchor;
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, aws_lc_rs, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{NoServerSessionStorage, ParsedCertificate, WebPkiClientVerifier};
use rustls::sign::SingleCertAndKey;
use rustls::version::TLS13;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, DistinguishedName, Error, OtherError,
    RootCertStore, ServerConfig, SignatureScheme,
};

use crate::environment::require_environment;
use crate::peer::PeerError;
use crate::{Identity, Peer, SetupError, TrustedCa};

/// What the TLS library calls the server. Being an address, it is never sent (RFC 6066 §3); the server is known by
/// its party URI instead.
pub(crate) fn unnamed_server() -> ServerName<'static> {
    std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST).into()
}

pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

/// A server that lets in certified parties of its own environment.
pub(crate) fn server_config(identity: &Identity, ca: &TrustedCa) -> Result<Arc<ServerConfig>, SetupError> {
    require_environment("the party's certificate", identity.party().environment(), ca.environment())?;
    let provider = provider();
    let chain = WebPkiClientVerifier::builder_with_provider(ca.roots(), Arc::clone(&provider))
        .build()
        .map_err(|error| Error::General(error.to_string()))?;
    let verifier = Arc::new(PartyClientVerifier { chain, environment: ca.environment() });
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13])?
        .with_client_cert_verifier(verifier)
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(identity.certified_key())));
    // A ticket would let a session outlive the check of its certificate.
    config.send_tls13_tickets = 0;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.max_early_data_size = 0;
    Ok(Arc::new(config))
}

/// A client that talks to one party and shows its own certificate.
pub(crate) fn client_config(
    identity: &Identity,
    ca: &TrustedCa,
    expected: &PartyUri,
) -> Result<Arc<ClientConfig>, SetupError> {
    require_environment("the party's certificate", identity.party().environment(), ca.environment())?;
    require_environment("the other party", expected.environment(), ca.environment())?;
    let provider = provider();
    let verifier = Arc::new(PartyServerVerifier {
        roots: ca.roots(),
        algorithms: provider.signature_verification_algorithms,
        expected: expected.clone(),
    });
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_client_cert_resolver(Arc::new(SingleCertAndKey::from(identity.certified_key())));
    config.resumption = Resumption::disabled();
    config.enable_early_data = false;
    config.enable_sni = false;
    Ok(Arc::new(config))
}

/// Verifies the server's chain as webpki does, and its name as a party URI in place of a host name.
#[derive(Debug)]
struct PartyServerVerifier {
    roots: Arc<RootCertStore>,
    algorithms: WebPkiSupportedAlgorithms,
    expected: PartyUri,
}

impl ServerCertVerifier for PartyServerVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let parsed = ParsedCertificate::try_from(end_entity)?;
        verify_server_cert_signed_by_trust_anchor(
            &parsed,
            &self.roots,
            intermediates,
            now,
            self.algorithms.all,
        )?;
        let met = Peer::from_certificate(end_entity).map_err(refuse)?.party;
        if met == self.expected {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(refuse(PeerError::OtherParty { expected: self.expected.clone(), met }))
        }
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("only TLS 1.3 is spoken".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// Verifies the client's chain as webpki does, and that it names one party of this environment.
#[derive(Debug)]
struct PartyClientVerifier {
    chain: Arc<dyn ClientCertVerifier>,
    environment: Environment,
}

impl ClientCertVerifier for PartyClientVerifier {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        // Clients have one certificate; strangers need not learn whom we trust.
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let verified = self.chain.verify_client_cert(end_entity, intermediates, now)?;
        let party = Peer::from_certificate(end_entity).map_err(refuse)?.party;
        if party.environment() == self.environment {
            Ok(verified)
        } else {
            Err(refuse(PeerError::OtherEnvironment(party)))
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chain.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chain.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chain.supported_verify_schemes()
    }
}

fn refuse(reason: PeerError) -> Error {
    Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(reason))))
}
