//! Numbers that are given out once.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use super::shared::Shared;
use crate::error::{Error, Result};
use crate::types::StorageId;
use crate::wal::OpWriter;

/// How many numbers are logged as taken ahead of time: few at first, so that a crash makes small gaps only, then more, so that many
/// numbers cost few records.
const FIRST_AHEAD: u64 = 32;
const LAST_AHEAD: u64 = 4096;

/// Names a counter: a storage id, and a number for when there are several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CounterId(pub StorageId, pub u32);

impl CounterId {
    /// The key in the base.
    pub(crate) fn key(self) -> Vec<u8> {
        let mut key = self.0.0.to_be_bytes().to_vec();
        key.extend_from_slice(&self.1.to_be_bytes());
        key
    }
}

/// A number that only grows, outside transactions and across restarts. After a crash numbers may be skipped, never
/// repeated.
pub struct Counter {
    id: CounterId,
    next: AtomicU64,
    /// Numbers below this are logged as taken.
    mark: AtomicU64,
    /// What the base says.
    saved: AtomicU64,
    /// How many to log ahead next time; held while that is done.
    ahead: Mutex<u64>,
    engine: Weak<Shared>,
}

impl Counter {
    /// A counter as it was left.
    pub(crate) fn new(id: CounterId, next: u64, engine: Weak<Shared>) -> Counter {
        let [next, mark, saved] = [next, next, next].map(AtomicU64::new);
        Counter { id, next, mark, saved, ahead: Mutex::new(FIRST_AHEAD), engine }
    }

    /// Takes `n` numbers and returns the first. A new counter begins with 1.
    pub fn allocate(&self, n: u64) -> Result<u64> {
        let add = |next: u64| next.checked_add(n);
        let first = self.next.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
        let first = first.map_err(|_| Error::Exhausted("numbers of a counter"))?;
        self.reserve(first + n)?;
        Ok(first)
    }

    /// The number that `allocate` would give next.
    pub fn peek(&self) -> u64 {
        self.next.load(Ordering::Relaxed)
    }

    /// Makes sure that only numbers of at least `next` are given from now on.
    pub fn advance_to(&self, next: u64) -> Result<()> {
        self.next.fetch_max(next, Ordering::Relaxed);
        self.reserve(next)
    }

    /// Logs that all numbers below `end` may have been given out. The log keeps its order, so whatever transaction uses them
    /// is durable only together with this.
    fn reserve(&self, end: u64) -> Result<()> {
        if end <= self.mark.load(Ordering::Acquire) {
            return Ok(());
        }
        let mut ahead = self.ahead.lock();
        if end <= self.mark.load(Ordering::Acquire) {
            return Ok(());
        }
        let mark = end.saturating_add(*ahead);
        *ahead = (*ahead * 2).min(LAST_AHEAD);
        let engine = self.engine.upgrade().ok_or(Error::Closed)?;
        let mut ops = OpWriter::default();
        ops.counter(self.id.0, self.id.1, mark);
        engine.append_direct(ops.bytes())?;
        self.mark.store(mark, Ordering::Release);
        Ok(())
    }

    /// The mark to write at a checkpoint (at a clean stop the exact number), if it is not in the base yet.
    fn unsaved(&self, exact: bool) -> Option<u64> {
        // Whoever is logging a new mark has it stored when the lock is free: no logged mark is missed.
        let _ahead = self.ahead.lock();
        let mark = if exact { self.peek() } else { self.mark.load(Ordering::Acquire) };
        (self.saved.swap(mark, Ordering::Relaxed) != mark).then_some(mark)
    }

    /// Takes over what the log says: numbers below `mark` may have been given out.
    pub(crate) fn replay(&self, mark: u64) {
        self.next.fetch_max(mark, Ordering::Relaxed);
        self.mark.fetch_max(mark, Ordering::Relaxed);
    }
}

impl Shared {
    /// The counter of this name.
    pub(crate) fn counter(self: &Arc<Self>, id: CounterId) -> Result<Arc<Counter>> {
        if let Some(counter) = self.counters.lock().get(&id) {
            return Ok(Arc::clone(counter));
        }
        let base = self.registry.base();
        let next = base.counter(&id.key())?.unwrap_or(1);
        let mut counters = self.counters.lock();
        let counter =
            counters.entry(id).or_insert_with(|| Arc::new(Counter::new(id, next, Arc::downgrade(self))));
        Ok(Arc::clone(counter))
    }

    /// The high-water marks to write at a checkpoint. At a clean stop they are exact.
    pub(crate) fn counter_marks(&self, exact: bool) -> Vec<(Vec<u8>, Option<u64>)> {
        let counters = self.counters.lock();
        let unsaved =
            |(id, counter): (&CounterId, &Arc<Counter>)| Some((id.key(), Some(counter.unsaved(exact)?)));
        counters.iter().filter_map(unsaved).collect()
    }

    /// Forgets the counters of a dropped storage.
    pub(crate) fn drop_counters(&self, storage: StorageId) {
        let range = CounterId(storage, 0)..=CounterId(storage, u32::MAX);
        let mut counters = self.counters.lock();
        let gone: Vec<_> = counters.range(range).map(|(id, _)| *id).collect();
        for id in gone {
            counters.remove(&id);
        }
    }
}
