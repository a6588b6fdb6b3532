//! The codes themselves: one constant each, generated from `data/sqlstates.tsv`.

use std::fmt;

/// A five-character SQLSTATE code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SqlState(pub [u8; 5]);

impl SqlState {
    /// The code as text, for example `"42P01"`.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XX000")
    }

    /// Parses a five-character code of digits and upper-case letters.
    pub fn parse(code: &str) -> Option<Self> {
        let bytes: [u8; 5] = code.as_bytes().try_into().ok()?;
        bytes.iter().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase()).then_some(Self(bytes))
    }

    /// The two-character class, for example `b"42"`.
    pub fn class(&self) -> [u8; 2] {
        [self.0[0], self.0[1]]
    }

    /// The condition name of the manual's appendix A, if the code has one.
    pub fn condition_name(&self) -> Option<&'static str> {
        let at = CONDITIONS.binary_search_by(|(code, _)| code.cmp(self)).ok()?;
        Some(CONDITIONS[at].1).filter(|name| !name.is_empty())
    }
}

impl fmt::Display for SqlState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for SqlState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

include!(concat!(env!("OUT_DIR"), "/codes.rs"));
