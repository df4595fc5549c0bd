//! The authority's OCSP responder.

use std::sync::OnceLock;

use enishi_authority::{Authority, AuthorityConfig};

use crate::{Reading, world};

/// A request; there is an answer to everything, and it is DER.
pub(crate) fn request(data: &[u8]) -> Reading {
    static AUTHORITY: OnceLock<Option<Authority>> = OnceLock::new();
    let authority = AUTHORITY.get_or_init(|| {
        let config = AuthorityConfig::new("http://127.0.0.1/ocsp");
        Authority::create(&world::folder().join("authority"), config, world::now()).ok()
    });
    assert!(authority.is_some(), "the authority cannot be made");
    let Some(authority) = authority else { return Reading::Refused };
    let answer = authority.answer_ocsp(data, world::now());
    assert_eq!(answer.first(), Some(&0x30), "an answer that is no SEQUENCE");
    // RFC 6960 §4.2.1: whatever it says but malformedRequest (1), the request was read.
    Reading::of(!answer.ends_with(&[0x0a, 1, 1]))
}
