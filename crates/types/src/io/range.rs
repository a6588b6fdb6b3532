//! Ranges and multiranges: `[1,5)`, `empty`, `{[1,3),[7,9)}`.

use super::binary::{patch_len, send_with_len};
use super::record::unquote;
use super::{input as input_value, output as output_value, quote_in_place, recv as recv_value};
use crate::Comparator;
use crate::compare::{compare_lower, compare_upper};
use crate::datum::{Datum, RangeValue};
use crate::env::{TypeEnv, TypeInfo};
use crate::oids::{self, Oid};
use crate::scan::{Reader, is_space};
use pglitedb_sqlstate::{Error, Result, err};
use std::cmp::Ordering;
use std::sync::Arc;

const FLAG_EMPTY: u8 = 0x01;
const FLAG_LOWER_INCLUSIVE: u8 = 0x02;
const FLAG_UPPER_INCLUSIVE: u8 = 0x04;
const FLAG_LOWER_INFINITE: u8 = 0x08;
const FLAG_UPPER_INFINITE: u8 = 0x10;

/// Puts a range in canonical form: bounds in order (`22000` otherwise), empty if it contains nothing, and of discrete
/// types `[)`. `lower` and `upper` are `None` where the range is not bounded.
pub fn make_range(
    range_type: Oid,
    lower: Option<Datum>,
    upper: Option<Datum>,
    lower_inclusive: bool,
    upper_inclusive: bool,
    env: &dyn TypeEnv,
) -> Result<RangeValue> {
    let mut range = RangeValue {
        range_type,
        empty: false,
        lower_inclusive: lower_inclusive && lower.is_some(),
        upper_inclusive: upper_inclusive && upper.is_some(),
        lower,
        upper,
    };
    let info = env.type_info(range_type)?;
    let comparator = Comparator::new(info.range_subtype, info.range_collation, env)?;
    check_order(&mut range, &comparator)?;
    if range.empty || info.range_canonical == 0 {
        return Ok(range);
    }
    if matches!(range_type, oids::INT4RANGE | oids::INT8RANGE | oids::DATERANGE) {
        return canonical_discrete(&range, env);
    }
    let canonical = [Datum::Range(Arc::new(range))];
    match env.call_function(info.range_canonical, &canonical, range_type)? {
        Datum::Range(range) if range.range_type == range_type => Ok((*range).clone()),
        _ => Err(Error::internal("a canonical function did not return a range of its type")),
    }
}

/// The canonical form `[)` of a range over integers or dates: what `int4range_canonical` and its like do.
pub fn canonical_discrete(range: &RangeValue, env: &dyn TypeEnv) -> Result<RangeValue> {
    let mut range = range.clone();
    if !range.empty {
        let info = env.type_info(range.range_type)?;
        canonicalize(&mut range)?;
        check_order(&mut range, &Comparator::new(info.range_subtype, info.range_collation, env)?)?;
    }
    Ok(range)
}

/// Errors if the bounds are in the wrong order; turns the range empty if nothing is between them.
fn check_order(range: &mut RangeValue, comparator: &Comparator) -> Result<()> {
    if range.empty {
        return Ok(());
    }
    if let (Some(lower), Some(upper)) = (&range.lower, &range.upper) {
        match comparator.compare(lower, upper) {
            Ordering::Greater => {
                return Err(err!(
                    DATA_EXCEPTION,
                    "range lower bound must be less than or equal to range upper bound"
                ));
            }
            Ordering::Equal if !(range.lower_inclusive && range.upper_inclusive) => {
                *range = empty(range.range_type);
            }
            _ => {}
        }
    }
    Ok(())
}

fn empty(range_type: Oid) -> RangeValue {
    RangeValue {
        range_type,
        empty: true,
        lower: None,
        upper: None,
        lower_inclusive: false,
        upper_inclusive: false,
    }
}

fn canonicalize(range: &mut RangeValue) -> Result<()> {
    if let Some(lower) = &range.lower
        && !range.lower_inclusive
        && let Some(next) = successor(lower)?
    {
        range.lower = Some(next);
        range.lower_inclusive = true;
    }
    if let Some(upper) = &range.upper
        && range.upper_inclusive
        && let Some(next) = successor(upper)?
    {
        range.upper = Some(next);
        range.upper_inclusive = false;
    }
    Ok(())
}

/// The day after the last one that `date` has, in days since 2000.
const END_DATE: i32 = 2_145_031_949;

/// The next value; `None` for the infinite dates, which have none.
fn successor(value: &Datum) -> Result<Option<Datum>> {
    let out_of_range = |what: &str| err!(NUMERIC_VALUE_OUT_OF_RANGE, "{what} out of range");
    Ok(match value {
        Datum::Int4(v) => Some(Datum::Int4(v.checked_add(1).ok_or_else(|| out_of_range("integer"))?)),
        Datum::Int8(v) => Some(Datum::Int8(v.checked_add(1).ok_or_else(|| out_of_range("bigint"))?)),
        Datum::Date(i32::MIN | i32::MAX) => None,
        Datum::Date(v) => {
            let next = v.checked_add(1).filter(|&day| day < END_DATE);
            let next = next.ok_or_else(|| err!(DATETIME_FIELD_OVERFLOW, "date out of range"))?;
            Some(Datum::Date(next))
        }
        _ => None,
    })
}

fn malformed(text: &str, detail: &str) -> Error {
    err!(INVALID_TEXT_REPRESENTATION, "malformed range literal: \"{text}\"").detail(detail)
}

fn skip_space(bytes: &[u8], at: usize) -> usize {
    at + bytes[at..].iter().take_while(|&&b| is_space(b)).count()
}

/// Reads a range.
pub(super) fn input(text: &str, info: &TypeInfo, env: &dyn TypeEnv) -> Result<Datum> {
    parse(text, info, env).map(|range| Datum::Range(Arc::new(range)))
}

fn parse(text: &str, info: &TypeInfo, env: &dyn TypeEnv) -> Result<RangeValue> {
    let bytes = text.as_bytes();
    let mut at = skip_space(bytes, 0);
    if bytes.get(at..at + 5).is_some_and(|word| word.eq_ignore_ascii_case(b"empty")) {
        if skip_space(bytes, at + 5) < bytes.len() {
            return Err(malformed(text, "Junk after \"empty\" key word."));
        }
        return Ok(empty(info.oid));
    }
    let lower_inclusive = match bytes.get(at) {
        Some(b'[') => true,
        Some(b'(') => false,
        _ => return Err(malformed(text, "Missing left parenthesis or bracket.")),
    };
    at += 1;
    let lower = bound(text, &mut at)?;
    if bytes.get(at) != Some(&b',') {
        return Err(malformed(text, "Missing comma after lower bound."));
    }
    at += 1;
    let upper = bound(text, &mut at)?;
    let upper_inclusive = match bytes.get(at) {
        Some(b']') => true,
        Some(b')') => false,
        _ => return Err(malformed(text, "Too many commas.")),
    };
    if skip_space(bytes, at + 1) < bytes.len() {
        return Err(malformed(text, "Junk after right parenthesis or bracket."));
    }
    let value = |text: Option<String>| text.map(|t| input_value(&t, info.range_subtype, -1, env)).transpose();
    make_range(info.oid, value(lower)?, value(upper)?, lower_inclusive, upper_inclusive, env)
}

/// The text of a bound at `at`, `None` if it is infinite.
fn bound(text: &str, at: &mut usize) -> Result<Option<String>> {
    if matches!(text.as_bytes().get(*at), Some(b',' | b')' | b']')) {
        return Ok(None);
    }
    let (value, end) =
        unquote(text, *at, b",)]").ok_or_else(|| malformed(text, "Unexpected end of input."))?;
    *at = end;
    Ok(Some(value))
}

fn needs_quotes(text: &[u8]) -> bool {
    text.is_empty()
        || text.iter().any(|&b| matches!(b, b'"' | b'\\' | b'(' | b')' | b'[' | b']' | b',') || is_space(b))
}

/// Appends the text form.
pub(super) fn output(range: &RangeValue, env: &dyn TypeEnv, out: &mut Vec<u8>) -> Result<()> {
    if range.empty {
        out.extend_from_slice(b"empty");
        return Ok(());
    }
    let subtype = env.type_info(range.range_type)?.range_subtype;
    let write = |value: &Option<Datum>, out: &mut Vec<u8>| -> Result<()> {
        let Some(value) = value else { return Ok(()) };
        let start = out.len();
        output_value(value, subtype, env, out)?;
        if needs_quotes(&out[start..]) {
            quote_in_place(out, start, true);
        }
        Ok(())
    };
    out.push(if range.lower_inclusive { b'[' } else { b'(' });
    write(&range.lower, out)?;
    out.push(b',');
    write(&range.upper, out)?;
    out.push(if range.upper_inclusive { b']' } else { b')' });
    Ok(())
}

/// Reads the binary form.
pub(super) fn recv(reader: &mut Reader<'_>, info: &TypeInfo, env: &dyn TypeEnv) -> Result<RangeValue> {
    let flags = reader.u8()?;
    if flags & FLAG_EMPTY != 0 {
        return Ok(empty(info.oid));
    }
    let mut bound = |infinite: u8| -> Result<Option<Datum>> {
        if flags & infinite != 0 {
            return Ok(None);
        }
        let len = usize::try_from(reader.i32()?).unwrap_or(usize::MAX);
        recv_value(reader.take(len)?, info.range_subtype, -1, env).map(Some)
    };
    let lower = bound(FLAG_LOWER_INFINITE)?;
    let upper = bound(FLAG_UPPER_INFINITE)?;
    let (low, high) = (flags & FLAG_LOWER_INCLUSIVE != 0, flags & FLAG_UPPER_INCLUSIVE != 0);
    make_range(info.oid, lower, upper, low, high, env)
}

/// Appends the binary form.
pub(super) fn send(range: &RangeValue, env: &dyn TypeEnv, out: &mut Vec<u8>) -> Result<()> {
    if range.empty {
        out.push(FLAG_EMPTY);
        return Ok(());
    }
    let flag = |on: bool, bit: u8| if on { bit } else { 0 };
    out.push(
        flag(range.lower_inclusive, FLAG_LOWER_INCLUSIVE)
            | flag(range.upper_inclusive, FLAG_UPPER_INCLUSIVE)
            | flag(range.lower.is_none(), FLAG_LOWER_INFINITE)
            | flag(range.upper.is_none(), FLAG_UPPER_INFINITE),
    );
    let subtype = env.type_info(range.range_type)?.range_subtype;
    for value in range.lower.iter().chain(&range.upper) {
        send_with_len(value, subtype, env, out)?;
    }
    Ok(())
}

fn malformed_multirange(text: &str, detail: &str) -> Error {
    err!(INVALID_TEXT_REPRESENTATION, "malformed multirange literal: \"{text}\"").detail(detail)
}

/// Reads a multirange.
pub(super) fn input_multirange(text: &str, info: &TypeInfo, env: &dyn TypeEnv) -> Result<Datum> {
    let range_info = env.type_info(info.range_subtype)?;
    let bytes = text.as_bytes();
    let mut at = skip_space(bytes, 0);
    if bytes.get(at) != Some(&b'{') {
        return Err(malformed_multirange(text, "Missing left brace."));
    }
    at = skip_space(bytes, at + 1);
    let mut ranges = Vec::new();
    let mut first = true;
    loop {
        match bytes.get(at) {
            None => return Err(malformed_multirange(text, "Unexpected end of input.")),
            Some(b'}') if first => break,
            Some(b'[' | b'(') => {
                let end = range_end(bytes, at)
                    .ok_or_else(|| malformed_multirange(text, "Unexpected end of input."))?;
                ranges.push(parse(&text[at..end], &range_info, env)?);
                at = end;
            }
            _ if bytes.get(at..at + 5).is_some_and(|word| word.eq_ignore_ascii_case(b"empty")) => {
                ranges.push(empty(range_info.oid));
                at += 5;
            }
            _ => return Err(malformed_multirange(text, "Expected range start.")),
        }
        first = false;
        at = skip_space(bytes, at);
        match bytes.get(at) {
            None => return Err(malformed_multirange(text, "Unexpected end of input.")),
            Some(b'}') => break,
            Some(b',') => at = skip_space(bytes, at + 1),
            _ => return Err(malformed_multirange(text, "Expected comma or end of multirange.")),
        }
    }
    if skip_space(bytes, at + 1) < bytes.len() {
        return Err(malformed_multirange(text, "Junk after closing right brace."));
    }
    normalize_multirange(range_info.oid, ranges, env).map(|ranges| Datum::Multirange(Arc::from(ranges)))
}

/// Where the range that starts at `at` ends.
fn range_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    let mut quoted = false;
    loop {
        at += 1;
        match bytes.get(at)? {
            b'\\' => at += 1,
            b'"' => quoted = !quoted,
            b')' | b']' if !quoted => return Some(at + 1),
            _ => {}
        }
    }
}

/// Sorts ranges, drops empty ones and joins those that overlap or touch.
pub fn normalize_multirange(
    range_type: Oid,
    mut ranges: Vec<RangeValue>,
    env: &dyn TypeEnv,
) -> Result<Vec<RangeValue>> {
    let info = env.type_info(range_type)?;
    let comparator = Comparator::new(info.range_subtype, info.range_collation, env)?;
    let compare = |a: &Datum, b: &Datum| comparator.compare(a, b);
    ranges.retain(|range| !range.empty);
    ranges.sort_by(|a, b| compare_lower(a, b, compare).then_with(|| compare_upper(a, b, compare)));
    let mut joined: Vec<RangeValue> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match joined.last_mut() {
            Some(last) if reaches(last, &range, &comparator) => {
                if compare_upper(&range, last, compare).is_gt() {
                    last.upper = range.upper;
                    last.upper_inclusive = range.upper_inclusive;
                }
            }
            _ => joined.push(range),
        }
    }
    Ok(joined)
}

/// Does the first range's upper bound reach the second one's lower bound, without a gap?
fn reaches(first: &RangeValue, second: &RangeValue, comparator: &Comparator) -> bool {
    let (Some(upper), Some(lower)) = (&first.upper, &second.lower) else { return true };
    match comparator.compare(upper, lower) {
        Ordering::Greater => true,
        Ordering::Equal => first.upper_inclusive || second.lower_inclusive,
        Ordering::Less => false,
    }
}

/// Appends the text form of a multirange.
pub(super) fn output_multirange(ranges: &[RangeValue], env: &dyn TypeEnv, out: &mut Vec<u8>) -> Result<()> {
    out.push(b'{');
    for (i, range) in ranges.iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        output(range, env, out)?;
    }
    out.push(b'}');
    Ok(())
}

/// Reads the binary form of a multirange.
pub(super) fn recv_multirange(reader: &mut Reader<'_>, info: &TypeInfo, env: &dyn TypeEnv) -> Result<Datum> {
    let range_info = env.type_info(info.range_subtype)?;
    let count = reader.u32()? as usize;
    let mut ranges = Vec::with_capacity(count.min(reader.remaining() / 4));
    for _ in 0..count {
        let len = reader.u32()? as usize;
        let mut inner = Reader::new(reader.take(len)?);
        ranges.push(recv(&mut inner, &range_info, env)?);
        inner.finish()?;
    }
    normalize_multirange(range_info.oid, ranges, env).map(|ranges| Datum::Multirange(Arc::from(ranges)))
}

/// Appends the binary form of a multirange.
pub(super) fn send_multirange(ranges: &[RangeValue], env: &dyn TypeEnv, out: &mut Vec<u8>) -> Result<()> {
    out.extend_from_slice(&(ranges.len() as u32).to_be_bytes());
    for range in ranges {
        let at = out.len();
        out.extend_from_slice(&[0; 4]);
        send(range, env, out)?;
        patch_len(out, at);
    }
    Ok(())
}
