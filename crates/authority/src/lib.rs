//! The sandbox J-LIS (地方公共団体情報システム機構): two certification authorities that issue, revoke and answer.
//!
//! Certificates have the profile of the real ones to the octet (names, order and criticality of extensions, string
//! types), except for the organisation `JPKI-SANDBOX`, the test policies and the responder's address. Revocation
//! lists follow RFC 5280, the OCSP responder RFC 6960 and 9654. シリアル番号紐付情報 (slides 14 to 16) is answered to
//! registered verifiers only, and every look-up is written down for billing (slides 13 and 17).
//!
//! *Invariant:* nothing is issued under a real organisation's name.
//! *Invariant:* a revocation list holds what was revoked when it was published, and is served until the next one.
//! *Invariant:* no serial, name or address is in an error, a log or a Debug output.

mod asn1;
mod authority;
mod card_keys;
mod certificate;
mod citizen;
mod config;
mod count;
mod crl;
mod error;
mod extension;
mod folder;
mod generation;
mod http;
mod issuing;
mod key;
mod name;
mod observer;
mod ocsp;
mod reason;
mod register;
mod service;
mod validity;

pub use authority::{Authority, CertificateState, OcspService, Publication};
pub use card_keys::CardKey;
pub use citizen::{CitizenId, CitizenRecord, Municipality, RegisteredBirth, RegisteredText};
pub use config::{AuthorityConfig, PublishPolicy, SerialPlan};
pub use count::{CertificateCount, Published};
pub use crl::PublishedCrl;
pub use error::AuthorityError;
pub use generation::{AuthorityCertificate, GenerationNumber};
pub use http::{Clock, openapi, public_router, verifier_router};
pub use issuing::{CarrierKeys, IssuedCertificates, IssuedSigning, WithSigning};
pub use observer::{Observer, OcspAnswered};
pub use ocsp::OCSP_REQUEST_MAX_OCTETS;
pub use register::{
    lookups::{Lookup, LookupOutcome, LookupPurpose},
    pairings::Relation,
};
pub use service::{ListScopes, OcspAnswers, OcspKey, ServiceConfig};

pub use enishi_verify::RevocationReason;
