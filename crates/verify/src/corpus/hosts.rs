//! Host names in certificates, and what the rules of the web would say of them.

use std::net::IpAddr;

use super::Fault;
use super::names::Name;

/// RFC 1034 §3.1.
const HOST_OCTETS_MAX: usize = 253;
/// RFC 1034 §3.1.
const LABEL_OCTETS_MAX: usize = 63;
/// Registries write second levels short (`co.uk`, `com.au`): what is shorter may be a registry's, and not one owner's.
const OWNED_LABEL_OCTETS_MIN: usize = 4;

/// The preferred name syntax (RFC 5280 §4.2.1.6, RFC 1034 §3.5, RFC 1123 §2.1), perhaps behind a wildcard.
pub(super) fn check(host: &str) -> Result<(), Fault> {
    let Some(base) = host.strip_prefix("*.") else { return check_plain(host) };
    check_plain(base)?;
    // Wildcards are the web's; below a public suffix they are forbidden, and no list of suffixes is known here.
    let labels: Vec<_> = base.split('.').collect();
    match labels.as_slice() {
        [_] => Err(Fault::refused("wildcard below a top-level domain")),
        [owned, _] if owned.len() >= OWNED_LABEL_OCTETS_MIN => Ok(()),
        _ => Err(Fault::unsupported("wildcard below what may be a public suffix")),
    }
}

/// A host name without a wildcard.
pub(super) fn check_plain(host: &str) -> Result<(), Fault> {
    let numeric = |label: &str| label.bytes().all(|octet| octet.is_ascii_digit());
    let fits = host.len() <= HOST_OCTETS_MAX
        && host.split('.').all(is_label)
        // RFC 1123 §2.1: the highest label is alphabetic, so that no address looks like a host.
        && !host.rsplit('.').next().is_none_or(numeric);
    if fits { Ok(()) } else { Err(Fault::refused("host name not in the preferred syntax")) }
}

fn is_label(label: &str) -> bool {
    (1..=LABEL_OCTETS_MAX).contains(&label.len())
        && label.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

/// Whether `host` is `base` or lies below it (RFC 5280 §4.2.1.10).
pub(super) fn is_within(host: &str, base: &str) -> bool {
    let (host, base) = (host.to_ascii_lowercase(), base.to_ascii_lowercase());
    base.is_empty() || host == base || host.strip_suffix(&base).is_some_and(|rest| rest.ends_with('.'))
}

/// Whether a common name names a host or address otherwise than the alternative names do.
///
/// RFC 5280 does not care; the web forbids it (CA/Browser Forum 7.1.4.3), because old readers look at either.
pub(super) fn contradicts(common_name: &str, names: &[Name<'_>]) -> bool {
    let mut hosts = names.iter().filter_map(|name| match name {
        Name::Host(host) => Some(*host),
        _ => None,
    });
    let addresses = || names.iter().filter_map(|name| address(*name));
    let has_hosts = hosts.clone().next().is_some();
    if !has_hosts && addresses().next().is_none() {
        return false;
    }
    if looks_like_address(common_name) {
        return !addresses().any(|address| address.to_string() == common_name);
    }
    // What has no dot is somebody's name, not a host's.
    has_hosts
        && common_name.contains('.')
        && !hosts.any(|host| {
            let below = host.strip_suffix(common_name).is_some_and(|rest| rest.ends_with('.'));
            host == common_name || below
        })
}

fn looks_like_address(text: &str) -> bool {
    let hexadecimal = |text: &str| !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_hexdigit());
    text.parse::<IpAddr>().is_ok()
        || (text.contains(':') && text.split(':').all(|group| group.is_empty() || hexadecimal(group)))
        || text.strip_prefix("0x").is_some_and(hexadecimal)
        || (text.contains('.') && text.bytes().all(|octet| octet.is_ascii_digit() || octet == b'.'))
}

fn address(name: Name<'_>) -> Option<IpAddr> {
    let Name::Address(octets) = name else { return None };
    <[u8; 4]>::try_from(octets)
        .map(IpAddr::from)
        .or_else(|_| <[u8; 16]>::try_from(octets).map(IpAddr::from))
        .ok()
}
