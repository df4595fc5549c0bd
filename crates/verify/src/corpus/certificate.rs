//! Certificates of any hierarchy, every extension that is known here read and judged by its own rules (RFC 5280 §4.2).

use std::mem;

use enishi_jpki::asn1::{Element, Reader, tag};
use enishi_jpki::oid::{self, Oid};
use enishi_jpki::{
    AuthorityKeyId, Criticality, ExtensionValue, Extensions, Issuer, KeyAlgorithm, KeyId, OutsideCertificate,
    SignatureAlgorithm, directory_name_of_point,
};

use super::Fault;
use super::names::{self, Name};

/// Most members of an extension's list; no certificate that is judged here has more.
const MEMBERS_MAX: usize = 64;

/// subjectInfoAccess (RFC 5280 §4.2.2.2).
const SUBJECT_INFO_ACCESS: Oid = Oid::new_unwrap("1.3.6.1.5.5.7.1.11");
/// nameConstraints (RFC 5280 §4.2.1.10).
const NAME_CONSTRAINTS: Oid = Oid::new_unwrap("2.5.29.30");
/// Extensions of policies that only longer paths need, in full (RFC 5280 §4.2.1.5, §4.2.1.11, §4.2.1.14).
const POLICY_PROCESSING: [Oid; 3] =
    [Oid::new_unwrap("2.5.29.33"), Oid::new_unwrap("2.5.29.36"), Oid::new_unwrap("2.5.29.54")];

/// Bits of keyUsage (RFC 5280 §4.2.1.3), as they stand in its first octet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UsageBit {
    /// keyCertSign.
    SignsCertificates = 0x04,
    /// cRLSign.
    SignsLists = 0x02,
}

/// keyUsage.
#[derive(Debug, Clone, Copy)]
pub(super) struct Usage(u8);

/// What basicConstraints say; without them nobody is an authority.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// No authority.
    Holder,
    /// An authority. How long its paths may be does not matter: one step is within every length.
    Authority(Criticality),
}

/// extKeyUsage.
pub(super) struct Purposes {
    pub(super) criticality: Criticality,
    pub(super) oids: Vec<Oid>,
}

/// subjectAltName.
pub(super) struct AlternativeNames<'a> {
    pub(super) criticality: Criticality,
    pub(super) names: Vec<Name<'a>>,
}

/// A certificate with its extensions.
pub(super) struct Described<'a> {
    pub(super) certificate: OutsideCertificate<'a>,
    pub(super) role: Role,
    pub(super) usage: Option<Usage>,
    pub(super) purposes: Option<Purposes>,
    pub(super) key_id: Option<KeyId>,
    pub(super) authority: Option<AuthorityKeyId>,
    pub(super) names: Option<AlternativeNames<'a>>,
    pub(super) policies: Vec<Oid>,
    pub(super) points: Vec<Vec<u8>>,
    pub(super) constraints: Option<ExtensionValue<'a>>,
}

impl Usage {
    pub(super) const fn has(self, bit: UsageBit) -> bool {
        let mask = match bit {
            UsageBit::SignsCertificates => 0x04,
            UsageBit::SignsLists => 0x02,
        };
        self.0 & mask != 0
    }
}

impl<'a> Described<'a> {
    /// Reads a certificate.
    pub(super) fn read(der: &'a [u8]) -> Result<Self, Fault> {
        check_algorithm(der)?;
        let mut certificate = OutsideCertificate::parse(der)?;
        if let KeyAlgorithm::Rsa { bits } = certificate.key_algorithm()
            && bits % 8 != 0
        {
            return Err(Fault::unsupported("RSA modulus whose bits are no whole octets"));
        }
        let mut extensions = mem::replace(&mut certificate.extensions, Extensions::none());
        let all = &mut extensions;
        let usage = all.take(oid::KEY_USAGE).map(|extension| read_usage(&extension)).transpose()?;
        let role =
            all.take(oid::BASIC_CONSTRAINTS).map(|extension| read_role(&extension, usage)).transpose()?;
        let read = Self {
            role: role.unwrap_or(Role::Holder),
            usage,
            purposes: all.take(oid::EXT_KEY_USAGE).map(|extension| read_purposes(&extension)).transpose()?,
            key_id: read_key_id(all)?,
            authority: read_authority(all)?,
            names: all.take(oid::SUBJECT_ALT_NAME).map(|extension| read_names(&extension)).transpose()?,
            policies: read_policies(all)?,
            points: read_points(all)?,
            constraints: all.take(NAME_CONSTRAINTS),
            certificate,
        };
        read_access(all, oid::AUTHORITY_INFO_ACCESS)?;
        read_access(all, SUBJECT_INFO_ACCESS)?;
        for policy in POLICY_PROCESSING {
            if all.take(policy).is_some() {
                return Err(Fault::unsupported(format_args!("extension {policy}")));
            }
        }
        if let Some(names) = all.optional(oid::ISSUER_ALT_NAME, Criticality::NotCritical)? {
            names::read(&names.value(tag::SEQUENCE)?)?;
        }
        extensions.finish()?;
        Ok(read)
    }

    /// Whether the certificate's subject issued it, by name.
    pub(super) fn is_self_issued(&self) -> bool {
        self.certificate.issuer.raw() == self.certificate.subject.raw()
    }

    /// Whether its key may do this; a certificate without keyUsage says nothing against it.
    pub(super) fn may(&self, bit: UsageBit) -> bool {
        self.usage.is_none_or(|usage| usage.has(bit))
    }

    /// The issuer that it describes, for lists and answers.
    pub(super) fn to_issuer(&self) -> Result<Issuer, Fault> {
        let key_id = self.key_id.clone().ok_or_else(no_key_id)?;
        Ok(self.certificate.to_issuer(key_id))
    }
}

/// RFC 5280 §4.2.1.2: every authority has one.
pub(super) fn no_key_id() -> Fault {
    Fault::refused("authority without subject key identifier")
}

/// Certificates and lists have the same frame: a signature of another algorithm is not known here, and so not judged.
pub(super) fn check_algorithm(der: &[u8]) -> Result<(), Fault> {
    let mut outer = Reader::only(der, tag::SEQUENCE)?.inside();
    outer.expect(tag::SEQUENCE)?;
    let identifier = outer.expect(tag::SEQUENCE)?;
    match identifier.inside().expect(tag::OID)?.object_identifier()? {
        oid::SHA256_WITH_RSA | oid::ECDSA_WITH_SHA256 | oid::ECDSA_WITH_SHA384 => {
            // One of ours in another form is a fault.
            SignatureAlgorithm::read(&identifier)?;
            Ok(())
        }
        other => Err(Fault::unsupported(format_args!("signature algorithm {other}"))),
    }
}

/// Every member of a list that must not be empty.
pub(super) fn members<'a>(list: &Element<'a>) -> Result<Vec<Element<'a>>, Fault> {
    let mut reader = list.inside();
    let mut found = Vec::new();
    while !reader.is_empty() {
        if found.len() == MEMBERS_MAX {
            return Err(Fault::unsupported(format_args!("list of more than {MEMBERS_MAX} members")));
        }
        found.push(reader.any()?);
    }
    if found.is_empty() { Err(list.error("empty list").into()) } else { Ok(found) }
}

fn read_usage(extension: &ExtensionValue<'_>) -> Result<Usage, Fault> {
    let bits = extension.value(tag::BIT_STRING)?;
    // X.690 §11.2.2: a list of named bits ends with a bit that is set.
    match bits.content() {
        [unused @ 0..=7, octets @ ..] if octets.len() <= 2 => match octets.last() {
            Some(last) if u32::from(*unused) == last.trailing_zeros() => {
                Ok(Usage(octets.first().copied().unwrap_or_default()))
            }
            _ => Err(bits.error("key usage not in DER form, or without any").into()),
        },
        _ => Err(bits.error("key usage of one or two octets expected").into()),
    }
}

/// RFC 5280 §4.2.1.9.
fn read_role(extension: &ExtensionValue<'_>, usage: Option<Usage>) -> Result<Role, Fault> {
    let mut parts = extension.value(tag::SEQUENCE)?.inside();
    let authority = parts.optional(tag::BOOLEAN)?.map(|flag| flag.true_flag()).transpose()?;
    let length = parts.optional(tag::INTEGER)?.map(|length| length.unsigned_integer()).transpose()?;
    parts.finish()?;
    if length.is_some()
        && (authority.is_none() || usage.is_some_and(|usage| !usage.has(UsageBit::SignsCertificates)))
    {
        return Err(Fault::refused("path length of a certificate that issues none"));
    }
    Ok(if authority.is_some() { Role::Authority(extension.criticality) } else { Role::Holder })
}

fn read_purposes(extension: &ExtensionValue<'_>) -> Result<Purposes, Fault> {
    let purposes = members(&extension.value(tag::SEQUENCE)?)?;
    let oids = purposes
        .iter()
        .map(|purpose| match purpose.tag() {
            tag::OID => purpose.object_identifier(),
            _ => Err(purpose.error("purpose expected")),
        })
        .collect::<Result<_, _>>()?;
    Ok(Purposes { criticality: extension.criticality, oids })
}

fn read_key_id(extensions: &mut Extensions<'_>) -> Result<Option<KeyId>, Fault> {
    let Some(extension) = extensions.optional(oid::SUBJECT_KEY_IDENTIFIER, Criticality::NotCritical)? else {
        return Ok(None);
    };
    let octets = extension.value(tag::OCTET_STRING)?;
    Ok(Some(KeyId::from_octets(octets.content()).ok_or_else(|| octets.error("key identifier"))?))
}

fn read_authority(extensions: &mut Extensions<'_>) -> Result<Option<AuthorityKeyId>, Fault> {
    let Some(extension) = extensions.optional(oid::AUTHORITY_KEY_IDENTIFIER, Criticality::NotCritical)?
    else {
        return Ok(None);
    };
    Ok(Some(AuthorityKeyId::read(&extension.value(tag::SEQUENCE)?)?))
}

fn read_names<'a>(extension: &ExtensionValue<'a>) -> Result<AlternativeNames<'a>, Fault> {
    let names = names::read(&extension.value(tag::SEQUENCE)?)?;
    Ok(AlternativeNames { criticality: extension.criticality, names })
}

fn read_policies(extensions: &mut Extensions<'_>) -> Result<Vec<Oid>, Fault> {
    let Some(extension) = extensions.take(oid::CERTIFICATE_POLICIES) else { return Ok(Vec::new()) };
    let mut policies = Vec::new();
    for information in members(&extension.value(tag::SEQUENCE)?)? {
        if information.tag() != tag::SEQUENCE {
            return Err(information.error("policy expected").into());
        }
        let mut parts = information.inside();
        let policy = parts.expect(tag::OID)?.object_identifier()?;
        if let Some(qualifiers) = parts.optional(tag::SEQUENCE)? {
            members(&qualifiers)?;
        }
        parts.finish()?;
        if policies.contains(&policy) {
            return Err(Fault::refused(format_args!("policy {policy} twice")));
        }
        policies.push(policy);
    }
    Ok(policies)
}

/// The distribution points that are one directory name; others cover nothing here.
fn read_points(extensions: &mut Extensions<'_>) -> Result<Vec<Vec<u8>>, Fault> {
    let Some(extension) = extensions.take(oid::CRL_DISTRIBUTION_POINTS) else { return Ok(Vec::new()) };
    let mut points = Vec::new();
    for point in members(&extension.value(tag::SEQUENCE)?)? {
        if point.tag() != tag::SEQUENCE {
            return Err(point.error("distribution point expected").into());
        }
        let mut parts = point.inside();
        let name = parts.optional(tag::context_constructed(0))?;
        // A point for some reasons, or of another issuer's list, is no point of ours.
        if let Some(name) = name
            && parts.is_empty()
            && let Ok(name) = directory_name_of_point(&name)
        {
            points.push(name.raw().to_vec());
        }
    }
    Ok(points)
}

/// RFC 5280 §4.2.2.1: never critical, and never empty.
fn read_access(extensions: &mut Extensions<'_>, which: Oid) -> Result<(), Fault> {
    let Some(extension) = extensions.optional(which, Criticality::NotCritical)? else { return Ok(()) };
    for description in members(&extension.value(tag::SEQUENCE)?)? {
        if description.tag() != tag::SEQUENCE {
            return Err(description.error("access description expected").into());
        }
        let mut parts = description.inside();
        parts.expect(tag::OID)?.object_identifier()?;
        Name::read(&parts.any()?)?;
        parts.finish()?;
    }
    Ok(())
}
