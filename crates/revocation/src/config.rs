use std::time::Duration;

use enishi_jpki::CertKind;
use enishi_lists::{ListUrl, ListsConfig};

use crate::RevocationError;

/// Longest address in a configuration; ours have some 80 characters.
const URL_LENGTH_MAX: usize = 512;

/// Where revocation information comes from, and within which bounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevocationConfig {
    /// The responders, one for each kind of certificate.
    pub ocsp_url: OcspUrls,
    /// How long a responder may take.
    pub ocsp_timeout: Duration,
    /// What becomes of a look-up by a responder that does not answer.
    pub unanswered: Unanswered,
    /// The lists. With a folder, when the last answer said *revoked* is kept there as well.
    pub lists: ListsConfig,
}

/// What becomes of a look-up by a responder that cannot be reached, refuses, or answers nothing of use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Unanswered {
    /// A list at hand that covers the certificate answers, while it is inside its window; else it is refused.
    #[default]
    ListStandsIn,
    /// It is refused.
    Refused,
}

impl RevocationConfig {
    /// The usual bounds, nothing kept on disk.
    #[must_use]
    pub const fn new(ocsp_url: OcspUrls, list_url: ListUrl) -> Self {
        Self {
            ocsp_url,
            ocsp_timeout: Duration::from_secs(2),
            unanswered: Unanswered::ListStandsIn,
            lists: ListsConfig::new(list_url),
        }
    }

    pub(crate) fn check(&self) -> Result<(), RevocationError> {
        let url = "http:// with host and path, at most 512 printable ASCII characters";
        let rules = [
            ("ocsp_url.auth", is_plain_url(&self.ocsp_url.auth), url),
            ("ocsp_url.sign", is_plain_url(&self.ocsp_url.sign), url),
            ("ocsp_timeout", !self.ocsp_timeout.is_zero(), "more than nothing"),
        ];
        match rules.into_iter().find(|(_, kept, _)| !kept) {
            Some((setting, _, rule)) => Err(RevocationError::Setting { setting, rule }),
            None => Ok(()),
        }
    }
}

/// The responders' addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OcspUrls {
    /// For authentication certificates.
    pub auth: String,
    /// For signing certificates.
    pub sign: String,
}

impl OcspUrls {
    pub(crate) fn of(&self, kind: CertKind) -> &str {
        match kind {
            CertKind::Authentication => &self.auth,
            CertKind::Signing => &self.sign,
        }
    }
}

/// Plain HTTP, for answers carry their own signature.
fn is_plain_url(url: &str) -> bool {
    let printable = url.len() <= URL_LENGTH_MAX && url.bytes().all(|octet| octet.is_ascii_graphic());
    let host = url.strip_prefix("http://").and_then(|rest| rest.split_once('/')).map(|(host, _)| host);
    printable && host.is_some_and(|host| !host.is_empty() && !host.contains('@'))
}

#[cfg(test)]
mod tests;
