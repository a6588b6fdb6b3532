//! All version tables.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use parking_lot::RwLock;
use rustc_hash::FxHashMap;

use super::table::VersionTable;
use crate::types::StorageId;

const SHARDS: usize = 16;

/// The version tables by storage id.
#[derive(Default)]
pub(crate) struct VersionStore {
    shards: [RwLock<FxHashMap<StorageId, Arc<VersionTable>>>; SHARDS],
    bytes: AtomicI64,
}

impl VersionStore {
    fn shard(&self, id: StorageId) -> &RwLock<FxHashMap<StorageId, Arc<VersionTable>>> {
        let mixed = id.0.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        &self.shards[(mixed >> 60) as usize % SHARDS]
    }

    /// Calls `f` with the table, if there is one.
    #[inline]
    pub(crate) fn with<R>(&self, id: StorageId, f: impl FnOnce(Option<&VersionTable>) -> R) -> R {
        let tables = self.shard(id).read();
        f(tables.get(&id).map(Arc::as_ref))
    }

    /// The table, if there is one.
    pub(crate) fn get(&self, id: StorageId) -> Option<Arc<VersionTable>> {
        self.shard(id).read().get(&id).cloned()
    }

    /// The table, made if missing.
    pub(crate) fn get_or_create(&self, id: StorageId) -> Arc<VersionTable> {
        if let Some(table) = self.get(id) {
            return table;
        }
        let mut tables = self.shard(id).write();
        Arc::clone(tables.entry(id).or_insert_with(|| Arc::new(VersionTable::new(id))))
    }

    /// Forgets a table.
    pub(crate) fn remove(&self, id: StorageId) -> Option<Arc<VersionTable>> {
        let removed = self.shard(id).write().remove(&id);
        if let Some(table) = &removed {
            self.add_bytes(-(table.bytes() as i64));
        }
        removed
    }

    /// All tables, by storage id.
    pub(crate) fn tables(&self) -> Vec<Arc<VersionTable>> {
        let mut all: Vec<_> =
            self.shards.iter().flat_map(|s| s.read().values().cloned().collect::<Vec<_>>()).collect();
        all.sort_unstable_by_key(|table| table.id());
        all
    }

    pub(crate) fn add_bytes(&self, change: i64) {
        self.bytes.fetch_add(change, Ordering::Relaxed);
    }

    /// The memory held by versions, in bytes.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed).max(0) as u64
    }
}
