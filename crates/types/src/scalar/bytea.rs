//! `bytea`

use pglitedb_sqlstate::{Result, err};

const HEX: &[u8; 16] = b"0123456789abcdef";

/// Appends two lower-case hexadecimal digits per byte.
pub fn write_hex(bytes: &[u8], out: &mut Vec<u8>) {
    out.reserve(bytes.len() * 2);
    for &byte in bytes {
        out.push(HEX[usize::from(byte >> 4)]);
        out.push(HEX[usize::from(byte & 15)]);
    }
}

/// The value of a hexadecimal digit.
#[inline]
pub fn hex_value(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

/// Reads hexadecimal digits; white space may stand between pairs. Errors are those of `decode(.., 'hex')`.
pub fn parse_hex(text: &str) -> Result<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 2);
    let bytes = text.as_bytes();
    let mut at = 0;
    let digit = |at: usize| {
        hex_value(bytes[at]).ok_or_else(|| {
            let c = text.get(at..).and_then(|t| t.chars().next()).unwrap_or('?');
            err!(INVALID_PARAMETER_VALUE, "invalid hexadecimal digit: \"{c}\"")
        })
    };
    while at < bytes.len() {
        if matches!(bytes[at], b' ' | b'\n' | b'\t' | b'\r') {
            at += 1;
            continue;
        }
        let high = digit(at)?;
        if at + 1 >= bytes.len() {
            return Err(err!(INVALID_PARAMETER_VALUE, "invalid hexadecimal data: odd number of digits"));
        }
        out.push(high << 4 | digit(at + 1)?);
        at += 2;
    }
    Ok(out)
}

/// Reads the text form, hex or escape.
pub fn parse(text: &str) -> Result<Vec<u8>> {
    if let Some(hex) = text.strip_prefix("\\x") {
        return parse_hex(hex);
    }
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if byte != b'\\' {
            out.push(byte);
            at += 1;
            continue;
        }
        match bytes.get(at + 1..) {
            Some([b'\\', ..]) => {
                out.push(b'\\');
                at += 2;
            }
            Some([a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', ..]) => {
                out.push((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'));
                at += 4;
            }
            _ => return Err(err!(INVALID_TEXT_REPRESENTATION, "invalid input syntax for type bytea")),
        }
    }
    Ok(out)
}

/// Appends the text form.
pub fn write(bytes: &[u8], escape: bool, out: &mut Vec<u8>) {
    if !escape {
        out.extend_from_slice(b"\\x");
        return write_hex(bytes, out);
    }
    for &byte in bytes {
        match byte {
            b'\\' => out.extend_from_slice(b"\\\\"),
            0x20..=0x7e => out.push(byte),
            _ => {
                out.extend_from_slice(&[b'\\', b'0' + (byte >> 6), b'0' + (byte >> 3 & 7), b'0' + (byte & 7)])
            }
        }
    }
}
