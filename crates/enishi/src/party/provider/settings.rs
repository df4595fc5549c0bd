//! From a company's file to its rules.

use std::num::NonZeroU32;
use std::path::Path;

use enishi_party::{CallbackUrl, VerifierModel};
use enishi_pinblock::PinKey;
use enishi_provider::{PinRule, PinVerificationKey, Policy, ProviderConfig, Trust, UnboundRule};
use enishi_server::hex_key;
use enishi_wire::VerifyingKey;

use super::{ProviderFile, ProviderModel};
use crate::party::{PartyError, absolute, environment, file_error, read_config};

pub(in crate::party) fn load(file: &Path) -> Result<ProviderFile, PartyError> {
    let mut config: ProviderFile = read_config(file)?;
    let mut paths = vec![
        &mut config.identity,
        &mut config.party_ca,
        &mut config.store,
        &mut config.zone_key,
        &mut config.pin_key,
    ];
    if let ProviderModel::Entrusted(entry) = &mut config.model {
        paths.extend([
            &mut entry.opening_key,
            &mut entry.index_key,
            &mut entry.serial_rows,
            &mut entry.anchors,
        ]);
        paths.extend(entry.lists.as_mut());
    }
    absolute(file, paths);
    Ok(config)
}

pub(in crate::party) fn provider_config(config: &ProviderFile) -> Result<ProviderConfig, PartyError> {
    let zone_key = PinKey::from_bytes(hex_key(&config.zone_key)?.as_slice())
        .map_err(|error| file_error(&config.zone_key, error))?;
    Ok(ProviderConfig {
        trust: Trust {
            relay: config.relay_party.clone(),
            relay_key: relay_key(config)?,
            contract: config.contract.clone(),
            model: match config.model {
                ProviderModel::Entrusted(_) => VerifierModel::Entrusted,
                ProviderModel::Proxy => VerifierModel::Proxy,
            },
        },
        policy: Policy {
            pin: config.policy.pin_from.map_or(PinRule::Never, PinRule::From),
            unbound: config.policy.unbound_up_to.map_or(UnboundRule::Refused, UnboundRule::UpTo),
            ..Policy::default()
        },
        zone_key,
        pin_key: PinVerificationKey::from_octets(&*hex_key(&config.pin_key)?),
        callback: fit(&config.callback, config.sandbox, "callback")?,
        invitation_callback: invitation_callback(config)?,
        password_rounds: password_rounds(config)?,
    })
}

fn relay_key(config: &ProviderFile) -> Result<VerifyingKey, PartyError> {
    let read = hex::decode(&config.relay_key).ok().and_then(|point| VerifyingKey::from_octets(&point).ok());
    let wrong =
        "relay_key: no uncompressed P-256 point in hex; take the line that `enishi keys init relay` printed";
    read.ok_or_else(|| PartyError::Configuration(wrong.to_owned()))
}

fn password_rounds(config: &ProviderFile) -> Result<NonZeroU32, PartyError> {
    NonZeroU32::new(config.password_rounds)
        .ok_or_else(|| PartyError::Configuration("password_rounds is at least 1".to_owned()))
}

/// Every value that is more than its TOML type, each looked at by itself.
pub(in crate::party) fn values(config: &ProviderFile) -> [Result<(), PartyError>; 4] {
    [
        relay_key(config).map(drop),
        password_rounds(config).map(drop),
        fit(&config.callback, config.sandbox, "callback").map(drop),
        invitation_callback(config).map(drop),
    ]
}

/// `app_origin` with the path that the app serves.
fn invitation_callback(config: &ProviderFile) -> Result<CallbackUrl, PartyError> {
    let wrong = |reason: &dyn std::fmt::Display| PartyError::Configuration(format!("app_origin: {reason}"));
    let origin: CallbackUrl = config.app_origin.parse().map_err(|error| wrong(&error))?;
    if origin.origin() != config.app_origin {
        return Err(wrong(&"scheme, host and port alone, as https://app.example, without a path"));
    }
    let callback = format!("{}/app/invitation-callback", config.app_origin);
    fit(&callback.parse().map_err(|error| wrong(&error))?, config.sandbox, "app_origin")
}

fn fit(callback: &CallbackUrl, sandbox: bool, key: &str) -> Result<CallbackUrl, PartyError> {
    if callback.is_for(environment(sandbox)) {
        return Ok(callback.clone());
    }
    Err(PartyError::Configuration(format!(
        "{key}: in production an https URL; plain http is for the sandbox"
    )))
}
