use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use enishi_iso8583::{De, Error as IsoError, Message, Mti, ResponseCode};
use enishi_party::{CallbackUrl, Clock, Entropy, Money, Timestamp, VerifierModel};
use enishi_pinblock::{PinKey, open};
use enishi_transport::{IsoHandler, Peer, Standing};
use enishi_wire::Assertion;

use crate::pin::PinVerificationKey;
use crate::request::{OfferedPin, PurchaseRequest};
use crate::{
    Answer, BookKey, Books, Conversions, Event, Facts, Inquiry, Keyed, Look, Observer, PinEntry, Policy,
    Proposal, Purchase, Recheck, Refusal, Register, RelayClient, Reversal, Reversed, Sessions, Settled,
    StoreFault, Transaction, Trust, Unobserved,
};

/// A provider: the authorisation host of a card company, and what its customers' app talks to.
pub struct Provider {
    pub(crate) config: ProviderConfig,
    pub(crate) ports: Ports,
    pub(crate) observer: Arc<dyn Observer>,
}

/// What a provider is told once.
#[derive(Debug)]
pub struct ProviderConfig {
    /// Whom it believes, and about what.
    pub trust: Trust,
    /// What it demands of a purchase.
    pub policy: Policy,
    /// The key under which PIN blocks come from the relay.
    pub zone_key: PinKey,
    /// The key of its PIN verification values.
    pub pin_key: PinVerificationKey,
    /// Where citizens are sent back to after a link that they began in the company's app.
    pub callback: CallbackUrl,
    /// Where the result of an invited link is brought: the company's `/app/invitation-callback`.
    pub invitation_callback: CallbackUrl,
    /// Rounds of the passwords that [`PasswordHash::nobody`](crate::PasswordHash::nobody) stands in for.
    pub password_rounds: NonZeroU32,
}

/// What a provider works with.
#[derive(Clone)]
pub struct Ports {
    /// Transactions and ledger.
    pub books: Arc<dyn Books>,
    /// Customers and cards.
    pub register: Arc<dyn Register>,
    /// ID変換機能.
    pub conversions: Arc<dyn Conversions>,
    /// The app's sessions.
    pub sessions: Arc<dyn Sessions>,
    /// The relay, for enrolment.
    pub relay: RelayClient,
    /// 委託: the look at the evidence; under 代行 [`NoRecheck`](crate::NoRecheck).
    pub recheck: Arc<dyn Recheck>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Provider({})", self.config.trust.contract)
    }
}

impl Provider {
    /// Puts a provider together.
    #[must_use]
    pub fn new(config: ProviderConfig, ports: Ports) -> Arc<Self> {
        Self::observed(config, ports, Arc::new(Unobserved))
    }

    /// The same, with someone who is told what it decides.
    #[must_use]
    pub fn observed(config: ProviderConfig, ports: Ports, observer: Arc<dyn Observer>) -> Arc<Self> {
        Arc::new(Self { config, ports, observer })
    }

    /// Forgets what is past its time; to be called now and then.
    ///
    /// # Errors
    /// The store failed.
    pub async fn forget(&self) -> Result<(), StoreFault> {
        let now = self.ports.clock.now();
        self.ports.books.forget(now).await?;
        self.ports.sessions.forget(now).await
    }

    /// Answers a message of the relay; `None` where nothing may be said.
    ///
    /// Silence is an answer too: after a failed write the outcome is unknown, and the relay reverses what it hears
    /// nothing of.
    async fn answer(&self, message: &Message) -> Option<Message> {
        let now = self.ports.clock.now();
        let answered = match message.mti() {
            Mti::AUTHORISATION_REQUEST => {
                self.authorise(message, now).await.map(|answer| answer.message(message))
            }
            Mti::REVERSAL_ADVICE | Mti::REVERSAL_ADVICE_REPEAT => {
                self.reverse(message, now).await.map(|code| message.answer(code))
            }
            // Single messages, stand-in advices and acquirers' own reversals are no business of this company.
            _ => Ok(message.answer(ResponseCode::InvalidTransaction)),
        };
        match answered {
            Ok(Ok(answer)) => Some(answer),
            Ok(Err(error)) => {
                self.observer.event(&Event::Unanswered);
                tracing::error!(mti = %message.mti(), %error, "no answer can be made");
                None
            }
            Err(fault) => {
                self.observer.event(&Event::Unanswered);
                tracing::error!(mti = %message.mti(), %fault, "left unanswered");
                None
            }
        }
    }

    async fn authorise(&self, message: &Message, now: Timestamp) -> Result<Answer, StoreFault> {
        let start = Instant::now();
        let Ok(keyed) = Keyed::of(message, now) else {
            let code = Refusal::Format.response_code();
            self.authorised(code, Some(Refusal::Format), start);
            return Ok(Answer::Declined(code));
        };
        let proposal = match self.propose(message, &keyed, now).await? {
            Proposed::Settled(settled) => {
                self.observer.event(&Event::Repeated);
                return Ok(settled.answer());
            }
            Proposed::New(proposal) => proposal,
        };
        let refused = match &proposal {
            Proposal::Decline { refusal, .. } => Some(*refusal),
            Proposal::Purchase(_) => None,
        };
        let key = keyed.key.clone();
        let settled = self.ports.books.settle(Transaction { keyed, proposal }, now).await?;
        let answer = settled.answer();
        tracing::info!(?key, ?answer, refused = refused.map(Refusal::word), "purchase");
        let code = match answer {
            Answer::Approved(_) => ResponseCode::Approved,
            Answer::Declined(code) => code,
        };
        self.authorised(code, refused, start);
        Ok(answer)
    }

    fn authorised(&self, code: ResponseCode, refused: Option<Refusal>, start: Instant) {
        self.observer.event(&Event::Authorised { code, refused, took: start.elapsed() });
    }

    /// Everything before the books decide.
    async fn propose(
        &self,
        message: &Message,
        keyed: &Keyed,
        now: Timestamp,
    ) -> Result<Proposed, StoreFault> {
        let (request, assertion) = match self.read(message, now) {
            Ok(read) => read,
            Err(refusal) => return Ok(refusal.into()),
        };
        let inquiry = Inquiry {
            assertion: assertion.id,
            subject: assertion.subject.clone(),
            instrument: assertion.instrument,
        };
        let facts = match self.ports.books.look(keyed, &inquiry, now).await? {
            Look::Settled(settled) => return Ok(Proposed::Settled(settled)),
            Look::TakenBack => return Ok(Proposed::used_up(Refusal::TakenBack, &assertion)),
            Look::New(facts) => facts,
        };
        let mut purchase = Purchase {
            assertion: assertion.id,
            subject: inquiry.subject,
            instrument: inquiry.instrument,
            merchant: request.merchant,
            amount: request.amount,
            amount_binding: assertion.amount_binding,
            evidence: Ok(()),
            pin: PinEntry::Absent,
            policy: self.config.policy.clone(),
        };
        // What is refused anyway costs no look at evidence.
        if let Err(refusal) = purchase.admit(&facts) {
            return Ok(Proposed::used_up(refusal, &assertion));
        }
        purchase.evidence = self.ports.recheck.recheck(&assertion, &request.sealed_assertion, now).await;
        if self.config.trust.model == VerifierModel::Entrusted {
            self.observer.event(&Event::Rechecked(purchase.evidence));
        }
        purchase.pin = self.enter_pin(request.pin.as_ref(), &facts);
        Ok(Proposed::New(Proposal::Purchase(Box::new(purchase))))
    }

    fn read(&self, message: &Message, now: Timestamp) -> Result<(PurchaseRequest, Assertion), Refusal> {
        let request = PurchaseRequest::read(message)?;
        let assertion = self.config.trust.check(&request, &self.config.policy, now)?;
        Ok((request, assertion))
    }

    /// Turns a PIN block into what the books compare; the PIN itself goes no further.
    fn enter_pin(&self, offered: Option<&OfferedPin>, facts: &Facts) -> PinEntry {
        let (Some(pin), Some(standing)) = (offered, facts.standing.as_ref()) else {
            return PinEntry::Absent;
        };
        // The surrogate number was compared with the assertion's, which the card signed; from here on the real one counts.
        match open(&pin.block, &pin.surrogate_pan, &self.config.zone_key) {
            Ok(entered) => PinEntry::Entered(self.config.pin_key.value(&standing.card.pan, &entered)),
            Err(_) => PinEntry::Unreadable,
        }
    }

    async fn reverse(&self, message: &Message, now: Timestamp) -> Result<ResponseCode, StoreFault> {
        let reversal = match read_reversal(message, now) {
            Ok(reversal) => reversal,
            Err(code) => return Ok(code),
        };
        let original = reversal.original.clone();
        let reversed = self.ports.books.reverse(reversal, now).await?;
        tracing::info!(?original, ?reversed, "reversal");
        self.observer.event(&Event::Reversed(reversed));
        Ok(match reversed {
            Reversed::Posted | Reversed::Again | Reversed::Nothing | Reversed::NeverSeen => {
                ResponseCode::Approved
            }
            Reversed::Differs => ResponseCode::PreviousDiffers,
        })
    }
}

#[async_trait]
impl IsoHandler for Provider {
    async fn handle(&self, peer: &Peer, message: Message) -> Option<Message> {
        if peer.party != self.config.trust.relay {
            tracing::warn!(peer = %peer.party, "a message from someone who is not the relay");
            return None;
        }
        self.answer(&message).await
    }

    fn standing(&self, peer: &Peer, standing: Standing) {
        if peer.party == self.config.trust.relay {
            self.observer.event(&Event::RelaySignedOn(standing == Standing::SignedOn));
        }
    }
}

enum Proposed {
    Settled(Settled),
    New(Proposal),
}

impl Proposed {
    /// Refused, though the assertion is authentic and this message's.
    const fn used_up(refusal: Refusal, assertion: &Assertion) -> Self {
        Self::New(Proposal::Decline { refusal, assertion: Some(assertion.id) })
    }
}

impl From<Refusal> for Proposed {
    fn from(refusal: Refusal) -> Self {
        Self::New(Proposal::Decline { refusal, assertion: None })
    }
}

impl Settled {
    /// What is said.
    #[must_use]
    pub const fn answer(self) -> Answer {
        match self {
            Self::Answer(answer) => answer,
            Self::KeyOfAnother => Answer::Declined(ResponseCode::Duplicate),
        }
    }
}

/// Reads a reversal; a part of an amount (DE 95) is an ATM's business, and the original must be a 0100.
fn read_reversal(message: &Message, now: Timestamp) -> Result<Reversal, ResponseCode> {
    let format = |_: IsoError| ResponseCode::FormatError;
    let original = BookKey::of_original(message, now).map_err(format)?;
    if message.has(De::REPLACEMENT_AMOUNTS)
        || message.original_data().map_err(format)?.mti != Mti::AUTHORISATION_REQUEST
    {
        return Err(ResponseCode::InvalidTransaction);
    }
    if message.currency().map_err(format)? != enishi_iso8583::CurrencyNumber::JPY {
        return Err(ResponseCode::FormatError);
    }
    let amount = message.amount().map_err(format)?.minor_units();
    let merchant = message.merchant().map_err(format)?;
    Ok(Reversal {
        original,
        amount: Money::yen(amount).map_err(|_| ResponseCode::FormatError)?,
        merchant: merchant.as_str().parse().map_err(|_| ResponseCode::FormatError)?,
    })
}
