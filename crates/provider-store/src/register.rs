use async_trait::async_trait;
use enishi_party::CustomerId;
use enishi_provider::{Card, Customer, PasswordHash, Register, StoreFault};
use rusqlite::OptionalExtension;

use crate::{ProviderStore, StoreError, facts};

#[async_trait]
impl Register for ProviderStore {
    async fn customer(&self, id: &CustomerId) -> Result<Option<Customer>, StoreFault> {
        let id = id.clone();
        Ok(self.writer.run(move |tx| facts::customer(tx, &id)).await?)
    }

    async fn cards(&self, id: &CustomerId) -> Result<Vec<Card>, StoreFault> {
        let id = id.clone();
        Ok(self.writer.run(move |tx| facts::cards(tx, &id)).await?)
    }

    async fn password(&self, id: &CustomerId) -> Result<Option<PasswordHash>, StoreFault> {
        let id = id.clone();
        let found = self.writer.run(move |tx| {
            let found = tx
                .prepare_cached(
                    "SELECT password_salt, password_rounds, password_hash FROM customer WHERE id = ?1",
                )?
                .query_row([id.as_str()], |row| Ok((row.get(0)?, row.get::<_, u32>(1)?, row.get(2)?)))
                .optional()?;
            let Some((salt, rounds, hash)) = found else { return Ok(None) };
            let rounds = rounds.try_into().map_err(|_| StoreError::Inconsistent("password rounds"))?;
            Ok(Some(PasswordHash { salt, rounds, hash }))
        });
        Ok(found.await?)
    }
}
