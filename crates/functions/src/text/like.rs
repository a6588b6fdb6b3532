//! `LIKE`, `ILIKE` and the escapes of `LIKE` and `SIMILAR TO`.

use crate::Registry;
use crate::text::case::lower;
use pglitedb_sqlstate::{Error, Result, bail, err};

#[cold]
fn ends_with_escape() -> Error {
    err!(INVALID_ESCAPE_SEQUENCE, "LIKE pattern must not end with escape character")
}

/// Matches without recursion: after a `%`, a mismatch goes back to that `%` and lets it eat one more character.
/// `step` gives the length of the character at an offset.
fn matches(text: &[u8], pattern: &[u8], step: fn(&[u8], usize) -> usize) -> Result<bool> {
    let (mut t, mut p) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    loop {
        match pattern.get(p) {
            Some(b'%') => {
                p += 1;
                if p == pattern.len() {
                    return Ok(true);
                }
                retry = Some((t, p));
                continue;
            }
            Some(b'_') if t < text.len() => {
                t += step(text, t);
                p += 1;
                continue;
            }
            Some(b'\\') => {
                let Some(literal) = pattern.get(p + 1) else {
                    // Text that has come to its end does not match, whatever the pattern has left.
                    if t < text.len() || retry == Some((t, p)) {
                        return Err(ends_with_escape());
                    }
                    return Ok(false);
                };
                if text.get(t) == Some(literal) {
                    t += 1;
                    p += 2;
                    continue;
                }
            }
            Some(byte) if *byte != b'_' && text.get(t) == Some(byte) => {
                t += 1;
                p += 1;
                continue;
            }
            None if t == text.len() => return Ok(true),
            _ => {}
        }
        match retry {
            Some((from, at)) if from < text.len() => {
                let next = from + step(text, from);
                retry = Some((next, at));
                (t, p) = (next, at);
            }
            _ => return Ok(false),
        }
    }
}

fn utf8_step(text: &[u8], at: usize) -> usize {
    match text.get(at) {
        Some(0xC0..=0xDF) => 2,
        Some(0xE0..=0xEF) => 3,
        Some(0xF0..) => 4,
        _ => 1,
    }
}

/// `text LIKE pattern`
pub fn like(text: &str, pattern: &str) -> Result<bool> {
    matches(text.as_bytes(), pattern.as_bytes(), utf8_step)
}

/// `text ILIKE pattern`
pub fn ilike(text: &str, pattern: &str) -> Result<bool> {
    like(&lower(text), &lower(pattern))
}

fn bytea_like(value: &[u8], pattern: &[u8]) -> Result<bool> {
    matches(value, pattern, |_, _| 1)
}

/// The escape argument of `ESCAPE`: one character or none.
fn escape_char(escape: &str) -> Result<Option<char>> {
    let mut chars = escape.chars();
    let first = chars.next();
    if chars.next().is_some() {
        return Err(err!(INVALID_ESCAPE_SEQUENCE, "invalid escape string")
            .hint("Escape string must be empty or one character."));
    }
    Ok(first)
}

/// Rewrites a pattern with another escape character to one with backslashes.
fn like_escape(pattern: &str, escape: &str) -> Result<String> {
    let escape = escape_char(escape)?;
    if escape == Some('\\') {
        return Ok(pattern.to_owned());
    }
    let mut out = String::with_capacity(pattern.len() + 8);
    let mut escaped = false;
    for c in pattern.chars() {
        if Some(c) == escape && !escaped {
            out.push('\\');
            escaped = true;
            continue;
        }
        if c == '\\' && !escaped {
            out.push('\\');
        }
        out.push(c);
        escaped = false;
    }
    Ok(out)
}

fn like_escape_bytea(pattern: &[u8], escape: &[u8]) -> Result<Vec<u8>> {
    let escape = match escape {
        [] => None,
        [one] => Some(*one),
        _ => {
            return Err(err!(INVALID_ESCAPE_SEQUENCE, "invalid escape string")
                .hint("Escape string must be empty or one character."));
        }
    };
    if escape == Some(b'\\') {
        return Ok(pattern.to_vec());
    }
    let mut out = Vec::with_capacity(pattern.len() + 8);
    let mut escaped = false;
    for byte in pattern.iter().copied() {
        if Some(byte) == escape && !escaped {
            out.push(b'\\');
            escaped = true;
            continue;
        }
        if byte == b'\\' && !escaped {
            out.push(b'\\');
        }
        out.push(byte);
        escaped = false;
    }
    Ok(out)
}

/// Translates a `SIMILAR TO` pattern to a regular expression. Escaped double quotes part the pattern of
/// `substring(x similar y escape z)` into three: what precedes, what is wanted, what follows.
pub fn similar_to_regex(pattern: &str, escape: Option<&str>) -> Result<String> {
    let escape = escape_char(escape.unwrap_or("\\"))?;
    let mut out = String::with_capacity(pattern.len() + 16);
    out.push_str("^(?:");
    let (mut after_escape, mut quotes) = (false, 0);
    // In a bracket expression: 0 outside, 1 just after `[` (or `[^`), 2 further inside.
    let mut bracket = 0;
    // Brackets within: character classes such as `[:alpha:]`.
    let mut depth = 0_usize;
    let mut caret = false;
    for c in pattern.chars() {
        if after_escape {
            if c == '"' && bracket == 0 {
                quotes += 1;
                match quotes {
                    1 => out.push_str("){1,1}?("),
                    2 => out.push_str("){1,1}(?:"),
                    _ => bail!(
                        INVALID_USE_OF_ESCAPE_CHARACTER,
                        "SQL regular expression may not contain more than two escape-double-quote separators"
                    ),
                }
            } else {
                out.push('\\');
                out.push(c);
            }
            after_escape = false;
            if bracket == 1 {
                bracket = 2;
            }
            continue;
        }
        if Some(c) == escape {
            after_escape = true;
            continue;
        }
        if bracket > 0 {
            if c == '\\' {
                out.push('\\');
            }
            out.push(c);
            if c == ']' && bracket == 2 {
                depth -= 1;
                bracket = if depth == 0 { 0 } else { 2 };
            } else if c == '[' {
                depth += 1;
                bracket = 1;
                caret = false;
            } else if c == '^' && bracket == 1 && !caret {
                caret = true;
            } else {
                bracket = 2;
            }
            continue;
        }
        match c {
            '[' => {
                out.push('[');
                depth = 1;
                bracket = 1;
                caret = false;
            }
            '%' => out.push_str(".*"),
            '_' => out.push('.'),
            '(' => out.push_str("(?:"),
            '\\' | '.' | '^' | '$' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out.push_str(")$");
    Ok(out)
}

pub(crate) fn register(reg: &mut Registry) {
    scalars!(reg;
        "textlike" => |a: &str, b: &str| like(a, b);
        "textnlike" => |a: &str, b: &str| like(a, b).map(|m| !m);
        "namelike" => |a: &str, b: &str| like(a, b);
        "namenlike" => |a: &str, b: &str| like(a, b).map(|m| !m);
        "bytealike" => |a: &[u8], b: &[u8]| bytea_like(a, b);
        "byteanlike" => |a: &[u8], b: &[u8]| bytea_like(a, b).map(|m| !m);
        "texticlike" => |a: &str, b: &str| ilike(a, b);
        "texticnlike" => |a: &str, b: &str| ilike(a, b).map(|m| !m);
        "nameiclike" => |a: &str, b: &str| ilike(a, b);
        "nameicnlike" => |a: &str, b: &str| ilike(a, b).map(|m| !m);
        "like_escape" => |a: &str, b: &str| like_escape(a, b);
        "like_escape_bytea" => |a: &[u8], b: &[u8]| like_escape_bytea(a, b);
        "similar_to_escape_1" => |a: &str| similar_to_regex(a, None);
        "similar_to_escape_2" => |a: &str, b: &str| similar_to_regex(a, Some(b));
        "similar_escape" => |a: Option<&str>, b: Option<&str>| match a {
            None => None,
            Some(a) => Some(similar_to_regex(a, b)?),
        };
    );
}
