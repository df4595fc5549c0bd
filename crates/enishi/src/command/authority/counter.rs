//! `enishi authority revoke|renew|publish`

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use enishi_authority::{
    Authority, AuthorityError, CardKey, CarrierKeys, IssuedCertificates, RevocationReason, WithSigning,
};
use enishi_card::{CardImage, KeyAlgorithm, Renewal, SoftwareCard};
use enishi_jpki::{AuthCertificate, CertKind, Profile, Serial, SigningCertificate};
use enishi_party::Clock;
use enishi_sandbox::party::{PartyError, open_authority};
use enishi_transport::SystemClock;

use super::issue::take_back;
use crate::command::card::advice;
use crate::command::exit::{Exit, Failure};

/// A list that another process publishes meanwhile bears a second that this one has not reached.
const PUBLISH_TRIES: usize = 3;

pub(super) const REVOKE_HELP: &str = "\
OCSP says so at once; revocation lists say so from the next publication on (`enishi authority publish`).

Example:
  enishi authority revoke --config town/authority/authority.toml --card town/cards/jiro.card \\
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
  enishi authority renew --config town/authority/authority.toml --card town/cards/taro.card

Exit codes:
  0  renewed
  1  refused: revoked before, or not issued by this authority
  2  wrong arguments or configuration; no card file
  3  the register or the disk failed, or the card is in use";

pub(super) const PUBLISH_HELP: &str = "\
Publishes the revocation lists of both authorities now, one under each of their keys, whatever the schedule says. A relay fetches
them by its own schedule (refresh_s in relay.toml).

Example:
  enishi authority publish --config town/authority/authority.toml

Exit codes:
  0  published
  2  wrong arguments or configuration
  3  the register failed, or the clock stands before the last list";

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
                Ok(()) => say!("Revoked: the {name} certificate. OCSP says so from now on."),
                Err(error) => {
                    eprintln!("enishi authority revoke: the {name} certificate: {error}");
                    failed = Some(refused(error));
                }
            }
        }
        match failed {
            Some(failure) => Err(failure),
            None => {
                say!(
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
        put_on(&authority, &mut card, &authentication, signing.as_ref(), &issued).map_err(|failure| {
            Failure::surroundings(format!(
                "{}: {failure}; its old certificates are revoked, and so are the new ones, which no card has: issue a new card",
                self.card.display()
            ))
        })?;
        say!("Renewed: {}. The old certificates are revoked as superseded.", self.card.display());
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
        say!("Published: the revocation lists of both authorities.");
        Ok(Exit::Done)
    }
}

/// Puts new certificates on the card; what cannot be put there is taken back, for its person could not get another.
pub(super) fn put_on(
    authority: &Authority,
    card: &mut SoftwareCard,
    authentication: &CardKey,
    signing: Option<&CardKey>,
    issued: &IssuedCertificates,
) -> Result<(), Failure> {
    let renewal = || {
        let signing = match (signing, &issued.signing) {
            (Some(key), Some(certificate)) => Some((card_key(key)?, certificate.der.clone())),
            _ => None,
        };
        Ok(Renewal {
            authentication: (card_key(authentication)?, issued.auth_der.clone()),
            signing,
            authentication_ca: issued.auth_ca_der.clone(),
            signing_ca: issued.sign_ca_der.clone(),
        })
    };
    let put = renewal().and_then(|renewal| card.renew(renewal).map_err(advice::failure));
    put.inspect_err(|_| take_back(authority, issued))
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
pub(super) fn refused(error: AuthorityError) -> Failure {
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

pub(super) fn key() -> Result<CardKey, Failure> {
    CardKey::generate().map_err(refused)
}

pub(super) fn card_key(key: &CardKey) -> Result<enishi_card::CardKey, Failure> {
    enishi_card::CardKey::from_pkcs8(KeyAlgorithm::Rsa2048, key.expose_pkcs8_der()).map_err(advice::failure)
}
