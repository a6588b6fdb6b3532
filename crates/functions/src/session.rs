//! Functions that ask the session: settings, names, types of values.

use crate::Registry;
use crate::call::FnCtx;
use pglitedb_sqlstate::{Result, bail, err};
use pglitedb_types::{Datum, Numeric, Oid, oids};
use std::cmp::Ordering;

fn setting(ctx: &FnCtx<'_>, name: &str, missing_ok: bool) -> Result<Option<String>> {
    match ctx.env.setting(name)? {
        Some(value) => Ok(Some(value)),
        None if missing_ok => Ok(None),
        None => bail!(UNDEFINED_OBJECT, "unrecognized configuration parameter \"{name}\""),
    }
}

/// Bytes of a value as PostgreSQL would store it, header included.
fn stored_size(value: &Datum) -> i32 {
    fn varlena(len: usize) -> usize {
        // A short header up to 126 bytes, else four bytes.
        if len <= 126 { len + 1 } else { len + 4 }
    }
    let size = match value {
        Datum::Null | Datum::Void => 0,
        Datum::Bool(_) | Datum::Char(_) => 1,
        Datum::Int2(_) => 2,
        Datum::Int4(_) | Datum::Float4(_) | Datum::Oid(_) | Datum::Date(_) | Datum::Enum(_) => 4,
        Datum::Tid(..) | Datum::Mac(_) => 6,
        Datum::Int8(_)
        | Datum::Float8(_)
        | Datum::UInt8(_)
        | Datum::Time(_)
        | Datum::Timestamp(_)
        | Datum::TimestampTz(_) => 8,
        Datum::TimeTz(_) => 12,
        Datum::Interval(_) | Datum::Uuid(_) => 16,
        Datum::Text(text) => varlena(text.len()),
        Datum::Bytea(bytes) | Datum::Encoded(bytes) => varlena(bytes.len()),
        other => {
            let mut bytes = Vec::new();
            pglitedb_types::codec::encode(other, &mut bytes);
            varlena(bytes.len())
        }
    };
    i32::try_from(size).unwrap_or(i32::MAX)
}

fn count_nulls(ctx: &FnCtx<'_>, args: &[Datum], nulls: bool) -> Option<i32> {
    let count = |values: &[Datum]| values.iter().filter(|value| value.is_null() == nulls).count() as i32;
    if !ctx.info.variadic {
        return Some(count(args));
    }
    match args.first() {
        Some(Datum::Array(array)) => Some(count(&array.values)),
        _ => None,
    }
}

const UNITS: [(&str, u32); 6] = [("bytes", 0), ("kB", 10), ("MB", 20), ("GB", 30), ("TB", 40), ("PB", 50)];

/// A size with a unit: the largest one that leaves less than 10,240.
fn size_pretty(size: i128) -> String {
    let half_up = |value: i128| if value >= 0 { (value + 1) / 2 } else { (value - 1) / 2 };
    if size.abs() < 10 * 1024 {
        return format!("{size} bytes");
    }
    // One bit is kept for rounding.
    let mut value = size / 512;
    for (unit, _) in &UNITS[1..5] {
        if value.abs() < 20 * 1024 - 1 {
            return format!("{} {unit}", half_up(value));
        }
        value /= 1024;
    }
    format!("{} PB", half_up(value))
}

/// The same of any number: one that is shown in bytes keeps its fraction.
fn size_pretty_numeric(size: &Numeric) -> Result<String> {
    let below = |value: &Numeric, limit: i64| value.abs().compare(&Numeric::from(limit)) == Ordering::Less;
    if below(size, 10 * 1024) {
        return Ok(format!("{size} bytes"));
    }
    let mut value = size.div_trunc(&Numeric::from(512))?;
    let mut units = UNITS[1..].iter().map(|(unit, _)| unit).peekable();
    while let Some(unit) = units.next() {
        if units.peek().is_none() || below(&value, 20 * 1024 - 1) {
            let one = Numeric::from(if value.signum() < 0 { -1 } else { 1 });
            return Ok(format!("{} {unit}", value.add(&one)?.div_trunc(&Numeric::from(2))?));
        }
        value = value.div_trunc(&Numeric::from(1024))?;
    }
    Ok(format!("{size} bytes"))
}

/// `pg_size_bytes`
fn size_bytes(text: &str) -> Result<i64> {
    let trimmed = text.trim_matches(|c: char| c.is_ascii_whitespace());
    let is_exponent = |at: usize| {
        let rest = trimmed[at + 1..].trim_start_matches(['+', '-']);
        rest.starts_with(|c: char| c.is_ascii_digit()) && at > 0
    };
    let mut end = 0;
    for (at, c) in trimmed.char_indices() {
        let part = c.is_ascii_digit()
            || c == '.'
            || (matches!(c, '+' | '-') && (at == 0 || trimmed[..at].ends_with(['e', 'E'])))
            || (matches!(c, 'e' | 'E') && is_exponent(at));
        if !part {
            break;
        }
        end = at + c.len_utf8();
    }
    let (number, unit) = trimmed.split_at(end);
    let invalid = || err!(INVALID_PARAMETER_VALUE, "invalid size: \"{text}\"");
    if !number.contains(|c: char| c.is_ascii_digit()) {
        return Err(invalid());
    }
    let number = Numeric::parse(number)?;
    let unit = unit.trim();
    let known = UNITS.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit));
    let shift = match known {
        Some((_, shift)) => *shift,
        None if unit.is_empty() || unit.eq_ignore_ascii_case("b") => 0,
        None => {
            return Err(invalid()
                .detail(format!("Invalid size unit: \"{unit}\"."))
                .hint("Valid units are \"bytes\", \"B\", \"kB\", \"MB\", \"GB\", \"TB\", and \"PB\"."));
        }
    };
    number.mul(&Numeric::from_scaled(1_i128 << shift, 0))?.to_int8()
}

/// A snapshot `xmin:xmax:xip,...`.
struct Snapshot {
    xmin: u64,
    xmax: u64,
    running: Vec<u64>,
}

fn snapshot(text: &str) -> Result<Snapshot> {
    let mut parts = text.split(':');
    let mut number = || parts.next().and_then(|part| part.parse().ok());
    let invalid =
        || err!(INVALID_TEXT_REPRESENTATION, "invalid input syntax for type pg_snapshot: \"{text}\"");
    let (xmin, xmax) = (number().ok_or_else(invalid)?, number().ok_or_else(invalid)?);
    let running = parts.next().unwrap_or("").split(',').filter_map(|part| part.parse().ok()).collect();
    Ok(Snapshot { xmin, xmax, running })
}

/// An `xid8`, or the `int8` of the old `txid` functions.
fn xid_of(datum: &Datum) -> u64 {
    match datum {
        Datum::UInt8(xid) => *xid,
        other => other.as_i64().unwrap_or(0) as u64,
    }
}

/// An xid of the call's result type.
fn xid_result(ctx: &FnCtx<'_>, xid: u64) -> Datum {
    if ctx.info.result_type == oids::XID8 { Datum::UInt8(xid) } else { Datum::Int8(xid as i64) }
}

fn base_type(ctx: &FnCtx<'_>, type_oid: Oid) -> Option<Oid> {
    let mut at = type_oid;
    for _ in 0..64 {
        match ctx.env.as_type_env().type_info(at) {
            Ok(info) if info.kind == pglitedb_types::TypeKind::Domain => at = info.base_type,
            Ok(_) => return Some(at),
            Err(_) => return None,
        }
    }
    None
}

pub(crate) fn register(reg: &mut Registry) {
    scalars!(reg;
        "show_config_by_name" => [ctx] |name: &str| setting(ctx, name, false);
        "show_config_by_name_missing_ok" => [ctx] |name: &str, missing_ok: bool| setting(ctx, name, missing_ok);
        "set_config_by_name" => [ctx] |name: Option<&str>, value: Option<&str>, local: Option<bool>| {
            let Some(name) = name else {
                bail!(NULL_VALUE_NOT_ALLOWED, "SET requires parameter name");
            };
            ctx.env.set_setting(name, value.unwrap_or(""), local.unwrap_or(false))
        };
        "current_database" => [ctx] | | ctx.env.current_database();
        "pg_client_encoding" => [ctx] | | ctx.env.setting("client_encoding")?.unwrap_or_else(|| "UTF8".to_owned());
        "getdatabaseencoding" => | | "UTF8";
        "pg_typeof" => [ctx] |_value: &Datum| ctx.info.arg_types.first().copied().unwrap_or(oids::UNKNOWN);
        "pg_basetype" => [ctx] |type_oid: u32| base_type(ctx, type_oid);
        "pg_column_size" => |value: &Datum| if value.is_null() { None } else { Some(stored_size(value)) };
        "pg_size_pretty" => |size: i64| size_pretty(size.into());
        "pg_size_pretty_numeric" => |size: &Numeric| size_pretty_numeric(size);
        "pg_size_bytes" => |size: &str| size_bytes(size);
        "pg_snapshot_xmin" => [ctx] |a: &str| xid_result(ctx, snapshot(a)?.xmin);
        "pg_snapshot_xmax" => [ctx] |a: &str| xid_result(ctx, snapshot(a)?.xmax);
        "pg_visible_in_snapshot" => |xid: &Datum, a: &str| {
            let (xid, a) = (xid_of(xid), snapshot(a)?);
            xid < a.xmin || (xid < a.xmax && !a.running.contains(&xid))
        };
        "pg_wal_lsn_diff" => |a: u64, b: u64| Numeric::from_scaled(i128::from(a) - i128::from(b), 0);
        "icu_unicode_version" => | | Datum::Null;
        "pg_encoding_max_length_sql" => |encoding: i32| crate::text::encoding::longest_character(encoding);
        "pg_convert_from" => |bytes: &[u8], encoding: &str| {
            crate::text::encoding::decode(bytes, encoding)
        };
        "pg_convert_to" => |text: &str, encoding: &str| crate::text::encoding::encode(text, encoding);
        "pg_convert" => |bytes: &[u8], from: &str, to: &str| {
            crate::text::encoding::convert(bytes, from, to)
        };
    );
    reg.add(
        "pg_snapshot_xip",
        crate::Builtin::Set(|ctx, args| {
            let text = args.first().and_then(Datum::as_str).unwrap_or("");
            let running = snapshot(text)?.running;
            let wide = ctx.info.result_type == oids::XID8;
            let value = |xid: u64| if wide { Datum::UInt8(xid) } else { Datum::Int8(xid as i64) };
            crate::text::regexp::rows(running.into_iter().map(value).collect())
        }),
    );
    reg.add("pg_num_nulls", crate::Builtin::Scalar(|ctx, args| Ok(count_nulls(ctx, args, true).into())));
    reg.add("pg_num_nonnulls", crate::Builtin::Scalar(|ctx, args| Ok(count_nulls(ctx, args, false).into())));
}
