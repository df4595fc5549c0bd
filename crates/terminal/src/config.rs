use std::path::PathBuf;
use std::time::Duration;

use enishi_party::{Language, MerchantId, TerminalId, Text};

/// How long one answer is waited for: longer than the relay's 10 s for a company.
const ANSWER_WAIT: Duration = Duration::from_secs(30);

/// Tickets fetched at a time: a POS ticket lives 60 s, so more would be thrown away.
const TICKETS_PER_BATCH: u8 = 4;

/// Who the terminal is and where it keeps its journal.
#[derive(Debug, Clone)]
pub struct TerminalConfig {
    /// A folder of its own: counter, journal and sales. Made (0700) where it is missing, held under a lock.
    pub folder: PathBuf,
    /// The terminal's number; must be that of its mutual-TLS identity.
    pub terminal: TerminalId,
    /// The payee in the relay's register.
    pub merchant: MerchantId,
    /// The payee as the holder reads it, on the screen and on the receipt.
    pub merchant_name: Text,
    /// The language of receipts.
    pub language: Language,
    /// How long one answer is waited for; the client's own `exchange_timeout` must not be shorter.
    pub answer_wait: Duration,
    /// Tickets fetched at a time, 1 to 32.
    pub tickets_per_batch: u8,
}

impl TerminalConfig {
    /// A configuration with the default waits.
    #[must_use]
    pub fn new(
        folder: impl Into<PathBuf>,
        terminal: TerminalId,
        merchant: MerchantId,
        merchant_name: Text,
        language: Language,
    ) -> Self {
        Self {
            folder: folder.into(),
            terminal,
            merchant,
            merchant_name,
            language,
            answer_wait: ANSWER_WAIT,
            tickets_per_batch: TICKETS_PER_BATCH,
        }
    }
}
