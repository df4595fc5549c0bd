//! How a link is found without keeping a serial number in clear: keyed indexes, one key for each contract.

use std::collections::HashMap;
use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hmac;
use enishi_jpki::{AuthCertificate, Serial};
use enishi_party::{ContractId, Entropy, LinkId};
use zeroize::Zeroizing;

/// HMAC-SHA-256 of certificate authority and serial number under one key: equal only for equal cards and keys.
///
/// Serial numbers are guessable (docs/jpki.md §2), so a plain hash would be as good as the number itself.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct BlindIndex([u8; 32]);

impl BlindIndex {
    /// The octets, as the store keeps them.
    #[must_use]
    pub const fn as_octets(&self) -> &[u8; 32] {
        &self.0
    }

    /// Takes octets from a store.
    #[must_use]
    pub const fn from_octets(octets: [u8; 32]) -> Self {
        Self(octets)
    }
}

impl fmt::Debug for BlindIndex {
    /// A keyed index of a serial number is still personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BlindIndex(…)")
    }
}

/// A routing row's pointer: contract and link, sealed under the platform's key.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedRoute(Vec<u8>);

impl SealedRoute {
    /// The octets, as the store keeps them.
    #[must_use]
    pub fn as_octets(&self) -> &[u8] {
        &self.0
    }

    /// Takes octets from a store.
    #[must_use]
    pub const fn from_octets(octets: Vec<u8>) -> Self {
        Self(octets)
    }
}

impl fmt::Debug for SealedRoute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealedRoute(…)")
    }
}

/// A routing row that was not sealed under this platform's key for this index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a routing row does not open: another key, or a row moved to another index")]
pub struct RouteError;

/// The platform's keys, kept outside the database; each contract's index key is apart from every other's.
pub struct IndexKeys {
    platform: Zeroizing<[u8; 32]>,
    contracts: HashMap<ContractId, Zeroizing<[u8; 32]>>,
}

impl fmt::Debug for IndexKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IndexKeys(…)")
    }
}

impl IndexKeys {
    /// Derives the platform's key and each contract's from one master key: knowing one tells nothing of another.
    #[must_use]
    pub fn derived<'a>(master: &[u8; 32], contracts: impl IntoIterator<Item = &'a ContractId>) -> Self {
        let master = hmac::Key::new(hmac::HMAC_SHA256, master);
        let derive = |use_: &str, name: &str| {
            let tag = hmac::sign(&master, format!("{use_} {name}").as_bytes());
            Zeroizing::new(tag.as_ref().try_into().unwrap_or_default())
        };
        let contracts =
            contracts.into_iter().map(|id| (id.clone(), derive("contract", id.as_str()))).collect();
        Self { platform: derive("platform", "routes"), contracts }
    }

    /// The index of a card within one contract; none where the contract has no key.
    #[must_use]
    pub fn in_contract(&self, contract: &ContractId, certificate: &AuthCertificate) -> Option<BlindIndex> {
        self.contracts.get(contract).map(|key| index(key, certificate.serial()))
    }

    /// The index of a card among the platform's routing rows (公的個人認証法 art. 63: an accredited platform's alone).
    #[must_use]
    pub fn on_platform(&self, certificate: &AuthCertificate) -> BlindIndex {
        index(&self.platform, certificate.serial())
    }

    /// Seals a pointer for one index.
    ///
    /// # Errors
    /// The cipher refused, which a key of 32 octets never causes.
    pub fn seal_route(
        &self,
        at: &BlindIndex,
        contract: &ContractId,
        link: LinkId,
        entropy: &dyn Entropy,
    ) -> Result<SealedRoute, RouteError> {
        let nonce: [u8; NONCE_LEN] = entropy.octets();
        let mut sealed = [link.as_octets().as_slice(), contract.as_str().as_bytes()].concat();
        self.route_key()?
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(at.0), &mut sealed)
            .map_err(|_| RouteError)?;
        Ok(SealedRoute([nonce.as_slice(), &sealed].concat()))
    }

    /// Opens a pointer found at one index.
    ///
    /// # Errors
    /// [`RouteError`]
    pub fn open_route(
        &self,
        at: &BlindIndex,
        route: &SealedRoute,
    ) -> Result<(ContractId, LinkId), RouteError> {
        let (nonce, sealed) = route.0.split_at_checked(NONCE_LEN).ok_or(RouteError)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| RouteError)?;
        let mut sealed = sealed.to_vec();
        let opened =
            self.route_key()?.open_in_place(nonce, Aad::from(at.0), &mut sealed).map_err(|_| RouteError)?;
        let (link, contract) = opened.split_at_checked(16).ok_or(RouteError)?;
        let link = LinkId::from_random(link.try_into().map_err(|_| RouteError)?);
        let contract =
            std::str::from_utf8(contract).ok().and_then(|text| text.parse().ok()).ok_or(RouteError)?;
        Ok((contract, link))
    }

    /// Sealing uses a key of its own, derived from the platform's.
    fn route_key(&self) -> Result<LessSafeKey, RouteError> {
        let key =
            hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, self.platform.as_slice()), b"route sealing key");
        UnboundKey::new(&AES_256_GCM, key.as_ref()).map(LessSafeKey::new).map_err(|_| RouteError)
    }
}

fn index(key: &[u8; 32], serial: &Serial) -> BlindIndex {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
    // Serials are unique per authority, not across the two (docs/jpki.md §2).
    context.update(b"authentication serial");
    context.update(serial.expose_der_content());
    let tag = context.sign();
    BlindIndex(tag.as_ref().try_into().unwrap_or_default())
}
