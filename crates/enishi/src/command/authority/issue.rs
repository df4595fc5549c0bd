//! `enishi authority issue`

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use enishi_authority::{
    Authority, CardKey, CarrierKeys, CitizenRecord, IssuedCertificates, RevocationReason, WithSigning,
};
use enishi_card::{CardImage, CardParts, Filler, Form, KeyParts};
use enishi_jpki::{AuthPin, Carrier, CertKind, SigningPassword};
use enishi_party::{Clock, Entropy};
use enishi_sandbox::party::open_authority;
use enishi_transport::{SystemClock, SystemEntropy};
use serde_json::json;
use zeroize::Zeroizing;

use super::counter::{card_key, key, refused};
use crate::command::card::keypad::{Echo, Interrupt, Keypad};
use crate::command::exit::{Exit, Failure};
use crate::command::serve::runtime;

/// Largest file of a person or of PINs.
const FILE_OCTETS_MAX: u64 = 16 * 1024;

pub(super) const HELP: &str = "\
Makes two keys, has the sandbox J-LIS certify them for an invented person, and writes them into a new card file (0600). Works
beside `enishi authority serve`. The PIN (利用者証明用, 4 digits) and the password (署名用, 6 to 16 letters and digits) are asked
without echo, or read from --pins: the PIN on the first line, the password on the second.

The person's file:
  id = \"RESIDENT-0007\"
  name = \"見本田　五郎\"
  address = \"東京都架空市見本町七丁目\"
  birth_date = \"1990-05-05\"
  sex = \"male\"                     # or female; not stated if left out
  municipality = { code = \"13221\", prefecture = \"Tokyo-to\", name = \"Kakuu-shi\" }

Example:
  enishi authority issue --config town/authority/authority.toml --person goro.toml --card goro.card

Exit codes:
  0  issued
  1  refused: the person holds a valid card already, or is too young to sign (--without-signing)
  2  wrong arguments or configuration; a person's file of another form; a card file that exists
  3  the register or the disk failed";

#[derive(Args)]
pub(super) struct Issue {
    /// The authority's configuration file.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// The person's file.
    #[arg(long, value_name = "FILE")]
    person: PathBuf,
    /// The card file to make.
    #[arg(long, value_name = "FILE")]
    card: PathBuf,
    /// A file (0600) with the PIN on its first line and the signing password on its second; otherwise they are asked.
    #[arg(long, value_name = "FILE")]
    pins: Option<PathBuf>,
    /// Without a signing certificate, as for holders under 15.
    #[arg(long)]
    without_signing: bool,
    /// One JSON object on stdout.
    #[arg(long)]
    json: bool,
}

impl Issue {
    pub(super) fn run(self) -> Result<Exit, Failure> {
        let authority = open_authority(&self.config)?;
        let person = CitizenRecord::from_toml(&read(&self.person)?)
            .map_err(|error| Failure::wrong_use(format!("{}: {error}", self.person.display())))?;
        if self.card.symlink_metadata().is_ok() {
            return Err(Failure::wrong_use(format!("{} exists; name a new file", self.card.display())));
        }
        let pins = self.pins()?;
        let (authentication, signing) = (key()?, if self.without_signing { None } else { Some(key()?) });
        let keys = CarrierKeys {
            authentication_spki: authentication.spki_der(),
            signing: signing.as_ref().map_or(WithSigning::Without, |key| WithSigning::Spki(key.spki_der())),
        };
        let issued = authority.issue(&person, keys, Carrier::Card, SystemClock.now()).map_err(refused)?;
        let written = write_card(&self.card, &authentication, signing.as_ref(), &issued, pins);
        if let Err(failure) = written {
            take_back(&authority, &issued);
            return Err(failure);
        }
        if self.json {
            say!("{}", json!({ "card": self.card, "signing": issued.signing.is_some() }));
        } else {
            say!("Issued: {}", self.card.display());
        }
        Ok(Exit::Done)
    }

    fn pins(&self) -> Result<Pins, Failure> {
        let text = match &self.pins {
            Some(file) => private(file)?,
            None => return self.asked(),
        };
        let mut lines = text.lines();
        let pin = pin(lines.next().unwrap_or_default())?;
        let password = match self.without_signing {
            true => None,
            false => Some(password(lines.next().unwrap_or_default())?),
        };
        Ok(Pins { pin, password })
    }

    /// On a terminal without echo; elsewhere one line each.
    fn asked(&self) -> Result<Pins, Failure> {
        let runtime = runtime()?;
        let _inside = runtime.enter();
        let keypad = Keypad::new(
            Interrupt::watch().map_err(|error| Failure::surroundings(format!("signals: {error}")))?,
        );
        let ask = |what: &str| {
            let prompt = || {
                if keypad.is_terminal() {
                    eprint!("{what}: ");
                }
            };
            keypad.line(Echo::Hidden, prompt).ok_or_else(|| Failure::refused("stopped; nothing was issued"))
        };
        let pin = pin(ask("New authentication PIN (利用者証明用, 4 digits)")?.text())?;
        let password = match self.without_signing {
            true => None,
            false => {
                Some(password(ask("New signing password (署名用, 6 to 16 letters and digits)")?.text())?)
            }
        };
        Ok(Pins { pin, password })
    }
}

struct Pins {
    pin: AuthPin,
    password: Option<SigningPassword>,
}

fn pin(text: &str) -> Result<AuthPin, Failure> {
    AuthPin::parse(text).map_err(|error| Failure::wrong_use(format!("{error}; nothing was issued")))
}

fn password(text: &str) -> Result<SigningPassword, Failure> {
    SigningPassword::parse(text).map_err(|error| Failure::wrong_use(format!("{error}; nothing was issued")))
}

fn write_card(
    path: &Path,
    authentication: &CardKey,
    signing: Option<&CardKey>,
    issued: &IssuedCertificates,
    pins: Pins,
) -> Result<(), Failure> {
    let signing = match (signing, &issued.signing, pins.password) {
        (Some(key), Some(certificate), Some(secret)) => {
            Some(KeyParts { key: card_key(key)?, certificate: certificate.der.clone(), secret })
        }
        _ => None,
    };
    let entropy: &dyn Entropy = &SystemEntropy;
    let parts = CardParts {
        form: Form::Card,
        // The number of the chip: of no person, and never asked of the register.
        token_serial: hex::encode_upper(entropy.octets::<8>()),
        authentication: KeyParts {
            key: card_key(authentication)?,
            certificate: issued.auth_der.clone(),
            secret: pins.pin,
        },
        signing,
        authentication_ca: issued.auth_ca_der.clone(),
        signing_ca: issued.sign_ca_der.clone(),
        filler: Filler::None,
        face: None,
    };
    let failed =
        |error: enishi_card::CardError| Failure::surroundings(format!("{}: {error}", path.display()));
    CardImage::new(parts).and_then(|image| image.create(path)).map_err(failed)
}

/// Certificates without a card are of use to nobody, and would keep the person from getting a card.
pub(super) fn take_back(authority: &Authority, issued: &IssuedCertificates) {
    let signing = issued.signing.as_ref().map(|signing| (CertKind::Signing, &signing.serial));
    for (kind, serial) in [(CertKind::Authentication, &issued.auth_serial)].into_iter().chain(signing) {
        let now = SystemClock.now();
        if let Err(error) = authority.revoke(kind, serial, RevocationReason::CessationOfOperation, now) {
            eprintln!("enishi authority: a certificate that no card has could not be revoked: {error}");
        }
    }
}

fn read(path: &Path) -> Result<String, Failure> {
    let failed = |error: std::io::Error| Failure::wrong_use(format!("{}: {error}", path.display()));
    let size = fs::metadata(path).map_err(failed)?.len();
    if size > FILE_OCTETS_MAX {
        return Err(Failure::wrong_use(format!(
            "{}: {size} octets, at most {FILE_OCTETS_MAX} expected",
            path.display()
        )));
    }
    fs::read_to_string(path).map_err(failed)
}

/// A file that holds secrets.
fn private(path: &Path) -> Result<Zeroizing<String>, Failure> {
    use std::os::unix::fs::PermissionsExt;

    let text = Zeroizing::new(read(path)?);
    let failed = |error: std::io::Error| Failure::wrong_use(format!("{}: {error}", path.display()));
    let mode = fs::metadata(path).map_err(failed)?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(Failure::wrong_use(format!("{}: others may read it: chmod 600", path.display())));
    }
    Ok(text)
}

#[cfg(test)]
mod tests;
