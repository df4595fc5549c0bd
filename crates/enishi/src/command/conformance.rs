//! `enishi conformance`: other people's corpora, judged by the product's checks. Hidden: no operator needs it.

mod lines;
#[cfg(test)]
mod tests;

use std::io::{self, BufRead, ErrorKind, Write};
use std::process::ExitCode;

use clap::Args;
use enishi_verify::corpus::{answer_line, answer_overlong};

use super::exit::{Exit, Failure, ended};
use lines::{Line, Lines};

/// Longest line. The largest known case, a list of a hundred thousand entries, has 5 MiB.
const LINE_OCTETS_MAX: usize = 16 << 20;

pub(crate) const HELP: &str = "\
Reads cases on stdin until it ends and answers each at once, in order; docs/reference/conformance.md says what a case is.
A line that is no case is answered too, with the verdict \"error\".

Example:
  enishi conformance < cases.jsonl > verdicts.jsonl

Exit codes:
  0  every line was answered, whatever the verdicts
  3  stdin could not be read or stdout not be written";

#[derive(Args)]
pub(crate) struct Conformance {}

impl Conformance {
    pub(crate) fn run(self) -> ExitCode {
        ended("conformance", answer_all(&mut io::stdin().lock(), &mut io::stdout().lock(), LINE_OCTETS_MAX))
    }
}

/// Answers every line of `input`, each before the next is read.
fn answer_all(input: &mut impl BufRead, output: &mut impl Write, limit: usize) -> Result<Exit, Failure> {
    let mut lines = Lines::new(limit);
    loop {
        let line = lines.next(input).map_err(|error| Failure::surroundings(format!("stdin: {error}")))?;
        let answer = match line {
            Line::End => return Ok(Exit::Done),
            Line::Blank => continue,
            Line::Whole(line) => answer_line(line),
            Line::Overlong => answer_overlong(limit),
        };
        match writeln!(output, "{answer}").and_then(|()| output.flush()) {
            Ok(()) => {}
            // A reader that has gone away wants no more.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(Exit::Done),
            Err(error) => return Err(Failure::surroundings(format!("stdout: {error}"))),
        }
    }
}
