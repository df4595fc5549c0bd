/// Why a port could not do its work; holds nothing of what was stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreFault {
    /// The store has stopped, by itself after a failed write or because it was closed. Nothing was done.
    #[error("the store has stopped")]
    Stopped,
    /// The store failed; whether a write happened is unknown.
    #[error("the store failed: {0}")]
    Failed(String),
    /// A stored row breaks a rule that writing it would have checked.
    #[error("a stored row is inconsistent: {0}")]
    Inconsistent(&'static str),
}
