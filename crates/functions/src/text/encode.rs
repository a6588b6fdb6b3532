//! `encode` and `decode`, and digests.

use crate::Registry;
use pglitedb_sqlstate::{Error, Result, bail, err};
use pglitedb_types::Datum;
use std::fmt::Write as _;

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        out.push(char::from(DIGITS[usize::from(byte >> 4)]));
        out.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    out
}

fn decode_hex(text: &str) -> Result<Vec<u8>> {
    let digit = |c: char| match c.to_digit(16) {
        Some(value) => Ok(value as u8),
        None => Err(err!(INVALID_PARAMETER_VALUE, "invalid hexadecimal digit: \"{c}\"")),
    };
    let mut chars = text.chars().filter(|c| !matches!(c, ' ' | '\n' | '\t' | '\r'));
    let mut out = Vec::with_capacity(text.len() / 2);
    while let Some(high) = chars.next() {
        let high = digit(high)?;
        let Some(low) = chars.next() else {
            bail!(INVALID_PARAMETER_VALUE, "invalid hexadecimal data: odd number of digits");
        };
        out.push(high << 4 | digit(low)?);
    }
    Ok(out)
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Base64 in lines of 76 characters.
fn encode_base64(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 4 / 3 + 8);
    let mut column = 0;
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().fold(0_u32, |v, b| v << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
        for at in 0..4 {
            let index = (group >> (18 - 6 * at) & 63) as usize;
            out.push(if at <= chunk.len() { char::from(BASE64[index]) } else { '=' });
        }
        column += 4;
        if column == 76 {
            out.push('\n');
            column = 0;
        }
    }
    out
}

fn decode_base64(text: &str) -> Result<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() * 3 / 4);
    let (mut group, mut count, mut padding) = (0_u32, 0, 0);
    for c in text.chars() {
        let value = match c {
            ' ' | '\t' | '\n' | '\r' => continue,
            'A'..='Z' => c as u32 - 'A' as u32,
            'a'..='z' => c as u32 - 'a' as u32 + 26,
            '0'..='9' => c as u32 - '0' as u32 + 52,
            '+' => 62,
            '/' => 63,
            '=' => {
                if padding == 0 && count < 2 {
                    bail!(INVALID_PARAMETER_VALUE, "unexpected \"=\" while decoding base64 sequence");
                }
                padding += 1;
                0
            }
            _ => {
                bail!(INVALID_PARAMETER_VALUE, "invalid symbol \"{c}\" found while decoding base64 sequence")
            }
        };
        group = group << 6 | value;
        count += 1;
        if count == 4 {
            let bytes = group.to_be_bytes();
            out.extend_from_slice(&bytes[1..4 - padding.min(2)]);
            (group, count) = (0, 0);
        }
    }
    if count != 0 {
        return Err(err!(INVALID_PARAMETER_VALUE, "invalid base64 end sequence")
            .hint("Input data is missing padding, is truncated, or is otherwise corrupted."));
    }
    Ok(out)
}

fn encode_escape(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            0 | 0x80.. => {
                let _ = write!(out, "\\{byte:03o}");
            }
            b'\\' => out.push_str("\\\\"),
            _ => out.push(char::from(*byte)),
        }
    }
    out
}

fn decode_escape(text: &str) -> Result<Vec<u8>> {
    let mut rest = text.as_bytes();
    let mut out = Vec::with_capacity(rest.len());
    loop {
        rest = match rest {
            [] => return Ok(out),
            [b'\\', b'\\', tail @ ..] => {
                out.push(b'\\');
                tail
            }
            [b'\\', a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', tail @ ..] => {
                out.push((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'));
                tail
            }
            [b'\\', ..] => bail!(INVALID_TEXT_REPRESENTATION, "invalid input syntax for type bytea"),
            [byte, tail @ ..] => {
                out.push(*byte);
                tail
            }
        }
    }
}

fn unrecognized(format: &str) -> Error {
    err!(INVALID_PARAMETER_VALUE, "unrecognized encoding: \"{format}\"")
}

fn encode(bytes: &[u8], format: &str) -> Result<String> {
    Ok(match format.to_ascii_lowercase().as_str() {
        "hex" => hex(bytes),
        "base64" => encode_base64(bytes),
        "escape" => encode_escape(bytes),
        _ => return Err(unrecognized(format)),
    })
}

fn decode(text: &str, format: &str) -> Result<Vec<u8>> {
    match format.to_ascii_lowercase().as_str() {
        "hex" => decode_hex(text),
        "base64" => decode_base64(text),
        "escape" => decode_escape(text),
        _ => Err(unrecognized(format)),
    }
}

fn digest<D: sha2::Digest>(bytes: &[u8]) -> Datum {
    Datum::bytea(&D::digest(bytes))
}

/// Cyclic redundancy check with a reflected polynomial.
fn crc(bytes: &[u8], polynomial: u32) -> i64 {
    let mut value = u32::MAX;
    for byte in bytes {
        value ^= u32::from(*byte);
        for _ in 0..8 {
            value = value >> 1 ^ (polynomial & (value & 1).wrapping_neg());
        }
    }
    i64::from(!value)
}

fn md5(bytes: &[u8]) -> String {
    use md5::Digest as _;
    hex(&md5::Md5::digest(bytes))
}

pub(crate) fn register(reg: &mut Registry) {
    scalars!(reg;
        "binary_encode" => |a: &[u8], format: &str| encode(a, format);
        "binary_decode" => |a: &str, format: &str| decode(a, format);
        "md5_text" => |a: &str| md5(a.as_bytes());
        "md5_bytea" => |a: &[u8]| md5(a);
        "sha224_bytea" => |a: &[u8]| digest::<sha2::Sha224>(a);
        "sha256_bytea" => |a: &[u8]| digest::<sha2::Sha256>(a);
        "sha384_bytea" => |a: &[u8]| digest::<sha2::Sha384>(a);
        "sha512_bytea" => |a: &[u8]| digest::<sha2::Sha512>(a);
        "crc32_bytea" => |a: &[u8]| crc(a, 0xEDB8_8320);
        "crc32c_bytea" => |a: &[u8]| crc(a, 0x82F6_3B78);
    );
}
