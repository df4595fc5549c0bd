use std::fmt;

use aws_lc_rs::hmac;
use enishi_jpki::AuthCertificate;
use zeroize::Zeroizing;

/// This provider's own key for the index of its serial rows; kept outside the database.
pub struct SerialIndexKey(Zeroizing<[u8; 32]>);

/// HMAC-SHA-256 over authority and serial number: finds a row again, and gives no number back.
///
/// Serial numbers are guessable, so a plain hash would be as good as the number.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct SerialIndex([u8; 32]);

impl SerialIndexKey {
    /// Takes 32 random octets.
    #[must_use]
    pub fn from_octets(octets: [u8; 32]) -> Self {
        Self(Zeroizing::new(octets))
    }

    pub(crate) fn index(&self, certificate: &AuthCertificate) -> SerialIndex {
        let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, self.0.as_slice()));
        let authority = certificate.issuer_key_id().as_octets();
        context.update(b"serial row");
        // Numbers are one authority's own; its key has at most 64 octets, so its length takes one.
        context.update(&[u8::try_from(authority.len()).unwrap_or(u8::MAX)]);
        context.update(authority);
        context.update(certificate.serial().expose_der_content());
        SerialIndex(context.sign().as_ref().try_into().unwrap_or_default())
    }
}

impl SerialIndex {
    pub(crate) const fn as_octets(&self) -> &[u8; 32] {
        &self.0
    }

    #[cfg(test)]
    pub(crate) const fn of_octets(octets: [u8; 32]) -> Self {
        Self(octets)
    }
}

impl fmt::Debug for SerialIndexKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SerialIndexKey(…)")
    }
}

impl fmt::Debug for SerialIndex {
    /// A keyed index of a serial number is still personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SerialIndex(…)")
    }
}
