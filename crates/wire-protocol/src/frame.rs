//! Cutting the stream of incoming bytes into messages.

use pglitedb_sqlstate::{Result, Severity, err};

/// How large messages may be.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Largest body of a message that carries user data: queries, parameters, COPY data.
    pub large: usize,
    /// Largest body of every other message.
    pub small: usize,
}

impl Default for Limits {
    /// PostgreSQL's own limits: 1 GB and 10,000 bytes.
    fn default() -> Self {
        Limits { large: 0x3fff_fffe, small: 10_000 }
    }
}

impl Limits {
    /// Limits while the client is being authenticated: a password or SASL message of at most 65,535 bytes.
    pub fn authentication() -> Self {
        Limits { large: 65_535, small: 65_535 }
    }
}

/// One message as found in the input: its type and its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The type byte.
    pub tag: u8,
    /// What follows the length word.
    pub body: &'a [u8],
    /// Bytes of input that the message takes up, type and length included.
    pub size: usize,
}

/// Cuts the first message off `input`; `None` when it is not complete yet.
///
/// An error here (unknown type, impossible length) means that the two sides have lost each other: it is `FATAL`.
pub fn next_frame<'a>(input: &'a [u8], limits: &Limits) -> Result<Option<Frame<'a>>> {
    let Some(&tag) = input.first() else { return Ok(None) };
    let limit = match tag {
        b'Q' | b'P' | b'B' | b'F' | b'd' | b'p' => limits.large,
        b'C' | b'D' | b'E' | b'H' | b'S' | b'X' | b'c' | b'f' => limits.small,
        _ => {
            let text = format!("invalid frontend message type {tag}");
            return Err(err!(PROTOCOL_VIOLATION, "{text}").severity(Severity::Fatal));
        }
    };
    let Some(word) = input.get(1..5).and_then(|bytes| bytes.first_chunk::<4>()) else { return Ok(None) };
    let length = i32::from_be_bytes(*word);
    let body_length = usize::try_from(length).ok().and_then(|length| length.checked_sub(4));
    match body_length {
        Some(length) if length <= limit => {
            let size = length + 5;
            Ok(input.get(5..size).map(|body| Frame { tag, body, size }))
        }
        _ => Err(err!(PROTOCOL_VIOLATION, "invalid message length").severity(Severity::Fatal)),
    }
}

/// The whole length of the message that `input` begins with, as far as it can be told: how much room its buffer needs.
impl Limits {
    /// Bytes that the message at the head of `input` will take up once it is complete; 0 when that is unknown or out of
    /// bounds.
    pub fn needed(&self, input: &[u8]) -> usize {
        let Some(word) = input.get(1..5).and_then(|bytes| bytes.first_chunk::<4>()) else { return 0 };
        match usize::try_from(i32::from_be_bytes(*word)) {
            Ok(length) if length <= self.large.saturating_add(4) => length + 1,
            _ => 0,
        }
    }
}
