//! What a record says: operations on storages.

use crate::error::{Error, Result};
use crate::types::StorageId;

const PUT: u8 = 1;
const DELETE: u8 = 2;
const DROP: u8 = 3;
const COUNTER: u8 = 4;
const STORAGE: u8 = 5;

/// One operation of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Op<'a> {
    /// A key gets a value.
    Put(StorageId, &'a [u8], &'a [u8]),
    /// A key is removed.
    Delete(StorageId, &'a [u8]),
    /// A storage is removed.
    Drop(StorageId),
    /// A counter's high-water mark.
    Counter(StorageId, u32, u64),
}

/// Encodes operations. The storage id is written when it changes only.
#[derive(Default)]
pub(crate) struct OpWriter {
    bytes: Vec<u8>,
    storage: Option<StorageId>,
}

impl OpWriter {
    /// Encodes into a buffer, which is cleared.
    pub(crate) fn reuse(mut bytes: Vec<u8>) -> OpWriter {
        bytes.clear();
        OpWriter { bytes, storage: None }
    }

    fn storage(&mut self, id: StorageId) {
        if self.storage != Some(id) {
            self.bytes.push(STORAGE);
            self.bytes.extend_from_slice(&id.0.to_le_bytes());
            self.storage = Some(id);
        }
    }

    fn number(&mut self, mut n: u64) {
        while n >= 0x80 {
            self.bytes.push(n as u8 | 0x80);
            n >>= 7;
        }
        self.bytes.push(n as u8);
    }

    /// Adds a change of a key.
    pub(crate) fn write(&mut self, id: StorageId, key: &[u8], value: Option<&[u8]>) {
        self.storage(id);
        self.bytes.push(if value.is_some() { PUT } else { DELETE });
        self.number(key.len() as u64);
        if let Some(value) = value {
            self.number(value.len() as u64);
        }
        self.bytes.extend_from_slice(key);
        self.bytes.extend_from_slice(value.unwrap_or_default());
    }

    /// Adds the removal of a storage.
    pub(crate) fn drop_storage(&mut self, id: StorageId) {
        self.storage(id);
        self.bytes.push(DROP);
    }

    /// Adds a counter's high-water mark.
    pub(crate) fn counter(&mut self, id: StorageId, number: u32, mark: u64) {
        self.storage(id);
        self.bytes.push(COUNTER);
        self.number(u64::from(number));
        self.number(mark);
    }

    /// The bytes so far.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Begins anew: what follows can be decoded without what came before.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.storage = None;
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// Decodes operations.
pub(crate) struct OpReader<'a> {
    rest: &'a [u8],
    storage: Option<StorageId>,
}

fn short() -> Error {
    Error::corrupt("log: an operation ends too early")
}

impl<'a> OpReader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> OpReader<'a> {
        OpReader { rest: bytes, storage: None }
    }

    fn take(&mut self, n: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(n).ok_or_else(short)?;
        self.rest = rest;
        Ok(taken)
    }

    fn number(&mut self) -> Result<u64> {
        let mut n = 0;
        for shift in (0..64).step_by(7) {
            let byte = *self.take(1)?.first().ok_or_else(short)?;
            n |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(n);
            }
        }
        Err(Error::corrupt("log: a number is too long"))
    }

    fn length(&mut self) -> Result<usize> {
        usize::try_from(self.number()?).map_err(|_| short())
    }

    /// The next operation.
    pub(crate) fn next(&mut self) -> Result<Option<Op<'a>>> {
        loop {
            let Some((&kind, rest)) = self.rest.split_first() else { return Ok(None) };
            self.rest = rest;
            if kind == STORAGE {
                let id = self.take(8)?.try_into().map_err(|_| short())?;
                self.storage = Some(StorageId(u64::from_le_bytes(id)));
                continue;
            }
            let id = self.storage.ok_or_else(|| Error::corrupt("log: an operation names no storage"))?;
            return match kind {
                PUT => {
                    let (key, value) = (self.length()?, self.length()?);
                    Ok(Some(Op::Put(id, self.take(key)?, self.take(value)?)))
                }
                DELETE => {
                    let key = self.length()?;
                    Ok(Some(Op::Delete(id, self.take(key)?)))
                }
                DROP => Ok(Some(Op::Drop(id))),
                COUNTER => {
                    let number = u32::try_from(self.number()?).map_err(|_| short())?;
                    Ok(Some(Op::Counter(id, number, self.number()?)))
                }
                other => Err(Error::corrupt(format!("log: unknown operation {other}"))),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_come_back() {
        let (a, b) = (StorageId::new(1, 2), StorageId::new(1, 3));
        let mut writer = OpWriter::default();
        writer.write(a, b"key", Some(&[7; 300]));
        writer.write(a, b"", None);
        writer.drop_storage(b);
        writer.counter(b, 4, u64::MAX);
        let mut reader = OpReader::new(writer.bytes());
        assert_eq!(reader.next().unwrap(), Some(Op::Put(a, b"key", &[7; 300])));
        assert_eq!(reader.next().unwrap(), Some(Op::Delete(a, b"")));
        assert_eq!(reader.next().unwrap(), Some(Op::Drop(b)));
        assert_eq!(reader.next().unwrap(), Some(Op::Counter(b, 4, u64::MAX)));
        assert_eq!(reader.next().unwrap(), None);
    }

    #[test]
    fn damage_is_an_error() {
        let mut writer = OpWriter::default();
        writer.write(StorageId(1), b"key", Some(b"value"));
        let bytes = writer.into_bytes();
        for cut in 1..bytes.len() {
            let mut reader = OpReader::new(&bytes[..cut]);
            assert!(!matches!(reader.next(), Ok(Some(_))), "cut at {cut}");
        }
        assert!(OpReader::new(&[99]).next().is_err());
        assert!(OpReader::new(&[5, 0, 0, 0, 0, 0, 0, 0, 0, 99]).next().is_err());
    }
}
