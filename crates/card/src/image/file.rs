//! The text form of an image: TOML with every key known.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::face::{Face, FaceSex, Written};
use super::{CardImage, Filler, Form, ImageFault, PinName, Secret, Slot};
use crate::error::CardError;
use crate::key::{CardKey, KeyAlgorithm};

/// What the file must say of itself.
const SANDBOX_MARKER: &str = "not a real card";

/// The only format so far.
const FORMAT: u32 = 1;

/// The first lines, for whoever opens the file.
const PREAMBLE: &str = "# A software card for the sandbox: not a real card.\n\
                        # It holds private keys and PINs; the card rewrites it at every change of a retry counter.\n\n";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileForm {
    sandbox: String,
    format: u32,
    form: Form,
    token_serial: String,
    filler: Filler,
    authentication_ca: String,
    signing_ca: String,
    authentication: KeyForm,
    #[serde(skip_serializing_if = "Option::is_none")]
    signing: Option<KeyForm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    face: Option<FaceForm>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyForm {
    algorithm: KeyAlgorithm,
    pkcs8: Zeroizing<String>,
    certificate: String,
    secret: SecretForm,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SecretForm {
    value: Zeroizing<String>,
    tries_left: u8,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FaceForm {
    name: String,
    address: String,
    birth_date: String,
    sex: FaceSex,
    algorithm: KeyAlgorithm,
    pkcs8: Zeroizing<String>,
    pin: SecretForm,
    #[serde(skip_serializing_if = "Option::is_none")]
    code_b: Option<SecretForm>,
}

/// Only what decides whether the rest is to be read.
#[derive(Deserialize)]
struct Marker {
    sandbox: Option<String>,
    format: Option<u32>,
}

/// Writes an image as text.
pub(super) fn to_text(image: &CardImage) -> Result<Zeroizing<String>, ImageFault> {
    let form = FileForm {
        sandbox: SANDBOX_MARKER.to_owned(),
        format: FORMAT,
        form: image.form,
        token_serial: image.token_serial.clone(),
        filler: image.filler,
        authentication_ca: BASE64_STANDARD.encode(&image.authentication_ca),
        signing_ca: BASE64_STANDARD.encode(&image.signing_ca),
        authentication: KeyForm::of(&image.authentication, &image.authentication_pin)?,
        signing: match (&image.signing, &image.signing_password) {
            (Some(slot), Some(password)) => Some(KeyForm::of(slot, password)?),
            _ => None,
        },
        face: image.face.as_ref().map(FaceForm::of).transpose()?,
    };
    let body = Zeroizing::new(toml::to_string(&form).map_err(|_| ImageFault::Malformed { line: None })?);
    Ok(Zeroizing::new(format!("{PREAMBLE}{}", body.as_str())))
}

/// Reads an image from text.
pub(super) fn from_text(text: &str) -> Result<CardImage, CardError> {
    // The marker first: a file that does not call itself a sandbox card is not looked at any further.
    let marker: Marker = toml::from_str(text).map_err(|error| malformed(text, &error))?;
    if marker.sandbox.as_deref() != Some(SANDBOX_MARKER) {
        return Err(ImageFault::NotSandbox.into());
    }
    match marker.format {
        Some(FORMAT) => {}
        Some(format) => return Err(ImageFault::UnknownFormat { format }.into()),
        None => return Err(ImageFault::Malformed { line: None }.into()),
    }
    let form: FileForm = toml::from_str(text).map_err(|error| malformed(text, &error))?;
    let (authentication, authentication_pin) = form.authentication.into_slot(PinName::Authentication)?;
    let (signing, signing_password) =
        form.signing.map(|signing| signing.into_slot(PinName::Signing)).transpose()?.unzip();
    let image = CardImage {
        form: form.form,
        token_serial: form.token_serial,
        filler: form.filler,
        authentication,
        authentication_pin,
        signing,
        signing_password,
        authentication_ca: decode("authentication_ca", &form.authentication_ca)?,
        signing_ca: decode("signing_ca", &form.signing_ca)?,
        face: form.face.map(FaceForm::into_face).transpose()?,
    };
    image.check()?;
    Ok(image)
}

impl KeyForm {
    fn of(slot: &Slot, secret: &Secret) -> Result<Self, ImageFault> {
        Ok(Self {
            algorithm: slot.key.algorithm(),
            pkcs8: Zeroizing::new(BASE64_STANDARD.encode(slot.key.expose_pkcs8())),
            certificate: BASE64_STANDARD.encode(&slot.certificate),
            secret: SecretForm::of(secret)?,
        })
    }

    fn into_slot(self, name: PinName) -> Result<(Slot, Secret), CardError> {
        let secret = self.secret.into_secret(name)?;
        let key = key(self.algorithm, &self.pkcs8)?;
        let field = match name {
            PinName::Signing => "signing.certificate",
            _ => "authentication.certificate",
        };
        Ok((Slot { key, certificate: decode(field, &self.certificate)? }, secret))
    }
}

impl SecretForm {
    fn of(secret: &Secret) -> Result<Self, ImageFault> {
        let value = str::from_utf8(secret.expose_value())
            .map_err(|_| ImageFault::Pin { field: secret.name().field() })?;
        Ok(Self { value: Zeroizing::new(value.to_owned()), tries_left: secret.tries_left() })
    }

    fn into_secret(self, name: PinName) -> Result<Secret, ImageFault> {
        Secret::new(name, self.value.as_bytes(), self.tries_left)
    }
}

impl FaceForm {
    fn of(face: &Face) -> Result<Self, ImageFault> {
        Ok(Self {
            name: face.name().to_owned(),
            address: face.address().to_owned(),
            birth_date: face.birth_date().to_owned(),
            sex: face.sex(),
            algorithm: face.key().algorithm(),
            pkcs8: Zeroizing::new(BASE64_STANDARD.encode(face.key().expose_pkcs8())),
            pin: SecretForm::of(face.pin())?,
            code_b: face.code_b().map(SecretForm::of).transpose()?,
        })
    }

    fn into_face(self) -> Result<Face, CardError> {
        Ok(Face::assemble(Written {
            name: self.name,
            address: self.address,
            birth_date: self.birth_date,
            sex: self.sex,
            pin: self.pin.into_secret(PinName::Face)?,
            code_b: self.code_b.map(|code| code.into_secret(PinName::FaceCodeB)).transpose()?,
            key: key(self.algorithm, &self.pkcs8)?,
        })?)
    }
}

fn key(algorithm: KeyAlgorithm, pkcs8: &str) -> Result<CardKey, CardError> {
    let der = Zeroizing::new(BASE64_STANDARD.decode(pkcs8).map_err(|_| ImageFault::Key)?);
    CardKey::from_pkcs8(algorithm, &der)
}

fn decode(field: &'static str, text: &str) -> Result<Vec<u8>, ImageFault> {
    BASE64_STANDARD.decode(text).map_err(|_| ImageFault::Certificate { field })
}

/// Keeps the line and drops the words: the parser's message quotes what it read.
fn malformed(text: &str, error: &toml::de::Error) -> ImageFault {
    let line = error
        .span()
        .and_then(|span| text.get(..span.start))
        .map(|before| before.bytes().filter(|byte| *byte == b'\n').count() + 1);
    ImageFault::Malformed { line }
}
