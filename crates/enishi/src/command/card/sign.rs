//! `enishi card sign`

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest;
use clap::Args;
use enishi_card::Document;

use super::advice::failure;
use super::file::{must_be_new, write_new};
use super::secret::{SpendLastTry, signing_password};
use super::source::CardSource;
use super::{Desk, tell};
use crate::command::exit::{Exit, Failure};

pub(super) const HELP: &str = "\
A signature by the signing key (署名用秘密鍵) stands for a registered seal: sign what you have read. The certificate that
verifies it names you, with address and birth date, and is written only where --certificate says so.

The signature is RSASSA-PKCS1-v1_5 with SHA-256 over the file's octets, 256 octets, beside the file and not in it. Verify:
  openssl x509 -inform der -in CERT.cer -noout -pubkey > key.pem
  openssl dgst -sha256 -verify key.pem -signature FILE.sig FILE

The password is asked on a terminal without echo; from anything else one line of stdin is read. It is presented once.

Example:
  enishi card sign contract.pdf --out contract.sig --certificate me.cer --card town/cards/taro.card

Exit codes:
  0  signed
  1  the card or its holder refused: wrong password, blocked, no signing certificate
  2  wrong arguments, or a file that exists already
  3  the reader, the card or a file failed";

#[derive(Args)]
pub(super) struct Sign {
    /// What is signed.
    file: PathBuf,
    /// Where the signature goes: a new file.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Where the signing certificate goes, in DER: a new file. It names you.
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
    #[command(flatten)]
    source: CardSource,
    #[command(flatten)]
    spend: SpendLastTry,
}

impl Sign {
    pub(super) fn run(self, at: &Desk) -> Result<Exit, Failure> {
        for path in std::iter::once(&self.out).chain(&self.certificate) {
            must_be_new(path)?;
        }
        let digest = sha256(&self.file)?;
        let mut session = at.session(&self.source)?;
        let entered = signing_password(&mut session, &at.keypad, self.spend)?;
        let document = Document::Sha256(&digest);
        let signed = session.sign_document(&entered.secret, document, entered.last_try).map_err(failure)?;
        drop(entered);
        session.close().map_err(failure)?;
        write_new(&self.out, signed.signature())?;
        if let Some(path) = &self.certificate {
            write_new(path, signed.certificate_der())?;
        }
        tell(&format!("signed: {} (SHA-256 {})", self.out.display(), hex::encode(digest)));
        Ok(Exit::Done)
    }
}

/// SHA-256 of a file of any length.
fn sha256(path: &Path) -> Result<[u8; 32], Failure> {
    let failed = |error| Failure::wrong_use(format!("{}: {error}", path.display()));
    let mut file = File::open(path).map_err(failed)?;
    let mut context = digest::Context::new(&digest::SHA256);
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = file.read(&mut buffer).map_err(failed)?;
        if read == 0 {
            break;
        }
        context.update(buffer.get(..read).unwrap_or_default());
    }
    context.finish().as_ref().try_into().map_err(|_| Failure::surroundings("SHA-256 is not 32 octets"))
}
