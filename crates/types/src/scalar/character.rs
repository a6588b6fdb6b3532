//! `"char"`, `name`, `varchar`, `bpchar`: limits and padding.

use crate::datum::Datum;
use pglitedb_sqlstate::{Result, err};
use std::sync::Arc;

/// Longest `name` in bytes.
pub const NAME_LEN: usize = 63;

/// The bytes of the first `chars` characters; the whole text if it has no more.
fn head(text: &str, chars: usize) -> &str {
    if text.len() <= chars {
        return text;
    }
    match text.char_indices().nth(chars) {
        Some((at, _)) => &text[..at],
        None => text,
    }
}

#[cold]
fn too_long(type_name: &str, limit: usize) -> pglitedb_sqlstate::Error {
    err!(STRING_DATA_RIGHT_TRUNCATION, "value too long for type {type_name}({limit})")
}

/// Characters that a type modifier allows.
fn limit(typmod: i32) -> Option<usize> {
    usize::try_from(typmod.checked_sub(4)?).ok()
}

/// Cuts to the limit; unless `explicit`, only blanks may be cut.
fn cut<'a>(text: &'a str, limit: usize, explicit: bool, type_name: &str) -> Result<&'a str> {
    let kept = head(text, limit);
    if !explicit && text[kept.len()..].bytes().any(|b| b != b' ') {
        return Err(too_long(type_name, limit));
    }
    Ok(kept)
}

/// A `varchar` from text; `explicit` casts truncate without a word.
pub fn varchar(text: &str, typmod: i32, explicit: bool) -> Result<Datum> {
    match limit(typmod) {
        Some(limit) => cut(text, limit, explicit, "character varying").map(Datum::text),
        None => Ok(Datum::text(text)),
    }
}

/// A `bpchar` from text, padded with blanks to the length in the type modifier.
pub fn bpchar(text: &str, typmod: i32, explicit: bool) -> Result<Datum> {
    let Some(limit) = limit(typmod) else { return Ok(Datum::text(text)) };
    let kept = cut(text, limit, explicit, "character")?;
    let missing = limit - if kept.is_ascii() { kept.len() } else { kept.chars().count() };
    if missing == 0 {
        return Ok(Datum::text(kept));
    }
    let mut padded = String::with_capacity(kept.len() + missing);
    padded.push_str(kept);
    padded.extend(std::iter::repeat_n(' ', missing));
    Ok(Datum::Text(Arc::from(padded)))
}

/// [`varchar`] of a value that is already a datum: no copy if it fits.
pub fn varchar_datum(text: &Arc<str>, typmod: i32, explicit: bool) -> Result<Datum> {
    match limit(typmod) {
        Some(limit) if text.len() > limit && head(text, limit).len() < text.len() => {
            varchar(text, typmod, explicit)
        }
        _ => Ok(Datum::Text(text.clone())),
    }
}

/// [`bpchar`] of a value that is already a datum: no copy if it fits exactly.
pub fn bpchar_datum(text: &Arc<str>, typmod: i32, explicit: bool) -> Result<Datum> {
    match limit(typmod) {
        Some(limit) if !(text.len() == limit && text.is_ascii()) => bpchar(text, typmod, explicit),
        _ => Ok(Datum::Text(text.clone())),
    }
}

/// A `name`: cut to 63 bytes at a character boundary.
pub fn name(text: &str) -> &str {
    if text.len() <= NAME_LEN {
        return text;
    }
    let mut end = NAME_LEN;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// A `"char"`: the first byte, or a backslash and three octal digits.
pub fn parse_char(text: &str) -> u8 {
    match text.as_bytes() {
        [b'\\', a @ b'0'..=b'7', b @ b'0'..=b'7', c @ b'0'..=b'7'] => {
            (a - b'0') << 6 | (b - b'0') << 3 | (c - b'0')
        }
        bytes => bytes.first().copied().unwrap_or(0),
    }
}

/// Appends the text form of a `"char"`.
pub fn write_char(value: u8, out: &mut Vec<u8>) {
    match value {
        0 => {}
        1..=0x7f => out.push(value),
        _ => {
            out.extend_from_slice(&[b'\\', b'0' + (value >> 6), b'0' + (value >> 3 & 7), b'0' + (value & 7)])
        }
    }
}

/// Without trailing blanks, as comparison of `bpchar` and its cast to text see it.
#[inline]
pub fn trim_blanks(text: &str) -> &str {
    text.trim_end_matches(' ')
}
