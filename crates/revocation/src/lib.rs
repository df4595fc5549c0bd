//! 電子証明書失効情報: what lists at hand and responders say about a certificate; asks for シリアル番号紐付情報.
//!
//! The adapter behind the ports of `linkage` (slides 13 and 17). What comes back is checked by `verify`; what does not
//! hold is *unavailable*, and the relay refuses.
//!
//! *Invariant:* addresses come from configuration, never from a certificate.
//! *Invariant:* no list and no answer is followed by an older one of the same authority or certificate.
//! *Invariant:* an authentic *revoked* of either source wins; *good* needs a fresh source that the look-up's policy names.
//! *Invariant:* a look-up makes at most one call. Where it fails, a list inside its window may stand in, never an older
//! answer, and never a list from before the last answer that said *revoked*.
//! *Invariant:* no error and no log line holds a serial number.
//!
//! Standards: RFC 5280, RFC 6960, RFC 9654.

mod config;
mod error;
mod known_answers;
mod newest_answers;
mod pairing;
mod responder;
mod revocation;
mod revoked_answers;

pub use config::{OcspUrls, RevocationConfig, Unanswered};
pub use error::RevocationError;
pub use pairing::AuthorityPairing;
pub use revocation::Revocation;

pub use enishi_lists::{AtHand, Keeping, ListError, ListUrl, ListUrlError, ListsConfig, Renewed};
