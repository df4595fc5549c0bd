//! The municipal office's counter: new keys and certificates on the same card.

use super::SoftwareCard;
use crate::error::CardError;
use crate::image::Renewal;

impl SoftwareCard {
    /// Writes the card's file as it is, so that a disk that fails shows before anything else is done.
    ///
    /// # Errors
    /// [`CardError::Image`]
    pub fn rewrite(&mut self) -> Result<(), CardError> {
        Ok(self.persist()?)
    }

    /// Puts new keys and certificates on the card and into its file; PINs and retry counters stay.
    ///
    /// # Errors
    /// [`CardError::Image`]: a certificate that is none, a signing key for a card without one or the other way round, a
    /// file that cannot be written. In that last case the file holds what it held before.
    pub fn renew(&mut self, renewal: Renewal) -> Result<(), CardError> {
        self.image.renew(renewal)?;
        self.power_on();
        Ok(self.persist()?)
    }
}
