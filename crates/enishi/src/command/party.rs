//! `enishi party`: what only tests call.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, Subcommand};
use enishi_card::{SoftwareCard, SoftwareReader};
use enishi_party::{ContractId, Language, Money, PaymentType};
use enishi_sandbox::demo::{Citizen, of_outcome};
use enishi_sandbox::party::{TerminalFile, open_terminal};
use enishi_terminal::{Sale, Terminal};
use enishi_transport::{SystemClock, SystemEntropy};
use enishi_wire::AmountBinding;

/// The party did not start, or could not go on.
const NOT_RUN: u8 = 2;
/// How long the terminal waits before it asks again about what is left over.
const RESUME_PAUSE: Duration = Duration::from_millis(200);

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[derive(Args)]
pub(crate) struct Party {
    #[command(subcommand)]
    role: Role,
}

#[derive(Subcommand)]
enum Role {
    /// A sandbox terminal that settles what an earlier run left, sells by itself, and ends.
    TerminalSell(TerminalSell),
}

#[derive(Args)]
struct TerminalSell {
    /// The terminal's configuration file.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// The image of the card that is tapped; the sample PIN is entered.
    #[arg(long, value_name = "FILE")]
    card: PathBuf,
    /// How many purchases.
    #[arg(long)]
    count: u32,
    /// The amount of each.
    #[arg(long, default_value_t = 100)]
    yen: u64,
    /// The contract that the customer names before the tap.
    #[arg(long)]
    contract: Option<ContractId>,
}

impl Party {
    pub(crate) fn run(self) -> ExitCode {
        // No contents reach a log line, so every party may tell what it does.
        tracing_subscriber::fmt()
            .json()
            .with_writer(std::io::stderr)
            .with_max_level(tracing::Level::INFO)
            .init();
        let done = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
            Ok(runtime) => runtime.block_on(self.role.run()),
            Err(error) => Err(error.into()),
        };
        match done {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("enishi party: {error}");
                ExitCode::from(NOT_RUN)
            }
        }
    }
}

impl Role {
    async fn run(self) -> Result<(), Failure> {
        match self {
            Self::TerminalSell(order) => order.sell().await,
        }
    }
}

impl TerminalSell {
    async fn sell(self) -> Result<(), Failure> {
        require_sandbox(&self.config)?;
        let (clock, entropy) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
        let mut terminal = open_terminal(&self.config, Language::En, clock, entropy, None)?;
        let reader = SoftwareReader::with_card(SoftwareCard::open(&self.card)?);
        self.settle(&mut terminal).await?;
        for _ in 0..self.count {
            let sale = Sale {
                amount: Money::yen(self.yen)?,
                payment_type: PaymentType::LumpSum,
                product_code: "990".to_owned(),
                contract: self.contract.clone(),
                amount_binding: AmountBinding::Bound,
            };
            let report = terminal.pay(|| reader.connect(), sale, &mut Citizen::new()).await?;
            let slip = report.slip.map(|slip| slip.to_string()).unwrap_or_default();
            say!("{slip} {}", of_outcome(&report.outcome));
        }
        self.settle(&mut terminal).await
    }

    /// Goes on until nothing is left over.
    async fn settle(&self, terminal: &mut Terminal) -> Result<(), Failure> {
        while terminal.pending() > 0 {
            for resumed in terminal.resume().await? {
                say!("{} {} (resumed)", resumed.slip, of_outcome(&resumed.outcome));
            }
            if terminal.pending() > 0 {
                tokio::time::sleep(RESUME_PAUSE).await;
            }
        }
        Ok(())
    }
}

/// A terminal that enters a PIN by itself is for sample cards.
fn require_sandbox(config: &Path) -> Result<(), Failure> {
    if TerminalFile::read(config)?.sandbox {
        Ok(())
    } else {
        Err("terminal-sell is for the sandbox alone".into())
    }
}
