//! redb's storage on a platform file, behind a header page of ours.

use std::fmt::Debug;
use std::io;
use std::sync::Arc;

use pglitedb_platform::File;

/// Where redb's content begins in the file.
pub(super) const HEADER_PAGE: u64 = 4096;

/// A file without its first page.
#[derive(Debug)]
pub(super) struct FileBackend(pub(super) Arc<dyn File>);

impl redb::StorageBackend for FileBackend {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.len()?.saturating_sub(HEADER_PAGE))
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.read_exact_at(out, offset.saturating_add(HEADER_PAGE))
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.set_len(len.saturating_add(HEADER_PAGE))
    }

    fn sync_data(&self) -> io::Result<()> {
        self.0.sync()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.0.write_at(data, offset.saturating_add(HEADER_PAGE))
    }
}
