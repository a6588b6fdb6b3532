//! The versions of one storage id.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::Bound;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use parking_lot::RwLock;

use super::chain::{Chain, Sight, Version, thin, version_bytes};
use super::filter::Filter;
use super::horizon::Horizon;
use super::state::TxnState;
use crate::base::Change;
use crate::error::{Error, Result};
use crate::types::{CommandId, Direction, Key, KeyRange, Lsn, StorageId, Timestamp, Value, Xid};

/// Chains as long as this are thinned out when they grow.
const LONG_CHAIN: usize = 32;

/// One write of a transaction, to be logged, and to be undone if it is rolled back.
pub(crate) struct Write {
    pub(crate) table: Arc<VersionTable>,
    pub(crate) key: Key,
    pub(crate) value: Option<Value>,
}

impl Write {
    /// The memory that the write takes, roughly.
    pub(crate) fn bytes(&self) -> u64 {
        version_bytes(self.key.len(), self.value.as_ref().map_or(0, |value| value.len()))
    }
}

/// The newest version of a key.
pub(crate) struct Newest {
    pub(crate) txn: Arc<TxnState>,
    pub(crate) command: CommandId,
    pub(crate) value: Option<Value>,
}

/// Chains by key, in order, and a filter of their keys.
#[derive(Default)]
struct Map {
    chains: BTreeMap<Key, Chain>,
    filter: Filter,
}

impl Map {
    #[inline]
    fn get(&self, key: &[u8]) -> Option<&Chain> {
        if self.filter.may_contain(key) { self.chains.get(key) } else { None }
    }

    /// The chain of a key, made if missing.
    fn entry(&mut self, key: Key) -> &mut Chain {
        if self.filter.is_full() {
            self.make_filter();
        }
        match self.chains.entry(key) {
            Entry::Occupied(chain) => chain.into_mut(),
            Entry::Vacant(place) => {
                self.filter.add(place.key());
                place.insert(Chain::default())
            }
        }
    }

    fn make_filter(&mut self) {
        self.filter = Filter::of(self.chains.len(), self.chains.keys());
    }
}

/// The versions of one storage id, by key.
pub(crate) struct VersionTable {
    id: StorageId,
    map: RwLock<Map>,
    /// When the storage was dropped, or 0.
    dropped_at: AtomicU64,
    /// Whether something was written into it outside of transactions.
    has_direct_writes: AtomicBool,
}

impl VersionTable {
    pub(crate) fn new(id: StorageId) -> VersionTable {
        VersionTable {
            id,
            map: RwLock::default(),
            dropped_at: AtomicU64::new(0),
            has_direct_writes: AtomicBool::new(false),
        }
    }

    pub(crate) fn id(&self) -> StorageId {
        self.id
    }

    pub(crate) fn len(&self) -> usize {
        self.map.read().chains.len()
    }

    pub(crate) fn mark_dropped(&self, at: Timestamp) {
        self.dropped_at.store(at, Ordering::Release);
    }

    /// When the storage was dropped, if it was.
    pub(crate) fn dropped_at(&self) -> Option<Timestamp> {
        match self.dropped_at.load(Ordering::Acquire) {
            0 => None,
            at => Some(at),
        }
    }

    pub(crate) fn note_direct_write(&self) {
        self.has_direct_writes.store(true, Ordering::Relaxed);
    }

    pub(crate) fn has_direct_writes(&self) -> bool {
        self.has_direct_writes.load(Ordering::Relaxed)
    }

    /// What a snapshot sees of a key, and what must be durable before that is told: `None` if the base decides, a value of `None`
    /// if it was deleted.
    #[inline]
    pub(crate) fn read(&self, key: &[u8], sight: &Sight<'_>) -> Option<(Option<Value>, Lsn)> {
        let map = self.map.read();
        let version = sight.of(map.get(key)?)?;
        Some((version.value.clone(), version.txn.wait()))
    }

    /// Adds the transactions whose versions of a key a snapshot passes over.
    pub(crate) fn passed_over(&self, key: &[u8], sight: &Sight<'_>, into: &mut Vec<Xid>) {
        if let Some(chain) = self.map.read().get(key) {
            sight.passed_over(chain, into);
        }
    }

    /// The newest version that is not void.
    pub(crate) fn newest(&self, key: &[u8]) -> Option<Newest> {
        let map = self.map.read();
        let version = map.get(key)?.iter().rev().find(|version| !version.txn.is_aborted())?;
        Some(Newest { txn: Arc::clone(&version.txn), command: version.command, value: version.value.clone() })
    }

    /// Adds a version. Fails if a running transaction other than this one wrote the key. Returns how the store's bytes change;
    /// `horizon` is asked for when the chain is long.
    pub(crate) fn push(&self, key: Key, version: Version, horizon: impl FnOnce() -> Horizon) -> Result<i64> {
        let key_len = key.len();
        let added = version_bytes(key_len, version.value.as_ref().map_or(0, |value| value.len()));
        let mut map = self.map.write();
        let chain = map.entry(key);
        if let Some(last) = chain.last()
            && !Arc::ptr_eq(&last.txn, &version.txn)
            && last.txn.is_running()
        {
            return Err(Error::WriteConflict { xid: last.txn.xid() });
        }
        chain.push(version);
        let mut freed = 0;
        if chain.len() >= LONG_CHAIN && chain.len().is_multiple_of(LONG_CHAIN / 2) {
            freed = thin(chain, key_len, &horizon());
        }
        Ok(added as i64 - freed as i64)
    }

    /// Takes back the newest version that a transaction wrote for a key. Returns the bytes freed.
    pub(crate) fn unlink(&self, key: &[u8], txn: &Arc<TxnState>) -> u64 {
        let mut map = self.map.write();
        let Some(chain) = map.chains.get_mut(key) else { return 0 };
        let Some(index) = chain.iter().rposition(|version| Arc::ptr_eq(&version.txn, txn)) else { return 0 };
        let version = chain.remove(index);
        if chain.is_empty() {
            map.chains.remove(key);
        }
        version_bytes(key.len(), version.value.map_or(0, |value| value.len()))
    }

    /// Collects what a snapshot sees in a range, up to about `limit` keys. Returns the key to go on after, unless the range is
    /// done.
    pub(crate) fn batch<T>(
        &self,
        range: &KeyRange,
        direction: Direction,
        limit: usize,
        mut sees: impl FnMut(&[Version]) -> Option<T>,
        into: &mut Vec<(Key, T)>,
    ) -> Option<Key> {
        if range.is_empty() {
            return None;
        }
        let map = self.map.read();
        let entries = map.chains.range::<[u8], _>(range.as_bounds());
        match direction {
            Direction::Forward => collect(entries, limit, &mut sees, into),
            Direction::Backward => collect(entries.rev(), limit, &mut sees, into),
        }
    }

    /// The committed state of keys that changed after `after` and up to `until`, for a checkpoint.
    pub(crate) fn changed(
        &self,
        from: &Bound<Key>,
        limit: usize,
        after: Timestamp,
        until: Timestamp,
        into: &mut Vec<Change>,
    ) -> Option<Key> {
        let range = KeyRange { lower: from.clone(), upper: Bound::Unbounded };
        let sight = Sight { at: until, base: after, own: None, command: 0 };
        let sees = |chain: &[Version]| {
            let version = sight.of(chain)?;
            Some((version.value.clone(), version.txn.stamp()))
        };
        self.batch(&range, Direction::Forward, limit, sees, into)
    }

    /// Drops versions that nobody can see, for keys after `from`. Returns the bytes freed and where to go on.
    pub(crate) fn thin_out(&self, from: &Bound<Key>, limit: usize, horizon: &Horizon) -> (u64, Option<Key>) {
        let mut map = self.map.write();
        let lower = from.as_ref().map(|key| key.as_slice());
        let end =
            map.chains.range::<[u8], _>((lower, Bound::Unbounded)).nth(limit).map(|(key, _)| key.clone());
        let upper = end.clone().map_or(Bound::Unbounded, Bound::Included);
        let mut freed = 0;
        let gone = map.chains.extract_if((from.clone(), upper), |key, chain| {
            freed += thin(chain, key.len(), horizon);
            chain.is_empty()
        });
        gone.for_each(drop);
        if end.is_none() && map.filter.is_stale(map.chains.len()) {
            map.make_filter();
        }
        (freed, end)
    }

    /// All memory held, in bytes.
    pub(crate) fn bytes(&self) -> u64 {
        let map = self.map.read();
        let chain_bytes = |(key, chain): (&Key, &Chain)| {
            let value_len = |version: &Version| version.value.as_ref().map_or(0, |value| value.len());
            chain.iter().map(|version| version_bytes(key.len(), value_len(version))).sum::<u64>()
        };
        map.chains.iter().map(chain_bytes).sum()
    }
}

fn collect<'a, T>(
    entries: impl Iterator<Item = (&'a Key, &'a Chain)>,
    limit: usize,
    mut sees: impl FnMut(&[Version]) -> Option<T>,
    into: &mut Vec<(Key, T)>,
) -> Option<Key> {
    for (visited, (key, chain)) in entries.enumerate() {
        if let Some(value) = sees(chain) {
            into.push((key.clone(), value));
        }
        if into.len() >= limit || visited >= 4 * limit {
            return Some(key.clone());
        }
    }
    None
}
