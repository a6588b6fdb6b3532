//! Merged look-ups of rows: stored ones, and built-in ones that no stored row stands for.

use super::catalog::StoredCatalog;
use crate::builtin;
use pglitedb_sqlstate::Result;
use pglitedb_types::{Datum, Oid};
use rustc_hash::FxHashMap;
use std::ops::Bound;
use std::sync::Arc;

impl StoredCatalog<'_> {
    /// The row of an id.
    pub fn row(&self, relation: Oid, id: u64) -> Result<Option<Vec<Datum>>> {
        match self.source.row(relation, id)? {
            Some(row) => Ok(row),
            None => Ok(builtin::relation_rows(relation).and_then(|rows| rows.row(id))),
        }
    }

    /// Rows with ids from `first` to `last`, in order.
    pub fn rows_between(&self, relation: Oid, first: u64, last: u64) -> Result<Vec<Vec<Datum>>> {
        let mut stored = self.source.rows_between(relation, first, last)?;
        let Some(rows) = builtin::relation_rows(relation) else {
            return Ok(stored.into_iter().filter_map(|(_, row)| row).collect());
        };
        let positions = rows.positions(Bound::Included(first), Bound::Included(last));
        if !positions.is_empty() {
            let known: FxHashMap<u64, ()> = stored.iter().map(|(id, _)| (*id, ())).collect();
            let missing = positions.filter(|&at| !known.contains_key(&rows.id_at(at)));
            stored.extend(missing.map(|at| (rows.id_at(at), Some(rows.row_at(at)))));
            stored.sort_by_key(|(id, _)| *id);
        }
        Ok(stored.into_iter().filter_map(|(_, row)| row).collect())
    }

    /// All rows of a catalog, built-in ones first.
    pub fn rows(&self, relation: Oid) -> Result<Vec<Vec<Datum>>> {
        self.rows_between(relation, 0, u64::MAX)
    }

    /// Rows whose first key columns in an index equal `keys`. For catalogs with many built-in rows this looks at all
    /// of them; the descriptors' own look-ups do not.
    pub fn rows_by_index(&self, relation: Oid, index: Oid, keys: &[Datum]) -> Result<Vec<Vec<Datum>>> {
        let mut found = Vec::new();
        if let (Some(rows), Some(info)) = (builtin::relation_rows(relation), builtin::builtin_index(index)) {
            let overrides = self.overrides(relation)?;
            for at in 0..rows.len() {
                if overrides.contains_key(&rows.id_at(at)) {
                    continue;
                }
                let row = rows.row_at(at);
                let matches = info.columns.iter().zip(keys).all(|(column, key)| {
                    let value = usize::try_from(column.attnum - 1).ok().and_then(|at| row.get(at));
                    value.is_some_and(|value| same(value, key))
                });
                if matches {
                    found.push(row);
                }
            }
        }
        found.extend(self.source.lookup(relation, index, keys)?.into_iter().map(|(_, row)| row));
        Ok(found)
    }

    /// Stored rows only, by the first columns of an index.
    pub(super) fn stored_by(&self, relation: Oid, index: Oid, keys: &[Datum]) -> Result<Vec<Vec<Datum>>> {
        Ok(self.source.lookup(relation, index, keys)?.into_iter().map(|(_, row)| row).collect())
    }

    /// Stored rows (or deletions) that stand for built-in rows of a catalog.
    pub(super) fn overrides(&self, relation: Oid) -> Result<Arc<FxHashMap<u64, Option<Vec<Datum>>>>> {
        self.cached(
            |cache| &cache.overrides,
            &relation,
            || relation,
            || {
                let last = builtin::override_limit(relation).saturating_sub(1);
                Ok(Arc::new(self.source.rows_between(relation, 0, last)?.into_iter().collect()))
            },
        )
    }

    /// Is a built-in row still in force as it was shipped?
    pub(super) fn is_original(&self, relation: Oid, id: Oid) -> Result<bool> {
        Ok(!self.overrides(relation)?.contains_key(&u64::from(id)))
    }
}

/// Equality of key values of catalogs: numbers and names.
fn same(a: &Datum, b: &Datum) -> bool {
    match (a, b) {
        (Datum::Text(a), Datum::Text(b)) => a == b,
        (Datum::Char(a), Datum::Char(b)) => a == b,
        (Datum::Bool(a), Datum::Bool(b)) => a == b,
        (Datum::Array(a), Datum::Array(b)) => {
            a.values.len() == b.values.len() && a.values.iter().zip(&b.values).all(|(a, b)| same(a, b))
        }
        (a, b) => a.as_i64().is_some_and(|a| b.as_i64() == Some(a)),
    }
}
