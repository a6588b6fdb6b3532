//! Writing rows with their index entries.

use crate::access::{RowId, TableAccess};
use crate::error::StorageResult;
use crate::index_access::{EntryForm, IndexAccess, IndexExprs};
use crate::unique::DeferredUnique;
use pglitedb_catalog::builtin;
use pglitedb_sqlstate::{Result, bail};
use pglitedb_storage::Txn;
use pglitedb_types::{Datum, TypeEnv};

/// What writes need besides the row. One per statement; its buffers are used again for every row.
pub struct WriteCtx<'a> {
    /// The transaction.
    pub txn: &'a Txn,
    /// For error messages that show values.
    pub env: &'a dyn TypeEnv,
    /// Evaluates index expressions and predicates.
    pub exprs: &'a mut dyn IndexExprs,
    /// Where to note checks of deferrable unique constraints, which the caller makes at the end of the statement or
    /// transaction with [`TableAccess::check_deferred`].
    pub deferred: Vec<DeferredUnique>,
    pub(crate) keys: Vec<Datum>,
    pub(crate) old_keys: Vec<Datum>,
    pub(crate) key: Vec<u8>,
    pub(crate) old_key: Vec<u8>,
    row: Vec<u8>,
}

impl<'a> WriteCtx<'a> {
    /// A context.
    pub fn new(txn: &'a Txn, env: &'a dyn TypeEnv, exprs: &'a mut dyn IndexExprs) -> WriteCtx<'a> {
        WriteCtx {
            txn,
            env,
            exprs,
            deferred: Vec::new(),
            keys: Vec::new(),
            old_keys: Vec::new(),
            key: Vec::new(),
            old_key: Vec::new(),
            row: Vec::new(),
        }
    }
}

impl TableAccess {
    /// Inserts a row, checks unique constraints, and returns its id.
    pub fn insert(&self, ctx: &mut WriteCtx<'_>, row: &[Datum]) -> Result<RowId> {
        let id = self.next_row_id(row)?;
        self.insert_at(ctx, id, row)?;
        Ok(id)
    }

    /// Inserts rows with consecutive ids (COPY, multi-row INSERT). Returns the first id.
    pub fn insert_many(&self, ctx: &mut WriteCtx<'_>, rows: &[Vec<Datum>]) -> Result<Option<RowId>> {
        let Some(first_row) = rows.first() else { return Ok(None) };
        if self.relation().is_catalog {
            let first = self.insert(ctx, first_row)?;
            for row in &rows[1..] {
                self.insert(ctx, row)?;
            }
            return Ok(Some(first));
        }
        let first = self.take_row_ids(rows.len() as u64)?;
        for (row, id) in rows.iter().zip(first.0..) {
            self.insert_at(ctx, RowId(id), row)?;
        }
        Ok(Some(first))
    }

    /// Inserts a row under an id from [`TableAccess::take_row_ids`].
    pub fn insert_at(&self, ctx: &mut WriteCtx<'_>, id: RowId, row: &[Datum]) -> Result<()> {
        for index in &self.indexes {
            self.add_entry(ctx, index, id, row)?;
        }
        self.put_row(ctx, id, row)
    }

    /// Replaces a row that the caller has locked ([`TableAccess::lock_row`]). `old` is its current version, complete
    /// at least in the indexed columns; `changed` lists the columns (from 0) that may differ.
    pub fn update(
        &self,
        ctx: &mut WriteCtx<'_>,
        id: RowId,
        old: &[Datum],
        new: &[Datum],
        changed: &[usize],
    ) -> Result<()> {
        if self.relation().is_catalog
            && builtin::row_id(self.relation().oid, new).is_some_and(|new_id| new_id != id.0)
        {
            bail!(FEATURE_NOT_SUPPORTED, "changing the key of a row of a system catalog is not supported");
        }
        // A built-in row that is changed for the first time has no entries yet: it was never stored.
        let first_stored =
            self.builtin.is_some() && ctx.txn.get_latest(self.storage, &id.key()).sql()?.value.is_none();
        for index in &self.indexes {
            if first_stored {
                self.add_entry(ctx, index, id, new)?;
            } else if index.depends_on(&|column| changed.contains(&column)) {
                self.move_entry(ctx, index, id, old, new)?;
            }
        }
        self.put_row(ctx, id, new)
    }

    /// Deletes a row that the caller has locked. `old` is its current version, complete at least in the indexed
    /// columns.
    pub fn delete(&self, ctx: &mut WriteCtx<'_>, id: RowId, old: &[Datum]) -> Result<()> {
        for index in &self.indexes {
            if index.keys_of(old, ctx.exprs, &mut ctx.keys)? {
                index.entry_key(&ctx.keys, id, &mut ctx.key);
                self.lock_deferrable(ctx.txn, index, &ctx.key)?;
                ctx.txn.delete(index.storage(), &ctx.key).sql()?;
            }
        }
        if self.builtin.is_some_and(|rows| rows.has(id.0)) {
            // Empty bytes hide the built-in row.
            return ctx.txn.put(self.storage, &id.key(), &[]).sql();
        }
        ctx.txn.delete(self.storage, &id.key()).sql()
    }

    fn put_row(&self, ctx: &mut WriteCtx<'_>, id: RowId, row: &[Datum]) -> Result<()> {
        ctx.row.clear();
        self.layout.encode(row, &mut ctx.row)?;
        ctx.txn.put(self.storage, &id.key(), &ctx.row).sql()
    }

    /// Adds the entry of a row to one index.
    pub(crate) fn add_entry(
        &self,
        ctx: &mut WriteCtx<'_>,
        index: &IndexAccess,
        id: RowId,
        row: &[Datum],
    ) -> Result<()> {
        let mut keys = std::mem::take(&mut ctx.keys);
        let mut key = std::mem::take(&mut ctx.key);
        let done = match index.keys_of(row, ctx.exprs, &mut keys) {
            Ok(true) => {
                let form = index.entry_key(&keys, id, &mut key);
                self.put_entry(ctx, index, form, &keys, &key, id)
            }
            Ok(false) => Ok(()),
            Err(error) => Err(error),
        };
        (ctx.keys, ctx.key) = (keys, key);
        done
    }

    fn put_entry(
        &self,
        ctx: &mut WriteCtx<'_>,
        index: &IndexAccess,
        form: EntryForm,
        keys: &[Datum],
        key: &[u8],
        id: RowId,
    ) -> Result<()> {
        match form {
            EntryForm::Unique => self.put_unique(ctx, index, keys, key, id),
            EntryForm::Multi => {
                ctx.txn.put(index.storage(), key, &[]).sql()?;
                self.note_deferred(ctx, index, keys, key, id)
            }
        }
    }

    fn move_entry(
        &self,
        ctx: &mut WriteCtx<'_>,
        index: &IndexAccess,
        id: RowId,
        old: &[Datum],
        new: &[Datum],
    ) -> Result<()> {
        let mut keys = std::mem::take(&mut ctx.old_keys);
        let mut key = std::mem::take(&mut ctx.old_key);
        let had = index.keys_of(old, ctx.exprs, &mut keys)?;
        if had {
            index.entry_key(&keys, id, &mut key);
        }
        let has = index.keys_of(new, ctx.exprs, &mut ctx.keys)?;
        if has {
            index.entry_key(&ctx.keys, id, &mut ctx.key);
        }
        let same = had == has && (!had || key == ctx.key);
        if same && has && self.builtin.is_some_and(|rows| rows.has(id.0)) {
            // A row that begins to stand for a built-in one has no entries yet.
            let value = id.key();
            let unique = index.form(&keys) == EntryForm::Unique;
            ctx.txn.put(index.storage(), &ctx.key, if unique { &value } else { &[] }).sql()?;
        }
        if !same {
            if had {
                self.lock_deferrable(ctx.txn, index, &key)?;
                ctx.txn.delete(index.storage(), &key).sql()?;
            }
            if has {
                self.add_entry(ctx, index, id, new)?;
            }
        }
        (ctx.old_keys, ctx.old_key) = (keys, key);
        Ok(())
    }
}
