//! What a redeemed code gives its provider, while it waits for that code.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

use crate::confirmation::Redeemed;
use crate::proof::sha256;
use crate::stop::Fault;

/// The answer waits sealed under a key that only the one-time code gives: no person is readable at rest.
pub(crate) fn seal_answer(code: &str, answer: &Redeemed) -> Result<Vec<u8>, Fault> {
    let mut sealed = json(answer)?;
    answer_key(code)?
        .seal_in_place_append_tag(Nonce::assume_unique_for_key([0; 12]), Aad::empty(), &mut sealed)
        .map_err(|_| Fault::Making { what: "a sealed answer", reason: "the cipher refused".to_owned() })?;
    Ok(sealed)
}

pub(crate) fn open_answer(code: &str, sealed: &[u8]) -> Result<Redeemed, Fault> {
    let unreadable = || Fault::Making { what: "a redeemed answer", reason: "it does not open".to_owned() };
    let mut sealed = sealed.to_vec();
    let opened = answer_key(code)?
        .open_in_place(Nonce::assume_unique_for_key([0; 12]), Aad::empty(), &mut sealed)
        .map_err(|_| unreadable())?;
    serde_json::from_slice(opened).map_err(|_| unreadable())
}

/// A code of 32 random octets makes a key that seals one answer, once: the nonce may be constant.
fn answer_key(code: &str) -> Result<LessSafeKey, Fault> {
    let key = sha256(&[b"redeemed answer ", code.as_bytes()].concat());
    UnboundKey::new(&AES_256_GCM, &key)
        .map(LessSafeKey::new)
        .map_err(|_| Fault::Making { what: "an answer key", reason: "length".to_owned() })
}

pub(crate) fn json(value: &impl serde::Serialize) -> Result<Vec<u8>, Fault> {
    serde_json::to_vec(value).map_err(|error| Fault::Making { what: "JSON", reason: error.to_string() })
}
