//! Writing the log to its files.

use super::segment::Segments;
use crate::error::Result;
use crate::types::Lsn;

/// The file side of the log. Whoever holds it writes; others wait.
pub(crate) struct LogWriter {
    segments: Segments,
    segment_size: u64,
    /// An empty buffer to swap for the full one.
    spare: Vec<u8>,
    /// Whether something has been written and not synced.
    unsynced: bool,
    /// The writes done.
    writes: u64,
    /// The syncs done.
    syncs: u64,
}

impl LogWriter {
    pub(crate) fn new(segments: Segments, segment_size: u64) -> LogWriter {
        LogWriter { segments, segment_size, spare: Vec::new(), unsynced: false, writes: 0, syncs: 0 }
    }

    /// An empty buffer.
    pub(crate) fn take_spare(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.spare)
    }

    /// Writes bytes that begin at `start`, and keeps the buffer for later. If asked, these and all before are on disk then.
    pub(crate) fn write(&mut self, bytes: Vec<u8>, start: Lsn, sync: bool) -> Result<()> {
        if !bytes.is_empty() {
            if self.segments.used(start.0) >= self.segment_size {
                self.segments.rotate(start.0)?;
                self.unsynced = false;
            }
            let synced = sync && !self.unsynced;
            self.segments.write(&bytes, start.0, synced)?;
            self.unsynced = !synced;
            self.writes += 1;
        }
        if bytes.capacity() <= 8 << 20 {
            self.spare = bytes;
        }
        match sync {
            true if self.unsynced => self.sync(),
            true => {
                self.syncs += 1;
                Ok(())
            }
            false => Ok(()),
        }
    }

    /// Syncs what is written.
    pub(crate) fn sync(&mut self) -> Result<()> {
        self.syncs += 1;
        self.segments.sync()?;
        self.unsynced = false;
        Ok(())
    }

    /// Drops the files that hold nothing from `lsn` on.
    pub(crate) fn cut(&mut self, lsn: Lsn) -> Result<()> {
        self.segments.cut(lsn.0, self.segment_size)
    }

    /// How many writes and syncs there were.
    pub(crate) fn numbers(&self) -> (u64, u64) {
        (self.writes, self.syncs)
    }

    /// Drops files that begin after the end of the log: they hold parts of a commit that was never finished.
    pub(crate) fn end_at(&mut self, lsn: Lsn) -> Result<()> {
        self.segments.end_at(lsn.0)
    }

    /// The segments, for checking them.
    pub(crate) fn segments(&self) -> &Segments {
        &self.segments
    }
}
