//! What went wrong with a card, and what to do about it.

use enishi_card::{CardError, Tries};

use crate::command::exit::{Exit, Failure};

/// Says what to do where the error does not already.
pub(crate) fn failure(error: CardError) -> Failure {
    let (exit, advice) = match &error {
        CardError::NoCard => (Exit::Surroundings, "put it on the reader and try again"),
        CardError::CardMoved { .. } => {
            (Exit::Surroundings, "let it lie until the command has ended, and try again")
        }
        CardError::CardMute
        | CardError::CardHeld
        | CardError::CardRemains
        | CardError::NoReader { .. }
        | CardError::NoService
        | CardError::AccessDenied => (Exit::Surroundings, ""),
        CardError::NotJpki => (Exit::Refused, "use a My Number Card or a sandbox card"),
        CardError::UnknownToken => (Exit::Refused, "it is newer than this program, or no JPKI token at all"),
        CardError::PinRequired => (Exit::Refused, "use the plastic card"),
        CardError::NoSigningCertificate => {
            (Exit::Refused, "holders under fifteen have none; others get one at the municipal office")
        }
        CardError::PinWrong { left: Tries::Blocked | Tries::Left(0) } | CardError::PinBlocked => {
            (Exit::Refused, "the municipal office unblocks it")
        }
        CardError::PinWrong { .. } => (Exit::Refused, "nothing was tried again; run the command once more"),
        CardError::OneTryLeft => {
            (Exit::Refused, "nothing was presented; enter the PIN on a terminal, or add --spend-last-try")
        }
        CardError::CardSwapped { .. } => (Exit::Refused, "use one card from beginning to end"),
        CardError::UnknownKey => (Exit::Refused, "this program signs with RSA keys of 2,048 bits alone"),
        CardError::Image(_) => (Exit::WrongUse, "take another image file"),
        CardError::Protocol { .. } => {
            (Exit::Surroundings, "try again; if it stays so, the card or the reader is faulty")
        }
        _ => (Exit::Surroundings, "try again"),
    };
    let text = error.to_string();
    if advice.is_empty() { Failure::new(exit, text) } else { Failure::new(exit, format!("{text}; {advice}")) }
}
