//! The ways to the providers: one persistent ISO 8583 connection each.

use std::collections::HashMap;
use std::sync::Arc;
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

    /// Each provider, and whether messages can be sent to it now.
    pub fn standing(&self) -> impl Iterator<Item = (&ProviderId, bool)> {
        self.0.iter().map(|(provider, client)| (provider, client.is_signed_on()))
    }

    /// Says each time that a provider has come or gone, until the clients are shut down.
    pub(crate) async fn tell(self: Arc<Self>, provider: ProviderId) {
        let Some(client) = self.0.get(&provider) else { return };
        let mut known = false;
        while let Some(signed_on) = client.signed_on_changed(known).await {
            if signed_on {
                tracing::info!(%provider, "provider signed on");
            } else {
                tracing::warn!(
                    %provider,
                    "provider lost: its payments are declined 91 until it is back; the way to it is tried again by itself"
                );
            }
            known = signed_on;
        }
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
