//! Writing catalog rows.

use crate::access::{RowId, TableAccess};
use crate::error::StorageResult;
use crate::index_access::PlainIndexes;
use crate::locking::RowLockMode;
use crate::space::TableSpace;
use crate::system::source::TxnSource;
use crate::write::WriteCtx;
use pglitedb_catalog::{CatalogCache, CatalogSource, Invalidation, builtin};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_storage::{CounterId, LockWait, StorageId, Txn};
use pglitedb_types::{Datum, Oid, TypeEnv, oids};
use std::cell::RefCell;
use std::sync::Arc;

/// Writes catalog rows in a transaction, keeps their indexes, and notes what becomes stale. Each write is a command of
/// its own: the next look-up sees it.
pub struct CatalogWriter<'a> {
    space: &'a Arc<TableSpace>,
    txn: &'a Txn,
    env: &'a dyn TypeEnv,
    /// The transaction's own cache, from which stale descriptors are removed at every write.
    cache: &'a CatalogCache,
    invalidation: &'a RefCell<Invalidation>,
}

/// Number of the counter for OIDs.
const OID_COUNTER: u32 = 1;

impl<'a> CatalogWriter<'a> {
    /// `cache` is the transaction's own; `invalidation` collects what to publish at commit.
    pub fn new(
        space: &'a Arc<TableSpace>,
        txn: &'a Txn,
        env: &'a dyn TypeEnv,
        cache: &'a CatalogCache,
        invalidation: &'a RefCell<Invalidation>,
    ) -> Self {
        CatalogWriter { space, txn, env, cache, invalidation }
    }

    /// The transaction.
    pub fn txn(&self) -> &'a Txn {
        self.txn
    }

    /// The tables.
    pub fn space(&self) -> &'a Arc<TableSpace> {
        self.space
    }

    /// Stored rows as they stand now.
    pub fn source(&self) -> TxnSource<'a> {
        TxnSource::new(self.space, self.txn)
    }

    /// A new OID, unique in the cluster.
    pub fn new_oid(&self) -> Result<Oid> {
        let number = self.space.engine().allocate(CounterId(StorageId::new(0, 0), OID_COUNTER), 1).sql()?;
        u32::try_from(number)
            .ok()
            .and_then(|number| number.checked_add(oids::FIRST_NORMAL_OID - 1))
            .ok_or_else(|| err!(PROGRAM_LIMIT_EXCEEDED, "no more object identifiers available"))
    }

    /// Inserts a row and returns its row id.
    pub fn insert(&self, catalog: Oid, row: &[Datum]) -> Result<u64> {
        let table = self.space.open_catalog(catalog)?;
        let id = self.write(|ctx| table.insert(ctx, row))?;
        self.note(catalog, &[row])?;
        Ok(id.0)
    }

    /// Changes the row of an id: locks it, lets `change` work on its newest version, and writes it. False if there is
    /// no such row.
    pub fn update(
        &self,
        catalog: Oid,
        id: u64,
        change: impl FnOnce(&mut Vec<Datum>) -> Result<()>,
    ) -> Result<bool> {
        let table = self.space.open_catalog(catalog)?;
        let Some(old) = self.locked(&table, id)? else { return Ok(false) };
        let mut new = old.clone();
        change(&mut new)?;
        let all: Vec<usize> = (0..new.len()).collect();
        self.write(|ctx| table.update(ctx, RowId(id), &old, &new, &all))?;
        self.note(catalog, &[&old, &new])?;
        Ok(true)
    }

    /// Deletes the row of an id (a built-in one is hidden from now on). False if there is no such row.
    pub fn delete(&self, catalog: Oid, id: u64) -> Result<bool> {
        let table = self.space.open_catalog(catalog)?;
        let Some(old) = self.locked(&table, id)? else { return Ok(false) };
        self.write(|ctx| table.delete(ctx, RowId(id), &old))?;
        self.note(catalog, &[&old])?;
        Ok(true)
    }

    /// Changes the row with an OID (or other key) as its row id.
    pub fn update_oid(
        &self,
        catalog: Oid,
        oid: Oid,
        change: impl FnOnce(&mut Vec<Datum>) -> Result<()>,
    ) -> Result<()> {
        if self.update(catalog, u64::from(oid), change)? {
            return Ok(());
        }
        Err(Error::internal(format!("cache lookup failed for object {oid} of catalog {catalog}")))
    }

    /// Changes the row of a column.
    pub fn update_attribute(
        &self,
        relation: Oid,
        attnum: i16,
        change: impl FnOnce(&mut Vec<Datum>) -> Result<()>,
    ) -> Result<()> {
        let id = u64::from(relation) << 16 | u64::from((attnum as u16).wrapping_add(0x8000));
        if self.update(builtin::columns::pg_attribute::RELATION, id, change)? {
            return Ok(());
        }
        Err(Error::internal(format!("cache lookup failed for attribute {attnum} of relation {relation}")))
    }

    /// Deletes the stored rows whose first key columns in an index equal `keys`; returns how many.
    pub fn delete_by_index(&self, catalog: Oid, index: Oid, keys: &[Datum]) -> Result<usize> {
        let rows = self.source().lookup(catalog, index, keys)?;
        for (id, _) in &rows {
            self.delete(catalog, *id)?;
        }
        Ok(rows.len())
    }

    fn locked(&self, table: &Arc<TableAccess>, id: u64) -> Result<Option<Vec<Datum>>> {
        let snapshot = self.txn.latest_snapshot();
        table.lock_row(self.txn, &snapshot, RowId(id), RowLockMode::Update, LockWait::Block)?;
        let width = table.layout().width();
        table.fetch_latest_with(self.txn, RowId(id), |row| row.to_vec(width))
    }

    fn write<T>(&self, f: impl FnOnce(&mut WriteCtx<'_>) -> Result<T>) -> Result<T> {
        let mut plain = PlainIndexes;
        let mut ctx = WriteCtx::new(self.txn, self.env, &mut plain);
        f(&mut ctx)
    }

    fn note(&self, catalog: Oid, rows: &[&[Datum]]) -> Result<()> {
        self.txn.next_command().sql()?;
        let mut stale = Invalidation::default();
        rows.iter().for_each(|row| stale.note(catalog, row));
        self.cache.invalidate(&stale);
        self.invalidation.borrow_mut().merge(&stale);
        Ok(())
    }
}
