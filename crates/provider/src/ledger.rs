use std::collections::HashMap;

use enishi_party::{Currency, CustomerId, MerchantId, Money};

use crate::CardSlot;

/// Most legs of one entry; a purchase has two.
const LEGS_MAX: usize = 16;

/// An account of the company's ledger (元帳).
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Account {
    /// What a customer owes on a card; its balance is a debit.
    CardReceivable(CustomerId, CardSlot),
    /// What the company owes a merchant; its balance is a credit.
    MerchantPayable(MerchantId),
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::CardReceivable(..) => f.write_str("CardReceivable(…)"),
            Self::MerchantPayable(merchant) => write!(f, "MerchantPayable({merchant})"),
        }
    }
}

/// One side of a double entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// 借方.
    Debit,
    /// 貸方.
    Credit,
}

impl Side {
    const fn other(self) -> Self {
        match self {
            Self::Debit => Self::Credit,
            Self::Credit => Self::Debit,
        }
    }
}

/// One movement on one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leg {
    /// Where.
    pub account: Account,
    /// On which side.
    pub side: Side,
    /// How much.
    pub amount: Money,
}

/// The legs of one entry (仕訳): two or more, and debits equal credits in every currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Legs(Vec<Leg>);

/// Legs that are no entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unbalanced {
    /// Fewer than two legs, or more than an entry may have.
    #[error("an entry has 2 to {LEGS_MAX} legs, not {legs}")]
    Count {
        /// Legs found.
        legs: usize,
    },
    /// Debits and credits differ.
    #[error("debits less credits are {difference} {currency:?}, not 0")]
    Sum {
        /// In which currency.
        currency: Currency,
        /// Debits less credits in minor units.
        difference: i128,
    },
}

impl Legs {
    /// Checks that the legs are an entry.
    ///
    /// # Errors
    /// [`Unbalanced`]
    pub fn new(legs: Vec<Leg>) -> Result<Self, Unbalanced> {
        if !(2..=LEGS_MAX).contains(&legs.len()) {
            return Err(Unbalanced::Count { legs: legs.len() });
        }
        let mut sums: HashMap<Currency, i128> = HashMap::new();
        for leg in &legs {
            *sums.entry(leg.amount.currency()).or_default() += match leg.side {
                Side::Debit => i128::from(leg.amount.minor()),
                Side::Credit => -i128::from(leg.amount.minor()),
            };
        }
        match sums.into_iter().find(|(_, sum)| *sum != 0) {
            Some((currency, difference)) => Err(Unbalanced::Sum { currency, difference }),
            None => Ok(Self(legs)),
        }
    }

    /// A purchase: the customer owes the company, the company owes the merchant.
    #[must_use]
    pub fn purchase(customer: CustomerId, slot: CardSlot, merchant: MerchantId, amount: Money) -> Self {
        Self(vec![
            Leg { account: Account::CardReceivable(customer, slot), side: Side::Debit, amount },
            Leg { account: Account::MerchantPayable(merchant), side: Side::Credit, amount },
        ])
    }

    /// The entry that undoes this one; nothing in a ledger is ever changed or taken out.
    #[must_use]
    pub fn reversal(&self) -> Self {
        Self(self.0.iter().map(|leg| Leg { side: leg.side.other(), ..leg.clone() }).collect())
    }

    /// The legs.
    #[must_use]
    pub fn as_slice(&self) -> &[Leg] {
        &self.0
    }
}

#[cfg(test)]
mod tests;
