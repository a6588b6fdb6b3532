//! PostgreSQL's hashes of `numeric`, arrays, ranges, composite values and `jsonb`.

use super::hash::{hash_bytes, hash_bytes_extended};
use crate::Registry;
use crate::call::{CallInfo, FnCtx};
use crate::convert::Arg;
use crate::registry::{Builtin, builtins};
use pglitedb_sqlstate::{Result, bail, err};
use pglitedb_types::{ArrayValue, Datum, JsonbValue, Numeric, Oid, RangeValue, RecordValue, TypeKind, oids};

/// A hash of 32 bits, or one of 64 bits with a seed.
#[derive(Clone, Copy)]
enum Kind {
    Plain,
    Extended(u64),
}

fn bytes(input: &[u8], kind: Kind) -> u64 {
    match kind {
        Kind::Plain => hash_bytes(input).into(),
        Kind::Extended(seed) => hash_bytes_extended(input, seed),
    }
}

/// Digits in base 10,000 and weight, without zeros at the ends, from the binary form.
fn numeric_digits(value: &Numeric, ctx: &FnCtx<'_>) -> Result<(Vec<i16>, i16)> {
    let mut wire = Vec::new();
    pglitedb_types::send(&Datum::Numeric(value.clone()), oids::NUMERIC, ctx.env.as_type_env(), &mut wire)?;
    let words: Vec<i16> = wire.chunks_exact(2).map(|pair| i16::from_be_bytes([pair[0], pair[1]])).collect();
    let [_, weight, _, _, digits @ ..] = words.as_slice() else { return Ok((Vec::new(), 0)) };
    let (mut weight, mut digits) = (*weight, digits);
    while let [0, rest @ ..] = digits {
        digits = rest;
        weight = weight.wrapping_sub(1);
    }
    while let [rest @ .., 0] = digits {
        digits = rest;
    }
    Ok((digits.to_vec(), weight))
}

fn numeric(value: &Numeric, kind: Kind, ctx: &FnCtx<'_>) -> Result<u64> {
    if !value.is_finite() {
        return Ok(match kind {
            Kind::Plain => 0,
            Kind::Extended(seed) => seed,
        });
    }
    let (digits, weight) = numeric_digits(value, ctx)?;
    if digits.is_empty() {
        return Ok(match kind {
            Kind::Plain => u64::from(u32::MAX),
            Kind::Extended(seed) => seed.wrapping_sub(1),
        });
    }
    let input: Vec<u8> = digits.iter().flat_map(|digit| digit.to_le_bytes()).collect();
    Ok(match kind {
        Kind::Plain => u64::from(hash_bytes(&input) ^ i32::from(weight) as u32),
        Kind::Extended(seed) => hash_bytes_extended(&input, seed) ^ i64::from(weight) as u64,
    })
}

/// Names of a type's hash functions.
fn function(type_oid: Oid, kind: Kind, ctx: &FnCtx<'_>) -> Result<(&'static str, &'static str)> {
    Ok(match type_oid {
        oids::BOOL => ("hashbool", "hashboolextended"),
        oids::CHAR => ("hashchar", "hashcharextended"),
        oids::INT2 => ("hashint2", "hashint2extended"),
        oids::INT4 => ("hashint4", "hashint4extended"),
        oids::INT8 => ("hashint8", "hashint8extended"),
        oids::FLOAT4 => ("hashfloat4", "hashfloat4extended"),
        oids::FLOAT8 => ("hashfloat8", "hashfloat8extended"),
        oids::NUMERIC => ("hash_numeric", "hash_numeric_extended"),
        oids::TEXT | oids::VARCHAR => ("hashtext", "hashtextextended"),
        oids::BPCHAR => ("hashbpchar", "hashbpcharextended"),
        oids::NAME => ("hashname", "hashnameextended"),
        oids::BYTEA => ("hashbytea", "hashbyteaextended"),
        oids::UUID => ("uuid_hash", "uuid_hash_extended"),
        oids::DATE => ("hashdate", "hashdateextended"),
        oids::TIME => ("time_hash", "time_hash_extended"),
        oids::TIMETZ => ("timetz_hash", "timetz_hash_extended"),
        oids::TIMESTAMP => ("timestamp_hash", "timestamp_hash_extended"),
        oids::TIMESTAMPTZ => ("timestamptz_hash", "timestamptz_hash_extended"),
        oids::INTERVAL => ("interval_hash", "interval_hash_extended"),
        oids::OID | oids::REGCLASS | oids::REGTYPE | oids::REGPROC => ("hashoid", "hashoidextended"),
        oids::XID8 => ("hashxid8", "hashxid8extended"),
        oids::PG_LSN => ("pg_lsn_hash", "pg_lsn_hash_extended"),
        oids::INET | oids::CIDR => ("hashinet", "hashinetextended"),
        oids::MACADDR => ("hashmacaddr", "hashmacaddrextended"),
        oids::MACADDR8 => ("hashmacaddr8", "hashmacaddr8extended"),
        oids::JSONB => ("jsonb_hash", "jsonb_hash_extended"),
        oids::RECORD => ("hash_record", "hash_record_extended"),
        _ => {
            let env = ctx.env.as_type_env();
            let info = env.type_info(type_oid)?;
            match info.kind {
                _ if info.is_true_array => ("hash_array", "hash_array_extended"),
                TypeKind::Range => ("hash_range", "hash_range_extended"),
                TypeKind::Multirange => ("hash_multirange", "hash_multirange_extended"),
                TypeKind::Enum => ("hashenum", "hashenumextended"),
                TypeKind::Composite => ("hash_record", "hash_record_extended"),
                TypeKind::Domain => return function(info.base_type, kind, ctx),
                _ => {
                    let name = pglitedb_types::format_type_be(type_oid, env)?;
                    let what = if matches!(kind, Kind::Plain) { "a" } else { "an extended" };
                    return Err(err!(
                        UNDEFINED_FUNCTION,
                        "could not identify {what} hash function for type {name}"
                    ));
                }
            }
        }
    })
}

/// Hash of one value by its type.
fn element(value: &Datum, type_oid: Oid, kind: Kind, ctx: &FnCtx<'_>) -> Result<u64> {
    let (plain, extended) = function(type_oid, kind, ctx)?;
    let name = if matches!(kind, Kind::Plain) { plain } else { extended };
    let Some(Builtin::Scalar(hash)) = builtins().get(name) else {
        bail!(FEATURE_NOT_SUPPORTED, "hash function {name} is not supported");
    };
    let info = CallInfo { arg_types: vec![type_oid], ..CallInfo::default() };
    let inner = FnCtx { env: ctx.env, info: &info };
    let result = match kind {
        Kind::Plain => hash(&inner, std::slice::from_ref(value))?,
        Kind::Extended(seed) => hash(&inner, &[value.clone(), Datum::Int8(seed as i64)])?,
    };
    Ok(match result {
        Datum::Int4(hash) => u64::from(hash as u32),
        Datum::Int8(hash) => hash as u64,
        _ => 0,
    })
}

/// Adds one to a hash of several: `h * 31 + x` in the width of the kind.
fn add(hash: u64, next: u64, kind: Kind) -> u64 {
    match kind {
        Kind::Plain => u64::from((hash as u32).wrapping_mul(31).wrapping_add(next as u32)),
        Kind::Extended(_) => hash.wrapping_mul(31).wrapping_add(next),
    }
}

fn array(value: &ArrayValue, kind: Kind, ctx: &FnCtx<'_>) -> Result<u64> {
    value.values.iter().try_fold(1, |hash, item| {
        let next = if item.is_null() { 0 } else { element(item, value.elem_type, kind, ctx)? };
        Ok(add(hash, next, kind))
    })
}

fn record(value: &RecordValue, kind: Kind, ctx: &FnCtx<'_>) -> Result<u64> {
    value.fields.iter().enumerate().try_fold(0, |hash, (at, field)| {
        let type_oid = value.field_types.get(at).copied().unwrap_or(0);
        let next = if field.is_null() { 0 } else { element(field, type_oid, kind, ctx)? };
        Ok(add(hash, next, kind))
    })
}

/// The flags byte that PostgreSQL stores with a range.
fn range_flags(range: &RangeValue) -> u32 {
    u32::from(range.empty)
        | u32::from(range.lower_inclusive) << 1
        | u32::from(range.upper_inclusive) << 2
        | u32::from(!range.empty && range.lower.is_none()) << 3
        | u32::from(!range.empty && range.upper.is_none()) << 4
}

fn word(value: u32, kind: Kind) -> u64 {
    match kind {
        Kind::Plain => super::hash::hash_u32(value).into(),
        Kind::Extended(seed) => super::hash::hash_u32_extended(value, seed),
    }
}

fn rotate(hash: u64, kind: Kind) -> u64 {
    match kind {
        Kind::Plain => u64::from((hash as u32).rotate_left(1)),
        // Rotates the two halves one by one.
        Kind::Extended(_) => {
            let (high, low) = ((hash >> 32) as u32, hash as u32);
            u64::from(high.rotate_left(1)) << 32 | u64::from(low.rotate_left(1))
        }
    }
}

fn range(value: &RangeValue, kind: Kind, ctx: &FnCtx<'_>) -> Result<u64> {
    let subtype = ctx.env.as_type_env().type_info(value.range_type)?.range_subtype;
    let bound =
        |bound: &Option<Datum>| bound.as_ref().map_or(Ok(0), |value| element(value, subtype, kind, ctx));
    let (lower, upper) = (bound(&value.lower)?, bound(&value.upper)?);
    let hash = word(range_flags(value), kind) ^ lower;
    Ok(rotate(hash, kind) ^ upper)
}

fn multirange(value: &[RangeValue], kind: Kind, ctx: &FnCtx<'_>) -> Result<u64> {
    value.iter().try_fold(1, |hash, item| Ok(add(hash, range(item, kind, ctx)?, kind)))
}

/// Hash of a scalar inside of `jsonb`, mixed into the hash so far.
fn jsonb_scalar(value: &JsonbValue, hash: u64, kind: Kind, ctx: &FnCtx<'_>) -> Result<u64> {
    let next = match value {
        JsonbValue::Null => match kind {
            Kind::Plain => 1,
            Kind::Extended(seed) => seed.wrapping_add(1),
        },
        JsonbValue::String(text) => bytes(text.as_bytes(), kind),
        JsonbValue::Number(number) => numeric(number, kind, ctx)?,
        JsonbValue::Bool(truth) => match kind {
            Kind::Plain => u64::from(if *truth { 2_u32 } else { 4 }),
            Kind::Extended(0) => {
                if *truth {
                    2
                } else {
                    4
                }
            }
            Kind::Extended(seed) => super::hash::hash_u32_extended(u32::from(*truth), seed),
        },
        _ => 0,
    };
    Ok(rotate(hash, kind) ^ next)
}

/// Mixes in the mark that an array or an object begins with.
fn jsonb_open(hash: u64, mark: u64, kind: Kind) -> u64 {
    match kind {
        Kind::Plain => hash ^ mark,
        Kind::Extended(_) => hash ^ (mark << 32 | mark),
    }
}

fn jsonb(value: &JsonbValue, mut hash: u64, kind: Kind, ctx: &FnCtx<'_>) -> Result<u64> {
    match value {
        JsonbValue::Array(items) => {
            hash = jsonb_open(hash, 0x4000_0000, kind);
            items.iter().try_fold(hash, |hash, item| jsonb(item, hash, kind, ctx))
        }
        JsonbValue::Object(members) => {
            hash = jsonb_open(hash, 0x2000_0000, kind);
            members.iter().try_fold(hash, |hash, (key, item)| {
                let hash = jsonb_scalar(&JsonbValue::String(key.clone()), hash, kind, ctx)?;
                jsonb(item, hash, kind, ctx)
            })
        }
        scalar => jsonb_scalar(scalar, hash, kind, ctx),
    }
}

fn jsonb_root(value: &JsonbValue, kind: Kind, ctx: &FnCtx<'_>) -> Result<u64> {
    let empty = match kind {
        Kind::Plain => 0,
        Kind::Extended(seed) => seed,
    };
    match value {
        JsonbValue::Array(items) if items.is_empty() => Ok(empty),
        JsonbValue::Object(members) if members.is_empty() => Ok(empty),
        JsonbValue::Array(_) | JsonbValue::Object(_) => jsonb(value, 0, kind, ctx),
        // A scalar at the root is kept in an array that does not show.
        scalar => jsonb_scalar(scalar, jsonb_open(0, 0x4000_0000, kind), kind, ctx),
    }
}

type HashFn<'a, T> = fn(T, Kind, &FnCtx<'_>) -> Result<u64>;

fn plain<'a, T: Arg<'a>>(ctx: &FnCtx<'_>, args: &'a [Datum], hash: HashFn<'a, T>) -> Result<Datum> {
    let [value] = args else { return Err(crate::convert::arity("hash", args.len())) };
    Ok(Datum::Int4(hash(T::get(value)?, Kind::Plain, ctx)? as u32 as i32))
}

fn extended<'a, T: Arg<'a>>(ctx: &FnCtx<'_>, args: &'a [Datum], hash: HashFn<'a, T>) -> Result<Datum> {
    let [value, Datum::Int8(seed)] = args else { return Err(crate::convert::arity("hash", args.len())) };
    Ok(Datum::Int8(hash(T::get(value)?, Kind::Extended(*seed as u64), ctx)? as i64))
}

pub(crate) fn register(reg: &mut Registry) {
    macro_rules! hashes {
        ($($name:literal, $extended:literal => $hash:ident;)*) => {$(
            reg.add($name, Builtin::Scalar(|ctx, args| plain(ctx, args, $hash)));
            reg.add($extended, Builtin::Scalar(|ctx, args| extended(ctx, args, $hash)));
        )*};
    }
    hashes!(
        "hash_numeric", "hash_numeric_extended" => numeric;
        "hash_array", "hash_array_extended" => array;
        "hash_record", "hash_record_extended" => record;
        "hash_range", "hash_range_extended" => range;
        "hash_multirange", "hash_multirange_extended" => multirange;
        "jsonb_hash", "jsonb_hash_extended" => jsonb_root;
    );
}
