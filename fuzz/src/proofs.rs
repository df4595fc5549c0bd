//! What a card's holder presents, and what is kept of it.

use enishi_jpki::{Context, Nonce, Origin, Profile, Token};
use enishi_party::ContractId;
use enishi_verify::{Evidence, Limits, OpeningKey};

use crate::{Reading, world};

/// A token in JSON: what is read is written and read again as the same.
pub(crate) fn token(data: &[u8]) -> Reading {
    let token = serde_json::from_slice(data).ok().and_then(|value| Token::from_json(&value).ok());
    let Some(token) = token else { return Reading::Refused };
    assert!(Token::from_json(&token.to_json()).as_ref() == Ok(&token), "a token that changes on its way");
    Reading::Understood
}

/// Nonces and origins.
pub(crate) fn nonce(data: &[u8]) -> Reading {
    let Ok(text) = str::from_utf8(data) else { return Reading::Refused };
    let (nonce, origin) = (Nonce::parse(text), Origin::parse(text));
    if let Ok(nonce) = &nonce {
        assert_eq!(nonce.as_str(), text, "two texts for one nonce");
    }
    if let Ok(origin) = &origin {
        assert_eq!(origin.as_str(), text, "two texts for one origin");
    }
    Reading::of(nonce.is_ok() || origin.is_ok())
}

/// A canonical context has one form.
pub(crate) fn context(data: &[u8]) -> Reading {
    let Ok(context) = Context::from_canonical(data) else { return Reading::Refused };
    assert_eq!(context.canonical(), data, "two forms of one context");
    Reading::Understood
}

/// Evidence in the open and sealed; what reads well is checked again, and understood if it holds.
pub(crate) fn evidence(data: &[u8]) -> Reading {
    let world = world::get();
    if let Ok(contract) = "clinic".parse::<ContractId>() {
        let (key, _) = OpeningKey::from_random([7; 32]);
        assert!(key.open(data, &contract).is_err(), "evidence that nobody sealed");
    }
    let Ok(evidence) = Evidence::from_cbor(data) else { return Reading::Refused };
    assert_eq!(evidence.to_cbor(), data, "two forms of one evidence");
    let (profile, limits) = (Profile::SANDBOX, Limits::default());
    Reading::of(evidence.recheck(&world.anchors, &profile, None, &limits, world::now()).is_ok())
}
