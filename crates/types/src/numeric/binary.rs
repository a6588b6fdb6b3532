//! Wire format and storage format.

use super::{MAX_DSCALE, Numeric, Repr, SMALL_SCALE, Var};
use crate::scan::Reader;
use pglitedb_sqlstate::{Result, err};
use std::sync::Arc;

const SIGN_NEGATIVE: u16 = 0x4000;
const SIGN_NAN: u16 = 0xC000;
const SIGN_INFINITY: u16 = 0xD000;
const SIGN_NEG_INFINITY: u16 = 0xF000;

// First byte of the storage form; below these it is a small value's scale.
const TAG_BIG: u8 = 0x80;
const TAG_BIG_NEGATIVE: u8 = 0x81;
const TAG_NAN: u8 = 0x82;
const TAG_INFINITY: u8 = 0x83;
const TAG_NEG_INFINITY: u8 = 0x84;

impl Numeric {
    /// Appends PostgreSQL's binary format.
    pub fn send(&self, out: &mut Vec<u8>) {
        let mut words = |ndigits: u16, weight: i16, sign: u16, dscale: u16| {
            for word in [ndigits, weight as u16, sign, dscale] {
                out.extend_from_slice(&word.to_be_bytes());
            }
        };
        match &self.0 {
            Repr::NaN => words(0, 0, SIGN_NAN, 0),
            Repr::Infinity => words(0, 0, SIGN_INFINITY, 0x20),
            Repr::NegInfinity => words(0, 0, SIGN_NEG_INFINITY, 0x20),
            Repr::Small { .. } => send_var(&self.to_var(), out),
            Repr::Big(var) => send_var(var, out),
        }
    }

    /// Reads PostgreSQL's binary format.
    pub fn recv(reader: &mut Reader<'_>) -> Result<Numeric> {
        let ndigits = reader.u16()?;
        let weight = reader.u16()? as i16;
        let sign = reader.u16()?;
        let dscale = reader.u16()?;
        match sign {
            0 | SIGN_NEGATIVE => {}
            SIGN_NAN => return Ok(Numeric::NAN),
            SIGN_INFINITY => return Ok(Numeric::INFINITY),
            SIGN_NEG_INFINITY => return Ok(Numeric::NEG_INFINITY),
            _ => {
                return Err(err!(
                    INVALID_BINARY_REPRESENTATION,
                    "invalid sign in external \"numeric\" value"
                ));
            }
        }
        if i32::from(dscale) > MAX_DSCALE {
            return Err(err!(INVALID_BINARY_REPRESENTATION, "invalid scale in external \"numeric\" value"));
        }
        let mut digits = Vec::with_capacity(usize::from(ndigits).min(reader.remaining() / 2));
        for _ in 0..ndigits {
            let digit = reader.u16()?;
            if digit >= 10_000 {
                return Err(err!(
                    INVALID_BINARY_REPRESENTATION,
                    "invalid digit in external \"numeric\" value"
                ));
            }
            digits.push(digit);
        }
        let mut var = Var {
            negative: sign == SIGN_NEGATIVE,
            weight: i32::from(weight),
            dscale: i32::from(dscale),
            digits,
        };
        var.strip();
        var.truncate(i32::from(dscale));
        Numeric::from_var(var)
    }

    /// Appends the storage form. Its length is not part of it.
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        match &self.0 {
            Repr::Small { mantissa, scale } => {
                out.push(*scale);
                // Zigzag, then as many little-endian bytes as are needed.
                let zigzag = ((mantissa << 1) ^ (mantissa >> 63)) as u64;
                let len = 8 - zigzag.leading_zeros() as usize / 8;
                out.extend_from_slice(&zigzag.to_le_bytes()[..len]);
            }
            Repr::Big(var) => {
                out.push(if var.negative { TAG_BIG_NEGATIVE } else { TAG_BIG });
                out.extend_from_slice(&var.weight.to_le_bytes());
                out.extend_from_slice(&(var.dscale as u16).to_le_bytes());
                for digit in &var.digits {
                    out.extend_from_slice(&digit.to_le_bytes());
                }
            }
            Repr::NaN => out.push(TAG_NAN),
            Repr::Infinity => out.push(TAG_INFINITY),
            Repr::NegInfinity => out.push(TAG_NEG_INFINITY),
        }
    }

    /// Reads the storage form; `None` if the bytes are damaged.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Numeric> {
        let (&tag, rest) = bytes.split_first()?;
        if u32::from(tag) <= SMALL_SCALE {
            let mut word = [0u8; 8];
            word.get_mut(..rest.len())?.copy_from_slice(rest);
            let zigzag = u64::from_le_bytes(word);
            let mantissa = (zigzag >> 1) as i64 ^ -((zigzag & 1) as i64);
            return (mantissa != i64::MIN).then_some(Numeric(Repr::Small { mantissa, scale: tag }));
        }
        match tag {
            TAG_BIG | TAG_BIG_NEGATIVE => decode_big(tag == TAG_BIG_NEGATIVE, rest),
            TAG_NAN => Some(Numeric::NAN),
            TAG_INFINITY => Some(Numeric::INFINITY),
            TAG_NEG_INFINITY => Some(Numeric::NEG_INFINITY),
            _ => None,
        }
    }
}

fn decode_big(negative: bool, rest: &[u8]) -> Option<Numeric> {
    let (weight, rest) = rest.split_first_chunk::<4>()?;
    let (dscale, rest) = rest.split_first_chunk::<2>()?;
    let (weight, dscale) = (i32::from_le_bytes(*weight), i32::from(u16::from_le_bytes(*dscale)));
    if rest.len() % 2 != 0 || weight.abs() > super::MAX_WEIGHT + 1 || dscale > MAX_DSCALE {
        return None;
    }
    let digits: Vec<u16> = rest.chunks_exact(2).map(|c| u16::from_le_bytes([c[0], c[1]])).collect();
    if digits.iter().any(|&d| d >= 10_000) {
        return None;
    }
    let mut var = Var { negative, weight, dscale, digits };
    var.strip();
    Some(match var.to_scaled_i64() {
        Some((mantissa, scale)) => Numeric::from_scaled(i128::from(mantissa), scale),
        None => Numeric(Repr::Big(Arc::new(var))),
    })
}

fn send_var(var: &Var, out: &mut Vec<u8>) {
    out.extend_from_slice(&(var.digits.len() as u16).to_be_bytes());
    out.extend_from_slice(&(var.weight as i16).to_be_bytes());
    out.extend_from_slice(&(if var.negative { SIGN_NEGATIVE } else { 0 }).to_be_bytes());
    out.extend_from_slice(&(var.dscale as u16).to_be_bytes());
    for digit in &var.digits {
        out.extend_from_slice(&digit.to_be_bytes());
    }
}
