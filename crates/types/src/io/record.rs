//! Composite values: `(1,"a b",)`.

use super::binary::send_with_len;
use super::{input as input_value, output as output_value, quote_in_place, recv as recv_value};
use crate::datum::{Datum, RecordValue};
use crate::env::{CompositeField, TypeEnv};
use crate::oids::Oid;
use crate::scan::{Reader, is_space};
use pglitedb_sqlstate::{Error, Result, err};
use std::sync::Arc;

fn malformed(text: &str, detail: &str) -> Error {
    err!(INVALID_TEXT_REPRESENTATION, "malformed record literal: \"{text}\"").detail(detail)
}

fn make(type_oid: Oid, columns: &[CompositeField], fields: Vec<Datum>) -> Datum {
    let field_types = columns.iter().map(|c| c.type_oid).collect();
    Datum::Record(Arc::new(RecordValue::new(type_oid, field_types, fields)))
}

/// Text up to an unquoted character that `stop` names, with quotes and backslashes resolved; shared by records and
/// ranges. Returns the text and where it ended; `None` if the input ends first.
pub(super) fn unquote(text: &str, mut at: usize, stop: &[u8]) -> Option<(String, usize)> {
    let bytes = text.as_bytes();
    let mut value = String::new();
    let mut quoted = false;
    loop {
        let byte = *bytes.get(at)?;
        if !quoted && stop.contains(&byte) {
            return Some((value, at));
        }
        at += 1;
        match byte {
            b'\\' => {
                let c = text[at..].chars().next()?;
                value.push(c);
                at += c.len_utf8();
            }
            b'"' if !quoted => quoted = true,
            b'"' if bytes.get(at) == Some(&b'"') => {
                value.push('"');
                at += 1;
            }
            b'"' => quoted = false,
            _ => {
                let c = text[at - 1..].chars().next()?;
                value.push(c);
                at += c.len_utf8() - 1;
            }
        }
    }
}

/// Reads a value of a named composite type.
pub(super) fn input(text: &str, type_oid: Oid, env: &dyn TypeEnv) -> Result<Datum> {
    let columns = env.composite_fields(type_oid)?;
    let bytes = text.as_bytes();
    let mut at = bytes.iter().take_while(|&&b| is_space(b)).count();
    if bytes.get(at) != Some(&b'(') {
        return Err(malformed(text, "Missing left parenthesis."));
    }
    at += 1;
    let mut fields = Vec::with_capacity(columns.len());
    for (i, column) in columns.iter().enumerate() {
        if i > 0 {
            if bytes.get(at) != Some(&b',') {
                return Err(malformed(text, "Too few columns."));
            }
            at += 1;
        }
        if matches!(bytes.get(at), Some(b',' | b')')) {
            // A domain may refuse NULL.
            if env.type_info(column.type_oid)?.kind == crate::TypeKind::Domain {
                env.check_domain(column.type_oid, &Datum::Null)?;
            }
            fields.push(Datum::Null);
            continue;
        }
        let (value, end) =
            unquote(text, at, b",)").ok_or_else(|| malformed(text, "Unexpected end of input."))?;
        at = end;
        fields.push(input_value(&value, column.type_oid, column.typmod, env)?);
    }
    if bytes.get(at) != Some(&b')') {
        return Err(malformed(text, "Too many columns."));
    }
    if !bytes[at + 1..].iter().all(|&b| is_space(b)) {
        return Err(malformed(text, "Junk after right parenthesis."));
    }
    Ok(make(type_oid, &columns, fields))
}

fn needs_quotes(text: &[u8]) -> bool {
    text.is_empty() || text.iter().any(|&b| matches!(b, b'"' | b'\\' | b'(' | b')' | b',') || is_space(b))
}

/// Appends the text form.
pub(super) fn output(record: &RecordValue, env: &dyn TypeEnv, out: &mut Vec<u8>) -> Result<()> {
    out.push(b'(');
    for (i, field) in record.fields.iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        if field.is_null() {
            continue;
        }
        let start = out.len();
        output_value(field, field_type(record, i)?, env, out)?;
        if needs_quotes(&out[start..]) {
            quote_in_place(out, start, true);
        }
    }
    out.push(b')');
    Ok(())
}

fn field_type(record: &RecordValue, i: usize) -> Result<Oid> {
    record.field_types.get(i).copied().ok_or_else(|| Error::internal("record has more fields than types"))
}

/// Reads the binary form.
pub(super) fn recv(reader: &mut Reader<'_>, type_oid: Oid, env: &dyn TypeEnv) -> Result<Datum> {
    let columns = env.composite_fields(type_oid)?;
    let count = reader.i32()?;
    if usize::try_from(count) != Ok(columns.len()) {
        return Err(err!(DATATYPE_MISMATCH, "wrong number of columns: {count}, expected {}", columns.len()));
    }
    let mut fields = Vec::with_capacity(columns.len());
    for (i, column) in columns.iter().enumerate() {
        let found = reader.u32()?;
        if found != column.type_oid {
            let name = |oid| crate::format_type_be(oid, env).unwrap_or_else(|_| "unknown".to_owned());
            return Err(err!(
                DATATYPE_MISMATCH,
                "binary data has type {found} ({}) instead of expected {} ({}) in record column {}",
                name(found),
                column.type_oid,
                name(column.type_oid),
                i + 1
            ));
        }
        let len = reader.i32()?;
        fields.push(match usize::try_from(len) {
            Ok(len) if len <= reader.remaining() => {
                recv_value(reader.take(len)?, column.type_oid, column.typmod, env)?
            }
            Err(_) if len == -1 => Datum::Null,
            _ => return Err(err!(INVALID_BINARY_REPRESENTATION, "insufficient data left in message")),
        });
    }
    Ok(make(type_oid, &columns, fields))
}

/// Appends the binary form.
pub(super) fn send(record: &RecordValue, env: &dyn TypeEnv, out: &mut Vec<u8>) -> Result<()> {
    out.extend_from_slice(&(record.fields.len() as i32).to_be_bytes());
    for (i, field) in record.fields.iter().enumerate() {
        let type_oid = field_type(record, i)?;
        out.extend_from_slice(&type_oid.to_be_bytes());
        send_with_len(field, type_oid, env, out)?;
    }
    Ok(())
}
