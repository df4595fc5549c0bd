use enishi_provider::{LinkCallback, LinkRequest, LoginRequest};
use enishi_testkit::Contract;
use enishi_wire::{
    CancelRequest, ConfirmOutcome, ContinueRequest, EnrolmentRequest, IntentRequest, PaymentRequest,
    RedeemRequest, TicketsRequest,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::contracts;

/// A request, its parser, and the fields whose form is looked at where they are used instead.
struct Parser {
    operation: &'static str,
    parses: fn(&Value) -> bool,
    later: &'static [&'static str],
}

const fn parser<T: DeserializeOwned>(operation: &'static str, later: &'static [&'static str]) -> Parser {
    // From text, as a server reads it: a value in memory may parse otherwise.
    Parser { operation, parses: |value| serde_json::from_str::<T>(&value.to_string()).is_ok(), later }
}

const PARSERS: [Parser; 12] = [
    parser::<TicketsRequest>("tickets", &["/count"]),
    parser::<PaymentRequest>("pay", &["/token", "/nonce", "/business_date", "/product_code", "/pin_block"]),
    parser::<ContinueRequest>("continue", &["/pin_block"]),
    parser::<CancelRequest>("cancel", &[]),
    parser::<IntentRequest>("createLinkIntent", &["/callback", "/state", "/label"]),
    parser::<RedeemRequest>("redeem", &["/code", "/state"]),
    parser::<EnrolmentRequest>("enrol", &["/token", "/nonce"]),
    parser::<ConfirmOutcome>("confirmLink", &[]),
    parser::<LoginRequest>("logIn", &["/customer"]),
    parser::<LinkRequest>("beginLink", &["/card"]),
    parser::<LinkCallback>("finishLink", &["/state", "/code"]),
    parser::<LinkCallback>("finishInvited", &["/state", "/code"]),
];

#[test]
fn a_request_that_its_schema_takes_parses_and_one_that_it_refuses_does_not() {
    let contracts = contracts();
    for parser in PARSERS {
        let operation = |contract: &Contract| {
            contract.operations().any(|its| its.operation["operationId"] == parser.operation)
        };
        let (_, contract) = contracts.iter().find(|(_, contract)| operation(contract)).unwrap();
        let its = contract.operations().find(|its| its.operation["operationId"] == parser.operation).unwrap();
        let content = &its.operation["requestBody"]["content"]["application/json"];
        let schema = contract.schema(&content["schema"]);
        let (mut taken, mut refused) = (0, 0);
        for (_, example) in contract.examples(content) {
            for (place, changed) in changes(example) {
                let (described, parses) = (schema.is_valid(&changed), (parser.parses)(&changed));
                let later = parser.later.iter().any(|field| place.starts_with(field));
                assert!(
                    !described || parses,
                    "{}: described, but does not parse: {changed}",
                    parser.operation
                );
                assert!(
                    described || !parses || later,
                    "{}: parses, but is not described: {changed}",
                    parser.operation
                );
                if parses { taken += 1 } else { refused += 1 }
            }
        }
        assert!(taken > 0 && refused > 10, "{}: {taken} taken, {refused} refused", parser.operation);
    }
}

/// A value with one thing changed, for every place in it: other kinds, edges of lengths and ranges, a field gone, one more.
fn changes(value: &Value) -> Vec<(String, Value)> {
    let mut all = vec![(String::new(), value.clone())];
    for place in places(value) {
        let mut others = vec![
            Value::Null,
            json!(true),
            json!(0),
            json!(-1),
            json!(1),
            json!(31),
            json!(33),
            json!(61),
            json!(256),
            json!(999_999_999_999_u64),
            json!(1_000_000_000_000_u64),
            json!(""),
            json!("x"),
            json!("縁"),
            json!([]),
            json!({}),
            json!({ "instalments": 12 }),
            json!({ "instalments": 61 }),
        ];
        if let Some(text) = value.pointer(&place).and_then(Value::as_str) {
            let (head, last) = text.split_at(text.len() - text.chars().last().map_or(0, char::len_utf8));
            others.extend([json!(head), json!(format!("{text}{last}")), json!(format!("{text}\n"))]);
            others.extend([text.to_uppercase(), text.repeat(50), text.repeat(300)].map(Value::String));
        }
        for other in others {
            let mut changed = value.clone();
            if let Some(field) = changed.pointer_mut(&place) {
                *field = other;
            }
            all.push((place.clone(), changed));
        }
        let (parent, field) = place.rsplit_once('/').unwrap_or_default();
        let mut changed = value.clone();
        if let Some(fields) = changed.pointer_mut(parent).and_then(Value::as_object_mut) {
            fields.remove(field);
            all.push((place.clone(), changed));
        }
    }
    for place in places(value).into_iter().chain([String::new()]) {
        let mut changed = value.clone();
        if let Some(fields) = changed.pointer_mut(&place).and_then(Value::as_object_mut) {
            fields.insert("a_field_of_nobody".to_owned(), json!(1));
            all.push((place, changed));
        }
    }
    all
}

/// A pointer to every field.
fn places(value: &Value) -> Vec<String> {
    let fields = value.as_object().into_iter().flatten();
    fields
        .flat_map(|(name, inner)| {
            let deeper = places(inner).into_iter().map(move |rest| format!("/{name}{rest}"));
            std::iter::once(format!("/{name}")).chain(deeper)
        })
        .collect()
}
