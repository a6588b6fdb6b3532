//! Unicode: normal forms, escapes.

use crate::Registry;
use pglitedb_sqlstate::{Error, Result, bail, err};
use unicode_normalization::UnicodeNormalization;

fn normalize(text: &str, form: &str) -> Result<String> {
    Ok(match form.to_ascii_uppercase().as_str() {
        _ if text.is_ascii()
            && matches!(form.len(), 3 | 4)
            && form.to_ascii_uppercase().starts_with("NF") =>
        {
            text.to_owned()
        }
        "NFC" => text.nfc().collect(),
        "NFD" => text.nfd().collect(),
        "NFKC" => text.nfkc().collect(),
        "NFKD" => text.nfkd().collect(),
        _ => bail!(INVALID_PARAMETER_VALUE, "invalid normalization form: {form}"),
    })
}

/// Whether Unicode assigns a meaning to every character of the text.
fn all_assigned(text: &str) -> Result<bool> {
    Ok(!crate::text::regexp::unassigned()?.is_match(text))
}

#[cold]
fn invalid_escape() -> Error {
    err!(SYNTAX_ERROR, "invalid Unicode escape")
        .hint("Unicode escapes must be \\XXXX, \\+XXXXXX, \\uXXXX, or \\UXXXXXXXX.")
}

#[cold]
fn invalid_pair() -> Error {
    err!(SYNTAX_ERROR, "invalid Unicode surrogate pair")
}

/// `unistr(text)`
pub fn unistr(text: &str) -> Result<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut high: Option<u32> = None;
    while let Some(c) = rest.chars().next() {
        let (code, tail) = if c != '\\' {
            (None, &rest[c.len_utf8()..])
        } else if rest.as_bytes().get(1) == Some(&b'\\') {
            (None, &rest[2..])
        } else {
            let (skip, digits) = match rest.as_bytes().get(1) {
                Some(b'u') => (2, 4),
                Some(b'U') => (2, 8),
                Some(b'+') => (2, 6),
                _ => (1, 4),
            };
            let number = rest.get(skip..skip + digits).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
            let number = number.and_then(|d| u32::from_str_radix(d, 16).ok()).ok_or_else(invalid_escape)?;
            (Some(number), &rest[skip + digits..])
        };
        rest = tail;
        match (high.take(), code) {
            (Some(first), Some(second @ 0xDC00..=0xDFFF)) => {
                let code = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
                out.push(char::from_u32(code).ok_or_else(invalid_pair)?);
            }
            (Some(_), _) | (None, Some(0xDC00..=0xDFFF)) => return Err(invalid_pair()),
            (None, Some(code @ 0xD800..=0xDBFF)) => high = Some(code),
            (None, Some(code)) => match char::from_u32(code).filter(|c| *c != '\0') {
                Some(c) => out.push(c),
                None => bail!(INVALID_PARAMETER_VALUE, "invalid Unicode code point: {code:04X}"),
            },
            (None, None) => out.push(c),
        }
    }
    if high.is_some() {
        return Err(invalid_pair());
    }
    Ok(out)
}

pub(crate) fn register(reg: &mut Registry) {
    scalars!(reg;
        "unicode_normalize_func" => |a: &str, form: &str| normalize(a, form);
        "unicode_is_normalized" => |a: &str, form: &str| normalize(a, form).map(|n| n == a);
        "unicode_assigned" => |a: &str| all_assigned(a);
        "unistr" => |a: &str| unistr(a);
        "unicode_version" => | | {
            let (major, minor, _) = unicode_normalization::UNICODE_VERSION;
            format!("{major}.{minor}")
        };
    );
}
