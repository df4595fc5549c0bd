//! The words of a session.

use std::fmt;

use enishi_jpki::SignatureAlgorithm;

use crate::error::CardError;

/// What answers as the JPKI application (label of its token information).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// The plastic card (個人番号カード).
    Card,
    /// The secure element of an Android phone; its certificate lies behind the PIN.
    Android,
    /// An iPhone.
    IPhone,
}

/// Which of the holder's two secrets is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinKind {
    /// 利用者証明用PIN, four digits.
    Authentication,
    /// 署名用パスワード.
    Signing,
}

/// How many tries a PIN has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tries {
    /// That many.
    Left(u8),
    /// None; only a municipal office can lift that.
    Blocked,
    /// There is no limit.
    Unlimited,
}

/// Whether the holder has agreed to spend the last try, after which the PIN would be blocked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastTry {
    /// The holder was told and agrees.
    Confirmed,
    /// The holder was not asked.
    NotConfirmed,
}

/// What a session was doing when it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Selecting the JPKI application.
    Select,
    /// Reading what kind of token this is.
    TokenInformation,
    /// Reading which certificates there are.
    Availability,
    /// Asking how many tries are left.
    Tries,
    /// Reading a certificate.
    Certificate,
    /// Presenting a PIN or password.
    Verify,
    /// Signing.
    Sign,
    /// Reading the certificate again, after the signature.
    CertificateAgain,
    /// Leaving the application.
    Leave,
}

/// A signature over the challenge, with the certificate that verifies it: a proof of possession, not yet judged.
///
/// It holds a lasting identifier of a person, so it is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Proven(enishi_jpki::Token);

impl Proven {
    pub(super) fn new(
        certificate: Vec<u8>,
        algorithm: SignatureAlgorithm,
        signature: Vec<u8>,
    ) -> Result<Self, CardError> {
        enishi_jpki::Token::new(certificate, algorithm, signature)
            .map(Self)
            .map_err(|_| CardError::Protocol { step: Step::Sign, status: None })
    }

    /// The authentication certificate in DER.
    #[must_use]
    pub fn certificate_der(&self) -> &[u8] {
        self.0.certificate()
    }

    /// RSASSA-PKCS1-v1_5 with SHA-256 over the challenge's message, 256 bytes.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        self.0.signature()
    }

    /// The Web eID token that is sent on.
    #[must_use]
    pub fn into_token(self) -> enishi_jpki::Token {
        self.0
    }
}

impl fmt::Debug for Proven {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Proven(…)")
    }
}

impl fmt::Display for Tries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Left(1) => f.write_str("1 try left"),
            Self::Left(left) => write!(f, "{left} tries left"),
            Self::Blocked => f.write_str("blocked"),
            Self::Unlimited => f.write_str("tries are not limited"),
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Select => "selecting the application",
            Self::TokenInformation => "reading the token information",
            Self::Availability => "reading which certificates there are",
            Self::Tries => "asking for the tries left",
            Self::Certificate => "reading the certificate",
            Self::Verify => "presenting the PIN",
            Self::Sign => "signing",
            Self::CertificateAgain => "reading the certificate again",
            Self::Leave => "leaving the application",
        })
    }
}
