//! Which snapshots are open, and so which versions are needed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::{Mutex, RwLock};

use crate::base::BaseSnapshot;
use crate::types::Timestamp;

const SHARDS: usize = 16;

/// An open snapshot, as far as versions are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Open {
    /// The newest commit that it sees.
    at: Timestamp,
    /// The newest commit in its base.
    base: Timestamp,
    /// It must find all versions newer than itself as well, to know that they are there.
    watches: bool,
}

/// The open snapshots, the newest commit, and the newest base.
pub(crate) struct Registry {
    /// The newest commit that snapshots may see.
    newest: AtomicU64,
    base: RwLock<Arc<BaseSnapshot>>,
    shards: [Mutex<Vec<(Open, u32)>>; SHARDS],
}

/// Keeps a snapshot registered until dropped.
pub(crate) struct Registration {
    registry: Arc<Registry>,
    shard: usize,
    open: Open,
}

impl Registry {
    pub(crate) fn new(base: BaseSnapshot) -> Registry {
        let newest = AtomicU64::new(base.timestamp());
        Registry { newest, base: RwLock::new(Arc::new(base)), shards: Default::default() }
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

    /// The base of the last checkpoint.
    #[inline]
    pub(crate) fn base(&self) -> Arc<BaseSnapshot> {
        Arc::clone(&self.base.read())
    }

    /// Whether this is (still) the base of the last checkpoint.
    #[inline]
    pub(crate) fn is_base(&self, base: &Arc<BaseSnapshot>) -> bool {
        Arc::ptr_eq(base, &self.base.read())
    }

    /// Lets snapshots use a newer base.
    pub(crate) fn set_base(&self, base: Arc<BaseSnapshot>) {
        *self.base.write() = base;
    }

    /// Registers a snapshot of the newest commit. Base and timestamp are read under the shard's lock: whoever collects the
    /// horizon either finds the registration, or has read a base and a timestamp that are not newer than its. The base comes
    /// first: it must not be newer than the timestamp.
    pub(crate) fn register(self: &Arc<Self>, hint: u64, watches: bool) -> (Registration, Arc<BaseSnapshot>) {
        let shard = hint as usize % SHARDS;
        let mut all = self.shards[shard].lock();
        let base = self.base();
        let open = Open { at: self.newest(), base: base.timestamp(), watches };
        match all.iter_mut().rev().find(|(other, _)| *other == open) {
            Some((_, count)) => *count += 1,
            None => all.push((open, 1)),
        }
        (Registration { registry: Arc::clone(self), shard, open }, base)
    }

    /// How many snapshots are open.
    pub(crate) fn open_snapshots(&self) -> u64 {
        self.shards.iter().map(|shard| shard.lock().iter().map(|(_, n)| u64::from(*n)).sum::<u64>()).sum()
    }

    /// The timestamp that all open snapshots, and those to come, have reached.
    pub(crate) fn oldest(&self) -> Timestamp {
        let newest = self.newest();
        let open = self.shards.iter().filter_map(|shard| shard.lock().iter().map(|(open, _)| open.at).min());
        open.fold(newest, Timestamp::min)
    }

    /// What is needed by the snapshots that are open, and by those to come.
    pub(crate) fn horizon(&self) -> Horizon {
        let base = self.base().timestamp();
        let newest = self.newest();
        let mut open: Vec<Open> = Vec::new();
        for shard in &self.shards {
            open.extend(shard.lock().iter().map(|(open, _)| *open));
        }
        let watched = open.iter().filter(|open| open.watches).map(|open| open.at).min();
        open.sort_unstable_by_key(|open| (open.at, open.base));
        open.dedup_by_key(|open| (open.at, open.base));
        Horizon { open, newest, base, watched }
    }
}

impl Registration {
    pub(crate) fn timestamp(&self) -> Timestamp {
        self.open.at
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let mut all = self.registry.shards[self.shard].lock();
        if let Some(index) = all.iter().rposition(|(open, _)| *open == self.open) {
            all[index].1 -= 1;
            if all[index].1 == 0 {
                all.swap_remove(index);
            }
        }
    }
}

/// What open and future snapshots can see.
#[derive(Debug)]
pub(crate) struct Horizon {
    /// By timestamp.
    open: Vec<Open>,
    newest: Timestamp,
    base: Timestamp,
    /// Versions newer than this are needed by a snapshot that does not see them.
    watched: Option<Timestamp>,
}

impl Horizon {
    /// Whether a version committed at `at`, and replaced at `next`, is needed in memory: because some snapshot sees it and does
    /// not have it in its base.
    pub(crate) fn needs(&self, at: Timestamp, next: Option<Timestamp>) -> bool {
        let by_future = self.base < at && next.is_none_or(|next| next > self.newest);
        let by_watcher = self.watched.is_some_and(|watched| watched < at);
        by_future || by_watcher || self.is_seen(at, next)
    }

    fn is_seen(&self, at: Timestamp, next: Option<Timestamp>) -> bool {
        let first = self.open.partition_point(|open| open.at < at);
        let until = |open: &&Open| next.is_none_or(|next| open.at < next);
        self.open[first..].iter().take_while(until).any(|open| open.base < at)
    }

    /// The oldest base that an open snapshot uses, or one to come.
    pub(crate) fn oldest_base(&self) -> Timestamp {
        self.open.iter().map(|open| open.base).fold(self.base, Timestamp::min)
    }
}
