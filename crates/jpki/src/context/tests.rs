use enishi_party::{Environment, PartyRole};

use super::*;

fn pay() -> Context {
    Context::Pay(PayContext {
        relay: PartyUri::new(Environment::Sandbox, PartyRole::Relay, "relay").unwrap(),
        terminal: "4980000000012".parse().unwrap(),
        merchant: "SHOP-1".parse().unwrap(),
        slip: "1".parse().unwrap(),
        amount: Money::yen(1_980).unwrap(),
        payment_type: PaymentType::LumpSum,
        surrogate_pan: SurrogatePan::from_random(1),
    })
}

#[test]
fn the_canonical_form_is_sorted_json_without_white_space() {
    let text = String::from_utf8(pay().canonical()).unwrap();
    assert_eq!(
        text,
        concat!(
            r#"{"amount":{"currency":"JPY","minor":1980},"merchant":"SHOP-1","occasion":"pay","payment_type":"lump_sum","#,
            r#""relay":"urn:enishi:sandbox:relay:relay","slip":"1","surrogate_pan":"9392000000000015","#,
            r#""terminal":"4980000000012","v":1}"#
        )
    );
}

#[test]
fn a_context_reads_back_from_its_canonical_form_and_from_no_other() {
    let context = pay();
    let canonical = context.canonical();
    assert_eq!(Context::from_canonical(&canonical), Ok(context));
    let text = String::from_utf8(canonical).unwrap();
    for other in [
        text.replace("\"v\":1", "\"v\":2"),
        text.replace(",", ", "),
        text.replace("\"v\":1", "\"v\":1,\"w\":1"),
        text.replace("pay\"", "pray\""),
        text.replace("1980", "1980.0"),
        String::new(),
    ] {
        assert_eq!(Context::from_canonical(other.as_bytes()), Err(ContextError), "{other}");
    }
}

#[test]
fn every_fact_changes_the_digest() {
    let Context::Pay(facts) = pay() else { unreachable!() };
    let variants = [
        PayContext { terminal: "4980000000013".parse().unwrap(), ..facts.clone() },
        PayContext { merchant: "SHOP-2".parse().unwrap(), ..facts.clone() },
        PayContext { slip: "2".parse().unwrap(), ..facts.clone() },
        PayContext { amount: Money::yen(1_981).unwrap(), ..facts.clone() },
        PayContext { payment_type: PaymentType::Revolving, ..facts.clone() },
        PayContext { surrogate_pan: SurrogatePan::from_random(2), ..facts.clone() },
        PayContext { relay: "urn:enishi:production:relay:relay".parse().unwrap(), ..facts },
    ];
    for variant in variants {
        assert_ne!(Context::Pay(variant).digest(), pay().digest());
    }
}

/// Written by hand in the order of RFC 8785, checked against a writer that sorts.
#[test]
fn a_writer_of_canonical_json_writes_the_same() {
    let relay = || PartyUri::new(Environment::Sandbox, PartyRole::Relay, "relay").unwrap();
    let login = |client: String| {
        let request_sha256 = "5a".repeat(32);
        Context::Login(LoginContext { relay: relay(), client, request_sha256 })
    };
    let Context::Pay(facts) = pay() else { unreachable!() };
    let PayContext { relay: at, terminal, merchant, slip, surrogate_pan, .. } = facts.clone();
    let unbound = PayUnboundContext { relay: at, terminal: terminal.clone(), merchant, slip, surrogate_pan };
    let intent = IntentId::from_random([7; 16]);
    let enrol = EnrolContext { relay: relay(), terminal, intent, consent_sha256: "00".repeat(32) };
    let parts = PaymentType::Instalments(3.try_into().unwrap());
    let mut contexts = vec![
        pay(),
        Context::Pay(PayContext { payment_type: parts, ..facts }),
        Context::PayUnbound(unbound),
        Context::Enrol(enrol),
    ];
    // Everything that JSON writes in another way than it stands, and what only looks so.
    contexts.extend((0..=0x80_u8).map(|character| login(char::from(character).into())));
    contexts.extend(
        ["", "\u{2028}\u{2029}", "/\\\"/", "日本\u{10ffff}", "\u{feff}"].map(|text| login(text.into())),
    );
    for context in contexts {
        let canonical = context.canonical();
        let value: serde_json::Value = serde_json::from_slice(&canonical).unwrap();
        assert_eq!(serde_json_canonicalizer::to_vec(&value).unwrap(), canonical);
        assert_eq!(Context::from_canonical(&canonical), Ok(context));
    }
}
