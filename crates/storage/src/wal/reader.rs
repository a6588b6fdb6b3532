//! Reading the log after a crash.

use std::sync::Arc;

use pglitedb_platform::File;

use super::record::{ALIGN, CONTINUES, HEADER_LEN, RecordHeader};
use super::segment::{Segment, Segments};
use crate::error::{Error, Result};
use crate::types::Lsn;

/// Where the log ends, and the checksum that the next record must name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LogEnd {
    pub(crate) lsn: Lsn,
    pub(crate) chain: u32,
}

/// What was found in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Replayed {
    pub(crate) end: LogEnd,
    /// The greatest transaction number.
    pub(crate) max_xid: u64,
    /// How many commits there were.
    pub(crate) commits: u64,
}

/// Reads a log from a position on.
pub(crate) struct Reader<'a> {
    segments: &'a Segments,
}

const FIRST_WINDOW: usize = 16 << 10;
const LAST_WINDOW: usize = 4 << 20;

/// A file, read in large pieces.
struct Window {
    file: Arc<dyn File>,
    path: String,
    bytes: Vec<u8>,
    /// The place of the first byte in the file.
    at: u64,
    /// How much to read next time: little at first, for logs that hold little.
    next: usize,
}

impl Window {
    fn new(segment: &Segment) -> Window {
        let path = segment.path.display().to_string();
        Window { file: Arc::clone(&segment.file), path, bytes: Vec::new(), at: 0, next: FIRST_WINDOW }
    }

    /// Up to `len` bytes at `offset`; fewer at the end of the file.
    fn get(&mut self, offset: u64, len: usize) -> Result<&[u8]> {
        let inside = offset >= self.at && offset + len as u64 <= self.at + self.bytes.len() as u64;
        if !inside {
            self.bytes.resize(len.max(self.next), 0);
            self.next = (self.next * 4).min(LAST_WINDOW);
            self.at = offset;
            let mut filled = 0;
            while filled < self.bytes.len() {
                match self.file.read_at(&mut self.bytes[filled..], offset + filled as u64) {
                    Ok(0) => break,
                    Ok(n) => filled += n,
                    Err(e) => return Err(Error::io(format!("could not read file \"{}\"", self.path), e)),
                }
            }
            self.bytes.truncate(filled);
        }
        let start = ((offset - self.at) as usize).min(self.bytes.len());
        let end = (start + len).min(self.bytes.len());
        Ok(&self.bytes[start..end])
    }
}

impl<'a> Reader<'a> {
    pub(crate) fn new(segments: &'a Segments) -> Reader<'a> {
        Reader { segments }
    }

    /// Reads all commits from `from` on and hands their payloads to `apply`, with the transaction's number. What follows the last
    /// whole commit is a torn write, or damage, which is an error.
    pub(crate) fn replay(
        &self,
        from: LogEnd,
        mut apply: impl FnMut(u64, &[Vec<u8>]) -> Result<()>,
    ) -> Result<Replayed> {
        let mut index = self.find(from.lsn.0)?;
        let mut done = Replayed { end: from, max_xid: 0, commits: 0 };
        let (mut at, mut chain) = (from.lsn.0, from.chain);
        let mut parts: Vec<Vec<u8>> = Vec::new();
        let mut window = self.window(index)?;
        loop {
            if let Some(next) = self.segments.all().get(index + 1)
                && next.start == at
            {
                index += 1;
                window = self.window(index)?;
            }
            let Some(segment) = self.segments.all().get(index) else { break };
            let Some((header, checksum)) = read_record(&mut window, segment, at, chain)? else { break };
            parts.push(payload(&mut window, segment, &header)?);
            at += header.total_len() as u64;
            chain = checksum;
            done.max_xid = done.max_xid.max(header.xid);
            if header.flags & CONTINUES == 0 {
                apply(header.xid, &parts)?;
                parts.clear();
                done.commits += 1;
                done.end = LogEnd { lsn: Lsn(at), chain };
            }
        }
        self.check_end(index, at)?;
        Ok(done)
    }

    fn window(&self, index: usize) -> Result<Window> {
        let segment = self.segments.all().get(index).ok_or_else(|| Error::corrupt("log: no segment"))?;
        Ok(Window::new(segment))
    }

    /// The segment in which `lsn` lies.
    fn find(&self, lsn: u64) -> Result<usize> {
        let all = self.segments.all();
        let after = all.iter().position(|segment| segment.start > lsn).unwrap_or(all.len());
        let missing = || Error::corrupt(format!("log: the segment that holds position {lsn} is missing"));
        let index = after.checked_sub(1).ok_or_else(missing)?;
        let needed = all.iter().skip(index);
        match needed.clone().zip(needed.skip(1)).find(|(a, b)| a.number + 1 != b.number) {
            Some((before, _)) => {
                Err(Error::corrupt(format!("log: segment {} is missing", before.number + 1)))
            }
            None => Ok(index),
        }
    }

    /// Decides whether the log may end at `at`: not if a later file exists, or an intact record says that more was durable.
    fn check_end(&self, index: usize, at: u64) -> Result<()> {
        if let Some(later) = self.segments.all().get(index + 1) {
            return Err(damaged(at, &format!("the log goes on in \"{}\"", later.path.display())));
        }
        let Some(segment) = self.segments.all().get(index) else { return Ok(()) };
        let mut window = Window::new(segment);
        let mut lsn = at.next_multiple_of(ALIGN as u64);
        loop {
            let bytes = window.get(segment.offset(lsn), FIRST_WINDOW)?;
            if bytes.len() < HEADER_LEN {
                return Ok(());
            }
            let scanned = (bytes.len() - HEADER_LEN) / ALIGN + 1;
            for step in 0..scanned {
                let place = lsn + (step * ALIGN) as u64;
                if let Some((header, _)) = RecordHeader::decode(&bytes[step * ALIGN..], place)
                    && header.durable > at
                {
                    return Err(damaged(
                        at,
                        &format!("position {} was synced before {place} was written", header.durable),
                    ));
                }
            }
            lsn += (scanned * ALIGN) as u64;
        }
    }
}

fn damaged(at: u64, why: &str) -> Error {
    Error::corrupt(format!("log: the record at position {at} is damaged ({why})"))
}

/// The header at `at`, if an intact record stands there that follows the one before.
fn read_record(
    window: &mut Window,
    segment: &Segment,
    at: u64,
    chain: u32,
) -> Result<Option<(RecordHeader, u32)>> {
    let offset = segment.offset(at);
    let Some((header, checksum)) = RecordHeader::decode(window.get(offset, HEADER_LEN)?, at) else {
        return Ok(None);
    };
    if header.chain != chain {
        return Ok(None);
    }
    let payload = window.get(offset + HEADER_LEN as u64, header.len as usize)?;
    let whole = payload.len() == header.len as usize && crc32c::crc32c(payload) == header.payload_checksum;
    Ok(whole.then_some((header, checksum)))
}

fn payload(window: &mut Window, segment: &Segment, header: &RecordHeader) -> Result<Vec<u8>> {
    Ok(window.get(segment.offset(header.lsn) + HEADER_LEN as u64, header.len as usize)?.to_vec())
}
