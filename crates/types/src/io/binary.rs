//! Binary input and output, dispatched by type.

use super::text::base_of;
use super::{array, mismatch, range, record, unsupported};
use crate::datum::Datum;
use crate::env::{TypeEnv, TypeInfo, TypeKind};
use crate::numeric::Numeric;
use crate::oids::{self, Oid};
use crate::scalar::{bit, character, geometry, network, system};
use crate::scan::Reader;
use crate::textsearch::{TsQuery, TsVector};
use crate::{datetime, json};
use pglitedb_sqlstate::{Result, err};
use std::sync::Arc;

/// Version byte in front of the binary forms of `jsonb` and `jsonpath`.
const JSONB_VERSION: u8 = 1;

/// Bytes of a text type, checked.
pub(crate) fn utf8(bytes: &[u8]) -> Result<&str> {
    let bad = |at: usize| {
        let rest = bytes.get(at..).unwrap_or_default();
        // As many bytes as the first one announces.
        let width = match rest.first() {
            Some(0xc0..=0xdf) => 2,
            Some(0xe0..=0xef) => 3,
            Some(0xf0..=0xf7) => 4,
            _ => 1,
        };
        let shown: Vec<String> = rest.iter().take(width).map(|b| format!("0x{b:02x}")).collect();
        err!(CHARACTER_NOT_IN_REPERTOIRE, "invalid byte sequence for encoding \"UTF8\": {}", shown.join(" "))
    };
    if let Some(at) = bytes.iter().position(|&b| b == 0) {
        return Err(err!(
            CHARACTER_NOT_IN_REPERTOIRE,
            "invalid byte sequence for encoding \"UTF8\": 0x{:02x}",
            bytes[at]
        ));
    }
    std::str::from_utf8(bytes).map_err(|e| bad(e.valid_up_to()))
}

/// Reads a value's binary form, which fills `bytes`, and applies the type modifier.
pub fn recv(bytes: &[u8], type_oid: Oid, typmod: i32, env: &dyn TypeEnv) -> Result<Datum> {
    let mut reader = Reader::new(bytes);
    let value = match type_oid {
        oids::DATE => return datetime::date_recv(bytes).map(Datum::Date),
        oids::TIME => return datetime::time_recv(bytes, typmod).map(Datum::Time),
        oids::TIMETZ => return datetime::timetz_recv(bytes, typmod).map(Datum::TimeTz),
        oids::TIMESTAMP => return datetime::timestamp_recv(bytes, typmod).map(Datum::Timestamp),
        oids::TIMESTAMPTZ => return datetime::timestamp_recv(bytes, typmod).map(Datum::TimestampTz),
        oids::INTERVAL => return datetime::interval_recv(bytes, typmod).map(Datum::Interval),
        oids::INT4 => Datum::Int4(reader.i32()?),
        oids::INT8 | oids::MONEY => Datum::Int8(reader.i64()?),
        oids::INT2 => Datum::Int2(reader.u16()? as i16),
        oids::FLOAT4 => Datum::Float4(f32::from_be_bytes(reader.array()?)),
        oids::FLOAT8 => Datum::Float8(reader.f64()?),
        oids::BOOL => Datum::Bool(reader.u8()? != 0),
        oids::CHAR => Datum::Char(reader.u8()?),
        oids::UUID => Datum::Uuid(reader.array()?),
        oids::BYTEA => Datum::bytea(reader.rest()),
        oids::TEXT | oids::UNKNOWN | oids::CSTRING | oids::REFCURSOR => Datum::text(utf8(reader.rest())?),
        oids::NAME => {
            let name = utf8(reader.rest())?;
            if name.len() > character::NAME_LEN {
                return Err(err!(NAME_TOO_LONG, "identifier too long")
                    .detail("Identifier must be less than 64 characters."));
            }
            Datum::text(name)
        }
        oids::VARCHAR => character::varchar(utf8(reader.rest())?, typmod, false)?,
        oids::BPCHAR => character::bpchar(utf8(reader.rest())?, typmod, false)?,
        oids::NUMERIC => Datum::Numeric(Numeric::recv(&mut reader)?.apply_typmod(typmod)?),
        oids::JSON => {
            let text = utf8(reader.rest())?;
            json::validate_json(text, env.format())?;
            Datum::text(text)
        }
        oids::JSONB => {
            let version = reader.u8()?;
            if version != JSONB_VERSION {
                return Err(err!(INTERNAL_ERROR, "unsupported jsonb version number {version}"));
            }
            Datum::Jsonb(Arc::new(json::jsonb_input(utf8(reader.rest())?, env.format())?))
        }
        oids::XID8 | oids::PG_LSN => Datum::UInt8(reader.array().map(u64::from_be_bytes)?),
        oids::TID => Datum::Tid(reader.u32()?, reader.u16()?),
        oids::BIT => bit::apply_bit(&Arc::new(bit::recv(&mut reader)?), typmod, false)?,
        oids::VARBIT => bit::apply_varbit(&Arc::new(bit::recv(&mut reader)?), typmod, false)?,
        oids::MACADDR => {
            let mut value = [0; 8];
            value[..6].copy_from_slice(reader.take(6)?);
            Datum::Mac(value)
        }
        oids::MACADDR8 => match reader.remaining() {
            6 => {
                let [a, b, c, d, e, f] = reader.array()?;
                Datum::Mac([a, b, c, 0xff, 0xfe, d, e, f])
            }
            _ => Datum::Mac(reader.array()?),
        },
        oids::INET => Datum::Inet(network::recv(&mut reader, false)?),
        oids::CIDR => Datum::Inet(network::recv(&mut reader, true)?),
        oids::POINT | oids::LSEG | oids::PATH | oids::BOX | oids::POLYGON | oids::LINE | oids::CIRCLE => {
            Datum::Geometry(Arc::new(geometry::recv(type_oid, &mut reader)?))
        }
        oids::JSONPATH => {
            let version = reader.u8()?;
            if version != JSONB_VERSION {
                return Err(err!(INTERNAL_ERROR, "unsupported jsonpath version number: {version}"));
            }
            super::input(utf8(reader.rest())?, type_oid, typmod, env)?
        }
        oids::TSVECTOR => TsVector::recv(&mut reader)?.to_datum(),
        oids::TSQUERY => TsQuery::to_datum(TsQuery::recv(&mut reader)?.as_ref()),
        oids::VOID => Datum::Void,
        oids::PG_SNAPSHOT | oids::TXID_SNAPSHOT => Datum::text(&system::recv_snapshot(&mut reader)?),
        _ if crate::codec::Repr::of_type(type_oid, env)? == crate::codec::Repr::Oid
            && type_oid < oids::FIRST_NORMAL_OID =>
        {
            Datum::Oid(reader.u32()?)
        }
        _ => recv_by_kind(&mut reader, &*env.type_info(type_oid)?, typmod, env)?,
    };
    reader.finish()?;
    Ok(value)
}

fn recv_by_kind(reader: &mut Reader<'_>, info: &TypeInfo, typmod: i32, env: &dyn TypeEnv) -> Result<Datum> {
    match info.kind {
        _ if matches!(info.oid, oids::INT2VECTOR | oids::OIDVECTOR) => super::vector::recv(reader, info, env),
        _ if info.is_true_array => array::recv(reader, info, typmod, env),
        TypeKind::Domain => {
            let value = recv(reader.rest(), info.base_type, info.base_typmod, env)?;
            env.check_domain(info.oid, &value)?;
            Ok(value)
        }
        TypeKind::Enum => super::input(utf8(reader.rest())?, info.oid, typmod, env),
        TypeKind::Composite => record::recv(reader, info.oid, env),
        TypeKind::Range => range::recv(reader, info, env).map(|range| Datum::Range(Arc::new(range))),
        TypeKind::Multirange => range::recv_multirange(reader, info, env),
        TypeKind::Pseudo if info.oid == oids::RECORD => {
            Err(err!(FEATURE_NOT_SUPPORTED, "input of anonymous composite types is not implemented"))
        }
        TypeKind::Pseudo => Err(err!(FEATURE_NOT_SUPPORTED, "cannot accept a value of type {}", info.name)),
        TypeKind::Base if info.io_type != 0 => recv(reader.rest(), info.io_type, -1, env),
        TypeKind::Base => Err(unsupported("binary input", info.oid, env)),
    }
}

/// Appends a non-null value's binary form.
pub fn send(value: &Datum, type_oid: Oid, env: &dyn TypeEnv, out: &mut Vec<u8>) -> Result<()> {
    match value {
        Datum::Int4(v) => out.extend_from_slice(&v.to_be_bytes()),
        Datum::Int8(v) => out.extend_from_slice(&v.to_be_bytes()),
        Datum::Text(v) if matches!(type_oid, oids::PG_SNAPSHOT | oids::TXID_SNAPSHOT) => {
            system::send_snapshot(v, out);
        }
        Datum::Text(v) => {
            if type_oid == oids::JSONPATH {
                out.push(JSONB_VERSION);
            }
            out.extend_from_slice(v.as_bytes());
        }
        Datum::Bool(v) => out.push(u8::from(*v)),
        Datum::Int2(v) => out.extend_from_slice(&v.to_be_bytes()),
        Datum::Float4(v) => out.extend_from_slice(&v.to_be_bytes()),
        Datum::Float8(v) => out.extend_from_slice(&v.to_be_bytes()),
        Datum::Numeric(v) => v.send(out),
        Datum::Oid(v) => out.extend_from_slice(&v.to_be_bytes()),
        Datum::UInt8(v) => out.extend_from_slice(&v.to_be_bytes()),
        Datum::Char(v) => out.push(*v),
        Datum::Tid(block, offset) => {
            out.extend_from_slice(&block.to_be_bytes());
            out.extend_from_slice(&offset.to_be_bytes());
        }
        Datum::Bytea(v) => out.extend_from_slice(v),
        Datum::Date(v) => datetime::date_send(*v, out),
        Datum::Time(v) => datetime::time_send(*v, out),
        Datum::TimeTz(v) => datetime::timetz_send(*v, out),
        Datum::Timestamp(v) | Datum::TimestampTz(v) => datetime::timestamp_send(*v, out),
        Datum::Interval(v) => datetime::interval_send(*v, out),
        Datum::Uuid(v) => out.extend_from_slice(v),
        Datum::Bit(v) => bit::send(v, out),
        Datum::Jsonb(v) => {
            out.push(JSONB_VERSION);
            json::write_jsonb(v, out);
        }
        Datum::Array(v) => array::send(v, env, out)?,
        Datum::Record(v) => record::send(v, env, out)?,
        Datum::Range(v) => range::send(v, env, out)?,
        Datum::Multirange(v) => range::send_multirange(v, env, out)?,
        Datum::Enum(v) => out.extend_from_slice(env.enum_label(*v)?.as_bytes()),
        Datum::Mac(v) if base_of(type_oid, env)? == oids::MACADDR8 => out.extend_from_slice(v),
        Datum::Mac(v) => out.extend_from_slice(&v[..6]),
        Datum::Inet(v) => network::send(v, base_of(type_oid, env)? == oids::CIDR, out),
        Datum::Geometry(v) => geometry::send(base_of(type_oid, env)?, v, out),
        Datum::Void => {}
        Datum::Encoded(v) if base_of(type_oid, env)? == oids::TSVECTOR => TsVector::decode(v)?.send(out),
        Datum::Encoded(v) if base_of(type_oid, env)? == oids::TSQUERY => {
            TsQuery::send(TsQuery::decode(v)?.as_ref(), out);
        }
        Datum::Encoded(_) => return Err(unsupported("binary output", type_oid, env)),
        Datum::Null => return Err(mismatch(value, type_oid)),
    }
    Ok(())
}

/// Appends what `write` sends, with its length in front; -1 for NULL.
pub(super) fn send_with_len(
    value: &Datum,
    type_oid: Oid,
    env: &dyn TypeEnv,
    out: &mut Vec<u8>,
) -> Result<()> {
    if value.is_null() {
        out.extend_from_slice(&(-1i32).to_be_bytes());
        return Ok(());
    }
    let at = out.len();
    out.extend_from_slice(&[0; 4]);
    send(value, type_oid, env, out)?;
    patch_len(out, at);
    Ok(())
}

/// Writes the length of what follows the four bytes at `at` into them.
pub(super) fn patch_len(out: &mut [u8], at: usize) {
    let len = (out.len() - at - 4) as i32;
    out[at..at + 4].copy_from_slice(&len.to_be_bytes());
}
