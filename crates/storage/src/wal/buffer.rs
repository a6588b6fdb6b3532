//! Records that are not yet in the file.

use super::record::{ALIGN, CONTINUES, HEADER_LEN, MAX_PAYLOAD, RecordHeader};
use crate::types::Lsn;

/// The end of the log, in memory. Records get their places here.
pub(crate) struct LogBuffer {
    bytes: Vec<u8>,
    /// The LSN of the first byte.
    start: u64,
    /// The checksum of the last record's header.
    chain: u32,
    /// Without files, places are given out but nothing is kept.
    keep: bool,
    end: u64,
    records: u64,
}

impl LogBuffer {
    pub(crate) fn new(end: Lsn, chain: u32, keep: bool) -> LogBuffer {
        LogBuffer { bytes: Vec::new(), start: end.0, chain, keep, end: end.0, records: 0 }
    }

    /// Where the log ends.
    pub(crate) fn end(&self) -> Lsn {
        Lsn(self.end)
    }

    /// The checksum of the last record's header.
    pub(crate) fn chain(&self) -> u32 {
        self.chain
    }

    /// How many records there were.
    pub(crate) fn records(&self) -> u64 {
        self.records
    }

    /// The bytes that wait to be written.
    pub(crate) fn waiting(&self) -> usize {
        self.bytes.len()
    }

    /// Appends a record whose payload's checksum is known. The payload is no longer than `MAX_PAYLOAD`.
    pub(crate) fn append(
        &mut self,
        payload: &[u8],
        checksum: u32,
        xid: u64,
        continues: bool,
        durable: Lsn,
    ) -> Lsn {
        let flags = if continues { CONTINUES } else { 0 };
        let header = RecordHeader {
            lsn: self.end,
            durable: durable.0,
            xid,
            chain: self.chain,
            payload_checksum: checksum,
            len: payload.len() as u32,
            flags,
        };
        self.end += header.total_len() as u64;
        self.records += 1;
        if self.keep {
            let (bytes, chain) = header.encode();
            self.chain = chain;
            self.bytes.extend_from_slice(&bytes);
            self.bytes.extend_from_slice(payload);
            let padded = self.bytes.len().next_multiple_of(ALIGN);
            self.bytes.resize(padded, 0);
        }
        Lsn(self.end)
    }

    /// Hands out what waits, with the LSN of its first byte, and takes an empty buffer instead.
    pub(crate) fn take(&mut self, mut empty: Vec<u8>) -> (Vec<u8>, Lsn) {
        empty.clear();
        let start = Lsn(self.start);
        self.start = self.end;
        (std::mem::replace(&mut self.bytes, empty), start)
    }

    /// The length at which a commit is cut into several records: a little less than the limit.
    pub(crate) const fn cut_at() -> usize {
        MAX_PAYLOAD / 4 - HEADER_LEN
    }
}
