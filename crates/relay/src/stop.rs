//! How a flow ends early: by a refusal, which is a verdict, or by a fault, which is ours.

use enishi_linkage::{LinkageError, StoreFault};
use enishi_party::RefusalCode;

/// Something of ours failed. The caller may send the same request again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreFault),
    /// A message, an assertion or an evidence could not be made.
    #[error("{what} could not be made: {reason}")]
    Making {
        /// What.
        what: &'static str,
        /// Why, without contents.
        reason: String,
    },
    /// The configuration names something that is not there.
    #[error("configuration: {0}")]
    Configuration(String),
}

/// How a flow ends early.
#[derive(Debug, thiserror::Error)]
pub enum Stop {
    /// Refused: the same request would be refused again.
    #[error("refused: {}", .0.code())]
    Refused(RefusalCode),
    /// Refused because of its form; the text is for the caller's developer and repeats nothing of the request.
    #[error("malformed: {0}")]
    Malformed(&'static str),
    /// Another request moved the same payment on meanwhile.
    #[error("superseded")]
    Superseded,
    /// Ours.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<RefusalCode> for Stop {
    fn from(code: RefusalCode) -> Self {
        Self::Refused(code)
    }
}

impl From<StoreFault> for Stop {
    fn from(fault: StoreFault) -> Self {
        Self::Fault(fault.into())
    }
}

impl From<LinkageError> for Stop {
    fn from(error: LinkageError) -> Self {
        match error {
            LinkageError::Refused(code) => Self::Refused(code),
            LinkageError::Store(fault) => fault.into(),
        }
    }
}
