//! Asking for a PIN or password: the tries left are shown first, and the last one is spent only on a yes.

use std::io::{self, Write};

use clap::Args;
use enishi_card::{CardError, LastTry, PinKind, Session, Tries};
use enishi_jpki::{AuthPin, SigningPassword};
use myna_card::Transmit;

use super::advice::failure;
use super::keypad::{Echo, Keypad};
use crate::command::exit::Failure;

/// How often a person may mistype something that the card has not seen.
const ENTRIES_MAX: u8 = 3;

const LAST_TRY: &str = "ONE TRY IS LEFT. A wrong one blocks the card until the municipal office unblocks it.";

/// What becomes of the last try where nobody can be warned.
#[derive(Args, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SpendLastTry {
    /// Where the PIN is piped in: spend the last try too. Otherwise a card with one try left is not asked.
    #[arg(long)]
    pub(crate) spend_last_try: bool,
}

/// A secret, and whether the last try may be spent on it.
pub(crate) struct Entered<S> {
    pub(crate) secret: S,
    pub(crate) last_try: LastTry,
}

/// Asks for the four digits.
pub(crate) fn auth_pin<T: Transmit>(
    session: &mut Session<T>,
    keypad: &Keypad,
    spend: SpendLastTry,
) -> Result<Entered<AuthPin>, Failure> {
    enter(session, keypad, spend, PinKind::Authentication, |text| {
        AuthPin::parse(text).map_err(|e| e.to_string())
    })
}

/// Asks for the password of the signing key.
pub(crate) fn signing_password<T: Transmit>(
    session: &mut Session<T>,
    keypad: &Keypad,
    spend: SpendLastTry,
) -> Result<Entered<SigningPassword>, Failure> {
    enter(session, keypad, spend, PinKind::Signing, |text| {
        SigningPassword::parse(text).map_err(|e| e.to_string())
    })
}

fn enter<T: Transmit, S>(
    session: &mut Session<T>,
    keypad: &Keypad,
    spend: SpendLastTry,
    which: PinKind,
    parse: impl Fn(&str) -> Result<S, String>,
) -> Result<Entered<S>, Failure> {
    let name = match which {
        PinKind::Authentication => "authentication PIN (利用者証明用, 4 digits)",
        PinKind::Signing => "signing password (署名用, 6 to 16 letters and digits)",
    };
    let tries = session.tries_left(which).map_err(failure)?;
    let last_try = match tries {
        Tries::Blocked => return Err(failure(CardError::PinBlocked)),
        Tries::Left(1) if keypad.is_terminal() || spend == SpendLastTry { spend_last_try: true } => {
            let _ = writeln!(io::stderr(), "{LAST_TRY}");
            LastTry::Confirmed
        }
        // Whoever pipes a line in has read no warning.
        Tries::Left(1) => return Err(failure(CardError::OneTryLeft)),
        Tries::Left(_) | Tries::Unlimited => LastTry::NotConfirmed,
    };
    for _ in 0..ENTRIES_MAX {
        let prompt = || {
            if keypad.is_terminal() {
                let _ = write!(io::stderr(), "{name}, {tries}; Enter alone stops: ");
            }
        };
        let stopped = || Failure::refused("stopped; nothing was presented to the card");
        let line = keypad.line(Echo::Hidden, prompt).ok_or_else(stopped)?;
        if line.text().is_empty() {
            return Err(stopped());
        }
        match parse(line.text()) {
            Ok(secret) => return Ok(Entered { secret, last_try }),
            Err(rule) if keypad.is_terminal() => {
                let _ = writeln!(io::stderr(), "{rule}");
            }
            Err(rule) => {
                return Err(Failure::wrong_use(format!("{rule}; nothing was presented to the card")));
            }
        }
    }
    Err(Failure::wrong_use("that was no PIN three times; nothing was presented to the card"))
}
