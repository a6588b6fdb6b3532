//! Functions that cut, join, search and pad strings.

use crate::Registry;
use crate::number::integer::int4_range;
use crate::text::compare::char_count;
use crate::text::find::{find, split};
use pglitedb_sqlstate::{Error, Result, bail, err};
use pglitedb_types::{Datum, build_text};
use std::sync::Arc;

/// The largest value PostgreSQL stores.
const MAX_LENGTH: usize = 0x3fff_ffff - 4;

#[cold]
fn too_large() -> Error {
    err!(PROGRAM_LIMIT_EXCEEDED, "requested length too large")
}

#[cold]
fn negative_length() -> Error {
    err!(SUBSTRING_ERROR, "negative substring length not allowed")
}

/// Byte offset of the character with this 0-based number, or the end.
fn byte_offset(text: &str, chars: usize) -> usize {
    if text.is_ascii() {
        return chars.min(text.len());
    }
    text.char_indices().nth(chars).map_or(text.len(), |(at, _)| at)
}

/// `substring(text from start for length)`; no length means up to the end.
pub fn substring(text: &str, start: i32, length: Option<i32>) -> Result<&str> {
    let first = i64::from(start).max(1) - 1;
    let end = match length {
        None => None,
        Some(length) => {
            let end = i64::from(start) + i64::from(length);
            if length < 0 {
                return Err(negative_length());
            }
            Some((end - 1).max(0))
        }
    };
    if end.is_some_and(|end| end <= first) {
        return Ok("");
    }
    let from = byte_offset(text, usize::try_from(first).unwrap_or(usize::MAX));
    let rest = &text[from..];
    Ok(match end {
        None => rest,
        Some(end) => &rest[..byte_offset(rest, usize::try_from(end - first).unwrap_or(usize::MAX))],
    })
}

fn overlay(text: &str, with: &str, start: i32, length: i32) -> Result<String> {
    if start <= 0 {
        return Err(negative_length());
    }
    let after = start.checked_add(length).ok_or_else(int4_range)?;
    Ok(format!("{}{with}{}", substring(text, 1, Some(start - 1))?, substring(text, after, None)?))
}

/// 1-based character position, 0 if absent.
pub fn position(text: &str, part: &str) -> i32 {
    find(text, part).and_then(|at| text.get(..at)).map_or(0, |before| char_count(before) + 1)
}

fn left(text: &str, count: i32) -> &str {
    let keep = if count >= 0 { count } else { char_count(text).saturating_add(count).max(0) };
    &text[..byte_offset(text, keep as usize)]
}

fn right(text: &str, count: i32) -> &str {
    let skip = if count >= 0 {
        char_count(text).saturating_sub(count).max(0)
    } else {
        count.checked_neg().unwrap_or(0)
    };
    &text[byte_offset(text, skip as usize)..]
}

fn pad(text: &str, length: i32, fill: &str, in_front: bool) -> Result<String> {
    let wanted = usize::try_from(length).unwrap_or(0);
    let have = usize::try_from(char_count(text)).unwrap_or(0);
    if have >= wanted || fill.is_empty() {
        return Ok(text[..byte_offset(text, wanted)].to_owned());
    }
    let missing = wanted - have;
    if missing.saturating_mul(4) > MAX_LENGTH {
        return Err(too_large());
    }
    let padding = fill.chars().cycle().take(missing);
    let mut out = String::with_capacity(text.len() + missing);
    if in_front {
        out.extend(padding);
        out.push_str(text);
    } else {
        out.push_str(text);
        out.extend(padding);
    }
    Ok(out)
}

fn trim<'a>(text: &'a str, set: &str, start: bool, end: bool) -> &'a str {
    let mut rest = text;
    if start {
        rest = rest.trim_start_matches(|c| set.contains(c));
    }
    if end {
        rest = rest.trim_end_matches(|c| set.contains(c));
    }
    rest
}

fn translate(text: &str, from: &str, to: &str) -> String {
    let to: Vec<char> = to.chars().collect();
    text.chars()
        .filter_map(|c| match from.chars().position(|f| f == c) {
            None => Some(c),
            Some(at) => to.get(at).copied(),
        })
        .collect()
}

fn repeat(text: &str, count: i32) -> Result<String> {
    let count = usize::try_from(count).unwrap_or(0);
    if text.len().saturating_mul(count) > MAX_LENGTH {
        return Err(too_large());
    }
    Ok(text.repeat(count))
}

fn split_part<'a>(text: &'a str, delimiter: &str, field: i32) -> Result<&'a str> {
    if field == 0 {
        bail!(INVALID_PARAMETER_VALUE, "field position must not be zero");
    }
    if text.is_empty() {
        return Ok("");
    }
    if delimiter.is_empty() {
        return Ok(if field == 1 || field == -1 { text } else { "" });
    }
    let skip = (field.unsigned_abs() - 1) as usize;
    let found = if field > 0 {
        split(text, delimiter).nth(skip)
    } else {
        // From the left all the same: overlapping delimiters split in that order.
        let parts: Vec<&str> = split(text, delimiter).collect();
        parts.len().checked_sub(skip + 1).map(|at| parts[at])
    };
    Ok(found.unwrap_or(""))
}

fn chr(code: i32) -> Result<Datum> {
    if code < 0 {
        bail!(INVALID_PARAMETER_VALUE, "character number must be positive");
    }
    if code == 0 {
        bail!(PROGRAM_LIMIT_EXCEEDED, "null character not permitted");
    }
    if code > 0x0010_FFFF {
        bail!(PROGRAM_LIMIT_EXCEEDED, "requested character too large for encoding: {code}");
    }
    match char::from_u32(code as u32) {
        Some(c) => Ok(Datum::text(c.encode_utf8(&mut [0; 4]))),
        None => bail!(PROGRAM_LIMIT_EXCEEDED, "requested character not valid for encoding: {code}"),
    }
}

fn concat(a: &Arc<str>, b: &Arc<str>) -> Result<Arc<str>> {
    if a.is_empty() {
        return Ok(b.clone());
    }
    if b.is_empty() {
        return Ok(a.clone());
    }
    build_text(|out| {
        out.extend_from_slice(a.as_bytes());
        out.extend_from_slice(b.as_bytes());
        Ok(())
    })
}

fn replace(text: &Arc<str>, from: &str, to: &str) -> Result<Arc<str>> {
    if from.is_empty() {
        return Ok(text.clone());
    }
    let mut pieces = split(text, from);
    let first = pieces.next().unwrap_or_default();
    if first.len() == text.len() {
        return Ok(text.clone());
    }
    build_text(|out| {
        out.extend_from_slice(first.as_bytes());
        for piece in pieces {
            out.extend_from_slice(to.as_bytes());
            out.extend_from_slice(piece.as_bytes());
        }
        if out.len() > MAX_LENGTH { Err(too_large()) } else { Ok(()) }
    })
}

pub(crate) fn register(reg: &mut Registry) {
    scalars!(reg;
        "textcat" => |a: &Arc<str>, b: &Arc<str>| concat(a, b);
        "text_substr" => |a: &str, start: i32, length: i32| substring(a, start, Some(length));
        "text_substr_no_len" => |a: &str, start: i32| substring(a, start, None);
        "textoverlay" => |a: &str, b: &str, start: i32, length: i32| overlay(a, b, start, length);
        "textoverlay_no_len" => |a: &str, b: &str, start: i32| overlay(a, b, start, char_count(b));
        "textpos" => |a: &str, b: &str| position(a, b);
        "text_starts_with" => |a: &str, b: &str| a.starts_with(b);
        "text_left" => |a: &str, count: i32| left(a, count);
        "text_right" => |a: &str, count: i32| right(a, count);
        "text_reverse" => |a: &str| a.chars().rev().collect::<String>();
        "lpad" => |a: &str, length: i32, fill: &str| pad(a, length, fill, true);
        "rpad" => |a: &str, length: i32, fill: &str| pad(a, length, fill, false);
        "sql:879" => |a: &str, length: i32| pad(a, length, " ", true);
        "sql:880" => |a: &str, length: i32| pad(a, length, " ", false);
        "btrim" => |a: &str, set: &str| trim(a, set, true, true);
        "btrim1" => |a: &str| a.trim_matches(' ');
        "ltrim" => |a: &str, set: &str| trim(a, set, true, false);
        "ltrim1" => |a: &str| a.trim_start_matches(' ');
        "rtrim" => |a: &str, set: &str| trim(a, set, false, true);
        "replace_text" => |a: &Arc<str>, from: &str, to: &str| replace(a, from, to);
        "translate" => |a: &str, from: &str, to: &str| translate(a, from, to);
        "repeat" => |a: &str, count: i32| repeat(a, count);
        "split_part" => |a: &str, delimiter: &str, field: i32| split_part(a, delimiter, field);
        "ascii" => |a: &str| a.chars().next().map_or(0, |c| c as i32);
        "chr" => |code: i32| chr(code);
    );
}
