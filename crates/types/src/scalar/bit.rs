//! `bit` and `varbit`

use super::bytea::hex_value;
use crate::datum::{BitString, Datum};
use crate::scan::Reader;
use pglitedb_sqlstate::{Error, Result, err};
use std::sync::Arc;

/// Longest bit string.
const MAX_BITS: usize = i32::MAX as usize - 8;

/// Reads the text form: binary digits, optionally after `b`, or hexadecimal digits after `x`.
pub fn parse(text: &str) -> Result<BitString> {
    let bytes = text.as_bytes();
    let (hex, digits) = match bytes {
        [b'b' | b'B', rest @ ..] => (false, rest),
        [b'x' | b'X', rest @ ..] => (true, rest),
        _ => (false, bytes),
    };
    let bad = |at: usize, name: &str| {
        let start = bytes.len() - digits.len() + at;
        let c = text.get(start..).and_then(|t| t.chars().next()).unwrap_or('?');
        err!(INVALID_TEXT_REPRESENTATION, "\"{c}\" is not a valid {name} digit")
    };
    let len = digits.len() * if hex { 4 } else { 1 };
    if len > MAX_BITS {
        return Err(err!(
            PROGRAM_LIMIT_EXCEEDED,
            "bit string length exceeds the maximum allowed ({MAX_BITS})"
        ));
    }
    let mut out = vec![0u8; len.div_ceil(8)];
    for (i, &digit) in digits.iter().enumerate() {
        if hex {
            let value = hex_value(digit).ok_or_else(|| bad(i, "hexadecimal"))?;
            out[i / 2] |= if i % 2 == 0 { value << 4 } else { value };
        } else {
            match digit {
                b'0' => {}
                b'1' => out[i / 8] |= 0x80 >> (i % 8),
                _ => return Err(bad(i, "binary")),
            }
        }
    }
    Ok(BitString { len: len as u32, bytes: out })
}

/// Appends the text form.
pub fn write(value: &BitString, out: &mut Vec<u8>) {
    let digits = (0..value.len as usize).map(|i| {
        let byte = value.bytes.get(i / 8).copied().unwrap_or(0);
        if byte & 0x80 >> (i % 8) != 0 { b'1' } else { b'0' }
    });
    out.extend(digits);
}

/// The value cut or padded with zeros on the right to `len` bits.
pub fn resize(value: &BitString, len: u32) -> BitString {
    let mut bytes = value.bytes.clone();
    bytes.resize(len.div_ceil(8) as usize, 0);
    if !len.is_multiple_of(8)
        && let Some(last) = bytes.last_mut()
    {
        *last &= !(0xffu16 >> (len % 8)) as u8;
    }
    BitString { len, bytes }
}

#[cold]
fn mismatch(len: u32, wanted: i32) -> Error {
    err!(STRING_DATA_LENGTH_MISMATCH, "bit string length {len} does not match type bit({wanted})")
}

#[cold]
fn too_long(wanted: i32) -> Error {
    err!(STRING_DATA_RIGHT_TRUNCATION, "bit string too long for type bit varying({wanted})")
}

/// A `bit(n)`: the length must be right, unless the cast is explicit.
pub fn apply_bit(value: &Arc<BitString>, typmod: i32, explicit: bool) -> Result<Datum> {
    if typmod <= 0 || value.len == typmod as u32 {
        return Ok(Datum::Bit(value.clone()));
    }
    if !explicit {
        return Err(mismatch(value.len, typmod));
    }
    Ok(Datum::Bit(Arc::new(resize(value, typmod as u32))))
}

/// A `varbit(n)`: must not be longer, unless the cast is explicit.
pub fn apply_varbit(value: &Arc<BitString>, typmod: i32, explicit: bool) -> Result<Datum> {
    if typmod <= 0 || value.len <= typmod as u32 {
        return Ok(Datum::Bit(value.clone()));
    }
    if !explicit {
        return Err(too_long(typmod));
    }
    Ok(Datum::Bit(Arc::new(resize(value, typmod as u32))))
}

/// Reads the binary form.
pub fn recv(reader: &mut Reader<'_>) -> Result<BitString> {
    let len = u32::try_from(reader.i32()?)
        .ok()
        .filter(|&len| len as usize <= MAX_BITS)
        .ok_or_else(|| err!(INVALID_BINARY_REPRESENTATION, "invalid length in external bit string"))?;
    let bytes = reader.take(len.div_ceil(8) as usize)?.to_vec();
    Ok(resize(&BitString { len, bytes }, len))
}

/// Appends the binary form.
pub fn send(value: &BitString, out: &mut Vec<u8>) {
    out.extend_from_slice(&value.len.to_be_bytes());
    out.extend_from_slice(&value.bytes);
}
