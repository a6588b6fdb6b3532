//! Errors and notices as messages.

use crate::backend::c_str;
use pglitedb_sqlstate::{Error, ErrorFields};

/// The 1-based position in characters that PostgreSQL reports for a byte offset into `source`.
pub fn char_position(source: &str, byte_offset: usize) -> usize {
    let end = byte_offset.min(source.len());
    // Counting the bytes that begin a character works for any offset, even one inside of a character.
    source.as_bytes().iter().take(end).filter(|byte| (**byte & 0xc0) != 0x80).count() + 1
}

/// Appends the fields of an ErrorResponse or NoticeResponse: each a type byte and a string, then a zero byte.
///
/// `source` is the text that the position refers to; without it the position is left out.
pub fn encode_report(out: &mut Vec<u8>, error: &Error, source: Option<&str>) {
    let fields: &ErrorFields = error.fields();
    let severity = fields.severity.as_str();
    field(out, b'S', severity);
    field(out, b'V', severity);
    field(out, b'C', fields.code.as_str());
    field(out, b'M', if fields.message.is_empty() { "missing error text" } else { &fields.message });
    optional(out, b'D', &fields.detail);
    optional(out, b'H', &fields.hint);
    if let (Some(offset), Some(source)) = (fields.position, source) {
        field(out, b'P', &char_position(source, offset).to_string());
    }
    if let Some(query) = &fields.internal_query {
        if let Some(offset) = fields.internal_position {
            field(out, b'p', &char_position(query, offset).to_string());
        }
        field(out, b'q', query);
    }
    optional(out, b'W', &fields.context);
    optional(out, b's', &fields.schema);
    optional(out, b't', &fields.table);
    optional(out, b'c', &fields.column);
    optional(out, b'd', &fields.data_type);
    optional(out, b'n', &fields.constraint);
    out.push(0);
}

fn optional(out: &mut Vec<u8>, tag: u8, value: &Option<String>) {
    if let Some(value) = value {
        field(out, tag, value);
    }
}

fn field(out: &mut Vec<u8>, tag: u8, value: &str) {
    out.push(tag);
    c_str(out, value);
}
