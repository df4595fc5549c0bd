//! Makes the sandbox on disk: keys, certificates, configuration files, cards and customers.

mod files;
mod people;

use std::fs;
use std::path::Path;
use std::time::Duration;

use enishi_authority::{
    Authority, AuthorityConfig, IssuedCertificates, LookupPurpose, PublishPolicy, SerialPlan, ServiceConfig,
};
use enishi_party::{Entropy, Money, PartyRole, PartyUri, Timestamp};
use enishi_server::{
    AccreditationEntry, AuthorityEntry, ContractLine, GroundEntry, KeyFiles, LimitsEntry, LookupEntry,
    ModelEntry, PlatformEntry, ProviderLine, RelayConfig, TerminalLine, UnansweredEntry,
};
use enishi_transport::SandboxCa;
use enishi_verify::OpeningKey;
use enishi_wire::AssertionKey;
use jiff::ToSpan;

use self::files::{file, make_folder, private_file, require_empty, write_config};
pub use self::people::{CARD_AUTH_PIN, CARD_SIGNING_PASSWORD};
use super::blueprint::party;
use super::{Blueprint, Company, Person, PersonKey, SandboxError, Shop};
use crate::party::{
    AuthorityFile, EntrustedEntry, PolicyEntry, ProviderFile, ProviderModel, ReaderEntry, TerminalFile,
};

/// Rounds of the sample customers' passwords: they are printed in the open, so hashing them is for show.
const PASSWORD_ROUNDS: u32 = 10_000;
/// The company number of the shops' acquirer.
const ACQUIRER_KID: &str = "49800000017";
/// From this amount on company B asks its PIN.
const B_PIN_FROM_YEN: u64 = 10_000;
/// Company B takes the deck's order (amount after the tap) up to this amount.
const B_UNBOUND_UP_TO_YEN: u64 = 5_000;

/// How quick the sandbox's clocks are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitsChoice {
    /// As in production: 10 s for a company, reversals after 1, 2, 4 … 60 s.
    Production,
    /// Shortened, so that a story about waiting can be told.
    Short,
}

/// What can be chosen.
#[derive(Debug, Clone, Copy)]
pub struct SetupOptions {
    /// How serial numbers are chosen.
    pub serials: SerialPlan,
    /// How quick the clocks are.
    pub limits: LimitsChoice,
}

/// What was issued to one citizen.
pub(crate) struct Issued {
    pub(crate) person: PersonKey,
    pub(crate) certificates: IssuedCertificates,
}

/// Makes a sandbox that others start: everything under the blueprint's root, which must be new or empty.
///
/// # Errors
/// [`SandboxError::FolderNotEmpty`], or whatever could not be made.
pub async fn set_up_on_disk(
    plan: &Blueprint,
    options: SetupOptions,
    entropy: &dyn Entropy,
    now: Timestamp,
) -> Result<(), SandboxError> {
    require_empty(&plan.root)?;
    make_folder(&plan.root)?;
    set_up(plan, options, entropy, now).await.map(drop)
}

/// Makes everything under the blueprint's root, which must be empty.
pub(crate) async fn set_up(
    plan: &Blueprint,
    options: SetupOptions,
    entropy: &dyn Entropy,
    now: Timestamp,
) -> Result<Vec<Issued>, SandboxError> {
    let ca = SandboxCa::create(now)?;
    ca.save(&plan.root.join("party-ca"))?;
    let builder = Builder { plan, options, ca, entropy, now };
    let issued = builder.authority()?;
    let keys = builder.relay()?;
    for company in Company::ALL {
        builder.company(company, &keys).await?;
    }
    for shop in Shop::ALL {
        builder.terminal(shop)?;
    }
    Ok(issued)
}

struct Builder<'a> {
    plan: &'a Blueprint,
    options: SetupOptions,
    ca: SandboxCa,
    entropy: &'a dyn Entropy,
    now: Timestamp,
}

/// What others have to know of the relay and it of them.
struct SharedKeys {
    relay_key: String,
    opening_key: [u8; 32],
    zone_key: String,
}

impl Builder<'_> {
    /// The party's folder with its identity and the CA that it trusts.
    fn party_folder(&self, name: &str, party: &PartyUri) -> Result<std::path::PathBuf, SandboxError> {
        let folder = self.plan.root.join(name);
        make_folder(&folder)?;
        // By this name a person's own tools (curl) know the sandbox's servers; parties go by their party URIs.
        self.ca.issue(party, &["localhost"], self.now)?.save(&folder.join("tls"))?;
        let certificate = self.plan.root.join("party-ca/ca.crt.pem");
        fs::copy(&certificate, folder.join("party-ca.crt.pem")).map_err(file(&certificate))?;
        Ok(folder)
    }

    fn random_key(&self, path: &Path) -> Result<String, SandboxError> {
        let text = hex::encode(self.entropy.octets::<32>());
        private_file(path, text.as_bytes())?;
        Ok(text)
    }

    fn authority(&self) -> Result<Vec<Issued>, SandboxError> {
        let folder = self.party_folder("authority", &party(PartyRole::Authority, "jlis")?)?;
        let public = self.plan.places.authority_public;
        let config = AuthorityConfig {
            serials: self.options.serials,
            publish: PublishPolicy::OnSchedule,
            publish_every: Duration::from_secs(12 * 3600),
            ..AuthorityConfig::new(&format!("http://{public}/ocsp"))
        };
        let authority = Authority::create(&folder.join("register"), config, self.now)?;
        authority.register_verifier(&party(PartyRole::Relay, "relay")?, &[LookupPurpose::Enrolment])?;
        make_folder(&self.plan.root.join("cards"))?;
        let issued = Person::ALL.iter().map(|person| self.card(&authority, person));
        let issued = issued.collect::<Result<Vec<_>, _>>()?;
        authority.publish(self.now)?;
        for folder in ["relay", Company::B.folder()] {
            let anchors = self.plan.root.join(folder).join("anchors");
            make_folder(&anchors)?;
            for (index, certificate) in authority.authority_certificates().iter().enumerate() {
                private_file(&anchors.join(format!("{index}.cer")), &certificate.der)?;
            }
        }
        write_config(
            &self.plan.authority(),
            &AuthorityFile {
                sandbox: true,
                listen_public: public.to_string(),
                listen_verifiers: self.plan.places.authority_verifiers.to_string(),
                listen_ops: Some(self.plan.places.authority_ops.to_string()),
                identity: "tls".into(),
                party_ca: "party-ca.crt.pem".into(),
                register: "register".into(),
                service: ServiceConfig::default(),
            },
        )?;
        Ok(issued)
    }

    fn relay(&self) -> Result<SharedKeys, SandboxError> {
        let folder = self.party_folder("relay", &party(PartyRole::Relay, "relay")?)?;
        let (key, document) =
            AssertionKey::generate().map_err(|error| SandboxError::Making(error.to_string()))?;
        private_file(&folder.join("assertions.pk8"), &document)?;
        self.random_key(&folder.join("tickets.key"))?;
        self.random_key(&folder.join("indexes.key"))?;
        let zone_key = self.random_key(&folder.join("zone-b.key"))?;
        let opening_key = self.entropy.octets();
        let (_, sealing_key) = OpeningKey::from_random(opening_key);
        let places = &self.plan.places;
        let config = RelayConfig {
            sandbox: true,
            listen: places.relay.to_string(),
            listen_ops: Some(places.relay_ops.to_string()),
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
                crl_url: crl_url(self.plan),
                ocsp_url: format!("http://{}/ocsp", places.authority_public),
                pairing: places.authority_verifiers.to_string(),
                party: party(PartyRole::Authority, "jlis")?,
                refresh_s: match self.options.limits {
                    LimitsChoice::Production => 60,
                    LimitsChoice::Short => 1,
                },
                list_timeout_s: None,
            },
            platform: PlatformEntry {
                unanswered: UnansweredEntry::default(),
                id: "enishi-platform".parse()?,
                accreditation: self.accreditation("SANDBOX-PF-1")?,
            },
            limits: match self.options.limits {
                LimitsChoice::Production => LimitsEntry::default(),
                LimitsChoice::Short => LimitsEntry {
                    answer_timeout_ms: Some(1_500),
                    reversal_delay_ms: Some(200),
                    ticket_life_ms: None,
                },
            },
            terminals: self.terminal_lines(&folder)?,
            providers: self.provider_lines(hex::encode(sealing_key.to_octets()))?,
            contracts: vec![self.contract(Company::A)?, self.contract(Company::B)?],
        };
        write_config(&self.plan.relay(), &config)?;
        Ok(SharedKeys { relay_key: hex::encode(key.verifying_key().as_octets()), opening_key, zone_key })
    }

    /// The register's terminals, each with the key of its keypad.
    fn terminal_lines(&self, folder: &Path) -> Result<Vec<TerminalLine>, SandboxError> {
        let line = |shop: Shop| {
            let pin_key = format!("pin-{}.key", shop.terminal());
            self.random_key(&folder.join(&pin_key))?;
            Ok(TerminalLine {
                id: shop.terminal().parse()?,
                merchant: shop.merchant().parse()?,
                kid: ACQUIRER_KID.parse()?,
                pin_key: pin_key.into(),
            })
        };
        Shop::ALL.into_iter().map(line).collect()
    }

    /// The register's providers; evidence is sealed to company B alone.
    fn provider_lines(&self, sealing_key: String) -> Result<Vec<ProviderLine>, SandboxError> {
        let places = &self.plan.places;
        Ok(vec![
            ProviderLine {
                id: Company::A.id().parse()?,
                address: places.iso_a_for_relay.to_string(),
                zone_key: None,
                sealing_key: None,
            },
            ProviderLine {
                id: Company::B.id().parse()?,
                address: places.iso_of(Company::B).to_string(),
                zone_key: Some("zone-b.key".into()),
                sealing_key: Some(sealing_key),
            },
        ])
    }

    fn contract(&self, company: Company) -> Result<ContractLine, SandboxError> {
        let (model, lookup, unbound_up_to, pin_from) = match company {
            Company::A => (ModelEntry::Proxy, LookupEntry::Ocsp, None, None),
            Company::B => (
                ModelEntry::Entrusted(self.accreditation("SANDBOX-B-1")?),
                LookupEntry::Crl,
                Some(Money::yen(B_UNBOUND_UP_TO_YEN)?),
                Some(Money::yen(B_PIN_FROM_YEN)?),
            ),
        };
        Ok(ContractLine {
            id: company.contract().parse()?,
            provider: company.id().parse()?,
            name: company.name(),
            model,
            lookup,
            unbound_up_to,
            pin_from,
        })
    }

    fn accreditation(&self, number: &str) -> Result<AccreditationEntry, SandboxError> {
        let making = |error: jiff::Error| SandboxError::Making(error.to_string());
        Ok(AccreditationEntry {
            ground: GroundEntry::Certified,
            number: number.to_owned(),
            valid_from: self.now.checked_sub(24.hours()).map_err(making)?,
            valid_until: self.now.checked_add((365 * 24).hours()).map_err(making)?,
        })
    }

    async fn company(&self, company: Company, keys: &SharedKeys) -> Result<(), SandboxError> {
        let folder = self.party_folder(company.folder(), &party(PartyRole::Provider, company.id())?)?;
        match company {
            Company::A => self.random_key(&folder.join("zone.key"))?,
            Company::B => {
                private_file(&folder.join("zone.key"), keys.zone_key.as_bytes())?;
                keys.zone_key.clone()
            }
        };
        let pin_key = self.random_key(&folder.join("pin.key"))?;
        let model = match company {
            Company::A => ProviderModel::Proxy,
            Company::B => {
                let (key, _) = OpeningKey::from_random(keys.opening_key);
                private_file(&folder.join("opening.key"), hex::encode(key.expose_octets()).as_bytes())?;
                self.random_key(&folder.join("index.key"))?;
                ProviderModel::Entrusted(EntrustedEntry {
                    opening_key: "opening.key".into(),
                    index_key: "index.key".into(),
                    serial_rows: "serials.sqlite".into(),
                    anchors: "anchors".into(),
                    crl_url: crl_url(self.plan),
                    lists: None,
                })
            }
        };
        let places = &self.plan.places;
        let policy = match company {
            Company::A => PolicyEntry::default(),
            Company::B => PolicyEntry {
                pin_from: Some(Money::yen(B_PIN_FROM_YEN)?),
                unbound_up_to: Some(Money::yen(B_UNBOUND_UP_TO_YEN)?),
            },
        };
        write_config(
            &self.plan.company(company),
            &ProviderFile {
                sandbox: true,
                listen_iso: places.iso_of(company).to_string(),
                listen_app: places.app_of(company).to_string(),
                listen_ops: Some(places.ops_of(company).to_string()),
                identity: "tls".into(),
                party_ca: "party-ca.crt.pem".into(),
                store: "provider.sqlite".into(),
                relay: places.relay.to_string(),
                relay_party: party(PartyRole::Relay, "relay")?,
                relay_key: keys.relay_key.clone(),
                contract: company.contract().parse()?,
                zone_key: "zone.key".into(),
                pin_key: "pin.key".into(),
                callback: format!("https://app.{}.example/link-callback", company.id()).parse()?,
                app_origin: format!("http://{}", places.app_of(company)),
                password_rounds: PASSWORD_ROUNDS,
                policy,
                model,
            },
        )?;
        self.customers(company, &folder, &pin_key).await
    }

    fn terminal(&self, shop: Shop) -> Result<(), SandboxError> {
        let folder = self.party_folder(shop.folder(), &party(PartyRole::Terminal, shop.terminal())?)?;
        // The keypad's key is loaded when the terminal is enrolled: relay and terminal hold the same.
        let key = self.plan.root.join("relay").join(format!("pin-{}.key", shop.terminal()));
        private_file(&folder.join("pin.key"), &fs::read(&key).map_err(file(&key))?)?;
        let places = &self.plan.places;
        let relay = match shop {
            Shop::Books => places.relay_for_books,
            Shop::Coffee => places.relay,
        };
        write_config(
            &self.plan.terminal(shop),
            &TerminalFile {
                sandbox: true,
                terminal: shop.terminal().parse()?,
                merchant: shop.merchant().parse()?,
                merchant_name: shop.name(),
                identity: "tls".into(),
                party_ca: "party-ca.crt.pem".into(),
                journal: "journal".into(),
                pin_key: "pin.key".into(),
                relay: relay.to_string(),
                relay_party: party(PartyRole::Relay, "relay")?,
                answer_wait_ms: 30_000,
                reader: ReaderEntry::Software,
                callbacks: Company::ALL
                    .into_iter()
                    .map(|company| format!("http://{}", places.app_of(company)).try_into())
                    .collect::<Result<_, _>>()?,
            },
        )
    }
}

fn crl_url(plan: &Blueprint) -> String {
    format!("http://{}/crl/{{kind}}/{{key_id}}.crl", plan.places.authority_public)
}
