//! The header that all our files begin with.

use std::path::Path;

use pglitedb_platform::File;

use crate::error::{Error, Result};

/// The newest format version of files that this program reads, and the one it writes.
const VERSION: u32 = 1;

/// The bytes of a header.
pub(crate) const HEADER_LEN: usize = 64;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileKind {
    Base,
    Log,
}

impl FileKind {
    fn magic(self) -> &'static [u8; 16] {
        match self {
            FileKind::Base => b"PGLiteDB base\n\0\0",
            FileKind::Log => b"PGLiteDB log\n\0\0\0",
        }
    }
}

/// The header of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileHeader {
    kind: FileKind,
    /// The id of the database, by which its files know one another.
    pub(crate) database: [u8; 16],
    /// For a log segment: the LSN of its first record.
    pub(crate) start: u64,
}

impl FileHeader {
    pub(crate) fn new(kind: FileKind, database: [u8; 16], start: u64) -> FileHeader {
        FileHeader { kind, database, start }
    }

    pub(crate) fn encode(&self) -> [u8; HEADER_LEN] {
        let mut bytes = [0; HEADER_LEN];
        bytes[..16].copy_from_slice(self.kind.magic());
        bytes[16..20].copy_from_slice(&VERSION.to_le_bytes());
        bytes[20..36].copy_from_slice(&self.database);
        bytes[36..44].copy_from_slice(&self.start.to_le_bytes());
        let checksum = crc32c::crc32c(&bytes[..60]);
        bytes[60..64].copy_from_slice(&checksum.to_le_bytes());
        bytes
    }

    /// Reads and checks the header of a file.
    pub(crate) fn read(file: &dyn File, path: &Path, kind: FileKind) -> Result<FileHeader> {
        let mut bytes = [0; HEADER_LEN];
        if let Err(error) = file.read_exact_at(&mut bytes, 0) {
            return Err(match error.kind() {
                std::io::ErrorKind::UnexpectedEof => foreign(path, "it is too short for a header"),
                _ => Error::io(format!("could not read file \"{}\"", path.display()), error),
            });
        }
        FileHeader::decode(&bytes, path, kind)
    }

    fn decode(bytes: &[u8; HEADER_LEN], path: &Path, kind: FileKind) -> Result<FileHeader> {
        let u32_at = |at: usize| bytes[at..at + 4].try_into().map(u32::from_le_bytes).unwrap_or(0);
        let intact = u32_at(60) == crc32c::crc32c(&bytes[..60]);
        if &bytes[..16] != kind.magic() {
            let other = [FileKind::Base, FileKind::Log].into_iter().any(|kind| &bytes[..16] == kind.magic());
            return Err(match other {
                true => foreign(path, "it is another kind of file of this program"),
                false => foreign(path, "it does not begin with this program's mark"),
            });
        }
        let version = u32_at(16);
        if version > VERSION {
            return Err(Error::VersionTooNew {
                path: path.to_path_buf(),
                found: version,
                supported: VERSION,
            });
        }
        if !intact || version == 0 {
            return Err(Error::corrupt(format!("the header of file \"{}\" is damaged", path.display())));
        }
        let mut database = [0; 16];
        database.copy_from_slice(&bytes[20..36]);
        let start = bytes[36..44].try_into().map(u64::from_le_bytes).unwrap_or(0);
        Ok(FileHeader { kind, database, start })
    }
}

fn foreign(path: &Path, why: &str) -> Error {
    Error::ForeignFile { path: path.to_path_buf(), detail: why.to_string() }
}
