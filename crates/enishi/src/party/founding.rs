//! New folders, one for each party: identity, keys, and a commented configuration file.

mod files;

use std::path::Path;

use enishi_authority::{Authority, AuthorityConfig, LookupPurpose, SerialPlan, ServiceConfig};
use enishi_party::{Entropy, Environment, MerchantId, PartyRole, PartyUri, TerminalId, Text, Timestamp};
use enishi_server::{
    AccreditationEntry, AuthorityEntry, GroundEntry, KeyFiles, LimitsEntry, PlatformEntry, RelayConfig,
    UnansweredEntry,
};
use enishi_transport::SandboxCa;
use enishi_verify::OpeningKey;
use enishi_wire::AssertionKey;
use jiff::ToSpan;

pub use self::files::FoundingError;
pub(crate) use self::files::is_open_to_others;
use self::files::{copy, folder, hex_key, private, write_config};
use super::{
    AuthorityFile, EntrustedEntry, PolicyEntry, ProviderFile, ProviderModel, ReaderEntry, TerminalFile,
};

/// The port of each party's first listener in a new configuration file.
const AUTHORITY_PORTS: [u16; 3] = [14_980, 14_981, 14_987];
const RELAY_PORTS: [u16; 2] = [14_982, 14_988];
const PROVIDER_PORTS: [u16; 3] = [14_983, 14_984, 14_989];
/// Rounds that a password hash takes outside of shows.
const PASSWORD_ROUNDS: u32 = 600_000;
/// Days that a sandbox's accreditation holds.
const ACCREDITED_DAYS: i64 = 365;

/// What a party's folder is made with.
pub struct Founding<'a> {
    /// The folder; must be new or empty.
    pub folder: &'a Path,
    /// The folder of the CA that signs its identity.
    pub ca: &'a Path,
    /// Its name: the last part of its party URI.
    pub name: &'a str,
    /// Randomness.
    pub entropy: &'a dyn Entropy,
    /// The time.
    pub now: Timestamp,
}

/// Who will verify for a new company.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewModel {
    /// 代行
    Proxy,
    /// 委託
    Entrusted,
}

/// What others must be told of a new party, each a line that is copied into their configuration.
pub type Told = Vec<String>;

/// Makes the CA of a sandbox's parties.
///
/// # Errors
/// [`FoundingError`]
pub fn found_ca(path: &Path, now: Timestamp) -> Result<(), FoundingError> {
    folder(path)?;
    Ok(SandboxCa::create(now)?.save(path)?)
}

impl Founding<'_> {
    /// The folder with the identity and the CA's certificate.
    fn party(&self, role: PartyRole) -> Result<PartyUri, FoundingError> {
        let party = PartyUri::new(Environment::Sandbox, role, self.name).map_err(FoundingError::Name)?;
        let ca = SandboxCa::load(self.ca)?;
        folder(self.folder)?;
        ca.issue(&party, &["localhost"], self.now)?.save(&self.folder.join("tls"))?;
        copy(&self.ca.join("ca.crt.pem"), &self.folder.join("party-ca.crt.pem"))?;
        Ok(party)
    }

    fn key(&self, name: &str) -> Result<(), FoundingError> {
        hex_key(&self.folder.join(name), &self.entropy.octets())
    }

    /// An authority: six keys with their certificates, two responders, an empty register.
    ///
    /// # Errors
    /// [`FoundingError`]
    pub fn authority(&self, serials: SerialPlan) -> Result<Told, FoundingError> {
        let party = self.party(PartyRole::Authority)?;
        let [public, verifiers, ops] = AUTHORITY_PORTS.map(here);
        let config = AuthorityConfig { serials, ..AuthorityConfig::new(&format!("http://{public}/ocsp")) };
        let authority = Authority::create(&self.folder.join("register"), config, self.now)?;
        // The one verifier that a sandbox has; its name is that of `keys init relay --name relay`.
        let relay = sandbox(PartyRole::Relay, "relay")?;
        authority.register_verifier(&relay, &[LookupPurpose::Enrolment])?;
        authority.publish(self.now)?;
        let anchors = self.folder.join("anchors");
        folder(&anchors)?;
        for (number, certificate) in authority.authority_certificates().iter().enumerate() {
            private(&anchors.join(format!("{number}.cer")), &certificate.der)?;
        }
        let file = AuthorityFile {
            sandbox: true,
            listen_public: public,
            listen_verifiers: verifiers,
            listen_ops: Some(ops),
            identity: "tls".into(),
            party_ca: "party-ca.crt.pem".into(),
            register: "register".into(),
            service: ServiceConfig::default(),
        };
        write_config(&self.folder.join("authority.toml"), "authority.toml", &file)?;
        Ok(vec![
            format!("relay.toml, [authority]: party = \"{party}\""),
            format!("copy {} to every verifier: the relay, and each company under 委託", anchors.display()),
            format!("verifier registered for serial pairing: {relay}"),
        ])
    }

    /// A relay that knows no terminal, no company and no contract yet.
    ///
    /// # Errors
    /// [`FoundingError`]
    pub fn relay(&self) -> Result<Told, FoundingError> {
        let party = self.party(PartyRole::Relay)?;
        let (assertions, document) = AssertionKey::generate()?;
        private(&self.folder.join("assertions.pk8"), &document)?;
        self.key("tickets.key")?;
        self.key("indexes.key")?;
        folder(&self.folder.join("anchors"))?;
        let [public, verifiers, _] = AUTHORITY_PORTS.map(here);
        let [listen, ops] = RELAY_PORTS.map(here);
        let file = RelayConfig {
            sandbox: true,
            listen,
            listen_ops: Some(ops),
            origin: "https://pos.relay.enishi.example".to_owned(),
            identity: "tls".into(),
            party_ca: "party-ca.crt.pem".into(),
            store: "store".into(),
            keys: KeyFiles {
                tickets: "tickets.key".into(),
                indexes: "indexes.key".into(),
                assertions: "assertions.pk8".into(),
            },
            authority: AuthorityEntry {
                anchors: "anchors".into(),
                crl_url: crl_url(&public),
                ocsp_url: format!("http://{public}/ocsp"),
                pairing: verifiers,
                party: sandbox(PartyRole::Authority, "jlis")?,
                refresh_s: 60,
                list_timeout_s: None,
            },
            platform: PlatformEntry {
                unanswered: UnansweredEntry::default(),
                id: "enishi-platform".parse().map_err(FoundingError::Name)?,
                accreditation: self.accreditation("SANDBOX-PF-1")?,
            },
            limits: LimitsEntry::default(),
            terminals: Vec::new(),
            providers: Vec::new(),
            contracts: Vec::new(),
        };
        write_config(&self.folder.join("relay.toml"), "relay.toml", &file)?;
        Ok(vec![
            format!("provider.toml: relay_party = \"{party}\""),
            format!("provider.toml: relay_key = \"{}\"", hex::encode(assertions.verifying_key().as_octets())),
            format!(
                "put the authorities' certificates (*.cer) into {}",
                self.folder.join("anchors").display()
            ),
            "a table for each terminal, company and contract: at the end of relay.toml stands how".to_owned(),
        ])
    }

    /// A card company.
    ///
    /// # Errors
    /// [`FoundingError`]
    pub fn provider(&self, model: NewModel) -> Result<Told, FoundingError> {
        let party = self.party(PartyRole::Provider)?;
        self.key("zone.key")?;
        self.key("pin.key")?;
        let zone_key = self.folder.join("zone.key");
        let mut told = vec![
            format!(
                "relay.toml: a [[provider]] table with id = \"{}\", and a [[contract]] table with id = \"{0}-credit\"",
                party.name()
            ),
            format!("copy {} to the relay (mode 0600) and name it there as zone_key", zone_key.display()),
            "provider.toml: relay_key, as `enishi keys init relay` printed it".to_owned(),
        ];
        let [public, ..] = AUTHORITY_PORTS.map(here);
        let model = match model {
            NewModel::Proxy => ProviderModel::Proxy,
            NewModel::Entrusted => {
                let octets = self.entropy.octets();
                let (opening, sealing) = OpeningKey::from_random(octets);
                hex_key(&self.folder.join("opening.key"), &opening.expose_octets())?;
                self.key("index.key")?;
                let anchors = self.folder.join("anchors");
                folder(&anchors)?;
                told.push(format!(
                    "relay.toml, [[provider]]: sealing_key = \"{}\"",
                    hex::encode(sealing.to_octets())
                ));
                told.push(format!("put the authorities' certificates (*.cer) into {}", anchors.display()));
                ProviderModel::Entrusted(EntrustedEntry {
                    opening_key: "opening.key".into(),
                    index_key: "index.key".into(),
                    serial_rows: "serials.sqlite".into(),
                    anchors: "anchors".into(),
                    crl_url: crl_url(&public),
                    lists: Some("lists".into()),
                })
            }
        };
        let ([iso, app, ops], [relay, _]) = (PROVIDER_PORTS.map(here), RELAY_PORTS.map(here));
        let file = ProviderFile {
            sandbox: true,
            listen_iso: iso,
            app_origin: format!("http://{app}"),
            listen_app: app,
            listen_ops: Some(ops),
            identity: "tls".into(),
            party_ca: "party-ca.crt.pem".into(),
            store: "provider.sqlite".into(),
            relay,
            relay_party: sandbox(PartyRole::Relay, "relay")?,
            // Nobody's: the relay is made by somebody else, and says it.
            relay_key: String::new(),
            contract: format!("{}-credit", party.name()).parse().map_err(FoundingError::Name)?,
            zone_key: "zone.key".into(),
            pin_key: "pin.key".into(),
            callback: format!("https://app.{}.example/link-callback", party.name())
                .parse()
                .map_err(FoundingError::Name)?,
            password_rounds: PASSWORD_ROUNDS,
            policy: PolicyEntry::default(),
            model,
        };
        write_config(&self.folder.join("provider.toml"), "provider.toml", &file)?;
        Ok(told)
    }

    /// A shop's terminal; its name is its number.
    ///
    /// # Errors
    /// [`FoundingError`]
    pub fn terminal(&self) -> Result<Told, FoundingError> {
        let number: TerminalId = self.name.parse().map_err(FoundingError::Name)?;
        let merchant: MerchantId = "SBX-SHOP-01".parse().map_err(FoundingError::Name)?;
        self.party(PartyRole::Terminal)?;
        self.key("pin.key")?;
        let [relay, _] = RELAY_PORTS.map(here);
        let file = TerminalFile {
            sandbox: true,
            terminal: number.clone(),
            merchant: merchant.clone(),
            merchant_name: Text::new("見本の店", "Sample Shop"),
            identity: "tls".into(),
            party_ca: "party-ca.crt.pem".into(),
            journal: "journal".into(),
            pin_key: "pin.key".into(),
            relay,
            relay_party: sandbox(PartyRole::Relay, "relay")?,
            answer_wait_ms: 30_000,
            reader: ReaderEntry::Software,
            callbacks: Vec::new(),
        };
        write_config(&self.folder.join("terminal.toml"), "terminal.toml", &file)?;
        let pin_key = self.folder.join("pin.key");
        Ok(vec![
            format!("relay.toml: a [[terminal]] table with id = \"{number}\" and merchant = \"{merchant}\""),
            format!("copy {} to the relay (mode 0600) and name it there as pin_key", pin_key.display()),
        ])
    }

    fn accreditation(&self, number: &str) -> Result<AccreditationEntry, FoundingError> {
        let calendar = |_: jiff::Error| FoundingError::Calendar;
        Ok(AccreditationEntry {
            ground: GroundEntry::Certified,
            number: number.to_owned(),
            valid_from: self.now.checked_sub(24.hours()).map_err(calendar)?,
            valid_until: self.now.checked_add((ACCREDITED_DAYS * 24).hours()).map_err(calendar)?,
        })
    }
}

fn here(port: u16) -> String {
    format!("127.0.0.1:{port}")
}

fn crl_url(public: &str) -> String {
    format!("http://{public}/crl/{{kind}}/{{key_id}}.crl")
}

fn sandbox(role: PartyRole, name: &str) -> Result<PartyUri, FoundingError> {
    PartyUri::new(Environment::Sandbox, role, name).map_err(FoundingError::Name)
}
