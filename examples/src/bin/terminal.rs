//! A shop's till in one file: it settles what an earlier run left, sells one thing, and prints the receipt.
//!
//! ```text
//! cargo run -p enishi-examples --bin terminal -- --config town/terminal-books/terminal.toml \
//!     --card town/cards/taro.card --yen 1980
//! ```
//!
//! Ends with 0 where the goods are handed over, 1 where the answer was no, 4 where no outcome is known yet, else 3.

use std::error::Error;
use std::io::{BufRead, Write, stdin, stdout};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use enishi_card::{CardError, SoftwareCard, SoftwareReader, Tries};
use enishi_jpki::{AuthPin, SigningPassword};
use enishi_party::{
    ChoiceHandle, ContractId, Environment, Language, MerchantId, Money, PartyUri, PaymentType, TerminalId,
    Text,
};
use enishi_pinblock::{IssuerPin, PinKey};
use enishi_terminal::{
    Cancellation, CardLost, Consent, Holder, Outcome, Purpose, Sale, Shown, TapAgain, Terminal,
    TerminalConfig,
};
use enishi_transport::{
    Direction, HttpClientLimits, HttpsClient, Identity, SystemClock, SystemEntropy, Tap, TrustedCa,
};
use enishi_wire::{AmountBinding, Choice, ConsentTerms};
use myna_card::Transmit;
use serde::Deserialize;

/// A till that sells one thing.
#[derive(Parser)]
struct Order {
    /// The terminal's configuration file, as `enishi keys init` makes it.
    #[arg(long)]
    config: PathBuf,
    /// A software card's file; without it a reader of this machine is used (feature `pcsc`).
    #[arg(long)]
    card: Option<PathBuf>,
    /// What it costs, tax included.
    #[arg(long)]
    yen: u64,
    /// The company that the customer named, by its contract.
    #[arg(long)]
    contract: Option<ContractId>,
    /// Prints every byte that is said to the relay and heard from it on stderr; in the sandbox alone.
    #[arg(long)]
    wire: bool,
}

/// What this program reads of terminal.toml; paths are relative to the file's folder.
#[derive(Deserialize)]
struct Folder {
    sandbox: bool,
    terminal: TerminalId,
    merchant: MerchantId,
    merchant_name: Text,
    identity: PathBuf,
    party_ca: PathBuf,
    journal: PathBuf,
    pin_key: PathBuf,
    relay: String,
    relay_party: PartyUri,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Order::parse()).await {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("terminal: {error}");
            ExitCode::from(3)
        }
    }
}

async fn run(order: Order) -> Result<u8, Box<dyn Error>> {
    let mut till = open(&order.config, order.wire)?;
    // Before anything is sold: what a crash or a silent relay left is repeated to the byte, or taken back.
    for left in till.resume().await? {
        println!("Slip {} of {}: {}", left.slip, left.business_date, left.outcome.clerk_text().en);
        if let Outcome::Approved { receipt } = left.outcome {
            println!("{receipt}");
        }
    }
    let sale = Sale {
        amount: Money::yen(order.yen)?,
        payment_type: PaymentType::LumpSum,
        product_code: "990".to_owned(),
        contract: order.contract,
        // Amount and payee stand under the card's signature.
        amount_binding: AmountBinding::Bound,
    };
    match &order.card {
        Some(file) => {
            let reader = SoftwareReader::with_card(SoftwareCard::open(file)?);
            sell(&mut till, || reader.connect(), sale).await
        }
        None => sell_at_a_reader(&mut till, sale).await,
    }
}

async fn sell<T: Transmit>(
    till: &mut Terminal,
    connect: impl FnMut() -> Result<T, CardError>,
    sale: Sale,
) -> Result<u8, Box<dyn Error>> {
    let report = till.pay(connect, sale, &mut Customer).await?;
    println!("{}", report.outcome.clerk_text().en);
    Ok(match report.outcome {
        // It is in the record of sales already: print, hand over the goods.
        Outcome::Approved { receipt } => {
            println!("\n{receipt}");
            0
        }
        Outcome::Declined { response_code, .. } => {
            println!("Response code {response_code}");
            1
        }
        Outcome::Refused { problem } => {
            println!("Refused: {}", problem.code);
            1
        }
        Outcome::CardRefused(_) => 1,
        // Acknowledged or never sent: closed. Otherwise the next run cancels again, until it is acknowledged.
        Outcome::Withdrawn { cancellation } | Outcome::NotCompleted { cancellation } => match cancellation {
            Cancellation::Pending => 4,
            Cancellation::NothingSent | Cancellation::Acknowledged(_) => 1,
        },
    })
}

#[cfg(feature = "pcsc")]
async fn sell_at_a_reader(till: &mut Terminal, sale: Sale) -> Result<u8, Box<dyn Error>> {
    let readers = enishi_card::PcscReaders::new()?;
    let names = readers.names()?;
    let reader = readers.open(names.first().ok_or("no reader is connected")?)?;
    println!("Please put the card on {}.", names.join(", "));
    reader.wait_for_card(std::time::Duration::from_secs(60))?;
    sell(till, || reader.connect(), sale).await
}

#[cfg(not(feature = "pcsc"))]
async fn sell_at_a_reader(_: &mut Terminal, _: Sale) -> Result<u8, Box<dyn Error>> {
    Err("name a software card with --card, or build with --features pcsc".into())
}

fn open(file: &Path, wire: bool) -> Result<Terminal, Box<dyn Error>> {
    let folder: Folder = toml::from_str(&std::fs::read_to_string(file)?)?;
    let at = |path: &PathBuf| file.parent().unwrap_or(Path::new(".")).join(path);
    let environment = if folder.sandbox { Environment::Sandbox } else { Environment::Production };
    if wire && !folder.sandbox {
        return Err("--wire shows certificates and signatures: for the sandbox alone".into());
    }
    let tap = wire.then(|| -> Arc<dyn Tap> { Arc::new(Wire) });
    // The relay must prove its very name, and learns this terminal's from the certificate, never from a body.
    let identity = Identity::load(&at(&folder.identity), environment)?;
    let ca = TrustedCa::load(&at(&folder.party_ca), environment)?;
    let pin_key = hex::decode(std::fs::read_to_string(at(&folder.pin_key))?.trim())?;
    let config = TerminalConfig::new(
        at(&folder.journal),
        folder.terminal,
        folder.merchant,
        folder.merchant_name,
        Language::En,
    );
    let limits = HttpClientLimits { exchange_timeout: config.answer_wait, ..HttpClientLimits::default() };
    let relay = HttpsClient::new(folder.relay.parse()?, folder.relay_party, &identity, &ca, limits, tap)?;
    let (clock, entropy) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
    Ok(Terminal::open(config, relay, PinKey::from_bytes(&pin_key)?, clock, entropy)?)
}

/// The person who holds the card, at this console. A till asks on its PIN pad, which shows nothing of what is entered.
struct Customer;

impl Holder for Customer {
    fn auth_pin(&mut self, shown: &Shown<'_>) -> Option<AuthPin> {
        if let Purpose::Pay { amount, payee } = shown.purpose {
            println!("Pay {amount} to {}.", payee.en);
        }
        if let Tries::Left(1) = shown.tries_left {
            println!("One try is left: a wrong PIN locks the card.");
        }
        AuthPin::parse(&ask("PIN of the My Number Card")?).ok()
    }

    fn card_lost(&mut self, _: CardLost) -> TapAgain {
        match ask("The card was moved too early. Tap it again, then press Enter") {
            Some(_) => TapAgain::Yes,
            None => TapAgain::No,
        }
    }

    fn choose(&mut self, entries: &[Choice]) -> Option<ChoiceHandle> {
        for (number, entry) in entries.iter().enumerate() {
            println!("{number}: {}", entry.label);
        }
        entries.get(ask("Which one")?.parse::<usize>().ok()?).map(|entry| entry.handle)
    }

    fn issuer_pin(&mut self) -> Option<IssuerPin> {
        IssuerPin::parse(&ask("PIN of the company")?).ok()
    }

    /// This till sells; cards are registered elsewhere.
    fn consent(&mut self, _: &ConsentTerms) -> Consent {
        Consent::No
    }

    fn signing_password(&mut self, _: Tries) -> Option<SigningPassword> {
        None
    }
}

/// `None` at the end of the input: the customer does not go on.
fn ask(question: &str) -> Option<String> {
    print!("{question}: ");
    stdout().flush().ok()?;
    let mut line = String::new();
    match stdin().lock().read_line(&mut line) {
        Ok(0) | Err(_) => None,
        Ok(_) => Some(line.trim_end().to_owned()),
    }
}

/// Shows what passes inside TLS.
struct Wire;

impl Tap for Wire {
    fn saw(&self, direction: Direction, _: &str, bytes: &[u8]) {
        let sign = match direction {
            Direction::Sent => '>',
            Direction::Received => '<',
        };
        for line in String::from_utf8_lossy(bytes).lines() {
            eprintln!("{sign} {line}");
        }
    }
}
