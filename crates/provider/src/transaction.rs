use std::fmt;

use aws_lc_rs::digest;
use enishi_iso8583::{ApprovalNumber, De, Error, Message, ResponseCode, TransactionKey, TransmissionTime};
use enishi_party::Timestamp;
use jiff::tz::TimeZone;

/// What tells one transaction from every other at this provider: elements 7, 11, 32, 37 and 41, and the year.
///
/// Element 7 has no year, and trace and reference numbers come round: the year is the one that puts the transmission
/// nearest to its arrival.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BookKey(String);

impl BookKey {
    /// The key of the transaction that this message is.
    ///
    /// # Errors
    /// An element of the key is missing or malformed.
    pub fn of(message: &Message, now: Timestamp) -> Result<Self, Error> {
        Ok(Self::new(TransactionKey::of(message)?, message.transmitted_at()?, now))
    }

    /// The key of the transaction that a reversal undoes.
    ///
    /// # Errors
    /// As [`Self::of`], and where the original's data contradict the message.
    pub fn of_original(message: &Message, now: Timestamp) -> Result<Self, Error> {
        let transmitted_at = message.original_data()?.transmitted_at;
        Ok(Self::new(TransactionKey::of_original(message)?, transmitted_at, now))
    }

    /// The text that a store keeps.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn new(key: TransactionKey, transmitted_at: TransmissionTime, now: Timestamp) -> Self {
        let today = now.to_zoned(TimeZone::UTC).date();
        let month = transmitted_at.to_string().get(..2).and_then(|month| month.parse::<i8>().ok());
        let year = match month.unwrap_or_default().saturating_sub(today.month()) {
            7.. => today.year().saturating_sub(1),
            ..=-7 => today.year().saturating_add(1),
            _ => today.year(),
        };
        Self(format!("{year:04}-{key}"))
    }
}

impl fmt::Debug for BookKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BookKey({})", self.0)
    }
}

/// A transaction's key, and a digest of everything that was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyed {
    /// Its key.
    pub key: BookKey,
    /// SHA-256 over type and elements, the PIN block excepted: nothing of a PIN block is ever stored.
    pub digest: [u8; 32],
}

impl Keyed {
    /// Reads what makes a message the same message when it comes again.
    ///
    /// # Errors
    /// As [`BookKey::of`]
    pub fn of(message: &Message, now: Timestamp) -> Result<Self, Error> {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(&message.mti().digits());
        for de in message.numbers().filter(|de| ![De::PIN_BLOCK_FORMAT_4, De::PIN_DATA].contains(de)) {
            let value = message.expose_bytes(de).unwrap_or_default();
            context.update(&[de.number()]);
            context.update(&u64::try_from(value.len()).unwrap_or(u64::MAX).to_be_bytes());
            context.update(value);
        }
        let mut digest = [0; 32];
        for (octet, computed) in digest.iter_mut().zip(context.finish().as_ref()) {
            *octet = *computed;
        }
        Ok(Self { key: BookKey::of(message, now)?, digest })
    }
}

/// What a transaction was answered with, and is answered with again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// 00, with the approval number.
    Approved(ApprovalNumber),
    /// Any other code.
    Declined(ResponseCode),
}

impl Answer {
    /// The answer to the request.
    ///
    /// # Errors
    /// The message is itself an answer.
    pub fn message(self, request: &Message) -> Result<Message, Error> {
        match self {
            Self::Approved(number) => {
                let mut answer = request.answer(ResponseCode::Approved)?;
                answer.set_approval_number(number);
                Ok(answer)
            }
            Self::Declined(code) => request.answer(code),
        }
    }
}

#[cfg(test)]
mod tests;
