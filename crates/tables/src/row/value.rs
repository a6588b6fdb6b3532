//! The stored form of one value. Values of fixed length are little-endian; what has structure goes through
//! `pglitedb_types::codec`.

use crate::error::corrupt;
use crate::structured as codec;
use pglitedb_catalog::Catalog;
use pglitedb_sqlstate::{Error, Result};
use pglitedb_types::{Datum, EnumValue, Interval, Oid, TimeTz, TypeKind, oids};
use smallvec::SmallVec;

/// How the values of a column are stored. Chosen once, when the table is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueCodec {
    /// A dropped column: always NULL.
    Dropped,
    /// `bool`
    Bool,
    /// `"char"`
    Char,
    /// `int2`
    Int2,
    /// `int4`
    Int4,
    /// `int8`
    Int8,
    /// `float4`
    Float4,
    /// `float8`
    Float8,
    /// `oid` and its relatives
    Oid,
    /// `xid8`, `pg_lsn`
    UInt8,
    /// `date`
    Date,
    /// `time`
    Time,
    /// `timetz`
    TimeTz,
    /// `timestamp`
    Timestamp,
    /// `timestamptz`
    TimestampTz,
    /// `interval`
    Interval,
    /// `uuid`
    Uuid,
    /// Text and its relatives
    Text,
    /// `bytea`
    Bytea,
    /// Enums: OID and sort order
    Enum,
    /// Everything else, by its (base) type.
    Other(Oid),
}

impl ValueCodec {
    /// The codec of a type; domains take their base type's.
    pub fn of_type(type_oid: Oid, catalog: &dyn Catalog) -> Result<ValueCodec> {
        if let Some(codec) = Self::of_builtin(type_oid) {
            return Ok(codec);
        }
        let mut oid = type_oid;
        // A domain over a domain over ... is as deep as somebody made it; 64 is beyond anything sensible.
        for _ in 0..64 {
            let info = catalog
                .type_info(oid)?
                .ok_or_else(|| Error::internal(format!("cache lookup failed for type {oid}")))?;
            match info.kind {
                TypeKind::Domain => oid = info.base_type,
                TypeKind::Enum => return Ok(ValueCodec::Enum),
                _ => return Ok(Self::of_builtin(oid).unwrap_or(ValueCodec::Other(oid))),
            }
            if let Some(codec) = Self::of_builtin(oid) {
                return Ok(codec);
            }
        }
        Err(Error::internal(format!("domain {type_oid} is nested too deeply")))
    }

    /// The codec of a built-in type with a direct form.
    pub fn of_builtin(type_oid: Oid) -> Option<ValueCodec> {
        Some(match type_oid {
            oids::BOOL => ValueCodec::Bool,
            oids::CHAR => ValueCodec::Char,
            oids::INT2 => ValueCodec::Int2,
            oids::INT4 => ValueCodec::Int4,
            oids::INT8 | oids::MONEY => ValueCodec::Int8,
            oids::FLOAT4 => ValueCodec::Float4,
            oids::FLOAT8 => ValueCodec::Float8,
            oids::OID
            | oids::XID
            | oids::CID
            | oids::REGPROC
            | oids::REGPROCEDURE
            | oids::REGOPER
            | oids::REGOPERATOR
            | oids::REGCLASS
            | oids::REGTYPE
            | oids::REGROLE
            | oids::REGNAMESPACE
            | oids::REGCONFIG
            | oids::REGDICTIONARY
            | oids::REGCOLLATION => ValueCodec::Oid,
            oids::XID8 | oids::PG_LSN => ValueCodec::UInt8,
            oids::DATE => ValueCodec::Date,
            oids::TIME => ValueCodec::Time,
            oids::TIMETZ => ValueCodec::TimeTz,
            oids::TIMESTAMP => ValueCodec::Timestamp,
            oids::TIMESTAMPTZ => ValueCodec::TimestampTz,
            oids::INTERVAL => ValueCodec::Interval,
            oids::UUID => ValueCodec::Uuid,
            oids::TEXT
            | oids::VARCHAR
            | oids::BPCHAR
            | oids::NAME
            | oids::JSON
            | oids::XML
            | oids::JSONPATH
            | oids::PG_NODE_TREE
            | oids::REFCURSOR
            | oids::ACLITEM
            | oids::CSTRING
            | oids::UNKNOWN => ValueCodec::Text,
            oids::BYTEA => ValueCodec::Bytea,
            _ => return None,
        })
    }

    /// Appends a value that is not NULL.
    #[inline]
    pub fn encode(self, value: &Datum, out: &mut SmallVec<[u8; 512]>) -> Result<()> {
        match (self, value) {
            (ValueCodec::Bool, Datum::Bool(value)) => out.push(u8::from(*value)),
            (ValueCodec::Char, Datum::Char(value)) => out.push(*value),
            (ValueCodec::Int2, Datum::Int2(value)) => out.extend_from_slice(&value.to_le_bytes()),
            (ValueCodec::Int4, Datum::Int4(value)) => out.extend_from_slice(&value.to_le_bytes()),
            (ValueCodec::Int8, Datum::Int8(value)) => out.extend_from_slice(&value.to_le_bytes()),
            (ValueCodec::Float4, Datum::Float4(value)) => out.extend_from_slice(&value.to_le_bytes()),
            (ValueCodec::Float8, Datum::Float8(value)) => out.extend_from_slice(&value.to_le_bytes()),
            (ValueCodec::Oid, Datum::Oid(value)) => out.extend_from_slice(&value.to_le_bytes()),
            (ValueCodec::UInt8, Datum::UInt8(value)) => out.extend_from_slice(&value.to_le_bytes()),
            (ValueCodec::Date, Datum::Date(value)) => out.extend_from_slice(&value.to_le_bytes()),
            (ValueCodec::Time, Datum::Time(value))
            | (ValueCodec::Timestamp, Datum::Timestamp(value))
            | (ValueCodec::TimestampTz, Datum::TimestampTz(value)) => out.extend_from_slice(&value.to_le_bytes()),
            (ValueCodec::TimeTz, Datum::TimeTz(value)) => {
                out.extend_from_slice(&value.micros.to_le_bytes());
                out.extend_from_slice(&value.zone.to_le_bytes());
            }
            (ValueCodec::Interval, Datum::Interval(value)) => {
                out.extend_from_slice(&value.micros.to_le_bytes());
                out.extend_from_slice(&value.days.to_le_bytes());
                out.extend_from_slice(&value.months.to_le_bytes());
            }
            (ValueCodec::Uuid, Datum::Uuid(value)) => out.extend_from_slice(value),
            (ValueCodec::Text, Datum::Text(value)) => out.extend_from_slice(value.as_bytes()),
            (ValueCodec::Bytea, Datum::Bytea(value)) => out.extend_from_slice(value),
            (ValueCodec::Enum, Datum::Enum(value)) => {
                out.extend_from_slice(&value.oid.to_le_bytes());
                out.extend_from_slice(&value.sort_order.to_le_bytes());
            }
            (ValueCodec::Other(_), value) => {
                let mut bytes = Vec::new();
                codec::encode(value, &mut bytes)?;
                out.extend_from_slice(&bytes);
            }
            (codec, value) => {
                return Err(Error::internal(format!("value {value:?} does not fit a column of kind {codec:?}")));
            }
        }
        Ok(())
    }

    /// Reads a value.
    #[inline]
    pub fn decode(self, bytes: &[u8]) -> Result<Datum> {
        Ok(match self {
            ValueCodec::Dropped => Datum::Null,
            ValueCodec::Bool => Datum::Bool(array::<1>(bytes)?[0] != 0),
            ValueCodec::Char => Datum::Char(array::<1>(bytes)?[0]),
            ValueCodec::Int2 => Datum::Int2(i16::from_le_bytes(array(bytes)?)),
            ValueCodec::Int4 => Datum::Int4(i32::from_le_bytes(array(bytes)?)),
            ValueCodec::Int8 => Datum::Int8(i64::from_le_bytes(array(bytes)?)),
            ValueCodec::Float4 => Datum::Float4(f32::from_le_bytes(array(bytes)?)),
            ValueCodec::Float8 => Datum::Float8(f64::from_le_bytes(array(bytes)?)),
            ValueCodec::Oid => Datum::Oid(u32::from_le_bytes(array(bytes)?)),
            ValueCodec::UInt8 => Datum::UInt8(u64::from_le_bytes(array(bytes)?)),
            ValueCodec::Date => Datum::Date(i32::from_le_bytes(array(bytes)?)),
            ValueCodec::Time => Datum::Time(i64::from_le_bytes(array(bytes)?)),
            ValueCodec::Timestamp => Datum::Timestamp(i64::from_le_bytes(array(bytes)?)),
            ValueCodec::TimestampTz => Datum::TimestampTz(i64::from_le_bytes(array(bytes)?)),
            ValueCodec::TimeTz => {
                let (micros, zone) = split::<8>(bytes)?;
                Datum::TimeTz(TimeTz { micros: i64::from_le_bytes(micros), zone: i32::from_le_bytes(array(zone)?) })
            }
            ValueCodec::Interval => {
                let (micros, rest) = split::<8>(bytes)?;
                let (days, months) = split::<4>(rest)?;
                Datum::Interval(Interval {
                    micros: i64::from_le_bytes(micros),
                    days: i32::from_le_bytes(days),
                    months: i32::from_le_bytes(array(months)?),
                })
            }
            ValueCodec::Uuid => Datum::Uuid(array(bytes)?),
            ValueCodec::Text => {
                Datum::text(std::str::from_utf8(bytes).map_err(|_| corrupt("text is not valid UTF-8"))?)
            }
            ValueCodec::Bytea => Datum::bytea(bytes),
            ValueCodec::Enum => {
                let (oid, order) = split::<4>(bytes)?;
                Datum::Enum(EnumValue {
                    oid: u32::from_le_bytes(oid),
                    sort_order: f32::from_le_bytes(array(order)?),
                })
            }
            ValueCodec::Other(type_oid) => codec::decode(bytes, type_oid)?,
        })
    }
}

#[inline]
fn array<const N: usize>(bytes: &[u8]) -> Result<[u8; N]> {
    bytes.try_into().map_err(|_| corrupt(format_args!("value of {} bytes where {N} belong", bytes.len())))
}

#[inline]
fn split<const N: usize>(bytes: &[u8]) -> Result<([u8; N], &[u8])> {
    let (head, tail) = bytes.split_first_chunk::<N>().ok_or_else(|| corrupt("value is cut off"))?;
    Ok((*head, tail))
}
