//! Registered verifiers (検証者), and what each of them asked.

use enishi_party::{Environment, PartyRole, PartyUri};
use jiff::Timestamp;
use rusqlite::Connection;

use super::timestamp;
use crate::{AuthorityError, register::pairings::Relation};

/// What a verifier may ask pairings for; it registers each beforehand (act art. 52).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LookupPurpose {
    /// Linking a customer who signed an application.
    Enrolment,
    /// Following a renewed certificate.
    Renewal,
    /// Watching for changes of a document's signer (変更確認).
    ChangeCheck,
}

const PURPOSES: [(LookupPurpose, u8, &str); 3] = [
    (LookupPurpose::Enrolment, 1, "enrolment"),
    (LookupPurpose::Renewal, 2, "renewal"),
    (LookupPurpose::ChangeCheck, 3, "change_check"),
];

impl LookupPurpose {
    /// Every word on the wire.
    pub(crate) fn words() -> impl Iterator<Item = &'static str> {
        PURPOSES.iter().map(|(.., word)| *word)
    }

    fn code(self) -> u8 {
        PURPOSES.iter().find(|(purpose, ..)| *purpose == self).map_or(0, |(_, code, _)| *code)
    }

    fn from_code(code: u8) -> Result<Self, AuthorityError> {
        PURPOSES
            .iter()
            .find(|(_, known, _)| *known == code)
            .map(|(purpose, ..)| *purpose)
            .ok_or(AuthorityError::Inconsistent("no such purpose"))
    }

    /// The purpose by its word on the wire.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        PURPOSES.iter().find(|(.., known)| *known == word).map(|(purpose, ..)| *purpose)
    }

    /// Its word on the wire.
    #[must_use]
    pub fn word(self) -> &'static str {
        PURPOSES.iter().find(|(purpose, ..)| *purpose == self).map_or("", |(.., word)| *word)
    }
}

/// One look-up of a pairing, for the bill: who, what for, when; never which certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookup {
    /// Who asked.
    pub party: PartyUri,
    /// What for.
    pub purpose: LookupPurpose,
    /// Which pairing.
    pub relation: Relation,
    /// Whether there was one.
    pub outcome: LookupOutcome,
    /// When, to the second.
    pub at: Timestamp,
}

/// What a look-up gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LookupOutcome {
    /// A serial was given.
    Found,
    /// There was none to give.
    NotFound,
}

/// Registers purposes of a verifier; only relays and providers can be one.
pub(crate) fn register(
    connection: &Connection,
    party: &PartyUri,
    purposes: &[LookupPurpose],
) -> Result<(), AuthorityError> {
    let role = matches!(party.role(), PartyRole::Relay | PartyRole::Provider);
    if !role || party.environment() != Environment::Sandbox {
        let rule = "a relay or a provider of the sandbox";
        return Err(AuthorityError::Setting { setting: "verifier", rule });
    }
    for purpose in purposes {
        connection.execute(
            "INSERT OR IGNORE INTO verifiers VALUES (?1, ?2)",
            (party.to_string(), purpose.code()),
        )?;
    }
    Ok(())
}

pub(crate) fn purposes(
    connection: &Connection,
    party: &PartyUri,
) -> Result<Vec<LookupPurpose>, AuthorityError> {
    let mut statement =
        connection.prepare_cached("SELECT purpose FROM verifiers WHERE party = ?1 ORDER BY purpose")?;
    let codes: Vec<u8> =
        statement.query_map([party.to_string()], |row| row.get(0))?.collect::<Result<_, _>>()?;
    codes.into_iter().map(LookupPurpose::from_code).collect()
}

pub(crate) fn record(connection: &Connection, lookup: &Lookup) -> Result<(), AuthorityError> {
    connection.execute(
        "INSERT INTO lookups (party, purpose, relation, found, at) VALUES (?1, ?2, ?3, ?4, ?5)",
        (
            lookup.party.to_string(),
            lookup.purpose.code(),
            lookup.relation.code(),
            lookup.outcome == LookupOutcome::Found,
            lookup.at.as_second(),
        ),
    )?;
    Ok(())
}

/// All look-ups from a time on, oldest first, at most `limit`.
pub(crate) fn since(
    connection: &Connection,
    from: Timestamp,
    limit: u32,
) -> Result<Vec<Lookup>, AuthorityError> {
    type Raw = (String, u8, u8, bool, i64);
    let mut statement = connection.prepare_cached(
        "SELECT party, purpose, relation, found, at FROM lookups WHERE at >= ?1 ORDER BY id LIMIT ?2",
    )?;
    let rows: Vec<Raw> = statement
        .query_map((from.as_second(), limit), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
        })?
        .collect::<Result<_, _>>()?;
    rows.into_iter()
        .map(|(party, purpose, relation, found, at)| {
            Ok(Lookup {
                party: party.parse().map_err(|_| AuthorityError::Inconsistent("a malformed party"))?,
                purpose: LookupPurpose::from_code(purpose)?,
                relation: Relation::from_code(relation)
                    .ok_or(AuthorityError::Inconsistent("no such relation"))?,
                outcome: if found { LookupOutcome::Found } else { LookupOutcome::NotFound },
                at: timestamp(at)?,
            })
        })
        .collect()
}
