use std::fmt::{self, Write as _};

use crate::field;
use crate::spec::{Content, Encoding, FieldSpec, Sensitivity};
use crate::tlv::Tlvs;
use crate::{Class, De, Dialect, Function, Message, Mti, Origin, ResponseCode};

#[cfg(test)]
mod tests;

/// The message in words, one element a line, as a log or a screen may show it.
///
/// Of an account number, a PIN block, opaque bytes and free text only the length is shown, and so it is of elements that
/// the dialect does not know or would not write.
#[must_use]
pub fn describe(dialect: &Dialect, message: &Message) -> String {
    let mut text = String::new();
    // Writing into a string cannot fail.
    let _ = write_message(&mut text, dialect, message);
    text
}

fn write_message(out: &mut String, dialect: &Dialect, message: &Message) -> fmt::Result {
    let mti = message.mti();
    writeln!(out, "{mti} {}", Words(mti))?;
    for (de, value) in message.elements() {
        let length = value.len();
        match dialect.field(de) {
            Some(spec) => write_element(out, spec, value)?,
            None => write_line(out, de, "not in the dialect", format_args!("[{length}]"))?,
        }
    }
    Ok(())
}

fn write_element(out: &mut String, spec: &FieldSpec, value: &[u8]) -> fmt::Result {
    let (de, name, length) = (spec.de(), spec.name(), value.len());
    let shown = match (spec.sensitivity(), spec.encoding()) {
        (Sensitivity::Open, Encoding::Text(_)) => std::str::from_utf8(value).ok(),
        _ => None,
    };
    match shown.filter(|_| length <= spec.max() && field::check(spec, value, 0).is_ok()) {
        None => write_line(out, de, name, format_args!("[{length}]")),
        Some(text) => match (spec.content(), de) {
            (Content::Tlvs(tags), _) => {
                write_line(out, de, name, format_args!("[{length}]"))?;
                for (tag, value) in Tlvs::new(tags, value).flatten() {
                    let text = std::str::from_utf8(value).unwrap_or_default();
                    writeln!(out, "    {:02} {:<34} {text}", tag.tag, tag.name)?;
                }
                Ok(())
            }
            (_, De::RESPONSE_CODE) => {
                let meaning = ResponseCode::parse(text).map_or("", |code| code.meaning_en());
                write_line(out, de, name, format_args!("{text} {meaning}"))
            }
            _ => write_line(out, de, name, format_args!("{text}")),
        },
    }
}

fn write_line(out: &mut String, de: De, name: &str, value: fmt::Arguments<'_>) -> fmt::Result {
    writeln!(out, "{:>5} {name:<35} {value}", de.number())
}

struct Words(Mti);

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let class = match self.0.class {
            Class::Authorisation => "authorisation",
            Class::Financial => "financial",
            Class::FileAction => "file action",
            Class::Reversal => "reversal",
            Class::Reconciliation => "reconciliation",
            Class::Administrative => "administrative",
            Class::FeeCollection => "fee collection",
            Class::NetworkManagement => "network management",
        };
        let function = match self.0.function {
            Function::Request => "request",
            Function::RequestResponse => "response",
            Function::Advice => "advice",
            Function::AdviceResponse => "advice response",
            Function::Notification => "notification",
        };
        let origin = match self.0.origin {
            Origin::Acquirer => "",
            Origin::AcquirerRepeat => ", repeat",
            Origin::Issuer => ", from the issuer",
            Origin::IssuerRepeat => ", from the issuer, repeat",
            Origin::Other => ", from another",
            Origin::OtherRepeat => ", from another, repeat",
        };
        write!(f, "{class} {function}{origin}")
    }
}
