//! What a hierarchy's certificates must look like, as data: the next card changes keys and policies.

use crate::SignatureAlgorithm;
use crate::oid::{self, Oid};

/// Which of the hierarchies; certificates of one are nothing in another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PkiEnvironment {
    /// The certificates of real people.
    Production,
    /// J-LIS's own test cards.
    JlisTest,
    /// The authority that this project brings along.
    Sandbox,
}

/// What one of the two certificates on a card is for; each has its own authority.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CertKind {
    /// 利用者証明用: proves who holds the card.
    Authentication,
    /// 署名用: signs documents, and names its holder.
    Signing,
}

/// What holds the key: card and phone have certificates of their own, revoked apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Carrier {
    /// 個人番号カード.
    Card,
    /// A phone (移動端末設備用).
    Phone,
}

/// A certificate profile.
#[derive(Debug, Clone, Copy)]
pub struct Profile {
    /// Which hierarchy it describes.
    pub environment: PkiEnvironment,
    /// The organisation in the authority's name.
    pub organisation: &'static str,
    /// Policies of authentication certificates, and where such a key lives.
    pub auth_policies: &'static [(Oid, Carrier)],
    /// Policies of signing certificates, and where such a key lives.
    pub signing_policies: &'static [(Oid, Carrier)],
    /// Algorithms of keys and signatures.
    pub algorithms: &'static [SignatureAlgorithm],
}

impl Profile {
    /// Real certificates. Only the card's policies: those of phones are published nowhere, so a phone is refused.
    pub const PRODUCTION: Self = Self {
        environment: PkiEnvironment::Production,
        organisation: "JPKI",
        auth_policies: &[(oid::POLICY_AUTHENTICATION, Carrier::Card)],
        signing_policies: &[(oid::POLICY_SIGNING, Carrier::Card)],
        algorithms: &[SignatureAlgorithm::Rs256],
    };

    /// J-LIS's test cards.
    pub const JLIS_TEST: Self = Self {
        environment: PkiEnvironment::JlisTest,
        organisation: "JPKI-TEST",
        auth_policies: &[(oid::POLICY_TEST_AUTHENTICATION, Carrier::Card)],
        signing_policies: &[(oid::POLICY_TEST_SIGNING, Carrier::Card)],
        algorithms: &[SignatureAlgorithm::Rs256],
    };

    /// This project's own authority; also phones, and P-384 as announced for the next card.
    pub const SANDBOX: Self = Self {
        environment: PkiEnvironment::Sandbox,
        organisation: "JPKI-SANDBOX",
        auth_policies: &[
            (oid::POLICY_TEST_AUTHENTICATION, Carrier::Card),
            (oid::POLICY_SANDBOX_PHONE_AUTHENTICATION, Carrier::Phone),
        ],
        signing_policies: &[
            (oid::POLICY_TEST_SIGNING, Carrier::Card),
            (oid::POLICY_SANDBOX_PHONE_SIGNING, Carrier::Phone),
        ],
        algorithms: &[SignatureAlgorithm::Rs256, SignatureAlgorithm::Es384],
    };

    /// The policies that a certificate of this kind may have.
    #[must_use]
    pub const fn policies(&self, kind: CertKind) -> &'static [(Oid, Carrier)] {
        match kind {
            CertKind::Authentication => self.auth_policies,
            CertKind::Signing => self.signing_policies,
        }
    }

    pub(crate) fn carrier(&self, kind: CertKind, policy: &Oid) -> Option<Carrier> {
        self.policies(kind).iter().find(|(known, _)| known == policy).map(|&(_, carrier)| carrier)
    }
}
