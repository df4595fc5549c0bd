//! What can go wrong between a reader and a card.

use myna_card::StatusWord;

use crate::image::ImageFault;
use crate::session::{Step, Tries};

/// Why a card could not be read, did not sign, or could not be made.
///
/// No variant holds a PIN, a certificate or anything else that tells one person from another.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CardError {
    /// There is no reader, or no card in it.
    #[error("no card in the reader")]
    NoCard,
    /// There is a card, but it does not answer.
    #[error("the card does not answer; take it out, and insert it again the right way round")]
    CardMute,
    /// Another program, or an earlier connection of this one, holds the card.
    #[error("another program holds the card; close it (OpenSC, a browser, a signing tool) and try again")]
    CardHeld,
    /// The card that should have been taken out is still there.
    #[error("the card is still in the reader; take it out")]
    CardRemains,
    /// There is no reader of that name.
    #[error("no reader named {name:?}; is it plugged in?")]
    NoReader {
        /// The name.
        name: String,
    },
    /// The system's PC/SC service cannot be reached.
    #[error("no PC/SC service; start it (pcscd)")]
    NoService,
    /// The PC/SC service does not let this user at the card.
    #[error("the PC/SC service denies access; give this user permission (polkit) or use another one")]
    AccessDenied,
    /// The PC/SC service fails in another way.
    #[cfg(feature = "pcsc")]
    #[error("PC/SC: {0}")]
    Pcsc(#[source] ::pcsc::Error),
    /// The link to the card broke during `step`: the card was moved or taken away.
    #[error("the card was moved during: {step}")]
    CardMoved {
        /// What was being done.
        step: Step,
    },
    /// The card has no JPKI application.
    #[error("not a My Number Card: no JPKI application")]
    NotJpki,
    /// The token names itself in a way that this crate does not know.
    #[error("a JPKI token of an unknown kind")]
    UnknownToken,
    /// The token shows its certificate only after the PIN, as phones do.
    #[error("this token shows its certificate only after the PIN")]
    PinRequired,
    /// The card carries no signing certificate (holders under fifteen, cards without a PIN).
    #[error("the card has no signing certificate")]
    NoSigningCertificate,
    /// The PIN or password was wrong; the card was asked once.
    #[error("wrong PIN, {left}")]
    PinWrong {
        /// What the card said is left.
        left: Tries,
    },
    /// The PIN or password is blocked; only a municipal office can lift that.
    #[error("PIN blocked")]
    PinBlocked,
    /// One try is left and the holder has not confirmed that it may be spent; the card was not asked.
    #[error("one try is left")]
    OneTryLeft,
    /// Another card answers than the one that this session began with.
    #[error("another card answered during: {step}")]
    CardSwapped {
        /// What was being done.
        step: Step,
    },
    /// The certificate's key is of a kind that this crate cannot use.
    #[error("a key of an unknown kind in the certificate")]
    UnknownKey,
    /// The card answered against the protocol.
    #[error("the card answered against the protocol during: {step}{}", show(*status))]
    Protocol {
        /// What was being done.
        step: Step,
        /// The status word, where there was one.
        status: Option<u16>,
    },
    /// The image of a software card cannot be used.
    #[error(transparent)]
    Image(#[from] ImageFault),
}

fn show(status: Option<u16>) -> String {
    status.map(|status| format!(" ({})", StatusWord::new(status))).unwrap_or_default()
}
