//! Uniqueness.
//!
//! An entry of a unique index is its key alone, so two rows with one key would write the same entry. Whoever adds one
//! looks at the entry's newest version under the key's latch: written by a running transaction, it waits for that
//! transaction's end and looks again; there, it is a violation; absent or deleted, it writes. The latch closes the gap
//! between looking and writing, and is never held while waiting.
//!
//! Deferrable constraints keep one entry per row (key and row id), lock the key, and are checked later.

use crate::access::{RowId, TableAccess};
use crate::error::StorageResult;
use crate::index_access::{IndexAccess, IndexExprs};
use crate::key::hash_key;
use crate::write::WriteCtx;
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_storage::{Direction, KeyRange, LatestState, LockMode, LockTag, LockWait, Txn};
use pglitedb_types::{Datum, Oid, TypeEnv};

/// A check of a deferrable unique constraint that is still to be made.
#[derive(Clone, Debug)]
pub struct DeferredUnique {
    /// The table.
    pub table: Oid,
    /// The index.
    pub index: Oid,
    /// The row.
    pub row: RowId,
    /// Its key values.
    pub keys: Vec<Datum>,
    key: Vec<u8>,
}

impl TableAccess {
    pub(crate) fn put_unique(
        &self,
        ctx: &mut WriteCtx<'_>,
        index: &IndexAccess,
        keys: &[Datum],
        key: &[u8],
        id: RowId,
    ) -> Result<()> {
        let hash = hash_key(index.storage(), key);
        loop {
            let latch = self.space.latch(hash);
            let latest = ctx.txn.get_latest(index.storage(), key).sql()?;
            match (latest.state, latest.value) {
                (LatestState::InProgress(xid), _) => {
                    drop(latch);
                    ctx.txn.wait_for_transaction(xid, LockWait::Block).sql()?;
                }
                (_, Some(value)) => {
                    drop(latch);
                    if IndexAccess::entry_row(key, &value)? == id {
                        return Ok(());
                    }
                    return Err(self.duplicate(ctx.env, ctx.exprs, index, keys));
                }
                (_, None) => {
                    index.remember(&self.space.keys, hash, id);
                    return ctx.txn.put(index.storage(), key, &id.key()).sql();
                }
            }
        }
    }

    /// Looks for a row that an INSERT of `row` would collide with in a unique index (ON CONFLICT), waiting for
    /// transactions that are writing the key. The row found is live in its newest version.
    pub fn find_conflict(
        &self,
        ctx: &mut WriteCtx<'_>,
        index: &IndexAccess,
        row: &[Datum],
    ) -> Result<Option<RowId>> {
        if !index.is_immediate_unique() {
            return Err(err!(
                OBJECT_NOT_IN_PREREQUISITE_STATE,
                "ON CONFLICT does not support deferrable unique constraints/exclusion constraints as arbiters"
            ));
        }
        let mut keys = std::mem::take(&mut ctx.keys);
        let mut key = std::mem::take(&mut ctx.key);
        let included = index.keys_of(row, ctx.exprs, &mut keys)?;
        let found = if included
            && index.entry_key(&keys, RowId(0), &mut key) == crate::index_access::EntryForm::Unique
        {
            self.live_entry(ctx.txn, index, &key)
        } else {
            Ok(None)
        };
        (ctx.keys, ctx.key) = (keys, key);
        found
    }

    fn live_entry(&self, txn: &Txn, index: &IndexAccess, key: &[u8]) -> Result<Option<RowId>> {
        loop {
            let latest = txn.get_latest(index.storage(), key).sql()?;
            match (latest.state, latest.value) {
                (LatestState::InProgress(xid), _) => {
                    txn.wait_for_transaction(xid, LockWait::Block).sql()?;
                }
                (_, Some(value)) => return IndexAccess::entry_row(key, &value).map(Some),
                (_, None) => return Ok(None),
            }
        }
    }

    /// Keeps others from adding or removing a key of a deferrable constraint until this transaction ends. `key` is
    /// an entry: the row id at its end is cut off.
    pub(crate) fn lock_deferrable(&self, txn: &Txn, index: &IndexAccess, key: &[u8]) -> Result<()> {
        if !index.info().is_unique || index.is_immediate_unique() {
            return Ok(());
        }
        let prefix = key.get(..key.len().saturating_sub(8)).unwrap_or_default();
        txn.lock(LockTag::key(index.storage(), prefix), LockMode::Exclusive, LockWait::Block).sql()?;
        Ok(())
    }

    pub(crate) fn note_deferred(
        &self,
        ctx: &mut WriteCtx<'_>,
        index: &IndexAccess,
        keys: &[Datum],
        key: &[u8],
        id: RowId,
    ) -> Result<()> {
        let info = index.info();
        if !info.is_unique || index.is_immediate_unique() {
            return Ok(());
        }
        if !info.nulls_not_distinct && keys.iter().any(Datum::is_null) {
            return Ok(());
        }
        self.lock_deferrable(ctx.txn, index, key)?;
        ctx.deferred.push(DeferredUnique {
            table: self.relation().oid,
            index: info.oid,
            row: id,
            keys: keys.to_vec(),
            key: key.to_vec(),
        });
        Ok(())
    }

    /// Makes a deferred check. The transaction must have begun a new command since the writes.
    pub fn check_deferred(&self, ctx: &mut WriteCtx<'_>, check: &DeferredUnique) -> Result<()> {
        let Some(index) = self.index(check.index) else { return Ok(()) };
        let snapshot = ctx.txn.latest_snapshot();
        let present = ctx.txn.get_with(index.storage(), &check.key, &snapshot, |_| ()).sql()?;
        if present.is_none() {
            return Ok(());
        }
        let prefix = check.key.get(..check.key.len().saturating_sub(8)).unwrap_or_default();
        let mut cursor =
            ctx.txn.scan(index.storage(), KeyRange::prefix(prefix), Direction::Forward, &snapshot);
        while let Some((key, _)) = cursor.next().sql()? {
            if key != check.key.as_slice() && key.len() == check.key.len() {
                return Err(self.duplicate(ctx.env, ctx.exprs, index, &check.keys));
            }
        }
        Ok(())
    }

    /// 23505 as PostgreSQL words it.
    fn duplicate(
        &self,
        env: &dyn TypeEnv,
        exprs: &mut dyn IndexExprs,
        index: &IndexAccess,
        keys: &[Datum],
    ) -> Error {
        let relation = self.relation();
        let error = err!(
            UNIQUE_VIOLATION,
            "duplicate key value violates unique constraint \"{}\"",
            index.info().name
        )
        .table(&*relation.namespace_name, &*relation.name)
        .constraint(&*index.info().name);
        match self.key_text(env, exprs, index, keys) {
            Ok(text) => error.detail(format!("Key {text} already exists.")),
            Err(_) => error,
        }
    }

    /// `(a, b)=(1, x)`
    pub(crate) fn key_text(
        &self,
        env: &dyn TypeEnv,
        exprs: &mut dyn IndexExprs,
        index: &IndexAccess,
        keys: &[Datum],
    ) -> Result<String> {
        let (mut names, mut values) = (Vec::new(), Vec::new());
        for (nth, (column, value)) in index.info().columns.iter().zip(keys).enumerate() {
            names.push(match self.relation().column(column.attnum) {
                Some(column) => pglitedb_types::quote_identifier(&column.name).into_owned(),
                None => exprs.expression_text(index.info(), nth)?,
            });
            values.push(match value {
                Datum::Null => "null".to_owned(),
                value => pglitedb_types::output_string(value, column.type_oid, env)?,
            });
        }
        Ok(format!("({})=({})", names.join(", "), values.join(", ")))
    }
}
