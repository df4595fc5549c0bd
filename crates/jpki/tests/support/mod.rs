//! Makes certificates, right ones and wrong ones: every field can be replaced before signing.

use std::sync::OnceLock;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    self, ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, KeyPair, RsaKeyPair,
};
use enishi_jpki::asn1::{encode, encode_all, tag};
use enishi_jpki::oid::{self, Oid};
use enishi_jpki::{CertKind, SignatureAlgorithm};

pub(crate) const SANDBOX: &str = "JPKI-SANDBOX";

/// A key pair of a test; generated once per test binary.
pub(crate) enum Key {
    Rsa(Box<RsaKeyPair>),
    P256(EcdsaKeyPair),
    P384(EcdsaKeyPair),
}

/// Keys by their part in the story.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    AuthAuthority,
    SigningAuthority,
    OtherAuthority,
    EcAuthority,
    Holder,
    OtherHolder,
    EcHolder,
    Responder,
    EcResponder,
}

impl Who {
    pub(crate) fn key(self) -> &'static Key {
        static KEYS: [OnceLock<Key>; 9] = [const { OnceLock::new() }; 9];
        let (slot, make): (usize, fn() -> Key) = match self {
            Self::AuthAuthority => (0, Key::rsa),
            Self::SigningAuthority => (1, Key::rsa),
            Self::OtherAuthority => (2, Key::rsa),
            Self::EcAuthority => (3, Key::p384),
            Self::Holder => (4, Key::rsa),
            Self::OtherHolder => (5, Key::rsa),
            Self::EcHolder => (6, Key::p384),
            Self::Responder => (7, Key::rsa),
            Self::EcResponder => (8, Key::p256),
        };
        KEYS[slot].get_or_init(make)
    }
}

impl Key {
    pub(crate) fn rsa() -> Self {
        Self::rsa_of(KeySize::Rsa2048)
    }

    pub(crate) fn rsa_of(size: KeySize) -> Self {
        Self::Rsa(Box::new(RsaKeyPair::generate(size).unwrap()))
    }

    fn p256() -> Self {
        Self::P256(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap())
    }

    fn p384() -> Self {
        Self::P384(EcdsaKeyPair::generate(&ECDSA_P384_SHA384_ASN1_SIGNING).unwrap())
    }

    pub(crate) const fn algorithm(&self) -> SignatureAlgorithm {
        match self {
            Self::Rsa(_) => SignatureAlgorithm::Rs256,
            Self::P256(_) => SignatureAlgorithm::Es256,
            Self::P384(_) => SignatureAlgorithm::Es384,
        }
    }

    pub(crate) fn public_key(&self) -> &[u8] {
        match self {
            Self::Rsa(pair) => pair.public_key().as_ref(),
            Self::P256(pair) | Self::P384(pair) => pair.public_key().as_ref(),
        }
    }

    pub(crate) fn spki(&self) -> Vec<u8> {
        let identifier = match self {
            Self::Rsa(_) => encode_all(tag::SEQUENCE, &[&oid_der(oid::RSA_ENCRYPTION), &[tag::NULL, 0]]),
            Self::P256(_) => encode_all(tag::SEQUENCE, &[&oid_der(oid::EC_PUBLIC_KEY), &oid_der(oid::P256)]),
            Self::P384(_) => encode_all(tag::SEQUENCE, &[&oid_der(oid::EC_PUBLIC_KEY), &oid_der(oid::P384)]),
        };
        encode_all(tag::SEQUENCE, &[&identifier, &bits(self.public_key())])
    }

    pub(crate) fn key_id(&self) -> Vec<u8> {
        digest(&SHA1_FOR_LEGACY_USE_ONLY, self.public_key()).as_ref().to_vec()
    }

    /// As certificates and lists are signed: ECDSA in DER form.
    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa(pair) => {
                let mut out = vec![0; pair.public_modulus_len()];
                pair.sign(&signature::RSA_PKCS1_SHA256, &random, message, &mut out).unwrap();
                out
            }
            Self::P256(pair) | Self::P384(pair) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
        }
    }
}

pub(crate) fn oid_der(oid: Oid) -> Vec<u8> {
    encode(tag::OID, oid.as_bytes())
}

pub(crate) fn bits(octets: &[u8]) -> Vec<u8> {
    encode_all(tag::BIT_STRING, &[&[0], octets])
}

pub(crate) fn algorithm_der(algorithm: SignatureAlgorithm) -> Vec<u8> {
    match algorithm {
        SignatureAlgorithm::Rs256 => {
            encode_all(tag::SEQUENCE, &[&oid_der(oid::SHA256_WITH_RSA), &[tag::NULL, 0]])
        }
        SignatureAlgorithm::Es256 => encode_all(tag::SEQUENCE, &[&oid_der(oid::ECDSA_WITH_SHA256)]),
        SignatureAlgorithm::Es384 => encode_all(tag::SEQUENCE, &[&oid_der(oid::ECDSA_WITH_SHA384)]),
    }
}

/// A Name of UTF8Strings, countries as PrintableString.
pub(crate) fn name(attributes: &[(Oid, &str)]) -> Vec<u8> {
    let rdns: Vec<Vec<u8>> = attributes
        .iter()
        .map(|&(oid, text)| {
            let tag = if oid == oid::COUNTRY_NAME { tag::PRINTABLE_STRING } else { tag::UTF8_STRING };
            let pair = encode_all(tag::SEQUENCE, &[&oid_der(oid), &encode(tag, text.as_bytes())]);
            encode(tag::SET, &pair)
        })
        .collect();
    encode(tag::SEQUENCE, &rdns.concat())
}

pub(crate) fn authority_name(kind: CertKind, organisation: &str) -> Vec<u8> {
    let unit = match kind {
        CertKind::Authentication => "JPKI for user authentication",
        CertKind::Signing => "JPKI for digital signature",
    };
    name(&[
        (oid::COUNTRY_NAME, "JP"),
        (oid::ORGANIZATION_NAME, organisation),
        (oid::ORGANIZATIONAL_UNIT_NAME, unit),
        (oid::ORGANIZATIONAL_UNIT_NAME, "Sandbox Agency"),
    ])
}

/// A directory name among GeneralNames.
pub(crate) fn directory_name(name: &[u8]) -> Vec<u8> {
    encode(tag::context_constructed(4), name)
}

/// A DistributionPointName with one directory name.
pub(crate) fn full_name(name: &[u8]) -> Vec<u8> {
    encode(tag::context_constructed(0), &encode(tag::context_constructed(0), &directory_name(name)))
}

pub(crate) fn utc_time(text: &str) -> Vec<u8> {
    encode(tag::UTC_TIME, text.as_bytes())
}

pub(crate) fn generalized_time(text: &str) -> Vec<u8> {
    encode(tag::GENERALIZED_TIME, text.as_bytes())
}

pub(crate) fn validity(from: &str, to: &str) -> Vec<u8> {
    encode_all(tag::SEQUENCE, &[&utc_time(from), &utc_time(to)])
}

pub(crate) fn policies(policies: &[Oid]) -> Vec<u8> {
    let qualifier = encode_all(
        tag::SEQUENCE,
        &[&oid_der(oid::CPS_QUALIFIER), &encode(0x16, b"https://authority.enishi.example/cps")],
    );
    let each: Vec<Vec<u8>> = policies
        .iter()
        .map(|&policy| encode_all(tag::SEQUENCE, &[&oid_der(policy), &encode(tag::SEQUENCE, &qualifier)]))
        .collect();
    encode(tag::SEQUENCE, &each.concat())
}

pub(crate) fn other_name(oid: Oid, text: &str) -> Vec<u8> {
    let value = encode(tag::context_constructed(0), &encode(tag::UTF8_STRING, text.as_bytes()));
    encode_all(tag::context_constructed(0), &[&oid_der(oid), &value])
}

/// Six attributes of an invented person, in the order of J-LIS's test certificates.
pub(crate) fn attributes() -> Vec<Vec<u8>> {
    vec![
        other_name(oid::ATTRIBUTE_NAME, "縁結\u{3000}花子"),
        other_name(oid::ATTRIBUTE_BIRTH_DATE, "419890108"),
        other_name(oid::ATTRIBUTE_SEX, "2"),
        other_name(oid::ATTRIBUTE_ADDRESS, "架空県見本市一丁目２番３号"),
        other_name(oid::ATTRIBUTE_NAME_SUBSTITUTIONS, "01000"),
        other_name(oid::ATTRIBUTE_ADDRESS_SUBSTITUTIONS, "0000000000000"),
    ]
}

/// One extension: which, whether critical, its value.
#[derive(Clone)]
pub(crate) struct Ext(pub(crate) Oid, pub(crate) bool, pub(crate) Vec<u8>);

impl Ext {
    pub(crate) fn der(&self) -> Vec<u8> {
        let critical: &[u8] = if self.1 { &[tag::BOOLEAN, 1, 0xff] } else { &[] };
        encode_all(tag::SEQUENCE, &[&oid_der(self.0), critical, &encode(tag::OCTET_STRING, &self.2)])
    }
}

/// A certificate before it is signed; every part is DER and can be replaced.
pub(crate) struct Spec {
    pub(crate) version: Vec<u8>,
    pub(crate) serial: Vec<u8>,
    pub(crate) inner_algorithm: Vec<u8>,
    pub(crate) outer_algorithm: Vec<u8>,
    pub(crate) issuer: Vec<u8>,
    pub(crate) validity: Vec<u8>,
    pub(crate) subject: Vec<u8>,
    pub(crate) spki: Vec<u8>,
    pub(crate) unique_ids: Vec<u8>,
    pub(crate) extensions: Vec<Ext>,
    /// Instead of `extensions`, when set.
    pub(crate) raw_extensions: Option<Vec<u8>>,
    pub(crate) signer: &'static Key,
    pub(crate) signature: Option<Vec<u8>>,
    pub(crate) trailing: Vec<u8>,
}

impl Spec {
    fn new(signer: &'static Key, holder: &Key, issuer: Vec<u8>, subject: Vec<u8>) -> Self {
        Self {
            version: vec![0xa0, 3, 2, 1, 2],
            serial: vec![tag::INTEGER, 3, 0x01, 0x02, 0x03],
            inner_algorithm: algorithm_der(signer.algorithm()),
            outer_algorithm: algorithm_der(signer.algorithm()),
            issuer,
            validity: validity("250401000000Z", "300401145959Z"),
            subject,
            spki: holder.spki(),
            unique_ids: vec![],
            extensions: vec![],
            raw_extensions: None,
            signer,
            signature: None,
            trailing: vec![],
        }
    }

    pub(crate) fn authority(kind: CertKind, who: Who) -> Self {
        let name = authority_name(kind, SANDBOX);
        let mut spec = Self::new(who.key(), who.key(), name.clone(), name);
        spec.serial = vec![tag::INTEGER, 1, 1];
        spec.validity = validity("230716010104Z", "330715145959Z");
        spec.extensions = vec![
            Ext(oid::KEY_USAGE, true, vec![3, 2, 1, 0x06]),
            Ext(oid::BASIC_CONSTRAINTS, true, vec![0x30, 3, 1, 1, 0xff]),
            Ext(oid::SUBJECT_KEY_IDENTIFIER, false, encode(tag::OCTET_STRING, &who.key().key_id())),
        ];
        spec
    }

    pub(crate) fn holder(kind: CertKind, authority: Who, holder: Who) -> Self {
        let issuer = authority_name(kind, SANDBOX);
        let subject = name(&[(oid::COUNTRY_NAME, "JP"), (oid::COMMON_NAME, "0A1B2C3D4E5F6G99999003A")]);
        let mut spec = Self::new(authority.key(), holder.key(), issuer.clone(), subject);
        let point =
            encode(tag::SEQUENCE, &encode(tag::SEQUENCE, &full_name(&municipality("Mihon-shi CRLDP"))));
        let mut extensions = match kind {
            CertKind::Authentication => vec![
                Ext(oid::KEY_USAGE, true, vec![3, 2, 7, 0x80]),
                Ext(oid::EXT_KEY_USAGE, false, encode(tag::SEQUENCE, &oid_der(oid::CLIENT_AUTH))),
                Ext(oid::CERTIFICATE_POLICIES, true, policies(&[oid::POLICY_TEST_AUTHENTICATION])),
            ],
            CertKind::Signing => vec![
                Ext(oid::KEY_USAGE, true, vec![3, 2, 6, 0xc0]),
                Ext(oid::SUBJECT_ALT_NAME, false, encode(tag::SEQUENCE, &attributes().concat())),
                Ext(oid::CERTIFICATE_POLICIES, true, policies(&[oid::POLICY_TEST_SIGNING])),
            ],
        };
        extensions.push(Ext(oid::CRL_DISTRIBUTION_POINTS, false, point));
        extensions.push(Ext(
            oid::AUTHORITY_KEY_IDENTIFIER,
            false,
            encode_all(
                tag::SEQUENCE,
                &[
                    &encode(tag::context_primitive(0), &authority.key().key_id()),
                    &encode(tag::context_constructed(1), &directory_name(&issuer)),
                    &encode(tag::context_primitive(2), &[1]),
                ],
            ),
        ));
        extensions.push(Ext(
            oid::SUBJECT_KEY_IDENTIFIER,
            false,
            encode(tag::OCTET_STRING, &holder.key().key_id()),
        ));
        spec.extensions = extensions;
        spec
    }

    pub(crate) fn responder(authority: CertKind, issuer: Who, responder: Who) -> Self {
        let subject = name(&[(oid::COUNTRY_NAME, "JP"), (oid::COMMON_NAME, "Sandbox OCSP")]);
        let mut spec = Self::new(issuer.key(), responder.key(), authority_name(authority, SANDBOX), subject);
        spec.extensions = vec![
            Ext(oid::KEY_USAGE, true, vec![3, 2, 7, 0x80]),
            Ext(oid::EXT_KEY_USAGE, false, encode(tag::SEQUENCE, &oid_der(oid::OCSP_SIGNING))),
            Ext(oid::OCSP_NO_CHECK, false, vec![tag::NULL, 0]),
            Ext(
                oid::AUTHORITY_KEY_IDENTIFIER,
                false,
                encode(tag::SEQUENCE, &encode(tag::context_primitive(0), &issuer.key().key_id())),
            ),
        ];
        spec
    }

    /// The value of an extension, to be replaced.
    pub(crate) fn ext(&mut self, oid: Oid) -> &mut Ext {
        self.extensions.iter_mut().find(|ext| ext.0 == oid).unwrap()
    }

    pub(crate) fn without(&mut self, oid: Oid) {
        self.extensions.retain(|ext| ext.0 != oid);
    }

    pub(crate) fn build(&self) -> Vec<u8> {
        let extensions = self.raw_extensions.clone().unwrap_or_else(|| {
            let each: Vec<Vec<u8>> = self.extensions.iter().map(Ext::der).collect();
            encode(tag::context_constructed(3), &encode(tag::SEQUENCE, &each.concat()))
        });
        let tbs = encode_all(
            tag::SEQUENCE,
            &[
                &self.version,
                &self.serial,
                &self.inner_algorithm,
                &self.issuer,
                &self.validity,
                &self.subject,
                &self.spki,
                &self.unique_ids,
                &extensions,
            ],
        );
        let signature = self.signature.clone().unwrap_or_else(|| bits(&self.signer.sign(&tbs)));
        let mut der = encode_all(tag::SEQUENCE, &[&tbs, &self.outer_algorithm, &signature]);
        der.extend_from_slice(&self.trailing);
        der
    }
}

/// The name of a municipality's list.
pub(crate) fn municipality(common_name: &str) -> Vec<u8> {
    name(&[
        (oid::COUNTRY_NAME, "JP"),
        (oid::ORGANIZATION_NAME, SANDBOX),
        (oid::ORGANIZATIONAL_UNIT_NAME, "CRL Distribution Points"),
        (oid::COMMON_NAME, common_name),
    ])
}
