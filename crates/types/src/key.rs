//! Index keys: bytes whose order is the SQL order of the values.
//!
//! A column is one marker byte (NULL or not, placed by NULLS FIRST/LAST) and the value's bytes, inverted for DESC. Every
//! value's encoding ends itself - it is of fixed length, or no encoding is a proper prefix of another - so columns are
//! simply written one after the other, and the encoding of leading columns is a prefix to scan by.

use crate::codec::Repr;
use crate::compare::{inet_order, interval_span, jsonb_rank, timetz_order};
use crate::datum::{Datum, EnumValue, JsonbValue, RangeValue, TimeTz};
use crate::float;
use crate::oids::{self, Oid};
use crate::scalar::character::trim_blanks;
use pglitedb_sqlstate::{Result, err};
use std::sync::Arc;

const NULL_FIRST: u8 = 0;
const NOT_NULL: u8 = 1;
const NULL_LAST: u8 = 2;

/// Appends the key of one column. Of a domain pass the base type.
#[inline]
pub fn encode_key(value: &Datum, type_oid: Oid, desc: bool, nulls_first: bool, out: &mut Vec<u8>) {
    if value.is_null() {
        return out.push(if nulls_first { NULL_FIRST } else { NULL_LAST });
    }
    out.push(NOT_NULL);
    let start = out.len();
    encode_value(value, type_oid, out);
    if desc {
        out[start..].iter_mut().for_each(|byte| *byte = !*byte);
    }
}

fn signed32(value: i32) -> [u8; 4] {
    (value as u32 ^ 1 << 31).to_be_bytes()
}

fn signed64(value: i64) -> [u8; 8] {
    (value as u64 ^ 1 << 63).to_be_bytes()
}

#[inline]
fn encode_value(value: &Datum, type_oid: Oid, out: &mut Vec<u8>) {
    match value {
        Datum::Int4(v) => out.extend_from_slice(&signed32(*v)),
        Datum::Int8(v) => out.extend_from_slice(&signed64(*v)),
        Datum::Text(v) => {
            write_text(if type_oid == oids::BPCHAR { trim_blanks(v) } else { v }, out);
        }
        Datum::Uuid(v) => out.extend_from_slice(v),
        Datum::Numeric(v) => v.write_key(out),
        Datum::Time(v) | Datum::Timestamp(v) | Datum::TimestampTz(v) => out.extend_from_slice(&signed64(*v)),
        Datum::Date(v) => out.extend_from_slice(&signed32(*v)),
        Datum::Oid(v) => out.extend_from_slice(&v.to_be_bytes()),
        Datum::Bool(v) => out.push(u8::from(*v)),
        Datum::Int2(v) => out.extend_from_slice(&(*v as u16 ^ 1 << 15).to_be_bytes()),
        Datum::Float4(v) => out.extend_from_slice(&float::ordered_bits_f32(*v).to_be_bytes()),
        Datum::Float8(v) => out.extend_from_slice(&float::ordered_bits(*v).to_be_bytes()),
        Datum::Char(v) => out.push(*v),
        Datum::UInt8(v) => out.extend_from_slice(&v.to_be_bytes()),
        Datum::Encoded(v) if type_oid == oids::TSVECTOR => {
            let mut key = Vec::new();
            crate::textsearch::order::vector_key(v, &mut key);
            write_bytes(&key, out);
        }
        Datum::Encoded(v) if type_oid == oids::TSQUERY => {
            let mut key = Vec::new();
            crate::textsearch::order::query_key(v, &mut key);
            write_bytes(&key, out);
        }
        Datum::Array(v) if type_oid == oids::OIDVECTOR => {
            // Shorter vectors come first.
            out.extend_from_slice(&(v.values.len() as u32).to_be_bytes());
            v.values.iter().for_each(|item| encode_value(item, oids::OID, out));
        }
        _ => encode_rare(value, out),
    }
}

fn encode_rare(value: &Datum, out: &mut Vec<u8>) {
    match value {
        Datum::Tid(block, offset) => {
            out.extend_from_slice(&block.to_be_bytes());
            out.extend_from_slice(&offset.to_be_bytes());
        }
        Datum::Bytea(v) | Datum::Encoded(v) => write_bytes(v, out),
        Datum::TimeTz(v) => {
            let (utc, zone) = timetz_order(*v);
            out.extend_from_slice(&signed64(utc));
            out.extend_from_slice(&signed32(zone));
        }
        Datum::Interval(v) => {
            out.extend_from_slice(&(interval_span(v) as u128 ^ 1 << 127).to_be_bytes());
        }
        Datum::Bit(v) => {
            write_bytes(&v.bytes, out);
            out.extend_from_slice(&v.len.to_be_bytes());
        }
        Datum::Jsonb(v) => {
            // The empty array sorts below scalars at the root, and only there.
            match v.as_ref() {
                JsonbValue::Array(items) if items.is_empty() => out.push(0),
                other => write_jsonb(other, out),
            }
        }
        Datum::Array(v) => {
            v.values.iter().for_each(|item| write_item(item, v.elem_type, out));
            out.push(0);
            out.push(v.dims.len() as u8);
            v.dims.iter().for_each(|dim| out.extend_from_slice(&signed32(dim.len)));
            v.dims.iter().for_each(|dim| out.extend_from_slice(&signed32(dim.lower)));
        }
        Datum::Record(v) => {
            for (i, field) in v.fields.iter().enumerate() {
                write_item(field, v.field_types.get(i).copied().unwrap_or(0), out);
            }
            out.push(0);
        }
        Datum::Range(v) => write_range(v, out),
        Datum::Multirange(v) => {
            for range in v.iter() {
                out.push(1);
                write_range(range, out);
            }
            out.push(0);
        }
        Datum::Enum(v) => {
            out.extend_from_slice(&float::ordered_bits_f32(v.sort_order).to_be_bytes());
            out.extend_from_slice(&v.oid.to_be_bytes());
        }
        Datum::Mac(v) => out.extend_from_slice(v),
        Datum::Inet(v) => {
            let (is_v6, network, bits, addr) = inet_order(v);
            out.push(u8::from(is_v6));
            let len = if is_v6 { 16 } else { 4 };
            out.extend_from_slice(&network[..len]);
            out.push(bits);
            out.extend_from_slice(&addr[..len]);
        }
        Datum::Geometry(v) => {
            for coordinate in &v.coords {
                out.push(1);
                out.extend_from_slice(&float::ordered_bits(*coordinate).to_be_bytes());
            }
            out.push(0);
        }
        _ => {}
    }
}

/// A member of an array or record: 1 and the value, or 2 for NULL, which sorts after all values; 0 ends the list.
fn write_item(value: &Datum, type_oid: Oid, out: &mut Vec<u8>) {
    if value.is_null() {
        return out.push(2);
    }
    out.push(1);
    encode_value(value, type_oid, out);
}

/// Text ends with a zero byte, which text cannot contain.
#[inline]
fn write_text(text: &str, out: &mut Vec<u8>) {
    let start = out.len();
    out.extend_from_slice(text.as_bytes());
    if text.as_bytes().contains(&0) {
        // Cannot come from SQL; keep the encoding self-terminating all the same.
        out[start..].iter_mut().filter(|b| **b == 0).for_each(|b| *b = 1);
    }
    out.push(0);
}

/// Bytes: zero is written as `00 FF`, the end as `00 00`.
fn write_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|&b| b == 0) {
        out.extend_from_slice(&rest[..=at]);
        out.push(0xff);
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
    out.extend_from_slice(&[0, 0]);
}

fn write_range(range: &RangeValue, out: &mut Vec<u8>) {
    if range.empty {
        return out.push(0);
    }
    out.push(1);
    match &range.lower {
        None => out.push(0),
        Some(value) => {
            out.push(1);
            encode_value(value, 0, out);
            out.push(u8::from(!range.lower_inclusive));
        }
    }
    match &range.upper {
        None => out.push(2),
        Some(value) => {
            out.push(1);
            encode_value(value, 0, out);
            out.push(u8::from(range.upper_inclusive));
        }
    }
}

fn write_jsonb(value: &JsonbValue, out: &mut Vec<u8>) {
    out.push(jsonb_rank(value));
    match value {
        JsonbValue::Null => {}
        JsonbValue::Bool(v) => out.push(u8::from(*v)),
        JsonbValue::Number(v) => v.write_key(out),
        JsonbValue::String(v) => write_text(v, out),
        JsonbValue::Array(items) => {
            out.extend_from_slice(&(items.len() as u32).to_be_bytes());
            items.iter().for_each(|item| write_jsonb(item, out));
        }
        JsonbValue::Object(members) => {
            out.extend_from_slice(&(members.len() as u32).to_be_bytes());
            for (key, item) in members {
                write_text(key, out);
                write_jsonb(item, out);
            }
        }
    }
}

/// Can [`decode_key`] give back values of this type exactly? Not where the key forgets something that the value has:
/// blanks of `bpchar`, the scale of `numeric`, the fields of `interval`, the sign of a zero.
pub fn is_decodable(type_oid: Oid, repr: Repr) -> bool {
    match repr {
        Repr::Text => type_oid != oids::BPCHAR,
        Repr::Bool
        | Repr::Char
        | Repr::Int2
        | Repr::Int4
        | Repr::Int8
        | Repr::Oid
        | Repr::UInt8
        | Repr::Tid
        | Repr::Bytea
        | Repr::Date
        | Repr::Time
        | Repr::TimeTz
        | Repr::Timestamp
        | Repr::TimestampTz
        | Repr::Uuid
        | Repr::Enum
        | Repr::Mac => true,
        _ => false,
    }
}

/// Reads one column's key at the start of `bytes` and moves past it. For representations that [`is_decodable`] allows.
pub fn decode_key(repr: Repr, desc: bool, bytes: &mut &[u8]) -> Result<Datum> {
    let mut source = KeyReader { bytes, invert: 0 };
    match source.byte()? {
        NULL_FIRST | NULL_LAST => return Ok(Datum::Null),
        NOT_NULL => {}
        _ => return Err(damaged()),
    }
    source.invert = if desc { 0xff } else { 0 };
    source.value(repr)
}

#[cold]
fn damaged() -> pglitedb_sqlstate::Error {
    err!(DATA_CORRUPTED, "index key is damaged")
}

struct KeyReader<'r, 'a> {
    bytes: &'r mut &'a [u8],
    invert: u8,
}

impl KeyReader<'_, '_> {
    fn byte(&mut self) -> Result<u8> {
        let (&first, rest) = self.bytes.split_first().ok_or_else(damaged)?;
        *self.bytes = rest;
        Ok(first ^ self.invert)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (head, rest) = self.bytes.split_first_chunk::<N>().ok_or_else(damaged)?;
        *self.bytes = rest;
        let mut value = *head;
        value.iter_mut().for_each(|b| *b ^= self.invert);
        Ok(value)
    }

    fn i32(&mut self) -> Result<i32> {
        Ok((u32::from_be_bytes(self.array()?) ^ 1 << 31) as i32)
    }

    fn i64(&mut self) -> Result<i64> {
        Ok((u64::from_be_bytes(self.array()?) ^ 1 << 63) as i64)
    }

    fn text(&mut self) -> Result<Datum> {
        let end = self.bytes.iter().position(|&b| b == self.invert).ok_or_else(damaged)?;
        let (head, rest) = self.bytes.split_at(end);
        *self.bytes = &rest[1..];
        if self.invert == 0 {
            return std::str::from_utf8(head).map(Datum::text).map_err(|_| damaged());
        }
        let plain: Vec<u8> = head.iter().map(|b| !b).collect();
        String::from_utf8(plain).map(|text| Datum::Text(Arc::from(text))).map_err(|_| damaged())
    }

    fn escaped_bytes(&mut self) -> Result<Datum> {
        let mut value = Vec::new();
        loop {
            match self.byte()? {
                0 => match self.byte()? {
                    0 => return Ok(Datum::Bytea(Arc::from(value))),
                    0xff => value.push(0),
                    _ => return Err(damaged()),
                },
                byte => value.push(byte),
            }
        }
    }

    fn value(&mut self, repr: Repr) -> Result<Datum> {
        Ok(match repr {
            Repr::Bool => Datum::Bool(self.byte()? != 0),
            Repr::Char => Datum::Char(self.byte()?),
            Repr::Int2 => Datum::Int2((u16::from_be_bytes(self.array()?) ^ 1 << 15) as i16),
            Repr::Int4 => Datum::Int4(self.i32()?),
            Repr::Int8 => Datum::Int8(self.i64()?),
            Repr::Oid => Datum::Oid(u32::from_be_bytes(self.array()?)),
            Repr::UInt8 => Datum::UInt8(u64::from_be_bytes(self.array()?)),
            Repr::Tid => Datum::Tid(u32::from_be_bytes(self.array()?), u16::from_be_bytes(self.array()?)),
            Repr::Text => self.text()?,
            Repr::Bytea => self.escaped_bytes()?,
            Repr::Date => Datum::Date(self.i32()?),
            Repr::Time => Datum::Time(self.i64()?),
            Repr::TimeTz => {
                let (utc, zone) = (self.i64()?, self.i32()?);
                Datum::TimeTz(TimeTz { micros: utc.wrapping_sub(i64::from(zone) * 1_000_000), zone })
            }
            Repr::Timestamp => Datum::Timestamp(self.i64()?),
            Repr::TimestampTz => Datum::TimestampTz(self.i64()?),
            Repr::Uuid => Datum::Uuid(self.array()?),
            Repr::Enum => {
                let sort_order = float::from_ordered_bits_f32(u32::from_be_bytes(self.array()?));
                Datum::Enum(EnumValue { oid: u32::from_be_bytes(self.array()?), sort_order })
            }
            Repr::Mac => Datum::Mac(self.array()?),
            other => return Err(err!(INTERNAL_ERROR, "index keys of {other:?} cannot be decoded")),
        })
    }
}
