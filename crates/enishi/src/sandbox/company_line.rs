//! Somebody at the relay's line to company A: has the relay's TLS key, hears what is sent, and speaks in its name.
//!
//! The key of its assertions they do not have.

use std::sync::Arc;
use std::time::Duration;

use enishi_iso8583::{Message, japan_credit};
use enishi_party::{Clock, Environment, PartyRole};
use enishi_transport::{
    CancellationToken, Identity, IsoClient, IsoClientConfig, IsoClientLimits, SystemClock, TrustedCa,
};

use super::blueprint::party;
use super::{Company, SandboxError, Town};

/// How long the company may take to be signed on to, and to answer.
const PATIENCE: Duration = Duration::from_secs(5);

impl Town {
    /// Says one message to company A over a connection of its own, as the relay; `None` where no answer comes.
    ///
    /// # Errors
    /// The relay's identity cannot be read, or the company is not there.
    pub async fn say_to_company_a(&self, message: Message) -> Result<Option<Message>, SandboxError> {
        let folder = self.plan.root.join("relay");
        let identity = Identity::load(&folder.join("tls"), Environment::Sandbox)?;
        let ca = TrustedCa::load(&folder.join("party-ca.crt.pem"), Environment::Sandbox)?;
        let config = IsoClientConfig {
            address: self.plan.places.iso_of(Company::A).to_string().parse()?,
            expected: party(PartyRole::Provider, Company::A.id())?,
            dialect: japan_credit(),
            limits: IsoClientLimits::default(),
            now: Arc::new(|| SystemClock.now()),
            on_stray: Arc::new(|_| {}),
            tap: None,
        };
        let shutdown = CancellationToken::new();
        let _ended_with_this_call = shutdown.clone().drop_guard();
        let client = IsoClient::start(config, &identity, &ca, shutdown)?;
        if tokio::time::timeout(PATIENCE, client.wait_signed_on()).await.is_err() {
            return Err(SandboxError::Making("company A did not take a second connection".to_owned()));
        }
        Ok(client.exchange(message, PATIENCE).await.ok())
    }
}
