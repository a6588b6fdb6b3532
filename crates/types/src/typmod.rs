//! Type modifiers: `varchar(3)`, `numeric(10,2)`, `time(0)`.

use crate::datetime;
use crate::datum::{ArrayValue, Datum};
use crate::env::{TypeEnv, TypeInfo};
use crate::numeric;
use crate::oids::{self, Oid};
use crate::scalar::{bit, character};
use pglitedb_sqlstate::{Result, bail};
use std::sync::Arc;

/// Longest length in a modifier of `varchar` and `bpchar`.
const MAX_CHAR_LENGTH: i32 = 10 * 1024 * 1024;
/// Longest length in a modifier of `bit` and `varbit`.
const MAX_BIT_LENGTH: i32 = 83_886_080;

/// The type modifier that a list of numbers means for a type, with a warning if one is due. `22023` for a wrong list;
/// `42601` for a type that takes no modifiers.
pub fn typmod_in(type_oid: Oid, modifiers: &[i32], env: &dyn TypeEnv) -> Result<(i32, Option<String>)> {
    let type_oid = match env.type_info(type_oid)? {
        info if info.is_true_array => info.element,
        _ => type_oid,
    };
    match type_oid {
        oids::VARCHAR => length_in("varchar", modifiers, MAX_CHAR_LENGTH).map(|n| (n + 4, None)),
        oids::BPCHAR => length_in("char", modifiers, MAX_CHAR_LENGTH).map(|n| (n + 4, None)),
        oids::BIT => length_in("bit", modifiers, MAX_BIT_LENGTH).map(|n| (n, None)),
        oids::VARBIT => length_in("varbit", modifiers, MAX_BIT_LENGTH).map(|n| (n, None)),
        oids::NUMERIC => numeric_in(modifiers).map(|n| (n, None)),
        oids::TIME => datetime::typmod::precision_typmod_in("TIME", false, modifiers),
        oids::TIMETZ => datetime::typmod::precision_typmod_in("TIME", true, modifiers),
        oids::TIMESTAMP => datetime::typmod::precision_typmod_in("TIMESTAMP", false, modifiers),
        oids::TIMESTAMPTZ => datetime::typmod::precision_typmod_in("TIMESTAMP", true, modifiers),
        oids::INTERVAL => datetime::typmod::interval_typmod_in(modifiers),
        _ => {
            let name = crate::format_type_be(type_oid, env)?;
            bail!(SYNTAX_ERROR, "type modifier is not allowed for type \"{name}\"")
        }
    }
}

fn length_in(name: &str, modifiers: &[i32], max: i32) -> Result<i32> {
    let &[length] = modifiers else { bail!(INVALID_PARAMETER_VALUE, "invalid type modifier") };
    if length < 1 {
        bail!(INVALID_PARAMETER_VALUE, "length for type {name} must be at least 1");
    }
    if length > max {
        bail!(INVALID_PARAMETER_VALUE, "length for type {name} cannot exceed {max}");
    }
    Ok(length)
}

fn numeric_in(modifiers: &[i32]) -> Result<i32> {
    let (precision, scale) = match *modifiers {
        [precision] => (precision, 0),
        [precision, scale] => (precision, scale),
        _ => bail!(INVALID_PARAMETER_VALUE, "invalid NUMERIC type modifier"),
    };
    if !(1..=1000).contains(&precision) {
        bail!(INVALID_PARAMETER_VALUE, "NUMERIC precision {precision} must be between 1 and 1000");
    }
    if !(-1000..=1000).contains(&scale) {
        bail!(INVALID_PARAMETER_VALUE, "NUMERIC scale {scale} must be between -1000 and 1000");
    }
    Ok(numeric::make_typmod(precision, scale))
}

/// Makes a value fit a type modifier. An `explicit` cast cuts strings without a word; an assignment raises `22001`
/// (unless only blanks are lost). Arrays are treated element by element.
pub fn apply_typmod(value: &Datum, type_oid: Oid, typmod: i32, explicit: bool) -> Result<Datum> {
    if typmod < 0 {
        return Ok(value.clone());
    }
    Ok(match (type_oid, value) {
        (oids::VARCHAR, Datum::Text(text)) => character::varchar_datum(text, typmod, explicit)?,
        (oids::BPCHAR, Datum::Text(text)) => character::bpchar_datum(text, typmod, explicit)?,
        (oids::NUMERIC, Datum::Numeric(number)) => Datum::Numeric(number.apply_typmod(typmod)?),
        (oids::BIT, Datum::Bit(bits)) => bit::apply_bit(bits, typmod, explicit)?,
        (oids::VARBIT, Datum::Bit(bits)) => bit::apply_varbit(bits, typmod, explicit)?,
        (oids::TIME, Datum::Time(v)) => Datum::Time(datetime::time_apply_typmod(*v, typmod)),
        (oids::TIMETZ, Datum::TimeTz(v)) => Datum::TimeTz(datetime::timetz_apply_typmod(*v, typmod)),
        (oids::TIMESTAMP, Datum::Timestamp(v)) => {
            Datum::Timestamp(datetime::timestamp_apply_typmod(*v, typmod)?)
        }
        (oids::TIMESTAMPTZ, Datum::TimestampTz(v)) => {
            Datum::TimestampTz(datetime::timestamp_apply_typmod(*v, typmod)?)
        }
        (oids::INTERVAL, Datum::Interval(v)) => Datum::Interval(datetime::interval_apply_typmod(*v, typmod)?),
        (_, Datum::Array(array)) => {
            let apply = |item: &Datum| apply_typmod(item, array.elem_type, typmod, explicit);
            let values: Result<Vec<Datum>> = array.values.iter().map(apply).collect();
            let dims = array.dims.clone();
            Datum::Array(Arc::new(ArrayValue { elem_type: array.elem_type, dims, values: values? }))
        }
        _ => value.clone(),
    })
}

/// Does a modifier of this type change values at all? (A cast to a type without one is the identity.)
pub fn takes_typmod(info: &TypeInfo) -> bool {
    let oid = if info.is_true_array { info.element } else { info.oid };
    matches!(
        oid,
        oids::VARCHAR
            | oids::BPCHAR
            | oids::NUMERIC
            | oids::BIT
            | oids::VARBIT
            | oids::TIME
            | oids::TIMETZ
            | oids::TIMESTAMP
            | oids::TIMESTAMPTZ
            | oids::INTERVAL
    )
}
