use aws_lc_rs::digest::{SHA256, SHA256_OUTPUT_LEN, digest};
use enishi_party::PartyUri;
use x509_cert::Certificate;
use x509_cert::der::{Decode, Encode};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

/// The other end of a mutual-TLS connection, taken from the certificate that was verified in the handshake.
///
/// Servers find it as an extension of each request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// The one URI of the certificate's subject alternative name.
    pub party: PartyUri,
    /// SHA-256 over the DER of its subject public key info: the holder of a ticket.
    pub key_sha256: [u8; SHA256_OUTPUT_LEN],
}

/// What keeps a certificate from naming a party.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PeerError {
    #[error("the certificate does not parse")]
    Certificate,
    #[error("the certificate must have exactly one URI name, and has {0}")]
    UriNames(usize),
    #[error("the certificate's URI name is no party URI")]
    NotAParty,
    #[error("expected {expected}, met {met}")]
    OtherParty { expected: PartyUri, met: PartyUri },
    #[error("{0} belongs to another environment")]
    OtherEnvironment(PartyUri),
}

impl Peer {
    /// Reads the names of a certificate; whoever calls has verified it, or is about to.
    pub(crate) fn from_certificate(der: &[u8]) -> Result<Self, PeerError> {
        let certificate = Certificate::from_der(der).map_err(|_| PeerError::Certificate)?;
        let uris = uri_names(&certificate)?;
        let [uri] = uris.as_slice() else {
            return Err(PeerError::UriNames(uris.len()));
        };
        let party = uri.parse().map_err(|_| PeerError::NotAParty)?;
        let spki = certificate
            .tbs_certificate()
            .subject_public_key_info()
            .to_der()
            .map_err(|_| PeerError::Certificate)?;
        let key_sha256 = digest(&SHA256, &spki).as_ref().try_into().map_err(|_| PeerError::Certificate)?;
        Ok(Self { party, key_sha256 })
    }
}

fn uri_names(certificate: &Certificate) -> Result<Vec<String>, PeerError> {
    let names = certificate
        .tbs_certificate()
        .get_extension::<SubjectAltName>()
        .map_err(|_| PeerError::Certificate)?
        .map(|(_critical, names)| names.0)
        .unwrap_or_default();
    Ok(names
        .into_iter()
        .filter_map(|name| match name {
            GeneralName::UniformResourceIdentifier(uri) => Some(uri.to_string()),
            _ => None,
        })
        .collect())
}

#[cfg(test)]
mod tests;
