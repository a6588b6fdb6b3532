//! Which snapshots are open, and so which versions are needed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;

use crate::types::Timestamp;

const SHARDS: usize = 16;

/// The open snapshots by timestamp, and the timestamp of the newest commit.
#[derive(Debug)]
pub(crate) struct Registry {
    /// The newest commit that snapshots may see.
    newest: AtomicU64,
    shards: [Mutex<Vec<(Timestamp, u32)>>; SHARDS],
}

/// Keeps a timestamp registered until dropped.
#[derive(Debug)]
pub(crate) struct Registration {
    registry: Arc<Registry>,
    shard: usize,
    at: Timestamp,
}

impl Registry {
    pub(crate) fn new(newest: Timestamp) -> Registry {
        Registry { newest: AtomicU64::new(newest), shards: Default::default() }
    }

    /// The timestamp of the newest commit.
    #[inline]
    pub(crate) fn newest(&self) -> Timestamp {
        self.newest.load(Ordering::Acquire)
    }

    /// Lets snapshots see commits up to this one.
    pub(crate) fn publish(&self, at: Timestamp) {
        self.newest.store(at, Ordering::Release);
    }

    /// Registers a snapshot of the newest commit. The timestamp is read under the shard's lock: whoever collects the
    /// horizon either finds the registration, or has read a newest timestamp that is not newer than it.
    pub(crate) fn register(self: &Arc<Self>, hint: u64) -> Registration {
        let shard = hint as usize % SHARDS;
        let mut open = self.shards[shard].lock();
        let at = self.newest();
        add(&mut open, at);
        Registration { registry: Arc::clone(self), shard, at }
    }

    /// How many snapshots are open.
    pub(crate) fn open_snapshots(&self) -> u64 {
        self.shards.iter().map(|shard| shard.lock().iter().map(|(_, n)| u64::from(*n)).sum::<u64>()).sum()
    }

    /// What is needed by the snapshots that are open, and by those to come.
    pub(crate) fn horizon(&self, contained: Timestamp) -> Horizon {
        let newest = self.newest();
        let mut open = Vec::new();
        for shard in &self.shards {
            open.extend(shard.lock().iter().map(|(at, _)| *at));
        }
        open.sort_unstable();
        open.dedup();
        Horizon { open, newest, contained }
    }
}

fn add(open: &mut Vec<(Timestamp, u32)>, at: Timestamp) {
    match open.last_mut() {
        Some((last, count)) if *last == at => *count += 1,
        Some((last, _)) if *last > at => match open.binary_search_by_key(&at, |(at, _)| *at) {
            Ok(index) => open[index].1 += 1,
            Err(index) => open.insert(index, (at, 1)),
        },
        _ => open.push((at, 1)),
    }
}

impl Registration {
    pub(crate) fn timestamp(&self) -> Timestamp {
        self.at
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let mut open = self.registry.shards[self.shard].lock();
        if let Ok(index) = open.binary_search_by_key(&self.at, |(at, _)| *at) {
            open[index].1 -= 1;
            if open[index].1 == 0 {
                open.remove(index);
            }
        }
    }
}

/// What open and future snapshots can see.
#[derive(Debug)]
pub(crate) struct Horizon {
    open: Vec<Timestamp>,
    newest: Timestamp,
    /// Every live base contains all commits up to this one.
    contained: Timestamp,
}

impl Horizon {
    /// Whether every snapshot finds what was committed then in its base.
    pub(crate) fn is_contained(&self, at: Timestamp) -> bool {
        at <= self.contained
    }

    /// Whether a snapshot can see a version committed at `at` and replaced at `next`.
    pub(crate) fn is_seen(&self, at: Timestamp, next: Timestamp) -> bool {
        if next > self.newest {
            return true;
        }
        let first = self.open.partition_point(|open| *open < at);
        self.open.get(first).is_some_and(|open| *open < next)
    }

    /// The timestamp up to which every live base contains everything.
    pub(crate) fn contained(&self) -> Timestamp {
        self.contained
    }
}
