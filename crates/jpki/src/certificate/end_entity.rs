//! The two certificates on a card.

use std::fmt;
use std::ops::{Deref, Range};

use super::general_name::{AuthorityKeyId, directory_name_of_point};
use super::{Certificate, CertificateError, fields};
use crate::asn1::{Element, tag};
use crate::attributes::{AttributeError, BasicAttributes};
use crate::extension::Criticality::{Critical, NotCritical};
use crate::extension::{ExtensionValue, Extensions};
use crate::key_id::KeyId;
use crate::oid;
use crate::profile::{Carrier, CertKind, Profile};
use crate::token::Token;

/// basicConstraints { } without cA: DER leaves out the default FALSE.
const NO_AUTHORITY: [u8; 2] = [0x30, 0x00];
/// Most qualifiers of a policy; JPKI has one (docs/jpki.md §2).
const QUALIFIERS_MAX: usize = 4;

/// What both certificates of a card have; made only as one of the two.
#[derive(Clone)]
pub struct EndEntity {
    certificate: Certificate,
    kind: CertKind,
    carrier: Carrier,
    authority: AuthorityKeyId,
    distribution_point: Option<Range<usize>>,
}

/// 利用者証明用電子証明書: proves that its holder is there; names nobody.
#[derive(Clone)]
pub struct AuthCertificate(EndEntity);

/// 署名用電子証明書: signs documents, and carries its holder's 基本4情報.
#[derive(Clone)]
pub struct SigningCertificate {
    end_entity: EndEntity,
    alternative_names: Option<Vec<u8>>,
}

impl AuthCertificate {
    /// Reads an authentication certificate and checks its profile; nothing is known of its issuer yet.
    ///
    /// # Errors
    /// [`CertificateError`]
    pub fn parse(der: &[u8], profile: &Profile) -> Result<Self, CertificateError> {
        Self::read(fields::read(der, profile.algorithms)?, profile)
    }

    /// As [`AuthCertificate::parse`], of a token's certificate, whose octets it shares.
    ///
    /// # Errors
    /// [`CertificateError`]
    pub fn of_token(token: &Token, profile: &Profile) -> Result<Self, CertificateError> {
        let shared = || token.shared_certificate();
        Self::read(fields::read_shared(token.certificate(), profile.algorithms, shared)?, profile)
    }

    fn read(read: fields::Read<'_>, profile: &Profile) -> Result<Self, CertificateError> {
        let (end_entity, extensions) = EndEntity::read(read, CertKind::Authentication, profile)?;
        extensions.finish()?;
        Ok(Self(end_entity))
    }
}

impl SigningCertificate {
    /// Reads a signing certificate and checks its profile; nothing is known of its issuer yet.
    ///
    /// # Errors
    /// [`CertificateError`]
    pub fn parse(der: &[u8], profile: &Profile) -> Result<Self, CertificateError> {
        let read = fields::read(der, profile.algorithms)?;
        let (end_entity, mut extensions) = EndEntity::read(read, CertKind::Signing, profile)?;
        let alternative_names = extensions.optional(oid::SUBJECT_ALT_NAME, NotCritical)?;
        extensions.finish()?;
        let alternative_names = alternative_names.map(|names| names.value(tag::SEQUENCE)).transpose()?;
        Ok(Self { end_entity, alternative_names: alternative_names.map(|names| names.raw().to_vec()) })
    }

    /// Name, address, birth date and sex of the holder.
    ///
    /// # Errors
    /// Absent, twice, or not in the form that JPKI gives them.
    pub fn basic_attributes(&self) -> Result<BasicAttributes, AttributeError> {
        BasicAttributes::read(self.alternative_names.as_deref().unwrap_or_default())
    }
}

impl EndEntity {
    fn read<'a>(
        read: fields::Read<'a>,
        kind: CertKind,
        profile: &Profile,
    ) -> Result<(Self, Extensions<'a>), CertificateError> {
        let fields::Read { certificate, mut extensions, issuer, .. } = read;
        // The policy first: it tells the other certificate of the same card by name.
        let carrier = policy(&extensions.require(oid::CERTIFICATE_POLICIES, Critical)?, kind, profile)?;
        key_usage(&extensions.require(oid::KEY_USAGE, Critical)?, kind)?;
        extended_key_usage(&mut extensions, kind)?;
        if let Some(constraints) = extensions.take(oid::BASIC_CONSTRAINTS) {
            // RFC 5280 §4.2.1.9: whoever is an authority holds no card.
            if constraints.value(tag::SEQUENCE)?.raw() != NO_AUTHORITY {
                return Err(CertificateError::BasicConstraints);
            }
        }
        let authority = extensions.require(oid::AUTHORITY_KEY_IDENTIFIER, NotCritical)?;
        let authority = AuthorityKeyId::read(&authority.value(tag::SEQUENCE)?)
            .map_err(|_| CertificateError::AuthorityKeyId)?;
        // One tier: the authority's own issuer is the authority, so its name stands here again.
        if authority.certificate.as_ref().is_some_and(|(name, _)| name != issuer.raw()) {
            return Err(CertificateError::AuthorityKeyId);
        }
        let distribution_point = extensions.optional(oid::CRL_DISTRIBUTION_POINTS, NotCritical)?;
        let distribution_point = distribution_point
            .map(|points| only_directory_point(&points).map(|name| name.range()))
            .transpose()?;
        Ok((Self { certificate, kind, carrier, authority, distribution_point }, extensions))
    }

    /// Which of the card's two certificates it is.
    #[must_use]
    pub const fn kind(&self) -> CertKind {
        self.kind
    }

    /// Where its key lives, by its policy.
    #[must_use]
    pub const fn carrier(&self) -> Carrier {
        self.carrier
    }

    /// The authority's key that is said to have signed it.
    #[must_use]
    pub const fn issuer_key_id(&self) -> &KeyId {
        &self.authority.key_id
    }

    /// The authority's key with, where the certificate has them, name and serial of the authority's certificate.
    #[must_use]
    pub const fn authority_key_id(&self) -> &AuthorityKeyId {
        &self.authority
    }

    /// The name (DER) of the list partition that covers it: one per municipality.
    #[must_use]
    pub fn crl_distribution_point(&self) -> Option<&[u8]> {
        self.distribution_point.as_ref().map(|range| self.certificate.part(range))
    }
}

fn policy(
    extension: &ExtensionValue<'_>,
    kind: CertKind,
    profile: &Profile,
) -> Result<Carrier, CertificateError> {
    let mut policies = extension.value(tag::SEQUENCE)?.inside();
    let information = policies.expect(tag::SEQUENCE)?;
    if policies.finish().is_err() {
        return Err(CertificateError::PolicyCount);
    }
    let mut parts = information.inside();
    let policy = parts.expect(tag::OID)?.object_identifier()?;
    if let Some(qualifiers) = parts.optional(tag::SEQUENCE)? {
        let mut qualifiers = qualifiers.inside();
        for _ in 0..QUALIFIERS_MAX {
            if !qualifiers.is_empty() {
                qualifiers.expect(tag::SEQUENCE)?;
            }
        }
        qualifiers.finish()?;
    }
    parts.finish()?;
    let other = match kind {
        CertKind::Authentication => CertKind::Signing,
        CertKind::Signing => CertKind::Authentication,
    };
    match profile.carrier(kind, &policy) {
        Some(carrier) => Ok(carrier),
        None if profile.carrier(other, &policy).is_some() => Err(CertificateError::WrongKind(other)),
        None => Err(CertificateError::PolicyUnknown(policy)),
    }
}

fn key_usage(extension: &ExtensionValue<'_>, kind: CertKind) -> Result<(), CertificateError> {
    // Named bits: digitalSignature; digitalSignature and nonRepudiation (docs/jpki.md §2).
    let expected: [u8; 4] = match kind {
        CertKind::Authentication => [0x03, 0x02, 0x07, 0x80],
        CertKind::Signing => [0x03, 0x02, 0x06, 0xc0],
    };
    if extension.value(tag::BIT_STRING)?.raw() == expected { Ok(()) } else { Err(CertificateError::KeyUsage) }
}

fn extended_key_usage(extensions: &mut Extensions<'_>, kind: CertKind) -> Result<(), CertificateError> {
    match kind {
        CertKind::Authentication => {
            let purposes = extensions.require(oid::EXT_KEY_USAGE, NotCritical)?;
            let purpose = purposes
                .value(tag::SEQUENCE)?
                .only_inside(tag::OID)
                .map_err(|_| CertificateError::ExtendedKeyUsage)?;
            if purpose.object_identifier()? == oid::CLIENT_AUTH {
                Ok(())
            } else {
                Err(CertificateError::ExtendedKeyUsage)
            }
        }
        CertKind::Signing => Ok(extensions.forbid(oid::EXT_KEY_USAGE)?),
    }
}

/// One distribution point, its full name one directory name, without reasons and without another issuer.
fn only_directory_point<'a>(extension: &ExtensionValue<'a>) -> Result<Element<'a>, CertificateError> {
    extension
        .value(tag::SEQUENCE)
        .and_then(|points| points.only_inside(tag::SEQUENCE))
        .and_then(|point| point.only_inside(tag::context_constructed(0)))
        .and_then(|name| directory_name_of_point(&name))
        .map_err(|_| CertificateError::DistributionPoint)
}

impl Deref for EndEntity {
    type Target = Certificate;

    fn deref(&self) -> &Certificate {
        &self.certificate
    }
}

impl Deref for AuthCertificate {
    type Target = EndEntity;

    fn deref(&self) -> &EndEntity {
        &self.0
    }
}

impl Deref for SigningCertificate {
    type Target = EndEntity;

    fn deref(&self) -> &EndEntity {
        &self.end_entity
    }
}

macro_rules! silent {
    ($($name:ident)*) => {
        $(impl fmt::Debug for $name {
            /// A lasting identifier of a person prints nothing.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        })*
    };
}
silent!(EndEntity AuthCertificate SigningCertificate);
