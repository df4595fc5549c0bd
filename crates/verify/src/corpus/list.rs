//! Lists of any authority, accepted by the product's own check.

use std::time::Duration;

use enishi_jpki::{Issuer, Serial, Validity};
use enishi_party::Timestamp;

use super::certificate::{Described, Role, UsageBit, check_algorithm};
use super::step::{check_authority, check_issued};
use super::{CrlCase, Fault, Judgement, Verdict};
use crate::{Crl, CrlEntry, CrlError, CrlScope, Limits, RevocationReason, Unsupported};

/// Largest list of a case, and most entries: a case is a line.
const LIST_OCTETS_MAX: usize = 16 << 20;
/// See [`LIST_OCTETS_MAX`].
const LIST_ENTRIES_MAX: usize = 1 << 20;

/// What a list says.
pub(super) enum Listed {
    Good,
    Revoked(RevocationReason),
}

/// Judges a case of kind `crl`.
pub(super) fn judge(case: &CrlCase) -> Result<Judgement, Fault> {
    let issuer = Described::read(&case.issuer).map_err(|fault| fault.of("issuer"))?;
    check_authority(&issuer, case.now).map_err(|fault| fault.of("issuer"))?;
    let certificate = Described::read(&case.certificate).map_err(|fault| fault.of("certificate"))?;
    check_issued(&certificate, &issuer).map_err(|fault| fault.of("certificate"))?;
    match look_up(&case.crl, &certificate, &issuer, case.now)? {
        Listed::Revoked(reason) => {
            Ok(Judgement::new(Verdict::Revoked, format_args!("the list has it: {reason:?}")))
        }
        // RFC 5280 §3.3: who is past their validity may be missing from a list although revoked.
        Listed::Good if certificate.certificate.validity_at(case.now) == Validity::Expired => {
            Err(Fault::refused("the certificate has expired: a list need not have it any more"))
        }
        Listed::Good => Ok(Judgement::new(Verdict::Good, "the list covers it and does not have it")),
    }
}

/// Makes sure that no list has the certificate and that one which counts covers it.
pub(super) fn check_all(
    lists: &[Vec<u8>],
    leaf: &Described<'_>,
    issuer: &Described<'_>,
    now: Timestamp,
) -> Result<(), Fault> {
    settle(lists.iter().map(|der| look_up(der, leaf, issuer, now)))
}

/// One word from many lists: *revoked* wins, then what was not decided, then *good*, then whatever is wrong with them.
pub(super) fn settle(said: impl Iterator<Item = Result<Listed, Fault>>) -> Result<(), Fault> {
    let mut good = false;
    let (mut refused, mut unsupported) = (None, None);
    for listed in said {
        match listed {
            Ok(Listed::Revoked(reason)) => {
                return Err(Fault::refused(format_args!("revoked: {reason:?}")));
            }
            Ok(Listed::Good) => good = true,
            Err(fault @ Fault::Unsupported(_)) => unsupported = Some(fault),
            Err(fault) => refused = Some(fault),
        }
    }
    match (unsupported, good) {
        (Some(fault), _) => Err(fault),
        (None, true) => Ok(()),
        (None, false) => Err(refused.unwrap_or_else(|| Fault::refused("no list covers the certificate"))),
    }
}

fn look_up(
    der: &[u8],
    certificate: &Described<'_>,
    issuer: &Described<'_>,
    now: Timestamp,
) -> Result<Listed, Fault> {
    if !issuer.may(UsageBit::SignsLists) {
        return Err(Fault::refused("list: the authority's key may not sign lists"));
    }
    if certificate.role != Role::Holder {
        return Err(Fault::unsupported("list: revocation of authorities"));
    }
    let covers = |list: &Crl| match list.scope() {
        CrlScope::Full => true,
        CrlScope::Partition(name) => certificate.points.contains(name),
    };
    read(der, &issuer.to_issuer()?, certificate.certificate.serial(), covers, now)
}

/// Accepts a list at `now` and looks the serial number up. One out of its window still tells who was revoked.
pub(super) fn read(
    der: &[u8],
    issuer: &Issuer,
    serial: &Serial,
    covers: impl Fn(&Crl) -> bool,
    now: Timestamp,
) -> Result<Listed, Fault> {
    check_algorithm(der).map_err(|fault| fault.of("list"))?;
    let accept = |moment| Crl::accept(der, issuer, None, &limits(), moment);
    let (list, out_of_window) = match accept(now) {
        Ok(list) => (list, None),
        Err(error) => {
            let moment = match error {
                CrlError::Expired { fresh_until } => fresh_until,
                CrlError::NotYetValid { this_update } => this_update,
                error => return Err(fault(&error)),
            };
            (accept(moment).map_err(|_| fault(&error))?, Some(error))
        }
    };
    if !covers(&list) {
        return Err(Fault::refused("list: of a distribution point that the certificate does not name"));
    }
    let said = list.status(serial).map_err(|error| Fault::refused(format_args!("list: {error}")))?;
    match (said, out_of_window) {
        (CrlEntry::Revoked { reason, .. }, _) => Ok(Listed::Revoked(reason)),
        (CrlEntry::Good, None) => Ok(Listed::Good),
        (CrlEntry::Good, Some(error)) => Err(fault(&error)),
    }
}

/// nextUpdate alone ends a list of a corpus; the product's own limit of a day is an operator's choice.
fn limits() -> Limits {
    Limits {
        crl_octets_max: LIST_OCTETS_MAX,
        crl_entries_max: LIST_ENTRIES_MAX,
        crl_age_max: Duration::MAX,
        ..Limits::default()
    }
}

fn fault(error: &CrlError) -> Fault {
    let what = format_args!("list: {error}").to_string();
    match error {
        // It covers no holder, whatever else it is.
        CrlError::Unsupported(Unsupported::NotForHolders) => Fault::Refused(what),
        CrlError::TooLarge { .. } | CrlError::TooManyEntries { .. } | CrlError::Unsupported(_) => {
            Fault::Unsupported(what)
        }
        _ => Fault::Refused(what),
    }
}
