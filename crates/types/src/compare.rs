//! Order, equality and hash of values.
//!
//! The variant of a [`Datum`] says how to compare it, but for a few types whose text form is compared otherwise
//! (`bpchar` ignores trailing blanks). A [`Comparator`] is resolved once per type and collation.

use crate::datum::{ArrayValue, Datum, Inet, Interval, JsonbValue, RangeValue, RecordValue};
use crate::env::{TypeEnv, TypeKind};
use crate::float;
use crate::oids::{self, Oid};
use crate::scalar::character::trim_blanks;
use pglitedb_sqlstate::{Result, err};
use std::cmp::Ordering;
use std::sync::Arc;

/// Compares, equates and hashes the non-null values of one type.
#[derive(Clone, Debug)]
pub struct Comparator {
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    /// By variant alone.
    Plain,
    /// Trailing blanks do not count.
    BpChar,
    /// `oidvector`: the shorter one first.
    OidVector,
    /// Elements.
    Array(Box<Comparator>),
    /// Fields; those of an anonymous record are resolved by the types that the value names.
    Record(Arc<[Comparator]>),
    /// Bounds (of a range or of the ranges of a multirange).
    Range(Box<Comparator>),
    /// Values whose index keys compare as they do: `tsvector`, `tsquery`.
    Key(fn(&[u8], &mut Vec<u8>)),
}

impl Comparator {
    /// The comparator of a type; `42883` for a type that has no order and no equality, `0A000` for a collation that
    /// is not supported.
    pub fn new(type_oid: Oid, collation: Oid, env: &dyn TypeEnv) -> Result<Comparator> {
        crate::env::collation_rules(collation, env)?;
        Ok(Comparator { kind: Kind::resolve(type_oid, collation, env)? })
    }

    /// Compares by the values' variants alone: for types of which it is known that this is right.
    pub const fn plain() -> Comparator {
        Comparator { kind: Kind::Plain }
    }

    /// Order of two values, neither NULL (a NULL sorts last nevertheless).
    #[inline]
    pub fn compare(&self, a: &Datum, b: &Datum) -> Ordering {
        match &self.kind {
            Kind::Plain => compare_plain(a, b),
            other => other.compare(a, b),
        }
    }

    /// Are two values equal?
    #[inline]
    pub fn equal(&self, a: &Datum, b: &Datum) -> bool {
        match (&self.kind, a, b) {
            (Kind::Plain, Datum::Int4(a), Datum::Int4(b)) => a == b,
            (Kind::Plain, Datum::Int8(a), Datum::Int8(b)) => a == b,
            (Kind::Plain, Datum::Text(a), Datum::Text(b)) => a == b,
            _ => self.compare(a, b) == Ordering::Equal,
        }
    }

    /// A hash that equal values share. Integers of different widths hash alike, so do the two float types. For hash
    /// joins and aggregates; it is not PostgreSQL's and not stable across versions.
    #[inline]
    pub fn hash(&self, value: &Datum) -> u64 {
        let mut hasher = Hasher::default();
        match &self.kind {
            Kind::Plain => hash_plain(value, &mut hasher),
            other => other.hash(value, &mut hasher),
        }
        hasher.finish()
    }
}

impl Kind {
    fn resolve(type_oid: Oid, collation: Oid, env: &dyn TypeEnv) -> Result<Kind> {
        match type_oid {
            oids::BPCHAR => return Ok(Kind::BpChar),
            oids::OIDVECTOR => return Ok(Kind::OidVector),
            oids::TSVECTOR => return Ok(Kind::Key(crate::textsearch::order::vector_key)),
            oids::TSQUERY => return Ok(Kind::Key(crate::textsearch::order::query_key)),
            oids::INT4 | oids::INT8 | oids::TEXT | oids::VARCHAR | oids::NUMERIC | oids::BOOL => {
                return Ok(Kind::Plain);
            }
            oids::JSON
            | oids::XML
            | oids::POINT
            | oids::LSEG
            | oids::PATH
            | oids::BOX
            | oids::POLYGON
            | oids::LINE
            | oids::CIRCLE
            | oids::JSONPATH => {
                let name = crate::format_type_be(type_oid, env)?;
                return Err(err!(
                    UNDEFINED_FUNCTION,
                    "could not identify a comparison function for type {name}"
                ));
            }
            _ => {}
        }
        let info = env.type_info(type_oid)?;
        let nested = |oid| Comparator::new(oid, collation, env).map(Box::new);
        Ok(match info.kind {
            _ if info.is_true_array => Kind::Array(nested(info.element)?),
            TypeKind::Domain => Kind::resolve(info.base_type, collation, env)?,
            TypeKind::Range => {
                Kind::Range(Box::new(Comparator::new(info.range_subtype, info.range_collation, env)?))
            }
            TypeKind::Multirange => Kind::resolve(info.range_subtype, collation, env)?,
            TypeKind::Base if info.io_type != 0 => Kind::resolve(info.io_type, collation, env)?,
            TypeKind::Composite => {
                let fields = env.composite_fields(type_oid)?;
                let fields: Result<Vec<_>> =
                    fields.iter().map(|f| Comparator::new(f.type_oid, 0, env)).collect();
                Kind::Record(fields?.into())
            }
            _ => Kind::Plain,
        })
    }

    fn compare(&self, a: &Datum, b: &Datum) -> Ordering {
        match (self, a, b) {
            (Kind::BpChar, Datum::Text(a), Datum::Text(b)) => {
                trim_blanks(a).as_bytes().cmp(trim_blanks(b).as_bytes())
            }
            (Kind::OidVector, Datum::Array(a), Datum::Array(b)) => {
                a.values.len().cmp(&b.values.len()).then_with(|| compare_arrays(a, b, compare_plain))
            }
            (Kind::Array(element), Datum::Array(a), Datum::Array(b)) => {
                compare_arrays(a, b, |x, y| element.compare(x, y))
            }
            (Kind::Record(fields), Datum::Record(a), Datum::Record(b)) => {
                compare_records(a, b, |i, x, y| match fields.get(i) {
                    Some(field) => field.compare(x, y),
                    None => compare_plain(x, y),
                })
            }
            (Kind::Key(write), Datum::Encoded(a), Datum::Encoded(b)) => {
                if a == b {
                    Ordering::Equal
                } else {
                    key_of(*write, a).cmp(&key_of(*write, b))
                }
            }
            (Kind::Range(bound), Datum::Range(a), Datum::Range(b)) => {
                compare_ranges(a, b, |x, y| bound.compare(x, y))
            }
            (Kind::Range(bound), Datum::Multirange(a), Datum::Multirange(b)) => {
                compare_multiranges(a, b, |x, y| bound.compare(x, y))
            }
            _ => compare_plain(a, b),
        }
    }

    fn hash(&self, value: &Datum, hasher: &mut Hasher) {
        match (self, value) {
            (Kind::BpChar, Datum::Text(text)) => hasher.bytes(trim_blanks(text).as_bytes()),
            (Kind::Key(write), Datum::Encoded(value)) => hasher.bytes(&key_of(*write, value)),
            (Kind::Array(element), Datum::Array(array)) => {
                hash_array(array, hasher, |v, h| element.kind.hash(v, h));
            }
            (Kind::Record(fields), Datum::Record(record)) => {
                for (i, field) in record.fields.iter().enumerate() {
                    match fields.get(i) {
                        Some(comparator) => comparator.kind.hash(field, hasher),
                        None => hash_plain(field, hasher),
                    }
                }
            }
            (Kind::Range(bound), Datum::Range(range)) => {
                hash_range(range, hasher, |v, h| bound.kind.hash(v, h))
            }
            (Kind::Range(bound), Datum::Multirange(ranges)) => {
                ranges.iter().for_each(|range| hash_range(range, hasher, |v, h| bound.kind.hash(v, h)));
            }
            _ => hash_plain(value, hasher),
        }
    }
}

fn key_of(write: fn(&[u8], &mut Vec<u8>), value: &[u8]) -> Vec<u8> {
    let mut key = Vec::with_capacity(value.len() + 16);
    write(value, &mut key);
    key
}

/// Compares a value of a type that only its OID is known of: what the elements of anonymous records ask for.
fn compare_typed(type_oid: Oid, a: &Datum, b: &Datum) -> Ordering {
    match type_oid {
        oids::BPCHAR => Kind::BpChar.compare(a, b),
        oids::TSVECTOR => Kind::Key(crate::textsearch::order::vector_key).compare(a, b),
        oids::TSQUERY => Kind::Key(crate::textsearch::order::query_key).compare(a, b),
        _ => compare_plain(a, b),
    }
}

fn hash_typed(type_oid: Oid, value: &Datum, hasher: &mut Hasher) {
    match type_oid {
        oids::BPCHAR => Kind::BpChar.hash(value, hasher),
        oids::TSVECTOR => Kind::Key(crate::textsearch::order::vector_key).hash(value, hasher),
        oids::TSQUERY => Kind::Key(crate::textsearch::order::query_key).hash(value, hasher),
        _ => hash_plain(value, hasher),
    }
}

/// Order by variant. Values of different variants (no caller should have them) order by kind.
#[inline]
fn compare_plain(a: &Datum, b: &Datum) -> Ordering {
    match (a, b) {
        (Datum::Int4(a), Datum::Int4(b)) => a.cmp(b),
        (Datum::Int8(a), Datum::Int8(b)) => a.cmp(b),
        (Datum::Text(a), Datum::Text(b)) => a.as_bytes().cmp(b.as_bytes()),
        (Datum::Numeric(a), Datum::Numeric(b)) => a.compare(b),
        (Datum::Float8(a), Datum::Float8(b)) => float::compare(*a, *b),
        (Datum::Timestamp(a), Datum::Timestamp(b))
        | (Datum::TimestampTz(a), Datum::TimestampTz(b))
        | (Datum::Time(a), Datum::Time(b)) => a.cmp(b),
        (Datum::Date(a), Datum::Date(b)) => a.cmp(b),
        (Datum::Bool(a), Datum::Bool(b)) => a.cmp(b),
        (Datum::Uuid(a), Datum::Uuid(b)) => a.cmp(b),
        (Datum::Oid(a), Datum::Oid(b)) => a.cmp(b),
        _ => compare_rare(a, b),
    }
}

fn compare_rare(a: &Datum, b: &Datum) -> Ordering {
    match (a, b) {
        (Datum::Int2(a), Datum::Int2(b)) => a.cmp(b),
        (Datum::Char(a), Datum::Char(b)) => a.cmp(b),
        (Datum::Float4(a), Datum::Float4(b)) => float::compare(f64::from(*a), f64::from(*b)),
        (Datum::UInt8(a), Datum::UInt8(b)) => a.cmp(b),
        (Datum::Tid(a, x), Datum::Tid(b, y)) => (a, x).cmp(&(b, y)),
        (Datum::Bytea(a), Datum::Bytea(b)) | (Datum::Encoded(a), Datum::Encoded(b)) => a.cmp(b),
        (Datum::TimeTz(a), Datum::TimeTz(b)) => timetz_order(*a).cmp(&timetz_order(*b)),
        (Datum::Interval(a), Datum::Interval(b)) => interval_span(a).cmp(&interval_span(b)),
        (Datum::Bit(a), Datum::Bit(b)) => a.bytes.cmp(&b.bytes).then(a.len.cmp(&b.len)),
        (Datum::Jsonb(a), Datum::Jsonb(b)) => compare_jsonb_root(a, b),
        (Datum::Array(a), Datum::Array(b)) => {
            let element = a.elem_type;
            compare_arrays(a, b, |x, y| compare_typed(element, x, y))
        }
        (Datum::Record(a), Datum::Record(b)) => {
            compare_records(a, b, |i, x, y| compare_typed(a.field_types.get(i).copied().unwrap_or(0), x, y))
        }
        (Datum::Range(a), Datum::Range(b)) => compare_ranges(a, b, compare_plain),
        (Datum::Multirange(a), Datum::Multirange(b)) => compare_multiranges(a, b, compare_plain),
        (Datum::Enum(a), Datum::Enum(b)) => {
            if a.oid == b.oid {
                return Ordering::Equal;
            }
            a.sort_order.total_cmp(&b.sort_order).then(a.oid.cmp(&b.oid))
        }
        (Datum::Mac(a), Datum::Mac(b)) => a.cmp(b),
        (Datum::Inet(a), Datum::Inet(b)) => inet_order(a).cmp(&inet_order(b)),
        (Datum::Geometry(a), Datum::Geometry(b)) => compare_lists(&a.coords, &b.coords),
        (Datum::Void, Datum::Void) | (Datum::Null, Datum::Null) => Ordering::Equal,
        (Datum::Null, _) => Ordering::Greater,
        (_, Datum::Null) => Ordering::Less,
        (Datum::Float4(a), Datum::Float8(b)) => float::compare(f64::from(*a), *b),
        (Datum::Float8(a), Datum::Float4(b)) => float::compare(*a, f64::from(*b)),
        _ => match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => a.cmp(&b),
            _ => crate::codec::Repr::of_datum(a).cmp(&crate::codec::Repr::of_datum(b)),
        },
    }
}

fn compare_lists(a: &[f64], b: &[f64]) -> Ordering {
    for (x, y) in a.iter().zip(b) {
        match float::compare(*x, *y) {
            Ordering::Equal => {}
            order => return order,
        }
    }
    a.len().cmp(&b.len())
}

/// Sort key of a `timetz`: the time in UTC, then the zone.
pub(crate) fn timetz_order(value: crate::TimeTz) -> (i64, i32) {
    (value.micros.saturating_add(i64::from(value.zone) * 1_000_000), value.zone)
}

/// Length of an interval in microseconds; a month has 30 days, a day 24 hours.
pub fn interval_span(value: &Interval) -> i128 {
    const DAY: i128 = 86_400_000_000;
    i128::from(value.micros) + (i128::from(value.months) * 30 + i128::from(value.days)) * DAY
}

/// Sort key of an address: family, network, prefix length, whole address.
pub(crate) fn inet_order(value: &Inet) -> (bool, [u8; 16], u8, [u8; 16]) {
    let mut network = value.addr;
    let bits = usize::from(value.bits);
    for (i, byte) in network.iter_mut().enumerate() {
        let keep = bits.saturating_sub(i * 8).min(8) as u32;
        *byte &= !(0xffu32 >> keep) as u8;
    }
    (value.is_v6, network, value.bits, value.addr)
}

fn compare_nullable(a: &Datum, b: &Datum, compare: impl FnOnce(&Datum, &Datum) -> Ordering) -> Ordering {
    match (a.is_null(), b.is_null()) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) => compare(a, b),
    }
}

fn compare_arrays(a: &ArrayValue, b: &ArrayValue, compare: impl Fn(&Datum, &Datum) -> Ordering) -> Ordering {
    for (x, y) in a.values.iter().zip(&b.values) {
        match compare_nullable(x, y, &compare) {
            Ordering::Equal => {}
            order => return order,
        }
    }
    let lens = |v: &ArrayValue| v.dims.iter().map(|d| d.len).collect::<Vec<_>>();
    let lowers = |v: &ArrayValue| v.dims.iter().map(|d| d.lower).collect::<Vec<_>>();
    a.values
        .len()
        .cmp(&b.values.len())
        .then(a.dims.len().cmp(&b.dims.len()))
        .then_with(|| if a.dims == b.dims { Ordering::Equal } else { lens(a).cmp(&lens(b)) })
        .then_with(|| if a.dims == b.dims { Ordering::Equal } else { lowers(a).cmp(&lowers(b)) })
}

fn compare_records(
    a: &RecordValue,
    b: &RecordValue,
    compare: impl Fn(usize, &Datum, &Datum) -> Ordering,
) -> Ordering {
    for (i, (x, y)) in a.fields.iter().zip(&b.fields).enumerate() {
        match compare_nullable(x, y, |x, y| compare(i, x, y)) {
            Ordering::Equal => {}
            order => return order,
        }
    }
    a.fields.len().cmp(&b.fields.len())
}

/// Order of two lower bounds (`None` is minus infinity).
pub(crate) fn compare_lower(
    a: &RangeValue,
    b: &RangeValue,
    compare: impl Fn(&Datum, &Datum) -> Ordering,
) -> Ordering {
    match (&a.lower, &b.lower) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Less,
        (Some(_), None) => Ordering::Greater,
        // At the same value the inclusive bound is the lower one.
        (Some(x), Some(y)) => compare(x, y).then(b.lower_inclusive.cmp(&a.lower_inclusive)),
    }
}

/// Order of two upper bounds (`None` is plus infinity).
pub(crate) fn compare_upper(
    a: &RangeValue,
    b: &RangeValue,
    compare: impl Fn(&Datum, &Datum) -> Ordering,
) -> Ordering {
    match (&a.upper, &b.upper) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
        (Some(x), Some(y)) => compare(x, y).then(a.upper_inclusive.cmp(&b.upper_inclusive)),
    }
}

fn compare_ranges(
    a: &RangeValue,
    b: &RangeValue,
    compare: impl Fn(&Datum, &Datum) -> Ordering + Copy,
) -> Ordering {
    match (a.empty, b.empty) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (false, false) => compare_lower(a, b, compare).then_with(|| compare_upper(a, b, compare)),
    }
}

fn compare_multiranges(
    a: &[RangeValue],
    b: &[RangeValue],
    compare: impl Fn(&Datum, &Datum) -> Ordering + Copy,
) -> Ordering {
    for (x, y) in a.iter().zip(b) {
        match compare_ranges(x, y, compare) {
            Ordering::Equal => {}
            order => return order,
        }
    }
    a.len().cmp(&b.len())
}

/// PostgreSQL's order of jsonb: Object > Array > Boolean > Number > String > Null; containers by number of members
/// first. One historic exception at the root: an empty array is below every scalar.
fn compare_jsonb_root(a: &JsonbValue, b: &JsonbValue) -> Ordering {
    match (a, b) {
        (JsonbValue::Array(x), b) if x.is_empty() && is_scalar(b) => Ordering::Less,
        (a, JsonbValue::Array(y)) if y.is_empty() && is_scalar(a) => Ordering::Greater,
        _ => compare_jsonb(a, b),
    }
}

fn is_scalar(value: &JsonbValue) -> bool {
    !matches!(value, JsonbValue::Array(_) | JsonbValue::Object(_))
}

/// Rank of a value's type in the order of jsonb.
pub(crate) fn jsonb_rank(value: &JsonbValue) -> u8 {
    match value {
        JsonbValue::Null => 1,
        JsonbValue::String(_) => 2,
        JsonbValue::Number(_) => 3,
        JsonbValue::Bool(_) => 4,
        JsonbValue::Array(_) => 5,
        JsonbValue::Object(_) => 6,
    }
}

fn compare_jsonb(a: &JsonbValue, b: &JsonbValue) -> Ordering {
    match (a, b) {
        (JsonbValue::Bool(a), JsonbValue::Bool(b)) => a.cmp(b),
        (JsonbValue::Number(a), JsonbValue::Number(b)) => a.compare(b),
        (JsonbValue::String(a), JsonbValue::String(b)) => a.as_bytes().cmp(b.as_bytes()),
        (JsonbValue::Array(a), JsonbValue::Array(b)) => a.len().cmp(&b.len()).then_with(|| {
            a.iter().zip(b).map(|(x, y)| compare_jsonb(x, y)).find(|o| o.is_ne()).unwrap_or(Ordering::Equal)
        }),
        (JsonbValue::Object(a), JsonbValue::Object(b)) => a.len().cmp(&b.len()).then_with(|| {
            a.iter()
                .zip(b)
                .map(|((k, x), (l, y))| k.as_bytes().cmp(l.as_bytes()).then_with(|| compare_jsonb(x, y)))
                .find(|o| o.is_ne())
                .unwrap_or(Ordering::Equal)
        }),
        _ => jsonb_rank(a).cmp(&jsonb_rank(b)),
    }
}

impl PartialEq for JsonbValue {
    fn eq(&self, other: &Self) -> bool {
        compare_jsonb(self, other) == Ordering::Equal
    }
}

impl Eq for JsonbValue {}

/// A fast hash of words and bytes by folded multiplication.
#[derive(Default)]
struct Hasher {
    state: u64,
}

const MIX_A: u64 = 0x9e37_79b9_7f4a_7c15;
const MIX_B: u64 = 0xd6e8_feb8_6659_fd93;

#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

impl Hasher {
    #[inline]
    fn word(&mut self, word: u64) {
        self.state = fold(self.state ^ word ^ MIX_A, MIX_B);
    }

    #[inline]
    fn bytes(&mut self, bytes: &[u8]) {
        let (chunks, rest) = bytes.as_chunks::<8>();
        for chunk in chunks {
            self.word(u64::from_le_bytes(*chunk));
        }
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        self.word(u64::from_le_bytes(last));
        self.word(bytes.len() as u64);
    }

    #[inline]
    fn finish(&self) -> u64 {
        fold(self.state ^ MIX_B, MIX_A)
    }
}

#[inline]
fn hash_plain(value: &Datum, hasher: &mut Hasher) {
    match value {
        Datum::Int2(v) => hasher.word(i64::from(*v) as u64),
        Datum::Int4(v) => hasher.word(i64::from(*v) as u64),
        Datum::Int8(v) => hasher.word(*v as u64),
        Datum::Oid(v) => hasher.word(u64::from(*v)),
        Datum::Text(v) => hasher.bytes(v.as_bytes()),
        Datum::Numeric(v) => v.hash_words(|word| hasher.word(word)),
        Datum::Bool(v) => hasher.word(u64::from(*v)),
        Datum::Float4(v) => hasher.word(float::ordered_bits(f64::from(*v))),
        Datum::Float8(v) => hasher.word(float::ordered_bits(*v)),
        Datum::Date(v) => hasher.word(*v as u64),
        Datum::Time(v) | Datum::Timestamp(v) | Datum::TimestampTz(v) => hasher.word(*v as u64),
        Datum::Uuid(v) => hasher.bytes(v),
        _ => hash_rare(value, hasher),
    }
}

fn hash_rare(value: &Datum, hasher: &mut Hasher) {
    match value {
        Datum::Char(v) => hasher.word(u64::from(*v)),
        Datum::UInt8(v) => hasher.word(*v),
        Datum::Tid(a, b) => hasher.word(u64::from(*a) << 16 | u64::from(*b)),
        Datum::Bytea(v) | Datum::Encoded(v) => hasher.bytes(v),
        Datum::TimeTz(v) => {
            let (utc, zone) = timetz_order(*v);
            hasher.word(utc as u64);
            hasher.word(zone as u64);
        }
        Datum::Interval(v) => {
            let span = interval_span(v);
            hasher.word(span as u64);
            hasher.word((span >> 64) as u64);
        }
        Datum::Bit(v) => {
            hasher.bytes(&v.bytes);
            hasher.word(u64::from(v.len));
        }
        Datum::Jsonb(v) => hash_jsonb(v, hasher),
        Datum::Array(v) => {
            let element = v.elem_type;
            hash_array(v, hasher, |value, hasher| hash_typed(element, value, hasher));
        }
        Datum::Record(v) => {
            for (i, field) in v.fields.iter().enumerate() {
                hash_typed(v.field_types.get(i).copied().unwrap_or(0), field, hasher);
            }
        }
        Datum::Range(v) => hash_range(v, hasher, hash_plain),
        Datum::Multirange(v) => v.iter().for_each(|range| hash_range(range, hasher, hash_plain)),
        Datum::Enum(v) => hasher.word(u64::from(v.oid)),
        Datum::Mac(v) => hasher.bytes(v),
        Datum::Inet(v) => {
            hasher.word(u64::from(v.bits) << 1 | u64::from(v.is_v6));
            hasher.bytes(&v.addr);
        }
        Datum::Geometry(v) => v.coords.iter().for_each(|c| hasher.word(float::ordered_bits(*c))),
        _ => hasher.word(MIX_B),
    }
}

fn hash_array(array: &ArrayValue, hasher: &mut Hasher, element: impl Fn(&Datum, &mut Hasher)) {
    for value in &array.values {
        element(value, hasher);
    }
    for dim in &array.dims {
        hasher.word((dim.len as u64) << 32 | u64::from(dim.lower as u32));
    }
}

fn hash_range(range: &RangeValue, hasher: &mut Hasher, bound: impl Fn(&Datum, &mut Hasher)) {
    let flags = [
        range.empty,
        range.lower.is_some(),
        range.upper.is_some(),
        range.lower_inclusive && range.lower.is_some(),
        range.upper_inclusive && range.upper.is_some(),
    ];
    hasher.word(flags.iter().fold(0, |n, &flag| n << 1 | u64::from(flag)));
    range.lower.iter().chain(&range.upper).for_each(|value| bound(value, hasher));
}

fn hash_jsonb(value: &JsonbValue, hasher: &mut Hasher) {
    hasher.word(u64::from(jsonb_rank(value)));
    match value {
        JsonbValue::Null => {}
        JsonbValue::Bool(v) => hasher.word(u64::from(*v)),
        JsonbValue::Number(v) => v.hash_words(|word| hasher.word(word)),
        JsonbValue::String(v) => hasher.bytes(v.as_bytes()),
        JsonbValue::Array(v) => {
            hasher.word(v.len() as u64);
            v.iter().for_each(|item| hash_jsonb(item, hasher));
        }
        JsonbValue::Object(v) => {
            hasher.word(v.len() as u64);
            for (key, item) in v {
                hasher.bytes(key.as_bytes());
                hash_jsonb(item, hasher);
            }
        }
    }
}
