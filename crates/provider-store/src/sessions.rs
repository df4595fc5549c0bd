use async_trait::async_trait;
use enishi_party::{CustomerId, IntentId, Timestamp};
use enishi_provider::{
    Attempt, Bringer, LOGIN_FAILURES_MAX, LOGIN_WINDOW, PendingLink, SecretDigest, Sessions, StoreFault,
};
use rusqlite::{OptionalExtension, Row, params};

use crate::row::{Octets16, millis, millis_before, timestamp};
use crate::{ProviderStore, StoreError};

#[async_trait]
impl Sessions for ProviderStore {
    async fn attempt(&self, customer: &CustomerId, now: Timestamp) -> Result<Attempt, StoreFault> {
        let customer = customer.clone();
        let attempt = self.writer.run(move |tx| {
            let since = millis_before(now, LOGIN_WINDOW);
            let failed: u32 = tx
                .prepare_cached("SELECT count(*) FROM login_failure WHERE customer = ?1 AND failed_at > ?2")?
                .query_row(params![customer.as_str(), since], |row| row.get(0))?;
            if failed >= LOGIN_FAILURES_MAX {
                return Ok(Attempt::TooMany);
            }
            tx.prepare_cached("INSERT INTO login_failure (customer, failed_at) VALUES (?1, ?2)")?
                .execute(params![customer.as_str(), millis(now)])?;
            Ok::<_, StoreError>(Attempt::Allowed)
        });
        Ok(attempt.await?)
    }

    async fn begin(
        &self,
        customer: &CustomerId,
        session: SecretDigest,
        until: Timestamp,
    ) -> Result<(), StoreFault> {
        let customer = customer.clone();
        let begun = self.writer.run(move |tx| {
            tx.prepare_cached("INSERT INTO session (digest, customer, until) VALUES (?1, ?2, ?3)")?
                .execute(params![session.as_octets(), customer.as_str(), millis(until)])?;
            tx.prepare_cached("DELETE FROM login_failure WHERE customer = ?1")?
                .execute([customer.as_str()])?;
            Ok::<_, StoreError>(())
        });
        Ok(begun.await?)
    }

    async fn customer_of(
        &self,
        session: SecretDigest,
        now: Timestamp,
    ) -> Result<Option<CustomerId>, StoreFault> {
        let found = self.writer.run(move |tx| {
            let found: Option<String> = tx
                .prepare_cached("SELECT customer FROM session WHERE digest = ?1 AND until > ?2")?
                .query_row(params![session.as_octets(), millis(now)], |row| row.get(0))
                .optional()?;
            Ok::<_, StoreError>(found.map(|text| text.parse()).transpose()?)
        });
        Ok(found.await?)
    }

    async fn remember(&self, link: PendingLink) -> Result<(), StoreFault> {
        let remembered = self.writer.run(move |tx| {
            let (state, intent) = (link.state.as_octets(), link.intent.octets());
            let (customer, slot) = (link.customer.as_str(), link.slot.number());
            match link.bringer {
                Bringer::Session(session) => tx
                    .prepare_cached(
                        "INSERT INTO pending_link (state, session, intent, customer, slot, until)
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                    )?
                    .execute(params![state, session.as_octets(), intent, customer, slot, millis(link.until)])?,
                Bringer::Invited => tx
                    .prepare_cached(
                        "INSERT INTO invitation (state, intent, customer, slot, until) VALUES (?1, ?2, ?3, ?4, ?5)",
                    )?
                    .execute(params![state, intent, customer, slot, millis(link.until)])?,
            };
            Ok::<_, StoreError>(())
        });
        Ok(remembered.await?)
    }

    async fn take(
        &self,
        bringer: Bringer,
        state: SecretDigest,
        now: Timestamp,
    ) -> Result<Option<PendingLink>, StoreFault> {
        let taken = self.writer.run(move |tx| {
            let read = |row: &Row<'_>| -> rusqlite::Result<(_, String, u8, i64)> {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            };
            let found = match bringer {
                Bringer::Session(session) => tx
                    .prepare_cached(
                        "DELETE FROM pending_link WHERE state = ?1 AND session = ?2 AND until > ?3
                         RETURNING intent, customer, slot, until",
                    )?
                    .query_row(params![state.as_octets(), session.as_octets(), millis(now)], read),
                Bringer::Invited => tx
                    .prepare_cached(
                        "DELETE FROM invitation WHERE state = ?1 AND until > ?2
                         RETURNING intent, customer, slot, until",
                    )?
                    .query_row(params![state.as_octets(), millis(now)], read),
            };
            let Some((intent, customer, slot, until)) = found.optional()? else { return Ok(None) };
            Ok::<_, StoreError>(Some(PendingLink {
                bringer,
                state,
                intent: IntentId::from_random(intent),
                customer: customer.parse()?,
                slot: slot.try_into()?,
                until: timestamp(until)?,
            }))
        });
        Ok(taken.await?)
    }

    async fn forget(&self, now: Timestamp) -> Result<(), StoreFault> {
        let forgotten = self.writer.run(move |tx| {
            tx.execute("DELETE FROM session WHERE until <= ?1", [millis(now)])?;
            tx.execute("DELETE FROM pending_link WHERE until <= ?1", [millis(now)])?;
            tx.execute("DELETE FROM invitation WHERE until <= ?1", [millis(now)])?;
            tx.execute(
                "DELETE FROM login_failure WHERE failed_at <= ?1",
                [millis_before(now, LOGIN_WINDOW)],
            )?;
            Ok::<_, StoreError>(())
        });
        Ok(forgotten.await?)
    }
}
