//! Small helpers for reading text and bytes.

use pglitedb_sqlstate::{Error, Result, err};

/// Is it white space to C's `isspace` in the C locale?
#[inline]
pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

/// Without white space at both ends.
#[inline]
pub(crate) fn trim_space(mut bytes: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = bytes
        && is_space(*first)
    {
        bytes = rest;
    }
    while let [rest @ .., last] = bytes
        && is_space(*last)
    {
        bytes = rest;
    }
    bytes
}

/// Without white space at both ends.
pub(crate) fn trim_str(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_ascii() && is_space(c as u8))
}

/// `22P02 invalid input syntax for type NAME: "TEXT"`
#[cold]
pub(crate) fn invalid_syntax(type_name: &str, text: &str) -> Error {
    err!(INVALID_TEXT_REPRESENTATION, "invalid input syntax for type {type_name}: \"{text}\"")
}

/// `54001`, as PostgreSQL reports nesting that is too deep.
#[cold]
pub(crate) fn too_deep() -> Error {
    err!(STATEMENT_TOO_COMPLEX, "stack depth limit exceeded").hint(
        "Increase the configuration parameter \"max_stack_depth\" (currently 2048kB), \
         after ensuring the platform's stack depth limit is adequate.",
    )
}

/// Reads the fields of a binary message; running out of bytes is `08P01`.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Reads from the start of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Reader { bytes }
    }

    /// Bytes left.
    pub fn remaining(&self) -> usize {
        self.bytes.len()
    }

    /// The next `len` bytes.
    #[inline]
    pub fn take(&mut self, len: usize) -> Result<&'a [u8]> {
        match self.bytes.split_at_checked(len) {
            Some((head, rest)) => {
                self.bytes = rest;
                Ok(head)
            }
            None => Err(err!(PROTOCOL_VIOLATION, "insufficient data left in message")),
        }
    }

    /// The bytes up to a zero byte, which is passed over.
    pub fn c_string(&mut self) -> Result<&'a [u8]> {
        match self.bytes.iter().position(|&b| b == 0) {
            Some(at) => {
                let text = self.take(at)?;
                self.take(1)?;
                Ok(text)
            }
            None => Err(err!(PROTOCOL_VIOLATION, "invalid string in message")),
        }
    }

    /// Everything left.
    pub fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.bytes)
    }

    /// The next `N` bytes.
    #[inline]
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let head = self.take(N)?;
        head.try_into().map_err(|_| err!(PROTOCOL_VIOLATION, "insufficient data left in message"))
    }

    /// One byte.
    pub fn u8(&mut self) -> Result<u8> {
        Ok(self.array::<1>()?[0])
    }

    /// A big-endian 16-bit number.
    pub fn u16(&mut self) -> Result<u16> {
        self.array().map(u16::from_be_bytes)
    }

    /// A big-endian 32-bit number.
    pub fn i32(&mut self) -> Result<i32> {
        self.array().map(i32::from_be_bytes)
    }

    /// A big-endian unsigned 32-bit number.
    pub fn u32(&mut self) -> Result<u32> {
        self.array().map(u32::from_be_bytes)
    }

    /// A big-endian 64-bit number.
    pub fn i64(&mut self) -> Result<i64> {
        self.array().map(i64::from_be_bytes)
    }

    /// A big-endian double.
    pub fn f64(&mut self) -> Result<f64> {
        self.array().map(f64::from_be_bytes)
    }

    /// Errors unless everything was read.
    pub fn finish(&self) -> Result<()> {
        if self.bytes.is_empty() {
            return Ok(());
        }
        Err(err!(INVALID_BINARY_REPRESENTATION, "incorrect binary data format"))
    }
}
