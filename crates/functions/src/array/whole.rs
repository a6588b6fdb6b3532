//! Comparison of whole arrays, composite values and enums.

use super::{element_comparator, element_equality};
use crate::call::FnCtx;
use crate::convert::order;
use crate::{Registry, convert};
use pglitedb_sqlstate::{Result, bail, err};
use pglitedb_types::{ArrayValue, Datum, EnumValue, RecordValue, format_type_be, identical, oids};
use std::cmp::Ordering;

fn arrays(ctx: &FnCtx<'_>, a: &Datum, b: &Datum) -> Result<Ordering> {
    let (x, y): (&ArrayValue, &ArrayValue) = (convert::Arg::get(a)?, convert::Arg::get(b)?);
    if x.elem_type != y.elem_type {
        bail!(DATATYPE_MISMATCH, "cannot compare arrays of different element types");
    }
    let elements = element_comparator(ctx, x.elem_type)?;
    for (x, y) in x.values.iter().zip(&y.values) {
        let ordering = match (x.is_null(), y.is_null()) {
            (false, false) => elements.compare(x, y),
            (x, y) => x.cmp(&y),
        };
        if ordering.is_ne() {
            return Ok(ordering);
        }
    }
    let shape = |v: &ArrayValue| {
        let lens: Vec<i32> = v.dims.iter().map(|dim| dim.len).collect();
        let lowers: Vec<i32> = v.dims.iter().map(|dim| dim.lower).collect();
        (v.values.len(), v.dims.len(), lens, lowers)
    };
    Ok(if x.dims == y.dims { Ordering::Equal } else { shape(x).cmp(&shape(y)) })
}

fn arrays_equal(ctx: &FnCtx<'_>, a: &Datum, b: &Datum) -> Result<bool> {
    let (x, y): (&ArrayValue, &ArrayValue) = (convert::Arg::get(a)?, convert::Arg::get(b)?);
    if x.elem_type != y.elem_type {
        bail!(DATATYPE_MISMATCH, "cannot compare arrays of different element types");
    }
    if x.dims != y.dims {
        return Ok(false);
    }
    let elements = element_equality(ctx, x.elem_type)?;
    Ok(x.values.iter().zip(&y.values).all(|(x, y)| super::same(&elements, x, y)))
}

/// Compares composite values field by field. `equality`: only whether they are equal matters.
fn records(ctx: &FnCtx<'_>, a: &Datum, b: &Datum, equality: bool) -> Result<Ordering> {
    let (x, y): (&RecordValue, &RecordValue) = (convert::Arg::get(a)?, convert::Arg::get(b)?);
    let fields = x.fields.iter().zip(&y.fields).enumerate();
    for (at, (left, right)) in fields {
        let type_of = |v: &RecordValue| v.field_types.get(at).copied().unwrap_or(0);
        if type_of(x) != type_of(y) {
            let env = ctx.env.as_type_env();
            bail!(
                DATATYPE_MISMATCH,
                "cannot compare dissimilar column types {} and {} at record column {}",
                format_type_be(type_of(x), env)?,
                format_type_be(type_of(y), env)?,
                at + 1
            );
        }
        let ordering = match (left.is_null(), right.is_null()) {
            (false, false) => {
                let comparator = if equality {
                    element_equality(ctx, type_of(x))?
                } else {
                    element_comparator(ctx, type_of(x))?
                };
                comparator.compare(left, right)
            }
            (left, right) => left.cmp(&right),
        };
        if ordering.is_ne() {
            return Ok(ordering);
        }
    }
    if x.fields.len() != y.fields.len() {
        bail!(DATATYPE_MISMATCH, "cannot compare record types with different numbers of columns");
    }
    Ok(Ordering::Equal)
}

/// What the order of stored forms goes by: a number for what is stored in a machine word, else bytes.
fn image(value: &Datum) -> (u64, Vec<u8>) {
    let word = |number: i64| (number as u64, Vec::new());
    let bytes = |bytes: &[u8]| (0, bytes.to_vec());
    match value {
        Datum::Bool(value) => word(i64::from(*value)),
        Datum::Char(value) => word(i64::from(*value as i8)),
        Datum::Float4(value) => word(i64::from(value.to_bits() as i32)),
        Datum::Float8(value) => word(value.to_bits() as i64),
        Datum::Date(days) => word(i64::from(*days)),
        Datum::Time(micros) | Datum::Timestamp(micros) | Datum::TimestampTz(micros) => word(*micros),
        Datum::UInt8(value) => word(*value as i64),
        Datum::Oid(oid) => word(i64::from(*oid)),
        Datum::Text(text) => bytes(text.as_bytes()),
        Datum::Bytea(value) => bytes(value),
        Datum::Uuid(value) => bytes(value),
        other => match other.as_i64() {
            Some(number) => word(number),
            None => {
                let mut out = Vec::new();
                pglitedb_types::codec::encode(other, &mut out);
                (0, out)
            }
        },
    }
}

/// Order of the stored forms: total, but of no meaning except that equal is identical.
fn record_images(a: &Datum, b: &Datum) -> Result<Ordering> {
    let (x, y): (&RecordValue, &RecordValue) = (convert::Arg::get(a)?, convert::Arg::get(b)?);
    for (left, right) in x.fields.iter().zip(&y.fields) {
        if !identical(left, right) {
            let ordering = match (left.is_null(), right.is_null()) {
                (false, false) => image(left).cmp(&image(right)),
                (left, right) => left.cmp(&right),
            };
            return Ok(ordering.then_with(|| format!("{left:?}").cmp(&format!("{right:?}"))));
        }
    }
    if x.fields.len() != y.fields.len() {
        bail!(DATATYPE_MISMATCH, "cannot compare record types with different numbers of columns");
    }
    Ok(Ordering::Equal)
}

fn enums(a: &EnumValue, b: &EnumValue) -> Ordering {
    if a.oid == b.oid { Ordering::Equal } else { a.sort_order.total_cmp(&b.sort_order) }
}

macro_rules! orders {
    ($reg:ident; $($prefix:literal => $([$ctx:ident])? |$a:ident, $b:ident| $order:expr;)*) => {$(
        scalars!($reg;
            concat!($prefix, "lt") => $([$ctx])? |$a: &Datum, $b: &Datum| $order.is_lt();
            concat!($prefix, "le") => $([$ctx])? |$a: &Datum, $b: &Datum| $order.is_le();
            concat!($prefix, "gt") => $([$ctx])? |$a: &Datum, $b: &Datum| $order.is_gt();
            concat!($prefix, "ge") => $([$ctx])? |$a: &Datum, $b: &Datum| $order.is_ge();
        );
    )*};
}

pub(crate) fn register(reg: &mut Registry) {
    orders!(reg;
        "array_" => [ctx] |a, b| arrays(ctx, a, b)?;
        "record_" => [ctx] |a, b| records(ctx, a, b, false)?;
        "record_image_" => |a, b| record_images(a, b)?;
    );
    scalars!(reg;
        "array_eq" => [ctx] |a: &Datum, b: &Datum| arrays_equal(ctx, a, b);
        "array_ne" => [ctx] |a: &Datum, b: &Datum| arrays_equal(ctx, a, b).map(|equal| !equal);
        "btarraycmp" => [ctx] |a: &Datum, b: &Datum| order(arrays(ctx, a, b)?);
        "array_larger" => [ctx] |a: &Datum, b: &Datum| if arrays(ctx, a, b)?.is_ge() { a.clone() } else { b.clone() };
        "array_smaller" => [ctx] |a: &Datum, b: &Datum| if arrays(ctx, a, b)?.is_le() { a.clone() } else { b.clone() };
        "record_eq" => [ctx] |a: &Datum, b: &Datum| records(ctx, a, b, true)?.is_eq();
        "record_ne" => [ctx] |a: &Datum, b: &Datum| records(ctx, a, b, true)?.is_ne();
        "btrecordcmp" => [ctx] |a: &Datum, b: &Datum| order(records(ctx, a, b, false)?);
        "record_larger" => [ctx] |a: &Datum, b: &Datum| {
            if records(ctx, a, b, false)?.is_gt() { a.clone() } else { b.clone() }
        };
        "record_smaller" => [ctx] |a: &Datum, b: &Datum| {
            if records(ctx, a, b, false)?.is_lt() { a.clone() } else { b.clone() }
        };
        "record_image_eq" => |a: &Datum, b: &Datum| record_images(a, b)?.is_eq();
        "record_image_ne" => |a: &Datum, b: &Datum| record_images(a, b)?.is_ne();
        "btrecordimagecmp" => |a: &Datum, b: &Datum| order(record_images(a, b)?);
    );
    vectors(reg);
    enum_functions(reg);
}

/// `oidvector` compares by length first.
fn vectors(reg: &mut Registry) {
    fn compare(a: &ArrayValue, b: &ArrayValue) -> Ordering {
        a.values.len().cmp(&b.values.len()).then_with(|| {
            let oids = |v: &ArrayValue| v.values.iter().filter_map(Datum::as_oid).collect::<Vec<u32>>();
            oids(a).cmp(&oids(b))
        })
    }
    comparisons!(reg; "oidvector" => |a: &ArrayValue, b: &ArrayValue| compare(a, b););
    scalars!(reg;
        "btoidvectorcmp" => |a: &ArrayValue, b: &ArrayValue| {
            let difference = a.values.len() as i64 - b.values.len() as i64;
            if difference == 0 { order(compare(a, b)) } else { difference as i32 }
        };
        "oidvectortypes" => [ctx] |a: &ArrayValue| {
            let name = |oid| format_type_be(oid, ctx.env.as_type_env()).unwrap_or_else(|_| "???".to_owned());
            a.values.iter().filter_map(Datum::as_oid).map(name).collect::<Vec<_>>().join(", ")
        };
    );
}

/// The enum type of a call: the declared type of an argument, as the value does not know it.
fn enum_type(ctx: &FnCtx<'_>) -> Result<u32> {
    let known = ctx.info.arg_types.iter().copied().find(|oid| *oid != oids::ANYENUM && *oid != 0);
    known.ok_or_else(|| err!(FEATURE_NOT_SUPPORTED, "could not determine actual enum type"))
}

fn enum_bounds(ctx: &FnCtx<'_>, low: Option<EnumValue>, high: Option<EnumValue>) -> Result<ArrayValue> {
    let type_oid = enum_type(ctx)?;
    let values = ctx.env.enum_values(type_oid)?;
    let inside = |v: &EnumValue| {
        low.is_none_or(|low| enums(v, &low).is_ge()) && high.is_none_or(|high| enums(v, &high).is_le())
    };
    let values: Vec<EnumValue> = values.into_iter().filter(inside).collect();
    values.iter().try_for_each(|value| ctx.env.as_type_env().check_enum_use(type_oid, *value))?;
    Ok(ArrayValue::one_dim(type_oid, values.into_iter().map(Datum::Enum).collect()))
}

fn enum_end(ctx: &FnCtx<'_>, last: bool) -> Result<Datum> {
    let type_oid = enum_type(ctx)?;
    let values = ctx.env.enum_values(type_oid)?;
    match if last { values.last() } else { values.first() } {
        Some(value) => {
            ctx.env.as_type_env().check_enum_use(type_oid, *value)?;
            Ok(Datum::Enum(*value))
        }
        None => {
            let name = format_type_be(type_oid, ctx.env.as_type_env())?;
            bail!(OBJECT_NOT_IN_PREREQUISITE_STATE, "enum {name} contains no values")
        }
    }
}

fn enum_functions(reg: &mut Registry) {
    comparisons!(reg; "enum_" => |a: EnumValue, b: EnumValue| enums(&a, &b););
    scalars!(reg;
        "enum_cmp" => |a: EnumValue, b: EnumValue| order(enums(&a, &b));
        "enum_larger" => |a: EnumValue, b: EnumValue| if enums(&a, &b).is_gt() { a } else { b };
        "enum_smaller" => |a: EnumValue, b: EnumValue| if enums(&a, &b).is_lt() { a } else { b };
        "enum_first" => [ctx] |_a: &Datum| enum_end(ctx, false);
        "enum_last" => [ctx] |_a: &Datum| enum_end(ctx, true);
        "enum_range_all" => [ctx] |_a: &Datum| enum_bounds(ctx, None, None);
        "enum_range_bounds" => [ctx] |low: Option<EnumValue>, high: Option<EnumValue>| enum_bounds(ctx, low, high);
        "hashenum" => |a: EnumValue| crate::misc::hash::hash_u32(a.oid) as i32;
        "hashenumextended" => |a: EnumValue, seed: i64| {
            crate::misc::hash::hash_u32_extended(a.oid, seed as u64) as i64
        };
    );
}
