use enishi_party::CustomerId;
use enishi_provider::{CardSlot, CardState, CustomerState, StoreFault};
use rusqlite::params;

use crate::row::{card_state_word, customer_state_word};
use crate::{ProviderStore, StoreError};

impl ProviderStore {
    /// Suspends a customer, or lifts it. `false`: there is no such customer.
    ///
    /// # Errors
    /// The store failed.
    pub async fn set_customer_state(
        &self,
        customer: &CustomerId,
        state: CustomerState,
    ) -> Result<bool, StoreFault> {
        let (customer, word) = (customer.clone(), customer_state_word(state));
        let done = self.writer.run(move |tx| {
            let sql = "UPDATE customer SET state = ?2 WHERE id = ?1";
            Ok::<_, StoreError>(tx.execute(sql, params![customer.as_str(), word])? == 1)
        });
        Ok(done.await?)
    }

    /// Suspends a card, or lifts it. `false`: there is no such card.
    ///
    /// # Errors
    /// The store failed.
    pub async fn set_card_state(
        &self,
        customer: &CustomerId,
        slot: CardSlot,
        state: CardState,
    ) -> Result<bool, StoreFault> {
        let (customer, word) = (customer.clone(), card_state_word(state));
        let done = self.writer.run(move |tx| {
            let sql = "UPDATE card SET state = ?3 WHERE customer = ?1 AND slot = ?2";
            Ok::<_, StoreError>(tx.execute(sql, params![customer.as_str(), slot.number(), word])? == 1)
        });
        Ok(done.await?)
    }

    /// Takes PINs for a card again, after the company has made sure of its holder. `false`: there is no such card.
    ///
    /// # Errors
    /// The store failed.
    pub async fn unblock_pin(&self, customer: &CustomerId, slot: CardSlot) -> Result<bool, StoreFault> {
        let customer = customer.clone();
        let done = self.writer.run(move |tx| {
            let sql = "UPDATE card SET pin_wrong_tries = 0 WHERE customer = ?1 AND slot = ?2";
            Ok::<_, StoreError>(tx.execute(sql, params![customer.as_str(), slot.number()])? == 1)
        });
        Ok(done.await?)
    }
}
