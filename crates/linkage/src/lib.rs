//! ② Which customer a proven holder is (紐付管理機能): contracts, links, choosing, enrolment and consent.
//!
//! Slides 7, 9, 12 and 14 to 17. It owns its ports: stores, revocation and pairing are adapters elsewhere.
//!
//! *Invariant:* only a proven holder is looked up; only a cleared one becomes an [`Answer`].
//! *Invariant:* an `Answer<Proxy>` has no way to a serial number, a certificate, a signature or a key.
//! *Invariant:* identifiers handed out are random, never derived from a serial number.

mod candidate;
mod choosing;
mod contract;
mod enrolment;
mod index;
mod link;
mod model;
mod revocation;
mod store;

pub use candidate::{Answer, AnyCandidate, Candidate, Freshness};
pub use choosing::{Ask, Candidates, Entry, LinkageError, Register};
pub use contract::{
    Accreditation, AccreditationGround, AmountPolicy, AnyContract, Contract, ContractError, ContractPolicy,
    ContractTerms, LookupMethod, PinPolicy, Platform,
};
pub use enrolment::{
    Consent, ConsentRecord, Consented, Intent, IntentStage, Intents, PairingUnavailable, SerialPairing,
    SessionState, register, same_person,
};
pub use index::{BlindIndex, IndexKeys, RouteError, SealedRoute};
pub use link::{AnyLink, Label, LabelError, Link, LinkState, Offer};
pub use model::{Entrusted, Model, Proxy};
pub use revocation::{Lookup, Meter, Purpose, RevocationSource, RevocationUnavailable};
pub use store::{Contracts, LinkStore, NewLink, StoreFault};
