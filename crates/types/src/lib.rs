//! Values, type OIDs, text and binary forms, comparison, order-preserving keys.
//!
//! A [`Datum`] is one SQL value. It does not know its SQL type; whoever handles it has the type's OID from the plan.
//! The variant is the physical representation ([`datum::Datum`] lists which types use which).

pub mod datetime;
pub mod datum;
pub mod env;
pub mod identity;
pub mod numeric;
pub mod oids;

pub use datetime::TimeZone;
pub use datum::{
    ArrayDim, ArrayValue, BitString, Datum, EnumValue, Geometry, Inet, Interval, JsonbValue, RangeValue,
    RecordValue, TimeTz,
};
pub use env::{FormatSettings, RegKind, TypeEnv, TypeInfo, TypeKind};
pub use identity::identical;
pub use numeric::Numeric;
pub use oids::Oid;
