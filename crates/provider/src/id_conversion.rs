use async_trait::async_trait;
use enishi_party::{CustomerId, InstrumentRef, LinkId, PairwiseId, Timestamp};
use enishi_wire::ConsentReceipt;

use crate::{CardSlot, StoreFault};

/// ID変換機能: which customer and card the relay's identifiers stand for.
///
/// Under 代行 a pairwise ID (変換用ID) stands for a customer; under 委託 the subject is the customer's own ID and there
/// is nothing to convert. In both an `InstrumentRef` stands for one card. What is asked of it in a payment is part of
/// [`Books`](crate::Books), for it is read in the payment's own transaction.
#[async_trait]
pub trait Conversions: Send + Sync {
    /// Stores a tie, durable before it is confirmed to the relay.
    ///
    /// A pairwise ID stands for one customer for ever. A customer who comes with a new one (the old link was deleted,
    /// and the card was proven anew) has only that one from then on: ties under the old one no longer count.
    async fn tie(&self, tie: NewTie, now: Timestamp) -> Result<TieOutcome, StoreFault>;

    /// Takes back a tie that the relay did not take, as if it had never been.
    async fn untie(&self, instrument: InstrumentRef) -> Result<(), StoreFault>;
}

/// A card's new name at the relay.
#[derive(Debug, Clone)]
pub struct NewTie {
    /// The name, random.
    pub instrument: InstrumentRef,
    /// Whose card.
    pub customer: CustomerId,
    /// Which card.
    pub slot: CardSlot,
    /// The relay's link.
    pub link: LinkId,
    /// 代行: the pairwise ID of the customer.
    pub pairwise: Option<PairwiseId>,
    /// What the citizen consented to, signed by the relay; kept as the company's proof.
    pub receipt: ConsentReceipt,
}

/// What became of a tie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TieOutcome {
    /// Stored.
    Tied,
    /// The pairwise ID stands for another customer.
    Conflict,
}
