use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

/// Counts connections per party or per address, so that one cannot take the place of all.
#[derive(Debug)]
pub(crate) struct Gate<K: Eq + Hash> {
    limit: usize,
    held: Mutex<HashMap<K, usize>>,
}

/// A place; given back on drop.
#[derive(Debug)]
pub(crate) struct Admission<K: Eq + Hash> {
    gate: Arc<Gate<K>>,
    key: K,
}

impl<K: Eq + Hash + Clone> Gate<K> {
    pub(crate) fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self { limit, held: Mutex::default() })
    }

    /// A place for one more connection of this party or address, if it has not all of its places already.
    pub(crate) fn admit(self: &Arc<Self>, key: &K) -> Option<Admission<K>> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let count = held.get(key).copied().unwrap_or_default();
        if count >= self.limit {
            return None;
        }
        held.insert(key.clone(), count + 1);
        Some(Admission { gate: Arc::clone(self), key: key.clone() })
    }
}

impl<K: Eq + Hash> Drop for Admission<K> {
    fn drop(&mut self) {
        let mut held = self.gate.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = held.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                held.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests;
