//! One relation, opened.

use crate::error::StorageResult;
use crate::index_access::IndexAccess;
use crate::row::RowLayout;
use crate::rowref::RowRef;
use crate::scan::TableScan;
use crate::space::TableSpace;
use parking_lot::RwLock;
use pglitedb_catalog::{Catalog, Relation, builtin};
use pglitedb_sqlstate::{Error, Result, bail};
use pglitedb_storage::{Counter, CounterId, Direction, KeyRange, Snapshot, StorageId, Txn};
use pglitedb_types::{Datum, Oid};
use std::ops::Bound;
use std::sync::Arc;

/// Names a row for as long as it lives. Grows in order of insertion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowId(pub u64);

impl RowId {
    /// The row's key in its table's storage.
    pub fn key(self) -> [u8; 8] {
        self.0.to_be_bytes()
    }

    /// The row of a key.
    pub fn from_key(key: &[u8]) -> Result<RowId> {
        let bytes = key.try_into().map_err(|_| crate::corrupt("row key is not 8 bytes long"))?;
        Ok(RowId(u64::from_be_bytes(bytes)))
    }

    /// The `ctid` shown for the row: 32,768 rows to a block.
    pub fn ctid(self) -> Datum {
        let at = self.0.saturating_sub(1);
        Datum::Tid((at >> 15) as u32, (at & 0x7fff) as u16 + 1)
    }

    /// The row of a `ctid`.
    pub fn from_ctid(block: u32, offset: u16) -> Option<RowId> {
        let offset = offset.checked_sub(1)?;
        (offset < 0x8000).then(|| RowId((u64::from(block) << 15 | u64::from(offset)) + 1))
    }
}

/// Reads and writes the rows of a relation and keeps its indexes. Immutable; shared by all who use the relation.
pub struct TableAccess {
    pub(crate) space: Arc<TableSpace>,
    relation: Arc<Relation>,
    pub(crate) storage: StorageId,
    pub(crate) layout: RowLayout,
    pub(crate) indexes: Vec<IndexAccess>,
    /// Built-in rows, if this is a relation of the system.
    pub(crate) builtin: Option<&'static builtin::BuiltinRelation>,
    row_ids: RwLock<Option<Arc<Counter>>>,
}

impl TableAccess {
    pub(crate) fn new(
        space: &Arc<TableSpace>,
        relation: &Arc<Relation>,
        catalog: &dyn Catalog,
    ) -> Result<Self> {
        if relation.file_node == 0 && !relation.is_catalog {
            bail!(WRONG_OBJECT_TYPE, "relation \"{}\" has no storage", relation.name);
        }
        let node = if relation.is_catalog { relation.oid } else { relation.file_node };
        let indexes = relation
            .indexes
            .iter()
            .map(|index| IndexAccess::new(space, relation, index, catalog))
            .collect::<Result<Vec<_>>>()?;
        Ok(TableAccess {
            space: Arc::clone(space),
            relation: Arc::clone(relation),
            storage: space.storage_id(node, relation.is_shared),
            layout: RowLayout::new(relation, catalog)?,
            indexes,
            builtin: if relation.is_catalog { builtin::relation_rows(relation.oid) } else { None },
            row_ids: RwLock::new(None),
        })
    }

    /// The description it was opened with.
    pub fn relation(&self) -> &Arc<Relation> {
        &self.relation
    }

    /// Where the rows are.
    pub fn storage(&self) -> StorageId {
        self.storage
    }

    /// How the rows are encoded.
    pub fn layout(&self) -> &RowLayout {
        &self.layout
    }

    /// The indexes, in the relation's order.
    pub fn indexes(&self) -> &[IndexAccess] {
        &self.indexes
    }

    /// An index by OID.
    pub fn index(&self, oid: Oid) -> Option<&IndexAccess> {
        self.indexes.iter().find(|index| index.info().oid == oid)
    }

    /// Scans all rows in the order of insertion (or backward).
    pub fn scan(self: &Arc<Self>, txn: &Txn, snapshot: &Snapshot, direction: Direction) -> Result<TableScan> {
        self.scan_range(txn, snapshot, direction, Bound::Unbounded, Bound::Unbounded)
    }

    /// Scans the rows between two row ids.
    pub fn scan_range(
        self: &Arc<Self>,
        txn: &Txn,
        snapshot: &Snapshot,
        direction: Direction,
        lower: Bound<RowId>,
        upper: Bound<RowId>,
    ) -> Result<TableScan> {
        TableScan::new(self, txn, snapshot, direction, lower, upper)
    }

    /// Calls `f` with the row of an id as the snapshot sees it; `None` if it sees none.
    pub fn fetch_with<R>(
        &self,
        txn: &Txn,
        snapshot: &Snapshot,
        id: RowId,
        f: impl FnOnce(RowRef<'_>) -> Result<R>,
    ) -> Result<Option<R>> {
        if self.builtin.is_some() {
            return self.fetch_merged(txn, snapshot, id, f);
        }
        txn.get_with(self.storage, &id.key(), snapshot, |bytes| f(RowRef::stored(&self.layout, bytes)))
            .sql()?
            .transpose()
    }

    fn fetch_merged<R>(
        &self,
        txn: &Txn,
        snapshot: &Snapshot,
        id: RowId,
        f: impl FnOnce(RowRef<'_>) -> Result<R>,
    ) -> Result<Option<R>> {
        match txn.get(self.storage, &id.key(), snapshot).sql()? {
            Some(bytes) if bytes.is_empty() => Ok(None),
            Some(bytes) => f(RowRef::stored(&self.layout, &bytes)).map(Some),
            None => match self.builtin.and_then(|rows| rows.row(id.0)) {
                Some(row) => f(RowRef::values(&row)).map(Some),
                None => Ok(None),
            },
        }
    }

    /// Decodes the wanted columns of a row into `out` (as wide as the relation). False if the snapshot sees no such
    /// row.
    pub fn fetch(
        &self,
        txn: &Txn,
        snapshot: &Snapshot,
        id: RowId,
        wanted: &[usize],
        out: &mut [Datum],
    ) -> Result<bool> {
        Ok(self.fetch_with(txn, snapshot, id, |row| row.decode_columns(wanted, out))?.is_some())
    }

    /// Takes a new row id.
    pub(crate) fn next_row_id(&self, row: &[Datum]) -> Result<RowId> {
        if self.relation.is_catalog
            && let Some(id) = builtin::row_id(self.relation.oid, row)
        {
            return Ok(RowId(id));
        }
        self.take_row_ids(1)
    }

    /// Takes `count` consecutive row ids and returns the first.
    pub fn take_row_ids(&self, count: u64) -> Result<RowId> {
        if let Some(counter) = &*self.row_ids.read() {
            return counter.allocate(count).map(RowId).sql();
        }
        let counter = self.space.engine().counter(CounterId(self.storage, 0)).sql()?;
        let id = counter.allocate(count).map(RowId).sql();
        *self.row_ids.write() = Some(counter);
        id
    }

    /// Number of rows, roughly: what the base file holds and what is in memory.
    pub fn row_estimate(&self) -> Result<f64> {
        let stats = self.space.engine().storage_stats(self.storage).sql()?;
        let builtin = self.builtin.map_or(0, builtin::BuiltinRelation::len);
        Ok((stats.entries.max(stats.memory_keys) as f64) + builtin as f64)
    }

    /// Bytes the table takes in the file.
    pub fn file_bytes(&self) -> Result<u64> {
        Ok(self.space.engine().storage_stats(self.storage).sql()?.file_bytes)
    }

    /// Removes all rows and index entries at once, at commit: the storages are dropped. Only for a relation that was
    /// given new file nodes in the same transaction, or is dropped; the table lock keeps others out.
    pub fn drop_storage(&self, txn: &Txn) -> Result<()> {
        txn.drop_storage(self.storage).sql()?;
        self.indexes.iter().try_for_each(|index| txn.drop_storage(index.storage()).sql())
    }

    /// Announces the storages of a new relation, so that nothing stays of them after a rollback.
    pub fn create_storage(&self, txn: &Txn) -> Result<()> {
        txn.create_storage(self.storage).sql()?;
        self.indexes.iter().try_for_each(|index| txn.create_storage(index.storage()).sql())
    }

    /// Refuses rows that are no user's business to write.
    pub(crate) fn row_not_found(&self, id: RowId) -> Error {
        crate::corrupt(format_args!("row {} of relation \"{}\" is missing", id.0, self.relation.name))
    }

    pub(crate) fn range(lower: Bound<RowId>, upper: Bound<RowId>) -> KeyRange {
        let (low, high) = (lower.map(RowId::key), upper.map(RowId::key));
        fn slice(key: &[u8; 8]) -> &[u8] {
            key
        }
        KeyRange::new(low.as_ref().map(slice), high.as_ref().map(slice))
    }
}
