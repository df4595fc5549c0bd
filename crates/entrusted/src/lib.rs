//! What a provider adds that is itself the verifier (委託, slides 12 to 15): it believes the relay's words only as far
//! as the evidence behind them goes, checked again with its own anchors, its own lists and its own serial rows.
//!
//! Plugs into the crate `provider` as its `Recheck`. A relay that lies is caught here, each lie by its name.
//!
//! *Invariant:* evidence rests on the authority's word or on this provider's own list, never on the relay's word alone.
//! *Invariant:* one tap carries one act: evidence that carried another assertion is refused.
//! *Invariant:* neither certificates nor serial numbers are kept: a keyed index stands in the rows.
//! *Invariant:* what could not be fetched, opened or judged is refused.
//!
//! Standards: RFC 5280, RFC 6960, RFC 9180.

mod config;
mod entrusted;
mod error;
mod judgement;
mod serial_index;
mod serial_rows;

pub use config::{EntrustedConfig, RecheckRule};
pub use entrusted::{Entrusted, EntrustedPorts};
pub use error::{EvidenceRefused, Item, RowsError};
pub use serial_index::SerialIndexKey;
pub use serial_rows::SerialRows;

pub use enishi_lists::{AtHand, Keeping, ListError, ListUrl, ListUrlError, ListsConfig, Renewed};
