//! Text input and output, dispatched by type.

use super::{array, mismatch, range, record, unsupported, vector};
use crate::datum::Datum;
use crate::env::{TypeEnv, TypeInfo, TypeKind};
use crate::numeric::Numeric;
use crate::oids::{self, Oid};
use crate::scalar::{aclitem, bit, boolean, bytea, character, geometry, mac, money, network, system, uuid};
use crate::textsearch::{TsQuery, TsVector};
use crate::{datetime, float, integer, json};
use pglitedb_sqlstate::{Result, err};
use std::sync::Arc;

/// Reads a value's text form and applies the type modifier (-1 for none) as assignment does.
pub fn input(text: &str, type_oid: Oid, typmod: i32, env: &dyn TypeEnv) -> Result<Datum> {
    Ok(match type_oid {
        oids::INT4 => Datum::Int4(integer::parse_int4(text)?),
        oids::INT8 => Datum::Int8(integer::parse_int8(text)?),
        oids::TEXT | oids::UNKNOWN | oids::CSTRING | oids::REFCURSOR => Datum::text(text),
        oids::VARCHAR => character::varchar(text, typmod, false)?,
        oids::BPCHAR => character::bpchar(text, typmod, false)?,
        oids::NUMERIC => Datum::Numeric(Numeric::parse_typmod(text, typmod)?),
        oids::BOOL => Datum::Bool(boolean::parse(text)?),
        oids::INT2 => Datum::Int2(integer::parse_int2(text)?),
        oids::FLOAT8 => Datum::Float8(float::parse_f64(text)?),
        oids::FLOAT4 => Datum::Float4(float::parse_f32(text)?),
        oids::TIMESTAMP => Datum::Timestamp(datetime::timestamp_in(text, typmod, env)?),
        oids::TIMESTAMPTZ => Datum::TimestampTz(datetime::timestamptz_in(text, typmod, env)?),
        oids::DATE => Datum::Date(datetime::date_in(text, env)?),
        oids::TIME => Datum::Time(datetime::time_in(text, typmod, env)?),
        oids::TIMETZ => Datum::TimeTz(datetime::timetz_in(text, typmod, env)?),
        oids::INTERVAL => Datum::Interval(datetime::interval_in(text, typmod, env)?),
        oids::UUID => Datum::Uuid(uuid::parse(text)?),
        oids::BYTEA => Datum::Bytea(Arc::from(bytea::parse(text)?)),
        oids::JSON => {
            json::validate_json(text, env.format())?;
            Datum::text(text)
        }
        oids::JSONB => Datum::Jsonb(Arc::new(json::jsonb_input(text, env.format())?)),
        _ => return input_rare(text, type_oid, typmod, env),
    })
}

fn input_rare(text: &str, type_oid: Oid, typmod: i32, env: &dyn TypeEnv) -> Result<Datum> {
    Ok(match type_oid {
        oids::CHAR => Datum::Char(character::parse_char(text)),
        oids::NAME => Datum::text(character::name(text)),
        oids::OID => Datum::Oid(integer::parse_oid("oid", text)?),
        oids::XID => Datum::Oid(integer::parse_oid("xid", text)?),
        oids::CID => Datum::Oid(integer::parse_oid("cid", text)?),
        oids::XID8 => Datum::UInt8(integer::parse_xid8(text)?),
        oids::PG_LSN => Datum::UInt8(system::parse_lsn(text)?),
        oids::TID => {
            let (block, offset) = system::parse_tid(text)?;
            Datum::Tid(block, offset)
        }
        oids::MONEY => Datum::Int8(money::parse(text)?),
        oids::BIT => bit::apply_bit(&Arc::new(bit::parse(text)?), typmod, false)?,
        oids::VARBIT => bit::apply_varbit(&Arc::new(bit::parse(text)?), typmod, false)?,
        oids::MACADDR => Datum::Mac(mac::parse(text)?),
        oids::MACADDR8 => Datum::Mac(mac::parse8(text)?),
        oids::INET => Datum::Inet(network::parse_inet(text)?),
        oids::CIDR => Datum::Inet(network::parse_cidr(text)?),
        oids::POINT | oids::LSEG | oids::PATH | oids::BOX | oids::POLYGON | oids::LINE | oids::CIRCLE => {
            Datum::Geometry(Arc::new(geometry::parse(type_oid, text)?))
        }
        oids::INT2VECTOR | oids::OIDVECTOR => vector::input(text, type_oid)?,
        oids::JSONPATH => {
            let path = crate::jsonpath::parse(text)?;
            path.root.each_regex(&mut |pattern, flags| env.check_like_regex(pattern, flags))?;
            Datum::Text(path.to_string().into())
        }
        oids::TSVECTOR => TsVector::parse(text)?.to_datum(),
        oids::TSQUERY => TsQuery::to_datum(TsQuery::parse(text)?.as_ref()),
        oids::ACLITEM => Datum::text(&aclitem::parse(text, env)?),
        oids::VOID => Datum::Void,
        oids::PG_SNAPSHOT | oids::TXID_SNAPSHOT => Datum::text(&system::parse_snapshot(text)?),
        _ => match system::reg_kind(type_oid) {
            Some(kind) => Datum::Oid(system::parse_reg(kind, text, env)?),
            None => return input_by_kind(text, &*env.type_info(type_oid)?, typmod, env),
        },
    })
}

fn input_by_kind(text: &str, info: &TypeInfo, typmod: i32, env: &dyn TypeEnv) -> Result<Datum> {
    match info.kind {
        _ if info.is_true_array => array::input(text, info, typmod, env),
        TypeKind::Domain => {
            let value = input(text, info.base_type, info.base_typmod, env)?;
            env.check_domain(info.oid, &value)?;
            Ok(value)
        }
        TypeKind::Enum => match env.enum_from_label(info.oid, text)? {
            Some(value) => {
                env.check_enum_use(info.oid, value)?;
                Ok(Datum::Enum(value))
            }
            None => {
                let name = crate::format_type_be(info.oid, env)?;
                Err(err!(INVALID_TEXT_REPRESENTATION, "invalid input value for enum {name}: \"{text}\""))
            }
        },
        TypeKind::Composite => record::input(text, info.oid, env),
        TypeKind::Range => range::input(text, info, env),
        TypeKind::Multirange => range::input_multirange(text, info, env),
        TypeKind::Pseudo if info.oid == oids::RECORD => {
            Err(err!(FEATURE_NOT_SUPPORTED, "input of anonymous composite types is not implemented"))
        }
        TypeKind::Pseudo => Err(err!(FEATURE_NOT_SUPPORTED, "cannot accept a value of type {}", info.name)),
        TypeKind::Base if info.io_type != 0 => input(text, info.io_type, -1, env),
        TypeKind::Base => Err(match info.oid {
            oids::GTSVECTOR
            | oids::PG_NODE_TREE
            | oids::PG_NDISTINCT
            | oids::PG_DEPENDENCIES
            | oids::PG_MCV_LIST
            | oids::PG_BRIN_BLOOM_SUMMARY
            | oids::PG_BRIN_MINMAX_MULTI_SUMMARY => {
                err!(FEATURE_NOT_SUPPORTED, "cannot accept a value of type {}", info.name)
            }
            _ => unsupported("input", info.oid, env),
        }),
    }
}

/// Appends a non-null value's text form.
#[inline]
pub fn output(value: &Datum, type_oid: Oid, env: &dyn TypeEnv, out: &mut Vec<u8>) -> Result<()> {
    match value {
        Datum::Int4(v) => integer::write_i64(i64::from(*v), out),
        Datum::Text(v) => out.extend_from_slice(v.as_bytes()),
        Datum::Int8(v) if type_oid != oids::MONEY => integer::write_i64(*v, out),
        Datum::Bool(v) => out.push(if *v { b't' } else { b'f' }),
        Datum::Numeric(v) => v.write_to(out),
        Datum::Float8(v) => float::write_f64(*v, env.format().extra_float_digits, out),
        Datum::Timestamp(v) => datetime::timestamp_out(*v, env.format(), out),
        Datum::TimestampTz(v) => datetime::timestamptz_out(*v, env.format(), out),
        Datum::Date(v) => datetime::date_out(*v, env.format(), out),
        Datum::Uuid(v) => uuid::write(v, out),
        _ => return output_rare(value, type_oid, env, out),
    }
    Ok(())
}

fn output_rare(value: &Datum, type_oid: Oid, env: &dyn TypeEnv, out: &mut Vec<u8>) -> Result<()> {
    match value {
        Datum::Int2(v) => integer::write_i64(i64::from(*v), out),
        Datum::Int8(v) => money::write(*v, out),
        Datum::Float4(v) => float::write_f32(*v, env.format().extra_float_digits, out),
        Datum::Char(v) => character::write_char(*v, out),
        Datum::Oid(v) => match system::reg_kind(type_oid) {
            Some(kind) => system::write_reg(kind, *v, env, out)?,
            None => integer::write_u64(u64::from(*v), out),
        },
        Datum::UInt8(v) if type_oid == oids::PG_LSN => system::write_lsn(*v, out),
        Datum::UInt8(v) => integer::write_u64(*v, out),
        Datum::Tid(block, offset) => system::write_tid(*block, *offset, out),
        Datum::Bytea(v) => bytea::write(v, env.format().bytea_escape, out),
        Datum::Time(v) => datetime::time_out(*v, out),
        Datum::TimeTz(v) => datetime::timetz_out(*v, out),
        Datum::Interval(v) => datetime::interval_out(*v, env.format(), out),
        Datum::Bit(v) => bit::write(v, out),
        Datum::Jsonb(v) => json::write_jsonb(v, out),
        Datum::Array(v) if matches!(type_oid, oids::INT2VECTOR | oids::OIDVECTOR) => {
            vector::output(v, type_oid, out)?
        }
        Datum::Array(v) => array::output(v, env, out)?,
        Datum::Record(v) => record::output(v, env, out)?,
        Datum::Range(v) => range::output(v, env, out)?,
        Datum::Multirange(v) => range::output_multirange(v, env, out)?,
        Datum::Enum(v) => out.extend_from_slice(env.enum_label(*v)?.as_bytes()),
        Datum::Mac(v) if base_of(type_oid, env)? == oids::MACADDR8 => mac::write(v, out),
        Datum::Mac(v) => mac::write(&v[..6], out),
        Datum::Inet(v) => network::write(v, base_of(type_oid, env)? == oids::CIDR, out),
        Datum::Geometry(v) => {
            geometry::write(base_of(type_oid, env)?, v, env.format().extra_float_digits, out)
        }
        Datum::Void => {}
        Datum::Encoded(v) if base_of(type_oid, env)? == oids::TSVECTOR => TsVector::decode(v)?.write(out),
        Datum::Encoded(v) if base_of(type_oid, env)? == oids::TSQUERY => {
            if let Some(query) = TsQuery::decode(v)? {
                query.write(out);
            }
        }
        Datum::Encoded(_) => return Err(unsupported("output", type_oid, env)),
        _ => return Err(mismatch(value, type_oid)),
    }
    Ok(())
}

/// The type under any number of domains.
pub(super) fn base_of(type_oid: Oid, env: &dyn TypeEnv) -> Result<Oid> {
    let mut oid = type_oid;
    while oid >= oids::FIRST_NORMAL_OID {
        let info = env.type_info(oid)?;
        oid = match info.kind {
            TypeKind::Domain => info.base_type,
            TypeKind::Base if info.io_type != 0 => info.io_type,
            _ => break,
        };
    }
    Ok(oid)
}
