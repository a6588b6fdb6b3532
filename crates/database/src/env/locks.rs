//! Table locks.

use super::Env;
use pglitedb_query_tree::TableLockMode;
use pglitedb_sqlstate::Result;
use pglitedb_storage::{LockMode, LockTag, LockWait, Txn};
use pglitedb_tables::storage_error;
use pglitedb_types::{Oid, oids};

/// The storage's name of a table lock mode.
pub fn storage_lock_mode(mode: TableLockMode) -> LockMode {
    match mode {
        TableLockMode::AccessShare => LockMode::AccessShare,
        TableLockMode::RowShare => LockMode::RowShare,
        TableLockMode::RowExclusive => LockMode::RowExclusive,
        TableLockMode::ShareUpdateExclusive => LockMode::ShareUpdateExclusive,
        TableLockMode::Share => LockMode::Share,
        TableLockMode::ShareRowExclusive => LockMode::ShareRowExclusive,
        TableLockMode::Exclusive => LockMode::Exclusive,
        TableLockMode::AccessExclusive => LockMode::AccessExclusive,
    }
}

impl Env {
    /// Locks a relation until the end of the transaction (or savepoint). False only with [`LockWait::Skip`].
    #[inline]
    pub(crate) fn lock_relation(
        &self,
        txn: &Txn,
        relation: Oid,
        mode: TableLockMode,
        wait: LockWait,
    ) -> Result<bool> {
        // Nobody can drop or alter a system catalog.
        if relation < oids::FIRST_NORMAL_OID && mode <= TableLockMode::RowExclusive {
            return Ok(true);
        }
        let tag = LockTag::Relation(self.database.oid, relation);
        txn.lock(tag, storage_lock_mode(mode), wait).map_err(storage_error)
    }
}
