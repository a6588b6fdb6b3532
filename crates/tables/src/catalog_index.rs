//! Index scans over relations with built-in rows.

use crate::access::{RowId, TableAccess};
use crate::error::StorageResult;
use crate::index_access::{IndexAccess, PlainIndexes};
use crate::key::{self, IndexBounds};
use parking_lot::Mutex;
use pglitedb_catalog::builtin::BuiltinRelation;
use pglitedb_sqlstate::Result;
use pglitedb_storage::{Direction, KeyRange, Snapshot, Txn};
use pglitedb_types::Oid;
use rustc_hash::FxHashMap;
use std::sync::{Arc, LazyLock};

type Entries = Arc<[(Vec<u8>, RowId)]>;

/// Keys of all built-in rows by index, in order; made when an index is first scanned. Facts, the same for every
/// database of the process.
static BUILTIN_ENTRIES: LazyLock<Mutex<FxHashMap<Oid, Entries>>> = LazyLock::new(Mutex::default);

fn builtin_entries(index: &IndexAccess, rows: &BuiltinRelation) -> Result<Entries> {
    if let Some(entries) = BUILTIN_ENTRIES.lock().get(&index.info().oid) {
        return Ok(Arc::clone(entries));
    }
    let mut entries = Vec::with_capacity(rows.len());
    let mut keys = Vec::new();
    for at in 0..rows.len() {
        let mut key = Vec::new();
        index.keys_of(&rows.row_at(at), &mut PlainIndexes, &mut keys)?;
        key::encode_key(index.key_columns(), &keys, &mut key);
        entries.push((key, RowId(rows.id_at(at))));
    }
    entries.sort();
    let entries: Entries = entries.into();
    BUILTIN_ENTRIES.lock().insert(index.info().oid, Arc::clone(&entries));
    Ok(entries)
}

/// Ids of the rows in a range: built-in ones that are not overridden, and stored ones, in the order of the index.
pub(crate) fn merged_ids(
    index: &IndexAccess,
    table: &TableAccess,
    txn: &Txn,
    snapshot: &Snapshot,
    bounds: &IndexBounds<'_>,
    direction: Direction,
) -> Result<Vec<RowId>> {
    let Some(range) = key::key_range(index.key_columns(), bounds) else { return Ok(Vec::new()) };
    let mut found: Vec<(Vec<u8>, RowId)> = Vec::new();
    if let Some(rows) = table.builtin {
        let entries = builtin_entries(index, rows)?;
        for (key, id) in entries_in(&entries, &range) {
            // A stored row of the same id stands for the built-in one, and has its own entry.
            if txn.get_with(table.storage, &id.key(), snapshot, |_| ()).sql()?.is_none() {
                found.push((key.clone(), *id));
            }
        }
    }
    let mut cursor = txn.scan(index.storage(), range, Direction::Forward, snapshot);
    let mut stored = false;
    while let Some((key, value)) = cursor.next().sql()? {
        stored = true;
        found.push((key.to_vec(), IndexAccess::entry_row(key, value)?));
    }
    if stored {
        found.sort();
    }
    if direction == Direction::Backward {
        found.reverse();
    }
    Ok(found.into_iter().map(|(_, id)| id).collect())
}

fn entries_in<'a>(entries: &'a Entries, range: &'a KeyRange) -> impl Iterator<Item = &'a (Vec<u8>, RowId)> {
    let start = entries.partition_point(|(key, _)| match &range.lower {
        std::ops::Bound::Included(lower) => key.as_slice() < lower.as_slice(),
        std::ops::Bound::Excluded(lower) => key.as_slice() <= lower.as_slice(),
        std::ops::Bound::Unbounded => false,
    });
    entries[start..].iter().take_while(|(key, _)| range.contains(key))
}
