//! The form of records.

/// The bytes of a record's header.
pub(super) const HEADER_LEN: usize = 48;
/// Records begin at multiples of this.
pub(super) const ALIGN: usize = 8;
/// The longest payload of one record; longer commits go on in the next.
pub(super) const MAX_PAYLOAD: usize = 4 << 20;

/// The commit goes on in the next record.
pub(super) const CONTINUES: u32 = 1;

/// The header of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RecordHeader {
    /// The record's own place.
    pub(super) lsn: u64,
    /// Up to where the log was durable when this was written.
    pub(super) durable: u64,
    /// The transaction, or 0.
    pub(super) xid: u64,
    /// The checksum of the header before.
    pub(super) chain: u32,
    /// The checksum of the payload.
    pub(super) payload_checksum: u32,
    /// The length of the payload.
    pub(super) len: u32,
    pub(super) flags: u32,
}

impl RecordHeader {
    /// The header's bytes, and its checksum.
    pub(super) fn encode(&self) -> ([u8; HEADER_LEN], u32) {
        let mut bytes = [0; HEADER_LEN];
        bytes[4..8].copy_from_slice(&self.len.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.lsn.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.durable.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.xid.to_le_bytes());
        bytes[32..36].copy_from_slice(&self.chain.to_le_bytes());
        bytes[36..40].copy_from_slice(&self.payload_checksum.to_le_bytes());
        bytes[40..44].copy_from_slice(&self.flags.to_le_bytes());
        let checksum = crc32c::crc32c(&bytes[4..]);
        bytes[0..4].copy_from_slice(&checksum.to_le_bytes());
        (bytes, checksum)
    }

    /// Decodes a header that stands at `lsn`; `None` if it is not an intact one. Returns its checksum as well.
    pub(super) fn decode(bytes: &[u8], lsn: u64) -> Option<(RecordHeader, u32)> {
        let bytes = bytes.get(..HEADER_LEN)?;
        let u32_at = |at: usize| bytes[at..at + 4].try_into().map(u32::from_le_bytes).unwrap_or(0);
        let u64_at = |at: usize| bytes[at..at + 8].try_into().map(u64::from_le_bytes).unwrap_or(0);
        if u64_at(8) != lsn {
            return None;
        }
        let checksum = u32_at(0);
        if checksum != crc32c::crc32c(&bytes[4..]) || u32_at(4) as usize > MAX_PAYLOAD {
            return None;
        }
        let header = RecordHeader {
            lsn,
            durable: u64_at(16),
            xid: u64_at(24),
            chain: u32_at(32),
            payload_checksum: u32_at(36),
            len: u32_at(4),
            flags: u32_at(40),
        };
        Some((header, checksum))
    }

    /// The bytes of the whole record, padding included.
    pub(super) fn total_len(&self) -> usize {
        record_len(self.len as usize)
    }
}

/// The bytes of a record with a payload of this length.
pub(super) fn record_len(payload: usize) -> usize {
    (HEADER_LEN + payload).next_multiple_of(ALIGN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_comes_back_and_notices_damage() {
        let header = RecordHeader {
            lsn: 4096,
            durable: 64,
            xid: 7,
            chain: 0xdead_beef,
            payload_checksum: 5,
            len: 100,
            flags: CONTINUES,
        };
        let (bytes, checksum) = header.encode();
        assert_eq!(RecordHeader::decode(&bytes, 4096), Some((header, checksum)));
        assert_eq!(RecordHeader::decode(&bytes, 4104), None);
        for at in 0..HEADER_LEN {
            let mut damaged = bytes;
            damaged[at] ^= 1;
            assert_eq!(RecordHeader::decode(&damaged, 4096), None, "byte {at}");
        }
    }
}
