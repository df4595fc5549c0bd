//! Messages for the tests: a few that the flows send, and any that a dialect allows.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::subsequence;
use proptest::string::string_regex;

use crate::{
    AdditionalData, Amount, Charset, Content, CurrencyNumber, De, Dialect, Encoding, FieldSpec, GoodsCode,
    InstitutionId, Message, Mti, NetworkCode, OriginalData, Padding, PaymentTerms, ProcessingCode,
    ReplacementAmounts, ResponseCode, Rrn, Sensitivity, SlipNumber, Stan, TagSpec, TerminalCode,
    TransmissionTime,
};

pub(crate) const SURROGATE: &str = "9999990000000014";
pub(crate) const PIN_BLOCK: [u8; 16] = *b"\xDE\xAD\xBE\xEF pin block \xFF";

pub(crate) fn de(number: u8) -> De {
    De::new(number).expect("an element's number")
}

/// A purchase with a PIN, in the Japanese dialect.
pub(crate) fn purchase() -> Message {
    let mut message = Message::new(Mti::FINANCIAL_REQUEST);
    message
        .set_processing_code(ProcessingCode::PURCHASE)
        .set_amount(Amount::new(1_500).unwrap())
        .set_transmitted_at(TransmissionTime::new(11, 30, 1, 2, 3).unwrap())
        .set_stan(Stan::new(42).unwrap())
        .set_acquirer(InstitutionId::parse("12345").unwrap())
        .set_rrn(Rrn::parse("000000000042").unwrap())
        .set_terminal(TerminalCode::parse("1234567890123").unwrap())
        .set(De::MERCHANT, "KITTE 12")
        .set_additional_data(&AdditionalData {
            payment: Some(PaymentTerms::instalments(3).unwrap()),
            slip: Some(SlipNumber::parse("00123").unwrap()),
            goods: Some(GoodsCode::parse("9900").unwrap()),
        })
        .set_currency(CurrencyNumber::JPY)
        .set_pin_block(SURROGATE, &PIN_BLOCK)
        .set_assertion(b"\xD2\x84 not ASCII \x00\x01");
    message
}

/// The reversal of [`purchase`], with a replacement amount.
pub(crate) fn reversal() -> Message {
    let original = purchase();
    let mut message = Message::new(Mti::REVERSAL_ADVICE);
    message
        .set_processing_code(ProcessingCode::PURCHASE)
        .set_amount(Amount::new(1_500).unwrap())
        .set_transmitted_at(TransmissionTime::new(11, 30, 1, 2, 13).unwrap())
        .set_stan(Stan::new(43).unwrap())
        .set_acquirer(original.acquirer().unwrap())
        .set_rrn(original.rrn().unwrap())
        .set_terminal(original.terminal().unwrap())
        .set_currency(CurrencyNumber::JPY)
        .set_original_data(&OriginalData::of(&original).unwrap())
        .set_replacement_amounts(ReplacementAmounts::transaction(Amount::ZERO));
    message
}

/// An echo, with the least that a message has.
pub(crate) fn echo() -> Message {
    let mut message = Message::new(Mti::NETWORK_REQUEST);
    message
        .set_transmitted_at(TransmissionTime::new(2, 29, 23, 59, 59).unwrap())
        .set_stan(Stan::new(999_999).unwrap())
        .set_network_code(NetworkCode::ECHO);
    message
}

/// One of each kind, all of the Japanese dialect.
pub(crate) fn all() -> [Message; 4] {
    [purchase(), purchase().answer(ResponseCode::Approved).unwrap(), reversal(), echo()]
}

/// Any message that the dialect would write, with values as they come back from reading.
pub(crate) fn any_message(dialect: &'static Dialect) -> impl Strategy<Value = Message> {
    let rows: Vec<&'static FieldSpec> = dialect
        .fields()
        .filter(|spec| spec.sensitivity() != Sensitivity::Pin && spec.de() != De::PAN)
        .collect();
    let count = rows.len();
    let pin = any::<bool>();
    (any_mti(), subsequence(rows, 0..count.min(24)), pin).prop_flat_map(move |(mti, mut rows, pin)| {
        if pin && mti == Mti::FINANCIAL_REQUEST {
            rows.extend([De::PAN, De::PIN_DATA].iter().filter_map(|&de| dialect.field(de)));
        }
        rows.into_iter()
            .map(|spec| any_value(*spec).prop_map(|value| (spec.de(), value)))
            .collect::<Vec<_>>()
            .prop_map(move |elements| {
                let mut message = Message::new(mti);
                for (de, value) in elements {
                    message.set(de, value);
                }
                message
            })
    })
}

fn any_mti() -> impl Strategy<Value = Mti> {
    prop_oneof![
        Just(Mti::FINANCIAL_REQUEST),
        Just(Mti::AUTHORISATION_RESPONSE),
        Just(Mti::FINANCIAL_ADVICE_REPEAT),
        Just(Mti::REVERSAL_ADVICE),
        Just(Mti::NETWORK_RESPONSE),
    ]
}

fn any_value(spec: FieldSpec) -> BoxedStrategy<Vec<u8>> {
    let time = (1..=12_u8, 1..=28_u8, 0..24_u8, 0..60_u8, 0..60_u8);
    let time = time.prop_map(|(month, day, h, m, s)| TransmissionTime::new(month, day, h, m, s).unwrap());
    match spec.content() {
        Content::Plain => any_plain(spec),
        Content::TransmissionTime => time.prop_map(|time| time.to_string().into_bytes()).boxed(),
        Content::OriginalData => (any_mti(), 0..1_000_000_u32, time, "[0-9]{22}")
            .prop_map(|(mti, stan, time, institutions)| {
                format!("{mti}{stan:06}{time}{institutions}").into_bytes()
            })
            .boxed(),
        Content::ReplacementAmounts => "[0-9]{24}([CD][0-9]{8}){2}".prop_map(String::into_bytes).boxed(),
        Content::Tlvs(tags) => {
            subsequence(tags, 1..=tags.len()).prop_shuffle().prop_flat_map(any_tlvs).boxed()
        }
    }
}

fn any_tlvs(tags: Vec<TagSpec>) -> impl Strategy<Value = Vec<u8>> {
    let pattern =
        |tag: &TagSpec| string_regex(&format!("[0-9]{{{},{}}}", tag.min, tag.max)).expect("a pattern");
    let values: Vec<_> = tags.iter().map(pattern).collect();
    values.prop_map(move |values| {
        let part = |(tag, value): (&TagSpec, &String)| format!("{:02}{:03}{value}", tag.tag, value.len());
        tags.iter().zip(&values).map(part).collect::<String>().into_bytes()
    })
}

fn any_plain(spec: FieldSpec) -> BoxedStrategy<Vec<u8>> {
    let (min, max) = (spec.min(), spec.max().min(200));
    let charset = match spec.encoding() {
        Encoding::Hex | Encoding::Raw => return vec(any::<u8>(), min..=max).boxed(),
        Encoding::Text(charset) => charset,
    };
    // A shorter quantity is written with zeros, and read with them.
    let min = if spec.padding() == Padding::LeftZeros { max } else { min };
    let pattern = match charset {
        Charset::Numeric => format!("[0-9]{{{min},{max}}}"),
        Charset::Alnum => format!("[0-9A-Za-z]{{{min},{max}}}"),
        Charset::Ans => format!("[ -~]{{{min},{max}}}"),
        Charset::SignedNumeric => format!("[CD][0-9]{{{}}}", max.saturating_sub(1)),
        Charset::Track => format!("[0-9=D]{{{min},{max}}}"),
    };
    let text = string_regex(&pattern).expect("a pattern");
    let padded = spec.padding() == Padding::RightSpaces;
    text.prop_map(move |text| if padded { text.trim_end().into() } else { text.into_bytes() }).boxed()
}
