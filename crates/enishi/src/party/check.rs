//! A configuration file with all that it names, looked at without starting anything.

use std::path::Path;

use enishi_authority::Authority;
use enishi_entrusted::{ListUrl, SerialIndexKey};
use enishi_jpki::Profile;
use enishi_party::{PartyRole, PartyUri};
use enishi_pinblock::PinKey;
use enishi_server::{RelayConfig, anchors, hex_key};
use enishi_transport::{Address, Identity, OpsListener, TrustedCa};
use enishi_verify::OpeningKey;

use super::provider::{ProviderModel, require_local_app};
use super::terminal::{ReaderEntry, TerminalFile};
use super::{PartyError, absolute, authority, environment, file_error, provider, read_config};

/// Whose a configuration file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConfigOf {
    /// authority.toml
    Authority,
    /// relay.toml
    Relay,
    /// provider.toml
    Provider,
    /// terminal.toml
    Terminal,
}

impl ConfigOf {
    /// All of them, each with the keys that no other has.
    const MARKS: [(Self, &'static [&'static str]); 4] = [
        (Self::Authority, &["register", "listen_public", "listen_verifiers"]),
        (Self::Relay, &["origin", "keys", "authority", "platform"]),
        (Self::Provider, &["listen_iso", "listen_app", "relay_key", "callback"]),
        (Self::Terminal, &["terminal", "merchant", "merchant_name", "journal", "reader"]),
    ];

    /// The party in words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Authority => "authority",
            Self::Relay => "relay",
            Self::Provider => "provider",
            Self::Terminal => "terminal",
        }
    }

    /// By the keys that it has, or, where they tell nothing, by the file's name.
    fn recognise(file: &Path, table: &toml::Table) -> Option<Self> {
        let has = |keys: &[&str]| keys.iter().filter(|key| table.contains_key(**key)).count();
        let marks = Self::MARKS.into_iter().map(|(of, keys)| (has(keys), of));
        let best = marks.clone().map(|(count, _)| count).max().filter(|count| *count > 0);
        let mut best = marks.filter(|(count, _)| Some(*count) == best).map(|(_, of)| of);
        match (best.next(), best.next()) {
            (Some(only), None) => Some(only),
            _ => {
                let stem = file.file_stem()?.to_str()?;
                Self::MARKS.into_iter().map(|(of, _)| of).find(|of| of.name() == stem)
            }
        }
    }
}

/// What was found in a configuration.
#[derive(Debug)]
pub struct Checked {
    /// Whose it is.
    pub of: ConfigOf,
    /// Every problem, each with what to do; none: the party would start, if its sockets and its database let it.
    pub problems: Vec<PartyError>,
}

/// Looks at a configuration file and everything that it names, apart from listeners and databases.
///
/// # Errors
/// A file that cannot be read, is no TOML, or is nobody's.
pub fn check(file: &Path) -> Result<Checked, PartyError> {
    let table: toml::Table = read_config(file)?;
    let of = ConfigOf::recognise(file, &table).ok_or_else(|| {
        let expected = "no party's configuration: name it authority.toml, relay.toml, provider.toml or terminal.toml, or make one with \
                        `enishi keys init`";
        file_error(file, expected)
    })?;
    let mut problems = Problems(Vec::new());
    let looked = match of {
        ConfigOf::Authority => problems.authority(file),
        ConfigOf::Relay => problems.relay(file),
        ConfigOf::Provider => problems.provider(file),
        ConfigOf::Terminal => problems.terminal(file),
    };
    if let Err(error) = looked {
        problems.0.push(error);
    }
    Ok(Checked { of, problems: problems.0 })
}

struct Problems(Vec<PartyError>);

impl Problems {
    fn note<T>(&mut self, loaded: Result<T, impl Into<PartyError>>) -> Option<T> {
        loaded.map_err(|error| self.0.push(error.into())).ok()
    }

    fn wrong(&mut self, text: String) {
        self.0.push(PartyError::Configuration(text));
    }

    /// Identity and CA, and whether the identity is of that role, and of that name where one is expected.
    fn identity(
        &mut self,
        (identity, ca): (&Path, &Path),
        sandbox: bool,
        role: PartyRole,
        name: Option<&str>,
    ) {
        self.note(TrustedCa::load(ca, environment(sandbox)));
        let Some(identity) = self.note(Identity::load(identity, environment(sandbox))) else { return };
        let party = identity.party();
        if party.role() != role || name.is_some_and(|name| name != party.name()) {
            let expected = PartyUri::new(environment(sandbox), role, name.unwrap_or("NAME"));
            let expected = expected.map_or_else(|_| "another".to_owned(), |party| party.to_string());
            self.wrong(format!("identity: the certificate is that of {party}, and {expected} is expected; issue one with `enishi keys init`"));
        }
    }

    fn address(&mut self, key: &str, text: &str) {
        if text.parse::<Address>().is_err() {
            self.wrong(format!("{key} = {text:?}: write HOST:PORT"));
        }
    }

    /// Port 0 is for the kernel to choose.
    fn listen(&mut self, key: &str, text: &str) {
        let good =
            text.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
        if !good {
            self.wrong(format!("{key} = {text:?}: write HOST:PORT"));
        }
    }

    fn listen_ops(&mut self, text: Option<&str>) {
        if let Some(text) = text {
            self.note(OpsListener::check(text));
        }
    }

    fn relay_party(&mut self, party: &PartyUri, sandbox: bool) {
        if party.role() != PartyRole::Relay || party.environment() != environment(sandbox) {
            self.wrong(format!("relay_party = {party}: no relay of this environment"));
        }
    }

    fn pin_key(&mut self, file: &Path) {
        if let Some(key) = self.note(hex_key(file)) {
            self.note(PinKey::from_bytes(key.as_slice()).map_err(|error| file_error(file, error)));
        }
    }

    fn authority(&mut self, file: &Path) -> Result<(), PartyError> {
        let config = authority::load(file)?;
        if !config.sandbox {
            self.wrong("sandbox must be true: there is no production authority here".to_owned());
        }
        self.identity((&config.identity, &config.party_ca), config.sandbox, PartyRole::Authority, None);
        self.listen("listen_public", &config.listen_public);
        self.listen("listen_verifiers", &config.listen_verifiers);
        self.listen_ops(config.listen_ops.as_deref());
        self.note(Authority::open(&config.register));
        Ok(())
    }

    fn relay(&mut self, file: &Path) -> Result<(), PartyError> {
        let config = RelayConfig::load(file)?;
        self.0.extend(enishi_server::check(&config).into_iter().map(PartyError::from));
        Ok(())
    }

    fn provider(&mut self, file: &Path) -> Result<(), PartyError> {
        let config = provider::load(file)?;
        self.identity((&config.identity, &config.party_ca), config.sandbox, PartyRole::Provider, None);
        self.listen("listen_iso", &config.listen_iso);
        self.listen("listen_app", &config.listen_app);
        if let Ok(address) = config.listen_app.parse() {
            self.note(require_local_app(address));
        }
        self.listen_ops(config.listen_ops.as_deref());
        self.address("relay", &config.relay);
        self.relay_party(&config.relay_party, config.sandbox);
        self.pin_key(&config.zone_key);
        self.note(hex_key(&config.pin_key));
        for value in provider::values(&config) {
            self.note(value);
        }
        if let ProviderModel::Entrusted(entry) = &config.model {
            if let Some(key) = self.note(hex_key(&entry.opening_key)) {
                let read = OpeningKey::from_octets(key.as_slice());
                self.note(read.map_err(|error| file_error(&entry.opening_key, error)));
            }
            if let Some(key) = self.note(hex_key(&entry.index_key)) {
                drop(SerialIndexKey::from_octets(*key));
            }
            let profile = if config.sandbox { Profile::SANDBOX } else { Profile::PRODUCTION };
            self.note(anchors(&entry.anchors, &profile));
            if let Err(error) = entry.crl_url.parse::<ListUrl>() {
                self.wrong(format!("model.entrusted.crl_url: {error}"));
            }
        }
        Ok(())
    }

    fn terminal(&mut self, file: &Path) -> Result<(), PartyError> {
        let mut config = TerminalFile::read(file)?;
        absolute(
            file,
            [&mut config.identity, &mut config.party_ca, &mut config.journal, &mut config.pin_key],
        );
        let name = config.terminal.to_string();
        let files = (config.identity.as_path(), config.party_ca.as_path());
        self.identity(files, config.sandbox, PartyRole::Terminal, Some(&name));
        self.address("relay", &config.relay);
        self.relay_party(&config.relay_party, config.sandbox);
        self.pin_key(&config.pin_key);
        if config.reader == ReaderEntry::Software && !config.sandbox {
            self.wrong(
                "reader = \"software\": software cards are for the sandbox; name a [reader.pcsc]".to_owned(),
            );
        }
        Ok(())
    }
}
