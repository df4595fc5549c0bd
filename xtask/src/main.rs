//! The project's own tasks: `cargo xtask test`, `tidy`, `fuzz`, `soak`, `bench`.
//!
//! `test` is what continuous integration runs: suites one after another, each with what it needs, a budget that is
//! printed beside the time it took, and its result; the closing line sums them up. `tidy` tests the style.
//!
//! *Invariant:* no suite fails for being slow, and none is left out in silence: what could not run is listed.

mod bench;
mod command;
mod error;
mod fuzz;
mod install;
mod metadata;
mod soak;
mod suite;
mod test;
mod tidy;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use error::TaskError;
use workspace::Workspace;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Enishi's own tasks")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Run the suites, one after another
    Test(test::Arguments),
    /// Check what the style says
    Tidy,
    /// Fuzz the parsers, guided by coverage
    Fuzz(fuzz::Arguments),
    /// Run the large counts
    Soak(soak::Arguments),
    /// Measure, beside what is possible and what others do
    Bench(bench::Arguments),
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<ExitCode, TaskError> {
    let workspace = Workspace::here()?;
    match &arguments.task {
        Task::Test(arguments) => test::run(&workspace, arguments),
        Task::Tidy => tidy::run(&workspace),
        Task::Fuzz(arguments) => fuzz::run(&workspace, arguments),
        Task::Soak(arguments) => soak::run(&workspace, arguments),
        Task::Bench(arguments) => bench::run(&workspace, arguments),
    }
}
