//! The same messages read and written by a second implementation, PyPI's pyiso8583.
//!
//! Runs when `ENISHI_PYISO8583` names a Python interpreter that has it; else it says `NOT RUN` and ends.

#![cfg(test)]

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use enishi_iso8583::{
    AdditionalData, Charset, Content, De, Dialect, Encoding, FieldSpec, Message, Mti, Padding, Prefix,
    ResponseCode, Sensitivity, ascii_1987, japan_credit,
};
use serde_json::{Value, json};

#[test]
fn second_implementation_reads_what_we_write_and_writes_what_we_read() {
    let Some(python) = Python::from_environment() else { return };
    let messages = messages();
    assert!(messages.len() > 400, "only {} messages", messages.len());

    let decoded = python.run(messages.iter().map(|(dialect, message)| {
        json!({ "dialect": dialect.name(), "decode": hex::encode(written(dialect, message)) })
    }));
    let encoded =
        python.run(messages.iter().map(
            |(dialect, message)| json!({ "dialect": dialect.name(), "encode": fields(dialect, message) }),
        ));
    for (((dialect, message), decoded), encoded) in messages.iter().zip(decoded).zip(encoded) {
        assert_eq!(decoded, json!({ "fields": fields(dialect, message) }), "{message:?}");
        assert_eq!(encoded, json!({ "hex": hex::encode(written(dialect, message)) }), "{message:?}");
    }
}

#[test]
fn second_implementation_refuses_every_truncation_too() {
    let Some(python) = Python::from_environment() else { return };
    let mut orders = Vec::new();
    for message in [purchase(), reversal()] {
        let bytes = written(japan_credit(), &message);
        for length in 0..bytes.len() {
            assert!(Message::decode(japan_credit(), &bytes[..length]).is_err());
            orders.push(json!({ "dialect": japan_credit().name(), "decode": hex::encode(&bytes[..length]) }));
        }
    }
    for answer in python.run(orders.into_iter()) {
        assert_eq!(answer, json!({ "refused": true }));
    }
}

/// We are the stricter of the two: whatever we accept, both read alike.
#[test]
fn mutated_message_that_we_accept_says_the_same_to_both() {
    let Some(python) = Python::from_environment() else { return };
    let mut accepted = Vec::new();
    for message in [purchase(), reversal()] {
        let bytes = written(japan_credit(), &message);
        for at in 0..bytes.len() {
            for byte in [b'0', b'1', b'2', b'9', b'A', b'F', b' ', b'~', 0x00, 0xF0, 0xFF] {
                let mut mutated = bytes.clone();
                mutated[at] = byte;
                if let Ok(read) = Message::decode(japan_credit(), &mutated) {
                    accepted.push((mutated, read));
                }
            }
        }
    }
    assert!(accepted.len() > 300, "only {} accepted", accepted.len());
    let answers = python.run(
        accepted
            .iter()
            .map(|(bytes, _)| json!({ "dialect": japan_credit().name(), "decode": hex::encode(bytes) })),
    );
    for ((_, read), answer) in accepted.iter().zip(answers) {
        assert_eq!(answer, json!({ "fields": fields(japan_credit(), read) }), "{read:?}");
    }
}

struct Python(String);

impl Python {
    fn from_environment() -> Option<Self> {
        match std::env::var("ENISHI_PYISO8583") {
            Ok(python) if !python.is_empty() => Some(Self(python)),
            _ => {
                println!("NOT RUN: pyiso8583 (ENISHI_PYISO8583 names no Python interpreter that has it)");
                None
            }
        }
    }

    /// One answer for each order, in order.
    fn run(&self, orders: impl Iterator<Item = Value>) -> Vec<Value> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pyiso8583.py");
        let mut child = Command::new(&self.0)
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the interpreter that ENISHI_PYISO8583 names starts");
        let orders: Vec<String> = orders.map(|order| format!("{order}\n")).collect();
        let mut stdin = child.stdin.take().expect("a pipe");
        // The script reads everything before it answers, so this cannot block for good.
        stdin.write_all(orders.concat().as_bytes()).expect("the script reads");
        drop(stdin);
        let output = child.wait_with_output().expect("the script ends");
        assert!(output.status.success(), "the script failed: is pyiso8583 installed?");
        let answers: Vec<Value> = String::from_utf8(output.stdout)
            .expect("text")
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect();
        assert_eq!(answers.len(), orders.len());
        answers
    }
}

fn written(dialect: &Dialect, message: &Message) -> Vec<u8> {
    message.encode(dialect).unwrap_or_else(|error| panic!("{message:?}: {error}"))
}

/// The message as pyiso8583 shows one.
fn fields(dialect: &Dialect, message: &Message) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::from([("t".to_owned(), message.mti().to_string())]);
    for de in message.numbers() {
        let spec = dialect.field(de).expect("an element of the dialect");
        let value = message.expose_bytes(de).expect("an element of the message");
        let text = String::from_utf8_lossy(value);
        let width = spec.max();
        let shown = match (spec.encoding(), spec.padding()) {
            (Encoding::Hex | Encoding::Raw, _) => hex::encode_upper(value),
            (Encoding::Text(_), Padding::None) => text.into_owned(),
            (Encoding::Text(_), Padding::LeftZeros) => format!("{text:0>width$}"),
            (Encoding::Text(_), Padding::RightSpaces) => format!("{text: <width$}"),
        };
        fields.insert(de.number().to_string(), shown);
    }
    fields
}

/// Each element of each dialect alone, shortest and longest; all together; and what the flows send.
fn messages() -> Vec<(&'static Dialect, Message)> {
    let mut messages = Vec::new();
    for dialect in [ascii_1987(), japan_credit()] {
        let mut all = Message::new(Mti::AUTHORISATION_REQUEST);
        for spec in dialect.fields() {
            for length in [spec.min(), spec.max()] {
                let mut alone = Message::new(Mti::FINANCIAL_REQUEST);
                alone.set(spec.de(), value(spec, length));
                // The Japanese dialect wants some elements in company: those are in `all`.
                if alone.encode(dialect).is_ok() {
                    messages.push((dialect, alone));
                }
            }
            let length = match spec.prefix() {
                Prefix::Fixed => spec.max(),
                Prefix::Ll | Prefix::Lll => spec.max().min(20),
            };
            all.set(spec.de(), value(spec, length));
        }
        let mut without_pin = all.clone();
        let mut without_secondary = all.clone();
        for spec in dialect.fields() {
            if spec.sensitivity() == Sensitivity::Pin || spec.de() == De::PAN {
                without_pin.remove(spec.de());
            }
            if spec.de().number() > 64 {
                without_secondary.remove(spec.de());
            }
        }
        messages.extend([(dialect, all), (dialect, without_pin), (dialect, without_secondary)]);
    }
    let answer = purchase().answer(ResponseCode::Approved).expect("an answer");
    let repeat = reversal().repeat().expect("a repeat");
    messages.extend([purchase(), answer, reversal(), repeat].map(|message| (japan_credit(), message)));
    messages
}

fn value(spec: &FieldSpec, length: usize) -> Vec<u8> {
    let cycle = |characters: &str| characters.bytes().cycle().take(length).collect();
    match (spec.content(), spec.encoding()) {
        (Content::TransmissionTime, _) => b"0229235959".to_vec(),
        (Content::OriginalData, _) => b"020000004202292359590000001234500000000007".to_vec(),
        (Content::ReplacementAmounts, _) => b"000000010000000000000000C00000110D00000000".to_vec(),
        (Content::Tlvs(_), _) => b"04004610306005001230700499".iter().chain(b"00").copied().collect(),
        (Content::Plain, Encoding::Hex | Encoding::Raw) => (0..=u8::MAX).rev().cycle().take(length).collect(),
        (Content::Plain, Encoding::Text(charset)) => match charset {
            Charset::Numeric => cycle("1234567890"),
            Charset::Alnum => cycle("aB3dE6gH9"),
            Charset::Ans => cycle("x !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"),
            Charset::SignedNumeric => cycle("D12345678901234567"),
            Charset::Track => cycle("1234567890D=0"),
        },
    }
}

fn purchase() -> Message {
    let mut message = Message::new(Mti::FINANCIAL_REQUEST);
    message
        .set(De::PROCESSING_CODE, "010000")
        .set(De::AMOUNT, "30000")
        .set(De::TRANSMITTED_AT, "1130010203")
        .set(De::STAN, "000042")
        .set(De::ACQUIRER, "12345")
        .set(De::RRN, "00000000002A")
        .set(De::TERMINAL, "1234567890123")
        .set(De::MERCHANT, "KITTE 12")
        .set_additional_data(&AdditionalData::parse("04004100006001107003990").expect("additional data"))
        .set(De::CURRENCY, "392")
        .set_pin_block("9999990000000014", &[0xA5; 16])
        .set_assertion(&[0xD2, 0x84, 0x00, 0x20, 0x30, 0xFF]);
    message
}

fn reversal() -> Message {
    let mut message = Message::new(Mti::REVERSAL_ADVICE);
    for de in [De::PROCESSING_CODE, De::AMOUNT, De::ACQUIRER, De::RRN, De::TERMINAL, De::CURRENCY] {
        message.set(de, purchase().expose_bytes(de).expect("an element of the purchase"));
    }
    let original = enishi_iso8583::OriginalData::of(&purchase()).expect("original data");
    message.set(De::TRANSMITTED_AT, "1130010213").set(De::STAN, "000043").set_original_data(&original);
    message.set(De::REPLACEMENT_AMOUNTS, "000000010000000000000000C00000000C00000000");
    message
}
