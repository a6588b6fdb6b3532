//! `numeric`.

use crate::Registry;
use crate::convert::order;
use crate::number::integer::invalid_preceding_or_following;
use pglitedb_sqlstate::Result;
use pglitedb_types::Numeric;

fn integer(value: i64) -> Numeric {
    Numeric::from_scaled(value.into(), 0)
}

fn larger<'a>(a: &'a Numeric, b: &'a Numeric) -> Numeric {
    if a.compare(b).is_gt() { a.clone() } else { b.clone() }
}

fn smaller<'a>(a: &'a Numeric, b: &'a Numeric) -> Numeric {
    if a.compare(b).is_lt() { a.clone() } else { b.clone() }
}

pub(crate) fn register(reg: &mut Registry) {
    comparisons!(reg; "numeric_" => |a: &Numeric, b: &Numeric| a.compare(b););
    scalars!(reg;
        "numeric_cmp" => |a: &Numeric, b: &Numeric| order(a.compare(b));
        "numeric_larger" => |a: &Numeric, b: &Numeric| larger(a, b);
        "numeric_smaller" => |a: &Numeric, b: &Numeric| smaller(a, b);
        "numeric_add" => |a: &Numeric, b: &Numeric| a.add(b);
        "numeric_sub" => |a: &Numeric, b: &Numeric| a.sub(b);
        "numeric_mul" => |a: &Numeric, b: &Numeric| a.mul(b);
        "numeric_div" => |a: &Numeric, b: &Numeric| a.div(b);
        "numeric_div_trunc" => |a: &Numeric, b: &Numeric| a.div_trunc(b);
        "numeric_mod" => |a: &Numeric, b: &Numeric| a.rem(b);
        "numeric_uminus" => |a: &Numeric| a.neg();
        "numeric_uplus" => |a: &Numeric| a.clone();
        "numeric_abs" => |a: &Numeric| a.abs();
        "numeric_sign" => |a: &Numeric| a.sign();
        "numeric_inc" => |a: &Numeric| a.increment();
        "numeric" => |a: &Numeric, typmod: i32| a.apply_typmod(typmod);
        "numeric_round" => |a: &Numeric, scale: i32| a.round(scale);
        "sql:1708" => |a: &Numeric| a.round(0);
        "numeric_trunc" => |a: &Numeric, scale: i32| a.trunc(scale);
        "sql:1710" => |a: &Numeric| a.trunc(0);
        "numeric_ceil" => |a: &Numeric| a.ceil();
        "numeric_floor" => |a: &Numeric| a.floor();
        "numeric_sqrt" => |a: &Numeric| a.sqrt();
        "numeric_exp" => |a: &Numeric| a.exp();
        "numeric_ln" => |a: &Numeric| a.ln();
        "numeric_log" => |base: &Numeric, a: &Numeric| a.log(base);
        "sql:1741" => |a: &Numeric| a.log10();
        "sql:1481" => |a: &Numeric| a.log10();
        "numeric_power" => |a: &Numeric, b: &Numeric| a.power(b);
        "numeric_fac" => |a: i64| Numeric::factorial(a);
        "numeric_gcd" => |a: &Numeric, b: &Numeric| a.gcd(b);
        "numeric_lcm" => |a: &Numeric, b: &Numeric| a.lcm(b);
        "numeric_scale" => |a: &Numeric| a.scale();
        "numeric_min_scale" => |a: &Numeric| a.min_scale();
        "numeric_trim_scale" => |a: &Numeric| a.trim_scale();
        "width_bucket_numeric" => |a: &Numeric, low: &Numeric, high: &Numeric, count: i32| {
            a.width_bucket(low, high, count)
        };
        "in_range_numeric_numeric" => |v: &Numeric, b: &Numeric, o: &Numeric, s: bool, l: bool| {
            within(v, b, o, s, l)
        };
    );
    conversions(reg);
}

fn conversions(reg: &mut Registry) {
    scalars!(reg;
        "int2_numeric" => |a: i16| integer(a.into());
        "int4_numeric" => |a: i32| integer(a.into());
        "int8_numeric" => |a: i64| integer(a);
        "float4_numeric" => |a: f32| Numeric::from_f32(a);
        "float8_numeric" => |a: f64| Numeric::from_f64(a);
        "numeric_int2" => |a: &Numeric| a.to_int2();
        "numeric_int4" => |a: &Numeric| a.to_int4();
        "numeric_int8" => |a: &Numeric| a.to_int8();
        "numeric_float4" => |a: &Numeric| a.to_float4();
        "numeric_float8" => |a: &Numeric| a.to_float8();
        "int8_sum" => |sum: Option<&Numeric>, value: Option<i64>| match (sum, value) {
            (None, None) => None,
            (None, Some(value)) => Some(integer(value)),
            (Some(sum), None) => Some(sum.clone()),
            (Some(sum), Some(value)) => Some(sum.add(&integer(value))?),
        };
        "int4_sum" => |sum: Option<i64>, value: Option<i32>| small_sum(sum, value.map(i64::from));
        "int2_sum" => |sum: Option<i64>, value: Option<i16>| small_sum(sum, value.map(i64::from));
    );
}

/// The next state of a sum of small integers. No number of rows that can be stored makes it overflow; a state made by hand
/// wraps around.
fn small_sum(sum: Option<i64>, value: Option<i64>) -> Option<i64> {
    match (sum, value) {
        (Some(sum), Some(value)) => Some(sum.wrapping_add(value)),
        (sum, value) => sum.or(value),
    }
}

/// RANGE mode of windows.
fn within(value: &Numeric, base: &Numeric, offset: &Numeric, sub: bool, less: bool) -> Result<bool> {
    if offset.is_nan() || offset.signum() < 0 {
        return Err(invalid_preceding_or_following());
    }
    if value.is_nan() {
        return Ok(base.is_nan() || !less);
    }
    if base.is_nan() {
        return Ok(less);
    }
    if offset.is_infinite() && base.is_infinite() && (base.signum() > 0) == sub {
        return Ok(true);
    }
    let bound = if sub { base.sub(offset)? } else { base.add(offset)? };
    let ordering = value.compare(&bound);
    Ok(if less { ordering.is_le() } else { ordering.is_ge() })
}
