//! Who is at the other end of a mutual-TLS connection.

use std::fmt;
use std::str::FromStr;

use crate::Malformed;

const RULE: Malformed = Malformed {
    noun: "party URI",
    rule: "urn:enishi:{sandbox|production}:{terminal|provider|relay|authority|operator}:NAME, NAME 1 to 40 of a-z, 0-9 and -",
};

/// Whether a key or certificate belongs to the sandbox; the two never meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Environment {
    /// Test keys, test cards, invented people.
    Sandbox,
    /// The real thing.
    Production,
}

/// What a party does on the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PartyRole {
    /// Reads cards at a shop, an ATM or a reception.
    Terminal,
    /// A card company, bank, hospital or web service (サービス提供者).
    Provider,
    /// The shared platform (共通的PF, 中継サービス).
    Relay,
    /// J-LIS, or the sandbox's stand-in for it.
    Authority,
    /// People who run the relay.
    Operator,
}

/// A party's name in its certificate: the one URI of the subject alternative name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PartyUri {
    environment: Environment,
    role: PartyRole,
    name: String,
}

impl PartyUri {
    /// Makes a name.
    ///
    /// # Errors
    /// A name outside 1 to 40 of a-z, 0-9 and -.
    pub fn new(environment: Environment, role: PartyRole, name: &str) -> Result<Self, Malformed> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if (1..=40).contains(&name.len()) && name.bytes().all(allowed) {
            Ok(Self { environment, role, name: name.to_owned() })
        } else {
            Err(RULE)
        }
    }

    /// Sandbox or production.
    #[must_use]
    pub const fn environment(&self) -> Environment {
        self.environment
    }

    /// What the party does.
    #[must_use]
    pub const fn role(&self) -> PartyRole {
        self.role
    }

    /// Its name within its role; a terminal's is its 13-digit number.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for PartyUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let environment = match self.environment {
            Environment::Sandbox => "sandbox",
            Environment::Production => "production",
        };
        let role = match self.role {
            PartyRole::Terminal => "terminal",
            PartyRole::Provider => "provider",
            PartyRole::Relay => "relay",
            PartyRole::Authority => "authority",
            PartyRole::Operator => "operator",
        };
        write!(f, "urn:enishi:{environment}:{role}:{}", self.name)
    }
}

impl FromStr for PartyUri {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let rest = text.strip_prefix("urn:enishi:").ok_or(RULE)?;
        let mut parts = rest.splitn(3, ':');
        let environment = match parts.next() {
            Some("sandbox") => Environment::Sandbox,
            Some("production") => Environment::Production,
            _ => return Err(RULE),
        };
        let role = match parts.next() {
            Some("terminal") => PartyRole::Terminal,
            Some("provider") => PartyRole::Provider,
            Some("relay") => PartyRole::Relay,
            Some("authority") => PartyRole::Authority,
            Some("operator") => PartyRole::Operator,
            _ => return Err(RULE),
        };
        Self::new(environment, role, parts.next().ok_or(RULE)?)
    }
}

crate::name::serde_as_text!(PartyUri);

#[cfg(test)]
mod tests {
    use super::{Environment, PartyRole, PartyUri};

    #[test]
    fn a_party_uri_reads_back_what_it_prints() {
        let uri = PartyUri::new(Environment::Sandbox, PartyRole::Terminal, "4980000000012").unwrap();
        assert_eq!(uri.to_string(), "urn:enishi:sandbox:terminal:4980000000012");
        assert_eq!(uri.to_string().parse(), Ok(uri));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "urn:enishi:sandbox:terminal",
            "urn:enishi:sandbox:terminal:",
            "urn:enishi:test:terminal:1",
            "urn:enishi:sandbox:clerk:1",
            "urn:enishi:sandbox:terminal:a:b",
            "URN:enishi:sandbox:terminal:1",
            "urn:enishi:sandbox:terminal:Ä",
        ] {
            assert!(text.parse::<PartyUri>().is_err(), "{text}");
        }
    }
}
