//! A path of one step between certificates of any hierarchy (RFC 5280 §6.1): for corpora, and for them alone.
//!
//! What RFC 5280 leaves open and the web decides (purposes, wildcards, common names) is told apart as unsupported:
//! a case names neither the host nor the purpose that somebody had in mind.

use enishi_jpki::oid::{self, Oid};
use enishi_jpki::{Criticality, SignatureAlgorithm, Validity};
use enishi_party::Timestamp;

use super::certificate::{Described, Role, UsageBit, no_key_id};
use super::names::{self, Name};
use super::{Fault, PathCase, constraints, hosts, list};
use crate::signature::{Form, verify};

/// id-kp-serverAuth (RFC 5280 §4.2.1.12).
const SERVER_AUTH: Oid = Oid::new_unwrap("1.3.6.1.5.5.7.3.1");
/// anyExtendedKeyUsage (RFC 5280 §4.2.1.12).
const ANY_PURPOSE: Oid = Oid::new_unwrap("2.5.29.37.0");
/// anyPolicy (RFC 5280 §4.2.1.4).
const ANY_POLICY: Oid = Oid::new_unwrap("2.5.29.32.0");

/// Judges a path from an anchor to the leaf.
pub(super) fn check(case: &PathCase) -> Result<(), Fault> {
    let leaf = Described::read(&case.leaf).map_err(|fault| fault.of("leaf"))?;
    if case.anchors.contains(&case.leaf) {
        return Err(Fault::unsupported("a leaf that is itself an anchor: there is no path"));
    }
    check_leaf(&leaf, case.now).map_err(|fault| fault.of("leaf"))?;
    // Anchors are read only where they are needed: what is wrong with another one does not matter.
    let mut unreadable = None;
    let mut verdict = None;
    for der in &case.anchors {
        let anchor = match Described::read(der) {
            Ok(anchor) => anchor,
            Err(fault) => {
                unreadable.get_or_insert(fault.of("anchor"));
                continue;
            }
        };
        // RFC 5280 §6.1.3 (a)(4), here to the octet.
        if anchor.certificate.subject.raw() != leaf.certificate.issuer.raw() {
            continue;
        }
        match check_step(&leaf, &anchor, case) {
            Ok(()) => return Ok(()),
            // What is not decided may have been a path; what is refused was none.
            Err(fault @ Fault::Unsupported(_)) => verdict = Some(fault),
            Err(fault) => {
                verdict.get_or_insert(fault);
            }
        }
    }
    match verdict.or(unreadable) {
        Some(fault @ Fault::Unsupported(_)) => Err(fault),
        _ if may_have_longer_path(&leaf, case) => Err(Fault::unsupported("a path of several steps")),
        Some(fault) => Err(fault),
        None => Err(Fault::refused("no anchor bears the name of the leaf's issuer")),
    }
}

/// Whether an intermediate bears the name of the leaf's issuer, so that a path through it might be meant.
fn may_have_longer_path(leaf: &Described<'_>, case: &PathCase) -> bool {
    case.intermediates.iter().any(|der| match Described::read(der) {
        Ok(intermediate) => intermediate.certificate.subject.raw() == leaf.certificate.issuer.raw(),
        Err(_) => true,
    })
}

/// What is wrong with the leaf under every anchor.
fn check_leaf(leaf: &Described<'_>, now: Timestamp) -> Result<(), Fault> {
    check_validity(leaf, now)?;
    if leaf.certificate.issuer.content().is_empty() {
        return Err(Fault::refused("issuer without a name"));
    }
    names::attributes(&leaf.certificate.issuer)?;
    names::attributes(&leaf.certificate.subject)?;
    if leaf.certificate.subject.content().is_empty()
        && !leaf.names.as_ref().is_some_and(|names| names.criticality == Criticality::Critical)
    {
        return Err(Fault::refused("subject without a name, and alternative names absent or not critical"));
    }
    if leaf.authority.is_none() {
        return Err(Fault::refused("authority key identifier missing"));
    }
    check_role(leaf)?;
    match (leaf.constraints.is_some(), leaf.role) {
        (true, Role::Holder) => Err(Fault::refused("name constraints of a certificate that issues none")),
        (true, Role::Authority(_)) => Err(Fault::unsupported("name constraints of a leaf")),
        (false, _) => Ok(()),
    }
}

/// Whether basicConstraints, keyUsage and key identifier say the same (RFC 5280 §4.2.1.2, §4.2.1.3, §4.2.1.9).
fn check_role(certificate: &Described<'_>) -> Result<(), Fault> {
    match certificate.role {
        Role::Authority(Criticality::NotCritical) => Err(Fault::refused("authority, and not critically so")),
        Role::Authority(Criticality::Critical) if !certificate.may(UsageBit::SignsCertificates) => {
            Err(Fault::refused("authority whose key may not sign certificates"))
        }
        Role::Authority(Criticality::Critical) if certificate.key_id.is_none() => Err(no_key_id()),
        Role::Authority(Criticality::Critical) => Ok(()),
        Role::Holder if certificate.usage.is_some_and(|usage| usage.has(UsageBit::SignsCertificates)) => {
            Err(Fault::refused("key that may sign certificates, and no authority"))
        }
        Role::Holder => Ok(()),
    }
}

fn check_validity(certificate: &Described<'_>, now: Timestamp) -> Result<(), Fault> {
    match certificate.certificate.validity_at(now) {
        Validity::Current => Ok(()),
        Validity::NotYet => Err(Fault::refused("not valid yet")),
        Validity::Expired => Err(Fault::refused("expired")),
    }
}

/// The step from one anchor.
fn check_step(leaf: &Described<'_>, anchor: &Described<'_>, case: &PathCase) -> Result<(), Fault> {
    check_authority(anchor, case.now).map_err(|fault| fault.of("anchor"))?;
    check_issued(leaf, anchor)?;
    if let Some(extension) = &anchor.constraints {
        constraints::check(extension, leaf)?;
        check_names_are_constrained(leaf)?;
    }
    if let Some(policy) = &case.required_policy {
        check_policy(leaf, policy)?;
    }
    if !case.crls.is_empty() {
        list::check_all(&case.crls, leaf, anchor, case.now)?;
    }
    if anchor.purposes.is_some() {
        return Err(Fault::unsupported("purposes of an anchor"));
    }
    check_web(leaf)
}

/// Whether this may be an authority, at `now`.
pub(super) fn check_authority(anchor: &Described<'_>, now: Timestamp) -> Result<(), Fault> {
    if anchor.certificate.subject.content().is_empty() {
        return Err(Fault::refused("authority without a name"));
    }
    if anchor.role == Role::Holder {
        return Err(Fault::refused("no authority: basic constraints do not say so"));
    }
    check_role(anchor)?;
    check_validity(anchor, now)?;
    if !anchor.is_self_issued() {
        // RFC 5280 §4.2.1.1: only whoever is their own issuer may leave it out.
        return match anchor.authority {
            Some(_) => Ok(()),
            None => Err(Fault::refused("authority key identifier missing")),
        };
    }
    if let Some(authority) = &anchor.authority {
        let named = Some(&authority.key_id) == anchor.key_id.as_ref()
            && authority.certificate.as_ref().is_none_or(|(name, serial)| {
                name == anchor.certificate.issuer.raw() && serial == anchor.certificate.serial()
            });
        if !named {
            return Err(Fault::refused("self-issued, and its authority key identifier names another"));
        }
    }
    check_signature(anchor, anchor).map_err(|fault| fault.of("own signature"))
}

/// Whether `issuer` issued `leaf`, by key identifier and signature; their names were compared.
pub(super) fn check_issued(leaf: &Described<'_>, issuer: &Described<'_>) -> Result<(), Fault> {
    if leaf.certificate.issuer.raw() != issuer.certificate.subject.raw() {
        return Err(Fault::refused("another authority's certificate, by its issuer's name"));
    }
    if let Some(authority) = &leaf.authority {
        let named = Some(&authority.key_id) == issuer.key_id.as_ref()
            && authority.certificate.as_ref().is_none_or(|(name, serial)| {
                name == issuer.certificate.issuer.raw() && serial == issuer.certificate.serial()
            });
        if !named {
            return Err(Fault::refused("authority key identifier names another key or certificate"));
        }
    }
    check_signature(leaf, issuer)
}

fn check_signature(signed: &Described<'_>, signer: &Described<'_>) -> Result<(), Fault> {
    let claimed = signed.certificate.signature_algorithm();
    let own = signer.certificate.key_algorithm().signs_with();
    if claimed != own && claimed != SignatureAlgorithm::Rs256 && own != SignatureAlgorithm::Rs256 {
        // Either curve may sign with either hash; here each has one.
        return Err(Fault::unsupported("ECDSA with another hash than the curve's"));
    }
    verify(
        &signer.certificate,
        claimed,
        Form::X509,
        signed.certificate.tbs_der(),
        signed.certificate.signature_bytes(),
    )
    .map_err(|_| Fault::refused("signature does not verify"))
}

/// The user-initial-policy-set has one member, and a policy is required (RFC 5280 §6.1.1 (c), (e)).
fn check_policy(leaf: &Described<'_>, policy: &Oid) -> Result<(), Fault> {
    if leaf.policies.contains(policy) {
        Ok(())
    } else if leaf.policies.contains(&ANY_POLICY) {
        Err(Fault::unsupported("anyPolicy where a policy is required"))
    } else {
        Err(Fault::refused("the required policy is not the certificate's"))
    }
}

/// Old readers take a host's name from the subject, where no constraint reaches it.
fn check_names_are_constrained(leaf: &Described<'_>) -> Result<(), Fault> {
    let hosts = alternative_names(leaf).iter().any(|name| matches!(name, Name::Host(_) | Name::Address(_)));
    if !hosts && common_names(leaf)?.iter().any(|name| name.contains('.')) {
        return Err(Fault::unsupported("a host's name in the subject alone, under name constraints"));
    }
    Ok(())
}

/// Where the web's rules would decide: the case does not say whether they are meant.
fn check_web(leaf: &Described<'_>) -> Result<(), Fault> {
    let names = alternative_names(leaf);
    let hosts = names.iter().any(|name| matches!(name, Name::Host(_) | Name::Address(_)));
    if let Some(purposes) = &leaf.purposes {
        let serves = purposes.oids.contains(&SERVER_AUTH);
        if purposes.criticality == Criticality::Critical {
            return Err(Fault::unsupported("critical purposes, and the case names none"));
        }
        if purposes.oids.contains(&ANY_PURPOSE) {
            return Err(Fault::unsupported("anyExtendedKeyUsage"));
        }
        if hosts && !serves {
            return Err(Fault::unsupported("a host's certificate that is for no server"));
        }
        if serves && leaf.names.is_none() {
            return Err(Fault::unsupported("a server's certificate that names no host"));
        }
    }
    let critical = leaf.names.as_ref().is_some_and(|names| names.criticality == Criticality::Critical);
    if critical && !leaf.certificate.subject.content().is_empty() {
        return Err(Fault::unsupported("critical alternative names beside a subject"));
    }
    if common_names(leaf)?.iter().any(|name| hosts::contradicts(name, names)) {
        return Err(Fault::unsupported("common name and alternative names of different hosts"));
    }
    Ok(())
}

fn alternative_names<'l, 'a>(leaf: &'l Described<'a>) -> &'l [Name<'a>] {
    leaf.names.as_ref().map(|names| names.names.as_slice()).unwrap_or_default()
}

fn common_names(leaf: &Described<'_>) -> Result<Vec<String>, Fault> {
    let attributes = names::attributes(&leaf.certificate.subject)?;
    let names = attributes.iter().filter(|(attribute, _)| *attribute == oid::COMMON_NAME);
    Ok(names.map(|(_, value)| String::from_utf8_lossy(value.content()).into_owned()).collect())
}
