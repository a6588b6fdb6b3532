//! Index scans.

use crate::access::{RowId, TableAccess};
use crate::error::StorageResult;
use crate::index_access::{IndexAccess, PlainIndexes};
use crate::key::{self, IndexBounds};
use crate::rowref::RowRef;
use pglitedb_sqlstate::{Result, err};
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
    /// Rows found and ordered beforehand: of a system relation, or without the index.
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
        } else if !table.space.births.usable(index.info().oid, txn, snapshot) {
            Source::List(scan_instead(index, table, txn, snapshot, bounds, direction)?.into_iter())
        } else if index.is_point(bounds.equal) {
            index.get_entry(txn, snapshot, bounds.equal)?.map_or(Source::Done, Source::Point)
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

    /// The next row's id with the values that its entry tells: those of the leading key columns, each at its place in
    /// `out` (see [`IndexAccess::covers`]). Where there is no entry to read, `read` is called for the row instead.
    pub fn next_key(
        &mut self,
        index: &IndexAccess,
        places: &[usize],
        out: &mut [Datum],
        read: impl FnOnce(RowId, &mut [Datum]) -> Result<()>,
    ) -> Result<Option<RowId>> {
        let Source::Range(cursor) = &mut self.source else {
            let id = self.next_id()?;
            if let Some(id) = id {
                read(id, out)?;
            }
            return Ok(id);
        };
        let Some((key, value)) = cursor.next().sql()? else { return Ok(None) };
        let mut rest = key;
        for (column, place) in index.key_columns().iter().zip(places) {
            let value = column.decode(&mut rest)?;
            if let Some(slot) = out.get_mut(*place) {
                *slot = value;
            }
        }
        IndexAccess::entry_row(key, value).map(Some)
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

/// For a snapshot older than the index: looks at all rows, and gives those in the range in the order of the index.
fn scan_instead(
    index: &IndexAccess,
    table: &Arc<TableAccess>,
    txn: &Txn,
    snapshot: &Snapshot,
    bounds: &IndexBounds<'_>,
    direction: Direction,
) -> Result<Vec<RowId>> {
    if !index.is_plain() {
        // Nobody is here to evaluate the expressions; tried again, the transaction has a newer snapshot.
        return Err(err!(
            T_R_SERIALIZATION_FAILURE,
            "could not serialize access due to concurrent creation of index \"{}\"",
            index.info().name
        ));
    }
    let Some(range) = key::key_range(index.key_columns(), bounds) else { return Ok(Vec::new()) };
    let mut scan = table.scan(txn, snapshot, Direction::Forward)?;
    let mut row = vec![Datum::Null; table.layout().width()];
    let (mut keys, mut found) = (Vec::new(), Vec::new());
    while let Some((id, stored)) = scan.next_row()? {
        stored.decode(&mut row)?;
        index.keys_of(&row, &mut PlainIndexes, &mut keys)?;
        let mut key = Vec::new();
        key::encode_key(index.key_columns(), &keys, &mut key);
        if range.contains(&key) {
            found.push((key, id));
        }
    }
    found.sort();
    if direction == Direction::Backward {
        found.reverse();
    }
    Ok(found.into_iter().map(|(_, id)| id).collect())
}
