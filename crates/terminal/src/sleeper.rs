use std::time::Duration;

use async_trait::async_trait;

/// Waits between two attempts; tests do not.
#[async_trait]
pub trait Sleeper: Send + Sync {
    /// Returns after that time.
    async fn sleep(&self, span: Duration);
}

/// The runtime's timer.
pub(crate) struct TimerSleeper;

#[async_trait]
impl Sleeper for TimerSleeper {
    async fn sleep(&self, span: Duration) {
        tokio::time::sleep(span).await;
    }
}
