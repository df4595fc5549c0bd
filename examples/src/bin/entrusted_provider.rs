//! A card company under 委託: it is the verifier of the law, and believes the relay as far as the evidence goes.
//!
//! ```text
//! enishi keys init sandbox town
//! cargo run -p enishi-examples --bin entrusted_provider -- --config town/company-b/provider.toml \
//!     serve --customers examples/customers.toml
//! ```
//!
//! What is added to 代行: a key that evidence is sealed to, own trust anchors, own revocation lists, own rows of
//! serial numbers (a keyed index of them). The crate `entrusted` uses them twice: for each link, and for each purchase.

use std::path::Path;
use std::sync::Arc;

use clap::Parser;
use enishi_entrusted::{Entrusted, EntrustedConfig, EntrustedPorts, SerialIndexKey, SerialRows};
use enishi_examples::{Company, EntrustedKeys, Fault, Folder, Model, Order, Verification, read_key};
use enishi_jpki::{CaCertificate, Profile};
use enishi_provider::RelayClient;
use enishi_transport::{PlainHttpClient, SystemClock, SystemEntropy};
use enishi_verify::{Anchors, OpeningKey};

#[tokio::main]
async fn main() -> Result<(), Fault> {
    let order = Order::parse();
    let folder = Folder::read(&order.config)?;
    let Model::Entrusted(keys) = &folder.model else {
        return Err("this contract is under 代行; run proxy_provider".into());
    };
    let verification = Verification::Own(Box::new(verifier(&folder, keys)?));
    Company::open(&folder, verification)?.run(&folder, order.act).await
}

fn verifier(folder: &Folder, keys: &EntrustedKeys) -> Result<Entrusted, Fault> {
    let profile = if folder.sandbox { Profile::SANDBOX } else { Profile::PRODUCTION };
    let (contract, relay) = (folder.contract.clone(), folder.relay_party.clone());
    let config = EntrustedConfig::new(contract, relay, keys.crl_url.parse()?, profile);
    let ports = EntrustedPorts {
        opening_key: OpeningKey::from_octets(read_key(&folder.base.join(&keys.opening_key))?.as_slice())?,
        index_key: SerialIndexKey::from_octets(*read_key(&folder.base.join(&keys.index_key))?),
        rows: SerialRows::open(&folder.base.join(&keys.serial_rows))?,
        anchors: anchors(&folder.base.join(&keys.anchors), &profile)?,
        relay: RelayClient::new(folder.relay()?),
        lists: PlainHttpClient::new(config.lists.refresh_timeout, None)?,
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
    };
    Ok(Entrusted::new(config, ports)?)
}

/// The authorities that this company trusts itself: had from them, never from the relay.
fn anchors(folder: &Path, profile: &Profile) -> Result<Anchors, Fault> {
    let mut authorities = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        authorities.push(CaCertificate::parse(&std::fs::read(entry?.path())?, profile)?);
    }
    Ok(Anchors::new(authorities)?)
}
