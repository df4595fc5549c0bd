//! The signed parts of lists and answers, for the authority whose key the targets hold.

use enishi_fuzz::world;
use enishi_jpki::asn1::{Reader, encode, encode_all, tag};
use enishi_jpki::oid;
use enishi_verify::{Crl, Limits, check_ocsp};
use jiff::{Timestamp, ToSpan};

use crate::{Done, seed};

pub(crate) fn write() -> Done<()> {
    let hour = |hours: i64| world::now().checked_add(hours.hours());
    let world = world::get();
    let limits = Limits::default();
    for (name, entries) in [("nobody", 0), ("three", 3)] {
        let list = list(hour(-1)?, hour(23)?, entries);
        Crl::accept(world.sign(&list), &world.authority, None, &limits, world::now())?;
        seed("crl", name, list)?;
    }
    let good = encode(tag::context_primitive(0), &[]);
    let revoked = encode_all(
        tag::context_constructed(1),
        &[&generalized(hour(-2)?), &encode(tag::context_constructed(0), &[tag::ENUMERATED, 1, 1])],
    );
    for (name, standing) in [("good", good), ("revoked", revoked)] {
        let data = answer(&standing, world::now())?;
        let response = world::ocsp_response(&world.sign(&data));
        check_ocsp(&response, &world.ocsp_request(), &world.authority, &limits, world::now())?;
        seed("ocsp-response", name, data)?;
    }
    Ok(())
}

/// TBSCertList (RFC 5280 §5.1.2) with so many entries.
fn list(this_update: Timestamp, next_update: Timestamp, entries: u8) -> Vec<u8> {
    let authority = &world::get().authority;
    let entry = |serial: u8| {
        let reason = extension(oid::CRL_REASON, &[tag::ENUMERATED, 1, 1]);
        let number = encode(tag::INTEGER, &[1, serial]);
        encode_all(tag::SEQUENCE, &[&number, &utc(this_update), &encode(tag::SEQUENCE, &reason)])
    };
    let entries: Vec<Vec<u8>> = (0..entries).map(entry).collect();
    let entries = if entries.is_empty() { Vec::new() } else { encode(tag::SEQUENCE, &entries.concat()) };
    let key = encode(tag::context_primitive(0), authority.subject_key_id().as_octets());
    let extensions = [
        extension(oid::AUTHORITY_KEY_IDENTIFIER, &encode(tag::SEQUENCE, &key)),
        extension(oid::CRL_NUMBER, &[tag::INTEGER, 1, 5]),
    ];
    encode_all(
        tag::SEQUENCE,
        &[
            &[tag::INTEGER, 1, 1],
            &encode_all(tag::SEQUENCE, &[&encode(tag::OID, oid::ECDSA_WITH_SHA384.as_bytes())]),
            authority.subject_der(),
            &utc(this_update),
            &utc(next_update),
            &entries,
            &encode(tag::context_constructed(0), &encode(tag::SEQUENCE, &extensions.concat())),
        ],
    )
}

/// ResponseData (RFC 6960 §4.2.1) by the authority itself.
fn answer(standing: &[u8], now: Timestamp) -> Done<Vec<u8>> {
    let world = world::get();
    let request = world.ocsp_request().to_der();
    // OCSPRequest { TBSRequest { requestList { Request { CertID …
    let mut element = Reader::only(&request, tag::SEQUENCE)?;
    for _ in 0..4 {
        element = element.inside().any()?;
    }
    let single = [element.raw(), standing, &generalized(now)].concat();
    let nonce = extension(oid::OCSP_NONCE, &encode(tag::OCTET_STRING, &[7; 32]));
    Ok(encode_all(
        tag::SEQUENCE,
        &[
            &encode(tag::context_constructed(1), world.authority.subject_der()),
            &generalized(now),
            &encode(tag::SEQUENCE, &encode(tag::SEQUENCE, &single)),
            &encode(tag::context_constructed(1), &encode(tag::SEQUENCE, &nonce)),
        ],
    ))
}

fn extension(oid: oid::Oid, value: &[u8]) -> Vec<u8> {
    encode_all(tag::SEQUENCE, &[&encode(tag::OID, oid.as_bytes()), &encode(tag::OCTET_STRING, value)])
}

fn utc(moment: Timestamp) -> Vec<u8> {
    encode(tag::UTC_TIME, moment.strftime("%y%m%d%H%M%SZ").to_string().as_bytes())
}

fn generalized(moment: Timestamp) -> Vec<u8> {
    encode(tag::GENERALIZED_TIME, moment.strftime("%Y%m%d%H%M%SZ").to_string().as_bytes())
}
