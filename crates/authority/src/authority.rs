//! The authority: its keys and its register.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{
        Arc, OnceLock, RwLock,
        atomic::{AtomicBool, Ordering},
    },
};

use enishi_jpki::{CertKind, KeyId, Serial};
use enishi_party::PartyUri;
use jiff::Timestamp;

use crate::{
    AuthorityCertificate, AuthorityConfig, AuthorityError, GenerationNumber, Lookup, LookupOutcome,
    LookupPurpose, Observer, Relation, RevocationReason, SerialPlan, ServiceConfig, certificate,
    folder::{self, Folder},
    generation::Generation,
    key::{ResponderKey, RsaKey},
    ocsp::{delegate::Delegate, presigned::PresignedAnswers},
    register::{Register, certificates, generations, lookups, pairings},
    validity,
};

pub(crate) const KINDS: [CertKind; 2] = [CertKind::Authentication, CertKind::Signing];
/// A report of look-ups is read in pieces of this size.
const LOOKUPS_MAX: u32 = 100_000;

/// The sandbox J-LIS: both authorities, their generations, register, lists and responders.
///
/// Every method blocks on disk and on RSA; from async code call it on a blocking thread.
pub struct Authority {
    pub(crate) config: AuthorityConfig,
    pub(crate) register: Register,
    /// Oldest first, authentication before signing.
    pub(crate) generations: Vec<Generation>,
    pub(crate) service: ServiceConfig,
    pub(crate) responder_keys: [(CertKind, Arc<ResponderKey>); 2],
    pub(crate) delegates: RwLock<BTreeMap<(CertKind, GenerationNumber), Arc<Delegate>>>,
    pub(crate) presigned: PresignedAnswers,
    pub(crate) ocsp_paused: AtomicBool,
    observer: OnceLock<Arc<dyn Observer>>,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Authority(…)")
    }
}

/// What the register knows of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificateState {
    /// Issued, not revoked; it may have expired.
    Good,
    /// Revoked, for OCSP at once, for lists from the next publication on.
    Revoked {
        /// Why.
        reason: RevocationReason,
        /// Since when, to the second.
        at: Timestamp,
        /// Whether a list says so yet.
        publication: Publication,
    },
}

/// Whether a revocation stands in a published list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Publication {
    /// Not yet.
    Awaited,
    /// First in the list of this number.
    InList {
        /// Its CRLNumber.
        number: u64,
    },
}

/// Whether the responder works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OcspService {
    /// Answers.
    Running,
    /// Says `tryLater` to everyone, as on a bad morning; for tests of clients.
    TryLater,
}

impl Authority {
    /// Makes an authority in an empty folder: six keys with their certificates, two responder keys, the register.
    ///
    /// The newest generation began 30 days before `now`, the others four years apart before it; each lasts ten years.
    ///
    /// # Errors
    /// A folder that is not empty, a setting out of its rule, or a failing disk. The marker file is written last, so
    /// half an authority is never opened.
    pub fn create(folder: &Path, config: AuthorityConfig, now: Timestamp) -> Result<Self, AuthorityError> {
        config.check()?;
        let folder = Folder::create(folder)?;
        let register = Register::create(&folder.register_file(), &config)?;
        let mut all = Vec::new();
        for kind in KINDS {
            for number in GenerationNumber::ALL {
                let (key, pkcs8) = RsaKey::generate()?;
                folder.write_key(&folder::authority_key_file(kind, number), &pkcs8)?;
                let generation = Generation::create(kind, number, key, &config, now)?;
                folder.write_certificate(&folder::certificate_file(kind, number), &generation.der)?;
                all.push(generation);
            }
        }
        for kind in KINDS {
            folder.write_key(&folder::responder_key_file(kind), &RsaKey::generate()?.1)?;
        }
        register.write(|transaction| {
            for generation in &all {
                generations::insert(transaction, generation)?;
            }
            let (authentication, signing) = match config.serials {
                SerialPlan::Sequential { authentication_from, signing_from } => {
                    (authentication_from, signing_from)
                }
                SerialPlan::Random => (1, 1),
            };
            certificates::start_counter(transaction, CertKind::Authentication, authentication)?;
            certificates::start_counter(transaction, CertKind::Signing, signing)
        })?;
        folder.finish()?;
        Self::assemble(&folder, config, register, all, ServiceConfig::default())
    }

    /// Opens what [`create`](Self::create) made, with the choices that are the default.
    ///
    /// # Errors
    /// A missing marker, a key that others can read or that belongs elsewhere, an unreadable register.
    pub fn open(folder: &Path) -> Result<Self, AuthorityError> {
        Self::open_with(folder, ServiceConfig::default())
    }

    /// Opens it to work as its operator chooses. A key that the choice needs and the folder lacks is made.
    ///
    /// # Errors
    /// As [`open`](Self::open); a folder that cannot be written.
    pub fn open_with(folder: &Path, service: ServiceConfig) -> Result<Self, AuthorityError> {
        let folder = Folder::open(folder)?;
        let (register, config) = Register::open(&folder.register_file())?;
        config.check()?;
        let mut all = Vec::new();
        for kind in KINDS {
            for number in GenerationNumber::ALL {
                let key = folder.read_key(&folder::authority_key_file(kind, number))?;
                all.push(register.read(|connection| generations::load(connection, kind, number, key))?);
            }
        }
        Self::assemble(&folder, config, register, all, service)
    }

    fn assemble(
        folder: &Folder,
        config: AuthorityConfig,
        register: Register,
        generations: Vec<Generation>,
        service: ServiceConfig,
    ) -> Result<Self, AuthorityError> {
        let responder_key = |kind| -> Result<_, AuthorityError> {
            Ok((kind, Arc::new(folder.responder_key(kind, service.ocsp_key)?)))
        };
        Ok(Self {
            config,
            register,
            generations,
            service,
            responder_keys: [responder_key(CertKind::Authentication)?, responder_key(CertKind::Signing)?],
            delegates: RwLock::new(BTreeMap::new()),
            presigned: PresignedAnswers::new(),
            ocsp_paused: AtomicBool::new(false),
            observer: OnceLock::new(),
        })
    }

    /// From now on this one is told what is answered; the first stays.
    pub fn observed_by(&self, observer: Arc<dyn Observer>) {
        let _first = self.observer.set(observer);
    }

    pub(crate) fn observer(&self) -> Option<&dyn Observer> {
        self.observer.get().map(AsRef::as_ref)
    }

    /// The settings it was made with.
    #[must_use]
    pub const fn config(&self) -> &AuthorityConfig {
        &self.config
    }

    /// The choices it works by.
    #[must_use]
    pub const fn service(&self) -> &ServiceConfig {
        &self.service
    }

    /// All six authority certificates: what a verifier's anchors are made from.
    #[must_use]
    pub fn authority_certificates(&self) -> Vec<AuthorityCertificate> {
        self.generations
            .iter()
            .filter_map(|generation| {
                Some(AuthorityCertificate {
                    kind: generation.kind,
                    generation: generation.number,
                    key_id: KeyId::from_octets(&generation.key_id)?,
                    der: generation.der.clone(),
                })
            })
            .collect()
    }

    pub(crate) fn generation(
        &self,
        kind: CertKind,
        number: GenerationNumber,
    ) -> Result<&Generation, AuthorityError> {
        self.generations
            .iter()
            .find(|generation| generation.kind == kind && generation.number == number)
            .ok_or(AuthorityError::Inconsistent("a generation is missing"))
    }

    /// Content octets for the serial of something that is to be issued, by the plan.
    pub(crate) fn new_serial(
        &self,
        connection: &rusqlite::Connection,
        kind: CertKind,
    ) -> Result<Serial, AuthorityError> {
        const OUT_OF_LINE: AuthorityError = AuthorityError::Inconsistent("a counter out of its line");
        match self.config.serials {
            SerialPlan::Sequential { .. } => {
                Serial::from_u64(certificates::next_serial(connection, kind)?).map_err(|_| OUT_OF_LINE)
            }
            SerialPlan::Random => {
                let mut octets = certificate::random::<16>()?;
                // The top bits 01: positive, minimal, and always 16 octets long.
                if let Some(first) = octets.first_mut() {
                    *first = (*first & 0x7f) | 0x40;
                }
                Serial::from_der_content(&octets).map_err(|_| OUT_OF_LINE)
            }
        }
    }

    /// Revokes a certificate: OCSP says so at once, lists from the next publication on.
    ///
    /// A held certificate may be revoked for another reason, and keeps the time of the hold; it is never released.
    ///
    /// # Errors
    /// A certificate never issued, expired or revoked already; a failing disk. With
    /// [`PublishPolicy::OnRevocation`](crate::PublishPolicy), whatever publishing fails with: the revocation stands.
    pub fn revoke(
        &self,
        kind: CertKind,
        serial: &Serial,
        reason: RevocationReason,
        now: Timestamp,
    ) -> Result<(), AuthorityError> {
        let now = validity::whole_second(now);
        self.register.write(|transaction| {
            let found =
                certificates::find(transaction, kind, serial)?.ok_or(AuthorityError::NeverIssued(kind))?;
            match found.state {
                CertificateState::Revoked { reason: RevocationReason::CertificateHold, .. }
                    if reason != RevocationReason::CertificateHold => {}
                CertificateState::Revoked { reason, at, .. } => {
                    return Err(AuthorityError::AlreadyRevoked { reason, at });
                }
                CertificateState::Good if found.not_after < now => {
                    return Err(AuthorityError::Expired { at: found.not_after });
                }
                CertificateState::Good => {}
            }
            certificates::revoke(transaction, kind, serial, reason, now)
        })?;
        self.after_revocation(now)
    }

    /// What the register knows now: what OCSP answers, ahead of the lists.
    ///
    /// # Errors
    /// A failing disk. `None` is a certificate that was never issued.
    pub fn state(&self, kind: CertKind, serial: &Serial) -> Result<Option<CertificateState>, AuthorityError> {
        self.register
            .read(|connection| Ok(certificates::find(connection, kind, serial)?.map(|found| found.state)))
    }

    /// An issued certificate.
    ///
    /// # Errors
    /// A failing disk.
    pub fn certificate(&self, kind: CertKind, serial: &Serial) -> Result<Option<Vec<u8>>, AuthorityError> {
        self.register.read(|connection| certificates::der(connection, kind, serial))
    }

    /// The serial that belongs to another; its kind is [`Relation::other_kind`].
    ///
    /// # Errors
    /// A failing disk.
    pub fn pairing(
        &self,
        kind: CertKind,
        serial: &Serial,
        relation: Relation,
    ) -> Result<Option<Serial>, AuthorityError> {
        self.register.read(|connection| pairings::find(connection, kind, serial, relation))
    }

    /// Lets a relay or provider ask for pairings with these purposes.
    ///
    /// # Errors
    /// A party that can be no verifier; a failing disk.
    pub fn register_verifier(
        &self,
        party: &PartyUri,
        purposes: &[LookupPurpose],
    ) -> Result<(), AuthorityError> {
        self.register.write(|transaction| lookups::register(transaction, party, purposes))
    }

    /// The purposes of a verifier; none for anyone else.
    ///
    /// # Errors
    /// A failing disk.
    pub fn purposes(&self, party: &PartyUri) -> Result<Vec<LookupPurpose>, AuthorityError> {
        self.register.read(|connection| lookups::purposes(connection, party))
    }

    /// A pairing for a verifier, written down in the same transaction; who may ask is checked by the caller.
    pub(crate) fn look_up(
        &self,
        party: &PartyUri,
        purpose: LookupPurpose,
        (kind, serial): (CertKind, &Serial),
        relation: Relation,
        now: Timestamp,
    ) -> Result<Option<Serial>, AuthorityError> {
        let (found, outcome) = self.register.write(|transaction| {
            let found = pairings::find(transaction, kind, serial, relation)?;
            let outcome = if found.is_some() { LookupOutcome::Found } else { LookupOutcome::NotFound };
            lookups::record(
                transaction,
                &Lookup { party: party.clone(), purpose, relation, outcome, at: validity::whole_second(now) },
            )?;
            Ok((found, outcome))
        })?;
        if let Some(observer) = self.observer() {
            observer.pairing(outcome);
        }
        Ok(found)
    }

    /// The look-ups from a time on, oldest first, at most 100,000: what verifiers are billed by.
    ///
    /// # Errors
    /// A failing disk.
    pub fn lookups_since(&self, from: Timestamp) -> Result<Vec<Lookup>, AuthorityError> {
        self.register.read(|connection| lookups::since(connection, from, LOOKUPS_MAX))
    }

    /// Stops or starts the responder.
    pub fn set_ocsp_service(&self, service: OcspService) {
        self.ocsp_paused.store(service == OcspService::TryLater, Ordering::Relaxed);
    }
}
