//! The two verifier models of the law, as types (slides 13 to 17).

use enishi_party::{CustomerId, PairwiseId, VerifierModel};

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Entrusted {}
    impl Sealed for super::Proxy {}
}

/// A verifier model: what a link's subject is, and what the provider is told, follow from it.
///
/// Sealed: the law knows two.
pub trait Model: sealed::Sealed + Send + Sync + 'static {
    /// Whom the provider knows: its own customer ID, or the pairwise ID.
    type Subject: Clone + Send + Sync + std::fmt::Debug;
    /// The model as a word on the wire.
    const WORD: VerifierModel;
}

/// 委託: the provider is the verifier and the relay its processor (slide 15).
#[derive(Debug, Clone, Copy)]
pub enum Entrusted {}

/// 代行: the relay is the verifier; the provider never holds a serial number (slide 16).
#[derive(Debug, Clone, Copy)]
pub enum Proxy {}

impl Model for Entrusted {
    type Subject = CustomerId;
    const WORD: VerifierModel = VerifierModel::Entrusted;
}

impl Model for Proxy {
    type Subject = PairwiseId;
    const WORD: VerifierModel = VerifierModel::Proxy;
}
