//! Quoting of identifiers.

use crate::builtin;
use std::borrow::Cow;

/// The identifier as it must be written in SQL: quoted if it is not plain lower case or a keyword that needs it.
pub fn quote_identifier(name: &str) -> Cow<'_, str> {
    let plain = name.starts_with(|first: char| first.is_ascii_lowercase() || first == '_')
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if plain && builtin::keyword(name).is_none_or(|keyword| keyword.category == b'U') {
        return Cow::Borrowed(name);
    }
    Cow::Owned(format!("\"{}\"", name.replace('"', "\"\"")))
}
