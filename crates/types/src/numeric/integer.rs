//! Functions on whole numbers: gcd, lcm, factorial, width_bucket.

use super::{Numeric, Var, overflow};
use pglitedb_sqlstate::{Result, bail, err};
use std::cmp::Ordering;

impl Numeric {
    /// `gcd(self, other)`
    pub fn gcd(&self, other: &Numeric) -> Result<Numeric> {
        if !self.is_finite() || !other.is_finite() {
            return Ok(Numeric::NAN);
        }
        let scale = self.scale().unwrap_or(0).max(other.scale().unwrap_or(0));
        let (mut a, mut b) = (self.abs(), other.abs());
        while b.signum() != 0 {
            let rest = a.rem(&b)?;
            a = b;
            b = rest;
        }
        a.round(scale)
    }

    /// `lcm(self, other)`
    pub fn lcm(&self, other: &Numeric) -> Result<Numeric> {
        if !self.is_finite() || !other.is_finite() {
            return Ok(Numeric::NAN);
        }
        let scale = self.scale().unwrap_or(0).max(other.scale().unwrap_or(0));
        if self.signum() == 0 || other.signum() == 0 {
            return Numeric::ZERO.round(scale);
        }
        let quotient = self.div_trunc(&self.gcd(other)?)?;
        quotient.mul(other)?.abs().round(scale)
    }

    /// `factorial(n)`
    pub fn factorial(n: i64) -> Result<Numeric> {
        if n < 0 {
            bail!(NUMERIC_VALUE_OUT_OF_RANGE, "factorial of a negative number is undefined");
        }
        if n > 32_177 {
            return Err(overflow());
        }
        let mut product = Var::one();
        let mut chunk = 1i64;
        for factor in 2..=n {
            // Several small factors make one step of the long multiplication.
            chunk *= factor;
            if chunk > 1 << 40 || factor == n {
                product = product.mul(&Var::from_i64(chunk));
                chunk = 1;
            }
        }
        Numeric::from_var(product)
    }

    /// `width_bucket(self, low, high, count)`
    pub fn width_bucket(&self, low: &Numeric, high: &Numeric, count: i32) -> Result<i32> {
        if count <= 0 {
            bail!(INVALID_ARGUMENT_FOR_WIDTH_BUCKET_FUNCTION, "count must be greater than zero");
        }
        if self.is_nan() || low.is_nan() || high.is_nan() {
            bail!(
                INVALID_ARGUMENT_FOR_WIDTH_BUCKET_FUNCTION,
                "operand, lower bound, and upper bound cannot be NaN"
            );
        }
        if low.is_infinite() || high.is_infinite() {
            bail!(INVALID_ARGUMENT_FOR_WIDTH_BUCKET_FUNCTION, "lower and upper bounds must be finite");
        }
        let rising = match low.compare(high) {
            Ordering::Equal => {
                bail!(INVALID_ARGUMENT_FOR_WIDTH_BUCKET_FUNCTION, "lower bound cannot equal upper bound")
            }
            order => order == Ordering::Less,
        };
        let (below, above) = if rising { (self < low, self >= high) } else { (self > low, self <= high) };
        let past_end =
            || count.checked_add(1).ok_or_else(|| err!(NUMERIC_VALUE_OUT_OF_RANGE, "integer out of range"));
        if below {
            return Ok(0);
        }
        if above {
            return past_end();
        }
        let span = high.sub(low)?;
        let offset = self.sub(low)?.mul(&Numeric::from(count))?;
        let bucket = offset.div_trunc(&span)?.to_int4()?;
        if bucket >= count { past_end() } else { Ok(bucket + 1) }
    }
}
