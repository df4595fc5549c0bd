//! Figures of Enishi beside what mathematics and the machine allow, and beside others' programs, in one run.
//!
//! A figure alone says how fast a machine is; a ratio to a bound measured in the same run says how much is ours. Rounds
//! of all contenders are interleaved, so that a busy moment falls on all of them, and medians are told with their spread.
//!
//! *Invariant:* no figure is typed in; what could not be measured is a row that says why.
//! *Invariant:* no test depends on these figures: a missed goal fails a run that was asked to be strict, and nothing else.

mod card;
mod clock;
mod crl;
mod crowd;
#[cfg(feature = "pcsc")]
mod desk;
mod error;
mod figures;
mod floor;
mod list;
mod list_file;
mod list_lookup;
#[cfg(feature = "peers")]
mod list_peers;
mod list_process;
mod machine;
mod ocsp;
mod peers;
mod people;
mod primitives;
mod programs;
mod purchase;
mod recut;
mod report;
mod row;
mod start;
mod swap;
mod terminals;
mod verify;
mod wal;
mod world;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use error::BenchError;
use figures::Effort;
use machine::Machine;
use report::{Form, Report};
use row::Row;

/// What is asked.
#[derive(Parser)]
#[command(name = "enishi-bench", about = "Figures beside their bounds, measured in one run")]
struct Arguments {
    /// Only these benches
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Name the benches and end
    #[arg(long)]
    list: bool,
    /// One JSON object a row
    #[arg(long, conflicts_with = "markdown")]
    json: bool,
    /// A table for docs/benchmarks.md
    #[arg(long)]
    markdown: bool,
    /// Few rounds: to see that it works, not to quote
    #[arg(long)]
    quick: bool,
    /// End with 1 where a goal is missed
    #[arg(long)]
    strict: bool,
    /// Where databases and keys are made for the run: on the disk that is to be measured
    #[arg(long, value_name = "FOLDER", default_value = "target/bench")]
    folder: PathBuf,
    /// This process has namespaces of its own, in which it may start a reader service
    #[arg(long, hide = true)]
    alone: bool,
    /// Run the relay of this configuration until standard input ends
    #[arg(long, value_name = "FILE", hide = true)]
    relay: Option<PathBuf>,
    /// Read the list that `--folder` names as this reader does, and tell time and memory
    #[arg(long, value_name = "READER", hide = true)]
    list_process: Option<String>,
}

/// One subject and what measures it.
struct Bench {
    name: &'static str,
    about: &'static str,
    run: fn(&Effort) -> Result<Vec<Row>, BenchError>,
}

const BENCHES: &[Bench] = &[
    Bench { name: "verify", about: "③ authentications a second on one core", run: verify::run },
    Bench {
        name: "purchase",
        about: "purchases a second and their times, terminals to company",
        run: purchase::run,
    },
    Bench { name: "card", about: "① APDUs of a purchase and their time", run: card::run },
    Bench { name: "crl", about: "a nation's revocation list: reading, memory, look-ups", run: crl::run },
    Bench { name: "ocsp", about: "OCSP answers a second of the authority", run: ocsp::run },
    Bench { name: "swap", about: "authentications while large lists are swapped", run: swap::run },
    Bench { name: "start", about: "the relay's start and its memory", run: start::run },
];

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match (&arguments.relay, &arguments.list_process) {
        (Some(file), _) => start::serve(file).map(|()| ExitCode::SUCCESS),
        (None, Some(reader)) => {
            list_process::Task::serve(reader, &arguments.folder).map(|()| ExitCode::SUCCESS)
        }
        (None, None) => run(&arguments),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("enishi-bench: {error}");
        ExitCode::FAILURE
    })
}

fn run(arguments: &Arguments) -> Result<ExitCode, BenchError> {
    let chosen = choose(&arguments.names)?;
    if arguments.list {
        chosen.iter().for_each(|bench| println!("{:10} {}", bench.name, bench.about));
        return Ok(ExitCode::SUCCESS);
    }
    std::fs::create_dir_all(&arguments.folder).map_err(BenchError::file(&arguments.folder))?;
    let effort = Effort::new(arguments.quick, &arguments.folder, arguments.alone);
    let machine = Machine::here(&arguments.folder, &effort)?;
    let form = match (arguments.json, arguments.markdown) {
        (true, _) => Form::Json,
        (false, true) => Form::Markdown,
        (false, false) => Form::Table,
    };
    let mut report = Report::begin(form, &machine)?;
    let mut failed = false;
    for bench in chosen {
        eprintln!("enishi-bench: {} …", bench.name);
        match (bench.run)(&effort) {
            Ok(rows) => report.take(rows)?,
            // The others are still worth having.
            Err(error) => {
                failed = true;
                eprintln!("enishi-bench: {} could not be measured: {error}", bench.name);
                report.take(vec![Row::not_run(bench.name, &error.to_string())])?;
            }
        }
    }
    let missed = report.end(&machine)?;
    Ok(if failed || (arguments.strict && missed > 0) { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn choose(names: &[String]) -> Result<Vec<&'static Bench>, BenchError> {
    let known = || BENCHES.iter().map(|bench| bench.name).collect::<Vec<_>>().join(", ");
    if let Some(name) = names.iter().find(|name| !BENCHES.iter().any(|bench| bench.name == **name)) {
        return Err(BenchError::Unknown { name: name.clone(), known: known() });
    }
    let asked = |bench: &&Bench| names.is_empty() || names.iter().any(|name| name == bench.name);
    Ok(BENCHES.iter().filter(asked).collect())
}
