//! Time spans by the monotonic clock.

use std::time::{Duration, Instant};

use crate::error::BenchError;
use crate::figures::Figures;

/// Calls between two looks at the clock: a look costs some 30 ns.
const CALLS_PER_LOOK: u32 = 8;

/// The least number of calls of which a median is taken; the first is a rehearsal.
const CALLS_AT_LEAST: usize = 33;

/// How often something can be done in a second, from doing it for at least so long.
pub(crate) fn rate(
    slice: Duration,
    mut work: impl FnMut() -> Result<(), BenchError>,
) -> Result<f64, BenchError> {
    let begun = Instant::now();
    let mut calls = 0_u32;
    loop {
        for _ in 0..CALLS_PER_LOOK {
            work()?;
        }
        calls = calls.saturating_add(CALLS_PER_LOOK);
        let spent = begun.elapsed();
        if spent >= slice {
            return Ok(f64::from(calls) / spent.as_secs_f64());
        }
    }
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
