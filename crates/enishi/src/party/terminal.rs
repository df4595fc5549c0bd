//! A shop's terminal from its configuration file.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use enishi_party::{Clock, Entropy, Language, MerchantId, PartyUri, TerminalId, Text};
use enishi_pinblock::PinKey;
use enishi_server::hex_key;
use enishi_terminal::{Terminal, TerminalConfig};
use enishi_transport::{HttpClientLimits, HttpsClient, Identity, Tap, TrustedCa};
use serde::{Deserialize, Serialize};

use super::{CallbackOrigin, PartyError, absolute, environment, file_error, read_config};

/// The configuration file of a terminal. Paths are relative to its folder.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TerminalFile {
    /// Must be true for sandbox certificates, and false for any other.
    pub sandbox: bool,
    /// The terminal's number.
    pub terminal: TerminalId,
    /// The payee.
    pub merchant: MerchantId,
    /// The payee's name on screen and receipt.
    pub merchant_name: Text,
    /// Folder of the mutual-TLS identity.
    pub identity: PathBuf,
    /// The CA of the parties' certificates.
    pub party_ca: PathBuf,
    /// Folder of counter, journal and sales.
    pub journal: PathBuf,
    /// The keypad's key, 64 hex digits.
    pub pin_key: PathBuf,
    /// Where the relay listens.
    pub relay: String,
    /// The relay's name.
    pub relay_party: PartyUri,
    /// How long an answer is waited for, in milliseconds.
    pub answer_wait_ms: u64,
    /// Where cards are tapped.
    pub reader: ReaderEntry,
    /// Origins to which the terminal itself may take the holder back after a registration. For every other callback
    /// the link is printed, for the holder's own phone.
    #[serde(default)]
    pub callbacks: Vec<CallbackOrigin>,
}

/// Where cards are tapped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ReaderEntry {
    /// Software cards of the sandbox, each named when it is tapped.
    Software,
    /// A reader of this machine.
    Pcsc(PcscEntry),
}

/// A reader of this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PcscEntry {
    /// Its name, or a part of it that no other reader's has.
    pub name: String,
}

impl TerminalFile {
    /// Reads a configuration file; paths in it stay as they are written.
    ///
    /// # Errors
    /// [`PartyError`]
    pub fn read(file: &Path) -> Result<Self, PartyError> {
        read_config(file)
    }
}

/// Opens a terminal.
///
/// # Errors
/// [`PartyError`]
pub fn open_terminal(
    file: &Path,
    language: Language,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    tap: Option<Arc<dyn Tap>>,
) -> Result<Terminal, PartyError> {
    let mut config = TerminalFile::read(file)?;
    absolute(file, [&mut config.identity, &mut config.party_ca, &mut config.journal, &mut config.pin_key]);
    let environment = environment(config.sandbox);
    let identity = Identity::load(&config.identity, environment)?;
    let ca = TrustedCa::load(&config.party_ca, environment)?;
    let wait = Duration::from_millis(config.answer_wait_ms);
    let limits = HttpClientLimits { exchange_timeout: wait, ..HttpClientLimits::default() };
    let client = HttpsClient::new(config.relay.parse()?, config.relay_party, &identity, &ca, limits, tap)?;
    let pin_key = PinKey::from_bytes(hex_key(&config.pin_key)?.as_slice())
        .map_err(|error| file_error(&config.pin_key, error))?;
    let mut terminal =
        TerminalConfig::new(config.journal, config.terminal, config.merchant, config.merchant_name, language);
    terminal.answer_wait = wait;
    Ok(Terminal::open(terminal, client, pin_key, clock, entropy)?)
}
