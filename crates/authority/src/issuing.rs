//! Issuing, renewing, and issuing a signing certificate anew after a move.

use enishi_jpki::{Carrier, CertKind, Serial};
use jiff::Timestamp;
use rusqlite::Connection;

use crate::{
    Authority, AuthorityError, CertificateState, CitizenRecord, GenerationNumber, Relation, RevocationReason,
    certificate::{self, CertifiableKey, Order},
    name,
    register::{
        certificates::{self, IssuedCertificate, NewCertificate},
        citizens, pairings, partitions,
    },
    validity::{self, Term},
};

/// The age from which a holder can sign documents.
const SIGNING_AGE_YEARS: i16 = 15;

/// The public keys of a card or phone, each a SubjectPublicKeyInfo.
#[derive(Debug, Clone, Copy)]
pub struct CarrierKeys<'a> {
    /// Of the key that proves who holds the carrier.
    pub authentication_spki: &'a [u8],
    /// Of the key that signs documents.
    pub signing: WithSigning<'a>,
}

/// Whether a carrier gets a signing certificate; children under 15 get none, others may go without.
#[derive(Debug, Clone, Copy)]
pub enum WithSigning<'a> {
    /// Yes, for this SubjectPublicKeyInfo.
    Spki(&'a [u8]),
    /// No.
    Without,
}

/// What goes into a card or phone; silent in Debug.
#[derive(Clone)]
pub struct IssuedCertificates {
    /// 利用者証明用電子証明書.
    pub auth_der: Vec<u8>,
    /// Its number.
    pub auth_serial: Serial,
    /// 署名用電子証明書, where there is one, with its number.
    pub signing: Option<IssuedSigning>,
    /// The authentication authority's certificate, of the generation that issued.
    pub auth_ca_der: Vec<u8>,
    /// The signing authority's certificate, in the card even where it has no signing certificate.
    pub sign_ca_der: Vec<u8>,
}

/// A signing certificate and its number; silent in Debug.
#[derive(Clone)]
pub struct IssuedSigning {
    /// 署名用電子証明書.
    pub der: Vec<u8>,
    /// Its number.
    pub serial: Serial,
}

impl std::fmt::Debug for IssuedCertificates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IssuedCertificates(…)")
    }
}

impl std::fmt::Debug for IssuedSigning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IssuedSigning(…)")
    }
}

/// What one round of issuing has in common.
struct Round<'a> {
    citizen: &'a CitizenRecord,
    carrier: Carrier,
    generation: GenerationNumber,
    term: Term,
    now: Timestamp,
}

impl Authority {
    /// Issues the certificates of a new card or phone, from the newest generation.
    ///
    /// A citizen with a valid certificate in the other carrier gets the two paired.
    ///
    /// # Errors
    /// A citizen who holds a valid authentication certificate in such a carrier already, or is too young to sign; a key
    /// that no card has; a carrier or authority whose time is over; a failing disk.
    pub fn issue(
        &self,
        citizen: &CitizenRecord,
        keys: CarrierKeys<'_>,
        carrier: Carrier,
        now: Timestamp,
    ) -> Result<IssuedCertificates, AuthorityError> {
        self.issue_from(GenerationNumber::Third, citizen, keys, carrier, now)
    }

    /// As [`issue`](Self::issue), from the generation that was the newest when an older card was made.
    ///
    /// # Errors
    /// As `issue`; among them an older generation that leaves no time.
    pub fn issue_from(
        &self,
        generation: GenerationNumber,
        citizen: &CitizenRecord,
        keys: CarrierKeys<'_>,
        carrier: Carrier,
        now: Timestamp,
    ) -> Result<IssuedCertificates, AuthorityError> {
        let keys = ParsedKeys::parse(keys)?;
        let now = validity::whole_second(now);
        let round = Round { citizen, carrier, generation, term: Term::FifthBirthday, now };
        self.register.write(|transaction| {
            citizens::put(transaction, citizen, now)?;
            self.issue_pair(transaction, &round, &keys)
        })
    }

    /// Replaces the certificates of a carrier: the old ones are superseded, old and new are paired (新旧).
    ///
    /// `old` is the authentication certificate's number. In its last three months the new ones run to the sixth
    /// birthday; an expired one may be renewed too, and counts as five.
    ///
    /// # Errors
    /// As [`issue`](Self::issue); a number never issued, revoked, or another citizen's.
    pub fn renew(
        &self,
        old: &Serial,
        citizen: &CitizenRecord,
        keys: CarrierKeys<'_>,
        now: Timestamp,
    ) -> Result<IssuedCertificates, AuthorityError> {
        let keys = ParsedKeys::parse(keys)?;
        let now = validity::whole_second(now);
        let issued = self.register.write(|transaction| {
            citizens::put(transaction, citizen, now)?;
            let found = own(transaction, CertKind::Authentication, old, citizen)?;
            not_revoked(&found)?;
            let term = Term::of_renewal(found.not_after, now);
            let old_signing =
                pairings::find(transaction, CertKind::Authentication, old, Relation::Counterpart)?;
            supersede(transaction, CertKind::Authentication, old, now)?;
            if let Some(serial) = &old_signing {
                supersede(transaction, CertKind::Signing, serial, now)?;
            }
            let round =
                Round { citizen, carrier: found.carrier, generation: GenerationNumber::Third, term, now };
            let issued = self.issue_pair(transaction, &round, &keys)?;
            let auth = (CertKind::Authentication, old);
            pairings::insert(transaction, auth, Relation::Successor, &issued.auth_serial, now)?;
            if let (Some(old), Some(new)) = (&old_signing, &issued.signing) {
                let signing = (CertKind::Signing, old);
                pairings::insert(transaction, signing, Relation::Successor, &new.serial, now)?;
            }
            Ok(issued)
        })?;
        self.after_revocation(now)?;
        Ok(issued)
    }

    /// The citizen of an authentication certificate, as last recorded.
    ///
    /// # Errors
    /// A number never issued, a citizen who was certified before the register kept any; a failing disk.
    pub fn citizen_of(&self, authentication: &Serial) -> Result<CitizenRecord, AuthorityError> {
        self.register.read(|connection| {
            let kind = CertKind::Authentication;
            let found = certificates::find(connection, kind, authentication)?;
            let found = found.ok_or(AuthorityError::NeverIssued(kind))?;
            citizens::get(connection, &found.citizen)?.ok_or(AuthorityError::NoRecord)
        })
    }

    /// Issues a signing certificate to the holder of an authentication certificate: after a move or a new name, when
    /// the former one is revoked and the authentication certificate goes on.
    ///
    /// # Errors
    /// As [`issue`](Self::issue); an authentication certificate that is revoked, expired or another citizen's; a
    /// signing certificate that is still valid.
    pub fn issue_signing(
        &self,
        authentication: &Serial,
        citizen: &CitizenRecord,
        signing_spki: &[u8],
        now: Timestamp,
    ) -> Result<IssuedSigning, AuthorityError> {
        let key = CertifiableKey::parse(signing_spki)?;
        let now = validity::whole_second(now);
        self.register.write(|transaction| {
            let found = own(transaction, CertKind::Authentication, authentication, citizen)?;
            not_revoked(&found)?;
            citizens::put(transaction, citizen, now)?;
            if found.not_after < now {
                return Err(AuthorityError::Expired { at: found.not_after });
            }
            let former =
                pairings::find(transaction, CertKind::Authentication, authentication, Relation::Counterpart)?;
            let round = Round {
                citizen,
                carrier: found.carrier,
                generation: GenerationNumber::Third,
                term: Term::FifthBirthday,
                now,
            };
            let issued = self.issue_signing_to(transaction, &round, &key, authentication, found.not_after)?;
            if let Some(former) = &former {
                let signing = (CertKind::Signing, former);
                pairings::insert(transaction, signing, Relation::Successor, &issued.serial, now)?;
            }
            Ok(issued)
        })
    }

    fn issue_pair(
        &self,
        connection: &Connection,
        round: &Round<'_>,
        keys: &ParsedKeys,
    ) -> Result<IssuedCertificates, AuthorityError> {
        let (auth_der, auth_serial, auth_end) = self.issue_one(
            connection,
            round,
            CertKind::Authentication,
            &keys.authentication,
            Timestamp::MAX,
        )?;
        let signing = match &keys.signing {
            Some(key) => Some(self.issue_signing_to(connection, round, key, &auth_serial, auth_end)?),
            None => None,
        };
        Ok(IssuedCertificates {
            auth_der,
            auth_serial,
            signing,
            auth_ca_der: self.generation(CertKind::Authentication, round.generation)?.der.clone(),
            sign_ca_der: self.generation(CertKind::Signing, round.generation)?.der.clone(),
        })
    }

    fn issue_signing_to(
        &self,
        connection: &Connection,
        round: &Round<'_>,
        key: &CertifiableKey,
        auth_serial: &Serial,
        auth_end: Timestamp,
    ) -> Result<IssuedSigning, AuthorityError> {
        if round
            .citizen
            .birth_date
            .known()
            .is_some_and(|birth| validity::age(birth, round.now) < SIGNING_AGE_YEARS)
        {
            return Err(AuthorityError::TooYoungToSign);
        }
        // A signing certificate never outlives the authentication certificate beside it.
        let (der, serial, _) = self.issue_one(connection, round, CertKind::Signing, key, auth_end)?;
        let auth = (CertKind::Authentication, auth_serial);
        pairings::insert(connection, auth, Relation::Counterpart, &serial, round.now)?;
        let signing = (CertKind::Signing, &serial);
        pairings::insert(connection, signing, Relation::Counterpart, auth_serial, round.now)?;
        Ok(IssuedSigning { der, serial })
    }

    fn issue_one(
        &self,
        connection: &Connection,
        round: &Round<'_>,
        kind: CertKind,
        key: &CertifiableKey,
        cap: Timestamp,
    ) -> Result<(Vec<u8>, Serial, Timestamp), AuthorityError> {
        let (citizen, carrier, now) = (round.citizen, round.carrier, round.now);
        if certificates::valid_of_citizen(connection, &citizen.id, kind, carrier, now)?.is_some() {
            return Err(AuthorityError::AlreadyHolds(kind));
        }
        let issuer = self.generation(kind, round.generation)?;
        let limit = citizen.carrier_expiry.map_or(Timestamp::MAX, validity::end_of_day);
        let not_after =
            validity::end(citizen.birth_date, round.term, now).min(limit).min(issuer.not_after).min(cap);
        if not_after <= now || now < issuer.not_before {
            return Err(AuthorityError::NothingToIssue { limit: not_after });
        }
        let serial = self.new_serial(connection, kind)?;
        let der = certificate::citizens(
            citizen,
            &Order {
                issuer,
                config: &self.config,
                carrier,
                serial: serial.expose_der_content(),
                key,
                not_before: now,
                not_after,
            },
        )?;
        let point = name::distribution_point(kind, &citizen.municipality);
        let row = NewCertificate {
            kind,
            serial: &serial,
            generation: round.generation,
            citizen: &citizen.id,
            carrier,
            issued_at: now,
            not_after,
            der: &der,
            point: partitions::point(connection, kind, &point)?,
        };
        certificates::insert(connection, &row)?;
        pair_with_other_carrier(connection, &row)?;
        Ok((der, serial, not_after))
    }
}

fn pair_with_other_carrier(connection: &Connection, row: &NewCertificate<'_>) -> Result<(), AuthorityError> {
    let other = match row.carrier {
        Carrier::Card => Carrier::Phone,
        Carrier::Phone => Carrier::Card,
    };
    let found = certificates::valid_of_citizen(connection, row.citizen, row.kind, other, row.issued_at)?;
    if let Some(found) = found {
        let (kind, at) = (row.kind, row.issued_at);
        pairings::insert(connection, (kind, row.serial), Relation::OtherCarrier, &found.serial, at)?;
        pairings::insert(connection, (kind, &found.serial), Relation::OtherCarrier, row.serial, at)?;
    }
    Ok(())
}

/// The citizen's own certificate of that number.
fn own(
    connection: &Connection,
    kind: CertKind,
    serial: &Serial,
    citizen: &CitizenRecord,
) -> Result<IssuedCertificate, AuthorityError> {
    let found = certificates::find(connection, kind, serial)?.ok_or(AuthorityError::NeverIssued(kind))?;
    if found.citizen == citizen.id.as_str() { Ok(found) } else { Err(AuthorityError::AnotherCitizen) }
}

const fn not_revoked(found: &IssuedCertificate) -> Result<(), AuthorityError> {
    match found.state {
        CertificateState::Good => Ok(()),
        CertificateState::Revoked { reason, at, .. } => Err(AuthorityError::AlreadyRevoked { reason, at }),
    }
}

/// Revokes what is still valid; what expired or was revoked before stays as it is.
fn supersede(
    connection: &Connection,
    kind: CertKind,
    serial: &Serial,
    now: Timestamp,
) -> Result<(), AuthorityError> {
    let found = certificates::find(connection, kind, serial)?.ok_or(AuthorityError::NeverIssued(kind))?;
    if found.state == CertificateState::Good && found.not_after >= now {
        certificates::revoke(connection, kind, serial, RevocationReason::Superseded, now)?;
    }
    Ok(())
}

struct ParsedKeys {
    authentication: CertifiableKey,
    signing: Option<CertifiableKey>,
}

impl ParsedKeys {
    fn parse(keys: CarrierKeys<'_>) -> Result<Self, AuthorityError> {
        let authentication = CertifiableKey::parse(keys.authentication_spki)?;
        let signing = match keys.signing {
            WithSigning::Spki(spki) => Some(CertifiableKey::parse(spki)?),
            WithSigning::Without => None,
        };
        Ok(Self { authentication, signing })
    }
}
