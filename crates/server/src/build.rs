//! From a configuration to a relay: files become keys, lines become register entries.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use enishi_jpki::{CaCertificate, Origin, Profile, TicketKeys};
use enishi_linkage::{
    Accreditation, AccreditationGround, AmountPolicy, AnyContract, Contract, ContractPolicy, ContractTerms,
    Contracts, IndexKeys, LookupMethod, PinPolicy, Platform,
};
use enishi_party::{Environment, PartyUri};
use enishi_pinblock::PinKey;
use enishi_relay::{Limits, ProviderEntry, Register, Secrets, TerminalEntry};
use enishi_verify::{Anchors, SealingKey};
use enishi_wire::AssertionKey;
use zeroize::Zeroizing;

use crate::config::{
    AccreditationEntry, ContractLine, GroundEntry, LimitsEntry, LookupEntry, ModelEntry, RelayConfig,
    StartError,
};

/// Largest key or certificate file.
const FILE_OCTETS_MAX: u64 = 64 * 1024;
/// What marks a sandbox's accreditation.
const SANDBOX_NUMBER: &str = "SANDBOX-";

pub(crate) fn environment(config: &RelayConfig) -> Environment {
    if config.sandbox { Environment::Sandbox } else { Environment::Production }
}

pub(crate) fn register(config: &RelayConfig, relay: PartyUri) -> Result<Register, StartError> {
    let profile = if config.sandbox { Profile::SANDBOX } else { Profile::PRODUCTION };
    let terminals = config.terminals.iter().map(|line| {
        let pin_key = pin_key(&line.pin_key)?;
        Ok((
            line.id.clone(),
            TerminalEntry { merchant: line.merchant.clone(), kid: line.kid.clone(), pin_key },
        ))
    });
    let providers = config.providers.iter().map(|line| {
        let zone_key = line.zone_key.as_deref().map(pin_key).transpose()?;
        let sealing_key = line.sealing_key.as_deref().map(sealing_key).transpose()?;
        Ok((line.id.clone(), ProviderEntry { zone_key, sealing_key }))
    });
    let terminals = terminals.collect::<Result<HashMap<_, _>, StartError>>()?;
    let providers = providers.collect::<Result<HashMap<_, _>, StartError>>()?;
    if terminals.len() < config.terminals.len() || providers.len() < config.providers.len() {
        return Err(wrong("a [[terminal]] or [[provider]] id stands twice; take one table out".to_owned()));
    }
    for line in &config.contracts {
        let Some(provider) = providers.get(&line.provider) else {
            return Err(wrong(format!(
                "contract {}: provider {} has no [[provider]] entry",
                line.id, line.provider
            )));
        };
        if matches!(line.model, ModelEntry::Entrusted(_)) && provider.sealing_key.is_none() {
            return Err(wrong(format!("contract {}: 委託 needs the provider's sealing_key", line.id)));
        }
        if line.pin_from.is_some() && provider.zone_key.is_none() {
            return Err(wrong(format!("contract {}: pin_from needs the provider's zone_key", line.id)));
        }
    }
    Ok(Register {
        relay,
        origin: Origin::parse(&config.origin).map_err(|error| wrong(format!("origin: {error}")))?,
        anchors: anchors(&config.authority.anchors, &profile)?,
        profile,
        contracts: contracts(config)?,
        terminals,
        providers,
    })
}

pub(crate) fn secrets(config: &RelayConfig) -> Result<Secrets, StartError> {
    let keys = &config.keys;
    let tickets = TicketKeys::new(1, *hex_key(&keys.tickets)?);
    let master = hex_key(&keys.indexes)?;
    let indexes = IndexKeys::derived(&master, config.contracts.iter().map(|line| &line.id));
    let assertions = AssertionKey::from_pkcs8(&private_file(&keys.assertions)?)
        .map_err(|error| file_error(&keys.assertions, error.to_string()))?;
    Ok(Secrets { tickets, indexes, assertions })
}

pub(crate) fn limits(entry: &LimitsEntry) -> Limits {
    let mut limits = Limits::default();
    let set = |limit: &mut Duration, ms: Option<u64>| {
        if let Some(ms) = ms {
            *limit = Duration::from_millis(ms);
        }
    };
    set(&mut limits.answer_timeout, entry.answer_timeout_ms);
    set(&mut limits.reversal_delay, entry.reversal_delay_ms);
    set(&mut limits.ticket_life, entry.ticket_life_ms);
    limits
}

/// Every file of the folder is a trust anchor, and nothing else lies there.
///
/// # Errors
/// A file that is no authority's certificate of this profile.
pub fn anchors(folder: &Path, profile: &Profile) -> Result<Anchors, StartError> {
    let entries = fs::read_dir(folder).map_err(|error| unreadable(folder, &error))?;
    let mut authorities = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| file_error(folder, error.to_string()))?.path();
        let der = bounded(&path)?;
        let authority =
            CaCertificate::parse(&der, profile).map_err(|error| file_error(&path, error.to_string()))?;
        authorities.push(authority);
    }
    if authorities.is_empty() {
        let advice = "no certificate is here, and so nobody could be proven; put the authorities' certificates (*.cer) into it";
        return Err(file_error(folder, advice.to_owned()));
    }
    Anchors::new(authorities).map_err(|error| file_error(folder, error.to_string()))
}

fn contracts(config: &RelayConfig) -> Result<Contracts, StartError> {
    let platform = Platform {
        id: config.platform.id.clone(),
        accreditation: accreditation(&config.platform.accreditation, config.sandbox)?,
    };
    let contracts = config.contracts.iter().map(|line| contract(line, &platform, config.sandbox));
    Ok(Contracts::new(contracts.collect::<Result<_, _>>()?))
}

pub(crate) fn contract(
    line: &ContractLine,
    platform: &Platform,
    sandbox: bool,
) -> Result<AnyContract, StartError> {
    let terms = ContractTerms {
        id: line.id.clone(),
        provider: line.provider.clone(),
        name: line.name.clone(),
        policy: ContractPolicy {
            lookup: match line.lookup {
                LookupEntry::Crl => LookupMethod::Crl,
                LookupEntry::Ocsp => LookupMethod::Ocsp,
            },
            amount: line.unbound_up_to.map_or(AmountPolicy::Bound, AmountPolicy::UnboundUpTo),
            pin: line.pin_from.map_or(PinPolicy::Never, PinPolicy::From),
        },
    };
    let contract = match &line.model {
        ModelEntry::Entrusted(entry) => {
            Contract::entrusted(terms, accreditation(entry, sandbox)?).map(AnyContract::Entrusted)
        }
        ModelEntry::Proxy => Contract::proxy(terms, platform).map(AnyContract::Proxy),
    };
    contract.map_err(|error| wrong(format!("contract {}: {error}", line.id)))
}

pub(crate) fn accreditation(entry: &AccreditationEntry, sandbox: bool) -> Result<Accreditation, StartError> {
    if entry.number.starts_with(SANDBOX_NUMBER) != sandbox {
        return Err(wrong(format!(
            "accreditation numbers begin with {SANDBOX_NUMBER} in the sandbox and nowhere else"
        )));
    }
    Ok(Accreditation {
        ground: match &entry.ground {
            GroundEntry::Statutory => AccreditationGround::Statutory,
            GroundEntry::Certified => AccreditationGround::Certified,
            GroundEntry::DeemedByFullDelegation(platform) => {
                AccreditationGround::DeemedByFullDelegation { platform: platform.clone() }
            }
        },
        number: entry.number.clone(),
        valid_from: entry.valid_from,
        valid_until: entry.valid_until,
    })
}

pub(crate) fn sealing_key(text: &str) -> Result<SealingKey, StartError> {
    let octets = hex::decode(text).map_err(|_| wrong("sealing_key is 64 hex digits".to_owned()))?;
    SealingKey::from_octets(&octets).map_err(|error| wrong(format!("sealing_key: {error}")))
}

pub(crate) fn pin_key(path: &Path) -> Result<PinKey, StartError> {
    PinKey::from_bytes(hex_key(path)?.as_slice()).map_err(|error| file_error(path, error.to_string()))
}

/// Reads a key file: 64 hex digits, for its owner's eyes alone, and no weak key.
///
/// # Errors
/// [`StartError::File`], with what to do.
pub fn hex_key(path: &Path) -> Result<Zeroizing<[u8; 32]>, StartError> {
    let text = Zeroizing::new(private_file(path)?);
    let mut key = Zeroizing::new([0; 32]);
    let trimmed = text.trim_ascii();
    hex::decode_to_slice(trimmed, key.as_mut_slice())
        .map_err(|_| file_error(path, "a key file is 64 hex digits".to_owned()))?;
    if key.iter().all(|octet| Some(octet) == key.first()) {
        return Err(file_error(
            path,
            "a key of one repeated octet is no key; make one with 32 random octets".to_owned(),
        ));
    }
    Ok(key)
}

pub(crate) fn private_file(path: &Path) -> Result<Vec<u8>, StartError> {
    let mode = fs::metadata(path).map_err(|error| unreadable(path, &error))?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(file_error(path, format!("others may read it (mode {:o}): chmod 600", mode & 0o777)));
    }
    bounded(path)
}

fn bounded(path: &Path) -> Result<Vec<u8>, StartError> {
    let size = fs::metadata(path).map_err(|error| unreadable(path, &error))?.len();
    if size > FILE_OCTETS_MAX {
        return Err(file_error(path, format!("{size} octets, at most {FILE_OCTETS_MAX} expected")));
    }
    fs::read(path).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &std::io::Error) -> StartError {
    let reason = match error.kind() {
        std::io::ErrorKind::NotFound => {
            "there is no such file; `enishi keys init` makes a party's files".to_owned()
        }
        _ => error.to_string(),
    };
    file_error(path, reason)
}

pub(crate) fn file_error(path: &Path, reason: String) -> StartError {
    StartError::File { path: path.to_owned(), reason }
}

fn wrong(text: String) -> StartError {
    StartError::Configuration(text)
}
