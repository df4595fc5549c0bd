//! The relay's configuration: one TOML file, unknown keys refused, secrets by file.

use std::path::{Path, PathBuf};
use std::time::Duration;

use enishi_party::{ContractId, Kid, MerchantId, Money, ProviderId, TerminalId, Text, Timestamp};
use serde::{Deserialize, Serialize};

/// A relay. Paths are relative to the configuration's own folder.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelayConfig {
    /// Must be true for sandbox keys and certificates, and false for any other.
    pub sandbox: bool,
    /// Where terminals and providers connect, as `127.0.0.1:4443`; port 0 lets the kernel choose.
    pub listen: String,
    /// Where health, readiness and metrics are served to operators: plain HTTP, a loopback address alone, as
    /// `127.0.0.1:9443`; absent: not served.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub listen_ops: Option<String>,
    /// The origin that a card signs for a tap, as `https://pos.relay.example`.
    pub origin: String,
    /// Folder with `party.crt.pem` and `party.key.pem`: the mutual-TLS identity.
    pub identity: PathBuf,
    /// The CA of the parties' certificates.
    pub party_ca: PathBuf,
    /// Folder of the database.
    pub store: PathBuf,
    /// The keys.
    pub keys: KeyFiles,
    /// The authority (J-LIS).
    pub authority: AuthorityEntry,
    /// The platform as a verifier of its own (代行).
    pub platform: PlatformEntry,
    /// Time-outs.
    #[serde(default)]
    pub limits: LimitsEntry,
    /// The terminals.
    #[serde(default, rename = "terminal")]
    pub terminals: Vec<TerminalLine>,
    /// The providers.
    #[serde(default, rename = "provider")]
    pub providers: Vec<ProviderLine>,
    /// The contracts.
    #[serde(default, rename = "contract")]
    pub contracts: Vec<ContractLine>,
}

/// Files of 64 hex digits, readable by their owner alone.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyFiles {
    /// Makes and checks tickets.
    pub tickets: PathBuf,
    /// Indexes and seals the platform's routing rows; each contract's index key is derived from it and its name.
    pub indexes: PathBuf,
    /// Signs assertions: PKCS#8, DER.
    pub assertions: PathBuf,
}

/// Where the authority is reached; never taken from a certificate.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthorityEntry {
    /// Folder of the authorities' certificates (`*.cer`, DER): the trust anchors.
    pub anchors: PathBuf,
    /// Revocation lists, with `{kind}` (`auth` or `sign`) and `{key_id}` (hex) in it; with `{partition}` as well, lists are
    /// fetched by municipality, each from when it is first needed.
    pub crl_url: String,
    /// The responder.
    pub ocsp_url: String,
    /// Serial pairing, over mutual TLS, as `127.0.0.1:4501`.
    pub pairing: String,
    /// The name in the authority's certificate.
    pub party: enishi_party::PartyUri,
    /// How often the lists are fetched, in seconds.
    pub refresh_s: u64,
    /// How long the regular fetch of one list may take, in seconds; absent: 60.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub list_timeout_s: Option<u64>,
}

/// The platform as a verifier.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlatformEntry {
    /// Its name as a verifier.
    pub id: ProviderId,
    /// What becomes of a look-up by a responder that does not answer.
    #[serde(default)]
    pub unanswered: UnansweredEntry,
    /// Why it may verify.
    pub accreditation: AccreditationEntry,
}

/// What becomes of a look-up by a responder that cannot be reached, refuses, or answers nothing of use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnansweredEntry {
    /// A list at hand that covers the certificate answers, while it is inside its window.
    #[default]
    ListStandsIn,
    /// It is refused.
    Refused,
}

/// 検証者の認定.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccreditationEntry {
    /// On which ground.
    pub ground: GroundEntry,
    /// The number; `SANDBOX-…` in the sandbox and nowhere else.
    pub number: String,
    /// First moment.
    pub valid_from: Timestamp,
    /// First moment after.
    pub valid_until: Timestamp,
}

/// The ground of an accreditation.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroundEntry {
    /// Named by statute.
    Statutory,
    /// Certified by the competent ministers.
    Certified,
    /// Deemed certified by delegating everything to a platform.
    DeemedByFullDelegation(ProviderId),
}

/// Time-outs in milliseconds; see `enishi_relay::Limits` for the defaults.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsEntry {
    /// How long a provider may take.
    pub answer_timeout_ms: Option<u64>,
    /// The first wait before a reversal is repeated.
    pub reversal_delay_ms: Option<u64>,
    /// How long a ticket is good.
    pub ticket_life_ms: Option<u64>,
}

/// A terminal in the register.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TerminalLine {
    /// Its number.
    pub id: TerminalId,
    /// Its payee.
    pub merchant: MerchantId,
    /// Its acquirer's company number.
    pub kid: Kid,
    /// File of the key under which its keypad enciphers PINs.
    pub pin_key: PathBuf,
}

/// A provider in the register.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderLine {
    /// Its name, and that of its certificate.
    pub id: ProviderId,
    /// Where it takes ISO 8583 messages.
    pub address: String,
    /// File of the zone key under which it receives PINs.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub zone_key: Option<PathBuf>,
    /// 委託: the public key that evidence is sealed to, 64 hex digits.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sealing_key: Option<String>,
}

/// A contract.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContractLine {
    /// Its name.
    pub id: ContractId,
    /// The provider.
    pub provider: ProviderId,
    /// The provider's name for people.
    pub name: Text,
    /// Who verifies.
    pub model: ModelEntry,
    /// How revocation is looked up.
    pub lookup: LookupEntry,
    /// The deck's order (amount after the tap) is accepted up to this amount; absent: never.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub unbound_up_to: Option<Money>,
    /// The provider's PIN is asked from this amount on; absent: never.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pin_from: Option<Money>,
}

/// The verifier model of a contract.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelEntry {
    /// 委託, under the provider's own accreditation.
    Entrusted(AccreditationEntry),
    /// 代行, under the platform's.
    Proxy,
}

/// How revocation is looked up.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LookupEntry {
    /// The list at hand.
    Crl,
    /// The responder.
    Ocsp,
}

/// Why a relay does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A file of the configuration cannot be read.
    #[error("{path}: {reason}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why, and what to do.
        reason: String,
    },
    /// The configuration contradicts itself or the environment.
    #[error("configuration: {0}")]
    Configuration(String),
    /// Identity, CA or an address.
    #[error(transparent)]
    Setup(#[from] enishi_transport::SetupError),
    /// The database.
    #[error(transparent)]
    Store(#[from] enishi_store::OpenError),
    /// What an earlier process left open could not be closed.
    #[error("recovery: {0}")]
    Recovery(#[from] enishi_relay::Fault),
    /// The operators' listener.
    #[error(transparent)]
    Ops(#[from] enishi_transport::OpsError),
    /// The listener.
    #[error("cannot listen on {address}: {reason}")]
    Listen {
        /// Where.
        address: String,
        /// Why.
        reason: std::io::Error,
    },
}

/// What is wrong with a TOML text: line, key and rule, in one line.
#[must_use]
pub fn explain(text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start));
    let words = error.message().replace('\n', " ");
    // The parser's words for what a reader of the file calls a key.
    let words = words.replace("unknown field", "unknown key").replace("missing field", "missing key");
    let words = words.replacen(", expected one of ", "; known here are ", 1);
    match before {
        Some(before) if !words.starts_with("missing key") => {
            let line = before.matches('\n').count();
            let key = text.lines().nth(line).and_then(|line| line.split_once('=')).map(|(key, _)| key.trim());
            match key {
                Some(key) if !words.contains(key) => {
                    format!("line {}, {key}: {words}", line.saturating_add(1))
                }
                _ => format!("line {}: {words}", line.saturating_add(1)),
            }
        }
        _ => words,
    }
}

impl RelayConfig {
    /// Reads a configuration and makes its paths absolute.
    ///
    /// # Errors
    /// The file cannot be read, or holds an unknown key or a value out of form; the text names line and column.
    pub fn load(file: &Path) -> Result<Self, StartError> {
        let failed = |reason: String| StartError::File { path: file.to_owned(), reason };
        let text = std::fs::read_to_string(file).map_err(|error| failed(error.to_string()))?;
        let mut config: Self = toml::from_str(&text).map_err(|error| failed(explain(&text, &error)))?;
        let base = file.parent().unwrap_or(Path::new("."));
        let keys = &mut config.keys;
        let mut paths = vec![
            &mut config.identity,
            &mut config.party_ca,
            &mut config.store,
            &mut keys.tickets,
            &mut keys.indexes,
            &mut keys.assertions,
            &mut config.authority.anchors,
        ];
        paths.extend(config.terminals.iter_mut().map(|line| &mut line.pin_key));
        paths.extend(config.providers.iter_mut().filter_map(|line| line.zone_key.as_mut()));
        for path in paths {
            *path = base.join(&*path);
        }
        Ok(config)
    }

    pub(crate) fn list_timeout(&self) -> Option<Duration> {
        self.authority.list_timeout_s.map(|seconds| Duration::from_secs(seconds.max(1)))
    }

    pub(crate) fn refresh(&self) -> Duration {
        Duration::from_secs(self.authority.refresh_s.max(1))
    }
}
