//! `inet` and `cidr`

use super::bytea::hex_value;
use crate::datum::Inet;
use crate::scan::{Reader, invalid_syntax};
use pglitedb_sqlstate::{Error, Result, err};
use std::io::Write as _;
use std::net::Ipv6Addr;

const FAMILY_V4: u8 = 2;
const FAMILY_V6: u8 = 3;

/// Reads an `inet`: a whole address, optionally with a prefix length.
pub fn parse_inet(text: &str) -> Result<Inet> {
    parse_opt(text, false).ok_or_else(|| invalid_syntax("inet", text))
}

/// Reads a `cidr`: a network, whose IPv4 octets may be left out at the end; no bits may be set right of the prefix.
pub fn parse_cidr(text: &str) -> Result<Inet> {
    let value = parse_opt(text, true).ok_or_else(|| invalid_syntax("cidr", text))?;
    if !is_network(&value) {
        return Err(host_bits("cidr", text));
    }
    Ok(value)
}

#[cold]
fn host_bits(type_name: &str, text: &str) -> Error {
    err!(INVALID_TEXT_REPRESENTATION, "invalid {type_name} value: \"{text}\"")
        .detail("Value has bits set to right of mask.")
}

/// Are all bits right of the prefix zero?
pub fn is_network(value: &Inet) -> bool {
    let (_, network, _, addr) = crate::compare::inet_order(value);
    network == addr
}

fn parse_opt(text: &str, cidr: bool) -> Option<Inet> {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, Some(parse_bits(bits)?)),
        None => (text, None),
    };
    if address.contains(':') {
        let parsed: Ipv6Addr = address.parse().ok()?;
        let bits = bits.unwrap_or(128);
        return (bits <= 128).then_some(Inet { is_v6: true, bits: bits as u8, addr: parsed.octets() });
    }
    let (octets, count) = match address.strip_prefix("0x").or_else(|| address.strip_prefix("0X")) {
        Some(hex) if cidr => parse_hex_v4(hex)?,
        _ => parse_v4(address)?,
    };
    let bits = match bits {
        // An inet must name the octets that its prefix covers whole.
        Some(bits) if !cidr && bits / 8 > count as u32 => return None,
        Some(bits) => bits,
        None if cidr => default_bits(&octets, count),
        None if count == 4 => 32,
        None => return None,
    };
    if bits > 32 {
        return None;
    }
    let mut addr = [0; 16];
    addr[..4].copy_from_slice(&octets);
    Some(Inet { is_v6: false, bits: bits as u8, addr })
}

fn parse_bits(text: &str) -> Option<u32> {
    let plain = !text.is_empty() && text.len() <= 8 && text.bytes().all(|b| b.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

/// One to four octets separated by points.
fn parse_v4(text: &str) -> Option<([u8; 4], usize)> {
    let mut octets = [0; 4];
    let mut count = 0;
    for part in text.split('.') {
        if part.is_empty() || part.len() > 8 || !part.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        *octets.get_mut(count)? = part.parse().ok()?;
        count += 1;
    }
    Some((octets, count))
}

/// One to four octets as hexadecimal digits.
fn parse_hex_v4(text: &str) -> Option<([u8; 4], usize)> {
    let mut octets = [0; 4];
    let mut digits = 0;
    for byte in text.bytes() {
        let nibble = hex_value(byte)?;
        *octets.get_mut(digits / 2)? |= if digits % 2 == 0 { nibble << 4 } else { nibble };
        digits += 1;
    }
    (digits > 0).then_some((octets, usize::div_ceil(digits, 2)))
}

/// Prefix length of a network written without one: by its class, but at least the octets given.
fn default_bits(octets: &[u8; 4], count: usize) -> u32 {
    let class = match octets[0] {
        240.. => 32,
        224.. => 8,
        192.. => 24,
        128.. => 16,
        _ => 8,
    };
    let bits = class.max(count as u32 * 8);
    // Class D networks have 4 bits unless more octets are given.
    if bits == 8 && octets[0] == 224 { 4 } else { bits }
}

fn max_bits(value: &Inet) -> u8 {
    if value.is_v6 { 128 } else { 32 }
}

/// Appends the address alone.
pub fn write_address(value: &Inet, out: &mut Vec<u8>) {
    if !value.is_v6 {
        let [a, b, c, d, ..] = value.addr;
        // Writing to a vector cannot fail, here and below.
        let _ = write!(out, "{a}.{b}.{c}.{d}");
        return;
    }
    let addr = Ipv6Addr::from(value.addr);
    let segments = addr.segments();
    // Addresses that embed IPv4 show it: ::a.b.c.d (unless that is a small number) and ::ffff:a.b.c.d.
    let [.., a, b, c, d] = value.addr;
    if segments[..6] == [0; 6] && segments[6] != 0 {
        let _ = write!(out, "::{a}.{b}.{c}.{d}");
    } else if segments[..5] == [0; 5] && segments[5] == 0xffff {
        let _ = write!(out, "::ffff:{a}.{b}.{c}.{d}");
    } else {
        let _ = write!(out, "{addr}");
    }
}

/// Appends the text form: `cidr` always shows its prefix length, `inet` only if it is not the whole address.
pub fn write(value: &Inet, cidr: bool, out: &mut Vec<u8>) {
    write_address(value, out);
    if cidr || value.bits != max_bits(value) {
        let _ = write!(out, "/{}", value.bits);
    }
}

/// Reads the binary form.
pub fn recv(reader: &mut Reader<'_>, cidr: bool) -> Result<Inet> {
    let name = if cidr { "cidr" } else { "inet" };
    let invalid =
        |what: &str| err!(INVALID_BINARY_REPRESENTATION, "invalid {what} in external \"{name}\" value");
    let is_v6 = match reader.u8()? {
        FAMILY_V4 => false,
        FAMILY_V6 => true,
        _ => return Err(invalid("address family")),
    };
    let bits = reader.u8()?;
    if bits > if is_v6 { 128 } else { 32 } {
        return Err(invalid("bits"));
    }
    let _is_cidr = reader.u8()?;
    let len = usize::from(reader.u8()?);
    if len != if is_v6 { 16 } else { 4 } {
        return Err(invalid("length"));
    }
    let mut addr = [0; 16];
    addr[..len].copy_from_slice(reader.take(len)?);
    let value = Inet { is_v6, bits, addr };
    if cidr && !is_network(&value) {
        return Err(err!(INVALID_BINARY_REPRESENTATION, "invalid external \"cidr\" value")
            .detail("Value has bits set to right of mask."));
    }
    Ok(value)
}

/// Appends the binary form.
pub fn send(value: &Inet, cidr: bool, out: &mut Vec<u8>) {
    let len = if value.is_v6 { 16 } else { 4 };
    let family = if value.is_v6 { FAMILY_V6 } else { FAMILY_V4 };
    out.extend_from_slice(&[family, value.bits, u8::from(cidr), len as u8]);
    out.extend_from_slice(&value.addr[..len]);
}
