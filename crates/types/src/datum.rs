//! The value every layer agrees on.

use crate::numeric::Numeric;
use crate::oids::Oid;
use std::sync::Arc;

/// One SQL value. At most 24 bytes; `clone` never allocates.
#[derive(Clone, Debug, Default)]
pub enum Datum {
    /// SQL NULL of any type.
    #[default]
    Null,
    /// `bool`
    Bool(bool),
    /// `"char"`
    Char(u8),
    /// `int2`
    Int2(i16),
    /// `int4`
    Int4(i32),
    /// `int8`, `money` (in its smallest unit)
    Int8(i64),
    /// `float4`
    Float4(f32),
    /// `float8`
    Float8(f64),
    /// `oid`, every `reg*` type, `xid`, `cid`
    Oid(Oid),
    /// `xid8`, `pg_lsn`
    UInt8(u64),
    /// `tid`: block number and offset
    Tid(u32, u16),
    /// `text`, `varchar`, `bpchar` (padded), `name`, `json`, `xml`, `jsonpath`, `unknown`, `cstring`, `pg_node_tree`,
    /// `refcursor`, `aclitem`
    Text(Arc<str>),
    /// `bytea`
    Bytea(Arc<[u8]>),
    /// `numeric`
    Numeric(Numeric),
    /// `date`: days since 2000-01-01; `i32::MIN`/`i32::MAX` are minus/plus infinity
    Date(i32),
    /// `time`: microseconds since midnight
    Time(i64),
    /// `timetz`
    TimeTz(TimeTz),
    /// `timestamp`: microseconds since 2000-01-01; `i64::MIN`/`i64::MAX` are minus/plus infinity
    Timestamp(i64),
    /// `timestamptz`: microseconds since 2000-01-01 UTC; infinities likewise
    TimestampTz(i64),
    /// `interval`
    Interval(Interval),
    /// `uuid`
    Uuid([u8; 16]),
    /// `bit`, `varbit`
    Bit(Arc<BitString>),
    /// `jsonb`
    Jsonb(Arc<JsonbValue>),
    /// Any array type, `int2vector`, `oidvector`
    Array(Arc<ArrayValue>),
    /// Composite types and `record`
    Record(Arc<RecordValue>),
    /// Range types
    Range(Arc<RangeValue>),
    /// Multirange types: ordered, disjoint, non-adjacent, non-empty
    Multirange(Arc<[RangeValue]>),
    /// Enum types
    Enum(EnumValue),
    /// `macaddr` (6 bytes), `macaddr8` (8 bytes)
    Mac([u8; 8]),
    /// `inet`, `cidr`
    Inet(Inet),
    /// Geometric types: the coordinates as PostgreSQL's binary format lists them
    Geometry(Arc<Geometry>),
    /// `tsvector`, `tsquery` and others whose own module keeps an encoded form
    Encoded(Arc<[u8]>),
    /// `void`
    Void,
}

const _: () = assert!(size_of::<Datum>() <= 24, "a Datum is at most 24 bytes");

impl Datum {
    /// Is it SQL NULL?
    #[inline]
    pub fn is_null(&self) -> bool {
        matches!(self, Datum::Null)
    }

    /// A text value.
    pub fn text(value: &str) -> Datum {
        Datum::Text(Arc::from(value))
    }

    /// A bytea value.
    pub fn bytea(value: &[u8]) -> Datum {
        Datum::Bytea(Arc::from(value))
    }

    /// The text of a [`Datum::Text`].
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Datum::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The truth value; `None` for NULL (and for anything that is not a bool).
    #[inline]
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Datum::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// Any integer variant widened.
    pub fn as_i64(&self) -> Option<i64> {
        match *self {
            Datum::Int2(value) => Some(i64::from(value)),
            Datum::Int4(value) => Some(i64::from(value)),
            Datum::Int8(value) => Some(value),
            Datum::Oid(value) => Some(i64::from(value)),
            _ => None,
        }
    }

    /// The OID of a [`Datum::Oid`].
    pub fn as_oid(&self) -> Option<Oid> {
        match *self {
            Datum::Oid(value) => Some(value),
            _ => None,
        }
    }
}

impl From<bool> for Datum {
    fn from(value: bool) -> Self {
        Datum::Bool(value)
    }
}

impl From<i16> for Datum {
    fn from(value: i16) -> Self {
        Datum::Int2(value)
    }
}

impl From<i32> for Datum {
    fn from(value: i32) -> Self {
        Datum::Int4(value)
    }
}

impl From<i64> for Datum {
    fn from(value: i64) -> Self {
        Datum::Int8(value)
    }
}

impl From<f64> for Datum {
    fn from(value: f64) -> Self {
        Datum::Float8(value)
    }
}

impl From<&str> for Datum {
    fn from(value: &str) -> Self {
        Datum::text(value)
    }
}

impl<T: Into<Datum>> From<Option<T>> for Datum {
    fn from(value: Option<T>) -> Self {
        value.map_or(Datum::Null, Into::into)
    }
}

/// `timetz`: local time and zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeTz {
    /// Microseconds since midnight, local.
    pub micros: i64,
    /// Zone in seconds **west** of UTC, as PostgreSQL stores it.
    pub zone: i32,
}

/// `interval`. All three fields at their minimum (maximum) are minus (plus) infinity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Interval {
    /// Months (and years).
    pub months: i32,
    /// Days.
    pub days: i32,
    /// Microseconds.
    pub micros: i64,
}

/// `bit` and `varbit`: `len` bits, most significant first; unused bits of the last byte are zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BitString {
    /// Number of bits.
    pub len: u32,
    /// The bits.
    pub bytes: Vec<u8>,
}

/// `jsonb`: a tree. Object members are sorted by key length, then bytes, without duplicates, as PostgreSQL keeps them.
#[derive(Clone, Debug)]
pub enum JsonbValue {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number
    Number(Numeric),
    /// A string
    String(Arc<str>),
    /// An array
    Array(Vec<JsonbValue>),
    /// An object
    Object(Vec<(Arc<str>, JsonbValue)>),
}

/// One dimension of an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArrayDim {
    /// Number of elements.
    pub len: i32,
    /// Subscript of the first element.
    pub lower: i32,
}

/// An array of any type. No dimensions means empty.
#[derive(Clone, Debug)]
pub struct ArrayValue {
    /// Type of the elements.
    pub elem_type: Oid,
    /// The dimensions, outermost first, at most six.
    pub dims: Vec<ArrayDim>,
    /// The elements in row-major order.
    pub values: Vec<Datum>,
}

impl ArrayValue {
    /// A one-dimensional array with lower bound 1 (or an empty array).
    pub fn one_dim(elem_type: Oid, values: Vec<Datum>) -> Self {
        let dims = match i32::try_from(values.len()) {
            Ok(0) | Err(_) => Vec::new(),
            Ok(len) => vec![ArrayDim { len, lower: 1 }],
        };
        ArrayValue { elem_type, dims, values }
    }
}

/// A composite value.
#[derive(Clone, Debug)]
pub struct RecordValue {
    /// The composite type, or `RECORD` for an anonymous one.
    pub type_oid: Oid,
    /// Types of the fields.
    pub field_types: Arc<[Oid]>,
    /// The fields.
    pub fields: Vec<Datum>,
    /// Names of an anonymous record's fields where they are known (a row of a subquery); `f1`, `f2`, ... otherwise.
    pub names: Option<Arc<[Arc<str>]>>,
}

impl RecordValue {
    /// A composite value; the fields of an anonymous one have no names of their own.
    pub fn new(type_oid: Oid, field_types: Arc<[Oid]>, fields: Vec<Datum>) -> Self {
        RecordValue { type_oid, field_types, fields, names: None }
    }
}

/// A range value.
#[derive(Clone, Debug)]
pub struct RangeValue {
    /// The range type.
    pub range_type: Oid,
    /// The empty range (bounds are then `None`, exclusive).
    pub empty: bool,
    /// Lower bound; `None` is infinite.
    pub lower: Option<Datum>,
    /// Upper bound; `None` is infinite.
    pub upper: Option<Datum>,
    /// Is the lower bound part of it?
    pub lower_inclusive: bool,
    /// Is the upper bound part of it?
    pub upper_inclusive: bool,
}

/// An enum value: the OID of its `pg_enum` row and that row's sort order.
#[derive(Clone, Copy, Debug)]
pub struct EnumValue {
    /// OID of the label's `pg_enum` row.
    pub oid: Oid,
    /// `pg_enum.enumsortorder`.
    pub sort_order: f32,
}

/// `inet` and `cidr`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inet {
    /// IPv6 rather than IPv4 (then the first four bytes count).
    pub is_v6: bool,
    /// Length of the network prefix in bits.
    pub bits: u8,
    /// The address, network byte order.
    pub addr: [u8; 16],
}

/// A geometric value; the meaning of the coordinates depends on the type.
#[derive(Clone, Debug, PartialEq)]
pub struct Geometry {
    /// For `path`: is it closed?
    pub closed: bool,
    /// point x,y; lseg/box two points; line A,B,C; circle x,y,r; path and polygon their points.
    pub coords: Vec<f64>,
}

/// A value after a cast that PostgreSQL calls binary-compatible: the same bytes there, but `int4` and the types that hold
/// OIDs are different variants here.
pub fn relabel(value: Datum, type_oid: Oid) -> Datum {
    use crate::oids;
    let is_oid = matches!(
        type_oid,
        oids::OID
            | oids::REGPROC
            | oids::REGPROCEDURE
            | oids::REGOPER
            | oids::REGOPERATOR
            | oids::REGCLASS
            | oids::REGTYPE
            | oids::REGROLE
            | oids::REGNAMESPACE
            | oids::REGCOLLATION
            | oids::REGCONFIG
            | oids::REGDICTIONARY
    );
    match value {
        Datum::Int4(value) if is_oid => Datum::Oid(value.cast_unsigned()),
        Datum::Oid(value) if type_oid == oids::INT4 => Datum::Int4(value.cast_signed()),
        // Casts that users define between types of one length show the bits.
        Datum::Int4(value) if type_oid == oids::FLOAT4 => {
            Datum::Float4(f32::from_bits(value.cast_unsigned()))
        }
        Datum::Float4(value) if type_oid == oids::INT4 => Datum::Int4(value.to_bits().cast_signed()),
        Datum::Int8(value) if type_oid == oids::FLOAT8 => {
            Datum::Float8(f64::from_bits(value.cast_unsigned()))
        }
        Datum::Float8(value) if type_oid == oids::INT8 => Datum::Int8(value.to_bits().cast_signed()),
        other => other,
    }
}
