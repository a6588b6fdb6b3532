//! The base file: making, opening, and writing it at checkpoints.

use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::RwLock;
use pglitedb_platform::{File, Fs, OpenMode};
use redb::{Builder, Database, DatabaseError, ReadableDatabase, ReadableTable, Table, WriteTransaction};

use super::backend::{Blocks, FileBackend, HEADER_PAGE, Pause};
use super::meta::Meta;
use super::snapshot::BaseSnapshot;
use super::{
    COUNTERS, Change, Definition, META, OUTCOMES, guarded, redb_error, stamped, storage_error, table_name,
};
use crate::error::{Error, Result};
use crate::header::{FileHeader, FileKind};
use crate::types::StorageId;

/// The B-tree file (or memory).
pub(crate) struct BaseFile {
    database: RwLock<Option<Database>>,
    /// The file; none in memory.
    blocks: Option<Arc<Blocks>>,
}

/// Readings of the page cache.
#[derive(Default)]
pub(crate) struct CacheNumbers {
    pub(crate) hits: u64,
    pub(crate) misses: u64,
    pub(crate) bytes: u64,
    pub(crate) evictions: u64,
}

const META_KEY: &[u8] = b"state";

impl BaseFile {
    /// A base in memory.
    pub(crate) fn in_memory(meta: &Meta, cache: usize) -> Result<BaseFile> {
        let backend = redb::backends::InMemoryBackend::new();
        let database = guarded(|| {
            Builder::new()
                .set_cache_size(cache)
                .create_with_backend(backend)
                .map_err(|e| redb_error(e.into()))
        })?;
        let base = BaseFile { database: RwLock::new(Some(database)), blocks: None };
        base.write(None)?.finish(meta)?;
        Ok(base)
    }

    /// Makes a base file at `path`, which must not exist. It is complete and synced when this returns, but its name
    /// is not.
    pub(crate) fn create(
        fs: &dyn Fs,
        path: &Path,
        id: [u8; 16],
        meta: &Meta,
        cache: usize,
    ) -> Result<BaseFile> {
        let context = || format!("could not create file \"{}\"", path.display());
        let file = fs.open(path, OpenMode::CreateNew).map_err(|e| Error::io(context(), e))?;
        let mut page = vec![0; HEADER_PAGE as usize];
        let header = FileHeader::new(FileKind::Base, id, 0).encode();
        page[..header.len()].copy_from_slice(&header);
        file.write_at(&page, 0).map_err(|e| Error::io(context(), e))?;
        let base = BaseFile::start(file, path, cache)?;
        base.write(None)?.finish(meta)?;
        Ok(base)
    }

    /// Opens a base file. Returns the database id from its header.
    pub(crate) fn open(fs: &dyn Fs, path: &Path, cache: usize) -> Result<(BaseFile, [u8; 16])> {
        let context = || format!("could not open file \"{}\"", path.display());
        let file = fs.open(path, OpenMode::ReadWrite).map_err(|e| Error::io(context(), e))?;
        let header = FileHeader::read(file.as_ref(), path, FileKind::Base)?;
        if file.len().map_err(|e| Error::io(context(), e))? <= HEADER_PAGE {
            return Err(Error::corrupt(format!("file \"{}\" ends after its header", path.display())));
        }
        Ok((BaseFile::start(file, path, cache)?, header.database))
    }

    fn start(file: Arc<dyn File>, path: &Path, cache: usize) -> Result<BaseFile> {
        let blocks = Arc::new(Blocks::new(file));
        let backend = FileBackend(Arc::clone(&blocks));
        let database = guarded(|| {
            let opened = Builder::new().set_cache_size(cache).create_with_backend(backend);
            opened.map_err(|error| open_error(error, path))
        })?;
        Ok(BaseFile { database: RwLock::new(Some(database)), blocks: Some(blocks) })
    }

    fn with<T>(&self, f: impl FnOnce(&Database) -> Result<T>) -> Result<T> {
        match &*self.database.read() {
            Some(database) => guarded(|| f(database)),
            None => Err(Error::Closed),
        }
    }

    /// Reading as of the last checkpoint.
    pub(crate) fn snapshot(&self) -> Result<BaseSnapshot> {
        self.with(|database| {
            let txn = database.begin_read().map_err(|e| redb_error(e.into()))?;
            let table = txn.open_table(META).map_err(|e| redb_error(e.into()))?;
            let row = table.get(META_KEY).map_err(storage_error)?;
            let row = row.ok_or_else(|| Error::corrupt("base file: meta row is missing"))?;
            let meta = Meta::decode(row.value())?;
            Ok(BaseSnapshot::new(txn, meta, self.blocks.clone()))
        })
    }

    /// Begins to write a checkpoint. With `pause`, what this thread writes is synced in chunks, and `pause` is called after each.
    pub(crate) fn write(&self, pause: Option<Pause>) -> Result<BaseWriter> {
        self.with(|database| {
            let mut txn = database.begin_write().map_err(|e| redb_error(e.into()))?;
            if self.blocks.is_some() {
                // Saves the map of free pages with each commit, so that opening after a crash need not read the file.
                txn.set_quick_repair(true);
            }
            if let Some(blocks) = &self.blocks {
                blocks.pace(pause);
            }
            Ok(BaseWriter { txn: Some(txn), blocks: self.blocks.clone() })
        })
    }

    /// Makes the pages that the last checkpoint replaced free for the next, if no snapshot needs them. (redb looks for such pages when it
    /// commits, and at the commit that replaced them the base before was still open.)
    pub(crate) fn reclaim(&self) -> Result<()> {
        self.write(None)?.commit()
    }

    /// Checks structure and checksums of the file. No snapshot may be open. Returns whether all was well; what was not is then
    /// repaired.
    pub(crate) fn verify(&self) -> Result<bool> {
        self.with_mut(|database| database.check_integrity().map_err(|e| redb_error(e.into())))
    }

    /// Moves pages to the front and gives back the space behind them. No snapshot may be open.
    pub(crate) fn compact(&self) -> Result<()> {
        self.with_mut(|database| match database.compact() {
            Ok(_) => Ok(()),
            Err(redb::CompactionError::Storage(error)) => Err(storage_error(error)),
            Err(error) => Err(Error::corrupt(format!("base file: {error}"))),
        })
    }

    fn with_mut<T>(&self, f: impl FnOnce(&mut Database) -> Result<T>) -> Result<T> {
        match &mut *self.database.write() {
            Some(database) => guarded(|| f(database)),
            None => Err(Error::Closed),
        }
    }

    pub(crate) fn cache_numbers(&self) -> CacheNumbers {
        let numbers = self.with(|database| {
            let stats = database.cache_stats();
            Ok(CacheNumbers {
                hits: stats.read_hits(),
                misses: stats.read_misses(),
                bytes: stats.used_bytes() as u64,
                evictions: stats.evictions(),
            })
        });
        numbers.unwrap_or_default()
    }

    /// Closes the file.
    pub(crate) fn close(&self) {
        let database = self.database.write().take();
        // redb writes when it is dropped, and what it does about failures then is not worth a panic of ours.
        let _ = guarded(|| {
            drop(database);
            Ok(())
        });
    }
}

fn open_error(error: DatabaseError, path: &Path) -> Error {
    match error {
        DatabaseError::UpgradeRequired(found) => Error::Corrupt {
            detail: format!(
                "base file \"{}\" has format {found} inside, which this program does not read",
                path.display()
            ),
        },
        DatabaseError::DatabaseAlreadyOpen => Error::LockedByOther { path: PathBuf::from(path), pid: None },
        other => redb_error(other.into()),
    }
}

/// A checkpoint being written.
pub(crate) struct BaseWriter {
    /// Taken by `finish`.
    txn: Option<WriteTransaction>,
    blocks: Option<Arc<Blocks>>,
}

impl Drop for BaseWriter {
    fn drop(&mut self) {
        let txn = self.txn.take();
        // Undoing what was written may fail after other failures; there is nothing more to be done then.
        let _ = guarded(|| {
            drop(txn);
            Ok(())
        });
        if let Some(blocks) = &self.blocks {
            blocks.pace(None);
        }
    }
}

/// One storage being written.
pub(crate) struct TableWriter<'a> {
    table: Table<'a, &'static [u8], &'static [u8]>,
    /// For putting values together.
    buffer: Vec<u8>,
}

impl TableWriter<'_> {
    /// Writes entries in the order of their keys.
    pub(crate) fn apply(&mut self, entries: &[Change]) -> Result<()> {
        guarded(|| {
            if self.is_append(entries)? {
                return self.append(entries);
            }
            for (key, (value, at)) in entries {
                match value {
                    Some(value) => {
                        stamped(value, *at, &mut self.buffer);
                        let inserted = self.table.insert(key.as_slice(), &self.buffer[..]);
                        inserted.map(drop).map_err(storage_error)?
                    }
                    None => self.table.remove(key.as_slice()).map(drop).map_err(storage_error)?,
                }
            }
            Ok(())
        })
    }

    /// Whether all entries come after those that are there.
    fn is_append(&self, entries: &[Change]) -> Result<bool> {
        let Some((first, _)) = entries.first() else { return Ok(false) };
        let last = self.table.last().map_err(storage_error)?;
        Ok(last.is_none_or(|(last, _)| last.value() < first.as_slice()))
    }

    /// Adds entries at the end, which is faster than looking for the place of each.
    fn append(&mut self, entries: &[Change]) -> Result<()> {
        let mut cursor = self.table.upper_bound_mut(Bound::<&[u8]>::Unbounded).map_err(storage_error)?;
        for (key, (value, at)) in entries {
            if let Some(value) = value {
                stamped(value, *at, &mut self.buffer);
                let inserted = cursor.insert_before(key.as_slice(), &self.buffer[..]);
                inserted.map_err(|error| Error::corrupt(format!("base file: {error}")))?;
            }
        }
        cursor.close().map_err(storage_error)
    }
}

impl BaseWriter {
    fn txn(&self) -> Result<&WriteTransaction> {
        self.txn.as_ref().ok_or(Error::Closed)
    }

    /// Fails if what is written does not reach the file.
    fn check(&self) -> Result<()> {
        match self.blocks.as_ref().and_then(|blocks| blocks.failure()) {
            Some(error) => Err(Error::io("could not write the base file", error)),
            None => Ok(()),
        }
    }

    /// Opens a storage for writing, made if missing.
    pub(crate) fn table(&self, id: StorageId) -> Result<TableWriter<'_>> {
        self.check()?;
        let name = table_name(id);
        guarded(|| {
            let table = self.txn()?.open_table(Definition::new(&name)).map_err(|e| redb_error(e.into()))?;
            Ok(TableWriter { table, buffer: Vec::new() })
        })
    }

    /// Removes a storage, if it is there.
    pub(crate) fn drop_table(&self, id: StorageId) -> Result<()> {
        let name = table_name(id);
        guarded(|| {
            self.txn()?.delete_table(Definition::new(&name)).map(drop).map_err(|e| redb_error(e.into()))
        })
    }

    /// Writes the high-water marks of counters; `None` removes them.
    pub(crate) fn counters(&self, marks: &[(Vec<u8>, Option<u64>)]) -> Result<()> {
        if marks.is_empty() {
            return Ok(());
        }
        guarded(|| {
            let mut table = self.txn()?.open_table(COUNTERS).map_err(|e| redb_error(e.into()))?;
            for (key, mark) in marks {
                match mark {
                    Some(mark) => {
                        let bytes = mark.to_le_bytes();
                        table.insert(key.as_slice(), &bytes[..]).map(drop).map_err(storage_error)?;
                    }
                    None => table.remove(key.as_slice()).map(drop).map_err(storage_error)?,
                }
            }
            Ok(())
        })
    }

    /// Writes pages of outcomes of transactions, and removes those before `first`.
    pub(crate) fn outcomes(&self, pages: &[(u64, Vec<u8>)], first: u64) -> Result<()> {
        if pages.is_empty() {
            return Ok(());
        }
        guarded(|| {
            let mut table = self.txn()?.open_table(OUTCOMES).map_err(|e| redb_error(e.into()))?;
            for (number, page) in pages {
                let inserted = table.insert(&number.to_be_bytes()[..], page.as_slice());
                inserted.map(drop).map_err(storage_error)?;
            }
            table.retain_in(..&first.to_be_bytes()[..], |_, _| false).map_err(storage_error)
        })
    }

    /// Removes the counters of a storage.
    pub(crate) fn drop_counters(&self, id: StorageId) -> Result<()> {
        guarded(|| {
            let mut table = self.txn()?.open_table(COUNTERS).map_err(|e| redb_error(e.into()))?;
            let first = id.0.to_be_bytes();
            let mut last = [0xff; 12];
            last[..8].copy_from_slice(&first);
            table.retain_in(&first[..]..=&last[..], |_, _| false).map_err(storage_error)
        })
    }

    /// Commits with what the base is then, synced.
    pub(crate) fn finish(self, meta: &Meta) -> Result<()> {
        guarded(|| {
            let mut table = self.txn()?.open_table(META).map_err(|e| redb_error(e.into()))?;
            let row = meta.encode();
            table.insert(META_KEY, &row[..]).map(drop).map_err(storage_error)
        })?;
        self.commit()
    }

    fn commit(mut self) -> Result<()> {
        self.check()?;
        let txn = self.txn.take().ok_or(Error::Closed)?;
        guarded(|| txn.commit().map_err(|e| redb_error(e.into())))?;
        self.check()
    }
}
