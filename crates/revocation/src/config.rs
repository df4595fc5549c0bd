use std::path::PathBuf;
use std::time::Duration;

use enishi_jpki::CertKind;
use enishi_verify::ListUrl;

use crate::RevocationError;

/// Longest address in a configuration; ours have some 80 characters.
const URL_LENGTH_MAX: usize = 512;

/// Where revocation information comes from, and within which bounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevocationConfig {
    /// The responders, one for each kind of certificate.
    pub ocsp_url: OcspUrls,
    /// The lists, one for each authority.
    pub crl_url: ListUrl,
    /// How long one look-up may take, whether it asks a responder or must first fetch a list.
    pub lookup_timeout: Duration,
    /// How long the regular fetch of one list may take.
    pub refresh_timeout: Duration,
    /// Largest list fetched in bytes; the limits of `verify` hold as well.
    pub list_bytes: usize,
    /// Where accepted lists are kept, so that a restart has them and no older ones come back. Private to its owner.
    pub folder: Option<PathBuf>,
}

impl RevocationConfig {
    /// The usual bounds, nothing kept on disk.
    #[must_use]
    pub const fn new(ocsp_url: OcspUrls, crl_url: ListUrl) -> Self {
        Self {
            ocsp_url,
            crl_url,
            lookup_timeout: Duration::from_secs(2),
            refresh_timeout: Duration::from_secs(60),
            // 1.8 million entries of 37 octets; whoever keeps the nation's whole list allows more.
            list_bytes: 64 * 1024 * 1024,
            folder: None,
        }
    }

    pub(crate) fn check(&self) -> Result<(), RevocationError> {
        let url = "http:// with host and path, at most 512 printable ASCII characters";
        let some = "more than nothing";
        let rules = [
            ("ocsp_url.auth", is_plain_url(&self.ocsp_url.auth), url),
            ("ocsp_url.sign", is_plain_url(&self.ocsp_url.sign), url),
            ("lookup_timeout", !self.lookup_timeout.is_zero(), some),
            ("refresh_timeout", !self.refresh_timeout.is_zero(), some),
            ("list_bytes", self.list_bytes > 0, some),
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

/// The word for a kind in file names.
pub(crate) const fn kind_word(kind: CertKind) -> &'static str {
    match kind {
        CertKind::Authentication => "auth",
        CertKind::Signing => "sign",
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
