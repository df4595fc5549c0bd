//! Time spans by the monotonic clock.

use std::time::{Duration, Instant};

use crate::error::BenchError;
use crate::figures::Figures;

/// Calls whose time is taken together: as many as there are holders, half a millisecond of RSA.
const CALLS_PER_BATCH: u32 = 16;

/// The least number of calls of which a median is taken; the first is a rehearsal.
const CALLS_AT_LEAST: usize = 33;

/// How often something can be done in a second when nothing disturbs it: by the median of batches within at least so
/// long. A batch is too short for the scheduler to come between in most of them.
pub(crate) fn rate(
    slice: Duration,
    mut work: impl FnMut() -> Result<(), BenchError>,
) -> Result<f64, BenchError> {
    let batch = typical(slice, || (0..CALLS_PER_BATCH).try_for_each(|_| work()))?;
    Ok(f64::from(CALLS_PER_BATCH) / batch)
}

/// How long something takes when nothing disturbs it: the median of its calls within at least so long, in seconds.
pub(crate) fn typical(
    slice: Duration,
    mut work: impl FnMut() -> Result<(), BenchError>,
) -> Result<f64, BenchError> {
    work()?;
    let begun = Instant::now();
    let mut calls = Figures::default();
    while begun.elapsed() < slice || calls.len() < CALLS_AT_LEAST {
        let one = Instant::now();
        work()?;
        calls.push(one.elapsed().as_secs_f64());
    }
    Ok(calls.median().unwrap_or_default())
}

/// How long something took, and what came of it.
pub(crate) fn timed<T>(work: impl FnOnce() -> Result<T, BenchError>) -> Result<(T, f64), BenchError> {
    let begun = Instant::now();
    let made = work()?;
    Ok((made, begun.elapsed().as_secs_f64()))
}
