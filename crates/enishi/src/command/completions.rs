//! `enishi completions`

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use clap_complete::{Shell, generate};

use super::exit::Exit;

pub(crate) const HELP: &str = "\
Example:
  enishi completions bash > ~/.local/share/bash-completion/completions/enishi
  enishi completions zsh > ~/.zfunc/_enishi
  enishi completions fish > ~/.config/fish/completions/enishi.fish

Exit codes:
  0  written
  2  another shell";

#[derive(Args)]
pub(crate) struct Completions {
    /// For which shell.
    #[arg(value_enum)]
    shell: For,
}

#[derive(Clone, Copy, ValueEnum)]
enum For {
    Bash,
    Zsh,
    Fish,
}

impl Completions {
    pub(crate) fn run(self) -> ExitCode {
        let shell = match self.shell {
            For::Bash => Shell::Bash,
            For::Zsh => Shell::Zsh,
            For::Fish => Shell::Fish,
        };
        let mut script = Vec::new();
        generate(shell, &mut crate::program(), "enishi", &mut script);
        // A reader that has gone away (`| head`) has what it wanted.
        let _ = io::stdout().write_all(&script);
        Exit::Done.into()
    }
}
