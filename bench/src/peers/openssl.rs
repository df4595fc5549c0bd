//! OpenSSL in this process: `X509_verify_cert` with a list, then `EVP_DigestVerify`.

use std::path::Path;

use enishi_jpki::SignatureAlgorithm;
use openssl::bn::BigNum;
use openssl::ecdsa::EcdsaSig;
use openssl::hash::MessageDigest;
use openssl::sign::Verifier;
use openssl::ssl::SslFiletype;
use openssl::stack::Stack;
use openssl::x509::store::{X509Lookup, X509Store, X509StoreBuilder};
use openssl::x509::verify::X509VerifyFlags;
use openssl::x509::{X509, X509StoreContext};

use crate::crowd::Crowd;
use crate::error::BenchError;

/// A store with one authority and its list, and what the holders present.
pub(crate) struct OpenSsl {
    store: X509Store,
    chain: Stack<X509>,
    presented: Vec<Presented>,
}

/// What a holder presents; the signature in the form that OpenSSL reads.
struct Presented {
    certificate: Vec<u8>,
    message: Vec<u8>,
    signature: Vec<u8>,
    digest: MessageDigest,
}

impl OpenSsl {
    /// The crowd's small list goes by way of a file: there is no other into a store.
    pub(crate) fn new(crowd: &Crowd, file: &Path) -> Result<Self, BenchError> {
        std::fs::write(file, &crowd.small_list).map_err(BenchError::file(file))?;
        let store = || -> Result<X509Store, openssl::error::ErrorStack> {
            let mut store = X509StoreBuilder::new()?;
            store.add_cert(X509::from_der(&crowd.authority)?)?;
            store.add_lookup(X509Lookup::file())?.load_crl_file(file, SslFiletype::ASN1)?;
            store.set_flags(X509VerifyFlags::CRL_CHECK)?;
            Ok(store.build())
        };
        let store = store().map_err(BenchError::of("OpenSSL's store"))?;
        let chain = Stack::new().map_err(BenchError::of("OpenSSL's store"))?;
        let presented = crowd.holders.iter().map(|holder| {
            let algorithm = holder.token.algorithm();
            let signature = holder.token.signature();
            let (digest, signature) = match algorithm {
                SignatureAlgorithm::Rs256 => (MessageDigest::sha256(), signature.to_vec()),
                SignatureAlgorithm::Es256 => (MessageDigest::sha256(), in_der(signature)?),
                SignatureAlgorithm::Es384 => (MessageDigest::sha384(), in_der(signature)?),
            };
            let message = holder.challenge.message(algorithm);
            Ok(Presented { certificate: holder.der.clone(), message, signature, digest })
        });
        let presented = presented
            .collect::<Result<_, openssl::error::ErrorStack>>()
            .map_err(BenchError::of("a signature for OpenSSL"))?;
        Ok(Self { store, chain, presented })
    }

    /// Path with revocation, then possession; no policy. The certificate is read from DER each time, as ours is.
    pub(crate) fn authenticate(&self, at: usize) -> Result<(), BenchError> {
        let refused = |why: &str| BenchError::Failed { what: "OpenSSL", why: why.to_owned() };
        let holder = self.presented.get(at).ok_or_else(|| refused("no such holder"))?;
        let check = || -> Result<(String, bool), openssl::error::ErrorStack> {
            let certificate = X509::from_der(&holder.certificate)?;
            let mut context = X509StoreContext::new()?;
            let path = context.init(&self.store, &certificate, &self.chain, |context| {
                let fits = context.verify_cert()?;
                Ok(if fits { String::new() } else { context.error().to_string() })
            })?;
            let key = certificate.public_key()?;
            let mut verifier = Verifier::new(holder.digest, &key)?;
            Ok((path, verifier.verify_oneshot(&holder.signature, &holder.message)?))
        };
        match check().map_err(BenchError::of("OpenSSL"))? {
            (path, true) if path.is_empty() => Ok(()),
            (path, true) => Err(refused(&path)),
            (_, false) => Err(refused("the signature does not verify")),
        }
    }
}

fn in_der(fixed: &[u8]) -> Result<Vec<u8>, openssl::error::ErrorStack> {
    let (r, s) = fixed.split_at(fixed.len() / 2);
    EcdsaSig::from_private_components(BigNum::from_slice(r)?, BigNum::from_slice(s)?)?.to_der()
}
