//! The ways to the providers: one persistent ISO 8583 connection each.

use std::collections::HashMap;
use std::time::Duration;

use async_trait::async_trait;
use enishi_iso8583::Message;
use enishi_party::ProviderId;
use enishi_relay::{Switch, SwitchError};
use enishi_transport::{ExchangeError, IsoClient};

/// A client for each provider.
#[derive(Default)]
pub struct Connections(HashMap<ProviderId, IsoClient>);

impl Connections {
    /// Takes the clients.
    #[must_use]
    pub fn new(clients: HashMap<ProviderId, IsoClient>) -> Self {
        Self(clients)
    }

    /// The providers.
    pub fn providers(&self) -> impl Iterator<Item = &ProviderId> {
        self.0.keys()
    }

    /// Waits until each provider is signed on, or the time is over; gives those that are not.
    pub async fn signed_on(&self, limit: Duration) -> Vec<ProviderId> {
        let mut missing = Vec::new();
        for (provider, client) in &self.0 {
            if tokio::time::timeout(limit, client.wait_signed_on()).await.is_err() || !client.is_signed_on() {
                missing.push(provider.clone());
            }
        }
        missing
    }
}

#[async_trait]
impl Switch for Connections {
    async fn exchange(
        &self,
        provider: &ProviderId,
        message: &Message,
        timeout: Duration,
    ) -> Result<Message, SwitchError> {
        let client = self.0.get(provider).ok_or(SwitchError::NotSent)?;
        client.exchange(message.clone(), timeout).await.map_err(|error| match error {
            ExchangeError::NotSent(reason) => {
                tracing::warn!(%provider, %reason, "message not sent");
                SwitchError::NotSent
            }
            ExchangeError::Unanswered => SwitchError::Unanswered,
        })
    }
}
