//! Quoting of identifiers and literals.

use crate::Registry;
use crate::text::keywords::QUOTED;
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::{ArrayValue, Datum, oids};
use std::borrow::Cow;

/// An identifier as it must be written in SQL.
pub fn quote_ident(name: &str) -> Cow<'_, str> {
    let plain = name.bytes().enumerate().all(|(at, byte)| match byte {
        b'a'..=b'z' | b'_' => true,
        b'0'..=b'9' | b'$' => at > 0 && byte != b'$',
        _ => false,
    });
    if plain && !name.is_empty() && QUOTED.binary_search(&name).is_err() {
        return Cow::Borrowed(name);
    }
    Cow::Owned(format!("\"{}\"", name.replace('"', "\"\"")))
}

/// A string as a literal.
pub fn quote_literal(value: &str) -> String {
    let mut out = String::with_capacity(value.len() + 3);
    if value.contains('\\') {
        out.push('E');
    }
    out.push('\'');
    for c in value.chars() {
        if c == '\'' || c == '\\' {
            out.push(c);
        }
        out.push(c);
    }
    out.push('\'');
    out
}

fn invalid_identifier(text: &str) -> Error {
    err!(INVALID_PARAMETER_VALUE, "string is not a valid identifier: \"{text}\"")
}

/// Splits a qualified identifier into its parts, folding unquoted ones to lower case.
pub fn parse_ident(text: &str, strict: bool) -> Result<Vec<String>> {
    let is_start = |c: char| c.is_ascii_alphabetic() || c == '_' || !c.is_ascii();
    let is_part = |c: char| is_start(c) || c.is_ascii_digit() || c == '$';
    let space = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}');
    let mut parts = Vec::new();
    let mut rest = text.trim_start_matches(space);
    let mut after_dot = false;
    loop {
        if let Some(quoted) = rest.strip_prefix('"') {
            let (part, tail) = quoted_part(quoted)
                .ok_or_else(|| invalid_identifier(text).detail("String has unclosed double quotes."))?;
            if part.is_empty() {
                return Err(invalid_identifier(text).detail("Quoted identifier must not be empty."));
            }
            parts.push(part);
            rest = tail;
        } else if rest.starts_with(is_start) {
            let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
            parts.push(rest[..end].to_ascii_lowercase());
            rest = &rest[end..];
        } else if rest.starts_with('.') {
            return Err(invalid_identifier(text).detail("No valid identifier before \".\"."));
        } else if after_dot {
            return Err(invalid_identifier(text).detail("No valid identifier after \".\"."));
        } else {
            return Err(invalid_identifier(text));
        }
        rest = rest.trim_start_matches(space);
        if let Some(tail) = rest.strip_prefix('.') {
            after_dot = true;
            rest = tail.trim_start_matches(space);
        } else if rest.is_empty() || !strict {
            return Ok(parts);
        } else {
            return Err(invalid_identifier(text));
        }
    }
}

/// The text up to the closing quote, and what follows it.
fn quoted_part(text: &str) -> Option<(String, &str)> {
    let mut part = String::new();
    let mut rest = text;
    loop {
        let at = rest.find('"')?;
        part.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        match rest.strip_prefix('"') {
            Some(tail) => {
                part.push('"');
                rest = tail;
            }
            None => return Some((part, rest)),
        }
    }
}

pub(crate) fn register(reg: &mut Registry) {
    scalars!(reg;
        "quote_ident" => |a: &str| quote_ident(a).into_owned();
        "quote_literal" => |a: &str| quote_literal(a);
        "quote_nullable" => |a: Option<&str>| a.map_or_else(|| "NULL".to_owned(), quote_literal);
        "parse_ident" => |a: &str, strict: bool| {
            let parts = parse_ident(a, strict)?;
            ArrayValue::one_dim(oids::TEXT, parts.into_iter().map(|part| Datum::Text(part.into())).collect())
        };
    );
}
