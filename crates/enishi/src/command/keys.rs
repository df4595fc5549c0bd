//! `enishi keys`

mod party;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use enishi_authority::SerialPlan;
use enishi_party::Clock;
use enishi_sandbox::sandbox::{
    Blueprint, CARD_AUTH_PIN, CARD_SIGNING_PASSWORD, Company, LimitsChoice, Person, Places, SetupOptions,
    Shop, set_up_on_disk,
};
use enishi_transport::{SystemClock, SystemEntropy};

use super::exit::{Exit, Failure, ended};
use super::serve::runtime;

/// The first of eleven ports of a sandbox.
const PORT_BASE: u16 = 14_980;

#[derive(Args)]
pub(crate) struct Keys {
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    /// Makes keys, certificates and configuration files; overwrites nothing.
    Init(Init),
}

#[derive(Args)]
struct Init {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Makes a whole small world: every party's folder, sample cards and sample customers.
    #[command(after_help = SANDBOX_HELP)]
    Sandbox(Sandbox),
    /// Makes the CA of a sandbox's parties.
    #[command(after_help = party::CA_HELP)]
    Ca(party::Ca),
    /// Makes the folder of a sandbox J-LIS: identity, authorities' keys, register, authority.toml.
    #[command(after_help = party::PARTY_HELP)]
    Authority(party::Authority),
    /// Makes the folder of a relay: identity, keys, relay.toml.
    #[command(after_help = party::PARTY_HELP)]
    Relay(party::Party),
    /// Makes the folder of a card company: identity, keys, provider.toml.
    #[command(after_help = party::PARTY_HELP)]
    Provider(party::Provider),
    /// Makes the folder of a shop's terminal: identity, keypad key, terminal.toml.
    #[command(after_help = party::PARTY_HELP)]
    Terminal(party::Party),
}

const SANDBOX_HELP: &str = "\
An authority, a relay, two card companies, two shops and six citizens, all invented, each party in a folder of its own with its
keys, its certificate and its commented configuration file. Everything listens on 127.0.0.1, on eleven ports from --port-base on.
What it prints at its end can be copied and run.

Example:
  enishi keys init sandbox town

Exit codes:
  0  made
  2  the folder is not empty, or a port is out of range
  3  the disk failed";

#[derive(Clone, Copy, ValueEnum)]
enum Serial {
    /// 16 random octets.
    Random,
    /// One after the other, as J-LIS's look.
    Sequential,
}

impl Serial {
    fn plan(self) -> SerialPlan {
        match self {
            Self::Random => SerialPlan::Random,
            Self::Sequential => SerialPlan::default(),
        }
    }
}

#[derive(Args)]
struct Sandbox {
    /// Where; must be new or empty.
    folder: PathBuf,
    /// The first of eleven ports in a row.
    #[arg(long, value_name = "PORT", default_value_t = PORT_BASE, value_parser = clap::value_parser!(u16).range(1024..=65_525))]
    port_base: u16,
    /// How the sandbox J-LIS numbers certificates.
    #[arg(long, value_enum, default_value_t = Serial::Random)]
    serial: Serial,
}

impl Keys {
    pub(crate) fn run(self) -> ExitCode {
        let Act::Init(Init { what }) = self.act;
        match what {
            What::Sandbox(order) => ended("keys init sandbox", order.run()),
            What::Ca(order) => ended("keys init ca", order.run()),
            What::Authority(order) => ended("keys init authority", order.run()),
            What::Relay(order) => ended("keys init relay", order.relay()),
            What::Provider(order) => ended("keys init provider", order.run()),
            What::Terminal(order) => ended("keys init terminal", order.terminal()),
        }
    }
}

impl Sandbox {
    fn run(self) -> Result<Exit, Failure> {
        let out_of_range =
            || Failure::wrong_use("--port-base: eleven ports in a row must fit; take 1024 to 65525");
        let places = Places::at(self.port_base).ok_or_else(out_of_range)?;
        let root = std::path::absolute(&self.folder)
            .map_err(|error| Failure::wrong_use(format!("{}: {error}", self.folder.display())))?;
        let plan = Blueprint { root, places };
        let options = SetupOptions { serials: self.serial.plan(), limits: LimitsChoice::Production };
        runtime()?.block_on(set_up_on_disk(&plan, options, &SystemEntropy, SystemClock.now()))?;
        tell(&plan);
        Ok(Exit::Done)
    }
}

/// What can be done next, to be copied.
fn tell(plan: &Blueprint) {
    let Places { relay, authority_public, .. } = plan.places;
    say!(
        "A sandbox was made in {}. Everything in it is invented; none of it is valid anywhere else.\n",
        plan.root.display()
    );
    say!("Start the parties, each in a terminal of its own, in this order:");
    say!(
        "  enishi authority serve --config {}    # lists and OCSP on {authority_public}",
        plan.authority().display()
    );
    for company in Company::ALL {
        say!(
            "  enishi provider serve --config {}    # {}",
            plan.company(company).display(),
            company.name().en
        );
    }
    say!("  enishi relay serve --config {}    # on {relay}", plan.relay().display());
    say!("\nLink a card, and pay with it at a shop:");
    if let Some((person, account)) =
        Person::ALL.iter().find_map(|person| Some((person, person.accounts.first()?)))
    {
        let (card, shop) = (plan.card(person.key), plan.terminal(Shop::Books));
        say!(
            "  enishi provider invite --config {} --customer {}    # prints CODE",
            plan.company(account.company).display(),
            account.customer
        );
        say!("  enishi terminal enrol --config {} --card {} --code CODE", shop.display(), card.display());
        say!(
            "  enishi terminal pay --config {} --card {} --contract {} --yen 1980",
            shop.display(),
            card.display(),
            account.company.contract()
        );
    }
    say!("\nEvery sample card's PIN is {CARD_AUTH_PIN}, its signing password {CARD_SIGNING_PASSWORD}.");
}
