//! The applications of the card and the files in them.

use std::borrow::Cow;

use super::{SoftwareCard, face_files};
use crate::image::{Form, PinName};
use crate::key::CardKey;

/// What can be selected by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Application {
    /// The GlobalPlatform issuer security domain, current after power-on.
    IssuerDomain,
    /// 公的個人認証AP.
    Jpki,
    /// 券面入力補助AP.
    Text,
}

/// A two-byte file identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FileId(pub(super) u16);

/// A file, and what may be done with it.
pub(super) enum File<'a> {
    /// Bytes that are read by offset.
    Transparent { content: Cow<'a, [u8]>, access: Access },
    /// A PIN; one without a value was never set and counts as blocked.
    Pin(Option<PinName>),
    /// A private key.
    Key { key: &'a CardKey, access: Access },
    /// A key reference that only unpublished commands use.
    Internal,
}

/// What opens a file or key.
#[derive(Clone, Copy)]
pub(super) enum Access {
    Free,
    /// Any one of these PINs.
    After(&'static [PinName]),
    Never,
}

impl Application {
    /// The DF name.
    pub(super) fn name(self) -> &'static [u8] {
        match self {
            Self::IssuerDomain => &[0xA0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00],
            Self::Jpki => &[0xD3, 0x92, 0xF0, 0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01],
            Self::Text => &[0xD3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x04, 0x08],
        }
    }
}

impl FileId {
    pub(super) fn from_short(short: u8) -> Self {
        Self(u16::from(short))
    }
}

impl SoftwareCard {
    /// The applications on this card, in the order in which a prefix finds them; that order is assumed.
    pub(super) fn applications(&self) -> impl Iterator<Item = Application> + use<> {
        let text = self.image.face().map(|_| Application::Text);
        [Application::IssuerDomain, Application::Jpki].into_iter().chain(text)
    }

    /// The file of that identifier in the current application.
    pub(super) fn file(&self, id: FileId) -> Option<File<'_>> {
        match self.application {
            Application::IssuerDomain => None,
            Application::Jpki => self.jpki_file(id),
            Application::Text => self.text_file(id),
        }
    }

    /// Whether the PINs presented so far open something.
    pub(super) fn opens(&self, access: Access) -> bool {
        match access {
            Access::Free => true,
            Access::After(names) => names.iter().any(|name| self.verified.holds(*name)),
            Access::Never => false,
        }
    }

    fn jpki_file(&self, id: FileId) -> Option<File<'_>> {
        let image = &self.image;
        let certificate =
            |der: &[u8], access| File::Transparent { content: Cow::Owned(image.filler().fill(der)), access };
        Some(match id.0 {
            0x0001 => certificate(&image.signing()?.certificate, Access::After(&[PinName::Signing])),
            0x0002 => certificate(image.signing_ca(), Access::Free),
            0x0006 => File::Transparent { content: Cow::Owned(self.token_info()), access: Access::Free },
            0x0008 => File::Transparent { content: Cow::Owned(self.availability()), access: Access::Free },
            0x0009 => File::Transparent { content: Cow::Borrowed(&[]), access: Access::Never },
            0x000A => certificate(
                &image.authentication().certificate,
                match image.form() {
                    Form::Card => Access::Free,
                    Form::Phone => Access::After(&[PinName::Authentication]),
                },
            ),
            0x000B => certificate(image.authentication_ca(), Access::Free),
            0x0016 => File::Internal,
            0x0017 => File::Key {
                key: &image.authentication().key,
                access: Access::After(&[PinName::Authentication]),
            },
            0x0018 => File::Pin(Some(PinName::Authentication)),
            0x001A => File::Key { key: &image.signing()?.key, access: Access::After(&[PinName::Signing]) },
            // Readers ask for both counters at once; on a card without a signing certificate the password was never
            // set. What a real one answers is not published.
            0x001B => File::Pin(image.signing().map(|_| PinName::Signing)),
            _ => return None,
        })
    }

    fn text_file(&self, id: FileId) -> Option<File<'_>> {
        const OPENED: Access = Access::After(&[PinName::Face, PinName::FaceCodeB]);
        let face = self.image.face()?;
        let free = |content| File::Transparent { content: Cow::Owned(content), access: Access::Free };
        let closed = |content| File::Transparent { content: Cow::Owned(content), access: OPENED };
        Some(match id.0 {
            // 0001 would hold the individual number (個人番号); this card never has it.
            0x0002 => closed(face_files::attributes(face)),
            0x0003 => closed(face_files::integrity(face)?),
            0x0004 => free(face_files::certificate(face)?),
            0x0005 => free(face_files::basic_data()),
            0x0006 => closed(face_files::session_key(face)),
            0x0007 => closed(face_files::signed_key(face)?),
            0x0008 => free(vec![0xFF; 16]),
            0x0011 => File::Pin(Some(PinName::Face)),
            // 0012 arrives blocked on every card examined. 0014 is the individual number, which is not here.
            0x0012 | 0x0014 => File::Pin(None),
            0x0015 => File::Pin(face.code_b().map(|_| PinName::FaceCodeB)),
            _ => return None,
        })
    }

    /// EF 0008: which certificates there are.
    fn availability(&self) -> Vec<u8> {
        const PRESENT: u8 = 0x8F;
        vec![if self.image.signing().is_some() { PRESENT } else { 0x00 }, PRESENT, 0x00]
    }

    /// EF 0006: CK_TOKEN_INFO of PKCS #11 as 160 bytes, numbers big-endian in four bytes each.
    fn token_info(&self) -> Vec<u8> {
        let label = match self.image.form() {
            Form::Card => "JPKIAPICCTOKEN2",
            Form::Phone => "JPKIAPGPSETOKEN",
        };
        let mut info = Vec::with_capacity(160);
        info.extend(padded(label, 32));
        info.extend(format!("{:0>32}", 1).bytes()); // manufacturerID
        info.extend(padded("E16R01NJ", 16)); // model
        info.extend(padded(self.image.token_serial(), 16));
        let numbers: [u32; 11] = [
            0x0000_040D, // RNG, LOGIN_REQUIRED, USER_PIN_INITIALIZED, TOKEN_INITIALIZED
            1,           // most sessions
            0,           // open sessions
            1,           // most read-write sessions
            0,           // open read-write sessions
            16,          // longest PIN
            6,           // shortest PIN
            u32::MAX,    // four sizes of memory: unavailable
            u32::MAX,
            u32::MAX,
            u32::MAX,
        ];
        info.extend(numbers.iter().flat_map(|number| number.to_be_bytes()));
        info.extend(b"0301"); // hardware and firmware version
        info.extend([b'9'; 16]); // utcTime
        info
    }
}

/// Text with spaces behind it.
fn padded(text: &str, len: usize) -> impl Iterator<Item = u8> + '_ {
    text.bytes().chain(std::iter::repeat(b' ')).take(len)
}
