//! `money`, in the C locale's format: `$1,234.56`.

use crate::scan::{invalid_syntax, is_space};
use pglitedb_sqlstate::{Result, err};

/// Digits after the point.
const FRACTION: u32 = 2;

/// Reads an amount: optional sign (or parentheses) and `$`, digits with thousands separators, fraction rounded half up.
pub fn parse(text: &str) -> Result<i64> {
    let bytes = text.as_bytes();
    let out_of_range = || err!(NUMERIC_VALUE_OUT_OF_RANGE, "value \"{text}\" is out of range for type money");
    let bad = || invalid_syntax("money", text);
    let mut at = 0;
    let skip = |at: &mut usize| {
        while bytes.get(*at).is_some_and(|&b| is_space(b)) {
            *at += 1;
        }
    };
    let mut negative = false;
    skip(&mut at);
    if bytes.get(at) == Some(&b'$') {
        at += 1;
        skip(&mut at);
    }
    match bytes.get(at) {
        Some(b'-' | b'(') => {
            negative = true;
            at += 1;
        }
        Some(b'+') => at += 1,
        _ => {}
    }
    skip(&mut at);
    if bytes.get(at) == Some(&b'$') {
        at += 1;
    }
    skip(&mut at);
    // Counted downwards, so that the smallest amount fits.
    let mut value = 0i64;
    let mut decimals: Option<u32> = None;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'0'..=b'9' if decimals.unwrap_or(0) < FRACTION => {
                let digit = i64::from(byte - b'0');
                value = value.checked_mul(10).and_then(|v| v.checked_sub(digit)).ok_or_else(out_of_range)?;
                decimals = decimals.map(|d| d + 1);
            }
            b'0'..=b'9' => break,
            b'.' if decimals.is_none() => decimals = Some(0),
            b',' => {}
            _ => break,
        }
        at += 1;
    }
    // The first digit that does not fit decides the rounding.
    if let Some(b'5'..=b'9') = bytes.get(at) {
        value = value.checked_sub(1).ok_or_else(out_of_range)?;
    }
    for _ in decimals.unwrap_or(0)..FRACTION {
        value = value.checked_mul(10).ok_or_else(out_of_range)?;
    }
    while bytes.get(at).is_some_and(u8::is_ascii_digit) {
        at += 1;
    }
    let mut dollar_seen = false;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b')' => {}
            b'-' => negative = true,
            b'$' if !dollar_seen => dollar_seen = true,
            b if is_space(b) => {}
            _ => return Err(bad()),
        }
        at += 1;
    }
    if negative { Ok(value) } else { value.checked_neg().ok_or_else(out_of_range) }
}

/// Appends the text form.
pub fn write(value: i64, out: &mut Vec<u8>) {
    if value < 0 {
        out.push(b'-');
    }
    out.push(b'$');
    let magnitude = value.unsigned_abs();
    let whole = (magnitude / 100).to_string();
    for (i, digit) in whole.bytes().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(b',');
        }
        out.push(digit);
    }
    let cents = (magnitude % 100) as u8;
    out.extend_from_slice(&[b'.', b'0' + cents / 10, b'0' + cents % 10]);
}
