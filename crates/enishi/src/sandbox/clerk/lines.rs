//! What the demo and a terminal in a process of its own say to each other, one JSON object a line.
//!
//! Of the sandbox alone: PINs of sample cards go over this line as digits over the cable of a keypad would.

use std::path::PathBuf;

use enishi_card::Tries;
use enishi_party::{ChoiceHandle, ContractId, IntentId, Money, PaymentType, Text};
use enishi_terminal::{Consent, Purpose, Sale, Shown};
use enishi_wire::{AmountBinding, Choice, ConsentTerms};
use serde::{Deserialize, Serialize};

use super::{Recording, Registered, Sold};

/// From the demo: what the clerk is to do. Cards are given as their images' files.
#[derive(Serialize, Deserialize)]
#[serde(tag = "order", rename_all = "snake_case")]
pub(super) enum Order {
    Refill,
    Pay {
        card: PathBuf,
        sale: SaleLine,
    },
    Prepare {
        card: PathBuf,
        sale: SaleLine,
    },
    /// Sends what was prepared last.
    Submit,
    Enrol {
        card: PathBuf,
        intent: IntentId,
    },
}

/// To the demo.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Said {
    /// The terminal is open and takes orders.
    Ready,
    /// The holder is asked; an [`Answer`] must follow.
    Asks(Asked),
    Refilled,
    Sold(Sold),
    Prepared(Recording),
    Submitted(String),
    Registered(Registered),
    /// What keeps the terminal from doing it.
    Failed(String),
}

/// What the holder is asked.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Asked {
    AuthPin { purpose: PurposeLine, tries: TriesLine },
    Choice(Vec<Choice>),
    IssuerPin,
    Consent(Box<ConsentTerms>),
    SigningPassword(TriesLine),
}

/// What the holder says.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Answer {
    /// A PIN or password, or the holder would rather not.
    Entered(Option<String>),
    Chosen(Option<ChoiceHandle>),
    Agreed,
    NotAgreed,
}

impl Answer {
    pub(super) fn entered(octets: Option<&[u8]>) -> Self {
        Self::Entered(octets.and_then(|octets| String::from_utf8(octets.to_vec()).ok()))
    }

    pub(super) fn consent(self) -> Consent {
        if matches!(self, Self::Agreed) { Consent::Yes } else { Consent::No }
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct SaleLine {
    amount: Money,
    payment_type: PaymentType,
    product_code: String,
    contract: Option<ContractId>,
    amount_binding: AmountBinding,
}

impl From<&Sale> for SaleLine {
    fn from(sale: &Sale) -> Self {
        let Sale { amount, payment_type, product_code, contract, amount_binding } = sale.clone();
        Self { amount, payment_type, product_code, contract, amount_binding }
    }
}

impl From<SaleLine> for Sale {
    fn from(line: SaleLine) -> Self {
        let SaleLine { amount, payment_type, product_code, contract, amount_binding } = line;
        Self { amount, payment_type, product_code, contract, amount_binding }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum PurposeLine {
    Pay { amount: Money, payee: Text },
    PayUnbound { amount: Money, payee: Text },
    Enrol { provider: Text },
}

impl PurposeLine {
    pub(super) fn shown(&self, tries: TriesLine) -> Shown<'_> {
        let purpose = match self {
            Self::Pay { amount, payee } => Purpose::Pay { amount: *amount, payee },
            Self::PayUnbound { amount, payee } => Purpose::PayUnbound { amount: *amount, payee },
            Self::Enrol { provider } => Purpose::Enrol { provider },
        };
        Shown { purpose, tries_left: tries.into() }
    }
}

impl From<&Purpose<'_>> for PurposeLine {
    fn from(purpose: &Purpose<'_>) -> Self {
        match purpose {
            Purpose::Pay { amount, payee } => Self::Pay { amount: *amount, payee: (*payee).clone() },
            Purpose::PayUnbound { amount, payee } => {
                Self::PayUnbound { amount: *amount, payee: (*payee).clone() }
            }
            Purpose::Enrol { provider } => Self::Enrol { provider: (*provider).clone() },
        }
    }
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum TriesLine {
    Left(u8),
    Blocked,
    Unlimited,
}

impl From<Tries> for TriesLine {
    fn from(tries: Tries) -> Self {
        match tries {
            Tries::Left(left) => Self::Left(left),
            Tries::Blocked => Self::Blocked,
            Tries::Unlimited => Self::Unlimited,
        }
    }
}

impl From<TriesLine> for Tries {
    fn from(line: TriesLine) -> Self {
        match line {
            TriesLine::Left(left) => Self::Left(left),
            TriesLine::Blocked => Self::Blocked,
            TriesLine::Unlimited => Self::Unlimited,
        }
    }
}
