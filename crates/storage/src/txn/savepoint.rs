//! Savepoints: undoing a part of a transaction.

use super::{Inner, Txn};
use crate::engine::Shared;
use crate::error::{Error, Result};
use crate::types::StorageId;
use crate::wal::OpWriter;

/// Names a savepoint of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SavepointId(pub u32);

/// How far the transaction had come.
pub(super) struct Savepoint {
    id: SavepointId,
    writes: usize,
    bytes: u64,
    created: usize,
    dropped: usize,
    held: usize,
}

impl Txn {
    /// Marks a point that `rollback_to` can return to.
    pub fn savepoint(&self) -> Result<SavepointId> {
        let mut inner = self.inner.lock();
        inner.check_running()?;
        let id = SavepointId(inner.next_savepoint);
        inner.next_savepoint = inner.next_savepoint.checked_add(1).ok_or(Error::Exhausted("savepoints"))?;
        let savepoint = Savepoint {
            id,
            writes: inner.writes.len(),
            bytes: inner.bytes,
            created: inner.created.len(),
            dropped: inner.dropped.len(),
            held: self.held.lock().len(),
        };
        inner.savepoints.push(savepoint);
        Ok(id)
    }

    /// Undoes all writes and releases all locks since the savepoint, which stays.
    pub fn rollback_to(&self, savepoint: SavepointId) -> Result<()> {
        let mut inner = self.inner.lock();
        inner.check_running()?;
        let index = inner.find(savepoint)?;
        inner.savepoints.truncate(index + 1);
        let Some(Savepoint { writes, bytes, created, dropped, held, .. }) = inner.savepoints.last() else {
            return Err(Error::NoSuchSavepoint);
        };
        let (writes, bytes, created, dropped, held) = (*writes, *bytes, *created, *dropped, *held);
        inner.undo(self.shared(), writes, created);
        inner.bytes = bytes;
        inner.dropped.truncate(dropped);
        drop(inner);
        self.owner.release_to(&self.held, held);
        Ok(())
    }

    /// Forgets the savepoint and those after it; their writes and locks belong to what surrounds it.
    pub fn release(&self, savepoint: SavepointId) -> Result<()> {
        let mut inner = self.inner.lock();
        inner.check_running()?;
        let index = inner.find(savepoint)?;
        inner.savepoints.truncate(index);
        Ok(())
    }
}

impl Inner {
    fn find(&self, savepoint: SavepointId) -> Result<usize> {
        self.savepoints.binary_search_by_key(&savepoint, |s| s.id).map_err(|_| Error::NoSuchSavepoint)
    }

    /// Unlinks the versions of all writes but the first `writes`, and removes all storages made but the first `created`.
    pub(super) fn undo(&mut self, shared: &Shared, writes: usize, created: usize) {
        if let Some(state) = &self.state {
            for write in self.writes.drain(writes..).rev() {
                let freed = write.table.unlink(&write.key, state);
                shared.store.add_bytes(-(freed as i64));
            }
        }
        for storage in self.created.drain(created..) {
            remove_created(shared, storage);
        }
    }
}

/// Removes a storage whose creation was rolled back.
fn remove_created(shared: &Shared, storage: StorageId) {
    let Some(table) = shared.store.remove(storage) else { return };
    shared.drop_counters(storage);
    if table.has_direct_writes() {
        // Those are in the log, and perhaps in the base by now. If this cannot be logged, nothing can any more, and
        // what stays behind is a storage that nobody names.
        let mut ops = OpWriter::default();
        ops.drop_storage(storage);
        let _ = shared.log_drop(storage, ops.bytes());
    }
}
