//! A link that the company begins itself: an operator invites a customer, who takes a one-time code to a terminal.

use std::time::Duration;

use enishi_party::{CallbackUrl, CustomerId, InvitationCode, VerifierModel};
use enishi_wire::IntentRequest;

use crate::session::{BearerSecret, Bringer, PendingLink};
use crate::{Card, CardSlot, CustomerState, Provider, RelayError, StoreFault};

/// Longest life of an invitation, whatever the relay says.
pub const INVITATION_LIFE_MAX: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// After the last moment of the intent a tap's code may still be on its way.
const CODE_ON_ITS_WAY: Duration = Duration::from_secs(60);

/// What the operator hands to the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Invitation {
    /// The code for the terminal; good for one enrolment.
    pub code: InvitationCode,
    /// How long.
    pub life: Duration,
}

/// Whether a card may be offered beside those of other companies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JointOffer {
    /// The holder lets it.
    Yes,
    /// Alone.
    No,
}

/// Why nobody was invited.
#[derive(Debug, thiserror::Error)]
pub enum InviteError {
    /// The company knows nobody of that name whom it serves.
    #[error("no such customer, or one who is suspended")]
    NoCustomer,
    /// The customer has no such card.
    #[error("the customer has {cards} card(s), and not that one")]
    NoCard {
        /// How many there are.
        cards: usize,
    },
    /// The relay did not make an intent.
    #[error(transparent)]
    Relay(#[from] RelayError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreFault),
    /// A time beyond the calendar, or a number that random octets cannot make.
    #[error("the invitation could not be written down")]
    Making,
}

impl Provider {
    /// Invites a customer to link a card, without a session: an operator's word.
    ///
    /// The state of the link is a 256-bit secret that only the relay is told, and gives to whoever taps. Who may tap is
    /// not limited; who is linked, name and birth date decide as ever.
    ///
    /// # Errors
    /// [`InviteError`]
    pub async fn invite(
        &self,
        customer: &CustomerId,
        slot: CardSlot,
        offer: JointOffer,
    ) -> Result<Invitation, InviteError> {
        let ports = &self.ports;
        let now = ports.clock.now();
        let found = ports.register.customer(customer).await?;
        if !found.is_some_and(|customer| customer.state == CustomerState::Active) {
            return Err(InviteError::NoCustomer);
        }
        let cards = ports.register.cards(customer).await?;
        let card = cards.iter().find(|card| card.slot == slot);
        let card = card.ok_or(InviteError::NoCard { cards: cards.len() })?;
        let (intent, state) = self.link_intent(customer, card, &self.config.invitation_callback, offer);
        let key = hex::encode(ports.entropy.octets::<16>()).parse().map_err(|_| InviteError::Making)?;
        let created = ports.relay.create_intent(&intent, &key).await?;
        let life = Duration::from_secs(created.life_s).min(INVITATION_LIFE_MAX);
        let pending = PendingLink {
            bringer: Bringer::Invited,
            state: state.digest(),
            intent: created.intent,
            customer: customer.clone(),
            slot,
            until: now.saturating_add(life + CODE_ON_ITS_WAY).map_err(|_| InviteError::Making)?,
        };
        ports.sessions.remember(pending).await?;
        Ok(Invitation { code: InvitationCode::of(created.intent), life })
    }

    /// What the relay is asked for, and the state that its result must bring back.
    pub(crate) fn link_intent(
        &self,
        customer: &CustomerId,
        card: &Card,
        callback: &CallbackUrl,
        offer: JointOffer,
    ) -> (IntentRequest, BearerSecret) {
        let trust = &self.config.trust;
        let state = BearerSecret::from_random(self.ports.entropy.octets());
        let intent = IntentRequest {
            contract: trust.contract.clone(),
            customer: match trust.model {
                VerifierModel::Entrusted => Some(customer.clone()),
                VerifierModel::Proxy => None,
            },
            callback: callback.to_string(),
            state: state.expose(),
            label: card.label.expose().to_owned(),
            offer_jointly: offer == JointOffer::Yes,
        };
        (intent, state)
    }
}
