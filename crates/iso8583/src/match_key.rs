use std::fmt;

use crate::{Class, De, Error, InstitutionId, Message, Mti, Rrn, Stan, TerminalCode, TransmissionTime};

#[cfg(test)]
mod tests;

/// What ties an answer to its message: the type of the answer and elements 7, 11, 32, 37 and 41.
///
/// A message, its repeats and its answer have the same key; no two messages in flight on a link may have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MatchKey {
    response: Mti,
    transmitted_at: TransmissionTime,
    stan: Stan,
    transaction: Option<Reference>,
}

/// What tells transactions apart at a provider, and by which a reversal finds its original: elements 7, 11, 32, 37, 41.
///
/// `Display` is one line of text, the same for equal keys, as a store may keep it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TransactionKey {
    transmitted_at: TransmissionTime,
    stan: Stan,
    reference: Reference,
}

/// Elements 32, 37 and 41.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Reference {
    acquirer: InstitutionId,
    rrn: Rrn,
    terminal: TerminalCode,
}

impl MatchKey {
    /// The key of a message or of an answer to one.
    ///
    /// Network management messages have elements 7 and 11 only; of all others a missing element is an error.
    pub fn of(message: &Message) -> Result<Self, Error> {
        let mti = message.mti();
        let transaction = match mti.class {
            Class::NetworkManagement => None,
            _ => Some(Reference::of(message)?),
        };
        Ok(Self {
            response: mti.response().unwrap_or(Mti { origin: mti.origin.first(), ..mti }),
            transmitted_at: message.transmitted_at()?,
            stan: message.stan()?,
            transaction,
        })
    }
}

impl TransactionKey {
    /// The key of the transaction that this message itself is.
    pub fn of(message: &Message) -> Result<Self, Error> {
        Ok(Self {
            transmitted_at: message.transmitted_at()?,
            stan: message.stan()?,
            reference: Reference::of(message)?,
        })
    }

    /// The key of the transaction that a reversal undoes, or a completion completes.
    ///
    /// Time and trace number come from element 90; 32, 37 and 41 are repeated in the message. An acquirer that
    /// element 90 names otherwise than element 32 is an error.
    pub fn of_original(message: &Message) -> Result<Self, Error> {
        let original = message.original_data()?;
        let reference = Reference::of(message)?;
        if original.acquirer.is_some_and(|acquirer| acquirer != reference.acquirer) {
            return Err(Error::OriginalDiffers { de: De::ACQUIRER });
        }
        Ok(Self { transmitted_at: original.transmitted_at, stan: original.stan, reference })
    }
}

impl fmt::Display for TransactionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Reference { acquirer, rrn, terminal } = self.reference;
        // The acquirer without its leading zeros, which tell nothing apart; the terminal last, as it may hold anything.
        write!(f, "{}-{}-{}-{rrn}-{terminal}", self.transmitted_at, self.stan, acquirer.number())
    }
}

impl Reference {
    fn of(message: &Message) -> Result<Self, Error> {
        Ok(Self { acquirer: message.acquirer()?, rrn: message.rrn()?, terminal: message.terminal()? })
    }
}
