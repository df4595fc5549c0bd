//! The municipal office's counter: issues, revokes and renews software cards.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use enishi_authority::{
    Authority, AuthorityError, CardKey, CarrierKeys, CitizenRecord, IssuedCertificates, RevocationReason,
    WithSigning,
};
use enishi_card::{CardImage, CardParts, Filler, Form, KeyAlgorithm, KeyParts, Renewal, SoftwareCard};
use enishi_jpki::{
    AuthCertificate, AuthPin, Carrier, CertKind, Profile, Serial, SigningCertificate, SigningPassword,
};
use enishi_party::{Clock, Entropy};
use enishi_sandbox::party::{PartyError, open_authority};
use enishi_transport::{SystemClock, SystemEntropy};
use serde_json::json;
use zeroize::Zeroizing;

use crate::command::card::advice;
use crate::command::card::keypad::{Echo, Interrupt, Keypad};
use crate::command::exit::{Exit, Failure};
use crate::command::serve::runtime;

/// Largest file of a person or of PINs.
const FILE_OCTETS_MAX: u64 = 16 * 1024;
/// A list that another process publishes meanwhile bears a second that this one has not reached.
const PUBLISH_TRIES: usize = 3;

pub(super) const ISSUE_HELP: &str = "\
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
  enishi authority issue --config /tmp/enishi/authority/authority.toml --person goro.toml --card goro.card

Exit codes:
  0  issued
  1  refused: the person holds a valid card already, or is too young to sign (--without-signing)
  2  wrong arguments or configuration; a person's file of another form; a card file that exists
  3  the register or the disk failed";

pub(super) const REVOKE_HELP: &str = "\
OCSP says so at once; revocation lists say so from the next publication on (`enishi authority publish`).

Example:
  enishi authority revoke --config /tmp/enishi/authority/authority.toml --card /tmp/enishi/cards/jiro.card \\
      --kind both --reason certificate-hold

Exit codes:
  0  revoked
  1  refused: revoked before, expired, or not issued by this authority
  2  wrong arguments or configuration; no card file
  3  the register failed, or the card is in use";

pub(super) const RENEW_HELP: &str = "\
Makes new keys and certificates for the person of a card and puts them on it; PINs and retry counters stay. The old certificates
are revoked as superseded, and J-LIS knows old and new as one person's (新旧). Nobody else may use the card meanwhile.

Example:
  enishi authority renew --config /tmp/enishi/authority/authority.toml --card /tmp/enishi/cards/taro.card

Exit codes:
  0  renewed
  1  refused: revoked before, or not issued by this authority
  2  wrong arguments or configuration; no card file
  3  the register or the disk failed, or the card is in use";

pub(super) const PUBLISH_HELP: &str = "\
Publishes the revocation lists of both authorities now, one under each of their keys, whatever the schedule says. A relay fetches
them by its own schedule (refresh_s in relay.toml).

Example:
  enishi authority publish --config /tmp/enishi/authority/authority.toml

Exit codes:
  0  published
  2  wrong arguments or configuration
  3  the register failed, or the clock stands before the last list";

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

#[derive(Args)]
pub(super) struct Revoke {
    /// The authority's configuration file.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// The card's file.
    #[arg(long, value_name = "FILE")]
    card: PathBuf,
    /// Which certificate.
    #[arg(long, value_enum)]
    kind: Kind,
    /// Why.
    #[arg(long, value_enum)]
    reason: Reason,
}

#[derive(Args)]
pub(super) struct Renew {
    /// The authority's configuration file.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// The card's file, which is rewritten.
    #[arg(long, value_name = "FILE")]
    card: PathBuf,
}

#[derive(Args)]
pub(super) struct Publish {
    /// The authority's configuration file.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// 利用者証明用: the one that proves who holds the card.
    Auth,
    /// 署名用: the one that signs documents.
    Sign,
    /// Both of the card.
    Both,
}

/// RFC 5280 §5.3.1, as far as J-LIS uses it for citizens.
#[derive(Clone, Copy, ValueEnum)]
enum Reason {
    /// No reason given.
    Unspecified,
    /// The holder's key leaked.
    KeyCompromise,
    /// 記載事項の変更: name, address or another item changed.
    AffiliationChanged,
    /// Renewed.
    Superseded,
    /// No longer needed: death, emigration, own wish.
    CessationOfOperation,
    /// 一時停止: reported lost. It counts as revoked.
    CertificateHold,
}

impl Reason {
    const fn reason(self) -> RevocationReason {
        match self {
            Self::Unspecified => RevocationReason::Unspecified,
            Self::KeyCompromise => RevocationReason::KeyCompromise,
            Self::AffiliationChanged => RevocationReason::AffiliationChanged,
            Self::Superseded => RevocationReason::Superseded,
            Self::CessationOfOperation => RevocationReason::CessationOfOperation,
            Self::CertificateHold => RevocationReason::CertificateHold,
        }
    }
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
            println!("{}", json!({ "card": self.card, "signing": issued.signing.is_some() }));
        } else {
            println!("Issued: {}", self.card.display());
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

fn key() -> Result<CardKey, Failure> {
    CardKey::generate().map_err(refused)
}

fn card_key(key: &CardKey) -> Result<enishi_card::CardKey, Failure> {
    enishi_card::CardKey::from_pkcs8(KeyAlgorithm::Rsa2048, key.expose_pkcs8_der()).map_err(advice::failure)
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
fn take_back(authority: &Authority, issued: &IssuedCertificates) {
    let signing = issued.signing.as_ref().map(|signing| (CertKind::Signing, &signing.serial));
    for (kind, serial) in [(CertKind::Authentication, &issued.auth_serial)].into_iter().chain(signing) {
        let now = SystemClock.now();
        if let Err(error) = authority.revoke(kind, serial, RevocationReason::CessationOfOperation, now) {
            eprintln!("enishi authority issue: a certificate that no card has could not be revoked: {error}");
        }
    }
}

impl Revoke {
    pub(super) fn run(self) -> Result<Exit, Failure> {
        let authority = open_authority(&self.config)?;
        let image = CardImage::load(&self.card).map_err(|error| card_failure(&self.card, error))?;
        let (auth, sign) = serials(&image)?;
        let mut wanted = Vec::new();
        if self.kind != Kind::Sign {
            wanted.push((CertKind::Authentication, auth));
        }
        match sign {
            Some(sign) if self.kind != Kind::Auth => wanted.push((CertKind::Signing, sign)),
            None if self.kind == Kind::Sign => {
                return Err(Failure::refused("the card has no signing certificate; nothing was revoked"));
            }
            _ => {}
        }
        let mut failed = None;
        for (kind, serial) in &wanted {
            let name = name_of(*kind);
            match authority.revoke(*kind, serial, self.reason.reason(), SystemClock.now()) {
                Ok(()) => println!("Revoked: the {name} certificate. OCSP says so from now on."),
                Err(error) => {
                    eprintln!("enishi authority revoke: the {name} certificate: {error}");
                    failed = Some(refused(error));
                }
            }
        }
        match failed {
            Some(failure) => Err(failure),
            None => {
                println!(
                    "Lists say so from the next publication on: enishi authority publish --config {}",
                    self.config.display()
                );
                Ok(Exit::Done)
            }
        }
    }
}

impl Renew {
    pub(super) fn run(self) -> Result<Exit, Failure> {
        let authority = open_authority(&self.config)?;
        let failed = |error| card_failure(&self.card, error);
        // Held to the end: nobody taps a card whose keys are being replaced.
        let mut card = SoftwareCard::open(&self.card).map_err(failed)?;
        let (old, old_signing) = serials(card.image())?;
        let citizen = authority.citizen_of(&old).map_err(refused)?;
        let (authentication, signing) = (key()?, old_signing.map(|_| key()).transpose()?);
        let keys = CarrierKeys {
            authentication_spki: authentication.spki_der(),
            signing: signing.as_ref().map_or(WithSigning::Without, |key| WithSigning::Spki(key.spki_der())),
        };
        // A disk that fails shows before anything is revoked.
        card.rewrite().map_err(failed)?;
        let issued = authority.renew(&old, &citizen, keys, SystemClock.now()).map_err(refused)?;
        let signing = match (&signing, issued.signing) {
            (Some(key), Some(certificate)) => Some((card_key(key)?, certificate.der)),
            _ => None,
        };
        let renewal = Renewal {
            authentication: (card_key(&authentication)?, issued.auth_der),
            signing,
            authentication_ca: issued.auth_ca_der,
            signing_ca: issued.sign_ca_der,
        };
        card.renew(renewal).map_err(|error| {
            Failure::surroundings(format!(
                "{}: {error}; the old certificates are revoked and the new ones are on no card: revoke them and issue anew",
                self.card.display()
            ))
        })?;
        println!("Renewed: {}. The old certificates are revoked as superseded.", self.card.display());
        Ok(Exit::Done)
    }
}

impl Publish {
    pub(super) fn run(self) -> Result<Exit, Failure> {
        let authority = open_authority(&self.config)?;
        let mut published = authority.publish(SystemClock.now());
        for _ in 1..PUBLISH_TRIES {
            if !matches!(published, Err(AuthorityError::ClockBehind { .. })) {
                break;
            }
            published = authority.publish(SystemClock.now());
        }
        published.map_err(|error| Failure::surroundings(PartyError::from(error)))?;
        println!("Published: the revocation lists of both authorities.");
        Ok(Exit::Done)
    }
}

/// The numbers of a card's certificates, for the register alone.
fn serials(image: &CardImage) -> Result<(Serial, Option<Serial>), Failure> {
    let foreign = |error: enishi_jpki::CertificateError| {
        Failure::refused(format!("the card's certificate is none of a sandbox authority: {error}"))
    };
    let profile = Profile::SANDBOX;
    let auth =
        AuthCertificate::parse(image.expose_authentication_certificate(), &profile).map_err(foreign)?;
    let sign = image.expose_signing_certificate().map(|der| SigningCertificate::parse(der, &profile));
    let sign = sign.transpose().map_err(foreign)?;
    Ok((auth.serial().clone(), sign.map(|certificate| certificate.serial().clone())))
}

const fn name_of(kind: CertKind) -> &'static str {
    match kind {
        CertKind::Authentication => "authentication (利用者証明用)",
        CertKind::Signing => "signing (署名用)",
    }
}

fn card_failure(path: &Path, error: enishi_card::CardError) -> Failure {
    let failure = advice::failure(error);
    Failure::new(failure.exit(), format!("{}: {failure}", path.display()))
}

/// A refusal of the register, or a failure of its disk.
fn refused(error: AuthorityError) -> Failure {
    match error {
        AuthorityError::AlreadyHolds(_) => {
            Failure::refused(format!("{error}; revoke the old card first, or renew it"))
        }
        AuthorityError::TooYoungToSign => Failure::refused(format!("{error}; issue --without-signing")),
        AuthorityError::NeverIssued(_)
        | AuthorityError::AnotherCitizen
        | AuthorityError::AlreadyRevoked { .. }
        | AuthorityError::Expired { .. }
        | AuthorityError::NothingToIssue { .. }
        | AuthorityError::NoRecord => Failure::refused(error),
        error => PartyError::from(error).into(),
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
