use std::path::Path;
use std::sync::Arc;

use enishi_party::Environment;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;

use crate::environment::require_environment;
use crate::pem_file::{malformed, parse_certificates, read_public};
use crate::{Peer, SetupError};

/// The certification authorities whose certificates a party accepts in mutual TLS. Cheap to clone.
///
/// They certify parties and nothing else: the authorities of people's cards are another matter (`enishi-verify`).
#[derive(Debug, Clone)]
pub struct TrustedCa {
    environment: Environment,
    roots: Arc<RootCertStore>,
}

impl TrustedCa {
    /// Reads one or more CA certificates from a PEM file.
    ///
    /// # Errors
    /// A file that is missing, too large or malformed, and a sandbox CA under a production configuration or the
    /// reverse. The sandbox CA is known by the sandbox party URI that it carries.
    pub fn load(file: &Path, environment: Environment) -> Result<Self, SetupError> {
        Self::from_certificates(parse_certificates(&read_public(file)?)?, environment)
    }

    /// The environment whose parties these authorities certify.
    #[must_use]
    pub fn environment(&self) -> Environment {
        self.environment
    }

    pub(crate) fn from_certificates(
        certificates: Vec<CertificateDer<'static>>,
        environment: Environment,
    ) -> Result<Self, SetupError> {
        let mut roots = RootCertStore::empty();
        for certificate in certificates {
            // A production CA need not carry a party URI; the sandbox's always does.
            let marked = Peer::from_certificate(&certificate)
                .map_or(Environment::Production, |peer| peer.party.environment());
            require_environment("the CA's certificate", marked, environment)?;
            roots
                .add(certificate)
                .map_err(|_| malformed("the CA's certificate", "it is not a trust anchor"))?;
        }
        Ok(Self { environment, roots: Arc::new(roots) })
    }

    pub(crate) fn roots(&self) -> Arc<RootCertStore> {
        Arc::clone(&self.roots)
    }
}
