use async_trait::async_trait;
use enishi_party::{AssertionId, Currency, CustomerId, InstrumentRef, MerchantId, Money, Timestamp};
use enishi_wire::Subject;

use crate::{Answer, BookKey, CardLabel, Facts, Keyed, Purchase, Refusal, StoreFault};

/// The company's books: transactions by key, the ledger, the cards' PIN tries.
///
/// **One transaction.** What [`settle`](Self::settle) and [`reverse`](Self::reverse) write (answer, entry, PIN tries,
/// used assertion) is written together and durable before they return, and calls about one key happen one after the
/// other. Where a call fails, nothing may be answered: what was written is unknown.
#[async_trait]
pub trait Books: Send + Sync {
    /// What is known before anything costly is done for a transaction; writes nothing.
    async fn look(&self, keyed: &Keyed, inquiry: &Inquiry, now: Timestamp) -> Result<Look, StoreFault>;

    /// Decides a transaction and writes it down, or finds it decided.
    ///
    /// A key that was answered is answered the same again; a key that was reversed before is declined. Otherwise a
    /// purchase is decided by [`Purchase::decide`] on facts of the same database transaction.
    async fn settle(&self, transaction: Transaction, now: Timestamp) -> Result<Settled, StoreFault>;

    /// Undoes a transaction once, whatever became of it, or makes sure that it never happens.
    async fn reverse(&self, reversal: Reversal, now: Timestamp) -> Result<Reversed, StoreFault>;

    /// A customer's entries, the latest first.
    async fn statement(&self, customer: &CustomerId, at_most: u32) -> Result<Vec<StatementLine>, StoreFault>;

    /// Forgets what is past its time: tombstones and used assertions after [`TOMBSTONE_LIFE`], unreadable blocks after
    /// their window.
    async fn forget(&self, now: Timestamp) -> Result<(), StoreFault>;
}

/// How long a reversal of a transaction that was never seen is remembered.
pub const TOMBSTONE_LIFE: std::time::Duration = std::time::Duration::from_secs(7 * 24 * 3600);

/// Whose standing is looked up.
#[derive(Debug, Clone)]
pub struct Inquiry {
    /// The assertion.
    pub assertion: AssertionId,
    /// Whom it is about.
    pub subject: Subject,
    /// Which instrument it names.
    pub instrument: InstrumentRef,
}

/// What is known before anything costly is done for a transaction.
#[derive(Debug, Clone)]
pub enum Look {
    /// It is decided already.
    Settled(Settled),
    /// It was reversed before it came.
    TakenBack,
    /// It is new.
    New(Facts),
}

/// A transaction to be decided and written down.
#[derive(Debug, Clone)]
pub struct Transaction {
    /// Which.
    pub keyed: Keyed,
    /// What it is.
    pub proposal: Proposal,
}

/// What a transaction is, as far as the message and its assertion tell.
#[derive(Debug, Clone)]
pub enum Proposal {
    /// Refused before the books decide.
    Decline {
        /// Why.
        refusal: Refusal,
        /// The assertion, where it was authentic and this message's: it is used up.
        assertion: Option<AssertionId>,
    },
    /// A purchase that the books decide.
    Purchase(Box<Purchase>),
}

/// What a transaction came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// The answer, durable.
    Answer(Answer),
    /// Its key belongs to another message; nothing was written.
    KeyOfAnother,
}

/// A reversal (0420, 0421) to be done.
#[derive(Debug, Clone)]
pub struct Reversal {
    /// The original's key.
    pub original: BookKey,
    /// The original's amount, as the reversal repeats it.
    pub amount: Money,
    /// The original's merchant, as the reversal repeats it.
    pub merchant: MerchantId,
}

/// What a reversal came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reversed {
    /// The debit is undone by an entry of its own.
    Posted,
    /// It had been undone before.
    Again,
    /// There was no debit to undo.
    Nothing,
    /// The original was never seen; a tombstone stands in its place.
    NeverSeen,
    /// The original had another amount or merchant; nothing was written.
    Differs,
}

/// One line of a customer's statement (ご利用明細).
#[derive(Clone, PartialEq, Eq)]
pub struct StatementLine {
    /// When it was posted.
    pub at: Timestamp,
    /// What it is.
    pub kind: LineKind,
    /// On which card.
    pub card: CardLabel,
    /// With whom.
    pub merchant: MerchantId,
    /// How much.
    pub amount: Money,
    /// The purchase's approval number.
    pub approval_number: String,
}

/// What a line of a statement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineKind {
    /// A purchase.
    Purchase,
    /// A purchase undone.
    Reversal,
}

impl std::fmt::Debug for StatementLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StatementLine({}, {:?})", self.at, self.kind)
    }
}

/// What a check of the whole ledger found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerCheck {
    /// Entries in it.
    pub entries: u64,
    /// Debits and credits in total, by currency; equal in a sound ledger.
    pub totals: Vec<(Currency, Totals)>,
    /// Entries whose own legs do not sum to zero, or that have fewer than two.
    pub unbalanced: u64,
}

/// Debits and credits in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// 借方.
    pub debits: u128,
    /// 貸方.
    pub credits: u128,
}

impl LedgerCheck {
    /// Whether every entry, and so every currency, sums to zero.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.unbalanced == 0 && self.totals.iter().all(|(_, totals)| totals.debits == totals.credits)
    }
}
