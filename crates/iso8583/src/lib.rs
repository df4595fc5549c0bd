//! ISO 8583 payment messages: what the relay says to a card company or a bank, and what it hears.
//!
//! Dialects are tables; one codec reads them all. Slides 9 to 11 of the deck are the flows that use it.
//!
//! *Invariant:* what decodes encodes again to the same bytes, so no two readings of a message exist.
//! *Invariant:* an element that the dialect does not name is an error, never skipped.
//! *Invariant:* no error, `Debug` or description contains a card number, a PIN block or opaque bytes.
//! *Invariant:* no I/O, no clock, no panic on any input.
//!
//! Message authentication (elements 64 and 128) is the caller's; the codec carries the eight bytes.
//! Standard: ISO 8583:1987.

mod additional_data;
mod amount;
mod answer;
mod bitmap;
mod charset;
mod code;
mod codec;
mod describe;
mod dialect;
mod element;
mod error;
mod field;
mod frame;
mod institution;
mod match_key;
mod message;
mod mti;
mod original_data;
mod reader;
mod replacement_amounts;
mod response_code;
mod spec;
mod stan;
mod tlv;
mod transmission_time;
mod typed;

#[cfg(test)]
mod samples;

pub use additional_data::{AdditionalData, PaymentTerms};
pub use amount::Amount;
pub use charset::Charset;
pub use code::{
    ApprovalNumber, CurrencyNumber, GoodsCode, MerchantCode, NetworkCode, ProcessingCode, Rrn, SlipNumber,
    TerminalCode,
};
pub use describe::describe;
pub use dialect::{Dialect, ascii_1987, japan_credit};
pub use element::De;
pub use error::{Error, Part};
pub use frame::{
    Deframed, FRAME_HEADER_LENGTH, MAX_MESSAGE_LENGTH, MIN_MESSAGE_LENGTH, deframe, frame, frame_length,
};
pub use institution::InstitutionId;
pub use match_key::{MatchKey, TransactionKey};
pub use message::Message;
pub use mti::{Class, Function, Mti, Origin, Version};
pub use original_data::OriginalData;
pub use replacement_amounts::{Fee, FeeSign, ReplacementAmounts};
pub use response_code::{OtherCode, ResponseCode};
pub use spec::{Content, Encoding, FieldSpec, Padding, Prefix, Sensitivity};
pub use stan::Stan;
pub use tlv::TagSpec;
pub use transmission_time::TransmissionTime;
pub use typed::PIN_BLOCK_LENGTH;
