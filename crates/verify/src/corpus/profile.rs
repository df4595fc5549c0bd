//! A card's certificate and its authority, judged as the product does.

use enishi_jpki::oid::Oid;
use enishi_jpki::{
    AuthCertificate, CaCertificate, Carrier, CertKind, CertificateError, EndEntity, Profile,
    SigningCertificate,
};
use enishi_party::Timestamp;

use super::list::{self, settle};
use super::{Fault, PathCase};
use crate::path;
use crate::{AnchorError, Anchors};

/// Every hierarchy; the anchors' organisation tells which is meant.
const PROFILES: [Profile; 3] = [Profile::PRODUCTION, Profile::JLIS_TEST, Profile::SANDBOX];

/// Judges a path of JPKI's.
pub(super) fn check(case: &PathCase) -> Result<(), Fault> {
    let mut fault = None;
    let mut known = false;
    for profile in PROFILES {
        let authorities: Vec<_> =
            case.anchors.iter().filter_map(|der| CaCertificate::parse(der, &profile).ok()).collect();
        if authorities.is_empty() {
            continue;
        }
        known = true;
        match check_under(&profile, authorities, case) {
            Ok(()) => return Ok(()),
            Err(error) => {
                fault.get_or_insert(error);
            }
        }
    }
    match fault {
        Some(fault) if known => Err(fault),
        _ => Err(no_authority(case)),
    }
}

/// Why no anchor is an authority: what the profile of its own organisation says, where one has it.
fn no_authority(case: &PathCase) -> Fault {
    let errors = case
        .anchors
        .iter()
        .flat_map(|der| PROFILES.iter().filter_map(move |profile| CaCertificate::parse(der, profile).err()));
    let mut told = None;
    for error in errors {
        if error != CertificateError::AuthorityName {
            return Fault::refused(format_args!("anchor: {error}"));
        }
        told.get_or_insert(error);
    }
    told.map_or_else(|| Fault::refused("no anchors"), |error| Fault::refused(format_args!("anchor: {error}")))
}

fn check_under(profile: &Profile, authorities: Vec<CaCertificate>, case: &PathCase) -> Result<(), Fault> {
    let profile = match &case.required_policy {
        Some(policy) => narrowed(profile, policy),
        None => *profile,
    };
    let leaf = parse_leaf(&case.leaf, &profile)?;
    let anchors = anchors(authorities)?;
    let authority = path::check(&leaf, &anchors, case.now).map_err(Fault::refused)?;
    check_lists(&case.crls, &leaf, authority, case.now)
}

/// The profile with this policy alone; none where it is not one of the profile's.
fn narrowed(profile: &Profile, policy: &Oid) -> Profile {
    let only = |policies: &'static [(Oid, Carrier)]| {
        policies.chunks(1).find(|known| known.iter().any(|(known, _)| known == policy)).unwrap_or_default()
    };
    Profile {
        auth_policies: only(profile.auth_policies),
        signing_policies: only(profile.signing_policies),
        ..*profile
    }
}

fn parse_leaf(der: &[u8], profile: &Profile) -> Result<EndEntity, Fault> {
    let refused = |error: CertificateError| Fault::refused(format_args!("leaf: {error}"));
    match AuthCertificate::parse(der, profile) {
        Ok(certificate) => Ok(EndEntity::clone(&certificate)),
        Err(CertificateError::WrongKind(CertKind::Signing)) => SigningCertificate::parse(der, profile)
            .map(|certificate| EndEntity::clone(&certificate))
            .map_err(refused),
        Err(error) => Err(refused(error)),
    }
}

/// The same certificate twice is one anchor; a damaged one is none, and does not take the others with it.
fn anchors(authorities: Vec<CaCertificate>) -> Result<Anchors, Fault> {
    let mut sound: Vec<CaCertificate> = Vec::new();
    for authority in authorities {
        let known = sound.iter().any(|other| other.der() == authority.der());
        match Anchors::new(vec![authority.clone()]) {
            Ok(_) if !known => sound.push(authority),
            Ok(_) | Err(AnchorError::Signature { .. }) => {}
            Err(error) => return Err(Fault::refused(error)),
        }
    }
    Anchors::new(sound).map_err(Fault::refused)
}

fn check_lists(
    lists: &[Vec<u8>],
    leaf: &EndEntity,
    authority: &CaCertificate,
    now: Timestamp,
) -> Result<(), Fault> {
    if lists.is_empty() {
        return Ok(());
    }
    settle(
        lists
            .iter()
            .map(|der| list::read(der, authority, leaf.serial(), |list| list.covers(leaf).is_ok(), now)),
    )
}
