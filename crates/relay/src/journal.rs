//! The journal: the relay's record of money. A payment is written down before anything is sent.

use async_trait::async_trait;
use enishi_linkage::StoreFault;
use enishi_party::{
    AssertionId, ChoiceHandle, ContractId, IdempotencyKey, LinkId, PaymentId, ProviderId, RefusalCode,
    SlipNumber, TerminalId, Timestamp,
};
use enishi_wire::PaymentAnswer;

/// Who asked, and under which key: what makes a request one act.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RequestKey {
    /// The mutual-TLS identity.
    pub terminal: TerminalId,
    /// The terminal's key.
    pub key: IdempotencyKey,
}

/// A proven payment to be written: the ticket is consumed by this row.
#[derive(Debug, Clone)]
pub struct NewPayment {
    /// Its name.
    pub id: PaymentId,
    /// Who asked.
    pub request: RequestKey,
    /// SHA-256 of the request's canonical JSON without the PIN block.
    pub body_sha256: [u8; 32],
    /// The terminal's business date, `YYYY-MM-DD`.
    pub business_date: String,
    /// The terminal's slip: one per terminal and business date.
    pub slip: SlipNumber,
    /// SHA-256 of the ticket: unique for ever, or until no ticket of its age is accepted.
    pub ticket_sha256: [u8; 32],
    /// Until when the consumed ticket has to be remembered.
    pub ticket_until: Timestamp,
    /// The request without its PIN block, JSON. It holds the token and is erased when the payment closes.
    pub body: Vec<u8>,
}

/// What the unique inserts said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opened {
    /// The payment is written and the ticket consumed.
    Fresh,
    /// Another request under this key came first: look it up.
    KeyTaken,
    /// The key was cancelled before its request came.
    Cancelled,
    /// The ticket was consumed before. It stays consumed.
    TicketReused,
    /// The slip was used today under another key. The ticket is consumed all the same.
    SlipReused,
}

/// A payment as the journal has it.
#[derive(Debug, Clone)]
pub struct PaymentRow {
    /// Its name.
    pub id: PaymentId,
    /// Who asked.
    pub request: RequestKey,
    /// SHA-256 of the request.
    pub body_sha256: [u8; 32],
    /// When it was opened.
    pub opened_at: Timestamp,
    /// Where it is.
    pub state: PaymentState,
}

/// Where a payment is. Each stage holds only what that stage has.
#[derive(Debug, Clone)]
pub enum PaymentState {
    /// The holder is proven and the ticket consumed.
    Proven,
    /// The holder was asked something.
    Awaiting(Awaiting),
    /// About to be sent, or sent, and not answered.
    Authorizing(Authorizing),
    /// Over: the stored answer.
    Closed(Closed),
}

/// A question to the holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Awaiting {
    /// The request, JSON, for the continuation.
    pub body: Vec<u8>,
    /// The entries that were shown; empty where none were.
    pub offered: Vec<(ChoiceHandle, LinkId)>,
    /// The link, where it is settled.
    pub chosen: Option<(ContractId, LinkId)>,
    /// The answer that was given: a repeated request gets the same.
    pub answer: PaymentAnswer,
    /// When the question ends.
    pub until: Timestamp,
}

/// What is sent, written before it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorizing {
    /// To whom.
    pub provider: ProviderId,
    /// Under which contract.
    pub contract: ContractId,
    /// The message without its PIN block, encoded: what a reversal refers to.
    pub message: Vec<u8>,
    /// The assertion in it.
    pub assertion: AssertionId,
    /// 委託: the evidence, sealed to the provider.
    pub evidence: Option<Vec<u8>>,
}

/// The end of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// What the terminal is told, now and whenever it asks again.
    pub outcome: Outcome,
    /// What was sent, where anything was: what a cancellation reverses.
    pub sent: Option<Sent>,
}

/// A message that went out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// To whom.
    pub provider: ProviderId,
    /// The message without its PIN block.
    pub message: Vec<u8>,
}

/// What the terminal is told.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Approved or declined.
    Answered(PaymentAnswer),
    /// Refused.
    Refused(RefusalCode),
}

/// What a payment is closed from: whoever closes one on an older look than the store's must not forget what was sent since.
#[derive(Debug, Clone, Copy)]
pub enum Closing<'a> {
    /// Proven or awaiting: nothing was sent.
    Unsent,
    /// Authorizing: the provider answered, or nothing left after all.
    Answered,
    /// Authorizing: money may have moved, and is taken back.
    Reversed(&'a Reversal),
}

/// Payments. Each move succeeds once, and is durable before it returns.
#[async_trait]
pub trait Journal: Send + Sync {
    /// The payment under a key.
    async fn find(&self, request: &RequestKey) -> Result<Option<PaymentRow>, StoreFault>;

    /// The payment of a name.
    async fn get(&self, id: PaymentId) -> Result<Option<PaymentRow>, StoreFault>;

    /// Writes a proven payment and consumes its ticket, in one transaction.
    async fn open(&self, new: &NewPayment, now: Timestamp) -> Result<Opened, StoreFault>;

    /// Proven or awaiting becomes awaiting. False where it is neither any more.
    async fn await_input(
        &self,
        id: PaymentId,
        awaiting: &Awaiting,
        now: Timestamp,
    ) -> Result<bool, StoreFault>;

    /// Proven or awaiting becomes authorizing. False where it is neither any more.
    async fn authorize(
        &self,
        id: PaymentId,
        authorizing: &Authorizing,
        now: Timestamp,
    ) -> Result<bool, StoreFault>;

    /// The state that `closing` begins at becomes closed, the request's body is erased, and the reversal, where there is
    /// one, is queued, in one transaction. False where the payment is in another state.
    async fn close(
        &self,
        id: PaymentId,
        outcome: &Outcome,
        closing: Closing<'_>,
        now: Timestamp,
    ) -> Result<bool, StoreFault>;

    /// A key that must not be served should its request still arrive. False where a payment has it.
    async fn bury(&self, request: &RequestKey, now: Timestamp) -> Result<bool, StoreFault>;

    /// What a stopped process left open: proven, awaiting and authorizing payments.
    async fn unfinished(&self) -> Result<Vec<PaymentRow>, StoreFault>;
}

/// A reversal to be sent until it is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reversal {
    /// The payment that it takes back. One payment has at most one.
    pub payment: PaymentId,
    /// To whom.
    pub provider: ProviderId,
    /// The 0420, encoded.
    pub message: Vec<u8>,
}

/// A reversal in the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedReversal {
    /// The reversal.
    pub reversal: Reversal,
    /// How often it was sent.
    pub attempts: u32,
}

/// Store and forward: nothing in it is dropped, and it survives a restart.
#[async_trait]
pub trait Reversals: Send + Sync {
    /// Queues the reversal of a closed payment, and makes its stored outcome `Refused(Cancelled)`, in one transaction:
    /// whoever asks again is never told of an approval that was taken back. False where a reversal is queued already.
    async fn queue(&self, reversal: &Reversal, now: Timestamp) -> Result<bool, StoreFault>;

    /// What is due for a provider, oldest first, at most so many.
    async fn due(
        &self,
        provider: &ProviderId,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<QueuedReversal>, StoreFault>;

    /// It was sent (or could not be) and is due again at that time.
    async fn attempted(
        &self,
        payment: PaymentId,
        next_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreFault>;

    /// It was answered 0430.
    async fn acknowledged(&self, payment: PaymentId, now: Timestamp) -> Result<(), StoreFault>;

    /// It was answered with a code that is no acknowledgement: a case for people.
    async fn rejected(
        &self,
        payment: PaymentId,
        response_code: &str,
        now: Timestamp,
    ) -> Result<(), StoreFault>;

    /// An answer that nobody waits for is kept, never forwarded. The message holds no PIN block.
    async fn quarantine(
        &self,
        provider: &ProviderId,
        message: &[u8],
        now: Timestamp,
    ) -> Result<(), StoreFault>;

    /// How many are neither acknowledged nor rejected.
    async fn pending(&self) -> Result<u64, StoreFault>;
}

/// The numbers by which a message is found again, counted per provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trace {
    /// A number that this relay never gives twice to one provider.
    pub number: u64,
}

/// Counters and what a provider under 委託 may fetch.
#[async_trait]
pub trait Records: Send + Sync {
    /// The next trace for a provider. Gaps are allowed, repetitions are not, through any restart.
    async fn next_trace(&self, provider: &ProviderId) -> Result<Trace, StoreFault>;

    /// The sealed evidence of an assertion, for its own contract alone.
    async fn evidence(
        &self,
        contract: &ContractId,
        assertion: AssertionId,
    ) -> Result<Option<Vec<u8>>, StoreFault>;
}
