//! Stored catalog rows as a transaction sees them.

use crate::access::{RowId, TableAccess};
use crate::error::StorageResult;
use crate::index_access::IndexAccess;
use crate::key;
use crate::space::TableSpace;
use pglitedb_catalog::{CatalogSource, MaybeRow, Relation};
use pglitedb_sqlstate::{Error, Result};
use pglitedb_storage::{Direction, KeyRange, Txn};
use pglitedb_types::{Datum, Oid};
use std::ops::Bound;
use std::sync::Arc;

/// [`CatalogSource`] over a transaction: what is committed now, and the transaction's own earlier commands.
pub struct TxnSource<'a> {
    space: &'a Arc<TableSpace>,
    txn: &'a Txn,
}

impl<'a> TxnSource<'a> {
    /// The catalogs of `space` as `txn` sees them.
    pub fn new(space: &'a Arc<TableSpace>, txn: &'a Txn) -> Self {
        TxnSource { space, txn }
    }

    /// The tables.
    pub fn space(&self) -> &'a Arc<TableSpace> {
        self.space
    }

    /// The transaction.
    pub fn txn(&self) -> &'a Txn {
        self.txn
    }
}

fn decode(table: &TableAccess, bytes: &[u8]) -> Result<MaybeRow> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let mut row = vec![Datum::Null; table.layout().width()];
    table.layout().decode(bytes, &mut row)?;
    Ok(Some(row))
}

impl CatalogSource for TxnSource<'_> {
    fn row(&self, relation: Oid, id: u64) -> Result<Option<MaybeRow>> {
        let table = self.space.open_catalog(relation)?;
        let snapshot = self.txn.latest_snapshot();
        self.txn
            .get_with(table.storage(), &RowId(id).key(), &snapshot, |bytes| decode(&table, bytes))
            .sql()?
            .transpose()
    }

    fn rows_between(&self, relation: Oid, first: u64, last: u64) -> Result<Vec<(u64, MaybeRow)>> {
        let table = self.space.open_catalog(relation)?;
        let snapshot = self.txn.latest_snapshot();
        let (first, last) = (RowId(first).key(), RowId(last).key());
        let range = KeyRange::new(Bound::Included(&first), Bound::Included(&last));
        let mut cursor = self.txn.scan(table.storage(), range, Direction::Forward, &snapshot);
        let mut rows = Vec::new();
        while let Some((key, value)) = cursor.next().sql()? {
            rows.push((RowId::from_key(key)?.0, decode(&table, value)?));
        }
        Ok(rows)
    }

    fn lookup(&self, relation: Oid, index: Oid, keys: &[Datum]) -> Result<Vec<(u64, Vec<Datum>)>> {
        let table = self.space.open_catalog(relation)?;
        let index = table
            .index(index)
            .ok_or_else(|| Error::internal(format!("catalog {relation} has no index {index}")))?;
        let snapshot = self.txn.latest_snapshot();
        let mut prefix = Vec::with_capacity(64);
        key::encode_key(index.key_columns(), keys, &mut prefix);
        let mut cursor =
            self.txn.scan(index.storage(), KeyRange::prefix(&prefix), Direction::Forward, &snapshot);
        let mut rows = Vec::new();
        while let Some((key, value)) = cursor.next().sql()? {
            let id = IndexAccess::entry_row(key, value)?;
            let row = self
                .txn
                .get_with(table.storage(), &id.key(), &snapshot, |bytes| decode(&table, bytes))
                .sql()?
                .transpose()?
                .flatten()
                .ok_or_else(|| table.row_not_found(id))?;
            rows.push((id.0, row));
        }
        Ok(rows)
    }

    fn row_estimate(&self, relation: &Relation) -> Option<f64> {
        if relation.is_catalog {
            return self.space.open_catalog(relation.oid).ok()?.row_estimate().ok();
        }
        if relation.file_node == 0 {
            return None;
        }
        let storage = self.space.storage_id(relation.file_node, relation.is_shared);
        let stats = self.space.engine().storage_stats(storage).ok()?;
        Some(stats.entries.max(stats.memory_keys) as f64)
    }
}
