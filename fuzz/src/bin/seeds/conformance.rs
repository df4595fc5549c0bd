//! Cases: a holder's path on a line, and the signed part of a holder's certificate for the authority of the targets.

use std::fs;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use enishi_fuzz::world;
use enishi_jpki::asn1::{Reader, encode, encode_all, tag};
use enishi_jpki::oid;
use serde_json::json;

use crate::{Done, seed};

pub(crate) fn write() -> Done<()> {
    let read = |name: &str| fs::read(world::fixtures().join(name));
    let (holder, authority) = (read("holder.der")?, read("authority.der")?);
    let mut fields = Reader::only(&holder, tag::SEQUENCE)?.inside().any()?.inside();
    let mut parts = Vec::new();
    while !fields.is_empty() {
        parts.push(fields.any()?.raw().to_vec());
    }
    // The authority of the targets signs with another key than the one that signed the holder's certificate.
    let algorithm = encode(tag::OID, oid::ECDSA_WITH_SHA384.as_bytes());
    *parts.get_mut(2).ok_or("no algorithm")? = encode_all(tag::SEQUENCE, &[&algorithm]);
    seed("conformance-path", "holder", encode(tag::SEQUENCE, &parts.concat()))?;

    let now = world::now().to_string();
    let [holder, authority] = [holder, authority].map(|der| BASE64.encode(der));
    for (name, case) in [
        (
            "path",
            json!({"id": "holder", "kind": "path", "profile": "jpki", "now": now, "leaf": holder, "anchors": [authority]}),
        ),
        (
            "sig",
            json!({"id": 2, "kind": "sig", "algorithm": "ES256", "key": "MAA=", "message": "", "signature": ""}),
        ),
        (
            "crl",
            json!({"id": 3, "kind": "crl", "now": now, "crl": "MAA=", "issuer": authority, "certificate": holder}),
        ),
        (
            "ocsp",
            json!({
                "id": 4, "kind": "ocsp", "now": now, "response": "MAMKAQM=", "issuer": authority, "certificate": holder,
                "nonce": "BwcH", "max_age_s": 60,
            }),
        ),
    ] {
        seed("conformance-line", name, case.to_string())?;
    }
    Ok(())
}
