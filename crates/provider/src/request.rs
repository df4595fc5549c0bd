use enishi_iso8583::{CurrencyNumber, De, Message, ProcessingCode};
use enishi_party::{MerchantId, Money, PaymentType, SlipNumber, SurrogatePan, TerminalId};
use enishi_pinblock::PinBlock;

use crate::Refusal;

/// A purchase as the message tells it (0100), every element read; nothing is believed yet.
#[derive(Debug)]
pub(crate) struct PurchaseRequest {
    pub(crate) amount: Money,
    pub(crate) terminal: TerminalId,
    pub(crate) merchant: MerchantId,
    pub(crate) slip: SlipNumber,
    pub(crate) payment_type: PaymentType,
    pub(crate) pin: Option<OfferedPin>,
    pub(crate) sealed_assertion: Vec<u8>,
}

/// A PIN block and the surrogate number (DE 2) that it claims to be made over.
#[derive(Debug)]
pub(crate) struct OfferedPin {
    pub(crate) surrogate_pan: SurrogatePan,
    pub(crate) block: PinBlock,
}

impl PurchaseRequest {
    pub(crate) fn read(message: &Message) -> Result<Self, Refusal> {
        if message.processing_code().map_err(|_| Refusal::Format)? != ProcessingCode::PURCHASE {
            return Err(Refusal::Unsupported);
        }
        Self::read_purchase(message).ok_or(Refusal::Format)
    }

    fn read_purchase(message: &Message) -> Option<Self> {
        if message.currency().ok()? != CurrencyNumber::JPY {
            return None;
        }
        let additional = message.additional_data().ok()?;
        let terms = additional.payment?;
        Some(Self {
            amount: Money::yen(message.amount().ok()?.minor_units()).ok()?,
            terminal: message.terminal().ok()?.as_str().parse().ok()?,
            merchant: message.merchant().ok()?.as_str().parse().ok()?,
            slip: additional.slip?.as_str().parse().ok()?,
            payment_type: PaymentType::from_code(&format!("{:02}", terms.kind()), terms.count()).ok()?,
            pin: Self::read_pin(message).ok()?,
            sealed_assertion: message.assertion()?.to_vec(),
        })
    }

    /// Block and number come together or not at all.
    fn read_pin(message: &Message) -> Result<Option<OfferedPin>, Refusal> {
        if !message.has(De::PIN_BLOCK_FORMAT_4) && !message.has(De::PAN) {
            return Ok(None);
        }
        let block = message.expose_pin_block().ok_or(Refusal::Format)?;
        let surrogate_pan = message.expose_surrogate_pan().and_then(|digits| digits.parse().ok());
        Ok(Some(OfferedPin {
            surrogate_pan: surrogate_pan.ok_or(Refusal::Format)?,
            block: PinBlock::from_octets(*block),
        }))
    }
}

#[cfg(test)]
mod tests;
