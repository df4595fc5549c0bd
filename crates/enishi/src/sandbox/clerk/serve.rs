//! The terminal's end of the line: a process that opens one terminal and does what the demo orders.

use std::io::{self, BufRead, Read, Stdin, Stdout, Write};
use std::path::Path;
use std::sync::Arc;

use enishi_card::{SoftwareCard, SoftwareReader, Tries};
use enishi_jpki::{AuthPin, SigningPassword};
use enishi_party::{ChoiceHandle, Language};
use enishi_pinblock::IssuerPin;
use enishi_terminal::{CardLost, Consent, Holder, Prepared, Shown, TapAgain, Terminal};
use enishi_transport::{SystemClock, SystemEntropy};
use enishi_wire::{Choice, ConsentTerms};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Clerk;
use super::lines::{Answer, Asked, Order, Said};
use crate::party::open_terminal;
use crate::sandbox::tap_file::require_sandbox;
use crate::sandbox::{SandboxError, TapFile};

/// Above the longest that is said: the terms of a registration.
const LINE_OCTETS_MAX: u64 = 1024 * 1024;

/// Opens the terminal of a configuration file and does what is ordered on standard input, until that ends.
///
/// It blocks its task while nothing is ordered. The holder is asked over the same line.
///
/// # Errors
/// The configuration is not a sandbox's, the terminal does not open, or the line breaks within an order.
pub async fn serve_clerk(config: &Path, tap: Option<&Path>) -> Result<(), SandboxError> {
    require_sandbox(config)?;
    let tap = match tap {
        Some(tap) => Some(Arc::new(TapFile::create(tap, config)?)),
        None => None,
    };
    let tap = tap.map(|tap| -> Arc<dyn enishi_transport::Tap> { tap });
    let (clock, entropy) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
    let mut terminal = open_terminal(config, Language::En, clock, entropy, tap)?;
    let mut line = Line { input: io::stdin(), output: io::stdout() };
    line.say(&Said::Ready)?;
    tracing::info!("terminal takes orders");
    let mut prepared = None;
    while let Some(order) = line.hear::<Order>()? {
        let said = obey(&mut terminal, &mut prepared, &mut line, order).await;
        line.say(&said.unwrap_or_else(|error| Said::Failed(error.to_string())))?;
    }
    Ok(())
}

async fn obey(
    terminal: &mut Terminal,
    prepared: &mut Option<Prepared>,
    line: &mut Line,
    order: Order,
) -> Result<Said, SandboxError> {
    let mut clerk = Clerk { terminal };
    Ok(match order {
        Order::Refill => {
            clerk.refill().await?;
            Said::Refilled
        }
        Order::Pay { card, sale } => {
            let reader = tapped(&card)?;
            Said::Sold(clerk.pay(|| reader.connect(), sale.into(), line).await?)
        }
        Order::Prepare { card, sale } => {
            let reader = tapped(&card)?;
            let made = clerk.prepare(|| reader.connect(), &sale.into(), line).await?;
            Said::Prepared((&*prepared.insert(made)).into())
        }
        Order::Submit => {
            let nothing = || SandboxError::Making("nothing was prepared".to_owned());
            Said::Submitted(clerk.submit(prepared.as_ref().ok_or_else(nothing)?).await)
        }
        Order::Enrol { card, intent } => {
            let reader = tapped(&card)?;
            Said::Registered(clerk.enrol(|| reader.connect(), intent, line).await?)
        }
    })
}

/// The card is in this terminal's reader for one tap; its counters are in its file.
fn tapped(card: &Path) -> Result<SoftwareReader, SandboxError> {
    Ok(SoftwareReader::with_card(SoftwareCard::open(card)?))
}

/// Standard input and output. As the holder it asks there; where nobody answers, the holder would rather not.
struct Line {
    input: Stdin,
    output: Stdout,
}

impl Line {
    fn say(&mut self, what: &impl Serialize) -> io::Result<()> {
        let mut line = serde_json::to_vec(what)?;
        line.push(b'\n');
        self.output.write_all(&line)?;
        self.output.flush()
    }

    /// The next line; none at the end of the input.
    fn hear<T: DeserializeOwned>(&mut self) -> io::Result<Option<T>> {
        let mut line = Vec::new();
        self.input.lock().take(LINE_OCTETS_MAX).read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Ok(None);
        }
        Ok(Some(serde_json::from_slice(&line)?))
    }

    fn ask(&mut self, asked: Asked) -> Option<Answer> {
        self.say(&Said::Asks(asked)).ok()?;
        self.hear().ok()?
    }

    fn entry(&mut self, asked: Asked) -> Option<String> {
        match self.ask(asked)? {
            Answer::Entered(entry) => entry,
            _ => None,
        }
    }
}

impl Holder for Line {
    fn auth_pin(&mut self, shown: &Shown<'_>) -> Option<AuthPin> {
        let asked = Asked::AuthPin { purpose: (&shown.purpose).into(), tries: shown.tries_left.into() };
        AuthPin::parse(&self.entry(asked)?).ok()
    }

    /// The sandbox's cards lie still.
    fn card_lost(&mut self, _: CardLost) -> TapAgain {
        TapAgain::No
    }

    fn choose(&mut self, entries: &[Choice]) -> Option<ChoiceHandle> {
        match self.ask(Asked::Choice(entries.to_vec()))? {
            Answer::Chosen(handle) => handle,
            _ => None,
        }
    }

    fn issuer_pin(&mut self) -> Option<IssuerPin> {
        IssuerPin::parse(&self.entry(Asked::IssuerPin)?).ok()
    }

    fn consent(&mut self, terms: &ConsentTerms) -> Consent {
        self.ask(Asked::Consent(Box::new(terms.clone()))).map_or(Consent::No, Answer::consent)
    }

    fn signing_password(&mut self, tries_left: Tries) -> Option<SigningPassword> {
        SigningPassword::parse(&self.entry(Asked::SigningPassword(tries_left.into()))?).ok()
    }
}
