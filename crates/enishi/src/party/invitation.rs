//! An operator's invitation, beside the company's running service.

use std::path::Path;
use std::sync::Arc;

use enishi_party::{Clock, CustomerId, Entropy};
use enishi_provider::{
    CardSlot, Invitation, InviteError, JointOffer, NoRecheck, Ports, Provider, RelayClient,
};
use enishi_provider_store::ProviderStore;
use enishi_transport::{HttpClientLimits, HttpsClient, Identity, TrustedCa};

use super::{PartyError, environment, file_error, provider};

/// Why nobody was invited.
#[derive(Debug, thiserror::Error)]
pub enum InvitationError {
    /// The company cannot be opened.
    #[error(transparent)]
    Party(#[from] PartyError),
    /// It was not done.
    #[error(transparent)]
    Invite(#[from] InviteError),
}

/// Invites a customer of the company of a configuration file to link a card.
///
/// Opens the company's database beside whoever serves it, and asks the relay for an intent with the company's identity.
///
/// # Errors
/// [`InvitationError`]
pub async fn invite(
    file: &Path,
    customer: &CustomerId,
    slot: CardSlot,
    offer: JointOffer,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
) -> Result<Invitation, InvitationError> {
    let provider = open(file, clock, entropy)?;
    Ok(provider.invite(customer, slot, offer).await?)
}

/// The company without its listeners.
fn open(file: &Path, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Result<Arc<Provider>, PartyError> {
    let config = provider::load(file)?;
    let environment = environment(config.sandbox);
    let identity = Identity::load(&config.identity, environment)?;
    let ca = TrustedCa::load(&config.party_ca, environment)?;
    let limits = HttpClientLimits::default();
    let address = config.relay.parse()?;
    let relay = HttpsClient::new(address, config.relay_party.clone(), &identity, &ca, limits, None)?;
    let rules = provider::provider_config(&config)?;
    if !config.store.exists() {
        return Err(file_error(
            &config.store,
            "there is no database yet; start `enishi provider serve` first",
        ));
    }
    let store = Arc::new(ProviderStore::open(&config.store)?);
    let ports = Ports {
        books: store.clone(),
        register: store.clone(),
        conversions: store.clone(),
        sessions: store,
        relay: RelayClient::new(relay),
        // Evidence comes with a link's end, which is served elsewhere.
        recheck: Arc::new(NoRecheck),
        clock,
        entropy,
    };
    Ok(Provider::new(rules, ports))
}
