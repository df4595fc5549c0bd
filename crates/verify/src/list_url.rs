//! Where lists are, by configuration.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::digest::{SHA256, digest};
use enishi_jpki::{CertKind, KeyId};

/// Longest address; ours have some 80 characters.
const LENGTH_MAX: usize = 512;

const KIND: &str = "{kind}";
const KEY_ID: &str = "{key_id}";
const PARTITION: &str = "{partition}";

/// The lists' addresses as a template, from configuration: `http://127.0.0.1:8080/crl/{kind}/{key_id}.crl`.
///
/// `{kind}` becomes `auth` or `sign`, `{key_id}` the authority's key identifier in lower-case hex. With `{partition}` in it
/// as well, the authority's list is fetched in parts, one for each distribution point that certificates name (a
/// municipality), by [`ListUrl::partition_word`]. Plain HTTP: a list carries its own signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListUrl(String);

/// A text that is no such template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a list's address is http://HOST/PATH of at most {LENGTH_MAX} characters, with {{kind}} and {{key_id}} once each in the path, and {{partition}} at most once"
)]
pub struct ListUrlError;

impl ListUrl {
    /// Whether lists are fetched in parts.
    #[must_use]
    pub fn is_partitioned(&self) -> bool {
        self.0.contains(PARTITION)
    }

    /// The address of one partition, by its distribution point's directoryName (DER). None where whole lists are fetched.
    #[must_use]
    pub fn of_partition(&self, kind: CertKind, key_id: &KeyId, point: &[u8]) -> Option<String> {
        let address = || self.of(kind, key_id).replace(PARTITION, &Self::partition_word(point));
        self.is_partitioned().then(address)
    }

    /// The word for a partition in addresses: SHA-256 of its point's directoryName (DER) in lower-case hex.
    #[must_use]
    pub fn partition_word(point: &[u8]) -> String {
        let digest = digest(&SHA256, point);
        digest.as_ref().iter().fold(String::new(), |word, octet| word + &format!("{octet:02x}"))
    }

    /// The address of one authority's whole list. Where lists are fetched in parts it has none, and the word stays.
    #[must_use]
    pub fn of(&self, kind: CertKind, key_id: &KeyId) -> String {
        let kind = match kind {
            CertKind::Authentication => "auth",
            CertKind::Signing => "sign",
        };
        self.0.replace(KIND, kind).replace(KEY_ID, &key_id.to_string())
    }
}

impl FromStr for ListUrl {
    type Err = ListUrlError;

    fn from_str(template: &str) -> Result<Self, Self::Err> {
        let printable =
            template.len() <= LENGTH_MAX && template.bytes().all(|octet| octet.is_ascii_graphic());
        let split = template.strip_prefix("http://").and_then(|rest| rest.split_once('/'));
        let host_is_fixed =
            split.is_some_and(|(host, _)| !host.is_empty() && !host.contains(['{', '}', '@']));
        let once = |word| template.matches(word).count() == 1;
        let rest = template.replace(KIND, "").replace(KEY_ID, "").replacen(PARTITION, "", 1);
        let closed = once(KIND) && once(KEY_ID) && !rest.contains(['{', '}']);
        if printable && host_is_fixed && closed { Ok(Self(template.to_owned())) } else { Err(ListUrlError) }
    }
}

impl fmt::Display for ListUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests;
