//! Storage form of `jsonb`: a tag, then for scalars length and bytes, for containers the count and the members.

use super::MAX_DEPTH;
use crate::codec::{Source, write_len};
use crate::datum::JsonbValue;
use crate::numeric::Numeric;
use pglitedb_sqlstate::{Error, Result, err};
use std::sync::Arc;

const NULL: u8 = 0;
const FALSE: u8 = 1;
const TRUE: u8 = 2;
const NUMBER: u8 = 3;
const STRING: u8 = 4;
const ARRAY: u8 = 5;
const OBJECT: u8 = 6;

/// Appends the storage form.
pub(crate) fn encode(value: &JsonbValue, out: &mut Vec<u8>) {
    match value {
        JsonbValue::Null => out.push(NULL),
        JsonbValue::Bool(false) => out.push(FALSE),
        JsonbValue::Bool(true) => out.push(TRUE),
        JsonbValue::Number(number) => {
            let mut bytes = Vec::with_capacity(10);
            number.encode(&mut bytes);
            out.push(NUMBER);
            write_len(bytes.len(), out);
            out.extend_from_slice(&bytes);
        }
        JsonbValue::String(text) => {
            out.push(STRING);
            write_str(text, out);
        }
        JsonbValue::Array(items) => {
            out.push(ARRAY);
            write_len(items.len(), out);
            items.iter().for_each(|item| encode(item, out));
        }
        JsonbValue::Object(members) => {
            out.push(OBJECT);
            write_len(members.len(), out);
            for (key, item) in members {
                write_str(key, out);
                encode(item, out);
            }
        }
    }
}

fn write_str(text: &str, out: &mut Vec<u8>) {
    write_len(text.len(), out);
    out.extend_from_slice(text.as_bytes());
}

#[cold]
fn damaged() -> Error {
    err!(DATA_CORRUPTED, "stored jsonb value is damaged")
}

/// Reads the storage form.
pub(crate) fn decode(source: &mut Source<'_>) -> Result<JsonbValue> {
    decode_at(source, 0)
}

fn read_str(source: &mut Source<'_>) -> Result<Arc<str>> {
    let len = source.len()?;
    std::str::from_utf8(source.take(len)?).map(Arc::from).map_err(|_| damaged())
}

fn decode_at(source: &mut Source<'_>, depth: usize) -> Result<JsonbValue> {
    // Values put together by functions may be deeper than what input allows.
    if depth > MAX_DEPTH * 2 {
        return Err(damaged());
    }
    Ok(match source.byte()? {
        NULL => JsonbValue::Null,
        FALSE => JsonbValue::Bool(false),
        TRUE => JsonbValue::Bool(true),
        NUMBER => {
            let len = source.len()?;
            JsonbValue::Number(Numeric::decode(source.take(len)?).ok_or_else(damaged)?)
        }
        STRING => JsonbValue::String(read_str(source)?),
        ARRAY => {
            let count = source.len()?;
            // Every member takes at least a byte.
            let mut items = Vec::with_capacity(count.min(source.bytes.len()));
            for _ in 0..count {
                items.push(decode_at(source, depth + 1)?);
            }
            JsonbValue::Array(items)
        }
        OBJECT => {
            let count = source.len()?;
            let mut members = Vec::with_capacity(count.min(source.bytes.len() / 2));
            for _ in 0..count {
                let key = read_str(source)?;
                members.push((key, decode_at(source, depth + 1)?));
            }
            JsonbValue::Object(members)
        }
        _ => return Err(damaged()),
    })
}
