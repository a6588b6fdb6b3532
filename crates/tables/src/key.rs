//! Index keys: byte strings that sort as the index does.
//!
//! Each key column is one marker byte and, unless it is NULL, an order-preserving and self-delimiting form of the value,
//! complemented for DESC. The markers put NULLs first or last, so that ranges over values never meet them.

use crate::structured;
use pglitedb_catalog::{Catalog, IndexColumn};
use pglitedb_sqlstate::{Error, Result};
use pglitedb_storage::{Key, KeyRange};
use pglitedb_types::{Datum, Oid, TypeKind, oids};
use std::ops::Bound;

const NULL_FIRST: u8 = 0x00;
const VALUE: u8 = 0x01;
const NULL_LAST: u8 = 0x02;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum KeyForm {
    /// Bytes that cannot contain a zero byte, closed by one: text under a collation that compares bytes.
    Text,
    /// As text, trailing blanks do not count.
    Bpchar,
    /// Fixed-width forms, told apart by the datum.
    Plain,
    /// Through `pglitedb_types`.
    Structured(Oid),
}

/// How one key column is encoded.
#[derive(Clone, Copy, Debug)]
pub struct KeyColumn {
    form: KeyForm,
    collation: Oid,
    descending: bool,
    nulls_first: bool,
}

impl KeyColumn {
    /// The encoding of an index column.
    pub fn new(column: &IndexColumn, catalog: &dyn Catalog) -> Result<KeyColumn> {
        let mut base = column.type_oid;
        let mut form = None;
        for _ in 0..64 {
            form = Self::builtin_form(base);
            if form.is_some() {
                break;
            }
            match catalog.type_info(base)? {
                Some(info) if info.kind == TypeKind::Domain => base = info.base_type,
                Some(info) if info.kind == TypeKind::Enum => form = Some(KeyForm::Plain),
                Some(_) => form = Some(KeyForm::Structured(base)),
                None => return Err(Error::internal(format!("cache lookup failed for type {base}"))),
            }
        }
        let form = form.ok_or_else(|| Error::internal(format!("domain {base} is nested too deeply")))?;
        Ok(KeyColumn {
            form: Self::with_collation(form, base, column.collation, catalog)?,
            collation: column.collation,
            descending: column.descending,
            nulls_first: column.nulls_first,
        })
    }

    /// Ascending, NULLS LAST.
    pub fn ascending(type_oid: Oid) -> KeyColumn {
        let form = Self::builtin_form(type_oid).unwrap_or(KeyForm::Structured(type_oid));
        KeyColumn { form, collation: 0, descending: false, nulls_first: false }
    }

    fn with_collation(form: KeyForm, base: Oid, collation: Oid, catalog: &dyn Catalog) -> Result<KeyForm> {
        if !matches!(form, KeyForm::Text | KeyForm::Bpchar) || matches!(collation, 0 | 100 | 950 | 951) {
            return Ok(form);
        }
        // Every deterministic collation that is built in compares bytes (UTF-8 order is code point order).
        match catalog.collation(collation)? {
            Some(info) if info.deterministic && info.provider != b'i' => Ok(form),
            _ => Ok(KeyForm::Structured(base)),
        }
    }

    fn builtin_form(type_oid: Oid) -> Option<KeyForm> {
        Some(match type_oid {
            oids::TEXT | oids::VARCHAR | oids::NAME | oids::CSTRING => KeyForm::Text,
            oids::BPCHAR => KeyForm::Bpchar,
            oids::BOOL
            | oids::CHAR
            | oids::INT2
            | oids::INT4
            | oids::INT8
            | oids::MONEY
            | oids::FLOAT4
            | oids::FLOAT8
            | oids::OID
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
            | oids::REGCOLLATION
            | oids::XID8
            | oids::PG_LSN
            | oids::DATE
            | oids::TIME
            | oids::TIMESTAMP
            | oids::TIMESTAMPTZ
            | oids::UUID
            | oids::BYTEA => KeyForm::Plain,
            _ => return None,
        })
    }

    /// Appends the column's part of a key.
    #[inline]
    pub fn encode(&self, value: &Datum, out: &mut Vec<u8>) -> Result<()> {
        if value.is_null() {
            out.push(if self.nulls_first { NULL_FIRST } else { NULL_LAST });
            return Ok(());
        }
        out.push(VALUE);
        let start = out.len();
        match self.form {
            KeyForm::Text => encode_text(value.as_str(), value, out)?,
            KeyForm::Bpchar => encode_text(value.as_str().map(|text| text.trim_end_matches(' ')), value, out)?,
            KeyForm::Plain => encode_plain(value, out)?,
            KeyForm::Structured(type_oid) => structured::encode_key(value, type_oid, self.collation, out)?,
        }
        if self.descending {
            out[start..].iter_mut().for_each(|byte| *byte = !*byte);
        }
        Ok(())
    }
}

fn encode_text(text: Option<&str>, value: &Datum, out: &mut Vec<u8>) -> Result<()> {
    let text = text.ok_or_else(|| Error::internal(format!("index key {value:?} is not text")))?;
    out.extend_from_slice(text.as_bytes());
    out.push(0);
    Ok(())
}

#[inline]
fn encode_plain(value: &Datum, out: &mut Vec<u8>) -> Result<()> {
    match value {
        Datum::Bool(value) => out.push(u8::from(*value)),
        Datum::Char(value) => out.push(*value),
        Datum::Int2(value) => out.extend_from_slice(&((*value as u16) ^ 0x8000).to_be_bytes()),
        Datum::Int4(value) | Datum::Date(value) => {
            out.extend_from_slice(&((*value as u32) ^ 0x8000_0000).to_be_bytes());
        }
        Datum::Int8(value) | Datum::Time(value) | Datum::Timestamp(value) | Datum::TimestampTz(value) => {
            out.extend_from_slice(&((*value as u64) ^ (1 << 63)).to_be_bytes());
        }
        Datum::Float4(value) => out.extend_from_slice(&float4_bits(*value).to_be_bytes()),
        Datum::Float8(value) => out.extend_from_slice(&float8_bits(*value).to_be_bytes()),
        Datum::Oid(value) => out.extend_from_slice(&value.to_be_bytes()),
        Datum::UInt8(value) => out.extend_from_slice(&value.to_be_bytes()),
        Datum::Uuid(value) => out.extend_from_slice(value),
        Datum::Enum(value) => out.extend_from_slice(&float4_bits(value.sort_order).to_be_bytes()),
        Datum::Bytea(value) => {
            for &byte in value.iter() {
                out.push(byte);
                if byte == 0 {
                    out.push(0xff);
                }
            }
            out.extend_from_slice(&[0, 0]);
        }
        value => return Err(Error::internal(format!("index key {value:?} has no plain form"))),
    }
    Ok(())
}

/// Bits in the order of values: -0 equals 0, all NaNs are one, above infinity.
fn float4_bits(value: f32) -> u32 {
    let bits = if value.is_nan() { f32::NAN.to_bits() & 0x7fff_ffff } else { (value + 0.0).to_bits() };
    if bits >> 31 == 0 { bits | 0x8000_0000 } else { !bits }
}

fn float8_bits(value: f64) -> u64 {
    let bits = if value.is_nan() { f64::NAN.to_bits() & (u64::MAX >> 1) } else { (value + 0.0).to_bits() };
    if bits >> 63 == 0 { bits | (1 << 63) } else { !bits }
}

/// What an index scan looks for: equality on the first columns, and a range on the next one.
#[derive(Clone, Copy, Debug, Default)]
pub struct IndexBounds<'a> {
    /// Values of the first key columns. NULL means `IS NULL`.
    pub equal: &'a [Datum],
    /// Lower bound of the next column, and whether it is included. A NULL bound matches nothing.
    pub lower: Option<(&'a Datum, bool)>,
    /// Upper bound of the next column, and whether it is included.
    pub upper: Option<(&'a Datum, bool)>,
    /// The next column must not be NULL (implied by a bound).
    pub not_null: bool,
}

impl<'a> IndexBounds<'a> {
    /// All entries.
    pub fn all() -> IndexBounds<'a> {
        IndexBounds::default()
    }

    /// Entries whose first columns equal these values.
    pub fn equal(values: &'a [Datum]) -> IndexBounds<'a> {
        IndexBounds { equal: values, ..IndexBounds::default() }
    }
}

/// Appends the key of a list of values.
pub fn encode_key(columns: &[KeyColumn], values: &[Datum], out: &mut Vec<u8>) -> Result<()> {
    for (column, value) in columns.iter().zip(values) {
        column.encode(value, out)?;
    }
    Ok(())
}

/// The range of keys that match the bounds; `None` if nothing can.
pub fn key_range(columns: &[KeyColumn], bounds: &IndexBounds<'_>) -> Result<Option<KeyRange>> {
    let mut prefix = Vec::with_capacity(32);
    encode_key(columns, bounds.equal, &mut prefix)?;
    let column = match columns.get(bounds.equal.len()) {
        Some(column) if bounds.lower.is_some() || bounds.upper.is_some() || bounds.not_null => column,
        _ => return Ok(Some(KeyRange::prefix(&prefix))),
    };
    let (first, last) =
        if column.descending { (bounds.upper, bounds.lower) } else { (bounds.lower, bounds.upper) };
    let edge = |bound: Option<(&Datum, bool)>| -> Result<Option<(Vec<u8>, bool)>> {
        let Some((value, included)) = bound else { return Ok(None) };
        let mut key = prefix.clone();
        column.encode(value, &mut key)?;
        Ok(Some((key, included)))
    };
    if first.is_some_and(|(value, _)| value.is_null()) || last.is_some_and(|(value, _)| value.is_null()) {
        return Ok(None);
    }
    let value_start = || {
        let mut key = prefix.clone();
        key.push(VALUE);
        key
    };
    let lower = match edge(first)? {
        Some((key, true)) => Bound::Included(Key::from_slice(&key)),
        // Keys that continue an excluded bound are equal to it in this column.
        Some((key, false)) => match KeyRange::prefix(&key).upper {
            Bound::Excluded(key) => Bound::Included(key),
            _ => return Ok(None),
        },
        None => Bound::Included(Key::from_vec(value_start())),
    };
    let upper = match edge(last)? {
        Some((key, true)) => KeyRange::prefix(&key).upper,
        Some((key, false)) => Bound::Excluded(Key::from_slice(&key)),
        None => KeyRange::prefix(&value_start()).upper,
    };
    let range = KeyRange { lower, upper };
    Ok((!range.is_empty()).then_some(range))
}
