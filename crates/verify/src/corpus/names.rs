//! Names: of subjects, and in extensions (RFC 5280 §4.1.2.4, §4.2.1.6).

use enishi_jpki::asn1::{DerError, Element, tag};
use enishi_jpki::oid::Oid;

use super::certificate::members;
use super::{Fault, hosts};

/// A GeneralName.
#[derive(Clone, Copy)]
pub(super) enum Name<'a> {
    /// dNSName, in the preferred syntax.
    Host(&'a str),
    /// iPAddress, of 4 or 16 octets.
    Address(&'a [u8]),
    /// directoryName: the Name.
    Directory(Element<'a>),
    /// A form that is not compared here.
    Other,
}

/// GeneralNames, at least one.
pub(super) fn read<'a>(names: &Element<'a>) -> Result<Vec<Name<'a>>, Fault> {
    members(names)?.iter().map(Name::read).collect()
}

impl<'a> Name<'a> {
    pub(super) fn read(element: &Element<'a>) -> Result<Self, Fault> {
        const DIRECTORY: u8 = tag::context_constructed(4);
        match element.tag() {
            0x82 => {
                let host = ascii(element)?;
                hosts::check(host)?;
                Ok(Self::Host(host))
            }
            0x87 if matches!(element.content().len(), 4 | 16) => Ok(Self::Address(element.content())),
            0x87 => Err(element.error("address of 4 or 16 octets expected").into()),
            DIRECTORY => {
                let name = element.only_inside(tag::SEQUENCE)?;
                attributes(&name)?;
                Ok(Self::Directory(name))
            }
            // rfc822Name, uniformResourceIdentifier.
            0x81 | 0x86 if ascii(element)?.is_empty() => Err(element.error("empty name").into()),
            0xa0 | 0x81 | 0xa3 | 0xa5 | 0x86 | 0x88 => Ok(Self::Other),
            _ => Err(element.error("no form of a name").into()),
        }
    }
}

/// IA5String.
pub(super) fn ascii<'a>(element: &Element<'a>) -> Result<&'a str, DerError> {
    match std::str::from_utf8(element.content()) {
        Ok(text) if text.is_ascii() => Ok(text),
        _ => Err(element.error("IA5String expected")),
    }
}

/// The attributes of a Name, in order.
pub(super) fn attributes<'a>(name: &Element<'a>) -> Result<Vec<(Oid, Element<'a>)>, Fault> {
    let mut found = Vec::new();
    for set in parts(name)? {
        for attribute in members(&set)? {
            if attribute.tag() != tag::SEQUENCE {
                return Err(attribute.error("attribute of a name expected").into());
            }
            let mut pair = attribute.inside();
            let oid = pair.expect(tag::OID)?.object_identifier()?;
            found.push((oid, pair.any()?));
            pair.finish()?;
        }
    }
    Ok(found)
}

/// The relative distinguished names of a Name, which may be empty.
pub(super) fn parts<'a>(name: &Element<'a>) -> Result<Vec<Element<'a>>, Fault> {
    if name.content().is_empty() {
        return Ok(Vec::new());
    }
    let sets = members(name)?;
    match sets.iter().find(|set| set.tag() != tag::SET) {
        Some(other) => Err(other.error("part of a name expected").into()),
        None => Ok(sets),
    }
}
