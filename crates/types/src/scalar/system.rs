//! `tid`, `pg_lsn` and the `reg*` types.

use crate::env::{RegKind, TypeEnv};
use crate::integer::{parse_oid, write_u64};
use crate::oids::{self, Oid};
use crate::scan::{Reader, invalid_syntax};
use pglitedb_sqlstate::{Result, err};
use std::io::Write as _;

/// Reads a `tid`: `(block,offset)`.
pub fn parse_tid(text: &str) -> Result<(u32, u16)> {
    let parts = || {
        let inner = text.trim_start().strip_prefix('(')?;
        let inner = inner.split_once(')')?.0;
        let (block, offset) = inner.split_once(',')?;
        // Block numbers wrap around as in C: -1 is the largest.
        let number = |text: &str| if text.is_empty() { Ok(0) } else { text.trim_start().parse::<i64>() };
        let block = number(block).ok()?;
        let block = u32::try_from(block).or_else(|_| i32::try_from(block).map(|b| b as u32)).ok()?;
        Some((block, u16::try_from(number(offset).ok()?).ok()?))
    };
    parts().ok_or_else(|| invalid_syntax("tid", text))
}

/// Appends the text form of a `tid`.
pub fn write_tid(block: u32, offset: u16, out: &mut Vec<u8>) {
    out.push(b'(');
    write_u64(u64::from(block), out);
    out.push(b',');
    write_u64(u64::from(offset), out);
    out.push(b')');
}

/// Reads a `pg_lsn`: two hexadecimal numbers of at most 8 digits, separated by a slash.
pub fn parse_lsn(text: &str) -> Result<u64> {
    let half = |part: &str| {
        let hex = (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_hexdigit());
        if hex { u64::from_str_radix(part, 16).ok() } else { None }
    };
    text.split_once('/')
        .and_then(|(high, low)| Some(half(high)? << 32 | half(low)?))
        .ok_or_else(|| invalid_syntax("pg_lsn", text))
}

/// Appends the text form of a `pg_lsn`.
pub fn write_lsn(value: u64, out: &mut Vec<u8>) {
    // Writing to a vector cannot fail.
    let _ = write!(out, "{:X}/{:X}", value >> 32, value & 0xffff_ffff);
}

/// Which `reg*` type it is.
pub fn reg_kind(type_oid: Oid) -> Option<RegKind> {
    Some(match type_oid {
        oids::REGCLASS => RegKind::Class,
        oids::REGPROC => RegKind::Proc,
        oids::REGPROCEDURE => RegKind::Procedure,
        oids::REGOPER => RegKind::Oper,
        oids::REGOPERATOR => RegKind::Operator,
        oids::REGTYPE => RegKind::Type,
        oids::REGNAMESPACE => RegKind::Namespace,
        oids::REGROLE => RegKind::Role,
        oids::REGCOLLATION => RegKind::Collation,
        oids::REGCONFIG => RegKind::Config,
        oids::REGDICTIONARY => RegKind::Dictionary,
        _ => return None,
    })
}

/// Reads a `reg*` value: `-`, an OID, or a name.
pub fn parse_reg(kind: RegKind, text: &str, env: &dyn TypeEnv) -> Result<Oid> {
    // As an operator's name it is just that.
    if text == "-" && !matches!(kind, RegKind::Oper | RegKind::Operator) {
        return Ok(oids::INVALID_OID);
    }
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        return parse_oid("oid", text);
    }
    env.reg_input(kind, text)
}

/// Appends the text form of a `reg*` value.
pub fn write_reg(kind: RegKind, oid: Oid, env: &dyn TypeEnv, out: &mut Vec<u8>) -> Result<()> {
    if oid == oids::INVALID_OID {
        let none: &[u8] = if matches!(kind, RegKind::Oper | RegKind::Operator) { b"0" } else { b"-" };
        out.extend_from_slice(none);
        return Ok(());
    }
    match env.reg_output(kind, oid)? {
        Some(name) => out.extend_from_slice(name.as_bytes()),
        None => write_u64(u64::from(oid), out),
    }
    Ok(())
}

/// Takes a number from the beginning of a text as C's `strtoull` does: too large ones are the largest, none is 0.
fn leading_number(text: &str) -> (u64, &str) {
    let start = text.trim_start_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c']);
    let digits = start.strip_prefix('+').unwrap_or(start);
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    match &digits[..end] {
        "" => (0, text),
        number => (number.parse().unwrap_or(u64::MAX), &digits[end..]),
    }
}

/// Reads a `pg_snapshot` (`xmin:xmax:xip,...`) and returns its canonical text, which is its representation.
pub fn parse_snapshot(text: &str) -> Result<String> {
    snapshot_text(text).ok_or_else(|| invalid_syntax("pg_snapshot", text))
}

fn snapshot_text(text: &str) -> Option<String> {
    // A number's lower half is that of a transaction's short number, and 0 is none.
    let is_valid = |xid: u64| xid & 0xffff_ffff != 0;
    let (xmin, rest) = leading_number(text);
    let (xmax, rest) = leading_number(rest.strip_prefix(':')?);
    let mut rest = rest.strip_prefix(':')?;
    if !is_valid(xmin) || !is_valid(xmax) || xmax < xmin {
        return None;
    }
    let mut canonical = format!("{xmin}:{xmax}:");
    let mut last = None;
    while !rest.is_empty() {
        let (xid, after) = leading_number(rest);
        // In order, and within the bounds; repetitions are dropped.
        if xid < xmin || xid >= xmax || last.is_some_and(|last| xid < last) {
            return None;
        }
        if last != Some(xid) {
            if last.is_some() {
                canonical.push(',');
            }
            canonical.push_str(&xid.to_string());
            last = Some(xid);
        }
        rest = match after.strip_prefix(',') {
            Some(after) => after,
            None if after.is_empty() => after,
            None => return None,
        };
    }
    Some(canonical)
}

/// Reads the binary form of a `pg_snapshot` and returns its canonical text.
pub fn recv_snapshot(reader: &mut Reader<'_>) -> Result<String> {
    let bad = || err!(INVALID_BINARY_REPRESENTATION, "invalid external pg_snapshot data");
    let count = usize::try_from(reader.i32()?).map_err(|_| bad())?;
    let (xmin, xmax) = (reader.i64()?, reader.i64()?);
    let mut list = String::new();
    for i in 0..count {
        if i > 0 {
            list.push(',');
        }
        list.push_str(&reader.i64()?.to_string());
    }
    parse_snapshot(&format!("{xmin}:{xmax}:{list}")).map_err(|_| bad())
}

/// Appends the binary form of a `pg_snapshot`.
pub fn send_snapshot(text: &str, out: &mut Vec<u8>) {
    let number = |part: Option<&str>| part.and_then(|p| p.parse::<i64>().ok()).unwrap_or(0);
    let mut parts = text.splitn(3, ':');
    let (xmin, xmax) = (number(parts.next()), number(parts.next()));
    let running: Vec<&str> = parts.next().unwrap_or("").split(',').filter(|p| !p.is_empty()).collect();
    out.extend_from_slice(&(running.len() as i32).to_be_bytes());
    out.extend_from_slice(&xmin.to_be_bytes());
    out.extend_from_slice(&xmax.to_be_bytes());
    running.iter().for_each(|xid| out.extend_from_slice(&number(Some(xid)).to_be_bytes()));
}
