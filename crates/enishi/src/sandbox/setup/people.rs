//! Cards for the citizens and accounts for the customers.

use std::num::NonZeroU32;
use std::path::Path;

use enishi_authority::{
    Authority, CardKey, CarrierKeys, CitizenId, CitizenRecord, Municipality, RegisteredBirth, RegisteredText,
    WithSigning,
};
use enishi_card::{CardImage, CardParts, Filler, Form, KeyAlgorithm, KeyParts};
use enishi_jpki::{AuthPin, Carrier, Sex, SigningPassword};
use enishi_provider::PinVerificationKey;
use enishi_provider_store::{ProviderStore, SampleBook, SampleCard, SampleCustomer};

use super::{Builder, Issued, PASSWORD_ROUNDS};
use crate::sandbox::{Company, Person, SandboxError};

/// The PIN of every sample card's authentication key.
pub const CARD_AUTH_PIN: &str = "4071";
/// The password of every sample card's signing key.
pub const CARD_SIGNING_PASSWORD: &str = "ENISHI2015";
/// Most that one purchase may cost on a sample card.
const TRANSACTION_LIMIT_YEN: u64 = 50_000;
/// Most that may be owed on a sample card.
const CREDIT_LIMIT_YEN: u64 = 300_000;

impl Builder<'_> {
    pub(super) fn card(&self, authority: &Authority, person: &Person) -> Result<Issued, SandboxError> {
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

    pub(super) async fn customers(
        &self,
        company: Company,
        folder: &Path,
        pin_key: &str,
    ) -> Result<(), SandboxError> {
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
}
