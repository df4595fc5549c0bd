//! Certificates, parsed once with their profile checked (RFC 5280).
//!
//! The type says what a certificate may be used for, never that it is genuine: that is for the crate `verify` to say.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use aws_lc_rs::digest;
use enishi_party::Timestamp;

use crate::algorithm::{KeyAlgorithm, KeyError};
use crate::asn1::DerError;
use crate::extension::ExtensionError;
use crate::oid::Oid;
use crate::profile::CertKind;
use crate::serial::{Serial, SerialError};
use crate::token::SignatureAlgorithm;

mod authority;
mod end_entity;
mod fields;
mod general_name;
mod outside;
mod responder;

pub use authority::{CaCertificate, Issuer};
pub use end_entity::{AuthCertificate, EndEntity, SigningCertificate};
pub use general_name::{AuthorityKeyId, directory_name_of_point};
pub use outside::OutsideCertificate;
pub use responder::{ResponderCertificate, ResponderRevocation};

/// Largest certificate: JPKI's end at 1,758 octets, its authorities' at 1,319 (docs/jpki.md §2).
const CERTIFICATE_OCTETS_MAX: usize = 4096;

/// What every certificate here has: who issued it, for when, with which key. It stands for nobody by itself.
#[derive(Clone)]
pub struct Certificate {
    der: Arc<[u8]>,
    tbs: Range<usize>,
    issuer: Range<usize>,
    subject: Range<usize>,
    spki: Range<usize>,
    public_key: Range<usize>,
    signature: Range<usize>,
    serial: Serial,
    key_algorithm: KeyAlgorithm,
    signature_algorithm: SignatureAlgorithm,
    not_before: Timestamp,
    not_after: Timestamp,
}

/// Where a moment lies in a certificate's validity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    /// Before it.
    NotYet,
    /// Within it, both ends included.
    Current,
    /// After it.
    Expired,
}

/// A certificate outside the profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// Larger than any of JPKI's.
    #[error("certificate of {octets} octets, at most {CERTIFICATE_OCTETS_MAX} expected")]
    TooLarge {
        /// Its size.
        octets: usize,
    },
    /// Not the DER of a certificate.
    #[error(transparent)]
    Der(#[from] DerError),
    /// Not version 3.
    #[error("certificate not of version 3")]
    Version,
    /// A serial number that is none.
    #[error(transparent)]
    Serial(#[from] SerialError),
    /// A key outside the profile.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Extensions outside the profile.
    #[error(transparent)]
    Extension(#[from] ExtensionError),
    /// RFC 5280 §4.1.1.2: the two fields must be the same.
    #[error("signature algorithm differs inside and outside the signed part")]
    AlgorithmsDiffer,
    /// The environment does not use this algorithm, for the key or for the signature.
    #[error("algorithm {0:?} is not used in this environment")]
    AlgorithmNotAllowed(SignatureAlgorithm),
    /// It ends before it begins.
    #[error("validity ends before it begins")]
    ValidityReversed,
    /// The authority's name is not one of the environment's.
    #[error("name is not that of an authority of this environment")]
    AuthorityName,
    /// The authority did not issue its certificate itself.
    #[error("authority's certificate is not self-issued")]
    NotSelfIssued,
    /// Other bits than exactly the profile's.
    #[error("key usage is not exactly the profile's")]
    KeyUsage,
    /// Other purposes than exactly the profile's.
    #[error("extended key usage is not exactly the profile's")]
    ExtendedKeyUsage,
    /// None, or several.
    #[error("exactly one certificate policy expected")]
    PolicyCount,
    /// Nobody's policy in this environment.
    #[error("policy {0} is unknown in this environment")]
    PolicyUnknown(Oid),
    /// The other certificate of the card.
    #[error("this is the certificate for {0:?}")]
    WrongKind(CertKind),
    /// basicConstraints say the wrong thing for this place.
    #[error("basic constraints: an authority where a holder is expected, or the other way")]
    BasicConstraints,
    /// The authority's key is not named, or named in another form.
    #[error("authority key identifier not of the profile")]
    AuthorityKeyId,
    /// Not one full directory name.
    #[error("CRL distribution point is not one directory name")]
    DistributionPoint,
}

impl Certificate {
    /// The whole encoding.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The whole encoding, for whoever keeps it: nothing is copied.
    #[must_use]
    pub fn shared_der(&self) -> Arc<[u8]> {
        Arc::clone(&self.der)
    }

    /// What the issuer signed.
    #[must_use]
    pub fn tbs_der(&self) -> &[u8] {
        self.part(&self.tbs)
    }

    /// The issuer's signature; ECDSA in DER form (RFC 5480 §2.2.1).
    #[must_use]
    pub fn signature_bytes(&self) -> &[u8] {
        self.part(&self.signature)
    }

    /// How the issuer signed.
    #[must_use]
    pub const fn signature_algorithm(&self) -> SignatureAlgorithm {
        self.signature_algorithm
    }

    /// Its number.
    #[must_use]
    pub const fn serial(&self) -> &Serial {
        &self.serial
    }

    /// The issuer's name, DER.
    #[must_use]
    pub fn issuer_der(&self) -> &[u8] {
        self.part(&self.issuer)
    }

    /// The public key with its algorithm, DER.
    #[must_use]
    pub fn spki_der(&self) -> &[u8] {
        self.part(&self.spki)
    }

    /// The octets of the public key's BIT STRING, as key identifiers hash them (RFC 5280 §4.2.1.2).
    #[must_use]
    pub fn public_key_octets(&self) -> &[u8] {
        self.part(&self.public_key)
    }

    /// The key's algorithm.
    #[must_use]
    pub const fn key_algorithm(&self) -> KeyAlgorithm {
        self.key_algorithm
    }

    /// First second of its validity.
    #[must_use]
    pub const fn not_before(&self) -> Timestamp {
        self.not_before
    }

    /// Last second of its validity.
    #[must_use]
    pub const fn not_after(&self) -> Timestamp {
        self.not_after
    }

    /// Where `now` lies in its validity, to the second (RFC 5280 §4.1.2.5).
    #[must_use]
    pub fn validity_at(&self, now: Timestamp) -> Validity {
        // The last second belongs to the period whole: fractions of `now` do not count.
        if now < self.not_before {
            Validity::NotYet
        } else if now.as_second() > self.not_after.as_second() {
            Validity::Expired
        } else {
            Validity::Current
        }
    }

    /// SHA-256 of the whole encoding: as much a person's identifier as the certificate.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        digest::digest(&digest::SHA256, &self.der).as_ref().try_into().unwrap_or_default()
    }

    fn subject(&self) -> &[u8] {
        self.part(&self.subject)
    }

    fn part(&self, range: &Range<usize>) -> &[u8] {
        // The ranges were read from these very octets.
        self.der.get(range.clone()).unwrap_or_default()
    }
}

impl fmt::Debug for Certificate {
    /// A lasting identifier of a person prints nothing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Certificate(…)")
    }
}
