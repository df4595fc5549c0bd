//! Writing an answer (RFC 6960 §4.2.1).

use enishi_jpki::oid;
use jiff::Timestamp;

use crate::{
    AuthorityError, CertificateState, RevocationReason, asn1, extension,
    key::{RsaKey, signature_algorithm},
    reason,
};

/// Why there is no signed answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    MalformedRequest,
    InternalError,
    TryLater,
    /// The certificates in question are none of ours, or not of one key.
    Unauthorized,
}

/// OCSPResponse with nothing but a status.
pub(crate) fn trouble(trouble: Trouble) -> Vec<u8> {
    let status = match trouble {
        Trouble::MalformedRequest => 1,
        Trouble::InternalError => 2,
        Trouble::TryLater => 3,
        Trouble::Unauthorized => 6,
    };
    asn1::sequence(&[&asn1::enumerated(status)])
}

/// About one certificate; no state is *unknown*: never issued under this key.
pub(crate) struct SingleAnswer<'a> {
    pub(crate) cert_id_der: &'a [u8],
    pub(crate) state: Option<CertificateState>,
}

/// `thisUpdate` is when the answer is produced: the register is asked each time.
pub(crate) struct Times {
    pub(crate) produced_at: Timestamp,
    pub(crate) next_update: Timestamp,
}

/// A signed BasicOCSPResponse with the delegate's certificate in it.
pub(crate) fn successful(
    key: &RsaKey,
    certificate_der: &[u8],
    answers: &[SingleAnswer<'_>],
    times: &Times,
    nonce: Option<&[u8]>,
) -> Result<Vec<u8>, AuthorityError> {
    let singles: Vec<Vec<u8>> = answers.iter().map(|answer| single(answer, times)).collect();
    let singles: Vec<&[u8]> = singles.iter().map(Vec::as_slice).collect();
    let extensions = nonce.map_or_else(Vec::new, |value| {
        asn1::context(1, &[&asn1::sequence(&[&extension::ocsp_nonce(value)])])
    });
    let data = asn1::sequence(&[
        // responderID byKey [2]
        &asn1::context(2, &[&asn1::octet_string(&key.key_id())]),
        &asn1::generalized_time(times.produced_at),
        &asn1::sequence(&singles),
        &extensions,
    ]);
    let basic = asn1::sequence(&[
        &data,
        &signature_algorithm(),
        &asn1::bit_string(&key.sign(&data)?),
        &asn1::context(0, &[&asn1::sequence(&[certificate_der])]),
    ]);
    let bytes = asn1::sequence(&[&asn1::oid(oid::OCSP_BASIC), &asn1::octet_string(&basic)]);
    Ok(asn1::sequence(&[&asn1::enumerated(0), &asn1::context(0, &[&bytes])]))
}

fn single(answer: &SingleAnswer<'_>, times: &Times) -> Vec<u8> {
    asn1::sequence(&[
        answer.cert_id_der,
        &status(answer.state),
        &asn1::generalized_time(times.produced_at),
        &asn1::context(0, &[&asn1::generalized_time(times.next_update)]),
    ])
}

/// CertStatus: good [0], revoked [1], unknown [2].
fn status(state: Option<CertificateState>) -> Vec<u8> {
    match state {
        Some(CertificateState::Good) => asn1::context_primitive(0, &[]),
        Some(CertificateState::Revoked { reason: why, at, .. }) => {
            let why = match why {
                RevocationReason::Unspecified => Vec::new(),
                why => asn1::context(0, &[&asn1::enumerated(reason::code(why))]),
            };
            asn1::context(1, &[&asn1::generalized_time(at), &why])
        }
        None => asn1::context_primitive(2, &[]),
    }
}
