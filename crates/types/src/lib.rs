//! Values, type OIDs, text and binary forms, comparison, order-preserving keys.
//!
//! A [`Datum`] is one SQL value. It does not know its SQL type; whoever handles it has the type's OID from the plan.
//! The variant is the physical representation ([`datum::Datum`] lists which types use which).

pub mod builtin;
pub mod case;
pub mod codec;
pub mod compare;
pub mod datetime;
pub mod datum;
pub mod env;
pub mod float;
pub mod format_type;
pub mod formatting;
pub mod ident;
pub mod identity;
pub mod integer;
pub mod io;
pub mod json;
pub mod jsonpath;
pub mod key;
pub mod numeric;
pub mod oids;
pub mod scalar;
pub mod scan;
mod serial;
pub mod textsearch;
pub mod typmod;

pub use builtin::{BuiltinEnv, builtin_type, builtin_type_by_name, builtin_types};
pub use codec::Repr;
pub use compare::Comparator;
pub use datetime::TimeZone;
pub use datum::relabel;
pub use datum::{
    ArrayDim, ArrayValue, BitString, Datum, EnumValue, Geometry, Inet, Interval, JsonbValue, RangeValue,
    RecordValue, TimeTz,
};
pub use env::{
    CollationRules, CompositeField, FormatSettings, RegKind, TypeEnv, TypeInfo, TypeKind, collation_rules,
};
pub use format_type::{format_type, format_type_be};
pub use ident::quote_identifier;
pub use identity::identical;
pub use io::{
    build_text, convert_by_text, input, is_plain_text, output, output_string, output_text, recv, send,
    with_text,
};
pub use key::{decode_key, encode_key, is_decodable};
pub use numeric::Numeric;
pub use oids::Oid;
pub use typmod::apply_typmod;
