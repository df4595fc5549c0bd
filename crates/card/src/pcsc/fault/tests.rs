//! Every error of PC/SC that a person can mend has a text of its own.

use ::pcsc::Error;

use super::{of_the_link, of_the_reader, of_the_service};
use crate::error::CardError;

#[test]
fn a_connection_that_fails_says_what_to_do() {
    let text = |error| of_the_reader(error, "Counter 3").to_string();
    assert!(matches!(of_the_reader(Error::NoSmartcard, ""), CardError::NoCard));
    assert!(matches!(of_the_reader(Error::RemovedCard, ""), CardError::NoCard));
    assert!(text(Error::SharingViolation).starts_with("another program holds the card; "));
    assert!(text(Error::UnresponsiveCard).contains("insert it again"));
    assert!(text(Error::UnknownReader).contains("Counter 3"));
    assert!(text(Error::NoService).contains("pcscd"));
    assert!(text(Error::SecurityViolation).contains("permission"));
    assert!(matches!(of_the_service(Error::NoMemory), CardError::Pcsc(Error::NoMemory)));
}

#[test]
fn a_card_that_moved_is_told_from_a_reader_that_went() {
    for moved in [Error::RemovedCard, Error::ResetCard, Error::UnpoweredCard, Error::NotTransacted] {
        assert!(matches!(of_the_link(moved), myna_card::Error::ShortResponse(0)));
    }
    for gone in [Error::ReaderUnavailable, Error::UnknownReader, Error::NoService, Error::ServiceStopped] {
        assert!(matches!(of_the_link(gone), myna_card::Error::NoReader));
    }
}
