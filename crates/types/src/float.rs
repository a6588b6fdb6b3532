//! `float4` and `float8`: text form and order.

use crate::scan::{invalid_syntax, trim_space};
use pglitedb_sqlstate::{Error, Result, err};
use std::cmp::Ordering;
use std::io::Write as _;

/// Decimal digits of a number, without the point, and its decimal exponent: `d.ddd * 10^exponent`.
struct Digits {
    buffer: [u8; 32],
    len: usize,
    exponent: i32,
}

impl Digits {
    /// Splits what `{:e}` printed for a value that is not below zero.
    fn parse(printed: &[u8]) -> Digits {
        let mut digits = Digits { buffer: [b'0'; 32], len: 0, exponent: 0 };
        let mut bytes = printed.iter();
        for &byte in bytes.by_ref() {
            match byte {
                b'e' => break,
                b'.' => {}
                digit if digits.len < digits.buffer.len() => {
                    digits.buffer[digits.len] = digit;
                    digits.len += 1;
                }
                _ => {}
            }
        }
        let mut negative = false;
        for &byte in bytes {
            match byte {
                b'-' => negative = true,
                digit => digits.exponent = digits.exponent * 10 + i32::from(digit.wrapping_sub(b'0')),
            }
        }
        if negative {
            digits.exponent = -digits.exponent;
        }
        digits
    }

    fn as_slice(&self) -> &[u8] {
        &self.buffer[..self.len]
    }

    /// Is this number read as `value` (in single precision or double)?
    fn reads_as(&self, value: f64, single: bool) -> bool {
        let mut text = Vec::with_capacity(32);
        self.write_scientific(&mut text);
        let text = String::from_utf8_lossy(&text);
        if single { text.parse() == Ok(value as f32) } else { text.parse() == Ok(value) }
    }

    /// `d.ddde+XX`, the exponent with at least two digits.
    fn write_scientific(&self, out: &mut Vec<u8>) {
        let digits = self.as_slice();
        out.extend_from_slice(&digits[..1]);
        if digits.len() > 1 {
            out.push(b'.');
            out.extend_from_slice(&digits[1..]);
        }
        out.push(b'e');
        out.push(if self.exponent < 0 { b'-' } else { b'+' });
        let exponent = self.exponent.unsigned_abs();
        if exponent < 10 {
            out.push(b'0');
        }
        crate::integer::write_u64(u64::from(exponent), out);
    }

    /// Without exponent.
    fn write_fixed(&self, out: &mut Vec<u8>) {
        let digits = self.as_slice();
        if self.exponent < 0 {
            out.extend_from_slice(b"0.");
            out.extend(std::iter::repeat_n(b'0', (-self.exponent - 1) as usize));
            out.extend_from_slice(digits);
            return;
        }
        let before = self.exponent as usize + 1;
        if before >= digits.len() {
            out.extend_from_slice(digits);
            out.extend(std::iter::repeat_n(b'0', before - digits.len()));
        } else {
            out.extend_from_slice(&digits[..before]);
            out.push(b'.');
            out.extend_from_slice(&digits[before..]);
        }
    }
}

/// Writes NaN and the infinities; true if it was one of them.
fn write_special(value: f64, out: &mut Vec<u8>) -> bool {
    let text: &[u8] = if value.is_nan() {
        b"NaN"
    } else if value == f64::INFINITY {
        b"Infinity"
    } else if value == f64::NEG_INFINITY {
        b"-Infinity"
    } else {
        return false;
    };
    out.extend_from_slice(text);
    true
}

/// Is `digits * 10^exponent` exactly half way between the value `mantissa * 2^exponent2` and a neighbour?
///
/// Such a number reads back as the value only by the rule of rounding to even, which PostgreSQL does not rely on.
fn is_halfway(digits: &Digits, mantissa: u64, exponent2: i32) -> bool {
    // An odd mantissa is never the even one; and only short numbers can be that exact.
    let scale = digits.exponent - (digits.len as i32 - 1);
    if mantissa == 0 || mantissa % 2 == 1 || !(0..=27).contains(&scale) || digits.len > 17 {
        return false;
    }
    let number = digits.as_slice().iter().fold(0u128, |n, d| n * 10 + u128::from(d - b'0'));
    let Some(product) = number.checked_mul(5u128.pow(scale as u32)) else { return false };
    let twos = product.trailing_zeros();
    let (odd, power) = (product >> twos, twos as i32 + scale);
    let mantissa = u128::from(mantissa);
    power == exponent2 - 1 && (odd == 2 * mantissa + 1 || odd + 1 == 2 * mantissa)
}

/// Is the value `mantissa * 2^exponent2` exactly between `digits` and the number whose last digit is one less?
fn is_tie(digits: &Digits, mantissa: u64, exponent2: i32) -> bool {
    let scale = digits.exponent - digits.len as i32;
    if mantissa == 0 || digits.len > 17 || !(-27..=27).contains(&scale) {
        return false;
    }
    let number = digits.as_slice().iter().fold(0u128, |n, d| n * 10 + u128::from(d - b'0')) * 10 - 5;
    let fives = 5u128.pow(scale.unsigned_abs());
    // number * 10^scale == mantissa * 2^exponent2, the powers of five on the side where they are whole.
    let (left, right) = match scale {
        0.. => (number.checked_mul(fives), Some(u128::from(mantissa))),
        _ => (Some(number), u128::from(mantissa).checked_mul(fives)),
    };
    let (Some(left), Some(right)) = (left, right) else { return false };
    let (l, r) = (left.trailing_zeros(), right.trailing_zeros());
    left >> l == right >> r && l as i32 + scale == r as i32 + exponent2
}

fn write_shortest(printed: &[u8], negative: bool, fixed_below: i32, parts: (u64, i32), out: &mut Vec<u8>) {
    if negative {
        out.push(b'-');
    }
    let mut digits = Digits::parse(printed);
    if is_halfway(&digits, parts.0, parts.1) {
        // One more digit at a time until the number is properly nearer to the value than to its neighbours.
        let value = parts.0 as f64 * 2f64.powi(parts.1);
        for precision in digits.len..17 {
            let mut buffer = [0; 48];
            let len = print(&mut buffer, format_args!("{value:.precision$e}"));
            digits = Digits::parse(&buffer[..len]);
            while digits.len > 1 && digits.buffer[digits.len - 1] == b'0' {
                digits.len -= 1;
            }
            if !is_halfway(&digits, parts.0, parts.1) {
                break;
            }
        }
    }
    // Of two shortest numbers equally near PostgreSQL takes the one with the even last digit.
    let last = digits.len.saturating_sub(1);
    if digits.buffer[last] % 2 == 1 && is_tie(&digits, parts.0, parts.1) {
        digits.buffer[last] -= 1;
        // Below a power of two the neighbour is nearer: the smaller number may be nearer to that.
        if parts.0.is_power_of_two()
            && !digits.reads_as(parts.0 as f64 * 2f64.powi(parts.1), fixed_below == 6)
        {
            digits.buffer[last] += 1;
        }
    }
    if digits.exponent < -4 || digits.exponent >= fixed_below {
        digits.write_scientific(out);
    } else {
        digits.write_fixed(out);
    }
}

/// A number printed into a buffer on the stack.
fn print(buffer: &mut [u8; 48], args: std::fmt::Arguments<'_>) -> usize {
    let mut cursor = &mut buffer[..];
    // No float needs more than the buffer has.
    let _ = cursor.write_fmt(args);
    let left = cursor.len();
    buffer.len() - left
}

/// Appends a `float8` as `extra_float_digits` asks.
#[inline]
pub fn write_f64(value: f64, extra_float_digits: i32, out: &mut Vec<u8>) {
    if write_special(value, out) {
        return;
    }
    if extra_float_digits <= 0 {
        return write_general(value, (15 + extra_float_digits).max(1) as usize, out);
    }
    // Integers of moderate size need no search for the shortest form.
    if value.abs() < 1e15 && value == value.trunc() && (value != 0.0 || value.is_sign_positive()) {
        return crate::integer::write_i64(value as i64, out);
    }
    let mut buffer = [0; 48];
    let len = print(&mut buffer, format_args!("{:e}", value.abs()));
    let (bits, low) = (value.to_bits() & ((1 << 52) - 1), (value.to_bits() >> 52 & 0x7ff) as i32);
    let parts = if low == 0 { (bits, -1074) } else { (bits | 1 << 52, low - 1075) };
    write_shortest(&buffer[..len], value.is_sign_negative(), 15, parts, out);
}

/// Appends a `float4` as `extra_float_digits` asks.
pub fn write_f32(value: f32, extra_float_digits: i32, out: &mut Vec<u8>) {
    if write_special(f64::from(value), out) {
        return;
    }
    if extra_float_digits <= 0 {
        return write_general(f64::from(value), (6 + extra_float_digits).max(1) as usize, out);
    }
    let mut buffer = [0; 48];
    let len = print(&mut buffer, format_args!("{:e}", value.abs()));
    let (bits, low) = (value.to_bits() & ((1 << 23) - 1), (value.to_bits() >> 23 & 0xff) as i32);
    let parts = if low == 0 { (bits, -149) } else { (bits | 1 << 23, low - 150) };
    write_shortest(&buffer[..len], value.is_sign_negative(), 6, (u64::from(parts.0), parts.1), out);
}

/// Appends a number as C's `%.*g` prints it.
pub fn write_general(value: f64, precision: usize, out: &mut Vec<u8>) {
    if write_special(value, out) {
        return;
    }
    let precision = precision.clamp(1, 17);
    let mut buffer = [0; 48];
    let len = print(&mut buffer, format_args!("{:.*e}", precision - 1, value.abs()));
    let mut digits = Digits::parse(&buffer[..len]);
    while digits.len > 1 && digits.buffer[digits.len - 1] == b'0' {
        digits.len -= 1;
    }
    if value.is_sign_negative() {
        out.push(b'-');
    }
    if digits.exponent < -4 || digits.exponent >= precision as i32 {
        digits.write_scientific(out);
    } else {
        digits.write_fixed(out);
    }
}

/// Is it a number in C's syntax that Rust's parser takes too?
fn is_decimal(bytes: &[u8]) -> bool {
    let body = match bytes {
        [b'+' | b'-', rest @ ..] => rest,
        _ => bytes,
    };
    body.first().is_some_and(|b| b.is_ascii_digit() || *b == b'.')
        && body.iter().all(|b| matches!(b, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'))
}

fn special(bytes: &[u8]) -> Option<f64> {
    let (negative, body) = match bytes {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, bytes),
    };
    if body.eq_ignore_ascii_case(b"nan") {
        return Some(f64::NAN);
    }
    if body.eq_ignore_ascii_case(b"infinity") || body.eq_ignore_ascii_case(b"inf") {
        return Some(if negative { f64::NEG_INFINITY } else { f64::INFINITY });
    }
    None
}

/// A hexadecimal floating-point number in C's syntax (`0x1.8p3`).
fn hexadecimal(bytes: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(bytes).ok()?.to_ascii_lowercase();
    let (sign, body) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(&text)),
    };
    let body = body.strip_prefix("0x")?;
    let (mantissa, exponent) = match body.split_once('p') {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (body, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut value = 0f64;
    for c in whole.chars().chain(fraction.chars()) {
        value = value * 16.0 + f64::from(c.to_digit(16)?);
    }
    let exponent = exponent.saturating_sub(i32::try_from(fraction.len()).ok()?.saturating_mul(4));
    Some(sign * value * 2f64.powi(exponent))
}

/// Does the text of a decimal number have a digit other than zero before the exponent?
fn nonzero_digits(bytes: &[u8]) -> bool {
    bytes.iter().take_while(|b| !matches!(b, b'e' | b'E')).any(|b| (b'1'..=b'9').contains(b))
}

fn fits(value: f64, digits: &[u8]) -> bool {
    !(value.is_infinite() || (value == 0.0 && nonzero_digits(digits)))
}

#[cold]
fn out_of_range(type_name: &str, shown: &str) -> Error {
    err!(NUMERIC_VALUE_OUT_OF_RANGE, "\"{shown}\" is out of range for type {type_name}")
}

/// The decimal number that text begins with: it is judged before what follows it.
fn leading_number(bytes: &[u8]) -> Option<(&str, f64)> {
    let text = std::str::from_utf8(bytes).ok()?;
    let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut end = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    end += digits(end);
    if bytes.get(end) == Some(&b'.') {
        end += 1 + digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let count = digits((end + 1 + sign).min(bytes.len()));
        if count > 0 {
            end += 1 + sign + count;
        }
    }
    let number = text.get(..end)?;
    Some((number, number.parse().ok()?))
}

/// Reads a `float8`.
pub fn parse_f64(text: &str) -> Result<f64> {
    let bytes = trim_space(text.as_bytes());
    let decimal = is_decimal(bytes);
    let parsed =
        if decimal { std::str::from_utf8(bytes).ok().and_then(|t| t.parse::<f64>().ok()) } else { None };
    let Some(value) =
        parsed.or_else(|| if decimal { None } else { special(bytes) }).or_else(|| hexadecimal(bytes))
    else {
        return Err(match leading_number(bytes) {
            Some((shown, value)) if !fits(value, shown.as_bytes()) => out_of_range("double precision", shown),
            _ => invalid_syntax("double precision", text),
        });
    };
    if decimal && (value.is_infinite() || (value == 0.0 && nonzero_digits(bytes))) {
        let shown = String::from_utf8_lossy(bytes);
        return Err(err!(
            NUMERIC_VALUE_OUT_OF_RANGE,
            "\"{shown}\" is out of range for type double precision"
        ));
    }
    Ok(value)
}

/// Reads a `float4`.
pub fn parse_f32(text: &str) -> Result<f32> {
    let bytes = trim_space(text.as_bytes());
    let decimal = is_decimal(bytes);
    let parsed =
        if decimal { std::str::from_utf8(bytes).ok().and_then(|t| t.parse::<f32>().ok()) } else { None };
    let other =
        || if decimal { None } else { special(bytes).or_else(|| hexadecimal(bytes)).map(|v| v as f32) };
    let Some(value) = parsed.or_else(other) else {
        return Err(match leading_number(bytes) {
            Some((shown, value)) if !fits(f64::from(value as f32), shown.as_bytes()) => {
                out_of_range("real", shown)
            }
            _ => invalid_syntax("real", text),
        });
    };
    if decimal && (value.is_infinite() || (value == 0.0 && nonzero_digits(bytes))) {
        let shown = String::from_utf8_lossy(bytes);
        return Err(err!(NUMERIC_VALUE_OUT_OF_RANGE, "\"{shown}\" is out of range for type real"));
    }
    Ok(value)
}

/// PostgreSQL's order: NaN equals itself and is above everything; zeros are equal.
#[inline]
pub fn compare(a: f64, b: f64) -> Ordering {
    match a.partial_cmp(&b) {
        Some(order) => order,
        None => a.is_nan().cmp(&b.is_nan()),
    }
}

/// Bits whose unsigned order is the order of the values.
#[inline]
pub fn ordered_bits(value: f64) -> u64 {
    if value.is_nan() {
        return u64::MAX;
    }
    // Adding zero turns minus zero into zero.
    let bits = (value + 0.0).to_bits();
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

/// The same for single precision.
#[inline]
pub fn ordered_bits_f32(value: f32) -> u32 {
    if value.is_nan() {
        return u32::MAX;
    }
    let bits = (value + 0.0).to_bits();
    if bits >> 31 == 1 { !bits } else { bits | 1 << 31 }
}

/// The inverse of [`ordered_bits`].
pub fn from_ordered_bits(bits: u64) -> f64 {
    if bits == u64::MAX {
        return f64::NAN;
    }
    f64::from_bits(if bits >> 63 == 1 { bits & !(1 << 63) } else { !bits })
}

/// The inverse of [`ordered_bits_f32`].
pub fn from_ordered_bits_f32(bits: u32) -> f32 {
    if bits == u32::MAX {
        return f32::NAN;
    }
    f32::from_bits(if bits >> 31 == 1 { bits & !(1 << 31) } else { !bits })
}
