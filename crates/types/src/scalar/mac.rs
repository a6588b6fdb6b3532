//! `macaddr` and `macaddr8`

use super::bytea::{hex_value, write_hex};
use crate::scan::{invalid_syntax, is_space, trim_str};
use pglitedb_sqlstate::{Result, err};

/// The groupings of a `macaddr`: what stands between its octets.
const LAYOUTS: [[&str; 5]; 6] = [
    ["-", "-", "-", "-", "-"],
    ["", "", ":", "", ""],
    ["", "", "-", "", ""],
    ["", ".", "", ".", ""],
    ["", "-", "", "-", ""],
    ["", "", "", "", ""],
];

/// Reads a `macaddr` into the first six bytes.
pub fn parse(text: &str) -> Result<[u8; 8]> {
    let trimmed = trim_str(text);
    if let Some(octets) = parse_colons(trimmed) {
        let mut value = [0; 8];
        for (slot, octet) in value.iter_mut().zip(octets) {
            *slot = u8::try_from(octet).map_err(|_| {
                err!(NUMERIC_VALUE_OUT_OF_RANGE, "invalid octet value in \"macaddr\" value: \"{text}\"")
            })?;
        }
        return Ok(value);
    }
    LAYOUTS
        .iter()
        .find_map(|layout| parse_layout(trimmed, layout))
        .ok_or_else(|| invalid_syntax("macaddr", text))
}

/// Six numbers of any size between colons or hyphens; too large ones are the caller's to refuse.
fn parse_colons(text: &str) -> Option<[u32; 6]> {
    let separator = if text.contains(':') { ':' } else { '-' };
    let mut octets = [0; 6];
    let mut parts = text.split(separator);
    for slot in &mut octets {
        let part = parts.next()?;
        if !part.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        *slot = u32::from_str_radix(part, 16).ok()?;
    }
    parts.next().is_none().then_some(octets)
}

/// Six octets of one or two digits with the layout's separators between them.
fn parse_layout(text: &str, separators: &[&str; 5]) -> Option<[u8; 8]> {
    let mut value = [0; 8];
    let mut rest = text;
    for (i, slot) in value.iter_mut().take(6).enumerate() {
        let len = rest.bytes().take(2).take_while(u8::is_ascii_hexdigit).count();
        *slot = u8::from_str_radix(rest.get(..len)?, 16).ok()?;
        rest = &rest[len..];
        if let Some(separator) = separators.get(i) {
            rest = rest.strip_prefix(separator)?;
        }
    }
    rest.is_empty().then_some(value)
}

/// Reads a `macaddr8`: eight octets, or six, between which `FF:FE` is inserted; separators may be left out, but must be
/// the same throughout.
pub fn parse8(text: &str) -> Result<[u8; 8]> {
    parse8_opt(text.as_bytes()).ok_or_else(|| invalid_syntax("macaddr8", text))
}

fn parse8_opt(bytes: &[u8]) -> Option<[u8; 8]> {
    let mut rest = bytes;
    while let [first, tail @ ..] = rest
        && is_space(*first)
    {
        rest = tail;
    }
    let mut value = [0; 8];
    let mut count = 0;
    let mut spacer = None;
    while let [high, tail @ ..] = rest {
        if is_space(*high) {
            break;
        }
        // PostgreSQL does not look at a single character after a whole address.
        let [low, tail @ ..] = tail else {
            return match count {
                8 => Some(value),
                6 => Some(from_mac6(value)),
                _ => None,
            };
        };
        *value.get_mut(count)? = hex_value(*high)? << 4 | hex_value(*low)?;
        count += 1;
        rest = tail;
        if let [sep @ (b':' | b'-' | b'.'), tail @ ..] = rest {
            if spacer.is_some_and(|s| s != *sep) {
                return None;
            }
            spacer = Some(*sep);
            rest = tail;
            // A separator must be followed by something.
            if rest.first().is_none_or(|b| is_space(*b)) && count != 6 && count != 8 {
                return None;
            }
        }
    }
    if !rest.iter().all(|&b| is_space(b)) {
        return None;
    }
    match count {
        8 => Some(value),
        6 => Some(from_mac6(value)),
        _ => None,
    }
}

/// The eight-octet form of a six-octet address.
pub fn from_mac6(mac: [u8; 8]) -> [u8; 8] {
    [mac[0], mac[1], mac[2], 0xff, 0xfe, mac[3], mac[4], mac[5]]
}

/// Appends octets separated by colons.
pub fn write(octets: &[u8], out: &mut Vec<u8>) {
    for (i, octet) in octets.iter().enumerate() {
        if i > 0 {
            out.push(b':');
        }
        write_hex(&[*octet], out);
    }
}
