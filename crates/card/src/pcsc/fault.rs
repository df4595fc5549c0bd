//! What an error of PC/SC means here.

use ::pcsc::Error;

use crate::error::CardError;

/// Whether the link to the service is gone; a new one may be had.
pub(super) fn is_service(error: Error) -> bool {
    matches!(
        error,
        Error::NoService
            | Error::ServiceStopped
            | Error::InvalidHandle
            | Error::Shutdown
            | Error::CommError
            | Error::InternalError
    )
}

/// Whether the reader is not there.
pub(super) fn is_reader(error: Error) -> bool {
    matches!(error, Error::UnknownReader | Error::ReaderUnavailable | Error::NoReadersAvailable)
}

/// An error where no reader is concerned.
pub(super) fn of_the_service(error: Error) -> CardError {
    match error {
        Error::NoAccess | Error::SecurityViolation => CardError::AccessDenied,
        error if is_service(error) => CardError::NoService,
        error => CardError::Pcsc(error),
    }
}

/// An error of looking at a reader or connecting to the card in it.
pub(super) fn of_the_reader(error: Error, name: &str) -> CardError {
    match error {
        Error::NoSmartcard | Error::RemovedCard => CardError::NoCard,
        Error::SharingViolation => CardError::CardHeld,
        Error::UnresponsiveCard
        | Error::UnpoweredCard
        | Error::CardUnsupported
        | Error::UnsupportedCard
        | Error::ProtoMismatch
        | Error::NotReady => CardError::CardMute,
        error if is_reader(error) => CardError::NoReader { name: name.to_owned() },
        error => of_the_service(error),
    }
}

/// An error in the middle of a session: the words by which the session knows a broken link.
pub(super) fn of_the_link(error: Error) -> myna_card::Error {
    if is_reader(error) || is_service(error) {
        return myna_card::Error::NoReader;
    }
    // Removed, reset or unpowered: no byte came back.
    myna_card::Error::ShortResponse(0)
}

#[cfg(test)]
mod tests;
