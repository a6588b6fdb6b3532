//! Filling a new index.

use crate::access::TableAccess;
use crate::error::StorageResult;
use crate::index_access::EntryForm;
use crate::key::hash_key;
use crate::write::WriteCtx;
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_storage::Direction;
use pglitedb_types::{Datum, Oid};
use std::sync::Arc;

/// What was met while an index was filled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BuiltIndex {
    /// Rows of the table.
    pub rows: u64,
    /// Bytes of these rows.
    pub row_bytes: u64,
    /// Entries of the index.
    pub entries: u64,
    /// Bytes of the keys of these entries.
    pub key_bytes: u64,
}

impl TableAccess {
    /// Adds the entries of all rows to one index (CREATE INDEX, REINDEX). The caller holds a lock that keeps writers
    /// out. `interrupts` is called now and then.
    pub fn build_index(
        self: &Arc<Self>,
        ctx: &mut WriteCtx<'_>,
        index: Oid,
        interrupts: &dyn Fn() -> Result<()>,
    ) -> Result<BuiltIndex> {
        let index = self.index(index).ok_or_else(|| {
            Error::internal(format!("relation \"{}\" has no index {index}", self.relation().name))
        })?;
        self.space.births.begin(index.info().oid, ctx.txn.assign_xid().sql()?);
        // What the transaction itself wrote in this very command must not be missed either.
        ctx.txn.next_command().sql()?;
        let snapshot = ctx.txn.latest_snapshot();
        let mut scan = self.scan(ctx.txn, &snapshot, Direction::Forward)?;
        let mut row = vec![Datum::Null; self.layout.width()];
        let mut keys: Vec<Datum> = Vec::new();
        let mut key = Vec::new();
        let mut built = BuiltIndex::default();
        while let Some((id, stored)) = scan.next_row()? {
            if built.rows.is_multiple_of(1024) {
                interrupts()?;
            }
            built.rows += 1;
            built.row_bytes += stored.stored_bytes() as u64;
            stored.decode(&mut row)?;
            if !index.keys_of(&row, ctx.exprs, &mut keys)? {
                continue;
            }
            let form = index.entry_key(&keys, id, &mut key);
            if form == EntryForm::Unique {
                let latest = ctx.txn.get_latest(index.storage(), &key).sql()?;
                if latest.value.is_some() {
                    return Err(self.duplicated(ctx, index.info().oid, &keys));
                }
                index.remember(&self.space.keys, hash_key(index.storage(), &key), id);
                ctx.txn.put(index.storage(), &key, &id.key()).sql()?;
            } else {
                ctx.txn.put(index.storage(), &key, &[]).sql()?;
                self.note_deferred(ctx, index, &keys, &key, id)?;
            }
            built.entries += 1;
            built.key_bytes += key.len() as u64;
        }
        if !ctx.deferred.is_empty() {
            ctx.txn.next_command().sql()?;
            for check in std::mem::take(&mut ctx.deferred) {
                if self.check_deferred(ctx, &check).is_err() {
                    return Err(self.duplicated(ctx, check.index, &check.keys));
                }
            }
        }
        Ok(built)
    }

    fn duplicated(&self, ctx: &mut WriteCtx<'_>, index: Oid, keys: &[Datum]) -> Error {
        let Some(index) = self.index(index) else {
            return Error::internal("index vanished while it was built");
        };
        let relation = self.relation();
        let error = err!(UNIQUE_VIOLATION, "could not create unique index \"{}\"", index.info().name)
            .table(&*relation.namespace_name, &*relation.name)
            .constraint(&*index.info().name);
        match self.key_text(ctx.env, ctx.exprs, index, keys) {
            Ok(text) => error.detail(format!("Key {text} is duplicated.")),
            Err(_) => error,
        }
    }
}
