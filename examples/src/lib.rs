//! A card company's own authorisation host, small enough to be read in one sitting, under 代行 and under 委託.
//!
//! Where to look: `purchase` holds every check of a purchase (0100), `books` what is written before anyone hears of
//! it, `enrolment` how a customer's card is tied, `host` the sockets. The programs are in `src/bin`.
//!
//! *Invariant:* a purchase is answered after its answer is on the disk; what failed is left unanswered, and reversed.
//! *Invariant:* no word for a serial number or a certificate here: under 委託 the crate `entrusted` holds them.

mod books;
mod company;
mod enrolment;
mod folder;
mod host;
mod purchase;

pub use company::{Company, Verification};
pub use folder::{EntrustedKeys, Fault, Folder, Model, read_key};
pub use host::{Act, Order};
