//! The generations of an authority: several keys under one name, of which the newest issues.

use enishi_jpki::{CertKind, KeyId};
use jiff::{Span, Timestamp};

use crate::{
    AuthorityConfig, AuthorityError, SerialPlan, certificate, key::RsaKey, name,
    ocsp::issuer_hashes::IssuerHashes, validity,
};

/// Years from one generation to the next; J-LIS's three began in 2015, 2019 and 2023.
const SPACING_YEARS: i64 = 4;
/// How old the newest is when the authority is made.
const NEWEST_AGE_DAYS: i64 = 30;
/// How long an authority's certificate lasts.
const LIFE_YEARS: i64 = 10;

/// One of the three, oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GenerationNumber {
    /// The oldest; near its end.
    First,
    /// The middle one.
    Second,
    /// The newest, which issues.
    Third,
}

impl GenerationNumber {
    pub(crate) const ALL: [Self; 3] = [Self::First, Self::Second, Self::Third];

    pub(crate) const fn number(self) -> u8 {
        match self {
            Self::First => 1,
            Self::Second => 2,
            Self::Third => 3,
        }
    }
}

/// One key of one authority, with its self-signed certificate.
pub(crate) struct Generation {
    pub(crate) kind: CertKind,
    pub(crate) number: GenerationNumber,
    pub(crate) key: RsaKey,
    pub(crate) key_id: Vec<u8>,
    /// Content octets of the INTEGER.
    pub(crate) serial: Vec<u8>,
    pub(crate) not_before: Timestamp,
    pub(crate) not_after: Timestamp,
    pub(crate) der: Vec<u8>,
    /// By what a question for OCSP names it.
    pub(crate) hashes: IssuerHashes,
}

impl Generation {
    /// Makes the certificate of a generation as it stands when the authority is set up.
    pub(crate) fn create(
        kind: CertKind,
        number: GenerationNumber,
        key: RsaKey,
        config: &AuthorityConfig,
        now: Timestamp,
    ) -> Result<Self, AuthorityError> {
        let (not_before, not_after) = life(number, now)?;
        let serial = serial(kind, number, config.serials);
        let der = certificate::authority(kind, &key, &serial, not_before, not_after)?;
        let hashes = Self::hashes(kind, &key);
        Ok(Self { kind, number, key_id: key.key_id(), key, serial, not_before, not_after, der, hashes })
    }

    pub(crate) fn hashes(kind: CertKind, key: &RsaKey) -> IssuerHashes {
        IssuerHashes::of(&name::authority(kind), key.public_key_bits())
    }

    pub(crate) fn lives(&self, now: Timestamp) -> bool {
        self.not_before <= now && now <= self.not_after
    }
}

/// An authority's certificate, as clients need it to verify.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorityCertificate {
    /// Which authority.
    pub kind: CertKind,
    /// Which of its keys.
    pub generation: GenerationNumber,
    /// The key, as lists are addressed by it.
    pub key_id: KeyId,
    /// The certificate.
    pub der: Vec<u8>,
}

fn life(number: GenerationNumber, now: Timestamp) -> Result<(Timestamp, Timestamp), AuthorityError> {
    const OUT_OF_CALENDAR: AuthorityError =
        AuthorityError::Setting { setting: "now", rule: "within the years that a calendar has" };
    let age_years = i64::from(3 - number.number()) * SPACING_YEARS;
    let first_day = validity::day_in_japan(now)
        .checked_sub(Span::new().years(age_years).days(NEWEST_AGE_DAYS))
        .map_err(|_| OUT_OF_CALENDAR)?;
    // Ten years less a day, as authorities' certificates have it: through the eve of the tenth anniversary.
    let last_day = first_day
        .checked_add(Span::new().years(LIFE_YEARS))
        .and_then(|anniversary| anniversary.yesterday())
        .map_err(|_| OUT_OF_CALENDAR)?;
    let not_before = validity::end_of_day(first_day.yesterday().map_err(|_| OUT_OF_CALENDAR)?)
        .checked_add(Span::new().seconds(1))
        .map_err(|_| OUT_OF_CALENDAR)?;
    Ok((not_before, validity::end_of_day(last_day)))
}

/// J-LIS's authorities took 1 and then numbers out of the line of what they issued.
fn serial(kind: CertKind, number: GenerationNumber, plan: SerialPlan) -> Vec<u8> {
    let value = match (plan, number) {
        (_, GenerationNumber::First) => 1,
        (SerialPlan::Random, _) => u32::from(number.number()),
        (SerialPlan::Sequential { authentication_from, signing_from }, _) => {
            let from = match kind {
                CertKind::Authentication => authentication_from,
                CertKind::Signing => signing_from,
            };
            if number == GenerationNumber::Second { from / 6 } else { from - 1 }
        }
    };
    crate::asn1::integer_content(&value.to_be_bytes())
}
