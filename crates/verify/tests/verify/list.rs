//! Makes lists, right ones and wrong ones.

use enishi_jpki::asn1::{encode, encode_all, tag};
use enishi_jpki::{CertKind, oid};
use enishi_party::Timestamp;

use crate::issue::{self, Ext, Key, Who, authority_name, bits};
use crate::world::hours;

/// A list before it is signed; every part is DER and can be replaced.
pub(crate) struct List {
    pub(crate) version: Vec<u8>,
    pub(crate) inner_algorithm: Vec<u8>,
    pub(crate) outer_algorithm: Vec<u8>,
    pub(crate) issuer: Vec<u8>,
    pub(crate) this_update: Vec<u8>,
    pub(crate) next_update: Vec<u8>,
    /// `None`: no field at all.
    pub(crate) entries: Option<Vec<Vec<u8>>>,
    pub(crate) extensions: Vec<Ext>,
    pub(crate) signer: &'static Key,
    pub(crate) signature: Option<Vec<u8>>,
    pub(crate) trailing: Vec<u8>,
}

/// UTCTime of a moment.
pub(crate) fn utc(moment: Timestamp) -> Vec<u8> {
    issue::utc_time(&moment.strftime("%y%m%d%H%M%SZ").to_string())
}

pub(crate) fn number(octets: &[u8]) -> Ext {
    Ext(oid::CRL_NUMBER, false, encode(tag::INTEGER, octets))
}

pub(crate) fn key_of(who: Who) -> Ext {
    let key = encode(tag::context_primitive(0), &who.key().key_id());
    Ext(oid::AUTHORITY_KEY_IDENTIFIER, false, encode(tag::SEQUENCE, &key))
}

/// issuingDistributionPoint of these fields.
pub(crate) fn point(fields: &[&[u8]]) -> Ext {
    Ext(oid::ISSUING_DISTRIBUTION_POINT, true, encode_all(tag::SEQUENCE, fields))
}

/// An entry with a reason.
pub(crate) fn entry(serial: &[u8], at: Timestamp, reason: u8) -> Vec<u8> {
    let reason = Ext(oid::CRL_REASON, false, vec![tag::ENUMERATED, 1, reason]);
    entry_with(serial, &utc(at), &[reason])
}

pub(crate) fn entry_with(serial: &[u8], at: &[u8], extensions: &[Ext]) -> Vec<u8> {
    let each: Vec<_> = extensions.iter().map(Ext::der).collect();
    encode_all(tag::SEQUENCE, &[&encode(tag::INTEGER, serial), at, &encode(tag::SEQUENCE, &each.concat())])
}

impl List {
    /// List 5 of the authentication authority, made an hour ago, good for 23 more: nobody is revoked.
    pub(crate) fn new() -> Self {
        let signer = Who::AuthAuthority.key();
        Self {
            version: vec![tag::INTEGER, 1, 1],
            inner_algorithm: issue::algorithm_der(signer.algorithm()),
            outer_algorithm: issue::algorithm_der(signer.algorithm()),
            issuer: authority_name(CertKind::Authentication, issue::SANDBOX),
            this_update: utc(hours(-1)),
            next_update: utc(hours(23)),
            entries: None,
            extensions: vec![key_of(Who::AuthAuthority), number(&[5])],
            signer,
            signature: None,
            trailing: vec![],
        }
    }

    pub(crate) fn of_signing() -> Self {
        let signer = Who::SigningAuthority.key();
        Self {
            issuer: authority_name(CertKind::Signing, issue::SANDBOX),
            extensions: vec![key_of(Who::SigningAuthority), number(&[5])],
            signer,
            ..Self::new()
        }
    }

    /// The same list with this entry.
    pub(crate) fn with(mut self, entry: Vec<u8>) -> Self {
        self.entries.get_or_insert_default().push(entry);
        self
    }

    /// The same list under another number and time.
    pub(crate) fn renumbered(mut self, octets: &[u8], this_update: Timestamp) -> Self {
        self.extensions.retain(|extension| extension.0 != oid::CRL_NUMBER);
        self.extensions.push(number(octets));
        self.this_update = utc(this_update);
        self
    }

    pub(crate) fn without(&mut self, oid: oid::Oid) {
        self.extensions.retain(|extension| extension.0 != oid);
    }

    pub(crate) fn build(&self) -> Vec<u8> {
        let entries = self.entries.as_ref().map(|entries| encode(tag::SEQUENCE, &entries.concat()));
        let extensions: Vec<_> = self.extensions.iter().map(Ext::der).collect();
        let extensions = if extensions.is_empty() {
            vec![]
        } else {
            encode(tag::context_constructed(0), &encode(tag::SEQUENCE, &extensions.concat()))
        };
        let tbs = encode_all(
            tag::SEQUENCE,
            &[
                &self.version,
                &self.inner_algorithm,
                &self.issuer,
                &self.this_update,
                &self.next_update,
                &entries.unwrap_or_default(),
                &extensions,
            ],
        );
        let signature = self.signature.clone().unwrap_or_else(|| bits(&self.signer.sign(&tbs)));
        let mut der = encode_all(tag::SEQUENCE, &[&tbs, &self.outer_algorithm, &signature]);
        der.extend_from_slice(&self.trailing);
        der
    }
}
