//! What each endpoint says of itself in the OpenAPI document.

use std::borrow::Cow;

use enishi_transport::openapi::{About, Callers, Example, Operation, PlainProblem, Schemas};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::{KEY_ID_HEX, KindWord, POINT_HEX, PairingAnswer, PairingQuestion, Problem, RelationWord};
use crate::{LookupPurpose, OCSP_REQUEST_MAX_OCTETS};

pub(super) const ABOUT: About = About {
    title: "Enishi sandbox authority",
    description: "The sandbox's stand-in for J-LIS: revocation lists (RFC 5280) and OCSP (RFC 6960) for everyone over plain HTTP, \
                  since they are signed; シリアル番号紐付情報 for registered verifiers over mutual TLS 1.3, on a listener of its \
                  own. Refusals are problem documents (RFC 9457).",
};

/// The kinds in a list's address.
struct ListKind;

impl JsonSchema for ListKind {
    fn schema_name() -> Cow<'static, str> {
        "ListKind".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "enum": ["auth", "sign"] })
    }
}

/// A list's file name.
struct ListFile;

impl JsonSchema for ListFile {
    fn schema_name() -> Cow<'static, str> {
        "ListFile".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": format!("^[0-9A-Fa-f]{{{KEY_ID_HEX}}}\\.crl$"),
            "minLength": KEY_ID_HEX + ".crl".len(),
            "maxLength": KEY_ID_HEX + ".crl".len(),
        })
    }
}

/// A key identifier in an address.
struct KeyIdText;

impl JsonSchema for KeyIdText {
    fn schema_name() -> Cow<'static, str> {
        "KeyIdText".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": format!("^[0-9A-Fa-f]{{{KEY_ID_HEX}}}$"),
            "minLength": KEY_ID_HEX,
            "maxLength": KEY_ID_HEX,
        })
    }
}

/// A partition's file name.
struct PartitionFile;

impl JsonSchema for PartitionFile {
    fn schema_name() -> Cow<'static, str> {
        "PartitionFile".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": format!("^[0-9A-Fa-f]{{{POINT_HEX}}}\\.crl$"),
            "minLength": POINT_HEX + ".crl".len(),
            "maxLength": POINT_HEX + ".crl".len(),
        })
    }
}

/// A question for OCSP in an address.
struct OcspText;

impl JsonSchema for OcspText {
    fn schema_name() -> Cow<'static, str> {
        "OcspText".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "minLength": 1, "maxLength": OCSP_REQUEST_MAX_OCTETS })
    }
}

/// The words for purposes.
pub(super) struct PurposeWord;

impl JsonSchema for PurposeWord {
    fn schema_name() -> Cow<'static, str> {
        "PurposeWord".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let words: Vec<_> = LookupPurpose::words().collect();
        json_schema!({ "type": "string", "enum": words })
    }
}

fn operation(
    schemas: &mut Schemas,
    (id, summary): (&'static str, &'static str),
    callers: Callers,
    problems: &[Problem],
) -> Operation {
    let operation = Operation::new(id, summary, callers);
    problems.iter().chain([&Problem::Internal]).fold(operation, |operation, problem| {
        let document = problem.document();
        operation.problem::<PlainProblem>(schemas, document.status, document.code, &document)
    })
}

pub(super) fn crl(schemas: &mut Schemas) -> Operation {
    operation(schemas, ("revocationList", "Read a revocation list"), Callers::Anyone, &[Problem::NotFound])
        .path::<ListKind>(
            schemas,
            "kind",
            "Whose certificates: auth (利用者証明用) or sign (署名用).",
            &"auth",
        )
        .path::<ListFile>(
            schemas,
            "file",
            "The key identifier of the authority's certificate in hex, and `.crl`.",
            &format!("{}.crl", "5a".repeat(KEY_ID_HEX / 2)),
        )
        .raw_answer(200, "The list, DER; kept until the next one.", "application/pkix-crl")
        .answer_header(200, "Cache-Control", "max-age until the list's nextUpdate.")
        .answer_header(200, "ETag", "The list's number.")
}

pub(super) fn partition(schemas: &mut Schemas) -> Operation {
    let about = ("revocationListPartition", "Read one municipality's revocation list");
    operation(schemas, about, Callers::Anyone, &[Problem::NotFound])
        .path::<ListKind>(
            schemas,
            "kind",
            "Whose certificates: auth (利用者証明用) or sign (署名用).",
            &"auth",
        )
        .path::<KeyIdText>(
            schemas,
            "key_id",
            "The key identifier of the authority's certificate in hex.",
            &"5a".repeat(KEY_ID_HEX / 2),
        )
        .path::<PartitionFile>(
            schemas,
            "file",
            "The SHA-256, in hex, of the DER of the directoryName that the certificates' distribution point has, and `.crl`.",
            &format!("{}.crl", "5a".repeat(POINT_HEX / 2)),
        )
        .raw_answer(200, "The list, DER; kept until the next one.", "application/pkix-crl")
        .answer_header(200, "Cache-Control", "max-age until the list's nextUpdate.")
        .answer_header(200, "ETag", "The list's number, in its own line.")
}

pub(super) fn ocsp_post(schemas: &mut Schemas) -> Operation {
    let problems = [Problem::Malformed, Problem::TooLarge, Problem::MediaType];
    operation(
        schemas,
        ("ocspPost", "Ask for the state of certificates (RFC 6960)"),
        Callers::Anyone,
        &problems,
    )
    .raw_body("application/ocsp-request", "An OCSPRequest, DER.")
    .raw_answer(200, OCSP_ANSWER, "application/ocsp-response")
}

pub(super) fn ocsp_get(schemas: &mut Schemas) -> Operation {
    operation(
        schemas,
        ("ocspGet", "Ask for the state of certificates (RFC 6960 appendix A)"),
        Callers::Anyone,
        &[Problem::NotFound],
    )
    .path::<OcspText>(schemas, "request", "An OCSPRequest, DER in base64; slashes need no escape.", &"MAA=")
    .raw_answer(200, OCSP_ANSWER, "application/ocsp-response")
    .answer_header(
        200,
        "Cache-Control",
        "no-store; where answers are signed beforehand and the question has no nonce, max-age until the next one is signed (RFC 5019).",
    )
}

const OCSP_ANSWER: &str =
    "An OCSPResponse, DER; what cannot be read is answered malformedRequest, as RFC 6960 §2.3 says.";

pub(super) fn serial_pairing(schemas: &mut Schemas) -> Operation {
    let problems = [
        Problem::Malformed,
        Problem::NotAVerifier,
        Problem::PurposeNotRegistered,
        Problem::NoPairing,
        Problem::TooLarge,
    ];
    let serial = "5a".repeat(8);
    let question = PairingQuestion {
        kind: KindWord::Signing,
        serial: serial.clone(),
        relation: RelationWord::Counterpart,
        purpose: None,
    };
    let answer = PairingAnswer { kind: KindWord::Authentication, serial };
    operation(
        schemas,
        ("serialPairing", "Ask for another certificate of the same person (シリアル番号紐付情報)"),
        Callers::Verifiers,
        &problems,
    )
    .about("Every question is written down for billing, whatever its answer.")
    .body::<PairingQuestion>(schemas, vec![Example::of("counterpart", &question)])
    .answer::<PairingAnswer>(
        schemas,
        200,
        "The other certificate.",
        vec![Example::of("counterpart", &answer)],
    )
}
