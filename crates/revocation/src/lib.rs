//! 電子証明書失効情報: fetches and keeps revocation lists, asks responders, asks for シリアル番号紐付情報.
//!
//! The adapter behind the ports of `linkage` (slides 13 and 17). What comes back is checked by `verify`; what does not
//! hold is *unavailable*, and the relay refuses.
//!
//! *Invariant:* addresses come from configuration, never from a certificate.
//! *Invariant:* no list and no answer is followed by an older one of the same authority or certificate.
//! *Invariant:* a look-up makes at most one call; a failed call is never answered from an older status.
//! *Invariant:* no error and no log line holds a serial number.
//!
//! Standards: RFC 5280, RFC 6960, RFC 9654.

mod config;
mod error;
mod flight;
mod list_folder;
mod newest_answers;
mod pairing;
mod responder;
mod revocation;

pub use config::{OcspUrls, RevocationConfig};
pub use error::RevocationError;
pub use pairing::AuthorityPairing;
pub use revocation::{Refreshed, Revocation};

pub use enishi_verify::{ListUrl, ListUrlError};
