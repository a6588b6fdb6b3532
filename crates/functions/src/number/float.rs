//! `float4` and `float8`: arithmetic, comparison, casts.

use crate::Registry;
use crate::convert::order;
use crate::number::integer::{
    division_by_zero, int2_range, int4_range, int8_range, invalid_preceding_or_following,
};
use pglitedb_sqlstate::{Error, Result, err};
use std::cmp::Ordering;

/// `22003`, overflow.
#[cold]
pub fn overflow() -> Error {
    err!(NUMERIC_VALUE_OUT_OF_RANGE, "value out of range: overflow")
}

/// `22003`, underflow.
#[cold]
pub fn underflow() -> Error {
    err!(NUMERIC_VALUE_OUT_OF_RANGE, "value out of range: underflow")
}

/// PostgreSQL's order of floats: NaN equals NaN and is greater than anything else; -0 equals 0.
#[inline]
pub fn compare(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}

/// An infinite result of finite arguments is an overflow.
#[inline]
pub fn check_overflow(result: f64, may_be_infinite: bool) -> Result<f64> {
    if result.is_infinite() && !may_be_infinite { Err(overflow()) } else { Ok(result) }
}

macro_rules! arithmetic {
    ($reg:ident; $($prefix:literal: $a:ty, $b:ty => $r:ty;)*) => {$(
        scalars!($reg;
            concat!($prefix, "pl") => |a: $a, b: $b| {
                let result = <$r>::from(a) + <$r>::from(b);
                if result.is_infinite() && !a.is_infinite() && !b.is_infinite() {
                    return Err(overflow());
                }
                result
            };
            concat!($prefix, "mi") => |a: $a, b: $b| {
                let result = <$r>::from(a) - <$r>::from(b);
                if result.is_infinite() && !a.is_infinite() && !b.is_infinite() {
                    return Err(overflow());
                }
                result
            };
            concat!($prefix, "mul") => |a: $a, b: $b| {
                let result = <$r>::from(a) * <$r>::from(b);
                if result.is_infinite() && !a.is_infinite() && !b.is_infinite() {
                    return Err(overflow());
                }
                if result == 0.0 && a != 0.0 && b != 0.0 {
                    return Err(underflow());
                }
                result
            };
            concat!($prefix, "div") => |a: $a, b: $b| {
                if b == 0.0 && !a.is_nan() {
                    return Err(division_by_zero());
                }
                let result = <$r>::from(a) / <$r>::from(b);
                if result.is_infinite() && !a.is_infinite() {
                    return Err(overflow());
                }
                if result == 0.0 && a != 0.0 && !b.is_infinite() {
                    return Err(underflow());
                }
                result
            };
        );
    )*};
}

macro_rules! compare_all {
    ($reg:ident; $($prefix:literal, $cmp:literal: $a:ty, $b:ty;)*) => {$(
        comparisons!($reg; $prefix => |a: $a, b: $b| compare(f64::from(a), f64::from(b)););
        scalars!($reg; $cmp => |a: $a, b: $b| order(compare(f64::from(a), f64::from(b))););
    )*};
}

pub(crate) fn register(reg: &mut Registry) {
    arithmetic!(reg;
        "float4": f32, f32 => f32;
        "float8": f64, f64 => f64;
        "float48": f32, f64 => f64;
        "float84": f64, f32 => f64;
    );
    compare_all!(reg;
        "float4", "btfloat4cmp": f32, f32;
        "float8", "btfloat8cmp": f64, f64;
        "float48", "btfloat48cmp": f32, f64;
        "float84", "btfloat84cmp": f64, f32;
    );
    scalars!(reg;
        "float4um" => |a: f32| -a;
        "float8um" => |a: f64| -a;
        "float4up" => |a: f32| a;
        "float8up" => |a: f64| a;
        "float4abs" => |a: f32| a.abs();
        "float8abs" => |a: f64| a.abs();
        "float4larger" => |a: f32, b: f32| if compare(a.into(), b.into()).is_gt() { a } else { b };
        "float4smaller" => |a: f32, b: f32| if compare(a.into(), b.into()).is_lt() { a } else { b };
        "float8larger" => |a: f64, b: f64| if compare(a, b).is_gt() { a } else { b };
        "float8smaller" => |a: f64, b: f64| if compare(a, b).is_lt() { a } else { b };
    );
    conversions(reg);
    scalars!(reg;
        "in_range_float8_float8" => |v: f64, b: f64, o: f64, s: bool, l: bool| within(v, b, o, s, l);
        "in_range_float4_float8" => |v: f32, b: f32, o: f64, s: bool, l: bool| within(v.into(), b.into(), o, s, l);
    );
}

/// Rounds half to even and checks the range.
fn to_int(value: f64, low: f64, high: f64, range: fn() -> Error) -> Result<i64> {
    let rounded = value.round_ties_even();
    if rounded >= low && rounded < high { Ok(rounded as i64) } else { Err(range()) }
}

fn to_i2(value: f64) -> Result<i16> {
    to_int(value, -32768.0, 32768.0, int2_range).map(|v| v as i16)
}

fn to_i4(value: f64) -> Result<i32> {
    to_int(value, -2147483648.0, 2147483648.0, int4_range).map(|v| v as i32)
}

/// A float as `int8`.
pub fn to_i8(value: f64) -> Result<i64> {
    to_int(value, -9223372036854775808.0, 9223372036854775808.0, int8_range)
}

fn to_float4(value: f64) -> Result<f32> {
    let result = value as f32;
    if result.is_infinite() && !value.is_infinite() {
        return Err(overflow());
    }
    if result == 0.0 && value != 0.0 {
        return Err(underflow());
    }
    Ok(result)
}

fn conversions(reg: &mut Registry) {
    scalars!(reg;
        "i2tof" => |a: i16| f32::from(a);
        "i4tof" => |a: i32| a as f32;
        "i8tof" => |a: i64| a as f32;
        "i2tod" => |a: i16| f64::from(a);
        "i4tod" => |a: i32| f64::from(a);
        "i8tod" => |a: i64| a as f64;
        "ftod" => |a: f32| f64::from(a);
        "dtof" => |a: f64| to_float4(a);
        "ftoi2" => |a: f32| to_i2(a.into());
        "ftoi4" => |a: f32| to_i4(a.into());
        "ftoi8" => |a: f32| to_i8(a.into());
        "dtoi2" => |a: f64| to_i2(a);
        "dtoi4" => |a: f64| to_i4(a);
        "dtoi8" => |a: f64| to_i8(a);
    );
}

/// RANGE mode of windows.
fn within(value: f64, base: f64, offset: f64, sub: bool, less: bool) -> Result<bool> {
    if offset.is_nan() || offset < 0.0 {
        return Err(invalid_preceding_or_following());
    }
    if value.is_nan() {
        return Ok(base.is_nan() || !less);
    }
    if base.is_nan() {
        return Ok(less);
    }
    if offset.is_infinite() && base.is_infinite() && if sub { base > 0.0 } else { base < 0.0 } {
        return Ok(true);
    }
    let sum = if sub { base - offset } else { base + offset };
    Ok(if less { value <= sum } else { value >= sum })
}
