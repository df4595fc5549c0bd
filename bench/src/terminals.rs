//! More terminals than the sandbox has shops: each with its own identity, key and place in the register.

use std::fs;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use enishi_party::{
    Clock, Entropy, Environment, Language, MerchantId, PartyRole, PartyUri, TerminalId, Text,
};
use enishi_pinblock::PinKey;
use enishi_sandbox::sandbox::{Blueprint, Company};
use enishi_server::{RelayConfig, TerminalLine, hex_key};
use enishi_terminal::{Terminal, TerminalConfig};
use enishi_transport::{
    HttpClientLimits, HttpsClient, Identity, SandboxCa, SystemClock, SystemEntropy, TrustedCa,
};

use crate::error::BenchError;

/// As many tickets as the relay gives at once.
const TICKETS: u8 = 32;
const MERCHANT: &str = "SBX-BENCH-01";
const ACQUIRER: &str = "49800000017";
const SETUP: &str = "a terminal";

/// Puts terminals into the relay's register, which must not be running, and makes their folders.
///
/// The relay's way to the companies becomes the direct one: the sandbox's cable is for stories.
pub(crate) fn register(plan: &Blueprint, terminals: usize) -> Result<Vec<TerminalId>, BenchError> {
    let file = plan.relay();
    let text = fs::read_to_string(&file).map_err(BenchError::file(&file))?;
    let mut config: RelayConfig =
        toml::from_str(&text).map_err(BenchError::of("the relay's configuration"))?;
    let ca = SandboxCa::load(&plan.root.join("party-ca")).map_err(BenchError::of(SETUP))?;
    let entropy: &dyn Entropy = &SystemEntropy;
    let mut ids = Vec::new();
    for number in 1..=terminals {
        let id: TerminalId =
            format!("4981{number:09}").parse().map_err(BenchError::of::<enishi_party::Malformed>(SETUP))?;
        let folder = folder(plan, &id);
        let identity = ca.issue(&party(PartyRole::Terminal, id.as_str())?, &[], SystemClock.now());
        fs::create_dir(&folder).map_err(BenchError::file(&folder))?;
        identity.and_then(|its| its.save(&folder.join("tls"))).map_err(BenchError::of(SETUP))?;
        let key = hex::encode(entropy.octets::<32>());
        let name = format!("pin-{id}.key");
        private(&folder.join("pin.key"), &key)?;
        private(&plan.root.join("relay").join(&name), &key)?;
        config.terminals.push(TerminalLine {
            id: id.clone(),
            merchant: MERCHANT.parse().map_err(BenchError::of::<enishi_party::Malformed>(SETUP))?,
            kid: ACQUIRER.parse().map_err(BenchError::of::<enishi_party::Malformed>(SETUP))?,
            pin_key: name.into(),
        });
        ids.push(id);
    }
    for line in &mut config.providers {
        for (company, address) in Company::ALL.into_iter().zip(plan.places.iso) {
            if line.id.as_str() == company.id() {
                line.address = address.to_string();
            }
        }
    }
    let text = toml::to_string_pretty(&config).map_err(BenchError::of("the relay's configuration"))?;
    fs::write(&file, text).map_err(BenchError::file(&file))?;
    Ok(ids)
}

/// Opens one of them.
pub(crate) fn open(plan: &Blueprint, id: &TerminalId) -> Result<Terminal, BenchError> {
    let folder = folder(plan, id);
    let identity =
        Identity::load(&folder.join("tls"), Environment::Sandbox).map_err(BenchError::of(SETUP))?;
    let ca = TrustedCa::load(&plan.root.join("party-ca/ca.crt.pem"), Environment::Sandbox)
        .map_err(BenchError::of(SETUP))?;
    let merchant: MerchantId = MERCHANT.parse().map_err(BenchError::of::<enishi_party::Malformed>(SETUP))?;
    let name = Text::new("計測商店", "Bench Shop");
    let mut config = TerminalConfig::new(folder.join("journal"), id.clone(), merchant, name, Language::En);
    config.tickets_per_batch = TICKETS;
    let limits = HttpClientLimits { exchange_timeout: config.answer_wait, ..HttpClientLimits::default() };
    let relay = plan.places.relay.to_string();
    let relay = relay.parse().map_err(BenchError::of::<enishi_transport::SetupError>(SETUP))?;
    let client = HttpsClient::new(relay, party(PartyRole::Relay, "relay")?, &identity, &ca, limits, None)
        .map_err(BenchError::of(SETUP))?;
    let key = hex_key(&folder.join("pin.key")).map_err(BenchError::of(SETUP))?;
    let key = PinKey::from_bytes(key.as_slice()).map_err(BenchError::of(SETUP))?;
    let (clock, entropy): (Arc<dyn Clock>, Arc<dyn Entropy>) =
        (Arc::new(SystemClock), Arc::new(SystemEntropy));
    Terminal::open(config, client, key, clock, entropy).map_err(BenchError::of(SETUP))
}

fn folder(plan: &Blueprint, id: &TerminalId) -> PathBuf {
    plan.root.join(format!("terminal-{id}"))
}

fn party(role: PartyRole, name: &str) -> Result<PartyUri, BenchError> {
    PartyUri::new(Environment::Sandbox, role, name).map_err(BenchError::of(SETUP))
}

fn private(path: &Path, text: &str) -> Result<(), BenchError> {
    let mut options = fs::OpenOptions::new();
    let file = options.write(true).create_new(true).mode(0o600).open(path);
    let written = file.and_then(|mut file| std::io::Write::write_all(&mut file, text.as_bytes()));
    written.map_err(BenchError::file(path))
}
