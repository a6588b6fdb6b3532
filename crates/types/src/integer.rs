//! `int2`, `int4`, `int8`, `oid` and the other integers: text form.

use crate::scan::{invalid_syntax, is_space, trim_space};
use pglitedb_sqlstate::{Error, Result, err};

/// Appends a decimal number.
#[inline]
pub fn write_i64(value: i64, out: &mut Vec<u8>) {
    if value < 0 {
        out.push(b'-');
    }
    write_u64(value.unsigned_abs(), out);
}

const PAIRS: [u8; 200] = {
    let mut table = [0; 200];
    let mut i = 0;
    while i < 100 {
        table[i * 2] = b'0' + (i / 10) as u8;
        table[i * 2 + 1] = b'0' + (i % 10) as u8;
        i += 1;
    }
    table
};

/// Appends a decimal number.
#[inline]
pub fn write_u64(mut value: u64, out: &mut Vec<u8>) {
    let mut buffer = [0u8; 20];
    let mut at = buffer.len();
    while value >= 100 {
        let pair = (value % 100) as usize * 2;
        value /= 100;
        at -= 2;
        buffer[at..at + 2].copy_from_slice(&PAIRS[pair..pair + 2]);
    }
    if value >= 10 {
        let pair = value as usize * 2;
        at -= 2;
        buffer[at..at + 2].copy_from_slice(&PAIRS[pair..pair + 2]);
    } else {
        at -= 1;
        buffer[at] = b'0' + value as u8;
    }
    out.extend_from_slice(&buffer[at..]);
}

enum Problem {
    Syntax,
    Range,
}

/// Reads an integer as PostgreSQL 16 and later do: decimal, `0x`, `0o`, `0b`, underscores between digits, white space
/// around it.
#[inline]
fn parse(text: &str, most: i64) -> std::result::Result<i64, Problem> {
    let bytes = text.as_bytes();
    // The common case: an optional minus and up to 18 digits.
    let (negative, digits) = match bytes {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, bytes),
    };
    if (1..=18).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit) && digits[0] != b'0' {
        let value = digits.iter().fold(0i64, |n, d| n * 10 + i64::from(d - b'0'));
        return Ok(if negative { -value } else { value });
    }
    parse_general(trim_space(bytes), most)
}

/// Reads an integer of a type whose largest value is `most`: digits beyond that are an overflow, whatever follows them.
fn parse_general(bytes: &[u8], most: i64) -> std::result::Result<i64, Problem> {
    let (negative, rest) = match bytes {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, bytes),
    };
    let (radix, mut digits) = match rest {
        [b'0', b'x' | b'X', digits @ ..] => (16, digits),
        [b'0', b'o' | b'O', digits @ ..] => (8, digits),
        [b'0', b'b' | b'B', digits @ ..] => (2, digits),
        _ => (10, rest),
    };
    if radix != 10 {
        // One underscore may follow the prefix.
        digits = digits.strip_prefix(b"_").unwrap_or(digits);
    }
    let mut value = 0i64;
    let mut overflow = false;
    let mut previous_digit = false;
    for &byte in digits {
        if byte == b'_' && previous_digit {
            previous_digit = false;
            continue;
        }
        let digit = (byte as char).to_digit(radix).ok_or(Problem::Syntax)?;
        // More digits follow a number that has no room for them.
        if value < (-most - 1) / i64::from(radix) {
            return Err(Problem::Range);
        }
        // Counted downwards, so that the smallest value fits.
        match value.checked_mul(i64::from(radix)).and_then(|v| v.checked_sub(i64::from(digit))) {
            Some(next) => value = next,
            None => overflow = true,
        }
        previous_digit = true;
    }
    if !previous_digit {
        return Err(Problem::Syntax);
    }
    if overflow {
        return Err(Problem::Range);
    }
    if negative { Ok(value) } else { value.checked_neg().ok_or(Problem::Range) }
}

#[cold]
fn out_of_range(type_name: &str, text: &str) -> Error {
    err!(NUMERIC_VALUE_OUT_OF_RANGE, "value \"{text}\" is out of range for type {type_name}")
}

fn parse_as<T: TryFrom<i64>>(type_name: &str, text: &str, most: i64) -> Result<T> {
    match parse(text, most) {
        Ok(value) => T::try_from(value).map_err(|_| out_of_range(type_name, text)),
        Err(Problem::Syntax) => Err(invalid_syntax(type_name, text)),
        Err(Problem::Range) => Err(out_of_range(type_name, text)),
    }
}

/// Reads an `int2`.
pub fn parse_int2(text: &str) -> Result<i16> {
    parse_as("smallint", text, i16::MAX.into())
}

/// Reads an `int4`.
#[inline]
pub fn parse_int4(text: &str) -> Result<i32> {
    parse_as("integer", text, i32::MAX.into())
}

/// Reads an `int8`.
#[inline]
pub fn parse_int8(text: &str) -> Result<i64> {
    parse_as("bigint", text, i64::MAX)
}

/// A number as C's `strtoul` reads it: base 10, or 8 and 16 by prefix; a minus sign wraps around. Returns it with the
/// text that follows; the number is `None` if it is too large.
fn parse_c_unsigned(text: &str) -> Option<(Option<u64>, bool, &str)> {
    let rest = text.trim_start_matches(|c: char| c.is_ascii() && is_space(c as u8));
    let (negative, rest) = match rest.as_bytes().first() {
        Some(b'-') => (true, &rest[1..]),
        Some(b'+') => (false, &rest[1..]),
        _ => (false, rest),
    };
    let (radix, digits) = match rest.as_bytes() {
        [b'0', b'x' | b'X', d, ..] if d.is_ascii_hexdigit() => (16, &rest[2..]),
        [b'0', ..] => (8, rest),
        _ => (10, rest),
    };
    let len = digits.bytes().take_while(|&b| (b as char).is_digit(radix)).count();
    if len == 0 {
        return None;
    }
    // All are digits, so the only failure is a number that is too large.
    let value = u64::from_str_radix(&digits[..len], radix).ok();
    Some((value, negative, &digits[len..]))
}

/// Reads an `oid` (also `xid`, `cid`), the whole text.
pub fn parse_oid(type_name: &str, text: &str) -> Result<u32> {
    let bytes = text.as_bytes();
    if (1..=9).contains(&bytes.len()) && bytes[0] != b'0' && bytes.iter().all(u8::is_ascii_digit) {
        return Ok(bytes.iter().fold(0, |n, d| n * 10 + u32::from(d - b'0')));
    }
    let (oid, rest) = parse_leading_oid(type_name, text)?;
    if rest.bytes().any(|b| !is_space(b)) {
        return Err(invalid_syntax(type_name, text));
    }
    Ok(oid)
}

/// Reads an `oid` at the beginning of a text, and returns what follows it.
pub fn parse_leading_oid<'a>(type_name: &str, text: &'a str) -> Result<(u32, &'a str)> {
    let Some((value, negative, rest)) = parse_c_unsigned(text) else {
        return Err(invalid_syntax(type_name, text));
    };
    let Some(value) = value else { return Err(out_of_range(type_name, text)) };
    let value = if negative { (value as i64).wrapping_neg() } else { value as i64 };
    // Both unsigned and sign-extended 32-bit numbers are taken.
    let signed = || i32::try_from(value).map(|signed| signed as u32);
    match u32::try_from(value).or_else(|_| signed()) {
        Ok(oid) => Ok((oid, rest)),
        Err(_) => Err(out_of_range(type_name, text)),
    }
}

/// Reads an `xid8`.
pub fn parse_xid8(text: &str) -> Result<u64> {
    match parse_c_unsigned(text) {
        Some((value, negative, rest)) if rest.bytes().all(is_space) => {
            let value = value.ok_or_else(|| out_of_range("xid8", text))?;
            Ok(if negative { value.wrapping_neg() } else { value })
        }
        _ => Err(invalid_syntax("xid8", text)),
    }
}
