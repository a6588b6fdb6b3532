//! One index, opened.

use crate::access::{RowId, TableAccess};
use crate::error::StorageResult;
use crate::index_scan::IndexScan;
use crate::key::{self, IndexBounds, KeyColumn};
use crate::key_cache::KeyCache;
use crate::rowref::RowRef;
use crate::space::TableSpace;
use pglitedb_catalog::{Catalog, IndexInfo, Relation};
use pglitedb_sqlstate::{Error, Result, bail};
use pglitedb_storage::{Direction, Isolation, Snapshot, StorageId, Txn};
use pglitedb_types::Datum;
use std::sync::Arc;

/// Evaluates index expressions and predicates; the executor supplies it. Only asked for indexes that have any.
pub trait IndexExprs {
    /// Fills `keys` with the index's key values for a row (columns included, in order) and returns true; false if
    /// the row does not satisfy the index's predicate.
    fn index_keys(&mut self, index: &IndexInfo, row: &[Datum], keys: &mut Vec<Datum>) -> Result<bool>;

    /// The text of key column `nth` (from 0) that is an expression, for error messages.
    fn expression_text(&mut self, index: &IndexInfo, nth: usize) -> Result<String>;
}

/// For relations without expression and partial indexes.
pub struct PlainIndexes;

impl IndexExprs for PlainIndexes {
    fn index_keys(&mut self, index: &IndexInfo, _row: &[Datum], _keys: &mut Vec<Datum>) -> Result<bool> {
        Err(Error::internal(format!("index \"{}\" has expressions that nobody can evaluate", index.name)))
    }

    fn expression_text(&mut self, index: &IndexInfo, _nth: usize) -> Result<String> {
        Err(Error::internal(format!("index \"{}\" has expressions that nobody can evaluate", index.name)))
    }
}

/// How the entries of an index look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EntryForm {
    /// Key alone, the row id is the value: one entry per key.
    Unique,
    /// The row id ends the key.
    Multi,
}

/// An index of an opened relation.
pub struct IndexAccess {
    info: Arc<IndexInfo>,
    storage: StorageId,
    columns: Vec<KeyColumn>,
    /// Places of the key columns in the row, if all are plain columns and there is no predicate.
    plain: Option<Vec<usize>>,
    pub(crate) catalog: bool,
}

impl IndexAccess {
    pub(crate) fn new(
        space: &TableSpace,
        relation: &Relation,
        info: &Arc<IndexInfo>,
        catalog: &dyn Catalog,
    ) -> Result<IndexAccess> {
        // Hash indexes are kept as ordered ones: they answer the same question.
        if !matches!(info.access_method, 403 | 405) {
            bail!(
                FEATURE_NOT_SUPPORTED,
                "access method {} of index \"{}\" is not supported",
                info.access_method,
                info.name
            );
        }
        if info.is_exclusion {
            bail!(FEATURE_NOT_SUPPORTED, "exclusion constraints are not supported");
        }
        let columns =
            info.columns.iter().map(|column| KeyColumn::new(column, catalog)).collect::<Result<Vec<_>>>()?;
        let plain = if info.predicate.is_none() {
            info.columns.iter().map(|column| usize::try_from(column.attnum).ok()?.checked_sub(1)).collect()
        } else {
            None
        };
        let node = if relation.is_catalog { info.oid } else { info.file_node };
        Ok(IndexAccess {
            storage: space.storage_id(node, relation.is_shared),
            info: Arc::clone(info),
            columns,
            plain,
            catalog: relation.is_catalog,
        })
    }

    /// Its description.
    pub fn info(&self) -> &Arc<IndexInfo> {
        &self.info
    }

    /// Where its entries are.
    pub fn storage(&self) -> StorageId {
        self.storage
    }

    /// How its key columns are encoded.
    pub fn key_columns(&self) -> &[KeyColumn] {
        &self.columns
    }

    /// Does the index enforce uniqueness at every write (rather than at the end of the transaction)?
    pub(crate) fn is_immediate_unique(&self) -> bool {
        self.info.is_unique && self.info.is_immediate
    }

    /// The form of an entry with these keys.
    pub(crate) fn form(&self, keys: &[Datum]) -> EntryForm {
        if self.is_immediate_unique() && (self.info.nulls_not_distinct || !keys.iter().any(Datum::is_null)) {
            EntryForm::Unique
        } else {
            EntryForm::Multi
        }
    }

    /// The key values of a row; false if a partial index leaves the row out.
    pub fn keys_of(&self, row: &[Datum], exprs: &mut dyn IndexExprs, keys: &mut Vec<Datum>) -> Result<bool> {
        keys.clear();
        match &self.plain {
            Some(places) => {
                keys.extend(places.iter().map(|&place| row.get(place).cloned().unwrap_or_default()));
                Ok(true)
            }
            None => exprs.index_keys(&self.info, row, keys),
        }
    }

    /// Which place (from 0) in the row each leading key column fills, if the entries tell these columns' values exactly
    /// ([`IndexScan::next_key`]). An entry holds what the row of the same snapshot holds: it is versioned like the row.
    pub fn covers(&self, wanted: &[usize]) -> Option<Vec<usize>> {
        let mut places = Vec::new();
        let mut missing = wanted.to_vec();
        for (column, key) in self.info.columns.iter().zip(&self.columns) {
            if missing.is_empty() {
                break;
            }
            if !key.is_decodable() {
                return None;
            }
            // An expression's value fills no place.
            let place = usize::try_from(column.attnum).ok().and_then(|attnum| attnum.checked_sub(1));
            missing.retain(|column| Some(*column) != place);
            places.push(place.unwrap_or(usize::MAX));
        }
        missing.is_empty().then_some(places)
    }

    /// Only plain columns, and no predicate?
    pub(crate) fn is_plain(&self) -> bool {
        self.plain.is_some()
    }

    /// Can a change of these columns (indexes from 0) change the entry?
    pub(crate) fn depends_on(&self, changed: &dyn Fn(usize) -> bool) -> bool {
        self.plain.as_ref().is_none_or(|places| places.iter().any(|&place| changed(place)))
    }

    /// The entry's key.
    pub(crate) fn entry_key(&self, keys: &[Datum], id: RowId, out: &mut Vec<u8>) -> EntryForm {
        out.clear();
        key::encode_key(&self.columns, keys, out);
        let form = self.form(keys);
        if form == EntryForm::Multi {
            out.extend_from_slice(&id.key());
        }
        form
    }

    /// The row an entry points to.
    pub(crate) fn entry_row(key: &[u8], value: &[u8]) -> Result<RowId> {
        if value.is_empty() {
            let at = key.len().checked_sub(8).ok_or_else(|| crate::corrupt("index entry without a row"))?;
            RowId::from_key(&key[at..])
        } else {
            RowId::from_key(value)
        }
    }

    /// Scans a range of the index.
    pub fn scan(
        &self,
        table: &Arc<TableAccess>,
        txn: &Txn,
        snapshot: &Snapshot,
        bounds: &IndexBounds<'_>,
        direction: Direction,
    ) -> Result<IndexScan> {
        IndexScan::new(self, table, txn, snapshot, bounds, direction)
    }

    /// The (first) row with these values of all key columns, in a snapshot. For a unique index cheaper than a scan.
    pub fn get(
        &self,
        table: &Arc<TableAccess>,
        txn: &Txn,
        snapshot: &Snapshot,
        keys: &[Datum],
    ) -> Result<Option<RowId>> {
        if !self.names_entry(table, txn, snapshot, keys) {
            return self.scan(table, txn, snapshot, &IndexBounds::equal(keys), Direction::Forward)?.next_id();
        }
        self.get_entry(txn, snapshot, keys)
    }

    pub(crate) fn get_entry(&self, txn: &Txn, snapshot: &Snapshot, keys: &[Datum]) -> Result<Option<RowId>> {
        self.get_by_key(txn, snapshot, &self.point_key(keys))
    }

    /// The key of the entry with these values of all columns.
    fn point_key(&self, keys: &[Datum]) -> Vec<u8> {
        // Room for a second one: see `is_key_of`.
        let mut key = Vec::with_capacity(64);
        key::encode_key(&self.columns, keys, &mut key);
        key
    }

    fn get_by_key(&self, txn: &Txn, snapshot: &Snapshot, key: &[u8]) -> Result<Option<RowId>> {
        txn.get_with(self.storage, key, snapshot, |value| Self::entry_row(key, value)).sql()?.transpose()
    }

    /// The (first) row with these values of all key columns, in a snapshot: its id, and the wanted columns in `out`.
    pub fn fetch(
        &self,
        table: &Arc<TableAccess>,
        txn: &Txn,
        snapshot: &Snapshot,
        keys: &[Datum],
        (wanted, out): (&[usize], &mut [Datum]),
    ) -> Result<Option<RowId>> {
        // What serializable transactions read of an index is noted, so they ask it.
        if !self.is_plain()
            || txn.isolation() == Isolation::Serializable
            || !self.names_entry(table, txn, snapshot, keys)
        {
            let Some(id) = self.get(table, txn, snapshot, keys)? else { return Ok(None) };
            return Ok(table.fetch(txn, snapshot, id, wanted, out)?.then_some(id));
        }
        let mut key = self.point_key(keys);
        let known = &table.space.keys;
        let hash = key::hash_key(self.storage, &key);
        if let Some(id) = known.get(hash)
            && let Some(true) = table.fetch_with(txn, snapshot, id, |row| {
                let found = self.is_key_of(&row, &mut key)?;
                if found {
                    row.decode_columns(wanted, out)?;
                }
                Ok(found)
            })?
        {
            return Ok(Some(id));
        }
        let Some(id) = self.get_by_key(txn, snapshot, &key)? else { return Ok(None) };
        known.put(hash, id);
        Ok(table.fetch(txn, snapshot, id, wanted, out)?.then_some(id))
    }

    /// Remembers where a key with this hash is about to be written: new rows are soon looked for.
    pub(crate) fn remember(&self, known: &KeyCache, hash: u64, id: RowId) {
        if self.is_plain() && !self.catalog {
            known.put(hash, id);
        }
    }

    /// Is this the key of a row? `key` is a buffer that ends as it began.
    fn is_key_of(&self, row: &RowRef<'_>, key: &mut Vec<u8>) -> Result<bool> {
        let length = key.len();
        for (&place, column) in self.plain.iter().flatten().zip(&self.columns) {
            column.encode(&row.column(place)?, key);
        }
        let (wanted, found) = key.split_at(length);
        let same = wanted == found;
        key.truncate(length);
        Ok(same)
    }

    /// Do these values name one entry, in an index that the snapshot may use?
    fn names_entry(&self, table: &TableAccess, txn: &Txn, snapshot: &Snapshot, keys: &[Datum]) -> bool {
        self.is_point(keys) && table.space.births.usable(self.info.oid, txn, snapshot)
    }

    /// Do these values name one entry?
    pub fn is_point(&self, keys: &[Datum]) -> bool {
        !self.catalog && keys.len() == self.columns.len() && self.form(keys) == EntryForm::Unique
    }
}
