//! Row locks, and what happened to a row while one waited for its lock.

use crate::access::{RowId, TableAccess};
use crate::error::{StorageResult, storage_error};
use crate::rowref::RowRef;
use pglitedb_sqlstate::{Result, err};
use pglitedb_storage::{Error as StorageError, LatestState, LockMode, LockTag, LockWait, Snapshot, Txn};
use pglitedb_types::Datum;

/// Strengths of row locks, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RowLockMode {
    /// FOR KEY SHARE
    KeyShare,
    /// FOR SHARE
    Share,
    /// FOR NO KEY UPDATE, and an UPDATE that changes no unique key
    NoKeyUpdate,
    /// FOR UPDATE, DELETE, and an UPDATE that changes a unique key
    Update,
}

impl RowLockMode {
    fn mode(self) -> LockMode {
        match self {
            RowLockMode::KeyShare => LockMode::ForKeyShare,
            RowLockMode::Share => LockMode::ForShare,
            RowLockMode::NoKeyUpdate => LockMode::ForNoKeyUpdate,
            RowLockMode::Update => LockMode::ForUpdate,
        }
    }
}

/// How a row stands once its lock is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowLock {
    /// As the snapshot sees it.
    Unchanged,
    /// Another transaction has changed it since the snapshot; [`TableAccess::fetch_latest`] reads the new version.
    /// READ COMMITTED checks its conditions again, higher levels fail with [`crate::concurrent_update`].
    Updated,
    /// Another transaction has deleted it since the snapshot. READ COMMITTED skips it, higher levels fail with
    /// [`crate::concurrent_delete`].
    Deleted,
    /// The current command itself has already changed or deleted it.
    SelfModified,
    /// Not locked: it is held by another and the caller does not wait.
    Skipped,
}

impl TableAccess {
    /// Locks a row that `snapshot` sees until the transaction ends, then looks at its newest version.
    pub fn lock_row(
        &self,
        txn: &Txn,
        snapshot: &Snapshot,
        id: RowId,
        mode: RowLockMode,
        wait: LockWait,
    ) -> Result<RowLock> {
        let tag = LockTag::row(self.storage, &id.key());
        match txn.lock(tag, mode.mode(), wait) {
            Ok(true) => {}
            Ok(false) => return Ok(RowLock::Skipped),
            Err(StorageError::LockNotAvailable(_)) => {
                return Err(err!(
                    LOCK_NOT_AVAILABLE,
                    "could not obtain lock on row in relation \"{}\"",
                    self.relation().name
                ));
            }
            Err(error) => return Err(storage_error(error)),
        }
        loop {
            let Some(latest) = txn.changed_since(self.storage, &id.key(), snapshot).sql()? else {
                return Ok(RowLock::Unchanged);
            };
            let gone = latest.value.as_ref().map_or(self.builtin.is_none(), |bytes| bytes.is_empty());
            return Ok(match latest.state {
                LatestState::Own(command) if command >= snapshot.command_id() => RowLock::SelfModified,
                LatestState::Own(_) => RowLock::Unchanged,
                // Whoever writes a row holds its lock until the end, so this is only an insert that failed to tell.
                LatestState::InProgress(xid) => {
                    txn.wait_for_transaction(xid, LockWait::Block).sql()?;
                    continue;
                }
                LatestState::Committed(at) if at <= snapshot.timestamp() => RowLock::Unchanged,
                LatestState::Committed(_) if gone => RowLock::Deleted,
                LatestState::Committed(_) => RowLock::Updated,
            });
        }
    }

    /// Calls `f` with the newest version of a row (own writes included); `None` if it is deleted.
    pub fn fetch_latest_with<R>(
        &self,
        txn: &Txn,
        id: RowId,
        f: impl FnOnce(RowRef<'_>) -> Result<R>,
    ) -> Result<Option<R>> {
        let latest = txn.get_latest(self.storage, &id.key()).sql()?;
        match latest.value {
            Some(bytes) if bytes.is_empty() && self.builtin.is_some() => Ok(None),
            Some(bytes) => f(RowRef::stored(&self.layout, &bytes)).map(Some),
            None => match self.builtin.and_then(|rows| rows.row(id.0)) {
                Some(row) => f(RowRef::values(&row)).map(Some),
                None => Ok(None),
            },
        }
    }

    /// Decodes the wanted columns of a row's newest version into `out`. False if it is deleted.
    pub fn fetch_latest(&self, txn: &Txn, id: RowId, wanted: &[usize], out: &mut [Datum]) -> Result<bool> {
        Ok(self.fetch_latest_with(txn, id, |row| row.decode_columns(wanted, out))?.is_some())
    }

    /// The lock an UPDATE of these columns (indexes from 0) needs: foreign keys may point at any unique key.
    pub fn update_lock_mode(&self, changed: &[usize]) -> RowLockMode {
        let touches_key = self.indexes.iter().any(|index| {
            let info = index.info();
            info.is_unique
                && info.predicate.is_none()
                && info.columns.iter().any(|column| {
                    usize::try_from(column.attnum)
                        .is_ok_and(|attnum| attnum > 0 && changed.contains(&(attnum - 1)))
                })
        });
        if touches_key { RowLockMode::Update } else { RowLockMode::NoKeyUpdate }
    }
}
