//! Sequential scans.

use crate::access::{RowId, TableAccess};
use crate::error::StorageResult;
use crate::rowref::RowRef;
use pglitedb_sqlstate::Result;
use pglitedb_storage::{Cursor, Direction, Snapshot, Txn};
use pglitedb_types::Datum;
use std::ops::Bound;
use std::sync::Arc;

/// A scan under way. Keeps nothing locked between calls.
pub struct TableScan {
    table: Arc<TableAccess>,
    cursor: Cursor,
    merge: Option<Merge>,
}

/// State of a scan over a relation with built-in rows: both sides in the order of row ids.
struct Merge {
    /// Positions of built-in rows still to come.
    builtin: std::ops::Range<usize>,
    backward: bool,
    /// The next stored row, read ahead: `None` before the first read.
    stored: Option<Option<(RowId, Vec<u8>)>>,
    /// The row handed out last.
    values: Vec<Datum>,
}

impl TableScan {
    pub(crate) fn new(
        table: &Arc<TableAccess>,
        txn: &Txn,
        snapshot: &Snapshot,
        direction: Direction,
        lower: Bound<RowId>,
        upper: Bound<RowId>,
    ) -> Result<TableScan> {
        let range = TableAccess::range(lower, upper);
        let cursor = txn.scan(table.storage, range, direction, snapshot);
        let merge = table.builtin.map(|rows| Merge {
            builtin: rows.positions(lower.map(|id| id.0), upper.map(|id| id.0)),
            backward: direction == Direction::Backward,
            stored: None,
            values: Vec::new(),
        });
        Ok(TableScan { table: Arc::clone(table), cursor, merge })
    }

    /// The next row. It stays valid until the next call.
    #[inline]
    pub fn next_row(&mut self) -> Result<Option<(RowId, RowRef<'_>)>> {
        if self.merge.is_some() {
            return self.next_merged();
        }
        match self.cursor.next().sql()? {
            Some((key, value)) => {
                Ok(Some((RowId::from_key(key)?, RowRef::stored(&self.table.layout, value))))
            }
            None => Ok(None),
        }
    }

    /// Decodes the wanted columns of the next row into `out` and returns its id.
    #[inline]
    pub fn next(&mut self, wanted: &[usize], out: &mut [Datum]) -> Result<Option<RowId>> {
        match self.next_row()? {
            Some((id, row)) => {
                row.decode_columns(wanted, out)?;
                Ok(Some(id))
            }
            None => Ok(None),
        }
    }

    /// Decodes the wanted columns of up to `limit` rows; row `n` fills `out[n * width ..]`, `width` being the
    /// relation's. `out` is resized to the rows read; their ids are appended to `ids`.
    pub fn next_batch(
        &mut self,
        wanted: &[usize],
        limit: usize,
        ids: &mut Vec<RowId>,
        out: &mut Vec<Datum>,
    ) -> Result<usize> {
        let width = self.table.layout.width();
        out.clear();
        for count in 0..limit {
            out.resize((count + 1) * width, Datum::Null);
            match self.next(wanted, &mut out[count * width..])? {
                Some(id) => ids.push(id),
                None => {
                    out.truncate(count * width);
                    return Ok(count);
                }
            }
        }
        Ok(limit)
    }

    fn next_merged(&mut self) -> Result<Option<(RowId, RowRef<'_>)>> {
        let (Some(merge), Some(rows)) = (&mut self.merge, self.table.builtin) else { return Ok(None) };
        loop {
            let stored = match merge.stored.take() {
                Some(stored) => stored,
                None => match self.cursor.next().sql()? {
                    Some((key, value)) => Some((RowId::from_key(key)?, value.to_vec())),
                    None => None,
                },
            };
            let at =
                if merge.backward { merge.builtin.clone().next_back() } else { merge.builtin.clone().next() };
            let builtin = at.map(|at| (at, rows.id_at(at)));
            let take_builtin = match (&stored, builtin) {
                (None, None) => {
                    merge.stored = Some(None);
                    return Ok(None);
                }
                (Some(_), None) => false,
                (None, Some(_)) => true,
                (Some((stored, _)), Some((_, builtin))) if merge.backward => builtin > stored.0,
                (Some((stored, _)), Some((_, builtin))) => builtin < stored.0,
            };
            if let (true, Some((at, id))) = (take_builtin, builtin) {
                merge.stored = Some(stored);
                merge.step();
                merge.values = rows.row_at(at);
                return Ok(Some((RowId(id), RowRef::values(&merge.values))));
            }
            let Some((id, bytes)) = stored else { continue };
            // A stored row overrides the built-in one of the same id; empty bytes say that it is deleted.
            if builtin.is_some_and(|(_, builtin)| builtin == id.0) {
                merge.step();
            }
            if bytes.is_empty() {
                continue;
            }
            merge.values.resize(self.table.layout.width(), Datum::Null);
            self.table.layout.decode(&bytes, &mut merge.values)?;
            return Ok(Some((id, RowRef::values(&merge.values))));
        }
    }
}

impl Merge {
    fn step(&mut self) {
        if self.backward {
            self.builtin.next_back();
        } else {
            self.builtin.next();
        }
    }
}
