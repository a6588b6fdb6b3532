//! Printing `jsonb`.

use crate::datum::JsonbValue;

const HEX: &[u8; 16] = b"0123456789abcdef";

/// Appends a string as a JSON string.
pub fn write_json_string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut done = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        let escape: &[u8] = match byte {
            b'"' => b"\\\"",
            b'\\' => b"\\\\",
            b'\n' => b"\\n",
            b'\r' => b"\\r",
            b'\t' => b"\\t",
            0x08 => b"\\b",
            0x0c => b"\\f",
            0..0x20 => &[b'\\', b'u', b'0', b'0', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]],
            _ => continue,
        };
        out.extend_from_slice(&bytes[done..at]);
        out.extend_from_slice(escape);
        done = at + 1;
    }
    out.extend_from_slice(&bytes[done..]);
    out.push(b'"');
}

fn write_scalar(value: &JsonbValue, out: &mut Vec<u8>) {
    match value {
        JsonbValue::Bool(true) => out.extend_from_slice(b"true"),
        JsonbValue::Bool(false) => out.extend_from_slice(b"false"),
        JsonbValue::Number(number) => number.write_to(out),
        JsonbValue::String(text) => write_json_string(text, out),
        _ => out.extend_from_slice(b"null"),
    }
}

/// Appends the text form.
pub fn write_jsonb(value: &JsonbValue, out: &mut Vec<u8>) {
    match value {
        JsonbValue::Array(items) => {
            out.push(b'[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.extend_from_slice(b", ");
                }
                write_jsonb(item, out);
            }
            out.push(b']');
        }
        JsonbValue::Object(members) => {
            out.push(b'{');
            for (i, (key, item)) in members.iter().enumerate() {
                if i > 0 {
                    out.extend_from_slice(b", ");
                }
                write_json_string(key, out);
                out.extend_from_slice(b": ");
                write_jsonb(item, out);
            }
            out.push(b'}');
        }
        scalar => write_scalar(scalar, out),
    }
}

/// Appends the form of `jsonb_pretty`: every member on its line, indented by four blanks a level.
pub fn write_jsonb_pretty(value: &JsonbValue, out: &mut Vec<u8>) {
    pretty(value, 0, out);
}

fn line(level: usize, out: &mut Vec<u8>) {
    out.push(b'\n');
    out.extend(std::iter::repeat_n(b' ', level * 4));
}

fn pretty(value: &JsonbValue, level: usize, out: &mut Vec<u8>) {
    match value {
        JsonbValue::Array(items) => {
            out.push(b'[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                line(level + 1, out);
                pretty(item, level + 1, out);
            }
            line(level, out);
            out.push(b']');
        }
        JsonbValue::Object(members) => {
            out.push(b'{');
            for (i, (key, item)) in members.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                line(level + 1, out);
                write_json_string(key, out);
                out.extend_from_slice(b": ");
                pretty(item, level + 1, out);
            }
            line(level, out);
            out.push(b'}');
        }
        scalar => write_scalar(scalar, out),
    }
}
