//! `bool`

use crate::scan::{invalid_syntax, trim_space};
use pglitedb_sqlstate::Result;

/// Reads a bool: any prefix of `true`, `false`, `yes`, `no` that is unique, `on`, `off` (or `of`), `1`, `0`.
pub fn parse(text: &str) -> Result<bool> {
    parse_opt(text.as_bytes()).ok_or_else(|| invalid_syntax("boolean", text))
}

/// Like [`parse`]; `None` for anything else.
pub fn parse_opt(text: &[u8]) -> Option<bool> {
    let word = trim_space(text);
    let prefix_of =
        |whole: &[u8]| word.len() <= whole.len() && word.eq_ignore_ascii_case(&whole[..word.len()]);
    match word.first()?.to_ascii_lowercase() {
        b't' if prefix_of(b"true") => Some(true),
        b'f' if prefix_of(b"false") => Some(false),
        b'y' if prefix_of(b"yes") => Some(true),
        b'n' if prefix_of(b"no") => Some(false),
        b'o' if word.len() == 2 && prefix_of(b"on") => Some(true),
        b'o' if word.len() >= 2 && prefix_of(b"off") => Some(false),
        b'1' if word.len() == 1 => Some(true),
        b'0' if word.len() == 1 => Some(false),
        _ => None,
    }
}
