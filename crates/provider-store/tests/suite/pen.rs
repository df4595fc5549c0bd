//! A relay's pen: purchases and reversals as the messages that the relay would write.

use std::sync::Mutex;

use enishi_iso8583::{
    AdditionalData, Amount, CurrencyNumber, De, InstitutionId, Message, Mti, OriginalData, PaymentTerms,
    ProcessingCode, Rrn, SlipNumber, Stan, TerminalCode, TransmissionTime,
};
use enishi_party::{AssertionId, Clock};
use enishi_pinblock::{IssuerPin, PinKey, seal};
use enishi_wire::{Assertion, AssertionKey};

use crate::world::{Hand, yen, zone_key};

/// A purchase as the relay knows it.
#[derive(Clone)]
pub(crate) struct Buy {
    pub(crate) assertion: Assertion,
    pub(crate) pin: Option<String>,
}

impl Buy {
    /// The same purchase made anew: another assertion, given now.
    pub(crate) fn again(mut self, pen: &Pen) -> Self {
        self.assertion.id = AssertionId::from_random(u128::from(pen.next()).to_be_bytes());
        self.assertion.issued_at = pen.clock.now().as_second();
        self
    }

    pub(crate) fn of(mut self, amount: u64) -> Self {
        self.assertion.amount = yen(amount);
        self
    }

    pub(crate) fn with_pin(mut self, pin: &str) -> Self {
        self.pin = Some(pin.to_owned());
        self
    }
}

/// Writes messages as the relay does, each with its own trace and reference number.
pub(crate) struct Pen {
    pub(crate) key: AssertionKey,
    clock: Hand,
    count: Mutex<u32>,
}

impl Pen {
    pub(crate) fn new(key: AssertionKey, clock: Hand) -> Self {
        Self { key, clock, count: Mutex::new(0) }
    }

    pub(crate) fn next(&self) -> u32 {
        let mut count = self.count.lock().unwrap();
        *count += 1;
        *count
    }

    pub(crate) fn write(&self, buy: &Buy) -> Message {
        self.write_under(buy, &zone_key())
    }

    pub(crate) fn write_under(&self, buy: &Buy, zone_key: &PinKey) -> Message {
        let it = &buy.assertion;
        let payment = it.payment_type;
        let mut message = self.keyed(Mti::AUTHORISATION_REQUEST);
        message
            .set_processing_code(ProcessingCode::PURCHASE)
            .set_amount(Amount::new(it.amount.minor()).unwrap())
            .set(De::LOCAL_TIME, "120000")
            .set(De::LOCAL_DATE, "1130")
            .set_terminal(TerminalCode::parse(it.terminal.as_str()).unwrap())
            .set(De::MERCHANT, it.merchant.as_str())
            .set_additional_data(&AdditionalData {
                payment: Some(PaymentTerms::new(payment.code().parse().unwrap(), payment.count()).unwrap()),
                slip: Some(SlipNumber::parse(it.slip.as_str()).unwrap()),
                goods: None,
            })
            .set_currency(CurrencyNumber::JPY)
            .set_assertion(&self.key.seal(it).unwrap());
        if let Some(pin) = &buy.pin {
            let pin = IssuerPin::parse(pin).unwrap();
            let block = seal(&pin, &it.surrogate_pan, zone_key, [0x33; 8]);
            message.set_pin_block(it.surrogate_pan.as_str(), block.expose_octets());
        }
        message
    }

    /// The reversal of a message, with keys of its own.
    pub(crate) fn reverse(&self, original: &Message) -> Message {
        let mut message = self.keyed(Mti::REVERSAL_ADVICE);
        for de in [De::PROCESSING_CODE, De::AMOUNT, De::RRN, De::TERMINAL, De::MERCHANT, De::CURRENCY] {
            message.set(de, original.expose_bytes(de).unwrap());
        }
        message.set_original_data(&OriginalData::of(original).unwrap());
        message
    }

    fn keyed(&self, mti: Mti) -> Message {
        let count = self.next();
        let now = self.clock.now().to_zoned(jiff::tz::TimeZone::UTC).strftime("%m%d%H%M%S").to_string();
        let mut message = Message::new(mti);
        message
            .set_transmitted_at(TransmissionTime::parse(&now).unwrap())
            .set_stan(Stan::new(count).unwrap())
            .set_acquirer(InstitutionId::parse("00012345").unwrap())
            .set_rrn(Rrn::parse(&format!("{count:012}")).unwrap());
        message
    }
}
