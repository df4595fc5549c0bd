//! PINs on the card and their retry counters.

use std::fmt;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use enishi_party::broken::{Check, is_broken};
use zeroize::Zeroizing;

use super::ImageFault;

/// Which PIN of a card is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PinName {
    /// 利用者証明用電子証明書の暗証番号, EF 0018.
    Authentication,
    /// 署名用電子証明書の暗証番号 (a password), EF 001B.
    Signing,
    /// 券面入力補助用の暗証番号, EF 0011 of the text application.
    Face,
    /// 照合番号B, EF 0015 of the text application.
    FaceCodeB,
}

/// What a presented value was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presented {
    Right,
    Wrong,
}

/// A PIN and the tries that are left.
pub(crate) struct Secret {
    name: PinName,
    value: Zeroizing<Vec<u8>>,
    tries_left: u8,
}

impl PinName {
    /// Where the counter starts, and where a right PIN puts it back.
    pub(crate) fn max_tries(self) -> u8 {
        match self {
            // J-LIS, "暗証番号": three for the four-digit PINs, five for the signing password.
            Self::Authentication | Self::Face => 3,
            Self::Signing => 5,
            // Common knowledge about 照合番号, not measured.
            Self::FaceCodeB => 10,
        }
    }

    /// Whether a value could be this PIN.
    pub(crate) fn accepts(self, value: &[u8]) -> bool {
        match self {
            Self::Authentication | Self::Face => value.len() == 4 && value.iter().all(u8::is_ascii_digit),
            // Lower case is no password: readers turn it into upper case before they ask.
            Self::Signing => {
                (6..=16).contains(&value.len())
                    && value.iter().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
            }
            Self::FaceCodeB => value.len() == 14 && value.iter().all(u8::is_ascii_digit),
        }
    }

    pub(super) fn field(self) -> &'static str {
        match self {
            Self::Authentication => "authentication.pin",
            Self::Signing => "signing.password",
            Self::Face => "face.pin",
            Self::FaceCodeB => "face.code_b",
        }
    }
}

impl Secret {
    pub(super) fn new(name: PinName, value: &[u8], tries_left: u8) -> Result<Self, ImageFault> {
        if !name.accepts(value) || tries_left > name.max_tries() {
            return Err(ImageFault::Pin { field: name.field() });
        }
        Ok(Self { name, value: Zeroizing::new(value.to_vec()), tries_left })
    }

    pub(crate) fn name(&self) -> PinName {
        self.name
    }

    pub(crate) fn tries_left(&self) -> u8 {
        self.tries_left
    }

    pub(super) fn expose_value(&self) -> &[u8] {
        &self.value
    }

    /// Compares a value and moves the counter; a blocked PIN must not be asked.
    pub(crate) fn present(&mut self, value: &[u8]) -> Presented {
        if verify_slices_are_equal(&self.value, value).is_ok() && self.tries_left > 0 {
            self.tries_left = self.name.max_tries();
            Presented::Right
        } else {
            let lost = if is_broken(Check::PinCounter) { 0 } else { 1 };
            self.tries_left = self.tries_left.saturating_sub(lost);
            Presented::Wrong
        }
    }

    /// Puts a new value in place; the caller has checked that the name accepts it.
    pub(crate) fn replace(&mut self, value: &[u8]) {
        self.value = Zeroizing::new(value.to_vec());
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret")
            .field("name", &self.name)
            .field("tries_left", &self.tries_left)
            .finish_non_exhaustive()
    }
}
