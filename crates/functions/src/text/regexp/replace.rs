//! `regexp_replace`.

use super::functions::{at_least, next_start, offset_of};
use super::parse::Options;
use super::{Captures, Pattern, compile};
use crate::Registry;
use pglitedb_sqlstate::{Result, err};

/// Appends the replacement: `\1` to `\9` and `\&` stand for what matched, `\\` for a backslash.
fn append(out: &mut String, replacement: &str, captures: &Captures<'_>) {
    let mut chars = replacement.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        let group = match chars.peek() {
            Some('&') => Some(0),
            Some(digit @ '1'..='9') => Some(*digit as usize - '0' as usize),
            Some('\\') => None,
            _ => {
                out.push('\\');
                continue;
            }
        };
        chars.next();
        match group {
            Some(group) => out.push_str(captures.get(group).map_or("", |m| m.as_str())),
            None => out.push('\\'),
        }
    }
}

/// Replaces the n-th match, or all from the start on if `n` is 0.
fn replace(text: &str, pattern: &Pattern, with: &str, start: i32, n: i32) -> Result<String> {
    let Some(mut from) = offset_of(text, start) else { return Ok(text.to_owned()) };
    let mut out = String::with_capacity(text.len() + with.len());
    let (mut copied, mut seen) = (0, 0);
    while let Some(captures) = pattern.captures_at(text, from)? {
        let Some(whole) = captures.get(0) else { break };
        seen += 1;
        if n == 0 || seen == n {
            out.push_str(&text[copied..whole.start()]);
            append(&mut out, with, &captures);
            copied = whole.end();
            if n != 0 {
                break;
            }
        }
        from = next_start(text, whole.start(), whole.end());
    }
    out.push_str(&text[copied.min(text.len())..]);
    Ok(out)
}

fn replace_with_flags(text: &str, pattern: &str, with: &str, flags: &str) -> Result<String> {
    if flags.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(err!(INVALID_PARAMETER_VALUE, "invalid regular expression option: \"{}\"", &flags[..1]).hint(
            "If you meant to use regexp_replace() with a start parameter, cast the fourth argument to integer \
             explicitly.",
        ));
    }
    let options = Options::from_flags(flags)?;
    replace(text, &*compile(pattern, options)?, with, 1, i32::from(!options.global))
}

fn extended(
    text: &str,
    pattern: &str,
    with: &str,
    start: i32,
    n: Option<i32>,
    flags: &str,
) -> Result<String> {
    at_least("start", start, 1)?;
    let options = Options::from_flags(flags)?;
    let n = match n {
        Some(n) => at_least("n", n, 0)?,
        None => i32::from(!options.global),
    };
    replace(text, &*compile(pattern, options)?, with, start, n)
}

pub(crate) fn register(reg: &mut Registry) {
    scalars!(reg;
        "textregexreplace_noopt" => |a: &str, b: &str, c: &str| replace_with_flags(a, b, c, "");
        "textregexreplace" => |a: &str, b: &str, c: &str, flags: &str| replace_with_flags(a, b, c, flags);
        "textregexreplace_extended" => |a: &str, b: &str, c: &str, start: i32, n: i32, flags: &str| {
            extended(a, b, c, start, Some(n), flags)
        };
        "textregexreplace_extended_no_flags" => |a: &str, b: &str, c: &str, start: i32, n: i32| {
            extended(a, b, c, start, Some(n), "")
        };
        "textregexreplace_extended_no_n" => |a: &str, b: &str, c: &str, start: i32| {
            extended(a, b, c, start, None, "")
        };
    );
}
