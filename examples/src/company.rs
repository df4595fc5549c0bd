//! What the company knows of itself and of the relay.

use std::sync::Arc;

use enishi_entrusted::Entrusted;
use enishi_party::{CallbackUrl, ContractId, Entropy, PartyUri, VerifierModel};
use enishi_provider::RelayClient;
use enishi_transport::{SystemClock, SystemEntropy};
use enishi_wire::VerifyingKey;

use crate::books::Books;
use crate::{Fault, Folder};

/// A card company with books of its own.
pub struct Company {
    pub(crate) relay_party: PartyUri,
    pub(crate) relay_key: VerifyingKey,
    pub(crate) contract: ContractId,
    pub(crate) callback: CallbackUrl,
    pub(crate) relay: RelayClient,
    pub(crate) verification: Verification,
    pub(crate) books: Books,
    pub(crate) clock: SystemClock,
    pub(crate) entropy: Arc<dyn Entropy>,
}

/// Who verified the holder.
pub enum Verification {
    /// 代行: the relay, as the verifier of the law. It tells a pairwise ID and vouches.
    ByRelay,
    /// 委託: the relay works for the company, which looks at the evidence itself.
    Own(Box<Entrusted>),
}

impl Verification {
    pub(crate) const fn model(&self) -> VerifierModel {
        match self {
            Self::ByRelay => VerifierModel::Proxy,
            Self::Own(_) => VerifierModel::Entrusted,
        }
    }
}

impl Company {
    /// Opens the company of a folder.
    ///
    /// # Errors
    /// A file that is missing or not of its form.
    pub fn open(folder: &Folder, verification: Verification) -> Result<Self, Fault> {
        Ok(Self {
            relay_party: folder.relay_party.clone(),
            relay_key: VerifyingKey::from_octets(&hex::decode(&folder.relay_key)?)?,
            contract: folder.contract.clone(),
            callback: folder.callback()?,
            relay: RelayClient::new(folder.relay()?),
            verification,
            books: Books::open(&folder.base.join("own-books.sqlite"))?,
            clock: SystemClock,
            entropy: Arc::new(SystemEntropy),
        })
    }
}

impl std::fmt::Debug for Company {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Company({})", self.contract)
    }
}
