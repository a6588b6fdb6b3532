//! Writing DataRow messages, the hot path of every result.

use pglitedb_sqlstate::{Result, bail};

/// PostgreSQL's limit for one row, and so for one value: a gigabyte less one byte.
const MAX_ROW_BYTES: usize = 0x3fff_ffff;

/// Writes one DataRow message straight into the output. Unless [`RowWriter::finish`] is reached, for example because
/// a value could not be converted, the buffer is left as if the row had never been begun.
pub struct RowWriter<'a> {
    bytes: &'a mut Vec<u8>,
    start: usize,
    finished: bool,
}

impl<'a> RowWriter<'a> {
    pub(crate) fn begin(bytes: &'a mut Vec<u8>, columns: u16) -> Self {
        let start = bytes.len();
        let [high, low] = columns.to_be_bytes();
        bytes.extend_from_slice(&[b'D', 0, 0, 0, 0, high, low]);
        RowWriter { bytes, start, finished: false }
    }

    /// Adds a NULL.
    #[inline]
    pub fn null(&mut self) {
        self.bytes.extend_from_slice(&(-1i32).to_be_bytes());
    }

    /// Adds a value whose bytes exist already.
    #[inline]
    pub fn bytes(&mut self, value: &[u8]) -> Result<()> {
        self.value(|out| {
            out.extend_from_slice(value);
            Ok(())
        })
    }

    /// Adds a value whose bytes `encode` appends to the buffer it is given (and must not touch otherwise).
    #[inline]
    pub fn value(&mut self, encode: impl FnOnce(&mut Vec<u8>) -> Result<()>) -> Result<()> {
        let at = self.bytes.len();
        self.bytes.extend_from_slice(&[0; 4]);
        encode(self.bytes)?;
        let length = self.bytes.len().saturating_sub(at + 4);
        if length > MAX_ROW_BYTES {
            bail!(PROGRAM_LIMIT_EXCEEDED, "value of {length} bytes is too long to be sent");
        }
        if let Some(word) = self.bytes.get_mut(at..at + 4) {
            word.copy_from_slice(&(length as u32).to_be_bytes());
        }
        Ok(())
    }

    /// Completes the message.
    #[inline]
    pub fn finish(mut self) -> Result<()> {
        let length = self.bytes.len() - self.start - 1;
        if length > MAX_ROW_BYTES {
            bail!(PROGRAM_LIMIT_EXCEEDED, "row of {length} bytes is too long to be sent");
        }
        if let Some(word) = self.bytes.get_mut(self.start + 1..self.start + 5) {
            word.copy_from_slice(&(length as u32).to_be_bytes());
        }
        self.finished = true;
        Ok(())
    }
}

impl Drop for RowWriter<'_> {
    fn drop(&mut self) {
        if !self.finished {
            self.bytes.truncate(self.start);
        }
    }
}
