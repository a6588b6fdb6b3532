//! `bit` and `bit varying`.

use crate::Registry;
use crate::convert::{byte_order, order};
use crate::number::integer::{int4_range, int8_range};
use pglitedb_sqlstate::{Error, Result, bail, err};
use pglitedb_types::BitString;
use std::cmp::Ordering;

/// More bits than PostgreSQL stores.
const MAX_BITS: i64 = 83_886_080;

fn zeros(len: u32) -> BitString {
    BitString { len, bytes: vec![0; len.div_ceil(8) as usize] }
}

fn bit_of(bits: &BitString, at: u32) -> bool {
    bits.bytes.get((at / 8) as usize).is_some_and(|byte| byte >> (7 - at % 8) & 1 == 1)
}

fn put(bits: &mut BitString, at: u32, value: bool) {
    if let Some(byte) = bits.bytes.get_mut((at / 8) as usize) {
        let mask = 0x80 >> (at % 8);
        *byte = if value { *byte | mask } else { *byte & !mask };
    }
}

/// `count` bits from `from` on; beyond the end they are zero.
fn slice(bits: &BitString, from: u32, count: u32) -> BitString {
    let mut out = zeros(count);
    let (skip, shift) = ((from / 8) as usize, from % 8);
    for (at, byte) in out.bytes.iter_mut().enumerate() {
        let high = bits.bytes.get(skip + at).copied().unwrap_or(0);
        let low = bits.bytes.get(skip + at + 1).copied().unwrap_or(0);
        *byte = ((u16::from(high) << 8 | u16::from(low)) << shift >> 8) as u8;
    }
    clear_tail(&mut out);
    out
}

fn clear_tail(bits: &mut BitString) {
    if !bits.len.is_multiple_of(8)
        && let Some(last) = bits.bytes.last_mut()
    {
        *last &= 0xff << (8 - bits.len % 8);
    }
}

/// Unequal lengths compare by their common bits first.
pub fn compare(a: &BitString, b: &BitString) -> Ordering {
    a.bytes.cmp(&b.bytes).then(a.len.cmp(&b.len))
}

/// The same as comparison functions return it.
fn bit_order(a: &BitString, b: &BitString) -> i32 {
    let common = a.bytes.len().min(b.bytes.len());
    match byte_order(&a.bytes[..common], &b.bytes[..common]) {
        0 => order(a.len.cmp(&b.len)),
        difference => difference,
    }
}

fn concat(a: &BitString, b: &BitString) -> Result<BitString> {
    let len = i64::from(a.len) + i64::from(b.len);
    if len > MAX_BITS {
        bail!(PROGRAM_LIMIT_EXCEEDED, "bit string length exceeds the maximum allowed ({MAX_BITS})");
    }
    let mut out = zeros(len as u32);
    out.bytes[..a.bytes.len()].copy_from_slice(&a.bytes);
    let (skip, shift) = ((a.len / 8) as usize, a.len % 8);
    for (at, byte) in b.bytes.iter().enumerate() {
        let wide = (u16::from(*byte) << 8) >> shift;
        for (offset, part) in wide.to_be_bytes().into_iter().enumerate() {
            if let Some(slot) = out.bytes.get_mut(skip + at + offset) {
                *slot |= part;
            }
        }
    }
    Ok(out)
}

fn pairwise(a: &BitString, b: &BitString, name: &str, op: fn(u8, u8) -> u8) -> Result<BitString> {
    if a.len != b.len {
        bail!(STRING_DATA_LENGTH_MISMATCH, "cannot {name} bit strings of different sizes");
    }
    let bytes = a.bytes.iter().zip(&b.bytes).map(|(x, y)| op(*x, *y)).collect();
    Ok(BitString { len: a.len, bytes })
}

fn not(a: &BitString) -> BitString {
    let mut out = BitString { len: a.len, bytes: a.bytes.iter().map(|byte| !byte).collect() };
    clear_tail(&mut out);
    out
}

fn shift(a: &BitString, by: i64) -> BitString {
    let distance = by.unsigned_abs();
    if distance >= u64::from(a.len) {
        return zeros(a.len);
    }
    let distance = distance as u32;
    if by >= 0 {
        return slice(a, distance, a.len);
    }
    let kept = slice(a, 0, a.len - distance);
    concat(&zeros(distance), &kept).unwrap_or_else(|_| zeros(a.len))
}

fn substring(a: &BitString, start: i32, length: Option<i32>) -> Result<BitString> {
    let from = i64::from(start).max(1) - 1;
    let end = match length {
        None => i64::from(a.len),
        Some(length) if length < 0 => bail!(SUBSTRING_ERROR, "negative substring length not allowed"),
        Some(length) => (i64::from(start) + i64::from(length) - 1).min(a.len.into()),
    };
    if end <= from {
        return Ok(zeros(0));
    }
    Ok(slice(a, from as u32, (end - from) as u32))
}

fn overlay(a: &BitString, with: &BitString, start: i32, length: i32) -> Result<BitString> {
    if start <= 0 {
        bail!(SUBSTRING_ERROR, "negative substring length not allowed");
    }
    let after = start.checked_add(length).ok_or_else(int4_range)?;
    concat(&concat(&substring(a, 1, Some(start - 1))?, with)?, &substring(a, after, None)?)
}

fn position(a: &BitString, part: &BitString) -> i32 {
    let Some(last) = a.len.checked_sub(part.len).filter(|_| a.len > 0) else { return 0 };
    if part.len == 0 {
        return 1;
    }
    let found = (0..=last).find(|from| (0..part.len).all(|at| bit_of(a, from + at) == bit_of(part, at)));
    found.map_or(0, |from| from as i32 + 1)
}

fn index(a: &BitString, at: i32) -> Result<u32> {
    u32::try_from(at).ok().filter(|at| *at < a.len).ok_or_else(|| index_error(at, a.len))
}

#[cold]
fn index_error(at: i32, len: u32) -> Error {
    err!(ARRAY_SUBSCRIPT_ERROR, "bit index {at} out of valid range (0..{})", i64::from(len) - 1)
}

fn set_bit(a: &BitString, at: i32, value: i32) -> Result<BitString> {
    let at = index(a, at)?;
    if !(0..=1).contains(&value) {
        bail!(INVALID_PARAMETER_VALUE, "new bit must be 0 or 1");
    }
    let mut out = a.clone();
    put(&mut out, at, value == 1);
    Ok(out)
}

/// The cast to `bit(n)`.
fn to_bit(a: &BitString, len: i32, explicit: bool) -> Result<BitString> {
    let Some(wanted) = u32::try_from(len).ok().filter(|wanted| *wanted > 0 && *wanted != a.len) else {
        return Ok(a.clone());
    };
    if i64::from(wanted) > MAX_BITS {
        bail!(INVALID_PARAMETER_VALUE, "length for type bit cannot exceed {MAX_BITS}");
    }
    if !explicit {
        bail!(STRING_DATA_LENGTH_MISMATCH, "bit string length {} does not match type bit({wanted})", a.len);
    }
    Ok(slice(a, 0, wanted))
}

/// The cast to `bit varying(n)`.
fn to_varbit(a: &BitString, len: i32, explicit: bool) -> Result<BitString> {
    let Some(limit) = u32::try_from(len).ok().filter(|limit| *limit > 0 && *limit < a.len) else {
        return Ok(a.clone());
    };
    if !explicit {
        bail!(STRING_DATA_RIGHT_TRUNCATION, "bit string too long for type bit varying({limit})");
    }
    Ok(slice(a, 0, limit))
}

/// The lowest `len` bits of a number, sign-extended.
fn from_integer(value: i64, len: i32) -> BitString {
    let len = u32::try_from(len).ok().filter(|len| *len > 0 && i64::from(*len) <= MAX_BITS).unwrap_or(1);
    let mut out = zeros(len);
    for at in 0..len {
        put(&mut out, len - 1 - at, value >> at.min(63) & 1 == 1);
    }
    out
}

fn to_integer(a: &BitString, width: u32) -> Option<u64> {
    if a.len > width {
        return None;
    }
    Some((0..a.len).fold(0, |value, at| value << 1 | u64::from(bit_of(a, at))))
}

pub(crate) fn register(reg: &mut Registry) {
    comparisons!(reg; "bit" => |a: &BitString, b: &BitString| compare(a, b););
    scalars!(reg;
        "bitcmp" => |a: &BitString, b: &BitString| bit_order(a, b);
        "bitcat" => |a: &BitString, b: &BitString| concat(a, b);
        "bit_and" => |a: &BitString, b: &BitString| pairwise(a, b, "AND", |x, y| x & y);
        "bit_or" => |a: &BitString, b: &BitString| pairwise(a, b, "OR", |x, y| x | y);
        "bitxor" => |a: &BitString, b: &BitString| pairwise(a, b, "XOR", |x, y| x ^ y);
        "bitnot" => |a: &BitString| not(a);
        "bitshiftleft" => |a: &BitString, by: i32| shift(a, by.into());
        "bitshiftright" => |a: &BitString, by: i32| shift(a, -i64::from(by));
        "bitsubstr" => |a: &BitString, start: i32, length: i32| substring(a, start, Some(length));
        "bitsubstr_no_len" => |a: &BitString, start: i32| substring(a, start, None);
        "bitoverlay" => |a: &BitString, b: &BitString, start: i32, length: i32| overlay(a, b, start, length);
        "bitoverlay_no_len" => |a: &BitString, b: &BitString, start: i32| overlay(a, b, start, b.len as i32);
        "bitposition" => |a: &BitString, b: &BitString| position(a, b);
        "bitlength" => |a: &BitString| a.len as i32;
        "bitoctetlength" => |a: &BitString| a.len.div_ceil(8) as i32;
        "sql:1812" => |a: &BitString| a.len as i32;
        "bit_bit_count" => |a: &BitString| a.bytes.iter().map(|byte| i64::from(byte.count_ones())).sum::<i64>();
        "bitgetbit" => |a: &BitString, at: i32| index(a, at).map(|at| i32::from(bit_of(a, at)));
        "bitsetbit" => |a: &BitString, at: i32, value: i32| set_bit(a, at, value);
        "bit" => |a: &BitString, len: i32, explicit: bool| to_bit(a, len, explicit);
        "varbit" => |a: &BitString, len: i32, explicit: bool| to_varbit(a, len, explicit);
        "bitfromint4" => |a: i32, len: i32| from_integer(a.into(), len);
        "bitfromint8" => |a: i64, len: i32| from_integer(a, len);
        "bittoint4" => |a: &BitString| to_integer(a, 32).map(|v| v as u32 as i32).ok_or_else(int4_range);
        "bittoint8" => |a: &BitString| to_integer(a, 64).map(|v| v as i64).ok_or_else(int8_range);
    );
}
