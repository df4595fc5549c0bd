//! The certificate profile as one table: what is changed in a certificate that holds, and what must be said of it.
//!
//! Here each row is run against the reading of certificates; the crate `verify` runs it against the whole proof.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "test material of our own making")]

use enishi_jpki::asn1::{DerError, DerFault};
use enishi_jpki::oid::Oid;
use enishi_jpki::{CertKind, CertificateError as E, ExtensionError, KeyError};

use crate::support::{Spec, Who};

mod authentication;
mod authority;
mod form;
mod key;
mod links;
mod signing;

/// An extension of nobody's.
pub(crate) const UNKNOWN: Oid = Oid::new_unwrap("1.3.6.1.4.1.99999.1");
/// anyPolicy (RFC 5280 §4.2.1.4).
pub(crate) const ANY_POLICY: Oid = Oid::new_unwrap("2.5.29.32.0");

/// What is changed, how, and what must be said of it.
pub(crate) type Row = (&'static str, fn(&mut Spec), Must);

/// Whose certificate a row changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    Authentication,
    Signing,
    Authority,
}

/// What must be said: exactly this error, or that the certificate holds all the same.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Must {
    Hold,
    Be(E),
    /// Its size, whatever it is.
    TooLarge,
    /// A fault of the encoding, wherever it lies.
    Der(DerFault),
    /// The same among the extensions.
    InExtension(DerFault),
    /// The same in the public key.
    InKey(DerFault),
}

/// Every row, by whose certificate it changes.
pub(crate) const TABLES: [(Whose, &[Row]); 11] = [
    (Whose::Authentication, form::FORM),
    (Whose::Authentication, key::KEY),
    (Whose::Authentication, authentication::AUTHENTICATION),
    (Whose::Authentication, links::LINKS),
    (Whose::Signing, form::FORM),
    (Whose::Signing, key::KEY),
    (Whose::Signing, signing::SIGNING),
    (Whose::Signing, links::LINKS),
    (Whose::Authority, form::FORM),
    (Whose::Authority, key::KEY),
    (Whose::Authority, authority::AUTHORITY),
];

impl Whose {
    /// One that holds.
    pub(crate) fn spec(self) -> Spec {
        match self {
            Self::Authentication => Spec::holder(CertKind::Authentication, Who::AuthAuthority, Who::Holder),
            Self::Signing => Spec::holder(CertKind::Signing, Who::SigningAuthority, Who::Holder),
            Self::Authority => Spec::authority(CertKind::Authentication, Who::AuthAuthority),
        }
    }
}

impl Must {
    /// Whether this was said.
    pub(crate) fn is(self, outcome: Result<(), E>) -> bool {
        let fault = |error: DerError, expected: DerFault| error.fault == expected;
        match (self, outcome) {
            (Self::Hold, Ok(())) | (Self::TooLarge, Err(E::TooLarge { octets: 4097.. })) => true,
            (Self::Be(expected), Err(error)) => error == expected,
            (Self::Der(expected), Err(E::Der(error)))
            | (Self::InExtension(expected), Err(E::Extension(ExtensionError::Der(error))))
            | (Self::InKey(expected), Err(E::Key(KeyError::Der(error)))) => fault(error, expected),
            _ => false,
        }
    }
}
