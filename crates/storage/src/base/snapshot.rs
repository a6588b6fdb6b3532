//! Reading the base as of a checkpoint.

use std::sync::Arc;

use parking_lot::RwLock;
use redb::{AccessGuard, Range, ReadOnlyTable, ReadTransaction, ReadableTableMetadata, TableError};
use rustc_hash::FxHashMap;

use super::backend::Blocks;
use super::{
    COUNTERS, Definition, Meta, OUTCOMES, guarded, redb_error, stamp, storage_error, table_id, table_name,
};
use crate::error::{Error, Result};
use crate::types::{Direction, KeyRange, StorageId, Timestamp, Value};

type Bytes = &'static [u8];
type Table = ReadOnlyTable<Bytes, Bytes>;

/// The base as of one checkpoint. Shared by all snapshots until the next.
pub(crate) struct BaseSnapshot {
    meta: Meta,
    /// Taken when dropped.
    txn: Option<ReadTransaction>,
    blocks: Option<Arc<Blocks>>,
    tables: RwLock<FxHashMap<StorageId, Option<Arc<Table>>>>,
}

/// A key and a value on a page.
pub(crate) struct Entry {
    key: AccessGuard<'static, Bytes>,
    value: AccessGuard<'static, Bytes>,
    /// Where the value begins, after the time of its commit.
    start: usize,
}

impl Entry {
    pub(crate) fn key(&self) -> &[u8] {
        self.key.value()
    }

    pub(crate) fn value(&self) -> &[u8] {
        &self.value.value()[self.start..]
    }
}

impl BaseSnapshot {
    pub(super) fn new(txn: ReadTransaction, meta: Meta, blocks: Option<Arc<Blocks>>) -> BaseSnapshot {
        BaseSnapshot { meta, txn: Some(txn), blocks, tables: RwLock::default() }
    }

    fn txn(&self) -> Result<&ReadTransaction> {
        self.txn.as_ref().ok_or(Error::Closed)
    }

    /// After a first failure redb only says that there was one; this says which, if it was damage.
    fn explain(&self, error: Error) -> Error {
        match (error, self.blocks.as_ref().and_then(|blocks| blocks.damage())) {
            (Error::Poisoned { .. }, Some(damage)) => Error::corrupt(damage),
            (error, _) => error,
        }
    }

    pub(crate) fn meta(&self) -> &Meta {
        &self.meta
    }

    /// The timestamp of the last commit contained.
    pub(crate) fn timestamp(&self) -> Timestamp {
        self.meta.timestamp
    }

    fn open(&self, id: StorageId) -> Result<Option<Arc<Table>>> {
        let name = table_name(id);
        let table = guarded(|| match self.txn()?.open_table(Definition::new(&name)) {
            Ok(table) => Ok(Some(Arc::new(table))),
            Err(TableError::TableDoesNotExist(_)) => Ok(None),
            Err(error) => Err(self.explain(redb_error(error.into()))),
        })?;
        self.tables.write().insert(id, table.clone());
        Ok(table)
    }

    /// Calls `f` with the value of a key.
    #[inline]
    pub(crate) fn get<R>(&self, id: StorageId, key: &[u8], f: impl FnOnce(&[u8]) -> R) -> Result<Option<R>> {
        // The lock on the known tables must not be held while `f` runs, which may read as well.
        let known = self.tables.read().get(&id).map(|table| match table {
            Some(table) => lookup(table, key),
            None => Ok(None),
        });
        let found = match known {
            Some(found) => found,
            None => match self.open(id)? {
                Some(table) => lookup(&table, key),
                None => Ok(None),
            },
        };
        match found {
            Ok(found) => Ok(found.map(|(guard, _, start)| f(&guard.value()[start..]))),
            Err(error) => Err(self.explain(error)),
        }
    }

    /// The value of a key, and when it was committed.
    pub(crate) fn get_stamped(&self, id: StorageId, key: &[u8]) -> Result<Option<(Value, Timestamp)>> {
        let Some(table) = self.table(id)? else { return Ok(None) };
        match lookup(&table, key) {
            Ok(found) => Ok(found.map(|(guard, at, start)| (Value::from(&guard.value()[start..]), at))),
            Err(error) => Err(self.explain(error)),
        }
    }

    fn table(&self, id: StorageId) -> Result<Option<Arc<Table>>> {
        if let Some(known) = self.tables.read().get(&id) {
            return Ok(known.clone());
        }
        self.open(id)
    }

    /// The entries of a range.
    pub(crate) fn scan(&self, id: StorageId, range: &KeyRange, direction: Direction) -> Result<BaseScan> {
        if range.is_empty() {
            return Ok(BaseScan { range: None, direction });
        }
        let range = match self.table(id)? {
            Some(table) => Some(guarded(|| table.range::<&[u8]>(range.as_bounds()).map_err(storage_error))?),
            None => None,
        };
        Ok(BaseScan { range, direction })
    }

    /// The storage ids that have a table, of one database.
    pub(crate) fn storages(&self, database: u32) -> Result<Vec<StorageId>> {
        guarded(|| {
            let tables = self.txn()?.list_tables().map_err(storage_error)?;
            let ids = tables.filter_map(|table| table_id(redb::TableHandle::name(&table)));
            Ok(ids.filter(|id| id.database() == database).collect())
        })
    }

    /// The number of entries, and an estimate of the bytes of their pages, from some entries at both ends.
    pub(crate) fn size(&self, id: StorageId) -> Result<(u64, u64)> {
        const SAMPLE: usize = 32;
        /// What an entry takes beside its bytes.
        const EACH: u64 = 8;
        let Some(table) = self.table(id)? else { return Ok((0, 0)) };
        guarded(|| {
            let entries = table.len().map_err(storage_error)?;
            let (mut sampled, mut bytes) = (0, 0);
            let range = || table.range::<&[u8]>(..).map_err(storage_error);
            let mut sample = |entry: std::result::Result<_, redb::StorageError>| {
                let (key, value): (AccessGuard<Bytes>, AccessGuard<Bytes>) = entry.map_err(storage_error)?;
                sampled += 1;
                bytes += (key.value().len() + value.value().len()) as u64 + EACH;
                Ok(())
            };
            range()?.take(SAMPLE).try_for_each(&mut sample)?;
            range()?.rev().take(SAMPLE).try_for_each(&mut sample)?;
            // Pages are about three quarters full.
            let estimate = u128::from(entries) * u128::from(bytes) * 4 / 3 / u128::from(sampled.max(1u64));
            Ok((entries, u64::try_from(estimate).unwrap_or(u64::MAX).next_multiple_of(4096)))
        })
    }

    /// The high-water mark of a counter.
    pub(crate) fn counter(&self, key: &[u8]) -> Result<Option<u64>> {
        guarded(|| {
            let table = match self.txn()?.open_table(COUNTERS) {
                Ok(table) => table,
                Err(TableError::TableDoesNotExist(_)) => return Ok(None),
                Err(error) => return Err(redb_error(error.into())),
            };
            let value = table.get(key).map_err(storage_error)?;
            Ok(value.and_then(|value| value.value().try_into().ok().map(u64::from_le_bytes)))
        })
    }

    /// A page of outcomes of transactions, read by `decode`, which finds out whether it is damaged.
    pub(crate) fn outcomes<R>(&self, page: u64, decode: fn(&[u8]) -> Option<R>) -> Result<Option<R>> {
        guarded(|| {
            let table = match self.txn()?.open_table(OUTCOMES) {
                Ok(table) => table,
                Err(TableError::TableDoesNotExist(_)) => return Ok(None),
                Err(error) => return Err(self.explain(redb_error(error.into()))),
            };
            let page = table.get(&page.to_be_bytes()[..]).map_err(storage_error)?;
            let damaged = || Error::corrupt("base file: a page of outcomes of transactions is damaged");
            page.map(|page| decode(page.value()).ok_or_else(damaged)).transpose()
        })
    }
}

impl Drop for BaseSnapshot {
    fn drop(&mut self) {
        let txn = self.txn.take();
        let tables = std::mem::take(self.tables.get_mut());
        // The end of a reading transaction touches what other threads may have left in disorder.
        let _ = guarded(|| {
            drop((tables, txn));
            Ok(())
        });
    }
}

#[inline]
fn lookup(table: &Table, key: &[u8]) -> Result<Option<(AccessGuard<'static, Bytes>, Timestamp, usize)>> {
    guarded(|| {
        let Some(guard) = table.get(key).map_err(storage_error)? else { return Ok(None) };
        // Looked at once in here, so that it cannot panic outside.
        let (at, start) = stamp(guard.value())?;
        Ok(Some((guard, at, start)))
    })
}

/// A scan of one storage of the base.
pub(crate) struct BaseScan {
    range: Option<Range<'static, Bytes, Bytes>>,
    direction: Direction,
}

impl BaseScan {
    /// The next entry.
    #[inline]
    pub(crate) fn next(&mut self) -> Result<Option<Entry>> {
        let Some(range) = &mut self.range else { return Ok(None) };
        let direction = self.direction;
        guarded(|| {
            let next = match direction {
                Direction::Forward => range.next(),
                Direction::Backward => range.next_back(),
            };
            let Some((key, value)) = next.transpose().map_err(storage_error)? else { return Ok(None) };
            // Looked at once in here, so that they cannot panic outside.
            let (_, start) = stamp(value.value())?;
            let entry = Entry { key, value, start };
            let _ = entry.key();
            Ok(Some(entry))
        })
    }
}
