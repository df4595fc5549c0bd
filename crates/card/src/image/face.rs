//! The text of the card's face, as the 券面入力補助AP (text input support) holds it.

use std::fmt;

use enishi_jpki::AuthPin;
use serde::{Deserialize, Serialize};

use super::{ImageFault, PinName, Secret};
use crate::key::CardKey;

/// 性別 as the card writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FaceSex {
    /// `1`.
    Male,
    /// `2`.
    Female,
    /// `9`.
    NotApplicable,
}

/// What an issuer writes on the face of a card; the individual number is not among it and never will be.
pub struct FaceParts {
    /// 氏名, family and given name separated by U+3000.
    pub name: String,
    /// 住所.
    pub address: String,
    /// 生年月日, `YYYYMMDD`.
    pub birth_date: String,
    /// 性別.
    pub sex: FaceSex,
    /// The four digits that open name and address.
    pub pin: AuthPin,
    /// 照合番号B, 14 digits printed on the card, which open them too.
    pub code_b: Option<String>,
    /// The key that signs the records; a sandbox card signs its own.
    pub key: CardKey,
}

/// The face of a card with its counters.
pub(crate) struct Face {
    name: String,
    address: String,
    birth_date: String,
    sex: FaceSex,
    pin: Secret,
    code_b: Option<Secret>,
    key: CardKey,
}

impl Face {
    pub(super) fn new(parts: FaceParts) -> Result<Self, ImageFault> {
        let pin = Secret::new(PinName::Face, parts.pin.expose_bytes(), PinName::Face.max_tries())?;
        let code_b = match &parts.code_b {
            Some(code) => {
                Some(Secret::new(PinName::FaceCodeB, code.as_bytes(), PinName::FaceCodeB.max_tries())?)
            }
            None => None,
        };
        Self::assemble(Written {
            name: parts.name,
            address: parts.address,
            birth_date: parts.birth_date,
            sex: parts.sex,
            pin,
            code_b,
            key: parts.key,
        })
    }

    pub(super) fn assemble(written: Written) -> Result<Self, ImageFault> {
        let Written { name, address, birth_date, sex, pin, code_b, key } = written;
        if name.is_empty() || name.len() > MAX_NAME_LEN {
            return Err(ImageFault::Text { field: "face.name" });
        }
        if address.is_empty() || address.len() > MAX_ADDRESS_LEN {
            return Err(ImageFault::Text { field: "face.address" });
        }
        if birth_date.len() != 8 || !birth_date.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(ImageFault::Text { field: "face.birth_date" });
        }
        Ok(Self { name, address, birth_date, sex, pin, code_b, key })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    pub(crate) fn birth_date(&self) -> &str {
        &self.birth_date
    }

    pub(crate) fn sex(&self) -> FaceSex {
        self.sex
    }

    pub(crate) fn key(&self) -> &CardKey {
        &self.key
    }

    pub(crate) fn pin(&self) -> &Secret {
        &self.pin
    }

    pub(crate) fn pin_mut(&mut self) -> &mut Secret {
        &mut self.pin
    }

    pub(crate) fn code_b(&self) -> Option<&Secret> {
        self.code_b.as_ref()
    }

    pub(crate) fn code_b_mut(&mut self) -> Option<&mut Secret> {
        self.code_b.as_mut()
    }
}

/// A face as it stands in a file, counters included.
pub(super) struct Written {
    pub(super) name: String,
    pub(super) address: String,
    pub(super) birth_date: String,
    pub(super) sex: FaceSex,
    pub(super) pin: Secret,
    pub(super) code_b: Option<Secret>,
    pub(super) key: CardKey,
}

impl FaceSex {
    /// The one byte on the card.
    pub(crate) fn digit(self) -> u8 {
        match self {
            Self::Male => b'1',
            Self::Female => b'2',
            Self::NotApplicable => b'9',
        }
    }
}

impl fmt::Debug for Face {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Face").finish_non_exhaustive()
    }
}

/// Bytes of UTF-8: 200 characters of three bytes, as the signing certificate allows for an address.
const MAX_ADDRESS_LEN: usize = 600;

/// Bytes of UTF-8; assumed half of an address.
const MAX_NAME_LEN: usize = 300;
