//! Certificates of an image, and new ones in their place.

use super::{CardImage, Slot, check_certificate};
use crate::error::CardError;
use crate::key::CardKey;

/// What a renewed card gets; PINs and retry counters stay.
pub struct Renewal {
    /// The new authentication key and its certificate in DER.
    pub authentication: (CardKey, Vec<u8>),
    /// The new signing key and its certificate in DER; for a card that has such a key, and for no other.
    pub signing: Option<(CardKey, Vec<u8>)>,
    /// The certificate of the authentication CA in DER.
    pub authentication_ca: Vec<u8>,
    /// The certificate of the signing CA in DER.
    pub signing_ca: Vec<u8>,
}

impl CardImage {
    /// The authentication certificate in DER, which a phone gives to nobody without its PIN.
    #[must_use]
    pub fn expose_authentication_certificate(&self) -> &[u8] {
        &self.authentication.certificate
    }

    /// The signing certificate in DER, which a card gives to nobody without its password: it names the holder.
    #[must_use]
    pub fn expose_signing_certificate(&self) -> Option<&[u8]> {
        self.signing.as_ref().map(|slot| slot.certificate.as_slice())
    }

    /// Puts new keys and certificates in the place of the old ones.
    pub(crate) fn renew(&mut self, renewal: Renewal) -> Result<(), CardError> {
        check_certificate("authentication.certificate", &renewal.authentication.1)?;
        check_certificate("authentication_ca", &renewal.authentication_ca)?;
        check_certificate("signing_ca", &renewal.signing_ca)?;
        let signing = match (&self.signing, renewal.signing) {
            (Some(_), Some((key, certificate))) => {
                check_certificate("signing.certificate", &certificate)?;
                Some(Slot { key, certificate })
            }
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => {
                return Err(super::ImageFault::Certificate { field: "signing.certificate" }.into());
            }
        };
        let (key, certificate) = renewal.authentication;
        self.authentication = Slot { key, certificate };
        self.signing = signing;
        self.authentication_ca = renewal.authentication_ca;
        self.signing_ca = renewal.signing_ca;
        Ok(())
    }
}
