//! Storage form of values.
//!
//! [`encode`] writes the bytes of one non-null value; its length is kept by whoever stores it, and its [`Repr`] follows
//! from the type. Fixed-width representations are plain little-endian, so a row can read them in place. [`encode_tagged`]
//! adds what is missing to make a value describe itself: constants of stored expressions, members of arrays and records.
//!
//! Tags and layouts are part of the file format: never change one, only add.

use crate::datum::{
    ArrayDim, ArrayValue, BitString, Datum, EnumValue, Geometry, Inet, Interval, RangeValue, RecordValue,
    TimeTz,
};
use crate::env::{TypeEnv, TypeInfo, TypeKind};
use crate::numeric::Numeric;
use crate::oids::{self, Oid};
use pglitedb_sqlstate::{Error, Result, err};
use std::sync::Arc;

/// How deep arrays, records and ranges may contain one another in stored bytes.
const MAX_DEPTH: usize = 64;

/// Physical representation of the values of a type: the variant of [`Datum`] that they use. The numbers are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
#[allow(missing_docs)] // named as the variants of `Datum`
pub enum Repr {
    Null = 0,
    Bool = 1,
    Char = 2,
    Int2 = 3,
    Int4 = 4,
    Int8 = 5,
    Float4 = 6,
    Float8 = 7,
    Oid = 8,
    UInt8 = 9,
    Tid = 10,
    Text = 11,
    Bytea = 12,
    Numeric = 13,
    Date = 14,
    Time = 15,
    TimeTz = 16,
    Timestamp = 17,
    TimestampTz = 18,
    Interval = 19,
    Uuid = 20,
    Bit = 21,
    Jsonb = 22,
    Array = 23,
    Record = 24,
    Range = 25,
    Multirange = 26,
    Enum = 27,
    Mac = 28,
    Inet = 29,
    Geometry = 30,
    Encoded = 31,
    Void = 32,
}

const ALL_REPRS: [Repr; 33] = [
    Repr::Null,
    Repr::Bool,
    Repr::Char,
    Repr::Int2,
    Repr::Int4,
    Repr::Int8,
    Repr::Float4,
    Repr::Float8,
    Repr::Oid,
    Repr::UInt8,
    Repr::Tid,
    Repr::Text,
    Repr::Bytea,
    Repr::Numeric,
    Repr::Date,
    Repr::Time,
    Repr::TimeTz,
    Repr::Timestamp,
    Repr::TimestampTz,
    Repr::Interval,
    Repr::Uuid,
    Repr::Bit,
    Repr::Jsonb,
    Repr::Array,
    Repr::Record,
    Repr::Range,
    Repr::Multirange,
    Repr::Enum,
    Repr::Mac,
    Repr::Inet,
    Repr::Geometry,
    Repr::Encoded,
    Repr::Void,
];

impl Repr {
    /// The representation with this number.
    pub fn from_tag(tag: u8) -> Option<Repr> {
        ALL_REPRS.get(usize::from(tag)).copied()
    }

    /// The representation of a type's values.
    pub fn of_type(type_oid: Oid, env: &dyn TypeEnv) -> Result<Repr> {
        if let Some(repr) = Repr::of_builtin(type_oid) {
            return Ok(repr);
        }
        Repr::of_info(env.type_info(type_oid)?.as_ref(), env)
    }

    /// The representation of a described type's values; `env` is asked for the base type of a domain.
    pub fn of_info(info: &TypeInfo, env: &dyn TypeEnv) -> Result<Repr> {
        if let Some(repr) = Repr::of_builtin(info.oid) {
            return Ok(repr);
        }
        Ok(match info.kind {
            _ if info.is_true_array => Repr::Array,
            TypeKind::Domain => return Repr::of_type(info.base_type, env),
            TypeKind::Enum => Repr::Enum,
            TypeKind::Composite => Repr::Record,
            TypeKind::Range => Repr::Range,
            TypeKind::Multirange => Repr::Multirange,
            TypeKind::Base if info.io_type != 0 => return Repr::of_type(info.io_type, env),
            TypeKind::Base | TypeKind::Pseudo => Repr::Text,
        })
    }

    fn of_builtin(type_oid: Oid) -> Option<Repr> {
        Some(match type_oid {
            oids::BOOL => Repr::Bool,
            oids::CHAR => Repr::Char,
            oids::INT2 => Repr::Int2,
            oids::INT4 => Repr::Int4,
            oids::INT8 | oids::MONEY => Repr::Int8,
            oids::FLOAT4 => Repr::Float4,
            oids::FLOAT8 => Repr::Float8,
            oids::OID
            | oids::XID
            | oids::CID
            | oids::REGCLASS
            | oids::REGPROC
            | oids::REGPROCEDURE
            | oids::REGOPER
            | oids::REGOPERATOR
            | oids::REGTYPE
            | oids::REGNAMESPACE
            | oids::REGROLE
            | oids::REGCOLLATION
            | oids::REGCONFIG
            | oids::REGDICTIONARY => Repr::Oid,
            oids::XID8 | oids::PG_LSN => Repr::UInt8,
            oids::TID => Repr::Tid,
            oids::BYTEA => Repr::Bytea,
            oids::NUMERIC => Repr::Numeric,
            oids::DATE => Repr::Date,
            oids::TIME => Repr::Time,
            oids::TIMETZ => Repr::TimeTz,
            oids::TIMESTAMP => Repr::Timestamp,
            oids::TIMESTAMPTZ => Repr::TimestampTz,
            oids::INTERVAL => Repr::Interval,
            oids::UUID => Repr::Uuid,
            oids::BIT | oids::VARBIT => Repr::Bit,
            oids::JSONB => Repr::Jsonb,
            oids::INT2VECTOR | oids::OIDVECTOR => Repr::Array,
            oids::RECORD => Repr::Record,
            oids::MACADDR | oids::MACADDR8 => Repr::Mac,
            oids::INET | oids::CIDR => Repr::Inet,
            oids::POINT | oids::LSEG | oids::PATH | oids::BOX | oids::POLYGON | oids::LINE | oids::CIRCLE => {
                Repr::Geometry
            }
            oids::TSVECTOR | oids::TSQUERY => Repr::Encoded,
            oids::VOID => Repr::Void,
            oids::TEXT | oids::VARCHAR | oids::BPCHAR | oids::NAME | oids::JSON => Repr::Text,
            _ => {
                let info = crate::builtin_type(type_oid)?;
                return Some(match info.kind {
                    _ if info.is_true_array => Repr::Array,
                    TypeKind::Range => Repr::Range,
                    TypeKind::Multirange => Repr::Multirange,
                    _ => Repr::Text,
                });
            }
        })
    }

    /// The representation of a value.
    pub fn of_datum(value: &Datum) -> Repr {
        match value {
            Datum::Null => Repr::Null,
            Datum::Bool(_) => Repr::Bool,
            Datum::Char(_) => Repr::Char,
            Datum::Int2(_) => Repr::Int2,
            Datum::Int4(_) => Repr::Int4,
            Datum::Int8(_) => Repr::Int8,
            Datum::Float4(_) => Repr::Float4,
            Datum::Float8(_) => Repr::Float8,
            Datum::Oid(_) => Repr::Oid,
            Datum::UInt8(_) => Repr::UInt8,
            Datum::Tid(..) => Repr::Tid,
            Datum::Text(_) => Repr::Text,
            Datum::Bytea(_) => Repr::Bytea,
            Datum::Numeric(_) => Repr::Numeric,
            Datum::Date(_) => Repr::Date,
            Datum::Time(_) => Repr::Time,
            Datum::TimeTz(_) => Repr::TimeTz,
            Datum::Timestamp(_) => Repr::Timestamp,
            Datum::TimestampTz(_) => Repr::TimestampTz,
            Datum::Interval(_) => Repr::Interval,
            Datum::Uuid(_) => Repr::Uuid,
            Datum::Bit(_) => Repr::Bit,
            Datum::Jsonb(_) => Repr::Jsonb,
            Datum::Array(_) => Repr::Array,
            Datum::Record(_) => Repr::Record,
            Datum::Range(_) => Repr::Range,
            Datum::Multirange(_) => Repr::Multirange,
            Datum::Enum(_) => Repr::Enum,
            Datum::Mac(_) => Repr::Mac,
            Datum::Inet(_) => Repr::Inet,
            Datum::Geometry(_) => Repr::Geometry,
            Datum::Encoded(_) => Repr::Encoded,
            Datum::Void => Repr::Void,
        }
    }

    /// Length in bytes of every value, if it is the same for all.
    pub const fn fixed_len(self) -> Option<usize> {
        Some(match self {
            Repr::Null | Repr::Void => 0,
            Repr::Bool | Repr::Char => 1,
            Repr::Int2 => 2,
            Repr::Int4 | Repr::Float4 | Repr::Oid | Repr::Date => 4,
            Repr::Tid => 6,
            Repr::Int8
            | Repr::Float8
            | Repr::UInt8
            | Repr::Time
            | Repr::Timestamp
            | Repr::TimestampTz
            | Repr::Enum
            | Repr::Mac => 8,
            Repr::TimeTz => 12,
            Repr::Interval | Repr::Uuid => 16,
            Repr::Inet => 18,
            _ => return None,
        })
    }
}

#[cold]
fn damaged() -> Error {
    err!(DATA_CORRUPTED, "stored value is damaged")
}

/// Appends a value's bytes; nothing for NULL.
#[inline]
pub fn encode(value: &Datum, out: &mut Vec<u8>) {
    match value {
        Datum::Bool(v) => out.push(u8::from(*v)),
        Datum::Char(v) => out.push(*v),
        Datum::Int2(v) => out.extend_from_slice(&v.to_le_bytes()),
        Datum::Int4(v) | Datum::Date(v) => out.extend_from_slice(&v.to_le_bytes()),
        Datum::Int8(v) | Datum::Time(v) | Datum::Timestamp(v) | Datum::TimestampTz(v) => {
            out.extend_from_slice(&v.to_le_bytes());
        }
        Datum::Float4(v) => out.extend_from_slice(&v.to_le_bytes()),
        Datum::Float8(v) => out.extend_from_slice(&v.to_le_bytes()),
        Datum::Oid(v) => out.extend_from_slice(&v.to_le_bytes()),
        Datum::UInt8(v) => out.extend_from_slice(&v.to_le_bytes()),
        Datum::Text(v) => out.extend_from_slice(v.as_bytes()),
        Datum::Bytea(v) | Datum::Encoded(v) => out.extend_from_slice(v),
        Datum::Numeric(v) => v.encode(out),
        Datum::Uuid(v) => out.extend_from_slice(v),
        _ => encode_rare(value, out),
    }
}

fn encode_rare(value: &Datum, out: &mut Vec<u8>) {
    match value {
        Datum::Tid(block, offset) => {
            out.extend_from_slice(&block.to_le_bytes());
            out.extend_from_slice(&offset.to_le_bytes());
        }
        Datum::TimeTz(v) => {
            out.extend_from_slice(&v.micros.to_le_bytes());
            out.extend_from_slice(&v.zone.to_le_bytes());
        }
        Datum::Interval(v) => {
            out.extend_from_slice(&v.micros.to_le_bytes());
            out.extend_from_slice(&v.days.to_le_bytes());
            out.extend_from_slice(&v.months.to_le_bytes());
        }
        Datum::Bit(v) => {
            out.extend_from_slice(&v.len.to_le_bytes());
            out.extend_from_slice(&v.bytes);
        }
        Datum::Jsonb(v) => crate::json::jsonb_codec::encode(v, out),
        Datum::Array(v) => {
            out.extend_from_slice(&v.elem_type.to_le_bytes());
            out.push(v.dims.len() as u8);
            for dim in &v.dims {
                out.extend_from_slice(&dim.len.to_le_bytes());
                out.extend_from_slice(&dim.lower.to_le_bytes());
            }
            v.values.iter().for_each(|item| encode_tagged(item, out));
        }
        Datum::Record(v) => {
            out.extend_from_slice(&v.type_oid.to_le_bytes());
            for (i, field) in v.fields.iter().enumerate() {
                out.extend_from_slice(&v.field_types.get(i).copied().unwrap_or(0).to_le_bytes());
                encode_tagged(field, out);
            }
        }
        Datum::Range(v) => encode_range(v, out),
        Datum::Multirange(v) => v.iter().for_each(|range| encode_range(range, out)),
        Datum::Enum(v) => {
            out.extend_from_slice(&v.oid.to_le_bytes());
            out.extend_from_slice(&v.sort_order.to_le_bytes());
        }
        Datum::Mac(v) => out.extend_from_slice(v),
        Datum::Inet(v) => {
            out.push(u8::from(v.is_v6));
            out.push(v.bits);
            out.extend_from_slice(&v.addr);
        }
        Datum::Geometry(v) => {
            out.push(u8::from(v.closed));
            v.coords.iter().for_each(|c| out.extend_from_slice(&c.to_le_bytes()));
        }
        _ => {}
    }
}

fn encode_range(range: &RangeValue, out: &mut Vec<u8>) {
    out.extend_from_slice(&range.range_type.to_le_bytes());
    out.push(
        u8::from(range.empty)
            | u8::from(range.lower_inclusive) << 1
            | u8::from(range.upper_inclusive) << 2
            | u8::from(range.lower.is_some()) << 3
            | u8::from(range.upper.is_some()) << 4,
    );
    range.lower.iter().chain(&range.upper).for_each(|bound| encode_tagged(bound, out));
}

/// Appends a value (or NULL) in the form that describes itself: tag, length unless fixed, bytes.
pub fn encode_tagged(value: &Datum, out: &mut Vec<u8>) {
    let repr = Repr::of_datum(value);
    out.push(repr as u8);
    if repr.fixed_len().is_some() {
        return encode(value, out);
    }
    // Most lengths take one byte; make room for that and move only if more are needed.
    let at = out.len();
    out.push(0);
    encode(value, out);
    let len = out.len() - at - 1;
    if len < 0x80 {
        out[at] = len as u8;
    } else {
        let mut prefix = Vec::with_capacity(5);
        write_len(len, &mut prefix);
        out.splice(at..=at, prefix);
    }
}

/// Appends a length, seven bits a byte.
pub(crate) fn write_len(mut len: usize, out: &mut Vec<u8>) {
    while len >= 0x80 {
        out.push(len as u8 | 0x80);
        len >>= 7;
    }
    out.push(len as u8);
}

/// Reads a value of a known representation that fills `bytes`.
#[inline]
pub fn decode(repr: Repr, bytes: &[u8]) -> Result<Datum> {
    #[inline]
    fn array<const N: usize>(bytes: &[u8]) -> Result<[u8; N]> {
        bytes.try_into().map_err(|_| damaged())
    }
    Ok(match repr {
        Repr::Int4 => Datum::Int4(i32::from_le_bytes(array(bytes)?)),
        Repr::Int8 => Datum::Int8(i64::from_le_bytes(array(bytes)?)),
        Repr::Text => Datum::Text(Arc::from(std::str::from_utf8(bytes).map_err(|_| damaged())?)),
        Repr::Bool => match bytes {
            [0] => Datum::Bool(false),
            [1] => Datum::Bool(true),
            _ => return Err(damaged()),
        },
        Repr::Char => Datum::Char(array::<1>(bytes)?[0]),
        Repr::Int2 => Datum::Int2(i16::from_le_bytes(array(bytes)?)),
        Repr::Float4 => Datum::Float4(f32::from_le_bytes(array(bytes)?)),
        Repr::Float8 => Datum::Float8(f64::from_le_bytes(array(bytes)?)),
        Repr::Oid => Datum::Oid(u32::from_le_bytes(array(bytes)?)),
        Repr::UInt8 => Datum::UInt8(u64::from_le_bytes(array(bytes)?)),
        Repr::Bytea => Datum::Bytea(Arc::from(bytes)),
        Repr::Encoded => Datum::Encoded(Arc::from(bytes)),
        Repr::Numeric => Datum::Numeric(Numeric::decode(bytes).ok_or_else(damaged)?),
        Repr::Date => Datum::Date(i32::from_le_bytes(array(bytes)?)),
        Repr::Time => Datum::Time(i64::from_le_bytes(array(bytes)?)),
        Repr::Timestamp => Datum::Timestamp(i64::from_le_bytes(array(bytes)?)),
        Repr::TimestampTz => Datum::TimestampTz(i64::from_le_bytes(array(bytes)?)),
        Repr::Uuid => Datum::Uuid(array(bytes)?),
        Repr::Mac => Datum::Mac(array(bytes)?),
        _ => {
            let mut source = Source { bytes };
            let value = source.rare(repr, 0)?;
            if !source.bytes.is_empty() {
                return Err(damaged());
            }
            value
        }
    })
}

/// Reads a self-describing value at the start of `bytes` and moves past it.
pub fn decode_tagged(bytes: &mut &[u8]) -> Result<Datum> {
    let mut source = Source { bytes };
    let value = source.tagged(0)?;
    *bytes = source.bytes;
    Ok(value)
}

/// What is left of stored bytes.
pub(crate) struct Source<'a> {
    pub bytes: &'a [u8],
}

impl<'a> Source<'a> {
    pub fn take(&mut self, len: usize) -> Result<&'a [u8]> {
        let (head, rest) = self.bytes.split_at_checked(len).ok_or_else(damaged)?;
        self.bytes = rest;
        Ok(head)
    }

    pub fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (head, rest) = self.bytes.split_first_chunk::<N>().ok_or_else(damaged)?;
        self.bytes = rest;
        Ok(*head)
    }

    pub fn byte(&mut self) -> Result<u8> {
        Ok(self.array::<1>()?[0])
    }

    fn u32(&mut self) -> Result<u32> {
        self.array().map(u32::from_le_bytes)
    }

    fn i32(&mut self) -> Result<i32> {
        self.array().map(i32::from_le_bytes)
    }

    /// A length written by [`write_len`].
    pub fn len(&mut self) -> Result<usize> {
        let mut value = 0usize;
        for shift in (0..35).step_by(7) {
            let byte = self.byte()?;
            value |= usize::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(damaged())
    }

    fn tagged(&mut self, depth: usize) -> Result<Datum> {
        let repr = Repr::from_tag(self.byte()?).ok_or_else(damaged)?;
        let len = match repr.fixed_len() {
            Some(len) => len,
            None => self.len()?,
        };
        let bytes = self.take(len)?;
        match repr {
            Repr::Null => Ok(Datum::Null),
            Repr::Array | Repr::Record | Repr::Range | Repr::Multirange => {
                let mut source = Source { bytes };
                let value = source.rare(repr, depth + 1)?;
                if source.bytes.is_empty() { Ok(value) } else { Err(damaged()) }
            }
            _ => decode(repr, bytes),
        }
    }

    /// Representations that are read piece by piece; all but `Multirange` and `Geometry` end themselves.
    fn rare(&mut self, repr: Repr, depth: usize) -> Result<Datum> {
        if depth > MAX_DEPTH {
            return Err(damaged());
        }
        Ok(match repr {
            Repr::Null => Datum::Null,
            Repr::Void => Datum::Void,
            Repr::Tid => Datum::Tid(self.u32()?, u16::from_le_bytes(self.array()?)),
            Repr::TimeTz => {
                Datum::TimeTz(TimeTz { micros: i64::from_le_bytes(self.array()?), zone: self.i32()? })
            }
            Repr::Interval => {
                let micros = i64::from_le_bytes(self.array()?);
                Datum::Interval(Interval { micros, days: self.i32()?, months: self.i32()? })
            }
            Repr::Bit => self.bit()?,
            Repr::Jsonb => Datum::Jsonb(Arc::new(crate::json::jsonb_codec::decode(self)?)),
            Repr::Array => self.array_value(depth)?,
            Repr::Record => self.record(depth)?,
            Repr::Range => Datum::Range(Arc::new(self.range(depth)?)),
            Repr::Multirange => {
                let mut ranges = Vec::new();
                while !self.bytes.is_empty() {
                    ranges.push(self.range(depth)?);
                }
                Datum::Multirange(Arc::from(ranges))
            }
            Repr::Enum => {
                Datum::Enum(EnumValue { oid: self.u32()?, sort_order: f32::from_le_bytes(self.array()?) })
            }
            Repr::Inet => {
                let (is_v6, bits, addr) = (self.byte()? != 0, self.byte()?, self.array()?);
                if bits > if is_v6 { 128 } else { 32 } {
                    return Err(damaged());
                }
                Datum::Inet(Inet { is_v6, bits, addr })
            }
            Repr::Geometry => {
                let closed = self.byte()? != 0;
                let (coords, rest) = self.bytes.as_chunks::<8>();
                if !rest.is_empty() {
                    return Err(damaged());
                }
                let coords = coords.iter().map(|c| f64::from_le_bytes(*c)).collect();
                self.bytes = rest;
                Datum::Geometry(Arc::new(Geometry { closed, coords }))
            }
            _ => return Err(damaged()),
        })
    }

    fn bit(&mut self) -> Result<Datum> {
        let len = self.u32()?;
        let bytes = self.take(len.div_ceil(8) as usize)?.to_vec();
        Ok(Datum::Bit(Arc::new(BitString { len, bytes })))
    }

    fn array_value(&mut self, depth: usize) -> Result<Datum> {
        let elem_type = self.u32()?;
        let ndim = self.byte()?;
        if ndim > 6 {
            return Err(damaged());
        }
        let mut count = usize::from(ndim > 0);
        let mut dims = Vec::with_capacity(usize::from(ndim));
        for _ in 0..ndim {
            let dim = ArrayDim { len: self.i32()?, lower: self.i32()? };
            let len = usize::try_from(dim.len).map_err(|_| damaged())?;
            count = count.checked_mul(len).ok_or_else(damaged)?;
            dims.push(dim);
        }
        // Every element takes at least a byte.
        if count > self.bytes.len() {
            return Err(damaged());
        }
        let values: Result<Vec<Datum>> = (0..count).map(|_| self.tagged(depth)).collect();
        Ok(Datum::Array(Arc::new(ArrayValue { elem_type, dims, values: values? })))
    }

    fn record(&mut self, depth: usize) -> Result<Datum> {
        let type_oid = self.u32()?;
        let mut field_types = Vec::new();
        let mut fields = Vec::new();
        while !self.bytes.is_empty() {
            field_types.push(self.u32()?);
            fields.push(self.tagged(depth)?);
        }
        Ok(Datum::Record(Arc::new(RecordValue::new(type_oid, Arc::from(field_types), fields))))
    }

    fn range(&mut self, depth: usize) -> Result<RangeValue> {
        let range_type = self.u32()?;
        let flags = self.byte()?;
        let lower = if flags & 8 != 0 { Some(self.tagged(depth)?) } else { None };
        let upper = if flags & 16 != 0 { Some(self.tagged(depth)?) } else { None };
        Ok(RangeValue {
            range_type,
            empty: flags & 1 != 0,
            lower,
            upper,
            lower_inclusive: flags & 2 != 0,
            upper_inclusive: flags & 4 != 0,
        })
    }
}
