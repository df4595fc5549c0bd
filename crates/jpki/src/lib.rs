//! The vocabulary of the card: certificates, serial numbers, PINs, and the challenge that a card signs.
//!
//! Pure: no I/O, no clock, no randomness of its own. Certificates are parsed once, with their profile checked.
//!
//! *Invariant:* a serial number is neither printable nor serialisable; what may leave this vocabulary is said
//! by greppable `expose_*` methods. Slides 4, 7, 9; RFC 5280; Web eID token format 1.0.

mod algorithm;
pub mod asn1;
mod attributes;
mod certificate;
mod challenge;
mod context;
mod extension;
mod key_id;
pub mod oid;
mod origin;
mod pin;
mod profile;
mod serial;
mod ticket;
mod token;

pub use algorithm::{KeyAlgorithm, KeyError};
pub use attributes::{AttributeError, BasicAttributes, BirthDate, BirthDay, CharacterForm, Era, Sex};
pub use certificate::{
    AuthCertificate, AuthorityKeyId, CaCertificate, Certificate, CertificateError, EndEntity, Issuer,
    OutsideCertificate, ResponderCertificate, ResponderRevocation, SigningCertificate, Validity,
    directory_name_of_point,
};
pub use challenge::{Challenge, Nonce, NonceError};
pub use context::{Context, ContextError, EnrolContext, LoginContext, PayContext, PayUnboundContext};
pub use extension::{Criticality, Extension, ExtensionError, ExtensionValue, Extensions};
pub use key_id::KeyId;
pub use origin::{Origin, OriginError};
pub use pin::{AuthPin, PinError, SigningPassword};
pub use profile::{Carrier, CertKind, PkiEnvironment, Profile};
pub use serial::{Serial, SerialError};
pub use ticket::{Ticket, TicketError, TicketHolder, TicketKeys};
pub use token::{SignatureAlgorithm, Token, TokenError};
