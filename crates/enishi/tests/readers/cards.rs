//! Cards for the tests: the sandbox's citizens' own, a fresh copy for each.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use enishi_authority::SerialPlan;
use enishi_party::Language;
use enishi_relay::Unobserved;
use enishi_sandbox::sandbox::{
    Blueprint, LimitsChoice, PersonKey, RelayPlace, SetupOptions, Town, TownOptions,
};
use serde::Deserialize;
use tempfile::TempDir;

/// What is on a card, read from its file beside the card's own code.
#[derive(Deserialize)]
pub(crate) struct CardFile {
    authentication_ca: String,
    signing_ca: String,
    authentication: KeyAndCertificate,
    signing: KeyAndCertificate,
}

#[derive(Deserialize)]
struct KeyAndCertificate {
    certificate: String,
    secret: Secret,
}

#[derive(Deserialize)]
struct Secret {
    tries_left: u8,
}

/// Which certificate, under the number that OpenSC gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Certificate {
    Authentication,
    Signing,
    AuthenticationCa,
    SigningCa,
}

impl Certificate {
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::Authentication => "01",
            Self::Signing => "02",
            Self::AuthenticationCa => "03",
            Self::SigningCa => "04",
        }
    }
}

impl CardFile {
    pub(crate) fn read(path: &Path) -> Self {
        toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    }

    pub(crate) fn certificate(&self, which: Certificate) -> Vec<u8> {
        let text = match which {
            Certificate::Authentication => &self.authentication.certificate,
            Certificate::Signing => &self.signing.certificate,
            Certificate::AuthenticationCa => &self.authentication_ca,
            Certificate::SigningCa => &self.signing_ca,
        };
        STANDARD.decode(text).unwrap()
    }

    /// What is left of three and of five.
    pub(crate) fn tries(&self) -> (u8, u8) {
        (self.authentication.secret.tries_left, self.signing.secret.tries_left)
    }
}

/// A citizen's card that nobody has used, as a file in `folder`.
pub(crate) fn fresh(folder: &Path, person: PersonKey) -> PathBuf {
    static ISSUED: OnceLock<(TempDir, Blueprint)> = OnceLock::new();
    let (_, plan) = ISSUED.get_or_init(|| {
        let folder = tempfile::Builder::new().prefix("enishi-readers-issued-").tempdir().unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let plan = runtime.block_on(async {
            let town = Town::start(folder.path(), options()).await.unwrap();
            let plan = town.plan.clone();
            town.stop().await;
            plan
        });
        (folder, plan)
    });
    let card = folder.join("card.toml");
    std::fs::copy(plan.card(person), &card).unwrap();
    std::fs::set_permissions(&card, Permissions::from_mode(0o600)).unwrap();
    card
}

pub(crate) fn options() -> TownOptions {
    TownOptions {
        setup: SetupOptions { serials: SerialPlan::Random, limits: LimitsChoice::Short },
        language: Language::En,
        port_base: None,
        observer: Arc::new(Unobserved),
        relay: RelayPlace::InProcess,
    }
}
