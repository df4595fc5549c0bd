//! The ports, in statements that both databases understand.

mod clock_value;
mod column;
mod condition;
mod evidence;
mod intent_row;
mod intents;
mod journal;
mod link_row;
mod links;
mod meter;
mod payment_row;
mod payments;
mod purge;
mod records;
mod reversals;
mod traces;

pub use condition::StoreCondition;
pub use purge::Purged;
pub(crate) use traces::TraceBlocks;
