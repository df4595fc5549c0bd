//! What can be wrong with the image of a software card.

use crate::key::KeyAlgorithm;

/// Why an image was refused or could not be kept.
///
/// A fault in the text of a file is given by its line alone, because the lines hold PINs and keys.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImageFault {
    /// The file could not be read.
    #[error("the card image cannot be read: {0}")]
    Read(std::io::Error),
    /// The file could not be replaced; the card answers 6581.
    #[error("the card image cannot be written: {0}")]
    Write(std::io::Error),
    /// The path names something else than a regular file.
    #[error("the card image is not a regular file")]
    NotAFile,
    /// Group or others may read or write the file.
    #[error("the card image is open to others (mode {mode:04o}); it must be 0600")]
    Exposed {
        /// The permission bits.
        mode: u32,
    },
    /// The file is larger than [`CardImage::MAX_FILE_LEN`](crate::CardImage::MAX_FILE_LEN).
    #[error("the card image has {len} bytes, more than {}", crate::CardImage::MAX_FILE_LEN)]
    TooLarge {
        /// Its length in bytes.
        len: u64,
    },
    /// Another process or another card of this process holds the file.
    #[error("the card image is in use")]
    InUse,
    /// The text is not an image, or has a key that this version does not know.
    #[error("the card image is malformed{}", line.map(|line| format!(" at line {line}")).unwrap_or_default())]
    Malformed {
        /// Where, counted from 1.
        line: Option<usize>,
    },
    /// The file does not say that it is not a real card.
    #[error("the card image does not carry the sandbox marker")]
    NotSandbox,
    /// The file has a format of another version.
    #[error("card image format {format} is not known")]
    UnknownFormat {
        /// The number in the file.
        format: u32,
    },
    /// A private key is not what it should be.
    #[error("not a usable private key")]
    Key,
    /// A key of this algorithm cannot be used by the software card yet.
    #[error("the software card cannot use a key of the kind {algorithm:?}")]
    UnsupportedKey {
        /// The algorithm that was asked for.
        algorithm: KeyAlgorithm,
    },
    /// A certificate is not one DER SEQUENCE of at most
    /// [`CardImage::MAX_CERTIFICATE_LEN`](crate::CardImage::MAX_CERTIFICATE_LEN) bytes.
    #[error("{field} is not one DER SEQUENCE of a bearable length")]
    Certificate {
        /// Which one.
        field: &'static str,
    },
    /// A PIN does not fit its alphabet or length, or its counter is above its limit.
    #[error("{field} is not possible on a card")]
    Pin {
        /// Which one.
        field: &'static str,
    },
    /// A text of the card does not fit its field.
    #[error("{field} does not fit its field on the card")]
    Text {
        /// Which one.
        field: &'static str,
    },
    /// A phone has no card face.
    #[error("a phone has no card face")]
    FaceOnPhone,
}
