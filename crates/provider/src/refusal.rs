use enishi_iso8583::ResponseCode;

/// Why the company declines, in the order in which it looks: of two that hold, the earlier is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// An element is missing or malformed, or the payment type is none.
    Format,
    /// No purchase of a kind that this company takes.
    Unsupported,
    /// The transaction was reversed before it came, or since.
    TakenBack,
    /// Not signed by the relay, or no assertion.
    AssertionForged,
    /// The message and its assertion, or the assertion and this company, do not agree.
    AssertionDiffers(Difference),
    /// The assertion is too old, or of the future.
    AssertionStale,
    /// The assertion was used for another transaction: a replay.
    AssertionUsed,
    /// The amount did not stand under the card's signature, and must.
    AmountUnbound,
    /// No customer, no card, or not that customer's card.
    UnknownHolder,
    /// Customer or card is suspended.
    Suspended,
    /// 委託: the evidence does not bear the assertion out.
    EvidenceRefused,
    /// 委託: the evidence could not be looked at.
    EvidenceUnavailable,
    /// The company's PIN is needed, and did not come.
    PinMissing,
    /// Too many wrong PINs; a right one does not help either.
    PinBlocked,
    /// Too many blocks that did not decipher; this one was not looked at.
    PinBlocksLimited,
    /// The PIN block does not decipher: not a wrong PIN, and not counted as one.
    PinBlockUnreadable,
    /// The PIN is wrong.
    PinWrong,
    /// More than one purchase on this card may cost.
    OverTransactionLimit,
    /// More than may be owed on this card.
    OverCreditLimit,
    /// All approval numbers of the day are given.
    NumbersExhausted,
}

/// What differs between message, assertion and company.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    /// The assertion is another relay's.
    Issuer,
    /// It is for another contract.
    Audience,
    /// It names another verifier model, or a subject of the other model.
    Model,
    /// DE 4 or DE 49.
    Amount,
    /// DE 41.
    Terminal,
    /// DE 42.
    Merchant,
    /// DE 48, tag 06.
    Slip,
    /// DE 48, tag 04.
    PaymentType,
    /// DE 2.
    SurrogatePan,
}

impl Refusal {
    /// The response code (DE 39) that tells it.
    ///
    /// 70 ("PIN data required", as the international networks have it) is none of the named codes; 55 would tell the
    /// customer of a wrong PIN where there was none. An unreadable block is 96: keys or numbers are wrong, not the
    /// customer.
    #[must_use]
    pub fn response_code(self) -> ResponseCode {
        match self {
            Self::Format => ResponseCode::FormatError,
            Self::Unsupported | Self::TakenBack => ResponseCode::InvalidTransaction,
            Self::AssertionForged
            | Self::AssertionDiffers(_)
            | Self::AssertionStale
            | Self::EvidenceRefused
            | Self::PinBlocksLimited => ResponseCode::SecurityViolation,
            Self::AssertionUsed => ResponseCode::Duplicate,
            Self::AmountUnbound => ResponseCode::NotPermittedToHolder,
            Self::UnknownHolder => ResponseCode::InvalidCustomer,
            Self::Suspended => ResponseCode::Restricted,
            Self::PinMissing => ResponseCode::parse("70").unwrap_or(ResponseCode::IncorrectPin),
            Self::PinBlocked => ResponseCode::PinTriesExceeded,
            Self::PinWrong => ResponseCode::IncorrectPin,
            Self::OverTransactionLimit => ResponseCode::AmountLimitExceeded,
            Self::OverCreditLimit => ResponseCode::InsufficientFunds,
            Self::EvidenceUnavailable | Self::PinBlockUnreadable | Self::NumbersExhausted => {
                ResponseCode::SystemMalfunction
            }
        }
    }

    /// A word for logs and for the company's own records.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Format => "format",
            Self::Unsupported => "unsupported",
            Self::TakenBack => "taken_back",
            Self::AssertionForged => "assertion_forged",
            Self::AssertionDiffers(difference) => match difference {
                Difference::Issuer => "assertion_differs_issuer",
                Difference::Audience => "assertion_differs_audience",
                Difference::Model => "assertion_differs_model",
                Difference::Amount => "assertion_differs_amount",
                Difference::Terminal => "assertion_differs_terminal",
                Difference::Merchant => "assertion_differs_merchant",
                Difference::Slip => "assertion_differs_slip",
                Difference::PaymentType => "assertion_differs_payment_type",
                Difference::SurrogatePan => "assertion_differs_surrogate",
            },
            Self::AssertionStale => "assertion_stale",
            Self::AssertionUsed => "assertion_used",
            Self::AmountUnbound => "amount_unbound",
            Self::UnknownHolder => "unknown_holder",
            Self::Suspended => "suspended",
            Self::EvidenceRefused => "evidence_refused",
            Self::EvidenceUnavailable => "evidence_unavailable",
            Self::PinMissing => "pin_missing",
            Self::PinBlocked => "pin_blocked",
            Self::PinBlocksLimited => "pin_blocks_limited",
            Self::PinBlockUnreadable => "pin_block_unreadable",
            Self::PinWrong => "pin_wrong",
            Self::OverTransactionLimit => "over_transaction_limit",
            Self::OverCreditLimit => "over_credit_limit",
            Self::NumbersExhausted => "numbers_exhausted",
        }
    }
}
