//! Reading integers and strings from the body of a message.

use pglitedb_sqlstate::{Result, bail, err};
use std::ffi::CStr;

/// A position in the body of one message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(body: &'a [u8]) -> Self {
        Cursor { rest: body }
    }

    /// What has not been read yet.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The next `count` bytes.
    pub(crate) fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        match self.rest.split_at_checked(count) {
            Some((taken, rest)) => {
                self.rest = rest;
                Ok(taken)
            }
            None => Err(err!(PROTOCOL_VIOLATION, "insufficient data left in message")),
        }
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        match self.rest.split_first_chunk::<N>() {
            Some((taken, rest)) => {
                self.rest = rest;
                Ok(*taken)
            }
            None => Err(err!(PROTOCOL_VIOLATION, "insufficient data left in message")),
        }
    }

    pub(crate) fn u8(&mut self) -> Result<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(crate) fn u16(&mut self) -> Result<u16> {
        self.array().map(u16::from_be_bytes)
    }

    pub(crate) fn i32(&mut self) -> Result<i32> {
        self.array().map(i32::from_be_bytes)
    }

    pub(crate) fn u32(&mut self) -> Result<u32> {
        self.array().map(u32::from_be_bytes)
    }

    /// Bytes up to a zero byte, which is consumed.
    pub(crate) fn c_bytes(&mut self) -> Result<&'a [u8]> {
        let text = CStr::from_bytes_until_nul(self.rest)
            .map_err(|_| err!(PROTOCOL_VIOLATION, "invalid string in message"))?
            .to_bytes();
        self.rest = self.rest.get(text.len() + 1..).unwrap_or_default();
        Ok(text)
    }

    /// A zero-terminated string in UTF-8.
    pub(crate) fn c_str(&mut self) -> Result<&'a str> {
        utf8(self.c_bytes()?)
    }

    /// Fails unless everything has been read.
    pub(crate) fn finish(&self) -> Result<()> {
        if self.rest.is_empty() { Ok(()) } else { bail!(PROTOCOL_VIOLATION, "invalid message format") }
    }
}

/// Checks that bytes from a client are UTF-8; the error (`22021`) shows the offending bytes as PostgreSQL does.
pub fn utf8(bytes: &[u8]) -> Result<&str> {
    std::str::from_utf8(bytes).map_err(|error| {
        let bad = bytes.get(error.valid_up_to()..).unwrap_or_default();
        let expected = match bad.first() {
            Some(0xc0..=0xdf) => 2,
            Some(0xe0..=0xef) => 3,
            Some(0xf0..=0xf7) => 4,
            _ => 1,
        };
        let shown: Vec<String> = bad.iter().take(expected).map(|byte| format!("0x{byte:02x}")).collect();
        err!(CHARACTER_NOT_IN_REPERTOIRE, "invalid byte sequence for encoding \"UTF8\": {}", shown.join(" "))
    })
}
