//! A company's folder, as `enishi keys init` makes it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use enishi_party::{CallbackUrl, ContractId, Environment, PartyUri};
use enishi_transport::{HttpClientLimits, HttpsClient, Identity, TrustedCa};
use serde::Deserialize;
use zeroize::Zeroizing;

/// Whatever kept the program from starting, or an operator's order from being done.
pub type Fault = Box<dyn std::error::Error + Send + Sync>;

/// What these programs read of provider.toml.
#[derive(Debug, Deserialize)]
pub struct Folder {
    /// The folder itself; paths are relative to it.
    #[serde(skip)]
    pub base: PathBuf,
    /// Must be true for sandbox certificates, and false for any other.
    pub sandbox: bool,
    /// Where the relay connects with ISO 8583.
    pub listen_iso: String,
    /// Where customers' results are brought, on this machine alone; a TLS front stands before it in production.
    pub listen_app: String,
    /// The same from outside.
    pub app_origin: String,
    identity: PathBuf,
    party_ca: PathBuf,
    relay: String,
    /// The relay's name.
    pub relay_party: PartyUri,
    /// Its key for assertions and receipts, in hex.
    pub relay_key: String,
    /// The company's contract: the only audience whose assertions are for it.
    pub contract: ContractId,
    /// Who is the verifier of the law.
    pub model: Model,
}

/// Who is the verifier of the law.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Model {
    /// 代行: the relay.
    Proxy,
    /// 委託: the company.
    Entrusted(EntrustedKeys),
}

/// What a verifier needs of its own.
#[derive(Debug, Clone, Deserialize)]
pub struct EntrustedKeys {
    /// The private key that evidence is sealed to.
    pub opening_key: PathBuf,
    /// The key of the serial rows' index.
    pub index_key: PathBuf,
    /// The serial rows.
    pub serial_rows: PathBuf,
    /// Folder of the authorities' certificates.
    pub anchors: PathBuf,
    /// Where the authorities' revocation lists are.
    pub crl_url: String,
}

impl Folder {
    /// Reads provider.toml.
    ///
    /// # Errors
    /// No such file, or not of the form.
    pub fn read(file: &Path) -> Result<Self, Fault> {
        let folder: Self = toml::from_str(&fs::read_to_string(file)?)?;
        Ok(Self { base: file.parent().unwrap_or(Path::new(".")).to_owned(), ..folder })
    }

    /// The mutual-TLS identity, and the CA by which the relay is known.
    ///
    /// # Errors
    /// A file is missing, or belongs to the other environment.
    pub fn identity(&self) -> Result<(Identity, TrustedCa), Fault> {
        let environment = self.environment();
        let identity = Identity::load(&self.base.join(&self.identity), environment)?;
        Ok((identity, TrustedCa::load(&self.base.join(&self.party_ca), environment)?))
    }

    /// A client that talks to the relay of this name and to nobody else.
    ///
    /// # Errors
    /// As [`Self::identity`], or an address that is none.
    pub fn relay(&self) -> Result<HttpsClient, Fault> {
        let (identity, ca) = self.identity()?;
        let (party, limits) = (self.relay_party.clone(), HttpClientLimits::default());
        Ok(HttpsClient::new(self.relay.parse()?, party, &identity, &ca, limits, None)?)
    }

    /// Where the relay shall bring a customer's result. The one-time code is in it: TLS, or this very machine.
    ///
    /// # Errors
    /// Not an address that may be used.
    pub fn callback(&self) -> Result<CallbackUrl, Fault> {
        let url: CallbackUrl = format!("{}/app/invitation-callback", self.app_origin).parse()?;
        if url.is_for(self.environment()) { Ok(url) } else { Err("app_origin must be https".into()) }
    }

    const fn environment(&self) -> Environment {
        if self.sandbox { Environment::Sandbox } else { Environment::Production }
    }
}

/// A key file: 64 hexadecimal digits that nobody but its owner may read.
///
/// # Errors
/// Another form, or a file that others may read.
pub fn read_key(path: &Path) -> Result<Zeroizing<[u8; 32]>, Fault> {
    if fs::metadata(path)?.permissions().mode() & 0o077 != 0 {
        return Err(format!("{}: others may read this key; chmod 600", path.display()).into());
    }
    let text = Zeroizing::new(fs::read_to_string(path)?);
    let mut key = Zeroizing::new([0; 32]);
    hex::decode_to_slice(text.trim(), key.as_mut_slice())?;
    Ok(key)
}
