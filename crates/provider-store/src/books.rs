use async_trait::async_trait;
use enishi_party::{CustomerId, Timestamp};
use enishi_provider::{
    Answer, Books, Inquiry, Keyed, Look, Refusal, Reversal, Reversed, Settled, StatementLine, StoreFault,
    TOMBSTONE_LIFE, Transaction, UNREADABLE_WINDOW,
};
use rusqlite::params;

use crate::ProviderStore;
use crate::facts::facts;
use crate::row::millis_before;

mod entry;
mod recorded;
mod reverse;
mod settle;
mod statement;

use recorded::Recorded;

#[async_trait]
impl Books for ProviderStore {
    async fn look(&self, keyed: &Keyed, inquiry: &Inquiry, now: Timestamp) -> Result<Look, StoreFault> {
        let (keyed, inquiry) = (keyed.clone(), inquiry.clone());
        let look = self.writer.run(move |tx| {
            Ok(match Recorded::find(tx, &keyed.key)? {
                Some(Recorded::Tombstone) => Look::TakenBack,
                Some(recorded) => Look::Settled(recorded.again(&keyed)),
                None => Look::New(facts(tx, &inquiry, now)?),
            })
        });
        Ok(look.await?)
    }

    async fn settle(&self, transaction: Transaction, now: Timestamp) -> Result<Settled, StoreFault> {
        Ok(self.writer.run(move |tx| settle::settle(tx, &transaction, now)).await?)
    }

    async fn reverse(&self, reversal: Reversal, now: Timestamp) -> Result<Reversed, StoreFault> {
        Ok(self.writer.run(move |tx| reverse::reverse(tx, &reversal, now)).await?)
    }

    async fn statement(&self, customer: &CustomerId, at_most: u32) -> Result<Vec<StatementLine>, StoreFault> {
        let customer = customer.clone();
        Ok(self.writer.run(move |tx| statement::lines(tx, &customer, at_most)).await?)
    }

    async fn forget(&self, now: Timestamp) -> Result<(), StoreFault> {
        let forgotten = self.writer.run(move |tx| {
            let old = millis_before(now, TOMBSTONE_LIFE);
            tx.execute("DELETE FROM book_transaction WHERE digest IS NULL AND reversed_at < ?1", [old])?;
            tx.execute("DELETE FROM used_assertion WHERE used_at < ?1", [old])?;
            tx.execute(
                "DELETE FROM unreadable_block WHERE came_at <= ?1",
                params![millis_before(now, UNREADABLE_WINDOW)],
            )?;
            Ok(())
        });
        Ok(forgotten.await?)
    }
}

impl Recorded {
    /// What the same message hears again.
    fn again(&self, keyed: &Keyed) -> Settled {
        match self {
            Self::Declined { digest, .. } | Self::Approved { digest, .. } | Self::Undone { digest }
                if *digest != keyed.digest =>
            {
                Settled::KeyOfAnother
            }
            Self::Declined { code, .. } => Settled::Answer(Answer::Declined(*code)),
            Self::Approved { number, .. } => Settled::Answer(Answer::Approved(*number)),
            // An approval that was taken back is never said again.
            Self::Undone { .. } | Self::Tombstone => {
                Settled::Answer(Answer::Declined(Refusal::TakenBack.response_code()))
            }
        }
    }
}
