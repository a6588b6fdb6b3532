//! Text and binary forms of values, by type.
//!
//! Four functions for every type: [`input`] and [`output`] for text, [`recv`] and [`send`] for PostgreSQL's binary
//! format. Containers (arrays, records, ranges, domains) call back in here for their members.

mod array;
mod binary;
mod range;
mod record;
#[cfg(test)]
mod tests;
mod text;
mod text_form;
#[cfg(test)]
mod user_types_tests;
mod vector;

pub(crate) use binary::utf8;
pub use binary::{recv, send};
pub use range::{canonical_discrete, make_range, normalize_multirange};
pub use text::{input, output};
pub use text_form::{build_text, convert_by_text, is_plain_text, output_text, with_text};

use crate::env::TypeEnv;
use crate::{Datum, Oid};
use pglitedb_sqlstate::{Error, Result, err};

/// The text form as a string.
pub fn output_string(value: &Datum, type_oid: Oid, env: &dyn TypeEnv) -> Result<String> {
    let mut out = Vec::new();
    output(value, type_oid, env, &mut out)?;
    String::from_utf8(out).map_err(|_| Error::internal("text form of a value is not UTF-8"))
}

/// A type whose values cannot be read or printed.
#[cold]
fn unsupported(what: &str, type_oid: Oid, env: &dyn TypeEnv) -> Error {
    if type_oid == crate::oids::XML {
        // PostgreSQL's words for a server without XML.
        return err!(FEATURE_NOT_SUPPORTED, "unsupported XML feature")
            .detail("This functionality requires the server to be built with libxml support.");
    }
    let name = crate::format_type_be(type_oid, env).unwrap_or_else(|_| type_oid.to_string());
    err!(FEATURE_NOT_SUPPORTED, "{what} of type {name} is not supported")
}

/// A value whose variant is not the one of its type.
#[cold]
fn mismatch(value: &Datum, type_oid: Oid) -> Error {
    let repr = crate::codec::Repr::of_datum(value);
    Error::internal(format!("value of representation {repr:?} is not of type {type_oid}"))
}

/// Text quoted for use inside an array, record or range: `"` and `\` are escaped by `\` (arrays) or doubled (others).
fn quote_in_place(out: &mut Vec<u8>, start: usize, doubling: bool) {
    let extra = out[start..].iter().filter(|b| matches!(b, b'"' | b'\\')).count();
    let plain = out[start..].to_vec();
    out.truncate(start);
    out.reserve(plain.len() + extra + 2);
    out.push(b'"');
    for byte in plain {
        if matches!(byte, b'"' | b'\\') {
            out.push(if doubling { byte } else { b'\\' });
        }
        out.push(byte);
    }
    out.push(b'"');
}
