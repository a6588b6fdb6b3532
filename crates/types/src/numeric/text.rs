//! Text form of numerics.

use super::{MAX_DSCALE, Numeric, Repr, Var, overflow};
use crate::numeric::typmod::apply_typmod;
use pglitedb_sqlstate::{Result, err};
use std::fmt;
use std::str::FromStr;

impl Numeric {
    /// Reads PostgreSQL's text form: decimal with optional exponent, `0x`/`0o`/`0b` integers, underscores between
    /// digits, `NaN`, `inf`, `infinity`; surrounding white space is allowed.
    pub fn parse(text: &str) -> Result<Numeric> {
        parse_bytes(text.as_bytes()).map_err(|problem| match problem {
            Problem::Syntax => {
                err!(INVALID_TEXT_REPRESENTATION, "invalid input syntax for type numeric: \"{text}\"")
            }
            Problem::Overflow => overflow(),
        })
    }

    /// Reads the text form and applies a type modifier.
    pub fn parse_typmod(text: &str, typmod: i32) -> Result<Numeric> {
        apply_typmod(Numeric::parse(text)?, typmod)
    }

    /// Appends the text form.
    pub fn write_to(&self, out: &mut Vec<u8>) {
        match &self.0 {
            Repr::Small { mantissa, scale } => write_small(*mantissa, *scale as usize, out),
            Repr::Big(var) => write_var(var, out),
            Repr::NaN => out.extend_from_slice(b"NaN"),
            Repr::Infinity => out.extend_from_slice(b"Infinity"),
            Repr::NegInfinity => out.extend_from_slice(b"-Infinity"),
        }
    }
}

impl FromStr for Numeric {
    type Err = pglitedb_sqlstate::Error;

    fn from_str(text: &str) -> Result<Numeric> {
        Numeric::parse(text)
    }
}

impl fmt::Display for Numeric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = Vec::with_capacity(24);
        self.write_to(&mut out);
        f.write_str(&String::from_utf8_lossy(&out))
    }
}

impl fmt::Debug for Numeric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Numeric({self})")
    }
}

fn write_small(mantissa: i64, scale: usize, out: &mut Vec<u8>) {
    if mantissa < 0 {
        out.push(b'-');
    }
    let mut buffer = [b'0'; 20];
    let mut at = buffer.len();
    let mut rest = mantissa.unsigned_abs();
    while rest > 0 {
        at -= 1;
        buffer[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    // At least one digit before the point.
    at = at.min(buffer.len() - 1 - scale);
    let point = buffer.len() - scale;
    out.extend_from_slice(&buffer[at..point]);
    if scale > 0 {
        out.push(b'.');
        out.extend_from_slice(&buffer[point..]);
    }
}

fn four(digit: u16) -> [u8; 4] {
    [
        b'0' + (digit / 1000) as u8,
        b'0' + (digit / 100 % 10) as u8,
        b'0' + (digit / 10 % 10) as u8,
        b'0' + (digit % 10) as u8,
    ]
}

fn write_var(var: &Var, out: &mut Vec<u8>) {
    if var.negative {
        out.push(b'-');
    }
    let digit_at = |weight: i32| -> u16 {
        usize::try_from(var.weight - weight).ok().and_then(|i| var.digits.get(i)).copied().unwrap_or(0)
    };
    if var.weight < 0 || var.digits.is_empty() {
        out.push(b'0');
    } else {
        for weight in (0..=var.weight).rev() {
            let group = four(digit_at(weight));
            let skip = if weight == var.weight {
                group.iter().take_while(|&&c| c == b'0').count().min(3)
            } else {
                0
            };
            out.extend_from_slice(&group[skip..]);
        }
    }
    if var.dscale > 0 {
        out.push(b'.');
        let end = out.len() + var.dscale as usize;
        let mut weight = -1;
        while out.len() < end {
            out.extend_from_slice(&four(digit_at(weight)));
            weight -= 1;
        }
        out.truncate(end);
    }
}

enum Problem {
    Syntax,
    Overflow,
}

fn trim(bytes: &[u8]) -> &[u8] {
    crate::scan::trim_space(bytes)
}

fn parse_bytes(input: &[u8]) -> std::result::Result<Numeric, Problem> {
    let bytes = trim(input);
    let (negative, rest) = match bytes.first() {
        Some(b'-') => (true, &bytes[1..]),
        Some(b'+') => (false, &bytes[1..]),
        _ => (false, bytes),
    };
    match rest {
        [b'0', b'x' | b'X', digits @ ..] => return parse_radix(digits, 16, negative),
        [b'0', b'o' | b'O', digits @ ..] => return parse_radix(digits, 8, negative),
        [b'0', b'b' | b'B', digits @ ..] => return parse_radix(digits, 2, negative),
        [b'0'..=b'9' | b'.', ..] => return parse_decimal(rest, negative),
        _ => {}
    }
    if bytes.eq_ignore_ascii_case(b"nan") {
        Ok(Numeric::NAN)
    } else if rest.eq_ignore_ascii_case(b"infinity") || rest.eq_ignore_ascii_case(b"inf") {
        Ok(if negative { Numeric::NEG_INFINITY } else { Numeric::INFINITY })
    } else {
        Err(Problem::Syntax)
    }
}

fn parse_radix(digits: &[u8], radix: u32, negative: bool) -> std::result::Result<Numeric, Problem> {
    let mut value = Var::zero(0);
    let mut chunk = 0i64;
    let mut chunk_size = 1i64;
    let mut previous_digit = false;
    let mut any = false;
    let flush = |value: &mut Var, chunk: &mut i64, size: &mut i64| -> std::result::Result<(), Problem> {
        *value = value.mul(&Var::from_i64(*size)).add(&Var::from_i64(*chunk));
        (*chunk, *size) = (0, 1);
        if value.weight > super::MAX_WEIGHT { Err(Problem::Overflow) } else { Ok(()) }
    };
    // One underscore may follow the prefix.
    let digits = digits.strip_prefix(b"_").unwrap_or(digits);
    for &byte in digits {
        if byte == b'_' {
            if !previous_digit {
                return Err(Problem::Syntax);
            }
            previous_digit = false;
            continue;
        }
        let digit = (byte as char).to_digit(radix).ok_or(Problem::Syntax)?;
        chunk = chunk * i64::from(radix) + i64::from(digit);
        chunk_size *= i64::from(radix);
        if chunk_size >= 1 << 48 {
            flush(&mut value, &mut chunk, &mut chunk_size)?;
        }
        previous_digit = true;
        any = true;
    }
    if !any || !previous_digit {
        return Err(Problem::Syntax);
    }
    flush(&mut value, &mut chunk, &mut chunk_size)?;
    value.negative = negative && !value.is_zero();
    Numeric::from_var(value).map_err(|_| Problem::Overflow)
}

/// Decimal digits as read: how many stand before the point, and the exponent.
struct Decimal {
    digits: Vec<u8>,
    before_point: i64,
    exponent: i64,
}

fn parse_decimal(bytes: &[u8], negative: bool) -> std::result::Result<Numeric, Problem> {
    if let Some(small) = parse_small(bytes, negative) {
        return Ok(small);
    }
    let Decimal { mut digits, mut before_point, exponent } = split_decimal(bytes)?;
    let after = digits.len() as i64 - before_point;
    let dscale = (after - exponent).max(0);
    before_point += exponent;
    if dscale > i64::from(MAX_DSCALE) {
        return Err(Problem::Overflow);
    }
    // Align so that groups of four start at the point.
    let lead = (4 - before_point.rem_euclid(4)) % 4;
    let weight = (before_point + lead) / 4 - 1;
    let mut padded = vec![0u8; lead as usize];
    padded.append(&mut digits);
    while !padded.len().is_multiple_of(4) {
        padded.push(0);
    }
    let groups = padded.chunks_exact(4).map(|c| c.iter().fold(0u16, |n, &d| n * 10 + u16::from(d))).collect();
    let mut var = Var {
        negative,
        weight: weight.clamp(-100_000, 1_000_000) as i32,
        dscale: dscale as i32,
        digits: groups,
    };
    var.strip();
    Numeric::from_var(var).map_err(|_| Problem::Overflow)
}

/// The common case: at most 18 digits, no exponent, no underscores.
fn parse_small(bytes: &[u8], negative: bool) -> Option<Numeric> {
    if bytes.len() > 19 {
        return None;
    }
    let mut mantissa = 0i64;
    let mut scale = None;
    let mut count = 0;
    for &byte in bytes {
        match byte {
            b'0'..=b'9' if count < 18 => {
                mantissa = mantissa * 10 + i64::from(byte - b'0');
                count += 1;
                scale = scale.map(|s| s + 1);
            }
            b'.' if scale.is_none() => scale = Some(0),
            _ => return None,
        }
    }
    if count == 0 {
        return None;
    }
    Some(Numeric::from_scaled(i128::from(if negative { -mantissa } else { mantissa }), scale.unwrap_or(0)))
}

fn split_decimal(bytes: &[u8]) -> std::result::Result<Decimal, Problem> {
    let mut digits = Vec::with_capacity(bytes.len());
    let mut point = None;
    let mut at = 0;
    let mut previous_digit = false;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'0'..=b'9' => {
                digits.push(byte - b'0');
                previous_digit = true;
            }
            // Underscores stand between digits only.
            b'_' if previous_digit && bytes.get(at + 1).is_some_and(u8::is_ascii_digit) => {
                previous_digit = false
            }
            b'.' if point.is_none() => {
                point = Some(digits.len() as i64);
                previous_digit = false;
            }
            b'e' | b'E' if !digits.is_empty() => break,
            _ => return Err(Problem::Syntax),
        }
        at += 1;
    }
    if digits.is_empty() {
        return Err(Problem::Syntax);
    }
    let before_point = point.unwrap_or(digits.len() as i64);
    let mut exponent = 0i64;
    if at < bytes.len() {
        exponent = parse_exponent(&bytes[at + 1..])?;
    }
    Ok(Decimal { digits, before_point, exponent })
}

fn parse_exponent(bytes: &[u8]) -> std::result::Result<i64, Problem> {
    let (negative, digits) = match bytes.first() {
        Some(b'-') => (true, &bytes[1..]),
        Some(b'+') => (false, &bytes[1..]),
        _ => (false, bytes),
    };
    let mut value = 0i64;
    let mut previous_digit = false;
    for (i, &byte) in digits.iter().enumerate() {
        match byte {
            b'0'..=b'9' => {
                value = value * 10 + i64::from(byte - b'0');
                if value > i64::from(i32::MAX / 2) {
                    return Err(Problem::Overflow);
                }
                previous_digit = true;
            }
            b'_' if previous_digit && digits.get(i + 1).is_some_and(u8::is_ascii_digit) => {
                previous_digit = false
            }
            _ => return Err(Problem::Syntax),
        }
    }
    if digits.is_empty() {
        return Err(Problem::Syntax);
    }
    Ok(if negative { -value } else { value })
}
