//! Addition to modulo, rounding and the like, on whole values.

use super::{MAX_DISPLAY_SCALE, MAX_DSCALE, MIN_SIG_DIGITS, Numeric, POW10, Repr, Var, pow10_i128};
use pglitedb_sqlstate::{Error, Result, err};

/// `22012 division by zero`
pub(crate) fn division_by_zero() -> Error {
    err!(DIVISION_BY_ZERO, "division by zero")
}

impl Numeric {
    /// `self + other`
    #[inline]
    pub fn add(&self, other: &Numeric) -> Result<Numeric> {
        if let (Some(a), Some(b)) = (self.as_small(), other.as_small()) {
            if a.1 == b.1
                && let Some(sum) = a.0.checked_add(b.0)
                && sum != i64::MIN
            {
                return Ok(Numeric(Repr::Small { mantissa: sum, scale: a.1 as u8 }));
            }
            let (x, y, scale) = align(a, b);
            return Ok(Numeric::from_scaled(x + y, scale));
        }
        if self.is_finite() && other.is_finite() {
            return Numeric::from_var(self.to_var().add(&other.to_var()));
        }
        if self.is_nan() || other.is_nan() || (self.is_infinite() && other.is_infinite() && self != other) {
            return Ok(Numeric::NAN);
        }
        Ok(if self.is_infinite() { self.clone() } else { other.clone() })
    }

    /// `self - other`
    #[inline]
    pub fn sub(&self, other: &Numeric) -> Result<Numeric> {
        self.add(&other.neg())
    }

    /// `- self`
    pub fn neg(&self) -> Numeric {
        match &self.0 {
            Repr::Small { mantissa, scale } => Numeric(Repr::Small { mantissa: -mantissa, scale: *scale }),
            Repr::Big(var) => {
                let mut var = Var::clone(var);
                var.negative = !var.negative && !var.is_zero();
                Numeric::from_var_unchecked(var)
            }
            Repr::NaN => Numeric::NAN,
            Repr::Infinity => Numeric::NEG_INFINITY,
            Repr::NegInfinity => Numeric::INFINITY,
        }
    }

    /// `abs(self)`
    pub fn abs(&self) -> Numeric {
        if self.signum() < 0 { self.neg() } else { self.clone() }
    }

    /// `sign(self)`: -1, 0, 1, or NaN.
    pub fn sign(&self) -> Numeric {
        if self.is_nan() { Numeric::NAN } else { Numeric::from(self.signum()) }
    }

    /// `self * other`
    #[inline]
    pub fn mul(&self, other: &Numeric) -> Result<Numeric> {
        if let (Some(a), Some(b)) = (self.as_small(), other.as_small()) {
            return Ok(Numeric::from_scaled(i128::from(a.0) * i128::from(b.0), a.1 + b.1));
        }
        if self.is_finite() && other.is_finite() {
            return Numeric::from_var(self.to_var().mul(&other.to_var()));
        }
        if self.is_nan() || other.is_nan() {
            return Ok(Numeric::NAN);
        }
        Ok(match self.signum() * other.signum() {
            0 => Numeric::NAN,
            1 => Numeric::INFINITY,
            _ => Numeric::NEG_INFINITY,
        })
    }

    /// The sum, which may be beyond the limits of the type: for intermediate results.
    pub(super) fn add_unlimited(&self, other: &Numeric) -> Numeric {
        if self.is_finite() && other.is_finite() && (self.as_small().is_none() || other.as_small().is_none())
        {
            return Numeric::from_var_unchecked(self.to_var().add(&other.to_var()));
        }
        self.add(other).unwrap_or(Numeric::NAN)
    }

    /// The product, which may be beyond the limits of the type: for intermediate results.
    pub(super) fn mul_unlimited(&self, other: &Numeric) -> Numeric {
        if self.is_finite() && other.is_finite() && (self.as_small().is_none() || other.as_small().is_none())
        {
            return Numeric::from_var_unchecked(self.to_var().mul(&other.to_var()));
        }
        self.mul(other).unwrap_or(Numeric::NAN)
    }

    /// The value itself, or the error that it is beyond the limits of the type.
    pub(super) fn within_limits(self) -> Result<Numeric> {
        match &self.0 {
            Repr::Big(var) => Numeric::from_var(Var::clone(var)),
            _ => Ok(self),
        }
    }

    /// Scale of a quotient, by PostgreSQL's rule: at least 16 significant digits, and no fewer digits after the point
    /// than either operand has.
    fn quotient_scale(&self, divisor: &Numeric) -> i32 {
        let (weight1, first1) = self.head();
        let (weight2, first2) = divisor.head();
        let weight = weight1 - weight2 - i32::from(first1 <= first2);
        let scale = MIN_SIG_DIGITS - weight * 4;
        let scale = scale.max(self.scale().unwrap_or(0)).max(divisor.scale().unwrap_or(0));
        scale.clamp(0, MAX_DISPLAY_SCALE)
    }

    /// `self / divisor`
    pub fn div(&self, divisor: &Numeric) -> Result<Numeric> {
        if let Some(special) = self.divide_special(divisor)? {
            return Ok(special);
        }
        let scale = self.quotient_scale(divisor);
        if let (Some((a, s)), Some((b, t))) = (self.as_small(), divisor.as_small())
            && let Some(factor) = pow10_i128((scale + t as i32 - s as i32).unsigned_abs())
            && let Some(dividend) = i128::from(a).checked_mul(factor)
        {
            let b = i128::from(b);
            let (quotient, rest) = (dividend / b, dividend % b);
            let away = if (a < 0) == (b < 0) { 1 } else { -1 };
            let round_up = rest.unsigned_abs() * 2 >= b.unsigned_abs();
            return Ok(Numeric::from_scaled(quotient + if round_up { away } else { 0 }, scale as u32));
        }
        Numeric::from_var(self.to_var().div(&divisor.to_var(), scale, true))
    }

    /// The cases of division in which an operand is NaN, infinite, or the divisor zero.
    fn divide_special(&self, divisor: &Numeric) -> Result<Option<Numeric>> {
        if self.is_nan() || divisor.is_nan() {
            return Ok(Some(Numeric::NAN));
        }
        if self.is_infinite() {
            return match divisor.signum() {
                _ if divisor.is_infinite() => Ok(Some(Numeric::NAN)),
                0 => Err(division_by_zero()),
                sign if sign > 0 => Ok(Some(self.clone())),
                _ => Ok(Some(self.neg())),
            };
        }
        if divisor.is_infinite() {
            return Ok(Some(Numeric::ZERO));
        }
        if divisor.signum() == 0 { Err(division_by_zero()) } else { Ok(None) }
    }

    /// `div(self, divisor)`: the integer quotient, truncated towards zero.
    pub fn div_trunc(&self, divisor: &Numeric) -> Result<Numeric> {
        if let Some(special) = self.divide_special(divisor)? {
            return Ok(special);
        }
        Numeric::from_var(self.to_var().div(&divisor.to_var(), 0, false))
    }

    /// `self % divisor`, with the sign of `self`.
    pub fn rem(&self, divisor: &Numeric) -> Result<Numeric> {
        if self.is_nan() || divisor.is_nan() {
            return Ok(Numeric::NAN);
        }
        if self.is_infinite() {
            return if divisor.signum() == 0 { Err(division_by_zero()) } else { Ok(Numeric::NAN) };
        }
        if divisor.is_infinite() {
            return Ok(self.clone());
        }
        if divisor.signum() == 0 {
            return Err(division_by_zero());
        }
        if let (Some(a), Some(b)) = (self.as_small(), divisor.as_small()) {
            let (x, y, scale) = align(a, b);
            return Ok(Numeric::from_scaled(x % y, scale));
        }
        Numeric::from_var(self.to_var().rem(&divisor.to_var()))
    }

    /// `round(self, scale)`: half away from zero; `scale` may be negative.
    pub fn round(&self, scale: i32) -> Result<Numeric> {
        self.cut(scale, true)
    }

    /// `trunc(self, scale)`.
    pub fn trunc(&self, scale: i32) -> Result<Numeric> {
        self.cut(scale, false)
    }

    fn cut(&self, scale: i32, rounding: bool) -> Result<Numeric> {
        if !self.is_finite() {
            return Ok(self.clone());
        }
        let scale = scale.clamp(-(super::MAX_WEIGHT + 1) * 4 - 1, MAX_DSCALE);
        if let Some((mantissa, from)) = self.as_small()
            && (0..=super::SMALL_SCALE as i32).contains(&scale)
        {
            let to = scale as u32;
            if to >= from {
                return Ok(Numeric::from_scaled(
                    i128::from(mantissa) * i128::from(POW10[(to - from) as usize]),
                    to,
                ));
            }
            let unit = POW10[(from - to) as usize];
            let rest = mantissa % unit;
            let away = rounding && rest.unsigned_abs() * 2 >= unit.unsigned_abs();
            let quotient = mantissa / unit + if away { mantissa.signum() } else { 0 };
            return Ok(Numeric::from_scaled(i128::from(quotient), to));
        }
        let mut var = self.to_var();
        if rounding {
            var.round(scale);
        } else {
            var.truncate(scale);
        }
        Numeric::from_var(var)
    }

    /// `ceil(self)`
    pub fn ceil(&self) -> Result<Numeric> {
        if !self.is_finite() {
            return Ok(self.clone());
        }
        Numeric::from_var(self.to_var().floor_ceil(true))
    }

    /// `floor(self)`
    pub fn floor(&self) -> Result<Numeric> {
        if !self.is_finite() {
            return Ok(self.clone());
        }
        Numeric::from_var(self.to_var().floor_ceil(false))
    }

    /// `min_scale(self)`: the smallest scale that keeps the value exact; `None` for NaN and infinities.
    pub fn min_scale(&self) -> Option<i32> {
        if !self.is_finite() {
            return None;
        }
        let var = self.to_var();
        let Some(&last) = var.digits.last() else { return Some(0) };
        let groups = var.digits.len() as i32 - var.weight - 1;
        if groups <= 0 {
            return Some(0);
        }
        let mut scale = groups * 4;
        let mut digit = last;
        while digit % 10 == 0 && scale > 0 {
            scale -= 1;
            digit /= 10;
        }
        Some(scale)
    }

    /// `trim_scale(self)`: without trailing zeros after the point.
    pub fn trim_scale(&self) -> Numeric {
        match self.min_scale() {
            Some(scale) => self.trunc(scale).unwrap_or_else(|_| self.clone()),
            None => self.clone(),
        }
    }

    /// Has it no fractional part? (False for NaN and infinities.)
    pub fn is_integral(&self) -> bool {
        match self.as_small() {
            Some((_, 0)) => true,
            Some((mantissa, scale)) => mantissa % POW10[scale as usize] == 0,
            None => self.min_scale() == Some(0),
        }
    }

    /// `self + 1`
    pub fn increment(&self) -> Result<Numeric> {
        self.add(&Numeric::ONE)
    }
}

/// Two small values as mantissas of the larger scale; cannot overflow.
fn align(a: (i64, u32), b: (i64, u32)) -> (i128, i128, u32) {
    let scale = a.1.max(b.1);
    let x = i128::from(a.0) * i128::from(POW10[(scale - a.1) as usize]);
    let y = i128::from(b.0) * i128::from(POW10[(scale - b.1) as usize]);
    (x, y, scale)
}
