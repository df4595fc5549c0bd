//! Answers signed beforehand: one for all who ask about a certificate without a nonce (RFC 5019).
//!
//! *Invariant:* an answer leaves only beside a look into the register, made for that very question, that says the same:
//! a revocation by whatever process is seen by the next question, and there is nothing to invalidate.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use aws_lc_rs::digest;
use axum::body::Bytes;
use jiff::{Timestamp, tz::TimeZone};

use super::response::Window;
use crate::register::certificates::Standing;

/// The longest window of such an answer: J-LIS refreshes its responder's data every 15 minutes.
pub(crate) const PRESIGNED_LIFE_MAX: Duration = Duration::from_secs(15 * 60);
/// Parts that are locked apart from one another.
const SHARDS: usize = 16;
/// The most answers in each half of a part: 32,768 in all, some 64 MiB where RSA signs.
const HALF_SHARD: usize = 1_024;
/// An entity tag: so many octets of the answer's SHA-256.
const TAG_OCTETS: usize = 16;

/// An answer with its window, ready to be sent.
pub(crate) struct Presigned {
    pub(crate) der: Bytes,
    pub(crate) this_update: Timestamp,
    /// When half of the window is over, and another is signed.
    pub(crate) renewal: Timestamp,
    /// ETag.
    pub(crate) tag: String,
    /// Last-Modified.
    pub(crate) made: String,
    /// Expires.
    pub(crate) ends: String,
    standing: Standing,
}

impl Presigned {
    pub(super) fn new(der: Vec<u8>, standing: Standing, window: Window) -> Self {
        let Window { this_update, next_update } = window;
        let half = next_update.duration_since(this_update) / 2;
        let sha256 = digest::digest(&digest::SHA256, &der);
        let start = sha256.as_ref().get(..TAG_OCTETS).unwrap_or_default();
        Self {
            tag: format!("\"{}\"", hex::encode(start)),
            made: http_date(this_update),
            ends: http_date(next_update),
            der: der.into(),
            renewal: this_update.saturating_add(half).unwrap_or(this_update),
            this_update,
            standing,
        }
    }
}

/// `IMF-fixdate` (RFC 9110 §5.6.7).
fn http_date(at: Timestamp) -> String {
    TimeZone::UTC.to_datetime(at).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// The answers at hand, by CertID as it came; those not asked for lately make room.
pub(crate) struct PresignedAnswers {
    shards: Vec<Mutex<Shard>>,
    hasher: RandomState,
}

/// Two halves: when the younger one is full, it becomes the older one, which goes.
#[derive(Default)]
struct Shard {
    young: HashMap<Box<[u8]>, Arc<Presigned>>,
    old: HashMap<Box<[u8]>, Arc<Presigned>>,
}

impl PresignedAnswers {
    pub(crate) fn new() -> Self {
        Self { shards: (0..SHARDS).map(|_| Mutex::default()).collect(), hasher: RandomState::new() }
    }

    fn shard(&self, cert_id: &[u8]) -> Option<&Mutex<Shard>> {
        let hash = usize::try_from(self.hasher.hash_one(cert_id) % 0xffff).unwrap_or_default();
        self.shards.get(hash % SHARDS)
    }

    /// The answer about a certificate that stands so now, in the first half of its window.
    pub(super) fn get(&self, cert_id: &[u8], standing: Standing, now: Timestamp) -> Option<Arc<Presigned>> {
        let mut shard = self.shard(cert_id)?.lock().unwrap_or_else(PoisonError::into_inner);
        let found = match shard.young.get(cert_id) {
            Some(found) => Arc::clone(found),
            None => {
                let (key, found) = shard.old.remove_entry(cert_id)?;
                shard.put(key, &found);
                found
            }
        };
        let usable = found.standing == standing && found.this_update <= now && now < found.renewal;
        usable.then_some(found)
    }

    pub(super) fn keep(&self, cert_id: &[u8], answer: &Arc<Presigned>) {
        if let Some(shard) = self.shard(cert_id) {
            shard.lock().unwrap_or_else(PoisonError::into_inner).put(cert_id.into(), answer);
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        let count = |shard: &Mutex<Shard>| {
            let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            shard.young.len() + shard.old.len()
        };
        self.shards.iter().map(count).sum()
    }
}

impl Shard {
    fn put(&mut self, key: Box<[u8]>, answer: &Arc<Presigned>) {
        if self.young.len() >= HALF_SHARD && !self.young.contains_key(&key) {
            self.old = std::mem::take(&mut self.young);
        }
        self.old.remove(&key);
        self.young.insert(key, Arc::clone(answer));
    }
}

/// The most answers that are kept.
#[cfg(test)]
pub(super) const CAPACITY: usize = 2 * SHARDS * HALF_SHARD;
