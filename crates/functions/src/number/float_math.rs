//! Mathematical functions of `float8`.

use crate::Registry;
use crate::number::float::{check_overflow, overflow, underflow};
use crate::number::integer::int4_range;
use pglitedb_sqlstate::{Error, Result, bail, err};
use std::f64::consts::PI;

#[cold]
fn out_of_range() -> Error {
    err!(NUMERIC_VALUE_OUT_OF_RANGE, "input is out of range")
}

/// `dsqrt`
pub fn sqrt(a: f64) -> Result<f64> {
    if a < 0.0 {
        bail!(INVALID_ARGUMENT_FOR_POWER_FUNCTION, "cannot take square root of a negative number");
    }
    Ok(a.sqrt())
}

/// `dpow`, with the special cases of the SQL standard.
pub fn power(a: f64, b: f64) -> Result<f64> {
    if a.is_nan() {
        return Ok(if b == 0.0 { 1.0 } else { f64::NAN });
    }
    if b.is_nan() {
        return Ok(if a == 1.0 { 1.0 } else { f64::NAN });
    }
    if a == 0.0 && b < 0.0 {
        bail!(INVALID_ARGUMENT_FOR_POWER_FUNCTION, "zero raised to a negative power is undefined");
    }
    if a < 0.0 && b.floor() != b {
        bail!(
            INVALID_ARGUMENT_FOR_POWER_FUNCTION,
            "a negative number raised to a non-integer power yields a complex result"
        );
    }
    let result = a.powf(b);
    if result.is_infinite() && !a.is_infinite() && !b.is_infinite() {
        return Err(overflow());
    }
    if result == 0.0 && a != 0.0 && !a.is_infinite() && !b.is_infinite() {
        return Err(underflow());
    }
    Ok(result)
}

fn exp(a: f64) -> Result<f64> {
    if a.is_nan() {
        return Ok(a);
    }
    if a.is_infinite() {
        return Ok(if a > 0.0 { a } else { 0.0 });
    }
    let result = a.exp();
    if result.is_infinite() {
        return Err(overflow());
    }
    if result == 0.0 {
        return Err(underflow());
    }
    Ok(result)
}

fn check_log(a: f64) -> Result<()> {
    if a == 0.0 {
        bail!(INVALID_ARGUMENT_FOR_LOG, "cannot take logarithm of zero");
    }
    if a < 0.0 {
        bail!(INVALID_ARGUMENT_FOR_LOG, "cannot take logarithm of a negative number");
    }
    Ok(())
}

/// Sine and the others do not accept infinities.
fn finite(a: f64) -> Result<f64> {
    if a.is_infinite() { Err(out_of_range()) } else { Ok(a) }
}

fn unit(a: f64) -> Result<f64> {
    // NaN passes.
    if a.abs() > 1.0 { Err(out_of_range()) } else { Ok(a) }
}

/// Trigonometry in degrees, exact at the multiples of 30 and 45 degrees.
mod degrees {
    use std::f64::consts::PI;

    fn sin_0_to_30(x: f64) -> f64 {
        let sin_30 = (30.0_f64 * (PI / 180.0)).sin();
        ((x * (PI / 180.0)).sin() / sin_30) / 2.0
    }

    fn cos_0_to_60(x: f64) -> f64 {
        let one_minus_cos_60 = 1.0 - (60.0_f64 * (PI / 180.0)).cos();
        let one_minus_cos = 1.0 - (x * (PI / 180.0)).cos();
        1.0 - (one_minus_cos / one_minus_cos_60) / 2.0
    }

    fn sin_q1(x: f64) -> f64 {
        if x <= 30.0 { sin_0_to_30(x) } else { cos_0_to_60(90.0 - x) }
    }

    fn cos_q1(x: f64) -> f64 {
        if x <= 60.0 { cos_0_to_60(x) } else { sin_0_to_30(90.0 - x) }
    }

    pub fn sin(mut x: f64) -> f64 {
        let mut sign = 1.0;
        x %= 360.0;
        if x < 0.0 {
            x = -x;
            sign = -sign;
        }
        if x > 180.0 {
            x = 360.0 - x;
            sign = -sign;
        }
        if x > 90.0 {
            x = 180.0 - x;
        }
        sign * sin_q1(x)
    }

    pub fn cos(mut x: f64) -> f64 {
        let mut sign = 1.0;
        x = (x % 360.0).abs();
        if x > 180.0 {
            x = 360.0 - x;
        }
        if x > 90.0 {
            x = 180.0 - x;
            sign = -sign;
        }
        sign * cos_q1(x)
    }

    pub fn tan(mut x: f64) -> f64 {
        let mut sign = 1.0;
        x %= 360.0;
        if x < 0.0 {
            x = -x;
            sign = -sign;
        }
        if x > 180.0 {
            x = 360.0 - x;
            sign = -sign;
        }
        if x > 90.0 {
            x = 180.0 - x;
            sign = -sign;
        }
        let tan_45 = sin_q1(45.0) / cos_q1(45.0);
        let result = sign * ((sin_q1(x) / cos_q1(x)) / tan_45);
        if result == 0.0 { 0.0 } else { result }
    }

    pub fn cot(mut x: f64) -> f64 {
        let mut sign = 1.0;
        x %= 360.0;
        if x < 0.0 {
            x = -x;
            sign = -sign;
        }
        if x > 180.0 {
            x = 360.0 - x;
            sign = -sign;
        }
        if x > 90.0 {
            x = 180.0 - x;
            sign = -sign;
        }
        let cot_45 = cos_q1(45.0) / sin_q1(45.0);
        let result = sign * ((cos_q1(x) / sin_q1(x)) / cot_45);
        if result == 0.0 { 0.0 } else { result }
    }

    fn asin_q1(x: f64) -> f64 {
        if x <= 0.5 { (x.asin() / 0.5_f64.asin()) * 30.0 } else { 90.0 - (x.acos() / 0.5_f64.acos()) * 60.0 }
    }

    fn acos_q1(x: f64) -> f64 {
        if x <= 0.5 { 90.0 - (x.asin() / 0.5_f64.asin()) * 30.0 } else { (x.acos() / 0.5_f64.acos()) * 60.0 }
    }

    pub fn asin(x: f64) -> f64 {
        if x >= 0.0 { asin_q1(x) } else { -asin_q1(-x) }
    }

    pub fn acos(x: f64) -> f64 {
        if x >= 0.0 { acos_q1(x) } else { 90.0 + asin_q1(-x) }
    }

    pub fn atan(x: f64) -> f64 {
        (x.atan() / 1.0_f64.atan()) * 45.0
    }

    pub fn atan2(y: f64, x: f64) -> f64 {
        (y.atan2(x) / 1.0_f64.atan()) * 45.0
    }
}

pub(crate) fn register(reg: &mut Registry) {
    scalars!(reg;
        "dsqrt" => |a: f64| sqrt(a);
        "dcbrt" => |a: f64| a.cbrt();
        "dpow" => |a: f64, b: f64| power(a, b);
        "dexp" => |a: f64| exp(a);
        "dlog1" => |a: f64| check_log(a).map(|()| a.ln());
        "dlog10" => |a: f64| check_log(a).map(|()| a.log10());
        "dround" => |a: f64| a.round_ties_even();
        "dceil" => |a: f64| a.ceil();
        "dfloor" => |a: f64| a.floor();
        "dtrunc" => |a: f64| a.trunc();
        "dsign" => |a: f64| if a > 0.0 { 1.0 } else if a < 0.0 { -1.0 } else { 0.0 };
        "dpi" => | | PI;
        "degrees" => |a: f64| check_overflow(a / (PI / 180.0), a.is_infinite());
        "radians" => |a: f64| {
            let result = a * (PI / 180.0);
            if result == 0.0 && a != 0.0 { Err(underflow()) } else { Ok(result) }
        };
        "width_bucket_float8" => |v: f64, low: f64, high: f64, count: i32| width_bucket(v, low, high, count);
    );
    trigonometry(reg);
    scalars!(reg;
        "derf" => |a: f64| libm::erf(a);
        "derfc" => |a: f64| libm::erfc(a);
        "dgamma" => |a: f64| gamma(a);
        "dlgamma" => |a: f64| log_gamma(a);
    );
}

fn trigonometry(reg: &mut Registry) {
    scalars!(reg;
        "dsin" => |a: f64| finite(a).map(f64::sin);
        "dcos" => |a: f64| finite(a).map(f64::cos);
        "dtan" => |a: f64| finite(a).map(f64::tan);
        "dcot" => |a: f64| finite(a).map(|a| 1.0 / a.tan());
        "dasin" => |a: f64| unit(a).map(f64::asin);
        "dacos" => |a: f64| unit(a).map(f64::acos);
        "datan" => |a: f64| a.atan();
        "datan2" => |a: f64, b: f64| a.atan2(b);
        "dsind" => |a: f64| finite(a).map(degrees::sin);
        "dcosd" => |a: f64| finite(a).map(degrees::cos);
        "dtand" => |a: f64| finite(a).map(degrees::tan);
        "dcotd" => |a: f64| finite(a).map(degrees::cot);
        "dasind" => |a: f64| unit(a).map(degrees::asin);
        "dacosd" => |a: f64| unit(a).map(degrees::acos);
        "datand" => |a: f64| degrees::atan(a);
        "datan2d" => |a: f64, b: f64| degrees::atan2(a, b);
        "dsinh" => |a: f64| a.sinh();
        "dcosh" => |a: f64| a.cosh();
        "dtanh" => |a: f64| a.tanh();
        "dasinh" => |a: f64| libm::asinh(a);
        "dacosh" => |a: f64| if a < 1.0 { Err(out_of_range()) } else { Ok(libm::acosh(a)) };
        "datanh" => |a: f64| {
            if !(-1.0..=1.0).contains(&a) && !a.is_nan() {
                return Err(out_of_range());
            }
            if a == -1.0 {
                f64::NEG_INFINITY
            } else if a == 1.0 {
                f64::INFINITY
            } else {
                libm::atanh(a)
            }
        };
    );
}

fn gamma(a: f64) -> Result<f64> {
    if a.is_nan() {
        return Ok(a);
    }
    if a.is_infinite() {
        return if a < 0.0 { Err(overflow()) } else { Ok(a) };
    }
    let result = libm::tgamma(a);
    if result.is_nan() || result.is_infinite() {
        return Err(overflow());
    }
    if result == 0.0 {
        return Err(underflow());
    }
    Ok(result)
}

fn log_gamma(a: f64) -> Result<f64> {
    let result = libm::lgamma(a);
    if result.is_infinite() && !a.is_infinite() { Err(overflow()) } else { Ok(result) }
}

fn width_bucket(value: f64, low: f64, high: f64, count: i32) -> Result<i32> {
    if count <= 0 {
        bail!(INVALID_ARGUMENT_FOR_WIDTH_BUCKET_FUNCTION, "count must be greater than zero");
    }
    if value.is_nan() || low.is_nan() || high.is_nan() {
        bail!(
            INVALID_ARGUMENT_FOR_WIDTH_BUCKET_FUNCTION,
            "operand, lower bound, and upper bound cannot be NaN"
        );
    }
    if low.is_infinite() || high.is_infinite() {
        bail!(INVALID_ARGUMENT_FOR_WIDTH_BUCKET_FUNCTION, "lower and upper bounds must be finite");
    }
    if low == high {
        bail!(INVALID_ARGUMENT_FOR_WIDTH_BUCKET_FUNCTION, "lower bound cannot equal upper bound");
    }
    let above = || count.checked_add(1).ok_or_else(int4_range);
    let (below, beyond) =
        if low < high { (value < low, value >= high) } else { (value > low, value <= high) };
    if below {
        return Ok(0);
    }
    if beyond {
        return above();
    }
    // Halved, so that the difference of the bounds cannot overflow.
    let fraction = (value / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0);
    let bucket = (fraction * f64::from(count)).floor() as i32;
    Ok(bucket.min(count - 1).max(0) + 1)
}
