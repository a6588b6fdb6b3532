//! Conversions from and to machine numbers.

use super::{Numeric, POW10, Repr};
use pglitedb_sqlstate::{Result, err};

impl From<i32> for Numeric {
    fn from(value: i32) -> Self {
        Numeric(Repr::Small { mantissa: i64::from(value), scale: 0 })
    }
}

impl From<i64> for Numeric {
    fn from(value: i64) -> Self {
        Numeric::from_scaled(i128::from(value), 0)
    }
}

impl From<i128> for Numeric {
    fn from(value: i128) -> Self {
        Numeric::from_scaled(value, 0)
    }
}

impl Numeric {
    /// A `float8` as PostgreSQL casts it: 15 significant digits.
    pub fn from_f64(value: f64) -> Numeric {
        Self::from_float(value, 15)
    }

    /// A `float4` as PostgreSQL casts it: 6 significant digits.
    pub fn from_f32(value: f32) -> Numeric {
        Self::from_float(f64::from(value), 6)
    }

    fn from_float(value: f64, digits: usize) -> Numeric {
        if value.is_nan() {
            return Numeric::NAN;
        }
        if value.is_infinite() {
            return if value > 0.0 { Numeric::INFINITY } else { Numeric::NEG_INFINITY };
        }
        let mut text = Vec::new();
        crate::float::write_general(value, digits, &mut text);
        let text = String::from_utf8_lossy(&text);
        // Any finite double is within numeric's limits.
        Numeric::parse(&text).unwrap_or(Numeric::ZERO)
    }

    /// The nearest `float8`, infinite when beyond its range.
    pub fn to_f64(&self) -> f64 {
        match &self.0 {
            Repr::Small { mantissa, scale } if mantissa.unsigned_abs() < 1 << 53 && *scale <= 18 => {
                // Both are exact doubles (10^18 = 2^18 * 5^18, and 5^18 < 2^53), so the quotient is correctly rounded.
                *mantissa as f64 / POW10[*scale as usize] as f64
            }
            Repr::NaN => f64::NAN,
            Repr::Infinity => f64::INFINITY,
            Repr::NegInfinity => f64::NEG_INFINITY,
            _ => {
                let mut text = Vec::with_capacity(32);
                self.write_to(&mut text);
                std::str::from_utf8(&text).ok().and_then(|t| t.parse().ok()).unwrap_or(f64::NAN)
            }
        }
    }

    /// The nearest `float4`, infinite when beyond its range.
    pub fn to_f32(&self) -> f32 {
        match &self.0 {
            Repr::NaN => f32::NAN,
            Repr::Infinity => f32::INFINITY,
            Repr::NegInfinity => f32::NEG_INFINITY,
            _ => {
                let mut text = Vec::with_capacity(32);
                self.write_to(&mut text);
                std::str::from_utf8(&text).ok().and_then(|t| t.parse().ok()).unwrap_or(f32::NAN)
            }
        }
    }

    /// `float8` as the cast does it: `22003` when out of range.
    pub fn to_float8(&self) -> Result<f64> {
        let value = self.to_f64();
        if value.is_infinite() && self.is_finite() {
            return Err(err!(
                NUMERIC_VALUE_OUT_OF_RANGE,
                "\"{self}\" is out of range for type double precision"
            ));
        }
        Ok(value)
    }

    /// `float4` as the cast does it: `22003` when out of range.
    pub fn to_float4(&self) -> Result<f32> {
        let value = self.to_f32();
        if value.is_infinite() && self.is_finite() {
            return Err(err!(NUMERIC_VALUE_OUT_OF_RANGE, "\"{self}\" is out of range for type real"));
        }
        Ok(value)
    }

    /// Rounded half away from zero to an integer, if finite and within `i128` (10^38).
    pub fn to_i128_rounded(&self) -> Option<i128> {
        if let Some((mantissa, scale)) = self.as_small() {
            let unit = POW10[scale as usize];
            let rest = mantissa % unit;
            let away = rest.unsigned_abs() * 2 >= unit.unsigned_abs();
            return Some(i128::from(mantissa / unit) + if away { i128::from(mantissa.signum()) } else { 0 });
        }
        if !self.is_finite() {
            return None;
        }
        let mut var = self.to_var();
        var.round(0);
        var.to_scaled_i128(0)
    }

    fn to_integer(&self, name: &str) -> Result<i128> {
        if self.is_nan() {
            return Err(err!(FEATURE_NOT_SUPPORTED, "cannot convert NaN to {name}"));
        }
        if self.is_infinite() {
            return Err(err!(FEATURE_NOT_SUPPORTED, "cannot convert infinity to {name}"));
        }
        self.to_i128_rounded().ok_or_else(|| out_of_range(name))
    }

    /// The cast to `int2`.
    pub fn to_int2(&self) -> Result<i16> {
        i16::try_from(self.to_integer("smallint")?).map_err(|_| out_of_range("smallint"))
    }

    /// The cast to `int4`.
    pub fn to_int4(&self) -> Result<i32> {
        i32::try_from(self.to_integer("integer")?).map_err(|_| out_of_range("integer"))
    }

    /// The cast to `int8`.
    pub fn to_int8(&self) -> Result<i64> {
        i64::try_from(self.to_integer("bigint")?).map_err(|_| out_of_range("bigint"))
    }
}

fn out_of_range(name: &str) -> pglitedb_sqlstate::Error {
    err!(NUMERIC_VALUE_OUT_OF_RANGE, "{name} out of range")
}
