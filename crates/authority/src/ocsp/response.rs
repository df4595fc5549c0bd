//! Writing an answer (RFC 6960 §4.2.1), in two pieces of memory: what is signed, and the whole.

use enishi_jpki::oid;
use jiff::Timestamp;

use crate::{
    AuthorityError, RevocationReason,
    asn1::{self, HEADER_MAX_OCTETS, header_octets, push_header, tag},
    extension,
    ocsp::delegate::Delegate,
    reason,
    register::certificates::Standing,
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
pub(crate) const fn trouble(trouble: Trouble) -> &'static [u8] {
    match trouble {
        Trouble::MalformedRequest => &[tag::SEQUENCE, 3, tag::ENUMERATED, 1, 1],
        Trouble::InternalError => &[tag::SEQUENCE, 3, tag::ENUMERATED, 1, 2],
        Trouble::TryLater => &[tag::SEQUENCE, 3, tag::ENUMERATED, 1, 3],
        Trouble::Unauthorized => &[tag::SEQUENCE, 3, tag::ENUMERATED, 1, 6],
    }
}

/// About one certificate; no standing is *unknown*: never issued under this key.
pub(crate) struct SingleAnswer<'a> {
    pub(crate) cert_id_der: &'a [u8],
    pub(crate) standing: Option<Standing>,
}

/// The window of an answer; it is produced when it begins.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    pub(crate) this_update: Timestamp,
    pub(crate) next_update: Timestamp,
}

/// successful (0), and `[0]`'s header follows.
const SUCCESSFUL: [u8; 3] = [tag::ENUMERATED, 1, 0];
const EXPLICIT_0: u8 = 0xa0;

/// A signed BasicOCSPResponse with the delegate's certificate in it.
pub(crate) fn successful(
    delegate: &Delegate,
    answers: &[SingleAnswer<'_>],
    window: Window,
    nonce: Option<&[u8]>,
) -> Result<Vec<u8>, AuthorityError> {
    let data = response_data(delegate, answers, window, nonce);
    let signature = delegate.key.sign(&data)?;

    let bit_string = signature.len().saturating_add(1);
    let signed = [
        data.len(),
        delegate.signature_algorithm.len(),
        header_octets(bit_string),
        bit_string,
        delegate.certificates.len(),
    ];
    let basic = sum(&signed);
    let octet_string = sum(&[header_octets(basic), basic]);
    let kind = asn1::oid(oid::OCSP_BASIC);
    let bytes = sum(&[kind.len(), header_octets(octet_string), octet_string]);
    let explicit = sum(&[header_octets(bytes), bytes]);
    let whole = sum(&[SUCCESSFUL.len(), header_octets(explicit), explicit]);

    let mut out = Vec::with_capacity(whole.saturating_add(HEADER_MAX_OCTETS));
    push_header(&mut out, tag::SEQUENCE, whole);
    out.extend_from_slice(&SUCCESSFUL);
    push_header(&mut out, EXPLICIT_0, explicit);
    push_header(&mut out, tag::SEQUENCE, bytes);
    out.extend_from_slice(&kind);
    push_header(&mut out, tag::OCTET_STRING, octet_string);
    push_header(&mut out, tag::SEQUENCE, basic);
    out.extend_from_slice(&data);
    out.extend_from_slice(&delegate.signature_algorithm);
    push_header(&mut out, tag::BIT_STRING, bit_string);
    out.push(0);
    out.extend_from_slice(&signature);
    out.extend_from_slice(&delegate.certificates);
    Ok(out)
}

fn sum(lengths: &[usize]) -> usize {
    lengths.iter().sum()
}

/// ResponseData: what is signed.
fn response_data(
    delegate: &Delegate,
    answers: &[SingleAnswer<'_>],
    window: Window,
    nonce: Option<&[u8]>,
) -> Vec<u8> {
    let this_update = asn1::generalized_time(window.this_update);
    let next_update = asn1::context(0, &[&asn1::generalized_time(window.next_update)]);
    let singles: Vec<Vec<u8>> = answers
        .iter()
        .map(|answer| {
            asn1::sequence(&[answer.cert_id_der, &status(answer.standing), &this_update, &next_update])
        })
        .collect();
    let extensions = nonce.map_or_else(Vec::new, |value| {
        asn1::context(1, &[&asn1::sequence(&[&extension::ocsp_nonce(value)])])
    });
    let all: usize = singles.iter().map(Vec::len).sum();
    let content =
        sum(&[delegate.responder_id.len(), this_update.len(), header_octets(all), all, extensions.len()]);
    let mut data = Vec::with_capacity(content.saturating_add(HEADER_MAX_OCTETS));
    push_header(&mut data, tag::SEQUENCE, content);
    data.extend_from_slice(&delegate.responder_id);
    // producedAt
    data.extend_from_slice(&this_update);
    push_header(&mut data, tag::SEQUENCE, all);
    singles.iter().for_each(|single| data.extend_from_slice(single));
    data.extend_from_slice(&extensions);
    data
}

/// CertStatus: good [0], revoked [1], unknown [2].
fn status(standing: Option<Standing>) -> Vec<u8> {
    match standing {
        Some(Standing::Good) => asn1::context_primitive(0, &[]),
        Some(Standing::Revoked { reason: why, at }) => {
            let why = match why {
                RevocationReason::Unspecified => Vec::new(),
                why => asn1::context(0, &[&asn1::enumerated(reason::code(why))]),
            };
            asn1::context(1, &[&asn1::generalized_time(at), &why])
        }
        None => asn1::context_primitive(2, &[]),
    }
}
