//! `bytea`.

use crate::Registry;
use crate::convert::byte_order;
use crate::number::integer::int4_range;
use pglitedb_sqlstate::{Error, Result, bail, err};
use std::sync::Arc;

fn substring(bytes: &[u8], start: i32, length: Option<i32>) -> Result<&[u8]> {
    let first = i64::from(start).max(1) - 1;
    let end = match length {
        None => i64::MAX,
        Some(length) if length < 0 => bail!(SUBSTRING_ERROR, "negative substring length not allowed"),
        Some(length) => i64::from(start) + i64::from(length) - 1,
    };
    let clamp = |at: i64| usize::try_from(at.max(0)).unwrap_or(usize::MAX).min(bytes.len());
    let (from, to) = (clamp(first), clamp(end));
    Ok(if to > from { &bytes[from..to] } else { &[] })
}

fn overlay(bytes: &[u8], with: &[u8], start: i32, length: i32) -> Result<Vec<u8>> {
    if start <= 0 {
        bail!(SUBSTRING_ERROR, "negative substring length not allowed");
    }
    let after = start.checked_add(length).ok_or_else(int4_range)?;
    Ok([substring(bytes, 1, Some(start - 1))?, with, substring(bytes, after, None)?].concat())
}

/// 1-based position, 0 if absent.
pub fn position(bytes: &[u8], part: &[u8]) -> i32 {
    if part.is_empty() {
        return 1;
    }
    let at = bytes.windows(part.len()).position(|window| window == part);
    at.and_then(|at| i32::try_from(at + 1).ok()).unwrap_or(0)
}

fn trim<'a>(bytes: &'a [u8], set: &[u8], start: bool, end: bool) -> &'a [u8] {
    let mut rest = bytes;
    while start
        && let [first, tail @ ..] = rest
        && set.contains(first)
    {
        rest = tail;
    }
    while end
        && let [head @ .., last] = rest
        && set.contains(last)
    {
        rest = head;
    }
    rest
}

fn index_error(index: i64, len: usize) -> Error {
    err!(ARRAY_SUBSCRIPT_ERROR, "index {index} out of valid range, 0..{}", len as i64 - 1)
}

fn byte_at(bytes: &[u8], index: i32) -> Result<u8> {
    let at = usize::try_from(index).ok().and_then(|at| bytes.get(at)).copied();
    at.ok_or_else(|| index_error(index.into(), bytes.len()))
}

/// Byte and mask of a bit; bits count from the least significant one of the first byte.
fn bit_at(bytes: &[u8], index: i64) -> Result<(usize, u32)> {
    let at = usize::try_from(index).ok().filter(|at| at / 8 < bytes.len());
    at.map(|at| (at / 8, (at % 8) as u32)).ok_or_else(|| index_error(index, bytes.len().saturating_mul(8)))
}

fn set_bit(bytes: &[u8], index: i64, value: i32) -> Result<Vec<u8>> {
    let (at, shift) = bit_at(bytes, index)?;
    if !(0..=1).contains(&value) {
        bail!(INVALID_PARAMETER_VALUE, "new bit must be 0 or 1");
    }
    let mut out = bytes.to_vec();
    out[at] = out[at] & !(1 << shift) | (value as u8) << shift;
    Ok(out)
}

fn set_byte(bytes: &[u8], index: i32, value: i32) -> Result<Vec<u8>> {
    byte_at(bytes, index)?;
    let mut out = bytes.to_vec();
    out[index as usize] = value as u8;
    Ok(out)
}

pub(crate) fn register(reg: &mut Registry) {
    comparisons!(reg; "bytea" => |a: &[u8], b: &[u8]| a.cmp(b););
    scalars!(reg;
        "byteacmp" => |a: &[u8], b: &[u8]| byte_order(a, b);
        "byteacat" => |a: &[u8], b: &[u8]| [a, b].concat();
        "bytea_substr" => |a: &[u8], start: i32, length: i32| {
            substring(a, start, Some(length)).map(<[u8]>::to_vec)
        };
        "bytea_substr_no_len" => |a: &[u8], start: i32| substring(a, start, None).map(<[u8]>::to_vec);
        "byteaoverlay" => |a: &[u8], b: &[u8], start: i32, length: i32| overlay(a, b, start, length);
        "byteaoverlay_no_len" => |a: &[u8], b: &[u8], start: i32| {
            overlay(a, b, start, i32::try_from(b.len()).map_err(|_| int4_range())?)
        };
        "byteapos" => |a: &[u8], b: &[u8]| position(a, b);
        "byteatrim" => |a: &[u8], b: &[u8]| trim(a, b, true, true).to_vec();
        "bytealtrim" => |a: &[u8], b: &[u8]| trim(a, b, true, false).to_vec();
        "byteartrim" => |a: &[u8], b: &[u8]| trim(a, b, false, true).to_vec();
        "bytea_reverse" => |a: &[u8]| a.iter().rev().copied().collect::<Vec<u8>>();
        "bytea_bit_count" => |a: &[u8]| a.iter().map(|byte| i64::from(byte.count_ones())).sum::<i64>();
        "bytea_larger" => |a: &Arc<[u8]>, b: &Arc<[u8]>| if a > b { a.clone() } else { b.clone() };
        "bytea_smaller" => |a: &Arc<[u8]>, b: &Arc<[u8]>| if a < b { a.clone() } else { b.clone() };
        "byteaGetByte" => |a: &[u8], index: i32| byte_at(a, index).map(i32::from);
        "byteaGetBit" => |a: &[u8], index: i64| bit_at(a, index).map(|(at, shift)| i32::from(a[at] >> shift & 1));
        "byteaSetByte" => |a: &[u8], index: i32, value: i32| set_byte(a, index, value);
        "byteaSetBit" => |a: &[u8], index: i64, value: i32| set_bit(a, index, value);
        "length_in_encoding" => |a: &[u8], encoding: &str| {
            super::encoding::length(a, encoding)?
        };
    );
}

/// Bytes as text of the server's encoding.
pub fn utf8(bytes: &[u8]) -> Result<&str> {
    std::str::from_utf8(bytes).map_err(|error| {
        let bad = bytes.get(error.valid_up_to()..).unwrap_or_default();
        super::encoding::invalid(bad, super::encoding::Encoding::UTF8)
    })
}
