//! What the parties say to each other in JSON and COSE.

use coset::{CoseSign1Builder, HeaderBuilder, TaggedCborSerializable, iana};
use enishi_wire as wire;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Reading, world};

/// Every body that some server or client reads.
pub(crate) fn json(data: &[u8]) -> Reading {
    let read = [
        body::<wire::TicketsRequest>(data),
        body::<wire::TicketsAnswer>(data),
        body::<wire::PaymentRequest>(data),
        body::<wire::ContinueRequest>(data),
        body::<wire::PaymentAnswer>(data),
        body::<wire::CancelRequest>(data),
        body::<wire::CancelAnswer>(data),
        body::<wire::IntentRequest>(data),
        body::<wire::IntentAnswer>(data),
        body::<wire::EnrolmentRequest>(data),
        body::<wire::EnrolmentAnswer>(data),
        body::<wire::RedeemRequest>(data),
        body::<wire::RedeemAnswer>(data),
        body::<wire::ConfirmationAnswer>(data),
        body::<wire::EvidenceAnswer>(data),
        body::<wire::Problem>(data),
    ];
    Reading::of(read.contains(&Reading::Understood))
}

/// What is read is written, and what was written is read and written as the same.
fn body<T: DeserializeOwned + Serialize>(data: &[u8]) -> Reading {
    let Ok(body) = serde_json::from_slice::<T>(data) else { return Reading::Refused };
    let written = serde_json::to_vec(&body);
    let again = written.as_ref().ok().and_then(|written| serde_json::from_slice::<T>(written).ok());
    let again = again.and_then(|body| serde_json::to_vec(&body).ok());
    assert!(again.is_some() && again == written.ok(), "a body that changes on its way");
    Reading::Understood
}

/// The input as it is, and as the payload of an assertion that the relay signed.
pub(crate) fn assertion(data: &[u8]) -> Reading {
    let world = world::get();
    let key = world.assertion_key.verifying_key();
    let as_it_is = Reading::of(key.open(data).is_ok());
    let header = HeaderBuilder::new().algorithm(iana::Algorithm::ES256).build();
    let signed = CoseSign1Builder::new()
        .protected(header)
        .payload(data.to_vec())
        .try_create_signature(b"", |octets| world.assertion_key.sign(octets));
    let Some(sealed) = signed.ok().and_then(|signed| signed.build().to_tagged_vec().ok()) else {
        return as_it_is;
    };
    let Ok(assertion) = key.open(&sealed) else { return as_it_is };
    let again = world.assertion_key.seal(&assertion).and_then(|sealed| key.open(&sealed));
    assert!(again.is_ok_and(|again| again == assertion), "an assertion that changes on its way");
    Reading::Understood
}
