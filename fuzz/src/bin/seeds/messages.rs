//! Messages of both dialects, alone and framed.

use enishi_iso8583::{
    Amount, CurrencyNumber, De, Dialect, InstitutionId, Message, Mti, NetworkCode, OriginalData,
    ProcessingCode, ResponseCode, Rrn, Stan, TerminalCode, TransmissionTime, ascii_1987, frame, japan_credit,
};

use crate::{Done, seed};

pub(crate) fn write() -> Done<()> {
    let request = purchase()?;
    let answer = request.answer(ResponseCode::Approved)?;
    let mut all = Vec::new();
    let mut with_pin = request.clone();
    with_pin.set_pin_block("9392000000000042", b"sixteen octets..").set_assertion(b"\xD2\x84");
    for (name, message) in [
        ("purchase", &request),
        ("pin", &with_pin),
        ("approval", &answer),
        ("reversal", &reversal(&request)?),
    ] {
        let octets = message.encode(japan_credit())?;
        all.extend(frame(&octets)?);
        seed("iso8583", name, octets)?;
    }
    for (name, dialect) in [("echo-japan", japan_credit()), ("echo-1987", ascii_1987())] {
        seed("iso8583", name, echo(dialect)?)?;
    }
    seed("iso8583-frame", "four", &all)?;
    let half = all.get(..all.len() / 2).unwrap_or_default();
    seed("iso8583-frame", "cut", half)
}

fn purchase() -> Done<Message> {
    let mut message = Message::new(Mti::FINANCIAL_REQUEST);
    message
        .set_processing_code(ProcessingCode::PURCHASE)
        .set_amount(Amount::new(1_980)?)
        .set_transmitted_at(TransmissionTime::new(11, 20, 3, 0, 0)?)
        .set_stan(Stan::new(42)?)
        .set_acquirer(InstitutionId::parse("12345")?)
        .set_rrn(Rrn::parse("000000000042")?)
        .set_terminal(TerminalCode::parse("1234567890123")?)
        .set(De::MERCHANT, "KITTE 12")
        .set_currency(CurrencyNumber::JPY);
    Ok(message)
}

fn reversal(original: &Message) -> Done<Message> {
    let mut message = Message::new(Mti::REVERSAL_ADVICE);
    message
        .set_processing_code(ProcessingCode::PURCHASE)
        .set_amount(Amount::new(1_980)?)
        .set_transmitted_at(TransmissionTime::new(11, 20, 3, 0, 9)?)
        .set_stan(Stan::new(43)?)
        .set_acquirer(original.acquirer()?)
        .set_rrn(original.rrn()?)
        .set_terminal(original.terminal()?)
        .set_currency(CurrencyNumber::JPY)
        .set_original_data(&OriginalData::of(original)?);
    Ok(message)
}

fn echo(dialect: &Dialect) -> Done<Vec<u8>> {
    let mut message = Message::new(Mti::NETWORK_REQUEST);
    message
        .set_transmitted_at(TransmissionTime::new(2, 29, 23, 59, 59)?)
        .set_stan(Stan::new(999_999)?)
        .set_network_code(NetworkCode::ECHO);
    Ok(message.encode(dialect)?)
}
