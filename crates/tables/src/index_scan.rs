//! Index scans.

use crate::access::{RowId, TableAccess};
use crate::error::StorageResult;
use crate::index_access::IndexAccess;
use crate::key::{self, IndexBounds};
use crate::rowref::RowRef;
use pglitedb_sqlstate::Result;
use pglitedb_storage::{Cursor, Direction, Snapshot, Txn};
use pglitedb_types::Datum;
use std::sync::Arc;

// One per scan, moved rarely: a box would only cost an allocation.
#[allow(clippy::large_enum_variant)]
enum Source {
    /// Nothing (more) matches.
    Done,
    /// The one row of a unique key.
    Point(RowId),
    /// A range.
    Range(Cursor),
    /// Rows of a system relation, merged and ordered beforehand.
    List(std::vec::IntoIter<RowId>),
}

/// A scan of an index under way: rows in the order of the index.
pub struct IndexScan {
    table: Arc<TableAccess>,
    snapshot: Snapshot,
    source: Source,
}

impl IndexScan {
    pub(crate) fn new(
        index: &IndexAccess,
        table: &Arc<TableAccess>,
        txn: &Txn,
        snapshot: &Snapshot,
        bounds: &IndexBounds<'_>,
        direction: Direction,
    ) -> Result<IndexScan> {
        let source = if index.catalog && table.builtin.is_some() {
            Source::List(
                crate::catalog_index::merged_ids(index, table, txn, snapshot, bounds, direction)?.into_iter(),
            )
        } else if index.is_point(bounds.equal) {
            index.get(txn, snapshot, bounds.equal)?.map_or(Source::Done, Source::Point)
        } else {
            match key::key_range(index.key_columns(), bounds) {
                Some(range) => Source::Range(txn.scan(index.storage(), range, direction, snapshot)),
                None => Source::Done,
            }
        };
        Ok(IndexScan { table: Arc::clone(table), snapshot: snapshot.clone(), source })
    }

    /// The next row's id.
    #[inline]
    pub fn next_id(&mut self) -> Result<Option<RowId>> {
        match &mut self.source {
            Source::Done => Ok(None),
            Source::Point(id) => {
                let id = *id;
                self.source = Source::Done;
                Ok(Some(id))
            }
            Source::Range(cursor) => match cursor.next().sql()? {
                Some((key, value)) => IndexAccess::entry_row(key, value).map(Some),
                None => Ok(None),
            },
            Source::List(ids) => Ok(ids.next()),
        }
    }

    /// Calls `f` with the next row.
    pub fn next_with<R>(
        &mut self,
        txn: &Txn,
        f: impl FnOnce(RowId, RowRef<'_>) -> Result<R>,
    ) -> Result<Option<R>> {
        match self.next_id()? {
            Some(id) => match self.table.fetch_with(txn, &self.snapshot, id, |row| f(id, row))? {
                Some(result) => Ok(Some(result)),
                None => Err(self.table.row_not_found(id)),
            },
            None => Ok(None),
        }
    }

    /// Decodes the wanted columns of the next row into `out` and returns its id.
    pub fn next(&mut self, txn: &Txn, wanted: &[usize], out: &mut [Datum]) -> Result<Option<RowId>> {
        self.next_with(txn, |id, row| {
            row.decode_columns(wanted, out)?;
            Ok(id)
        })
    }
}
