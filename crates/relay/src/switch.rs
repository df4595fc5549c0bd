//! The way to the providers.

use std::time::Duration;

use async_trait::async_trait;
use enishi_iso8583::Message;
use enishi_party::ProviderId;

/// Why no answer came; the difference decides whether money may have moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SwitchError {
    /// Nothing left the relay.
    #[error("the message was not sent")]
    NotSent,
    /// It left, or may have, and no answer came in time.
    #[error("the message was not answered")]
    Unanswered,
}

/// Sends a message to a provider and waits for its answer, matched by key and never by order.
#[async_trait]
pub trait Switch: Send + Sync {
    /// One exchange.
    async fn exchange(
        &self,
        provider: &ProviderId,
        message: &Message,
        timeout: Duration,
    ) -> Result<Message, SwitchError>;
}
