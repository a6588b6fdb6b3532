//! The traits of files and file systems.

use std::fmt::Debug;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// How to open a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenMode {
    /// It must exist; reading only.
    Read,
    /// It must exist; reading and writing.
    ReadWrite,
    /// Made if missing; reading and writing.
    Create,
    /// It must not exist yet; reading and writing.
    CreateNew,
}

/// An open file. Reads and writes name their place, so that several threads can share it.
pub trait File: Send + Sync + Debug {
    /// Reads up to `buf.len()` bytes at `offset`; fewer only at the end of the file.
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize>;
    /// Writes all of `data` at `offset`, extending the file if need be.
    fn write_at(&self, data: &[u8], offset: u64) -> io::Result<()>;
    /// Waits until content and size are on disk.
    fn sync(&self) -> io::Result<()>;
    /// Writes all of `data` at `offset` and waits until it is on disk, with the size if that grew. What was written by other calls need not
    /// be. For logs: what follows the data, up to the next multiple of 4096, may become zeros.
    fn write_synced(&self, data: &[u8], offset: u64) -> io::Result<()> {
        self.write_at(data, offset)?;
        self.sync()
    }
    /// Cuts or extends (with zeros) the file.
    fn set_len(&self, len: u64) -> io::Result<()>;
    /// The size in bytes.
    fn len(&self) -> io::Result<u64>;

    /// Whether the file has no content.
    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }

    /// Reads exactly `buf.len()` bytes, or fails with `UnexpectedEof`.
    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()> {
        let mut done = 0;
        while done < buf.len() {
            match self.read_at(&mut buf[done..], offset + done as u64)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                n => done += n,
            }
        }
        Ok(())
    }

    /// Writes `data` at the end and returns where it began.
    fn append(&self, data: &[u8]) -> io::Result<u64> {
        let end = self.len()?;
        self.write_at(data, end)?;
        Ok(end)
    }
}

/// Holds a lock file until dropped.
pub trait FsLock: Send + Sync + Debug {}

/// A file system.
pub trait Fs: Send + Sync + Debug {
    /// Opens a file.
    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<Arc<dyn File>>;
    /// Renames a file, replacing what is there. Durable after `sync_dir`.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file. Durable after `sync_dir`.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Whether a file or directory is there.
    fn exists(&self, path: &Path) -> io::Result<bool>;
    /// The names in a directory.
    fn list(&self, dir: &Path) -> io::Result<Vec<String>>;
    /// Makes a directory and those above it.
    fn create_dir_all(&self, dir: &Path) -> io::Result<()>;
    /// Waits until a directory's names are on disk.
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;
    /// Takes the lock file at `path` for this process, and leaves the process id in it. `WouldBlock` if another has it.
    fn lock(&self, path: &Path) -> io::Result<Box<dyn FsLock>>;
    /// What the holder left in the lock file: its process id.
    fn lock_holder(&self, path: &Path) -> Option<u32>;
}
