//! The files of the log.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use pglitedb_platform::{File, Fs, OpenMode};

use crate::error::{Error, Result};
use crate::header::{FileHeader, FileKind, HEADER_LEN};
use crate::types::Lsn;

/// Files are filled with zeros ahead of writing, in steps that grow between these.
const FIRST_STEP: u64 = 64 << 10;
const LAST_STEP: u64 = 1 << 20;
/// How many files to keep for later use.
const SPARES: usize = 2;

/// One file of the log.
#[derive(Debug, Clone)]
pub(super) struct Segment {
    pub(super) number: u64,
    pub(super) path: PathBuf,
    pub(super) file: Arc<dyn File>,
    /// The LSN of its first record.
    pub(super) start: u64,
    /// The bytes that the file has.
    allocated: u64,
}

impl Segment {
    /// The place of an LSN in the file.
    pub(super) fn offset(&self, lsn: u64) -> u64 {
        HEADER_LEN as u64 + (lsn - self.start)
    }
}

/// The files of the log, oldest first. Records are written to the last.
#[derive(Debug)]
pub(crate) struct Segments {
    fs: Arc<dyn Fs>,
    dir: PathBuf,
    database: [u8; 16],
    segments: VecDeque<Segment>,
    spares: Vec<PathBuf>,
    next_spare: u64,
}

fn segment_name(number: u64) -> String {
    format!("log-{number:010}")
}

fn segment_number(name: &str) -> Option<u64> {
    let digits = name.strip_prefix("log-")?;
    if digits.len() != 10 { None } else { digits.parse().ok() }
}

fn io<T>(path: &Path, doing: &str, result: std::io::Result<T>) -> Result<T> {
    result.map_err(|error| Error::io(format!("could not {doing} file \"{}\"", path.display()), error))
}

impl Segments {
    /// Makes the first segment of a new database. Its name is not yet synced.
    pub(crate) fn create(fs: Arc<dyn Fs>, dir: &Path, database: [u8; 16], start: Lsn) -> Result<Segments> {
        let segments = VecDeque::new();
        let mut all =
            Segments { fs, dir: dir.to_path_buf(), database, segments, spares: Vec::new(), next_spare: 0 };
        let segment = all.make(1, start.0)?;
        all.segments.push_back(segment);
        Ok(all)
    }

    /// Opens the log of a database. Files that cannot be part of it are errors.
    pub(crate) fn open(fs: Arc<dyn Fs>, dir: &Path, database: [u8; 16]) -> Result<Segments> {
        let names = io(dir, "list", fs.list(dir))?;
        let mut numbers: Vec<u64> = names.iter().filter_map(|name| segment_number(name)).collect();
        numbers.sort_unstable();
        let mut segments = VecDeque::new();
        for number in numbers {
            let path = dir.join(segment_name(number));
            let file = io(&path, "open", fs.open(&path, OpenMode::ReadWrite))?;
            let header = FileHeader::read(file.as_ref(), &path, FileKind::Log)?;
            if header.database != database {
                return Err(Error::ForeignFile { path, detail: "it belongs to another database".into() });
            }
            let allocated = io(&path, "read", file.len())?;
            segments.push_back(Segment { number, path, file, start: header.start, allocated });
        }
        let mut spares = Vec::new();
        for name in names.iter().filter(|name| name.starts_with("spare-")) {
            match spares.len() < SPARES {
                true => spares.push(dir.join(name)),
                false => io(dir, "remove a spare", fs.remove(&dir.join(name)))?,
            }
        }
        let next_spare =
            names.iter().filter_map(|name| name.strip_prefix("spare-")?.parse::<u64>().ok()).max();
        let next_spare = next_spare.map_or(0, |last| last.saturating_add(1));
        Ok(Segments { fs, dir: dir.to_path_buf(), database, segments, spares, next_spare })
    }

    pub(super) fn all(&self) -> &VecDeque<Segment> {
        &self.segments
    }

    /// Makes a file complete under another name first, so that no segment ever has half a header.
    fn make(&mut self, number: u64, start: u64) -> Result<Segment> {
        let path = self.dir.join(segment_name(number));
        let temporary = match self.spares.pop() {
            Some(spare) => spare,
            None => self.new_spare_path(),
        };
        let file = io(&temporary, "create", self.fs.open(&temporary, OpenMode::Create))?;
        let header = FileHeader::new(FileKind::Log, self.database, start).encode();
        io(&temporary, "write", file.write_at(&header, 0))?;
        io(&temporary, "sync", file.sync())?;
        io(&temporary, "rename", self.fs.rename(&temporary, &path))?;
        let allocated = io(&path, "read", file.len())?;
        Ok(Segment { number, path, file, start, allocated })
    }

    fn new_spare_path(&mut self) -> PathBuf {
        self.next_spare += 1;
        self.dir.join(format!("spare-{}", self.next_spare))
    }

    /// Writes bytes that begin at `start`; if asked, they are on disk then.
    pub(super) fn write(&mut self, bytes: &[u8], start: u64, synced: bool) -> Result<()> {
        let Some(segment) = self.segments.back_mut() else {
            return Err(Error::corrupt("log: there is no segment to write to"));
        };
        let offset = segment.offset(start);
        let end = offset + bytes.len() as u64;
        let written = match synced {
            true => segment.file.write_synced(bytes, offset),
            false => segment.file.write_at(bytes, offset),
        };
        io(&segment.path, "write", written)?;
        if end > segment.allocated {
            let step = segment.allocated.clamp(FIRST_STEP, LAST_STEP);
            let zeros = vec![0; step as usize];
            // Without space for what may come, what is there now still counts.
            let extended = segment.file.write_at(&zeros, end).is_ok();
            segment.allocated = if extended { end + step } else { end };
        }
        Ok(())
    }

    /// Syncs the last file.
    pub(super) fn sync(&self) -> Result<()> {
        match self.segments.back() {
            Some(segment) => io(&segment.path, "sync", segment.file.sync()),
            None => Ok(()),
        }
    }

    /// The bytes of the last file that are in use when the log ends at `end`.
    pub(super) fn used(&self, end: u64) -> u64 {
        self.segments.back().map_or(0, |segment| end.saturating_sub(segment.start))
    }

    /// Goes on in a new file at `start`. What came before is synced first: a file is there only if all before is whole.
    pub(super) fn rotate(&mut self, start: u64) -> Result<()> {
        self.sync()?;
        let number = self.segments.back().map_or(1, |segment| segment.number + 1);
        let segment = self.make(number, start)?;
        io(&self.dir, "sync", self.fs.sync_dir(&self.dir))?;
        self.segments.push_back(segment);
        Ok(())
    }

    /// Drops files that begin after `lsn`.
    pub(super) fn end_at(&mut self, lsn: u64) -> Result<()> {
        while self.segments.len() > 1 && self.segments.back().is_some_and(|segment| segment.start > lsn) {
            if let Some(segment) = self.segments.pop_back() {
                io(&segment.path, "remove", self.fs.remove(&segment.path))?;
                io(&self.dir, "sync", self.fs.sync_dir(&self.dir))?;
            }
        }
        Ok(())
    }

    /// Drops the files that hold nothing from `lsn` on; some are kept to be used again.
    pub(super) fn cut(&mut self, lsn: u64, usual_size: u64) -> Result<()> {
        let before = self.segments.len();
        while self.segments.len() > 1 && self.segments.get(1).is_some_and(|next| next.start <= lsn) {
            let Some(segment) = self.segments.pop_front() else { break };
            if self.spares.len() < SPARES && segment.allocated <= 2 * usual_size {
                let spare = self.new_spare_path();
                io(&segment.path, "rename", self.fs.rename(&segment.path, &spare))?;
                self.spares.push(spare);
            } else {
                io(&segment.path, "remove", self.fs.remove(&segment.path))?;
            }
        }
        if self.segments.len() < before {
            // The new names must be on disk before a spare gets a new content.
            io(&self.dir, "sync", self.fs.sync_dir(&self.dir))?;
        }
        Ok(())
    }
}
