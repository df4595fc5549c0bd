//! Corpora of others, judged: what `enishi conformance` answers. No flow of the product comes here.
//!
//! Lists, answers and JPKI paths are judged by the product's own checks; what corpora ask beyond them (paths of
//! certificates outside JPKI, of one step, by RFC 5280 §6) is judged here and nowhere else.
//!
//! *Invariant:* what is not decided is said to be unsupported: nothing is accepted that was not checked.

mod answer;
mod case;
mod certificate;
mod constraints;
mod hosts;
mod line;
mod list;
mod names;
mod profile;
mod signature;
mod step;

pub use case::{Case, CaseError, CrlCase, OcspCase, PathCase, PathProfile, SigCase};
pub use line::{answer_line, answer_overlong};

use std::fmt::Display;

use enishi_jpki::asn1::DerError;
use enishi_jpki::{CertificateError, ExtensionError, KeyError};

/// What a case comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The path or the signature holds.
    Accept,
    /// It does not, or says nothing about the certificate in question.
    Reject,
    /// Not revoked, says a list or an answer that counts.
    Good,
    /// Revoked or on hold, says a genuine list or answer of whatever age.
    Revoked,
    /// The responder does not know the certificate.
    Unknown,
    /// Not judged: outside what is supported, or no case at all.
    Error,
}

/// A verdict with its reason: positions, rules and object identifiers, never what a certificate says of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// One line; begins with `unsupported` where the case lies outside what is judged.
    pub reason: String,
}

/// Why a case does not come to what it claims.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Fault {
    /// A rule is broken.
    Refused(String),
    /// A rule that is not known here would decide.
    Unsupported(String),
}

impl Fault {
    fn refused(why: impl Display) -> Self {
        Self::Refused(why.to_string())
    }

    fn unsupported(what: impl Display) -> Self {
        Self::Unsupported(what.to_string())
    }

    /// The same fault, with what it is about.
    fn of(self, what: &str) -> Self {
        match self {
            Self::Refused(why) => Self::Refused(format!("{what}: {why}")),
            Self::Unsupported(why) => Self::Unsupported(format!("{what}: {why}")),
        }
    }
}

impl Judgement {
    fn new(verdict: Verdict, reason: impl Display) -> Self {
        Self { verdict, reason: reason.to_string() }
    }
}

impl From<Fault> for Judgement {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Refused(why) => Self::new(Verdict::Reject, why),
            Fault::Unsupported(what) => Self::new(Verdict::Error, format_args!("unsupported: {what}")),
        }
    }
}

impl From<DerError> for Fault {
    fn from(error: DerError) -> Self {
        Self::refused(error)
    }
}

impl From<ExtensionError> for Fault {
    fn from(error: ExtensionError) -> Self {
        match error {
            ExtensionError::TooMany => Self::unsupported(error),
            error => Self::refused(error),
        }
    }
}

impl From<CertificateError> for Fault {
    fn from(error: CertificateError) -> Self {
        match error {
            CertificateError::Extension(error) => error.into(),
            CertificateError::Key(KeyError::Der(error)) => error.into(),
            // Limits of this project, not of the standard.
            CertificateError::TooLarge { .. }
            | CertificateError::Key(_)
            | CertificateError::AlgorithmNotAllowed(_) => Self::unsupported(error),
            error => Self::refused(error),
        }
    }
}

/// Judges one case.
#[must_use]
pub fn judge(case: &Case) -> Judgement {
    match case {
        Case::Path(case) => {
            let outcome = match case.profile {
                PathProfile::Rfc5280 => step::check(case),
                PathProfile::Jpki => profile::check(case),
            };
            outcome.map_or_else(Judgement::from, |()| Judgement::new(Verdict::Accept, "the path holds"))
        }
        Case::Crl(case) => list::judge(case).unwrap_or_else(Judgement::from),
        Case::Ocsp(case) => answer::judge(case).unwrap_or_else(Judgement::from),
        Case::Sig(case) => signature::check(case)
            .map_or_else(Judgement::from, |()| Judgement::new(Verdict::Accept, "the signature holds")),
    }
}
