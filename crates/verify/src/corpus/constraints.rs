//! nameConstraints of an anchor (RFC 5280 §4.2.1.10): hosts, addresses and directory names; other forms are unsupported.

use enishi_jpki::asn1::{Element, tag};
use enishi_jpki::{Criticality, ExtensionValue};

use super::certificate::{Described, members};
use super::names::{self, Name};
use super::{Fault, hosts};

/// What a subtree reaches.
enum Base<'a> {
    Host(&'a str),
    /// Address and mask.
    Address(&'a [u8], &'a [u8]),
    Directory(Vec<Element<'a>>),
}

/// How a name lies to a subtree.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Inside,
    Outside,
    /// Another form of name: the subtree does not speak of it.
    Elsewhere,
    /// Equal only to who ignores case, space or the type of string; whether that is equal is not decided here.
    Perhaps,
}

/// Makes sure that every name of `leaf` is one that the anchor may give.
pub(super) fn check(extension: &ExtensionValue<'_>, leaf: &Described<'_>) -> Result<(), Fault> {
    if extension.criticality != Criticality::Critical {
        return Err(Fault::refused("name constraints not critical"));
    }
    let mut parts = extension.value(tag::SEQUENCE)?.inside();
    let permitted = parts.optional(tag::context_constructed(0))?.map(|list| subtrees(&list)).transpose()?;
    let excluded = parts.optional(tag::context_constructed(1))?.map(|list| subtrees(&list)).transpose()?;
    parts.finish()?;
    if permitted.is_none() && excluded.is_none() {
        return Err(Fault::refused("name constraints that constrain nothing"));
    }
    let (permitted, excluded) = (permitted.unwrap_or_default(), excluded.unwrap_or_default());
    let mut names: Vec<Name<'_>> = leaf.names.as_ref().map(|names| names.names.clone()).unwrap_or_default();
    // The subject is a directory name as well, unless it is empty.
    if !leaf.certificate.subject.content().is_empty() {
        names.push(Name::Directory(leaf.certificate.subject));
    }
    for name in names {
        check_name(name, &permitted, &excluded)?;
    }
    Ok(())
}

fn check_name(name: Name<'_>, permitted: &[Base<'_>], excluded: &[Base<'_>]) -> Result<(), Fault> {
    for base in excluded {
        match base.place(name, Reach::Excluded)? {
            Place::Inside => return Err(Fault::refused("name in an excluded subtree")),
            Place::Perhaps => return Err(Fault::unsupported("comparison of names written differently")),
            Place::Outside | Place::Elsewhere => {}
        }
    }
    let places = permitted
        .iter()
        .map(|base| base.place(name, Reach::Permitted))
        .filter(|place| !matches!(place, Ok(Place::Elsewhere)))
        .collect::<Result<Vec<_>, _>>()?;
    if places.is_empty() || places.contains(&Place::Inside) {
        Ok(())
    } else if places.contains(&Place::Perhaps) {
        Err(Fault::unsupported("comparison of names written differently"))
    } else {
        Err(Fault::refused("name in no permitted subtree"))
    }
}

fn subtrees<'a>(list: &Element<'a>) -> Result<Vec<Base<'a>>, Fault> {
    members(list)?
        .iter()
        .map(|subtree| match subtree.tag() {
            // minimum and maximum are never written (RFC 5280 §4.2.1.10).
            tag::SEQUENCE => {
                let mut parts = subtree.inside();
                let base = parts.any()?;
                parts.finish()?;
                Base::read(&base)
            }
            _ => Err(subtree.error("subtree expected").into()),
        })
        .collect()
}

/// Which of the two lists a subtree stands in: a wildcard is permitted if all it matches is, excluded if any is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    Permitted,
    Excluded,
}

impl<'a> Base<'a> {
    fn read(base: &Element<'a>) -> Result<Self, Fault> {
        const DIRECTORY: u8 = tag::context_constructed(4);
        match base.tag() {
            0x82 => {
                let host = names::ascii(base)?;
                if !host.is_empty() {
                    hosts::check_plain(host)?;
                }
                Ok(Self::Host(host))
            }
            0x87 => {
                let octets = base.content();
                let (address, mask) = match octets.len() {
                    8 => octets.split_at(4),
                    32 => octets.split_at(16),
                    _ => return Err(base.error("address and mask expected").into()),
                };
                if is_prefix(mask) {
                    Ok(Self::Address(address, mask))
                } else {
                    Err(base.error("mask").into())
                }
            }
            DIRECTORY => {
                let name = base.only_inside(tag::SEQUENCE)?;
                names::attributes(&name)?;
                Ok(Self::Directory(names::parts(&name)?))
            }
            form => Err(Fault::unsupported(format_args!("name constraint of form {}", form & 0x1f))),
        }
    }

    fn place(&self, name: Name<'_>, reach: Reach) -> Result<Place, Fault> {
        Ok(match (self, name) {
            (Self::Host(base), Name::Host(host)) => place_host(base, host, reach),
            (Self::Address(address, mask), Name::Address(octets)) if octets.len() == address.len() => {
                let same = address.iter().zip(*mask).zip(octets).all(|((a, mask), b)| a & mask == b & mask);
                if same { Place::Inside } else { Place::Outside }
            }
            // An address of the other family lies in no subtree of this one.
            (Self::Address(..), Name::Address(_)) => Place::Outside,
            (Self::Directory(base), Name::Directory(name)) => place_directory(base, &names::parts(&name)?)?,
            _ => Place::Elsewhere,
        })
    }
}

fn place_host(base: &str, host: &str, reach: Reach) -> Place {
    let inside = match host.strip_prefix("*.") {
        // Of what a wildcard matches, something lies below its base, and something may lie below ours.
        Some(wild) => {
            hosts::is_within(wild, base) || (reach == Reach::Excluded && hosts::is_within(base, wild))
        }
        None => hosts::is_within(host, base),
    };
    if inside { Place::Inside } else { Place::Outside }
}

fn place_directory(base: &[Element<'_>], name: &[Element<'_>]) -> Result<Place, Fault> {
    let Some(head) = name.get(..base.len()) else { return Ok(Place::Outside) };
    let mut place = Place::Inside;
    for (ours, theirs) in base.iter().zip(head) {
        if ours.raw() == theirs.raw() {
            continue;
        }
        if folded(ours)? != folded(theirs)? {
            return Ok(Place::Outside);
        }
        place = Place::Perhaps;
    }
    Ok(place)
}

/// A part of a name without its types of string, its case and its spaces: never finer than RFC 5280 §7.1.
fn folded(part: &Element<'_>) -> Result<Vec<String>, Fault> {
    let mut attributes = members(part)?
        .iter()
        .map(|attribute| {
            let mut pair = attribute.inside();
            let oid = pair.expect(tag::OID)?.object_identifier()?;
            let value = pair.any()?;
            let text = match value.tag() {
                // BMPString and UniversalString hold a letter in two and four octets.
                0x1e | 0x1c => value.content().iter().filter(|&&octet| octet != 0).copied().collect(),
                _ => value.content().to_vec(),
            };
            let text: String = String::from_utf8_lossy(&text).to_lowercase().split_whitespace().collect();
            Ok(format!("{oid}={text}"))
        })
        .collect::<Result<Vec<_>, Fault>>()?;
    attributes.sort();
    Ok(attributes)
}

/// Whether a mask is ones and then zeros.
fn is_prefix(mask: &[u8]) -> bool {
    let mut ended = false;
    mask.iter().all(|&octet| {
        let fits = if ended {
            octet == 0
        } else {
            octet.leading_ones() + octet.trailing_zeros() == 8 || octet == 0xff
        };
        ended |= octet != 0xff;
        fits
    })
}
