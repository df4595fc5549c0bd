//! Makes the sandbox on disk: keys, certificates, configuration files, cards and customers.

use std::fs;
use std::io::Write;
use std::num::NonZeroU32;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;

use enishi_authority::{
    Authority, AuthorityConfig, CardKey, CarrierKeys, CitizenId, CitizenRecord, IssuedCertificates,
    LookupPurpose, Municipality, PublishPolicy, RegisteredBirth, RegisteredText, SerialPlan, WithSigning,
};
use enishi_card::{CardImage, CardParts, Filler, Form, KeyAlgorithm, KeyParts};
use enishi_jpki::{AuthPin, Carrier, Sex, SigningPassword};
use enishi_party::{Entropy, Money, PartyRole, PartyUri, Timestamp};
use enishi_provider::PinVerificationKey;
use enishi_provider_store::{ProviderStore, SampleBook, SampleCard, SampleCustomer};
use enishi_server::{
    AccreditationEntry, AuthorityEntry, ContractLine, GroundEntry, KeyFiles, LimitsEntry, LookupEntry,
    ModelEntry, PlatformEntry, ProviderLine, RelayConfig, TerminalLine,
};
use enishi_transport::SandboxCa;
use enishi_verify::OpeningKey;
use enishi_wire::AssertionKey;
use jiff::ToSpan;
use serde::Serialize;

use super::blueprint::party;
use super::{Blueprint, Company, Person, PersonKey, SandboxError, Shop};
use crate::party::{AuthorityFile, EntrustedEntry, PolicyEntry, ProviderFile, TerminalFile};

/// The PIN of every sample card's authentication key.
pub const CARD_AUTH_PIN: &str = "4071";
/// The password of every sample card's signing key.
pub const CARD_SIGNING_PASSWORD: &str = "ENISHI2015";
/// Rounds of the sample customers' passwords: they are printed in the open, so hashing them is for show.
const PASSWORD_ROUNDS: u32 = 10_000;
/// From this amount on company B asks its PIN.
const B_PIN_FROM_YEN: u64 = 10_000;
/// Company B takes the deck's order (amount after the tap) up to this amount.
const B_UNBOUND_UP_TO_YEN: u64 = 5_000;
/// Most that one purchase may cost on a sample card.
const TRANSACTION_LIMIT_YEN: u64 = 50_000;
/// Most that may be owed on a sample card.
const CREDIT_LIMIT_YEN: u64 = 300_000;

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
        write_toml(
            &self.plan.authority(),
            &AuthorityFile {
                sandbox: true,
                listen_public: public.to_string(),
                listen_verifiers: self.plan.places.authority_verifiers.to_string(),
                identity: "tls".into(),
                party_ca: "party-ca.crt.pem".into(),
                register: "register".into(),
            },
        )?;
        Ok(issued)
    }

    fn card(&self, authority: &Authority, person: &Person) -> Result<Issued, SandboxError> {
        let making = |error: String| SandboxError::Making(error);
        let (authentication, signing) = (CardKey::generate()?, CardKey::generate()?);
        let birth_date = person.birth_date.parse().map_err(|error: jiff::Error| making(error.to_string()))?;
        let record = CitizenRecord {
            id: CitizenId::parse(&format!("{:?}", person.key))?,
            name: RegisteredText::name(person.name)?,
            address: RegisteredText::address(person.address)?,
            birth_date: RegisteredBirth::Known(birth_date),
            sex: Sex::NotStated,
            municipality: Municipality::new("13221", "Tokyo-to", "Kakuu-shi")?,
            carrier_expiry: None,
        };
        let keys = CarrierKeys {
            authentication_spki: authentication.spki_der(),
            signing: WithSigning::Spki(signing.spki_der()),
        };
        let certificates = authority.issue(&record, keys, Carrier::Card, self.now)?;
        let signing_certificate = certificates
            .signing
            .as_ref()
            .ok_or_else(|| making("no signing certificate was issued".to_owned()))?;
        let key =
            |key: &CardKey| enishi_card::CardKey::from_pkcs8(KeyAlgorithm::Rsa2048, key.expose_pkcs8_der());
        let image = CardImage::new(CardParts {
            form: Form::Card,
            token_serial: format!(
                "{:016}",
                2_015_041_400_000_000_u64.saturating_add(u64::from(person.key.number()))
            ),
            authentication: KeyParts {
                key: key(&authentication)?,
                certificate: certificates.auth_der.clone(),
                secret: AuthPin::parse(CARD_AUTH_PIN).map_err(|error| making(error.to_string()))?,
            },
            signing: Some(KeyParts {
                key: key(&signing)?,
                certificate: signing_certificate.der.clone(),
                secret: SigningPassword::parse(CARD_SIGNING_PASSWORD)
                    .map_err(|error| making(error.to_string()))?,
            }),
            authentication_ca: certificates.auth_ca_der.clone(),
            signing_ca: certificates.sign_ca_der.clone(),
            filler: Filler::None,
            face: None,
        })?;
        image.create(&self.plan.card(person.key))?;
        Ok(Issued { person: person.key, certificates })
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
        let mut terminals = Vec::new();
        for shop in Shop::ALL {
            let pin_key = format!("pin-{}.key", shop.terminal());
            self.random_key(&folder.join(&pin_key))?;
            terminals.push(TerminalLine {
                id: shop.terminal().parse()?,
                merchant: shop.merchant().parse()?,
                kid: "49800000017".parse()?,
                pin_key: pin_key.into(),
            });
        }
        let places = &self.plan.places;
        let providers = vec![
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
                sealing_key: Some(hex::encode(sealing_key.to_octets())),
            },
        ];
        let config = RelayConfig {
            sandbox: true,
            listen: places.relay.to_string(),
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
                refresh_s: 60,
            },
            platform: PlatformEntry {
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
            terminals,
            providers,
            contracts: vec![self.contract(Company::A)?, self.contract(Company::B)?],
        };
        write_toml(&self.plan.relay(), &config)?;
        Ok(SharedKeys { relay_key: hex::encode(key.verifying_key().as_octets()), opening_key, zone_key })
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
        let entrusted = match company {
            Company::A => None,
            Company::B => {
                let (key, _) = OpeningKey::from_random(keys.opening_key);
                private_file(&folder.join("opening.key"), hex::encode(key.expose_octets()).as_bytes())?;
                self.random_key(&folder.join("index.key"))?;
                Some(EntrustedEntry {
                    opening_key: "opening.key".into(),
                    index_key: "index.key".into(),
                    serial_rows: "serials.sqlite".into(),
                    anchors: "anchors".into(),
                    crl_url: crl_url(self.plan),
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
        write_toml(
            &self.plan.company(company),
            &ProviderFile {
                sandbox: true,
                listen_iso: places.iso_of(company).to_string(),
                listen_app: places.app_of(company).to_string(),
                identity: "tls".into(),
                party_ca: "party-ca.crt.pem".into(),
                store: "provider.sqlite".into(),
                relay: places.relay.to_string(),
                relay_party: party(PartyRole::Relay, "relay")?,
                relay_key: keys.relay_key.clone(),
                contract: company.contract().parse()?,
                zone_key: "zone.key".into(),
                pin_key: "pin.key".into(),
                callback: format!("https://app.{}.example/link-callback", company.id()),
                password_rounds: PASSWORD_ROUNDS,
                policy,
                entrusted,
            },
        )?;
        self.customers(company, &folder, &pin_key).await
    }

    async fn customers(&self, company: Company, folder: &Path, pin_key: &str) -> Result<(), SandboxError> {
        let accounts = Person::ALL.iter().flat_map(|person| {
            person
                .accounts
                .iter()
                .filter(|account| account.company == company)
                .map(move |account| (person, account))
        });
        let customers = accounts
            .map(|(person, account)| {
                Ok(SampleCustomer {
                    id: account.customer.parse()?,
                    name: person.name.to_owned(),
                    birth_date: person.birth_date.to_owned(),
                    password: account.password(),
                    cards: vec![SampleCard {
                        pan: account.pan(),
                        label: account.label.to_owned(),
                        credit_limit_yen: CREDIT_LIMIT_YEN,
                        transaction_limit_yen: TRANSACTION_LIMIT_YEN,
                        pin: account.pin.to_owned(),
                    }],
                })
            })
            .collect::<Result<_, SandboxError>>()?;
        let mut octets = [0; 32];
        hex::decode_to_slice(pin_key, &mut octets)
            .map_err(|error| SandboxError::Making(error.to_string()))?;
        let store = ProviderStore::open(&folder.join("provider.sqlite"))?;
        let key = PinVerificationKey::from_octets(&octets);
        let rounds = NonZeroU32::new(PASSWORD_ROUNDS).unwrap_or(NonZeroU32::MIN);
        store.load_sample(&SampleBook { customers }, &key, rounds, self.entropy).await?;
        Ok(())
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
        write_toml(
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
            },
        )
    }
}

fn crl_url(plan: &Blueprint) -> String {
    format!("http://{}/crl/{{kind}}/{{key_id}}.crl", plan.places.authority_public)
}

fn file(path: &Path) -> impl FnOnce(std::io::Error) -> SandboxError {
    move |reason| SandboxError::File { path: path.to_owned(), reason }
}

fn make_folder(path: &Path) -> Result<(), SandboxError> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(file(path))
}

fn private_file(path: &Path, contents: &[u8]) -> Result<(), SandboxError> {
    let mut opened =
        fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(file(path))?;
    opened.write_all(contents).map_err(file(path))
}

fn write_toml(path: &Path, config: &impl Serialize) -> Result<(), SandboxError> {
    let text = toml::to_string_pretty(config).map_err(|error| SandboxError::Making(error.to_string()))?;
    private_file(path, text.as_bytes())
}
