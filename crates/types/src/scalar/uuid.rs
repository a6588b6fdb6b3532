//! `uuid`

use super::bytea::{hex_value, write_hex};
use crate::scan::invalid_syntax;
use pglitedb_sqlstate::Result;

/// Reads a uuid: 32 hexadecimal digits, a hyphen allowed after every fourth, braces allowed around them.
pub fn parse(text: &str) -> Result<[u8; 16]> {
    parse_opt(text.as_bytes()).ok_or_else(|| invalid_syntax("uuid", text))
}

fn parse_opt(bytes: &[u8]) -> Option<[u8; 16]> {
    let mut rest = match bytes {
        [b'{', inner @ .., b'}'] => inner,
        [b'{', ..] => return None,
        _ => bytes,
    };
    let mut value = [0; 16];
    for (i, slot) in value.iter_mut().enumerate() {
        let [high, low, tail @ ..] = rest else { return None };
        *slot = hex_value(*high)? << 4 | hex_value(*low)?;
        rest = tail;
        if i % 2 == 1
            && i < 15
            && let [b'-', tail @ ..] = rest
        {
            rest = tail;
        }
    }
    rest.is_empty().then_some(value)
}

/// Appends the text form.
pub fn write(value: &[u8; 16], out: &mut Vec<u8>) {
    for (i, part) in
        [&value[..4], &value[4..6], &value[6..8], &value[8..10], &value[10..]].into_iter().enumerate()
    {
        if i > 0 {
            out.push(b'-');
        }
        write_hex(part, out);
    }
}
