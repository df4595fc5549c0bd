//! ① JPKI情報読取機能: reading a My Number Card and signing with it (slides 7 and 9), and a card in software.
//!
//! [`Session`] reads, proves and signs over the crate `myna-card`, which knows the card's commands (ISO/IEC 7816-4,
//! JICSAP 2.0). [`SoftwareCard`] is the other end of the wire, for sandboxes and tests; [`VpcdPlug`] puts it into the
//! virtual reader of vsmartcard, where any program finds it.
//!
//! With the feature `pcsc`, `PcscReaders` are the real readers of this machine.
//!
//! *Invariant:* one user action sends at most one VERIFY, after the card was asked how many tries are left.
//!
//! *Invariant:* the authentication key signs a [`Challenge`](enishi_jpki::Challenge) and nothing else; no function
//! takes a digest for it.
//!
//! *Invariant:* this crate decides nothing: whether a certificate is genuine, valid or revoked is the affair of ③.

mod error;
mod image;
mod key;
#[cfg(feature = "pcsc")]
mod pcsc;
mod reader;
mod session;
mod software_card;
mod vpcd;

pub use error::CardError;
pub use image::{CardImage, CardParts, FaceParts, FaceSex, Filler, Form, ImageFault, KeyParts, Renewal};
pub use key::{CardKey, KeyAlgorithm};
#[cfg(feature = "pcsc")]
pub use pcsc::{CardProtocol, PcscConnection, PcscReader, PcscReaders};
pub use reader::{SoftwareConnection, SoftwareReader};
pub use session::{Document, LastTry, PinKind, Proven, Session, SignedBytes, Step, TokenKind, Tries};
pub use software_card::SoftwareCard;
pub use vpcd::{End, Exchange, Fate, Moment, NotInserted, Unplugged, VpcdError, VpcdPlug, VpcdPuller};
