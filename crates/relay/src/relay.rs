//! The relay and what it works with.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use enishi_jpki::{Origin, Profile, TicketKeys};
use enishi_linkage::{
    AnyContract, Contracts, IndexKeys, Intents, LinkStore, Meter, RevocationSource, SerialPairing,
};
use enishi_party::{
    Clock, ContractId, Entropy, Kid, MerchantId, PartyUri, ProviderId, RefusalCode, TerminalId, Timestamp,
};
use enishi_pinblock::PinKey;
use enishi_verify::{Anchors, SealingKey};
use enishi_wire::AssertionKey;

use crate::course::Course;
use crate::{Event, Fault, Journal, Observer, Records, Reversals, Stop, Switch};

/// The shared relay platform: ①'s counterpart, ② and ③, the switch and the journal.
pub struct Relay {
    /// Who takes part.
    pub register: Register,
    /// The keys.
    pub secrets: Secrets,
    /// Time-outs and lives.
    pub limits: Limits,
    /// The adapters.
    pub ports: Ports,
}

/// Who takes part, as the configuration and the contracts say.
pub struct Register {
    /// The relay's own name.
    pub relay: PartyUri,
    /// The origin of the terminals' channel: what a card signs for a tap, and never for a login.
    pub origin: Origin,
    /// The certificate profile of this environment.
    pub profile: Profile,
    /// The authorities whose certificates prove a holder.
    pub anchors: Anchors,
    /// The contracts.
    pub contracts: Contracts,
    /// The terminals.
    pub terminals: HashMap<TerminalId, TerminalEntry>,
    /// The providers.
    pub providers: HashMap<ProviderId, ProviderEntry>,
}

/// A terminal in the register.
pub struct TerminalEntry {
    /// Its payee.
    pub merchant: MerchantId,
    /// Its acquirer's company number.
    pub kid: Kid,
    /// The key under which its keypad enciphers PINs.
    pub pin_key: PinKey,
}

/// A provider in the register.
pub struct ProviderEntry {
    /// The zone key under which it receives PINs; none where it never asks one.
    pub zone_key: Option<PinKey>,
    /// 委託: what evidence is sealed to.
    pub sealing_key: Option<SealingKey>,
}

/// The relay's keys.
pub struct Secrets {
    /// Makes and checks tickets.
    pub tickets: TicketKeys,
    /// Finds links.
    pub indexes: IndexKeys,
    /// Signs assertions and receipts.
    pub assertions: AssertionKey,
}

/// Time-outs and lives (terminal 30 s > provider 10 s > OCSP 2 s).
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How long a ticket is good.
    pub ticket_life: Duration,
    /// How far clocks may differ.
    pub skew: Duration,
    /// How long a provider may take.
    pub answer_timeout: Duration,
    /// How long a holder may think.
    pub question_life: Duration,
    /// The first wait before a reversal is repeated; doubles up to 60 times itself.
    pub reversal_delay: Duration,
    /// How long a link intent waits for its holder.
    pub intent_life: Duration,
    /// How long a link's one-time code is good.
    pub code_life: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            ticket_life: Duration::from_secs(60),
            skew: Duration::from_secs(10),
            answer_timeout: Duration::from_secs(10),
            question_life: Duration::from_secs(60),
            reversal_delay: Duration::from_secs(1),
            intent_life: Duration::from_secs(15 * 60),
            code_life: Duration::from_secs(60),
        }
    }
}

/// The adapters.
#[derive(Clone)]
pub struct Ports {
    /// Payments.
    pub journal: Arc<dyn Journal>,
    /// Store and forward.
    pub reversals: Arc<dyn Reversals>,
    /// Counters and evidence.
    pub records: Arc<dyn Records>,
    /// Links.
    pub links: Arc<dyn LinkStore>,
    /// Intents and consents.
    pub intents: Arc<dyn Intents>,
    /// Counted look-ups.
    pub meter: Arc<dyn Meter>,
    /// Revocation information.
    pub revocation: Arc<dyn RevocationSource>,
    /// J-LIS's pairing of serial numbers.
    pub pairing: Arc<dyn SerialPairing>,
    /// The way to the providers.
    pub switch: Arc<dyn Switch>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Who is told what happened and how long each part took.
    pub observer: Arc<dyn Observer>,
}

impl Relay {
    pub(crate) fn now(&self) -> Timestamp {
        self.ports.clock.now()
    }

    /// Where ② looks things up.
    pub(crate) fn linkage(&self) -> enishi_linkage::Register<'_> {
        enishi_linkage::Register {
            contracts: &self.register.contracts,
            links: &*self.ports.links,
            keys: &self.secrets.indexes,
        }
    }

    pub(crate) fn contract(&self, id: &ContractId) -> Result<&AnyContract, Fault> {
        let unknown = || Fault::Configuration(format!("contract {id} is not in the register"));
        self.register.contracts.get(id).ok_or_else(unknown)
    }

    /// The contracts of one provider.
    pub(crate) fn contracts_of(&self, provider: &ProviderId) -> impl Iterator<Item = &AnyContract> {
        self.register.contracts.iter().filter(move |contract| contract.provider() == provider)
    }

    /// A contract that is in force, for its own provider alone.
    pub(crate) fn own_contract(&self, caller: &ProviderId, id: &ContractId) -> Result<&AnyContract, Stop> {
        let own = self.register.contracts.get(id).filter(|contract| contract.provider() == caller);
        let contract = own.ok_or(Stop::Refused(RefusalCode::ClientNotAllowed))?;
        match contract.in_force(self.now()) {
            true => Ok(contract),
            false => Err(RefusalCode::ContractNotInForce.into()),
        }
    }

    pub(crate) fn provider(&self, id: &ProviderId) -> Result<&ProviderEntry, Fault> {
        let unknown = || Fault::Configuration(format!("provider {id} is not in the register"));
        self.register.providers.get(id).ok_or_else(unknown)
    }

    /// A request about a payment begins.
    pub(crate) fn course(&self) -> Course<'_> {
        Course::start(&*self.ports.observer)
    }

    /// Something happened.
    pub(crate) fn event(&self, event: &Event<'_>) {
        self.ports.observer.event(event);
    }
}
