//! The image of a software card: everything a card holds.

use std::fmt;
use std::path::Path;

use der::{Decode, Header, Reader, SliceReader, Tag};
use enishi_jpki::{AuthPin, SigningPassword};
use serde::{Deserialize, Serialize};

use crate::error::CardError;
use crate::key::CardKey;

mod face;
mod fault;
mod file;
mod renewal;
mod secret;
mod store;

pub(crate) use face::Face;
pub use face::{FaceParts, FaceSex};
pub use fault::ImageFault;
pub use renewal::Renewal;
pub(crate) use secret::{PinName, Presented, Secret};
pub(crate) use store::ImageFile;

/// What carries the JPKI application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// The plastic card (個人番号カード).
    Card,
    /// The secure element of a phone (移動端末設備): the authentication certificate lies behind the PIN.
    Phone,
}

/// What stands behind a certificate in its file.
///
/// Whether real cards fill up is not stated anywhere; readers must cope with both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Filler {
    /// The file ends with the certificate.
    #[default]
    None,
    /// FF up to the next multiple of 1,024 bytes.
    Ones,
    /// 00 up to the next multiple of 1,024 bytes.
    Zeros,
}

/// A key pair as it is put on a card: the private key, its certificate and what opens it.
pub struct KeyParts<P> {
    /// The private key.
    pub key: CardKey,
    /// The certificate in DER.
    pub certificate: Vec<u8>,
    /// The PIN or password.
    pub secret: P,
}

/// What an issuer puts on a card.
pub struct CardParts {
    /// Card or phone.
    pub form: Form,
    /// The serial number in the token information: up to 16 printable ASCII characters.
    pub token_serial: String,
    /// For user authentication.
    pub authentication: KeyParts<AuthPin>,
    /// For signing; holders under fifteen have none.
    pub signing: Option<KeyParts<SigningPassword>>,
    /// The certificate of the authentication CA in DER.
    pub authentication_ca: Vec<u8>,
    /// The certificate of the signing CA in DER.
    pub signing_ca: Vec<u8>,
    /// What stands behind the certificates.
    pub filler: Filler,
    /// The text of the card's face (券面入力補助AP), if the card shall offer it.
    pub face: Option<FaceParts>,
}

/// A key and its certificate.
pub(crate) struct Slot {
    pub(crate) key: CardKey,
    pub(crate) certificate: Vec<u8>,
}

/// Everything that a software card holds, retry counters included.
///
/// It is marked as a sandbox card wherever it is written, and never stands for a real one.
pub struct CardImage {
    form: Form,
    token_serial: String,
    filler: Filler,
    authentication: Slot,
    authentication_pin: Secret,
    signing: Option<Slot>,
    signing_password: Option<Secret>,
    authentication_ca: Vec<u8>,
    signing_ca: Vec<u8>,
    face: Option<Face>,
}

impl CardImage {
    /// The longest certificate, in bytes: J-LIS test certificates have 1,333 to 1,758.
    pub const MAX_CERTIFICATE_LEN: usize = 4096;

    /// The longest image file, in bytes: four certificates, three keys and the texts take about 16,000.
    pub const MAX_FILE_LEN: u64 = 64 * 1024;

    /// Puts a card together, with all retry counters full.
    ///
    /// # Errors
    /// [`CardError::Image`] with the part that does not fit.
    pub fn new(parts: CardParts) -> Result<Self, CardError> {
        let authentication_pin = Secret::new(
            PinName::Authentication,
            parts.authentication.secret.expose_bytes(),
            PinName::Authentication.max_tries(),
        )?;
        let signing_password = match &parts.signing {
            Some(signing) => Some(Secret::new(
                PinName::Signing,
                signing.secret.expose_bytes(),
                PinName::Signing.max_tries(),
            )?),
            None => None,
        };
        let image = Self {
            form: parts.form,
            token_serial: parts.token_serial,
            filler: parts.filler,
            authentication: Slot {
                key: parts.authentication.key,
                certificate: parts.authentication.certificate,
            },
            authentication_pin,
            signing: parts.signing.map(|signing| Slot { key: signing.key, certificate: signing.certificate }),
            signing_password,
            authentication_ca: parts.authentication_ca,
            signing_ca: parts.signing_ca,
            face: parts.face.map(Face::new).transpose()?,
        };
        image.check()?;
        Ok(image)
    }

    /// Reads an image from a file, without taking hold of it.
    ///
    /// # Errors
    /// [`CardError::Image`]; see [`ImageFault`] for what is refused.
    pub fn load(path: &Path) -> Result<Self, CardError> {
        Ok(ImageFile::open(path)?.1)
    }

    /// Writes the image to a new file, readable by its owner only.
    ///
    /// # Errors
    /// [`ImageFault::Write`], also if there is such a file already.
    pub fn create(&self, path: &Path) -> Result<(), CardError> {
        Ok(store::create(path, self)?)
    }

    /// Card or phone.
    #[must_use]
    pub fn form(&self) -> Form {
        self.form
    }

    pub(crate) fn token_serial(&self) -> &str {
        &self.token_serial
    }

    pub(crate) fn authentication(&self) -> &Slot {
        &self.authentication
    }

    pub(crate) fn signing(&self) -> Option<&Slot> {
        self.signing.as_ref()
    }

    pub(crate) fn authentication_ca(&self) -> &[u8] {
        &self.authentication_ca
    }

    pub(crate) fn signing_ca(&self) -> &[u8] {
        &self.signing_ca
    }

    pub(crate) fn face(&self) -> Option<&Face> {
        self.face.as_ref()
    }

    pub(crate) fn filler(&self) -> Filler {
        self.filler
    }

    /// The PIN of that name, if the card has it.
    pub(crate) fn secret(&self, name: PinName) -> Option<&Secret> {
        match name {
            PinName::Authentication => Some(&self.authentication_pin),
            PinName::Signing => self.signing_password.as_ref(),
            PinName::Face => self.face.as_ref().map(Face::pin),
            PinName::FaceCodeB => self.face.as_ref().and_then(Face::code_b),
        }
    }

    pub(crate) fn secret_mut(&mut self, name: PinName) -> Option<&mut Secret> {
        match name {
            PinName::Authentication => Some(&mut self.authentication_pin),
            PinName::Signing => self.signing_password.as_mut(),
            PinName::Face => self.face.as_mut().map(Face::pin_mut),
            PinName::FaceCodeB => self.face.as_mut().and_then(Face::code_b_mut),
        }
    }

    fn check(&self) -> Result<(), ImageFault> {
        if self.token_serial.len() > TOKEN_SERIAL_LEN
            || !self.token_serial.bytes().all(|byte| byte.is_ascii_graphic())
        {
            return Err(ImageFault::Text { field: "token_serial" });
        }
        check_certificate("authentication.certificate", &self.authentication.certificate)?;
        if let Some(signing) = &self.signing {
            check_certificate("signing.certificate", &signing.certificate)?;
        }
        check_certificate("authentication_ca", &self.authentication_ca)?;
        check_certificate("signing_ca", &self.signing_ca)?;
        if self.form == Form::Phone && self.face.is_some() {
            return Err(ImageFault::FaceOnPhone);
        }
        Ok(())
    }
}

impl fmt::Debug for CardImage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CardImage").field("form", &self.form).finish_non_exhaustive()
    }
}

impl Filler {
    /// The content of a file that holds `der`.
    pub(crate) fn fill(self, der: &[u8]) -> Vec<u8> {
        let mut content = der.to_vec();
        let byte = match self {
            Self::None => return content,
            Self::Ones => 0xFF,
            Self::Zeros => 0x00,
        };
        content.resize(der.len().next_multiple_of(FILL_MULTIPLE), byte);
        content
    }
}

/// Checks that a certificate is one DER SEQUENCE and nothing more, which is all that a card knows of it.
fn check_certificate(field: &'static str, bytes: &[u8]) -> Result<(), ImageFault> {
    let fault = ImageFault::Certificate { field };
    if bytes.len() > CardImage::MAX_CERTIFICATE_LEN {
        return Err(fault);
    }
    let exact = SliceReader::new(bytes).and_then(|mut reader| {
        let header = Header::decode(&mut reader)?;
        Ok(header.tag() == Tag::Sequence && header.length() == reader.remaining_len())
    });
    match exact {
        Ok(true) => Ok(()),
        _ => Err(fault),
    }
}

/// The field serialNumber of CK_TOKEN_INFO (PKCS #11).
const TOKEN_SERIAL_LEN: usize = 16;

/// File sizes with filler are multiples of this, in bytes; assumed.
const FILL_MULTIPLE: usize = 1024;

#[cfg(test)]
mod tests;
