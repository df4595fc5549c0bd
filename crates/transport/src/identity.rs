use std::path::Path;
use std::sync::Arc;

use enishi_party::{Environment, PartyUri};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use rustls::sign::CertifiedKey;
use zeroize::Zeroizing;

use crate::environment::require_environment;
use crate::pem_file::{
    make_private_folder, malformed, parse_certificates, read_key, read_public, write_private,
};
use crate::tls::provider;
use crate::{Peer, SetupError};

/// File name of a party's certificate chain within its folder, end entity first.
const CERTIFICATE_FILE: &str = "party.crt.pem";

/// File name of a party's private key within its folder.
const KEY_FILE: &str = "party.key.pem";

/// What a party shows in mutual TLS: its certificate chain and private key. Cheap to clone.
///
/// Debug output holds the party's name alone.
#[derive(Clone)]
pub struct Identity {
    peer: Peer,
    certified: Arc<CertifiedKey>,
    certificate_pem: Arc<str>,
    key_pem: Arc<Zeroizing<String>>,
}

impl Identity {
    /// Reads `party.crt.pem` and `party.key.pem` from a folder.
    ///
    /// # Errors
    /// Files that are missing, too large or malformed; a key that others may read; a key of another certificate; a
    /// certificate without exactly one party URI, or of another environment than the configuration's.
    pub fn load(folder: &Path, environment: Environment) -> Result<Self, SetupError> {
        let certificate_pem = read_public(&folder.join(CERTIFICATE_FILE))?;
        let key_pem = read_key(&folder.join(KEY_FILE))?;
        let identity = Self::from_pem(certificate_pem, key_pem)?;
        require_environment("the party's certificate", identity.party().environment(), environment)?;
        Ok(identity)
    }

    /// Writes both files (0600) into a folder (0700), which is made where it is missing.
    ///
    /// # Errors
    /// The folder or a file cannot be written.
    pub fn save(&self, folder: &Path) -> Result<(), SetupError> {
        make_private_folder(folder)?;
        write_private(&folder.join(KEY_FILE), &self.key_pem)?;
        write_private(&folder.join(CERTIFICATE_FILE), &self.certificate_pem)
    }

    /// Who this is.
    #[must_use]
    pub fn party(&self) -> &PartyUri {
        &self.peer.party
    }

    /// SHA-256 over the DER of the subject public key info, as the other end will see it.
    #[must_use]
    pub fn key_sha256(&self) -> [u8; 32] {
        self.peer.key_sha256
    }

    pub(crate) fn from_pem(certificate_pem: String, key_pem: Zeroizing<String>) -> Result<Self, SetupError> {
        let chain = parse_certificates(&certificate_pem)?;
        let Some(end_entity) = chain.first() else {
            return Err(malformed("certificate file", "it holds no certificate"));
        };
        let peer = Peer::from_certificate(end_entity)
            .map_err(|error| malformed("the party's certificate", error))?;
        let key = PrivateKeyDer::from_pem_slice(key_pem.as_bytes())
            .map_err(|_| malformed("key file", "it holds no private key in PEM"))?;
        // Refuses a key that does not belong to the certificate.
        let certified = Arc::new(CertifiedKey::from_der(chain, key, &provider())?);
        Ok(Self { peer, certified, certificate_pem: certificate_pem.into(), key_pem: Arc::new(key_pem) })
    }

    pub(crate) fn certified_key(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.certified)
    }
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Identity({})", self.party())
    }
}
