use std::fmt;
use std::num::NonZeroU32;

use enishi_party::{CustomerId, Entropy, Malformed, Money};
use enishi_provider::{
    CardLabel, CardSlot, CardState, CustomerState, IssuerPin, Pan, Password, PasswordHash, PersonName,
    PinVerificationKey, PinVerificationValue,
};
use jiff::civil::Date;
use rusqlite::{Transaction, params};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::row::{card_state_word, customer_state_word, minor};
use crate::{ProviderStore, StoreError};

/// Invented customers for a sandbox, as a file may hold them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleBook {
    /// The customers.
    pub customers: Vec<SampleCustomer>,
}

/// One invented customer.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleCustomer {
    /// The company's name for the customer.
    pub id: CustomerId,
    /// 氏名, as in the signing certificate.
    pub name: String,
    /// 生年月日, `YYYY-MM-DD`.
    pub birth_date: String,
    /// For the company's app, 8 to 256 octets.
    pub password: String,
    /// In the order of their slots.
    pub cards: Vec<SampleCard>,
}

/// One invented card.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleCard {
    /// Its number, with a right check digit.
    pub pan: String,
    /// How its holder knows it.
    pub label: String,
    /// Most that may be owed, in yen.
    pub credit_limit_yen: u64,
    /// Most that one purchase may cost, in yen.
    pub transaction_limit_yen: u64,
    /// Its PIN, 4 to 12 digits; only the value that checks it is stored.
    pub pin: String,
}

impl fmt::Debug for SampleCustomer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SampleCustomer({} cards)", self.cards.len())
    }
}

impl fmt::Debug for SampleCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SampleCard(…)")
    }
}

impl SampleBook {
    /// Reads a TOML text with `[[customers]]` and `[[customers.cards]]`; unknown keys are refused.
    ///
    /// # Errors
    /// [`StoreError::SampleForm`]
    pub fn from_toml(text: &str) -> Result<Self, StoreError> {
        toml::from_str(text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            StoreError::SampleForm { line: before.matches('\n').count().saturating_add(1) }
        })
    }
}

impl ProviderStore {
    /// Stores invented customers, all or none; those whose ID is there already are left as they are.
    ///
    /// Returns how many are new. Hashing the passwords takes as long as `rounds` say.
    ///
    /// # Errors
    /// A customer that breaks a rule, a card number used twice, or the store failed.
    pub async fn load_sample(
        &self,
        book: &SampleBook,
        pin_key: &PinVerificationKey,
        rounds: NonZeroU32,
        entropy: &dyn Entropy,
    ) -> Result<usize, StoreError> {
        let mut checked = Vec::new();
        for (index, customer) in book.customers.iter().enumerate() {
            let customer = Checked::new(customer, pin_key, rounds, entropy)
                .map_err(|reason| StoreError::Sample { place: index.saturating_add(1), reason })?;
            checked.push(customer);
        }
        let loaded = self.writer.run(move |tx| {
            let mut new = 0_usize;
            for customer in &checked {
                new = new.saturating_add(usize::from(customer.insert(tx)?));
            }
            Ok(new)
        });
        loaded.await
    }
}

struct Checked {
    id: CustomerId,
    name: PersonName,
    birth_date: Date,
    password: PasswordHash,
    cards: Vec<CheckedCard>,
}

struct CheckedCard {
    slot: CardSlot,
    pan: Pan,
    label: CardLabel,
    credit_limit: Money,
    transaction_limit: Money,
    pin: PinVerificationValue,
}

impl Checked {
    fn new(
        sample: &SampleCustomer,
        pin_key: &PinVerificationKey,
        rounds: NonZeroU32,
        entropy: &dyn Entropy,
    ) -> Result<Self, Malformed> {
        let date = Malformed { noun: "birth date", rule: "YYYY-MM-DD" };
        let mut cards = Vec::new();
        for (index, card) in sample.cards.iter().enumerate() {
            cards.push(CheckedCard::new(index, card, pin_key)?);
        }
        Ok(Self {
            id: sample.id.clone(),
            name: sample.name.parse()?,
            birth_date: sample.birth_date.parse().map_err(|_| date)?,
            password: PasswordHash::new(&Password::parse(&sample.password)?, rounds, entropy),
            cards,
        })
    }

    fn insert(&self, tx: &Transaction<'_>) -> Result<bool, StoreError> {
        let inserted = tx.execute(
            "INSERT INTO customer (id, name, birth_date, state, password_salt, password_rounds, password_hash)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (id) DO NOTHING",
            params![
                self.id.as_str(),
                self.name.expose(),
                self.birth_date.to_string(),
                customer_state_word(CustomerState::Active),
                self.password.salt,
                self.password.rounds.get(),
                self.password.hash,
            ],
        )?;
        if inserted == 0 {
            return Ok(false);
        }
        for card in &self.cards {
            card.insert(tx, &self.id)?;
        }
        Ok(true)
    }
}

impl CheckedCard {
    fn new(index: usize, sample: &SampleCard, pin_key: &PinVerificationKey) -> Result<Self, Malformed> {
        let pan: Pan = sample.pan.parse()?;
        Ok(Self {
            slot: CardSlot::try_from(u8::try_from(index).unwrap_or(u8::MAX))?,
            label: sample.label.parse()?,
            credit_limit: Money::yen(sample.credit_limit_yen)?,
            transaction_limit: Money::yen(sample.transaction_limit_yen)?,
            pin: pin_key.value(&pan, &IssuerPin::parse(&sample.pin)?),
            pan,
        })
    }

    fn insert(&self, tx: &Transaction<'_>, customer: &CustomerId) -> Result<(), StoreError> {
        tx.execute(
            "INSERT INTO card (customer, slot, pan, label, state, currency, credit_limit, transaction_limit,
                               pin_value, pin_wrong_tries)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0)",
            params![
                customer.as_str(),
                self.slot.number(),
                self.pan.expose(),
                self.label.expose(),
                card_state_word(CardState::Active),
                self.credit_limit.currency().code(),
                minor(self.credit_limit)?,
                minor(self.transaction_limit)?,
                self.pin.expose_octets(),
            ],
        )?;
        Ok(())
    }
}

impl Drop for SampleCustomer {
    fn drop(&mut self) {
        drop(Zeroizing::new(std::mem::take(&mut self.password)));
    }
}

impl Drop for SampleCard {
    fn drop(&mut self) {
        drop(Zeroizing::new(std::mem::take(&mut self.pin)));
    }
}
