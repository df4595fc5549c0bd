//! TEST-ONLY: takes one check of the platform out, to show that the demonstration notices.
//!
//! A demonstration that passes although a check does nothing has not looked at that check. So each check below asks
//! [`is_broken`] at its one site, and ignores its own result if it is.
//!
//! **Never in a package that ships.** Only the cargo feature `broken-checks` lets anything be broken; it is off by
//! default, no package enables it, and a binary that has it says so whenever it starts. Without it [`is_broken`] is a
//! constant `false`, and the compiler takes the question out.

use std::fmt;
use std::str::FromStr;

use crate::Malformed;

macro_rules! checks {
    ($($(#[$doc:meta])* $name:ident: $word:literal,)*) => {
        /// A check that can be taken out, one at a time; named where it stands in the way of somebody.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Check {
            $($(#[$doc])* $name,)*
        }

        impl Check {
            /// Every check.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Its name on a command line.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }
        }
    };
}

checks! {
    /// The card signed this challenge.
    Possession: "possession",
    /// What the card signed is what is about to happen.
    Context: "context",
    /// A ticket serves one payment.
    TicketOnce: "ticket-once",
    /// A ticket serves the terminal that it was made for, while it is young.
    TicketHolder: "ticket-holder",
    /// Terminal and merchant of a request are those of its sender.
    CallerIdentity: "caller-identity",
    /// The certificate is not revoked.
    Revocation: "revocation",
    /// A link is the one of this very card.
    Link: "link",
    /// An amount that the card did not sign is taken only where the contract and the company say so.
    AmountPolicy: "amount-policy",
    /// The relay's assertion says what the message says that carries it.
    AssertionMatch: "assertion-match",
    /// An assertion serves one transaction.
    AssertionOnce: "assertion-once",
    /// Under 委託 the company's own look at the evidence decides.
    Recheck: "recheck",
    /// The company's own PIN is right.
    CompanyPin: "company-pin",
    /// The company's limits.
    Limit: "limit",
    /// Whoever tapped is the customer who asked for the link.
    IdentityMatch: "identity-match",
    /// A wrong PIN costs one of the card's tries.
    PinCounter: "pin-counter",
    /// A request that comes again is answered, not served again.
    Idempotency: "idempotency",
    /// A debit whose answer never came is taken back.
    Reversal: "reversal",
    /// A reversal is remembered, even of what never arrived.
    Tombstone: "tombstone",
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Check {
    type Err = Malformed;

    fn from_str(word: &str) -> Result<Self, Malformed> {
        let found = Self::ALL.iter().find(|check| check.word() == word);
        found.copied().ok_or(Malformed { noun: "check", rule: "a word of the list of checks" })
    }
}

/// Whether a check is taken out: never, in this build.
#[cfg(not(feature = "broken-checks"))]
#[must_use]
pub const fn is_broken(_: Check) -> bool {
    false
}

#[cfg(feature = "broken-checks")]
pub use switch::{AlreadyBroken, break_one, is_broken};

/// The switch itself, in test builds alone.
#[cfg(feature = "broken-checks")]
mod switch {
    use std::sync::OnceLock;

    use super::Check;

    /// One for the whole process: parties in one process are one demonstration.
    static BROKEN: OnceLock<Check> = OnceLock::new();

    /// A check is taken out already, and stays so until the process ends.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
    #[error("{0} is taken out already; one check at a time")]
    pub struct AlreadyBroken(pub Check);

    /// Takes a check out until the process ends.
    ///
    /// # Errors
    /// One is out already.
    pub fn break_one(check: Check) -> Result<(), AlreadyBroken> {
        BROKEN.set(check).map_err(|check| AlreadyBroken(*BROKEN.get().unwrap_or(&check)))
    }

    /// Whether a check is taken out.
    #[must_use]
    pub fn is_broken(check: Check) -> bool {
        BROKEN.get() == Some(&check)
    }
}

#[cfg(test)]
mod tests;
