//! A short fuzzing run of every target: it shows that targets build, run, are guided and find nothing at once.

use super::{Session, Tally};
use crate::error::TaskError;
use crate::fuzz;

pub(crate) fn run(session: &Session<'_>) -> Result<Tally, TaskError> {
    fuzz::fuzz(session.workspace, &[], session.fuzz_seconds)
}
