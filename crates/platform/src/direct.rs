//! Synced writes past the page cache.
//!
//! A log is written in small pieces at its end, each of which must be on disk before anybody hears of it. Through the page cache that is a
//! write, then a search for what is dirty, then the transfer; with `O_DIRECT | O_DSYNC` it is the transfer alone, for a quarter less
//! of processor time. In return, offsets, lengths and memory have to be aligned: the block at the end of the log is kept here and
//! written again with what is appended to it. Where the file system has no such writes, callers write and sync as usual.

use parking_lot::Mutex;
use rustix::fs::OFlags;
use std::fs::{self, OpenOptions};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{FileExt, OpenOptionsExt};

/// Good for all devices: pages, and sectors of 512 or 4096 bytes.
const BLOCK: usize = 4096;
/// Longer pieces gain nothing.
const MAX_BYTES: usize = 256 << 10;

/// The way past the page cache for one file, opened at the first synced write.
#[derive(Debug, Default)]
pub(crate) struct Direct(Mutex<State>);

#[derive(Debug, Default)]
enum State {
    #[default]
    Untried,
    Unsupported,
    Open(Writer),
}

#[derive(Debug)]
struct Writer {
    file: fs::File,
    /// Room for a piece, with some to spare for alignment.
    memory: Vec<u8>,
    /// Where the last piece ended.
    end: u64,
    /// The bytes of the block at `end` that come before it.
    tail: Vec<u8>,
}

impl Direct {
    /// Writes a piece and waits until it is on disk; `false` when that is not possible here and nothing has been done. `file` is the same
    /// file, opened as usual.
    pub(crate) fn write(&self, file: &fs::File, data: &[u8], offset: u64) -> io::Result<bool> {
        if data.len() > MAX_BYTES {
            return Ok(false);
        }
        let mut state = self.0.lock();
        if matches!(*state, State::Untried) {
            *state = Writer::open(file).map_or(State::Unsupported, State::Open);
        }
        let State::Open(writer) = &mut *state else { return Ok(false) };
        match writer.write(file, data, offset) {
            // The file system takes the flag but not the writes.
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
                *state = State::Unsupported;
                Ok(false)
            }
            result => result.map(|()| true),
        }
    }
}

impl Writer {
    fn open(file: &fs::File) -> io::Result<Writer> {
        // By descriptor: the name may have changed.
        let path = format!("/proc/self/fd/{}", file.as_raw_fd());
        let flags = OFlags::DIRECT | OFlags::DSYNC;
        let file = OpenOptions::new().write(true).custom_flags(flags.bits() as i32).open(path)?;
        Ok(Writer { file, memory: Vec::new(), end: u64::MAX, tail: Vec::new() })
    }

    fn write(&mut self, usual: &fs::File, data: &[u8], offset: u64) -> io::Result<()> {
        let before = (offset % BLOCK as u64) as usize;
        if self.end != offset {
            self.tail.resize(before, 0);
            usual.read_exact_at(&mut self.tail, offset - before as u64)?;
        }
        // Unknown until it has worked.
        self.end = u64::MAX;
        let used = before + data.len();
        let whole = used.next_multiple_of(BLOCK);
        if self.memory.len() < whole + BLOCK {
            self.memory.resize(whole + BLOCK, 0);
        }
        let start = self.memory.as_ptr().align_offset(BLOCK);
        let Some(blocks) = self.memory.get_mut(start..start.saturating_add(whole)) else {
            return Err(io::ErrorKind::InvalidInput.into());
        };
        let (head, rest) = blocks.split_at_mut(before);
        let (middle, padding) = rest.split_at_mut(data.len());
        head.copy_from_slice(&self.tail);
        middle.copy_from_slice(data);
        padding.fill(0);
        self.file.write_all_at(blocks, offset - before as u64)?;
        let tail_start = used / BLOCK * BLOCK;
        self.tail.clear();
        self.tail.extend_from_slice(blocks.get(tail_start..used).unwrap_or_default());
        self.end = offset + data.len() as u64;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::{Fs, OpenMode, RealFs};

    #[test]
    fn pieces_of_every_length_in_and_out_of_order() {
        let path = std::env::temp_dir().join(format!("pglitedb-direct-{}", std::process::id()));
        let file = RealFs.open(&path, OpenMode::Create).unwrap();
        let mut expected = vec![7u8; 3 * 4096 + 100];
        file.write_at(&expected, 0).unwrap();
        let mut offset = 64usize;
        for (number, length) in
            [1usize, 8, 4024, 4096, 5000, 24, 300_000, 16, 4096 * 3, 9].into_iter().enumerate()
        {
            let piece = vec![number as u8 + 1; length];
            file.write_synced(&piece, offset as u64).unwrap();
            let end = offset + length;
            expected.resize(expected.len().max(end), 0);
            expected[offset..end].copy_from_slice(&piece);
            offset = end;
            // Usual reads see what was written past the cache.
            let mut seen = vec![0; end];
            file.read_exact_at(&mut seen, 0).unwrap();
            assert!(seen == expected[..end], "piece {number}");
        }
        // Somewhere else, after an ordinary write in between.
        file.write_at(b"ordinary", 5000).unwrap();
        file.write_synced(b"synced", 5008).unwrap();
        let mut seen = [0; 14];
        file.read_exact_at(&mut seen, 5000).unwrap();
        assert_eq!(&seen, b"ordinarysynced");
        std::fs::remove_file(&path).unwrap();
    }
}
