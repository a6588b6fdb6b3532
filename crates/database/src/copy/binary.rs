//! The binary format: a signature, rows of fields with their lengths, an end.

use pglitedb_sqlstate::{Error, Result, bail, err};
use std::ops::Range;

/// What a file begins with.
pub(super) const SIGNATURE: &[u8; 11] = b"PGCOPY\n\xff\r\n\0";

/// Flags of which nothing is known and which may not be ignored.
const CRITICAL_FLAGS: u32 = 0xffff_0000;

/// Cuts data that arrives in pieces into rows.
#[derive(Default)]
pub(super) struct BinaryReader {
    data: Vec<u8>,
    start: usize,
    header_read: bool,
    ended: bool,
    /// Fields of the last row: where they are, `None` for NULL.
    pub fields: Vec<Option<Range<usize>>>,
}

fn end_of_data() -> Error {
    err!(BAD_COPY_FILE_FORMAT, "unexpected EOF in COPY data")
}

impl BinaryReader {
    /// Takes a piece of data.
    pub(super) fn push(&mut self, data: &[u8]) -> Result<()> {
        if self.ended {
            if data.is_empty() {
                return Ok(());
            }
            bail!(BAD_COPY_FILE_FORMAT, "received copy data after EOF marker");
        }
        self.data.drain(..self.start);
        self.start = 0;
        self.data.extend_from_slice(data);
        Ok(())
    }

    /// The bytes of a field.
    pub(super) fn bytes(&self, range: &Range<usize>) -> &[u8] {
        self.data.get(range.clone()).unwrap_or_default()
    }

    fn i32_at(&self, at: usize) -> Option<i32> {
        let bytes = self.data.get(at..at.checked_add(4)?)?;
        Some(i32::from_be_bytes(bytes.try_into().ok()?))
    }

    /// Reads the file header; false if more data is needed.
    fn header(&mut self) -> Result<bool> {
        let known = self.data.len().min(SIGNATURE.len());
        if self.data[..known] != SIGNATURE[..known] {
            bail!(BAD_COPY_FILE_FORMAT, "COPY file signature not recognized");
        }
        let (Some(flags), Some(extension)) = (self.i32_at(11), self.i32_at(15)) else { return Ok(false) };
        if flags as u32 & CRITICAL_FLAGS != 0 {
            bail!(BAD_COPY_FILE_FORMAT, "unrecognized critical flags in COPY file header");
        }
        let Ok(extension) = usize::try_from(extension) else {
            bail!(BAD_COPY_FILE_FORMAT, "invalid COPY file header (missing length)");
        };
        if self.data.len() < 19 + extension {
            return Ok(false);
        }
        self.start = 19 + extension;
        self.header_read = true;
        Ok(true)
    }

    /// Reads the next row into `fields`; false if there is none (yet).
    pub(super) fn next_row(&mut self, columns: usize) -> Result<bool> {
        if self.ended || (!self.header_read && !self.header()?) {
            return Ok(false);
        }
        let Some(count) = self.data.get(self.start..self.start + 2) else { return Ok(false) };
        let count = i16::from_be_bytes([count[0], count[1]]);
        if count == -1 {
            self.ended = true;
            if self.data.len() > self.start + 2 {
                bail!(BAD_COPY_FILE_FORMAT, "received copy data after EOF marker");
            }
            return Ok(false);
        }
        if usize::try_from(count) != Ok(columns) {
            bail!(BAD_COPY_FILE_FORMAT, "row field count is {count}, expected {columns}");
        }
        self.fields.clear();
        let mut at = self.start + 2;
        for _ in 0..columns {
            let Some(length) = self.i32_at(at) else { return Ok(false) };
            at += 4;
            if length == -1 {
                self.fields.push(None);
                continue;
            }
            let Ok(length) = usize::try_from(length) else {
                bail!(BAD_COPY_FILE_FORMAT, "invalid field size");
            };
            if self.data.len() - at < length {
                return Ok(false);
            }
            self.fields.push(Some(at..at + length));
            at += length;
        }
        self.start = at;
        Ok(true)
    }

    /// The data is over: was the last row whole?
    pub(super) fn finish(&self) -> Result<()> {
        if !self.header_read {
            bail!(BAD_COPY_FILE_FORMAT, "COPY file signature not recognized");
        }
        // A file may lack the end mark, but not a part of a row.
        if !self.ended && self.start < self.data.len() {
            return Err(end_of_data());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(data: &[u8], size: usize) -> Result<Vec<Vec<Option<Vec<u8>>>>> {
        let mut reader = BinaryReader::default();
        let mut found = Vec::new();
        for piece in data.chunks(size) {
            reader.push(piece)?;
            while reader.next_row(2)? {
                let row =
                    reader.fields.iter().map(|field| field.as_ref().map(|at| reader.bytes(at).to_vec()));
                found.push(row.collect());
            }
        }
        reader.finish()?;
        Ok(found)
    }

    #[test]
    fn rows_are_found_however_the_data_is_cut() {
        let mut data = SIGNATURE.to_vec();
        data.extend_from_slice(&[0; 8]);
        for _ in 0..2 {
            data.extend_from_slice(&[0, 2, 0, 0, 0, 3, b'a', b'b', b'c', 0xff, 0xff, 0xff, 0xff]);
        }
        data.extend_from_slice(&[0xff, 0xff]);
        let row = vec![Some(b"abc".to_vec()), None];
        for size in [1, 2, 5, 100] {
            assert_eq!(rows(&data, size).expect("rows"), [row.clone(), row.clone()]);
        }
        assert!(rows(&data[..data.len() - 4], 3).is_err());
        assert!(rows(b"PGCOPZ", 1).is_err());
    }
}
