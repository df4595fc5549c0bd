//! Everything that a start would load, looked at without starting; every problem is told, not the first alone.

use std::collections::HashSet;
use std::hash::Hash;

use enishi_jpki::{Origin, Profile};
use enishi_linkage::{IndexKeys, Platform};
use enishi_party::PartyRole;
use enishi_revocation::ListUrl;
use enishi_transport::{Address, Identity, TrustedCa};
use enishi_wire::AssertionKey;

use crate::build;
use crate::config::{ModelEntry, RelayConfig, StartError};

/// Every problem that would keep a relay of this configuration from starting, apart from sockets and database.
#[must_use]
pub fn check(config: &RelayConfig) -> Vec<StartError> {
    let mut problems = Problems(Vec::new());
    problems.party(config);
    problems.keys(config);
    problems.authority(config);
    problems.lines(config);
    problems.contracts(config);
    problems.0
}

struct Problems(Vec<StartError>);

impl Problems {
    fn note<T>(&mut self, loaded: Result<T, impl Into<StartError>>) -> Option<T> {
        loaded.map_err(|error| self.0.push(error.into())).ok()
    }

    fn wrong(&mut self, text: String) {
        self.0.push(StartError::Configuration(text));
    }

    fn address(&mut self, key: &str, text: &str) {
        if text.parse::<Address>().is_err() {
            self.wrong(format!("{key} = {text:?}: write HOST:PORT"));
        }
    }

    fn party(&mut self, config: &RelayConfig) {
        let environment = build::environment(config);
        let identity = self.note(Identity::load(&config.identity, environment));
        self.note(TrustedCa::load(&config.party_ca, environment));
        if let Some(identity) = identity.filter(|identity| identity.party().role() != PartyRole::Relay) {
            self.wrong(format!(
                "identity: {} is no relay's certificate; issue one with `enishi keys init relay`",
                identity.party()
            ));
        }
        // Port 0 is for the kernel to choose, and no address to call.
        if !config
            .listen
            .rsplit_once(':')
            .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok())
        {
            self.wrong(format!("listen = {:?}: write HOST:PORT", config.listen));
        }
        if let Some(listen) = &config.listen_ops {
            self.note(enishi_transport::OpsListener::check(listen).map(drop));
        }
        if let Err(error) = Origin::parse(&config.origin) {
            self.wrong(format!("origin: {error}"));
        }
    }

    fn keys(&mut self, config: &RelayConfig) {
        let keys = &config.keys;
        self.note(build::hex_key(&keys.tickets));
        if let Some(master) = self.note(build::hex_key(&keys.indexes)) {
            drop(IndexKeys::derived(&master, config.contracts.iter().map(|line| &line.id)));
        }
        if let Some(document) = self.note(build::private_file(&keys.assertions)) {
            let read = AssertionKey::from_pkcs8(&document);
            self.note(read.map_err(|error| build::file_error(&keys.assertions, error.to_string())));
        }
    }

    fn authority(&mut self, config: &RelayConfig) {
        let authority = &config.authority;
        let profile = if config.sandbox { Profile::SANDBOX } else { Profile::PRODUCTION };
        self.note(build::anchors(&authority.anchors, &profile));
        if let Err(error) = authority.crl_url.parse::<ListUrl>() {
            self.wrong(format!("authority.crl_url: {error}"));
        }
        if !authority.ocsp_url.starts_with("http://") {
            self.wrong("authority.ocsp_url: a plain http URL; answers carry their own signature".to_owned());
        }
        self.address("authority.pairing", &authority.pairing);
        if authority.party.role() != PartyRole::Authority
            || authority.party.environment() != build::environment(config)
        {
            self.wrong(format!("authority.party = {}: no authority of this environment", authority.party));
        }
    }

    fn lines(&mut self, config: &RelayConfig) {
        for line in &config.terminals {
            self.note(build::pin_key(&line.pin_key));
        }
        for line in &config.providers {
            if let Some(key) = &line.zone_key {
                self.note(build::pin_key(key));
            }
            if let Some(Err(_)) = line.sealing_key.as_deref().map(build::sealing_key) {
                self.wrong(format!(
                    "provider {}: sealing_key is no X25519 key of 64 hex digits; `enishi keys init provider` prints it",
                    line.id
                ));
            }
            self.address(&format!("provider {}: address", line.id), &line.address);
        }
        self.twice("[[terminal]] id", config.terminals.iter().map(|line| &line.id));
        self.twice("[[provider]] id", config.providers.iter().map(|line| &line.id));
        self.twice("[[contract]] id", config.contracts.iter().map(|line| &line.id));
    }

    fn twice<T: Eq + Hash + std::fmt::Display>(&mut self, what: &str, names: impl Iterator<Item = T>) {
        let mut seen = HashSet::new();
        for name in names {
            let text = name.to_string();
            if !seen.insert(name) {
                self.wrong(format!("{what} = {text}: stands twice; take one table out"));
            }
        }
    }

    fn contracts(&mut self, config: &RelayConfig) {
        let accreditation = self.note(build::accreditation(&config.platform.accreditation, config.sandbox));
        let platform =
            accreditation.map(|accreditation| Platform { id: config.platform.id.clone(), accreditation });
        for line in &config.contracts {
            if let Some(platform) = &platform {
                self.note(build::contract(line, platform, config.sandbox));
            }
            let Some(provider) = config.providers.iter().find(|provider| provider.id == line.provider) else {
                self.wrong(format!(
                    "contract {}: provider {} has no [[provider]] table",
                    line.id, line.provider
                ));
                continue;
            };
            if matches!(line.model, ModelEntry::Entrusted(_)) && provider.sealing_key.is_none() {
                self.wrong(format!(
                    "contract {}: 委託 needs sealing_key in the table of {}",
                    line.id, provider.id
                ));
            }
            if line.pin_from.is_some() && provider.zone_key.is_none() {
                self.wrong(format!(
                    "contract {}: pin_from needs zone_key in the table of {}",
                    line.id, provider.id
                ));
            }
        }
    }
}
