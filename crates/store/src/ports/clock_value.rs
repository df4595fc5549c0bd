//! Points in time as the files hold them: microseconds since 1970-01-01 UTC.

use enishi_party::Timestamp;

use crate::fault::Fault;

/// Seven days: how long idempotency answers and tombstones are kept.
pub(crate) const RETENTION_MICROS: i64 = 7 * 24 * 3_600 * 1_000_000;

const HOUR_MICROS: i64 = 3_600 * 1_000_000;

pub(crate) fn micros(time: Timestamp) -> i64 {
    time.as_microsecond()
}

pub(crate) fn timestamp(micros: i64) -> Result<Timestamp, Fault> {
    Timestamp::from_microsecond(micros).map_err(|_| Fault::Row("a time out of range"))
}

/// The hour since 1970-01-01 UTC in which a moment lies.
pub(crate) fn hour(time: Timestamp) -> i64 {
    micros(time).div_euclid(HOUR_MICROS)
}
