//! Makes a responder's answers, right ones and wrong ones.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use enishi_jpki::asn1::{encode, encode_all, tag};
use enishi_jpki::{CertKind, oid};
use enishi_party::Timestamp;

use crate::issue::{self, Ext, Key, Spec, Who, authority_name, bits, oid_der};
use crate::world::at;

/// An answer before it is signed; every part is DER and can be replaced.
pub(crate) struct Answer {
    pub(crate) status: u8,
    pub(crate) response_type: oid::Oid,
    pub(crate) responder: Vec<u8>,
    pub(crate) produced_at: Vec<u8>,
    pub(crate) cert_id: Vec<u8>,
    pub(crate) standing: Vec<u8>,
    pub(crate) this_update: Vec<u8>,
    pub(crate) next_update: Option<Vec<u8>>,
    pub(crate) single_extensions: Vec<Ext>,
    /// How often the one status is there.
    pub(crate) copies: usize,
    pub(crate) extensions: Vec<Ext>,
    pub(crate) certificates: Vec<Vec<u8>>,
    pub(crate) signer: &'static Key,
    /// Instead of the signer's, when set.
    pub(crate) algorithm: Option<Vec<u8>>,
    pub(crate) trailing: Vec<u8>,
}

/// GeneralizedTime of a moment.
pub(crate) fn time(moment: Timestamp) -> Vec<u8> {
    issue::generalized_time(&moment.strftime("%Y%m%d%H%M%SZ").to_string())
}

pub(crate) fn by_key(key: &Key) -> Vec<u8> {
    encode(tag::context_constructed(2), &encode(tag::OCTET_STRING, &key.key_id()))
}

pub(crate) fn nonce(octets: &[u8]) -> Ext {
    Ext(oid::OCSP_NONCE, false, encode(tag::OCTET_STRING, octets))
}

pub(crate) fn revoked(moment: Timestamp, reason: u8) -> Vec<u8> {
    let reason = encode(tag::context_constructed(0), &[tag::ENUMERATED, 1, reason]);
    encode_all(tag::context_constructed(1), &[&time(moment), &reason])
}

/// CertID under SHA-1, written here anew so that the crate's own writing is checked.
pub(crate) fn cert_id(name: &[u8], key: &Key, serial: &[u8]) -> Vec<u8> {
    let hash = |octets: &[u8]| encode(tag::OCTET_STRING, digest(&SHA1_FOR_LEGACY_USE_ONLY, octets).as_ref());
    let sha1 = encode_all(tag::SEQUENCE, &[&oid_der(oid::SHA1), &[tag::NULL, 0]]);
    encode_all(tag::SEQUENCE, &[&sha1, &hash(name), &hash(key.public_key()), &encode(tag::INTEGER, serial)])
}

pub(crate) fn delegate_spec() -> Spec {
    Spec::responder(CertKind::Authentication, Who::AuthAuthority, Who::Responder)
}

impl Answer {
    /// The delegate says good, a minute ago, with knowledge of ten minutes ago.
    pub(crate) fn good() -> Self {
        let name = authority_name(CertKind::Authentication, issue::SANDBOX);
        Self {
            status: 0,
            response_type: oid::OCSP_BASIC,
            responder: by_key(Who::Responder.key()),
            produced_at: time(at(-60)),
            cert_id: cert_id(&name, Who::AuthAuthority.key(), &[1, 2, 3]),
            standing: vec![tag::context_primitive(0), 0],
            this_update: time(at(-600)),
            next_update: Some(time(at(300))),
            single_extensions: vec![],
            copies: 1,
            extensions: vec![nonce(&[7; 32])],
            certificates: vec![delegate_spec().build()],
            signer: Who::Responder.key(),
            algorithm: None,
            trailing: vec![],
        }
    }

    fn single(&self) -> Vec<u8> {
        let next = self.next_update.as_ref().map(|next| encode(tag::context_constructed(0), next));
        let extensions: Vec<_> = self.single_extensions.iter().map(Ext::der).collect();
        let extensions = if extensions.is_empty() {
            vec![]
        } else {
            encode(tag::context_constructed(1), &encode(tag::SEQUENCE, &extensions.concat()))
        };
        encode_all(
            tag::SEQUENCE,
            &[&self.cert_id, &self.standing, &self.this_update, &next.unwrap_or_default(), &extensions],
        )
    }

    pub(crate) fn build(&self) -> Vec<u8> {
        let extensions: Vec<_> = self.extensions.iter().map(Ext::der).collect();
        let extensions = if extensions.is_empty() {
            vec![]
        } else {
            encode(tag::context_constructed(1), &encode(tag::SEQUENCE, &extensions.concat()))
        };
        let singles = encode(tag::SEQUENCE, &self.single().repeat(self.copies));
        let data = encode_all(tag::SEQUENCE, &[&self.responder, &self.produced_at, &singles, &extensions]);
        let certificates = if self.certificates.is_empty() {
            vec![]
        } else {
            encode(tag::context_constructed(0), &encode(tag::SEQUENCE, &self.certificates.concat()))
        };
        let basic = encode_all(
            tag::SEQUENCE,
            &[
                &data,
                self.algorithm.as_ref().unwrap_or(&issue::algorithm_der(self.signer.algorithm())),
                &bits(&self.signer.sign(&data)),
                &certificates,
            ],
        );
        let bytes =
            encode_all(tag::SEQUENCE, &[&oid_der(self.response_type), &encode(tag::OCTET_STRING, &basic)]);
        let mut der = encode_all(
            tag::SEQUENCE,
            &[&[tag::ENUMERATED, 1, self.status], &encode(tag::context_constructed(0), &bytes)],
        );
        der.extend_from_slice(&self.trailing);
        der
    }
}
