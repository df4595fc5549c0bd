//! The subcommands.

/// A line on stdout. A reader that has gone away (`| head`) is no reason to fail: what was asked for is done.
macro_rules! say {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stdout(), $($text)*);
    }};
}

mod authority;
mod card;
mod completions;
mod config;
mod conformance;
mod demo;
mod exit;
mod keys;
mod man;
mod party;
mod provider;
mod reference;
mod relay;
mod sandbox_terminal;
mod serve;
mod softcard;
mod terminal;

use std::process::ExitCode;

use clap::Subcommand;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Plays a day at the shops: every party on this machine, every story of slide 9.
    Demo(demo::Demo),
    /// Makes keys, certificates and configuration files.
    Keys(keys::Keys),
    /// The sandbox J-LIS: serves lists, OCSP and pairings; issues, revokes and renews.
    Authority(authority::Authority),
    /// The relay between the shops and the companies.
    Relay(relay::Relay),
    /// A card company: its host, its app, its invitations.
    Provider(provider::Provider),
    /// A shop's terminal: sells, registers cards, settles.
    Terminal(terminal::Terminal),
    /// A card in a reader: its tries, its certificates, its signatures.
    Card(card::Card),
    /// A software card in vsmartcard's virtual reader.
    Softcard(softcard::Softcard),
    /// Looks at configuration files.
    Config(config::Config),
    /// Writes shell completions to stdout.
    #[command(after_help = completions::HELP)]
    Completions(completions::Completions),
    /// Writes manual pages, one for each command.
    #[command(after_help = man::HELP)]
    Man(man::Man),
    /// Writes docs/reference.
    #[command(hide = true)]
    Reference(reference::Reference),
    /// Judges cases of other people's corpora: one JSON object a line in, one out.
    #[command(hide = true, after_help = conformance::HELP)]
    Conformance(conformance::Conformance),
    /// A terminal that sells by itself, for tests.
    #[command(hide = true)]
    Party(party::Party),
    /// A terminal that the demo works from outside.
    #[command(hide = true)]
    SandboxTerminal(sandbox_terminal::SandboxTerminal),
}

impl Command {
    pub(crate) fn run(self) -> ExitCode {
        match self {
            Self::Demo(demo) => demo.run(),
            Self::Keys(keys) => keys.run(),
            Self::Authority(authority) => authority.run(),
            Self::Relay(relay) => relay.run(),
            Self::Provider(provider) => provider.run(),
            Self::Terminal(terminal) => terminal.run(),
            Self::Card(card) => card.run(),
            Self::Softcard(softcard) => softcard.run(),
            Self::Config(config) => config.run(),
            Self::Completions(completions) => completions.run(),
            Self::Man(man) => man.run(),
            Self::Reference(reference) => reference.run(),
            Self::Conformance(conformance) => conformance.run(),
            Self::Party(party) => party.run(),
            Self::SandboxTerminal(terminal) => terminal.run(),
        }
    }
}
