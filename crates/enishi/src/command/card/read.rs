//! `enishi card read`

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use enishi_card::{CardError, PinKind};
use enishi_terminal::plain;
use serde_json::{Value, json};
use x509_cert::Certificate;
use x509_cert::der::Decode;

use super::advice::failure;
use super::file::{must_be_new, write_new};
use super::secret::{SpendLastTry, signing_password};
use super::source::CardSource;
use super::tries::token;
use super::{Desk, print};
use crate::command::exit::{Exit, Failure};

pub(super) const HELP: &str = "\
What is printed says what the certificates are and not whose: issuer, kind of key, and the years of validity. Serial number,
names and the exact end of validity (it falls on the holder's birthday) are printed only with --show-personal.

The signing certificate names its holder, with address, birth date and sex. It is read only with --signing, after its
password, which is asked on a terminal without echo; from anything else one line of stdin is read. It is presented once.

--out writes each certificate as NAME.cer (DER) and NAME.pem for their owner alone: they are lasting identifiers.

Examples:
  enishi card read --card town/cards/taro.card
  enishi card read --reader \"Virtual PCD 00 00\" --signing --out my-card

Exit codes:
  0  read
  1  the card or its holder refused: no JPKI card, wrong password, blocked
  2  wrong arguments, or a file that exists already
  3  the reader, the card or a file failed";

#[derive(Args)]
pub(super) struct Read {
    #[command(flatten)]
    source: CardSource,
    /// Write the certificates into this folder, which is made if it is missing.
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Read the signing certificate too; asks its password.
    #[arg(long)]
    signing: bool,
    /// Print serial numbers, names and exact dates too.
    #[arg(long)]
    show_personal: bool,
    /// One JSON object on stdout.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    spend: SpendLastTry,
}

/// A certificate and the name under which it is shown and written.
struct Shown {
    name: &'static str,
    der: Vec<u8>,
}

impl Read {
    pub(super) fn run(self, at: &Desk) -> Result<Exit, Failure> {
        if let Some(folder) = &self.out {
            for name in ["authentication", "authentication-ca", "signing-ca", "signing"] {
                must_be_new(&folder.join(format!("{name}.cer")))?;
                must_be_new(&folder.join(format!("{name}.pem")))?;
            }
        }
        let mut session = at.session(&self.source)?;
        let kind = token(session.token());
        let mut shown = Vec::new();
        let mut keep = |name, read: Result<Vec<u8>, CardError>| -> Result<(), Failure> {
            shown.push(Shown { name, der: read.map_err(failure)? });
            Ok(())
        };
        keep("authentication", session.auth_certificate())?;
        keep("authentication-ca", session.authority_certificate(PinKind::Authentication))?;
        keep("signing-ca", session.authority_certificate(PinKind::Signing))?;
        if self.signing {
            let entered = signing_password(&mut session, &at.keypad, self.spend)?;
            keep("signing", session.signing_certificate(&entered.secret, entered.last_try))?;
        }
        session.close().map_err(failure)?;
        if let Some(folder) = &self.out {
            save(folder, &shown)?;
        }
        let mut summaries = serde_json::Map::new();
        for Shown { name, der } in &shown {
            summaries.insert((*name).to_owned(), self.summary(der)?);
        }
        if self.json {
            print(&json!({ "token": kind, "certificates": summaries }).to_string())?;
        } else {
            print(&format!("token: {kind}"))?;
            for (name, summary) in &summaries {
                print(&format!("{name}:"))?;
                for (key, value) in summary.as_object().into_iter().flatten() {
                    let value = value.as_str().map_or_else(|| value.to_string(), plain);
                    print(&format!("  {key}: {value}"))?;
                }
            }
        }
        Ok(Exit::Done)
    }

    /// What may be said of a certificate; nothing is judged.
    fn summary(&self, der: &[u8]) -> Result<Value, Failure> {
        let unreadable =
            |_| Failure::surroundings("a certificate on the card cannot be read; is the card whole?");
        let certificate = Certificate::from_der(der).map_err(unreadable)?;
        let tbs = certificate.tbs_certificate();
        let validity = tbs.validity();
        let (from, until) = (validity.not_before.to_date_time(), validity.not_after.to_date_time());
        let key = tbs.subject_public_key_info();
        let bits = key.subject_public_key.raw_bytes().len() * 8;
        let key = match key.algorithm.oid.to_string().as_str() {
            // RFC 8017: the modulus with the few octets of its wrapping and of the exponent.
            "1.2.840.113549.1.1.1" => format!("RSA, {} bits", bits / 1024 * 1024),
            "1.2.840.10045.2.1" => format!("EC, {} bits", bits.saturating_sub(8) / 2),
            other => other.to_owned(),
        };
        let mut summary = json!({
            "issuer": tbs.issuer().to_string(),
            "key": key,
            "signature": certificate.signature_algorithm().oid.to_string(),
            "valid": format!("{} to {}", from.year(), until.year()),
        });
        if let (true, Some(fields)) = (self.show_personal, summary.as_object_mut()) {
            fields.insert("valid".to_owned(), json!(format!("{from} to {until}")));
            fields.insert("serial".to_owned(), json!(hex::encode(tbs.serial_number().as_bytes())));
            fields.insert("subject".to_owned(), json!(tbs.subject().to_string()));
        }
        Ok(summary)
    }
}

fn save(folder: &Path, shown: &[Shown]) -> Result<(), Failure> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|error| Failure::surroundings(format!("{}: {error}", folder.display())))?;
    for Shown { name, der } in shown {
        write_new(&folder.join(format!("{name}.cer")), der)?;
        write_new(&folder.join(format!("{name}.pem")), pem(der).as_bytes())?;
    }
    Ok(())
}

/// RFC 7468 §5.1.
fn pem(der: &[u8]) -> String {
    let mut text = "-----BEGIN CERTIFICATE-----\n".to_owned();
    let body = STANDARD.encode(der);
    for line in body.as_bytes().chunks(64) {
        text.push_str(std::str::from_utf8(line).unwrap_or_default());
        text.push('\n');
    }
    text.push_str("-----END CERTIFICATE-----\n");
    text
}
