//! `macaddr` and `macaddr8`

use super::bytea::{hex_value, write_hex};
use crate::scan::{invalid_syntax, is_space, trim_str};
use pglitedb_sqlstate::{Result, err};

/// The groupings of a `macaddr`: separator and hexadecimal digits per group.
const LAYOUTS: [(Option<u8>, usize); 5] =
    [(Some(b':'), 2), (Some(b'-'), 2), (Some(b':'), 6), (Some(b'-'), 6), (Some(b'.'), 4)];

/// Reads a `macaddr` into the first six bytes.
pub fn parse(text: &str) -> Result<[u8; 8]> {
    let trimmed = trim_str(text);
    let separator = trimmed.bytes().find(|b| !b.is_ascii_hexdigit());
    let value = match separator {
        None => (trimmed.len() == 12).then(|| pack(trimmed.bytes())).flatten(),
        Some(b':' | b'-' | b'.') => parse_groups(trimmed, separator.unwrap_or(b':')),
        Some(_) => None,
    };
    value.ok_or_else(|| match parse_loose(trimmed) {
        Some(()) => err!(NUMERIC_VALUE_OUT_OF_RANGE, "invalid octet value in \"macaddr\" value: \"{text}\""),
        None => invalid_syntax("macaddr", text),
    })
}

/// Six groups of which one is larger than an octet?
fn parse_loose(text: &str) -> Option<()> {
    let separator = if text.contains(':') { ':' } else { '-' };
    let groups: Vec<&str> = text.split(separator).collect();
    (groups.len() == 6 && groups.iter().all(|g| !g.is_empty() && g.bytes().all(|b| b.is_ascii_hexdigit()))).then_some(())
}

fn pack(digits: impl Iterator<Item = u8>) -> Option<[u8; 8]> {
    let mut value = [0; 8];
    for (i, digit) in digits.enumerate() {
        let nibble = hex_value(digit)?;
        *value.get_mut(i / 2)? |= if i % 2 == 0 { nibble << 4 } else { nibble };
    }
    Some(value)
}

fn parse_groups(text: &str, separator: u8) -> Option<[u8; 8]> {
    let groups: Vec<&str> = text.split(separator as char).collect();
    for (sep, width) in LAYOUTS {
        if sep != Some(separator) || groups.len() != 12 / width {
            continue;
        }
        if width == 2 {
            // Octets may be written with one digit.
            let mut value = [0; 8];
            for (slot, group) in value.iter_mut().zip(&groups) {
                if group.is_empty() || group.len() > 2 {
                    return None;
                }
                *slot = u8::from_str_radix(group, 16).ok()?;
            }
            return Some(value);
        }
        if groups.iter().all(|g| g.len() == width) {
            return pack(groups.iter().flat_map(|g| g.bytes()));
        }
    }
    None
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
        let [low, tail @ ..] = tail else { return None };
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
