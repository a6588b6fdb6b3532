//! The row of the base that says what it contains.

use crate::error::{Error, Result};
use crate::types::{Lsn, Timestamp};

/// The version of the meta row and the table names.
const VERSION: u32 = 1;
const LEN: usize = 48;

/// What the base contains, and where the log goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Meta {
    /// Everything in the log before this is in the base.
    pub(crate) lsn: Lsn,
    /// The checksum of the last record before that.
    pub(crate) chain: u32,
    /// The timestamp of the last commit contained.
    pub(crate) timestamp: Timestamp,
    /// The next transaction number.
    pub(crate) next_xid: u64,
}

impl Meta {
    pub(super) fn encode(&self) -> [u8; LEN] {
        let mut bytes = [0; LEN];
        bytes[0..4].copy_from_slice(&VERSION.to_le_bytes());
        bytes[4..8].copy_from_slice(&self.chain.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.lsn.0.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.timestamp.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.next_xid.to_le_bytes());
        bytes
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Meta> {
        let short = || Error::corrupt("base file: meta row is too short");
        let u32_at = |at: usize| {
            let part = bytes.get(at..at + 4).and_then(|part| part.try_into().ok());
            part.map(u32::from_le_bytes).ok_or_else(short)
        };
        let u64_at = |at: usize| {
            let part = bytes.get(at..at + 8).and_then(|part| part.try_into().ok());
            part.map(u64::from_le_bytes).ok_or_else(short)
        };
        if u32_at(0)? != VERSION {
            return Err(Error::corrupt(format!("base file: unknown version {} of the meta row", u32_at(0)?)));
        }
        Ok(Meta { lsn: Lsn(u64_at(8)?), chain: u32_at(4)?, timestamp: u64_at(16)?, next_xid: u64_at(24)? })
    }
}
