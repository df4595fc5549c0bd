//! What is said to a provider: 0100 and 0420 of the Japanese credit dialect, and how its answers are read.

use enishi_iso8583::{
    AdditionalData, Amount, ApprovalNumber, CurrencyNumber, De, GoodsCode, InstitutionId, MatchKey,
    MerchantCode, Message, Mti, OriginalData, PaymentTerms, ProcessingCode, ResponseCode, Rrn, SlipNumber,
    Stan, TerminalCode, TransmissionTime, japan_credit,
};
use enishi_party::{Kid, SurrogatePan, Timestamp};
use enishi_pinblock::PinBlock;
use enishi_wire::PaymentRequest;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

use crate::journal::Trace;
use crate::stop::Fault;

/// A purchase of goods and services, ISO 8583:1987 DE 3.
const PURCHASE: &str = "000000";

/// Everything that an authorisation request says.
pub(crate) struct Authorisation<'a> {
    pub(crate) request: &'a PaymentRequest,
    pub(crate) kid: &'a Kid,
    pub(crate) trace: Trace,
    pub(crate) assertion: &'a [u8],
    pub(crate) now: Timestamp,
}

fn making(error: enishi_iso8583::Error) -> Fault {
    Fault::Making { what: "an ISO 8583 message", reason: error.to_string() }
}

impl Authorisation<'_> {
    /// The 0100, without a PIN.
    pub(crate) fn message(&self) -> Result<Message, Fault> {
        self.build().map_err(making)
    }

    fn build(&self) -> Result<Message, enishi_iso8583::Error> {
        let request = self.request;
        let local = japan_time(self.now);
        let mut message = Message::new(Mti::AUTHORISATION_REQUEST);
        message
            .set_processing_code(ProcessingCode::parse(PURCHASE)?)
            .set_amount(Amount::new(request.amount.minor())?)
            .set_transmitted_at(transmission_time(self.now)?)
            .set_stan(stan(self.trace)?)
            .set(De::LOCAL_TIME, local.strftime("%H%M%S").to_string())
            .set(De::LOCAL_DATE, local.strftime("%m%d").to_string())
            .set_acquirer(InstitutionId::parse(self.kid.as_str())?)
            .set_rrn(Rrn::parse(&format!("{:012}", self.trace.number))?)
            .set_terminal(TerminalCode::parse(request.terminal.as_str())?)
            .set_merchant(MerchantCode::parse(request.merchant.as_str())?)
            .set_additional_data(&AdditionalData {
                payment: Some(PaymentTerms::parse(&format!(
                    "{}{:02}",
                    request.payment_type.code(),
                    request.payment_type.count()
                ))?),
                slip: Some(SlipNumber::parse(request.slip.as_str())?),
                goods: Some(GoodsCode::parse(&request.product_code)?),
            })
            .set_currency(CurrencyNumber::parse(request.amount.currency().numeric())?)
            .set_assertion(self.assertion);
        Ok(message)
    }
}

/// Adds the PIN block and the number it is formed over; only the copy on the wire has them, never the journal's.
pub(crate) fn with_pin(message: &Message, pan: &SurrogatePan, block: &PinBlock) -> Message {
    let mut with = message.clone();
    with.set_pin_block(pan.as_str(), block.expose_octets());
    with
}

/// The 0420 that takes a sent 0100 back.
pub(crate) fn reversal(original: &[u8], trace: Trace, now: Timestamp) -> Result<Vec<u8>, Fault> {
    let build = || {
        let original = Message::decode(japan_credit(), original)?;
        let mut message = Message::new(Mti::REVERSAL_ADVICE);
        for de in
            [De::PROCESSING_CODE, De::AMOUNT, De::ACQUIRER, De::RRN, De::TERMINAL, De::MERCHANT, De::CURRENCY]
        {
            if let Some(value) = original.expose_bytes(de) {
                message.set(de, value);
            }
        }
        message
            .set_transmitted_at(transmission_time(now)?)
            .set_stan(stan(trace)?)
            .set_original_data(&OriginalData::of(&original)?);
        message.encode(japan_credit())
    };
    build().map_err(making)
}

/// A message as the journal keeps it.
pub(crate) fn encode(message: &Message) -> Result<Vec<u8>, Fault> {
    message.encode(japan_credit()).map_err(making)
}

/// A message from the journal.
pub(crate) fn decode(octets: &[u8]) -> Result<Message, Fault> {
    Message::decode(japan_credit(), octets).map_err(making)
}

/// What an answer says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    Approved(ApprovalNumber),
    Declined(ResponseCode),
    /// Not an answer to this message, or one that contradicts it: as good as none.
    Unusable,
}

/// Reads an 0110. One that names another amount, currency, merchant or terminal answers something else.
pub(crate) fn verdict(request: &Message, answer: &Message) -> Verdict {
    let same_key = matches!((MatchKey::of(request), MatchKey::of(answer)), (Ok(a), Ok(b)) if a == b);
    let same = |de| request.expose_bytes(de) == answer.expose_bytes(de);
    let echoed = [De::PROCESSING_CODE, De::AMOUNT, De::MERCHANT, De::CURRENCY].into_iter().all(same);
    if !same_key || !echoed || request.mti().response() != Some(answer.mti()) {
        return Verdict::Unusable;
    }
    match (answer.response_code(), answer.approval_number()) {
        (Ok(code), Ok(number)) if code.is_approved() => Verdict::Approved(number),
        (Ok(code), _) if !code.is_approved() => Verdict::Declined(code),
        _ => Verdict::Unusable,
    }
}

/// Reads an 0430. None for anything but an answer to this very advice: as good as no answer, so the advice is said again.
pub(crate) fn acknowledgement(advice: &Message, answer: &Message) -> Option<ResponseCode> {
    let same_key = matches!((MatchKey::of(advice), MatchKey::of(answer)), (Ok(a), Ok(b)) if a == b);
    let answers = same_key && advice.mti().response() == Some(answer.mti());
    answer.response_code().ok().filter(|_| answers)
}

/// A stray answer as it may be kept: without a PIN block that a provider sent back.
///
/// # Errors
/// The answer is not of the dialect.
pub fn for_quarantine(answer: &Message) -> Result<Vec<u8>, Fault> {
    let mut kept = answer.clone();
    for de in [De::PIN_BLOCK_FORMAT_4, De::PIN_DATA, De::SECURITY_CONTROL, De::PAN] {
        kept.remove(de);
    }
    encode(&kept)
}

/// Six digits of the trace; with date and time in the key it repeats no sooner than a million messages.
fn stan(trace: Trace) -> Result<Stan, enishi_iso8583::Error> {
    Stan::new(u32::try_from(trace.number % 1_000_000).unwrap_or_default())
}

fn transmission_time(now: Timestamp) -> Result<TransmissionTime, enishi_iso8583::Error> {
    TransmissionTime::parse(&now.strftime("%m%d%H%M%S").to_string())
}

/// Japan Standard Time, nine hours ahead, without daylight saving.
fn japan_time(now: Timestamp) -> DateTime {
    now.to_zoned(TimeZone::fixed(Offset::constant(9))).datetime()
}
