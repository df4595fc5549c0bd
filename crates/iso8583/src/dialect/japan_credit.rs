use super::Dialect;
use super::ascii_1987::ASCII_1987;
use crate::De;
use crate::charset::Charset::{Ans, Numeric};
use crate::spec::{ADDITIONAL_DATA, FieldSpec, fixed, ll, lll, lll_raw};
use crate::typed::PIN_BLOCK_LENGTH;

/// A Japanese credit dialect: ASCII 1987 with the elements that Japanese card traffic knows, and the relay's assertion.
///
/// The elements made to hold a card or account number, or data of such a card, are missing. Element 2 is the ticket's
/// surrogate number, and stands only beside a PIN block; what is in the free-text elements, a codec cannot judge.
#[must_use]
pub fn japan_credit() -> &'static Dialect {
    &JAPAN_CREDIT
}

static JAPAN_CREDIT: Dialect = ASCII_1987.derive("japan-credit", NUMBER_BEARING, ROWS);

/// Expiry, sequence number, extended number, tracks 1 to 3, chip data, account identifications.
const NUMBER_BEARING: &[u8] = &[14, 23, 34, 35, 36, 45, 55, 102, 103];

const ROWS: &[FieldSpec] = &[
    ll(2, Numeric, 16, "surrogate account number")
        .at_least(16)
        .hidden()
        .only_beside(&[De::PIN_DATA, De::PIN_BLOCK_FORMAT_4], "DE 52 or DE 125"),
    ll(32, Numeric, 11, "acquiring institution (KID)"),
    fixed(41, Numeric, 13, "terminal number"),
    fixed(42, Ans, 15, "merchant"),
    lll(48, Ans, 999, "additional data").holding(ADDITIONAL_DATA),
    lll_raw(125, PIN_BLOCK_LENGTH, "PIN block, ISO 9564 format 4")
        .at_least(PIN_BLOCK_LENGTH)
        .pin()
        .only_beside(&[De::PAN], "DE 2"),
    lll_raw(126, 999, "assertion (COSE)"),
];
