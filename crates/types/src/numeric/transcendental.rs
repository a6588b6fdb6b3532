//! Square root, exponential, logarithms and powers.
//!
//! Results have PostgreSQL's scale (at least 16 significant digits, and no fewer digits after the point than the
//! operands); they are computed with guard digits and rounded once.

use super::{MAX_DISPLAY_SCALE, MAX_WEIGHT, MIN_SIG_DIGITS, Numeric, POW10, Var, overflow, wide};
use pglitedb_sqlstate::{Result, bail, err};
use std::cmp::Ordering;

/// Guard digits of intermediate results.
const GUARD: i32 = 12;
/// Exponentials of larger arguments overflow.
const MAX_EXPONENT: f64 = 6000.0;

fn display_scale(scale: i32) -> i32 {
    scale.clamp(0, MAX_DISPLAY_SCALE)
}

impl Numeric {
    /// `sqrt(self)`
    pub fn sqrt(&self) -> Result<Numeric> {
        if self.is_nan() {
            return Ok(Numeric::NAN);
        }
        if self.signum() < 0 {
            bail!(INVALID_ARGUMENT_FOR_POWER_FUNCTION, "cannot take square root of a negative number");
        }
        if self.is_infinite() {
            return Ok(Numeric::INFINITY);
        }
        let (weight, _) = self.head();
        let result_weight = (weight + 1) * 4 / 2 - 1;
        let scale = display_scale((MIN_SIG_DIGITS - result_weight).max(self.scale().unwrap_or(0)));
        if let Some(root) = self.small_sqrt(scale) {
            return Ok(root);
        }
        self.sqrt_scaled(scale)
    }

    /// The square root through integers, if they have room for it.
    fn small_sqrt(&self, scale: i32) -> Option<Numeric> {
        let (mantissa, own_scale) = self.as_small()?;
        let shift = u32::try_from(2 * scale - own_scale as i32).ok()?;
        let square = u128::from(mantissa.unsigned_abs()).checked_mul(10_u128.checked_pow(shift)?)?;
        let root = square.isqrt();
        // Half up: (root + 1/2)^2 is root^2 + root + 1/4.
        let rounded = root + u128::from(square - root * root > root);
        Some(Numeric::from_scaled(i128::try_from(rounded).ok()?, scale as u32))
    }

    /// The square root of a finite value, not below zero, to a given scale.
    pub(super) fn sqrt_scaled(&self, scale: i32) -> Result<Numeric> {
        Numeric::from_var(sqrt_var(&self.to_var(), scale))
    }

    /// `exp(self)`
    pub fn exp(&self) -> Result<Numeric> {
        if self.is_nan() {
            return Ok(Numeric::NAN);
        }
        if self.is_infinite() {
            return Ok(if self.signum() > 0 { Numeric::INFINITY } else { Numeric::ZERO });
        }
        let log10 = (self.to_f64() * std::f64::consts::LOG10_E).clamp(-2000.0, 2000.0);
        let scale = display_scale((MIN_SIG_DIGITS - log10 as i32).max(self.scale().unwrap_or(0)));
        Numeric::from_var(exp_var(&self.to_var(), scale)?)
    }

    fn check_logarithm(&self) -> Result<()> {
        match self.signum() {
            _ if self.is_nan() => Ok(()),
            0 => bail!(INVALID_ARGUMENT_FOR_LOG, "cannot take logarithm of zero"),
            sign if sign < 0 => bail!(INVALID_ARGUMENT_FOR_LOG, "cannot take logarithm of a negative number"),
            _ => Ok(()),
        }
    }

    /// `ln(self)`
    pub fn ln(&self) -> Result<Numeric> {
        self.check_logarithm()?;
        if !self.is_finite() {
            return Ok(self.clone());
        }
        if let Some(ln) = self.small_ln() {
            return Ok(ln);
        }
        let var = self.to_var();
        let scale = display_scale((MIN_SIG_DIGITS - ln_weight(&var)).max(var.dscale));
        Numeric::from_var(ln_digits(&var, scale))
    }

    /// The logarithm in binary, where that decides all digits.
    fn small_ln(&self) -> Option<Numeric> {
        let (mantissa, scale) = self.as_small()?;
        let mantissa = u64::try_from(mantissa).ok()?;
        let one = POW10.get(scale as usize)?.unsigned_abs();
        let (tenth, tenths) = (u128::from(one), u128::from(mantissa) * 10);
        let weight = if (tenth * 9..=tenth * 11).contains(&tenths) {
            // ln(1 + x) is about x. Of 1 the logarithm is exact.
            mantissa.abs_diff(one).checked_ilog10()? as i32 - scale as i32
        } else {
            let ln = (mantissa as f64).ln() - f64::from(scale) * std::f64::consts::LN_10;
            ln.abs().log10() as i32
        };
        let wanted = display_scale((MIN_SIG_DIGITS - weight).max(scale as i32));
        wide::ln(mantissa, scale, u32::try_from(wanted).ok()?)
    }

    /// A power in binary, where that decides all digits.
    fn small_power(&self, exponent: i32, exponent_scale: i32) -> Option<Numeric> {
        let (mantissa, scale) = self.as_small()?;
        let exponent = u32::try_from(exponent).ok().filter(|exponent| *exponent > 1)?;
        if mantissa == 0 {
            return None;
        }
        let log10 = f64::from(exponent) * ((mantissa.unsigned_abs() as f64).log10() - f64::from(scale));
        if log10.abs() > 60.0 {
            return None;
        }
        let wanted = (MIN_SIG_DIGITS - log10 as i32).max(scale as i32).max(exponent_scale);
        wide::power(mantissa, scale, exponent, u32::try_from(display_scale(wanted)).ok()?)
    }

    /// `log(base, self)`
    pub fn log(&self, base: &Numeric) -> Result<Numeric> {
        if self.is_nan() || base.is_nan() {
            return Ok(Numeric::NAN);
        }
        base.check_logarithm()?;
        self.check_logarithm()?;
        match (base.is_infinite(), self.is_infinite()) {
            (true, true) => return Ok(Numeric::NAN),
            (true, false) => return Ok(Numeric::ZERO),
            (false, true) => return Ok(Numeric::INFINITY),
            _ => {}
        }
        let (num, base) = (self.to_var(), base.to_var());
        let weight = ln_weight(&num) - ln_weight(&base);
        let scale = display_scale((MIN_SIG_DIGITS - weight).max(num.dscale).max(base.dscale));
        let ln_base = ln_digits(&base, scale + weight - ln_weight(&base) + GUARD);
        if ln_base.is_zero() {
            return Err(super::arith::division_by_zero());
        }
        let ln_num = ln_digits(&num, scale + weight - ln_weight(&num) + ln_weight(&base).abs() + GUARD);
        Numeric::from_var(ln_num.div(&ln_base, scale, true))
    }

    /// `log10(self)`
    pub fn log10(&self) -> Result<Numeric> {
        self.log(&Numeric::from(10))
    }

    /// `power(self, exponent)`
    pub fn power(&self, exponent: &Numeric) -> Result<Numeric> {
        if !self.is_finite() || !exponent.is_finite() {
            return self.power_special(exponent);
        }
        if self.signum() == 0 && exponent.signum() < 0 {
            bail!(INVALID_ARGUMENT_FOR_POWER_FUNCTION, "zero raised to a negative power is undefined");
        }
        if exponent.is_integral()
            && let Some(n) = exponent.to_i128_rounded().and_then(|n| i32::try_from(n).ok())
        {
            let exponent_scale = exponent.scale().unwrap_or(0);
            if let Some(power) = self.small_power(n, exponent_scale) {
                return Ok(power);
            }
            return Numeric::from_var(power_int(&self.to_var(), n, exponent_scale)?);
        }
        if self.signum() == 0 {
            return Numeric::ZERO.round(MIN_SIG_DIGITS);
        }
        let mut base = self.to_var();
        let mut negate = false;
        if base.negative {
            if !exponent.is_integral() {
                bail!(
                    INVALID_ARGUMENT_FOR_POWER_FUNCTION,
                    "a negative number raised to a non-integer power yields a complex result"
                );
            }
            negate = is_odd(exponent);
            base.negative = false;
        }
        let mut result = power_var(&base, &exponent.to_var())?;
        result.negative = negate && !result.is_zero();
        Numeric::from_var(result)
    }

    /// Powers with an operand that is NaN or infinite, as POSIX's `pow` has them.
    fn power_special(&self, exponent: &Numeric) -> Result<Numeric> {
        if exponent.signum() == 0 && !exponent.is_nan() || self == &Numeric::ONE {
            return Ok(Numeric::ONE);
        }
        if self.is_nan() || exponent.is_nan() {
            return Ok(Numeric::NAN);
        }
        if self.signum() == 0 && exponent.signum() < 0 {
            bail!(INVALID_ARGUMENT_FOR_POWER_FUNCTION, "zero raised to a negative power is undefined");
        }
        if self.signum() < 0 && exponent.is_finite() && !exponent.is_integral() {
            bail!(
                INVALID_ARGUMENT_FOR_POWER_FUNCTION,
                "a negative number raised to a non-integer power yields a complex result"
            );
        }
        if exponent.is_infinite() {
            let rising = exponent.signum() > 0;
            return Ok(match self.abs().compare(&Numeric::ONE) {
                Ordering::Equal => Numeric::ONE,
                Ordering::Greater if rising => Numeric::INFINITY,
                Ordering::Less if !rising => Numeric::INFINITY,
                _ => Numeric::ZERO,
            });
        }
        // The base is infinite and the exponent finite.
        if exponent.signum() < 0 {
            return Ok(Numeric::ZERO);
        }
        Ok(if self.signum() < 0 && is_odd(exponent) { Numeric::NEG_INFINITY } else { Numeric::INFINITY })
    }
}

fn is_odd(value: &Numeric) -> bool {
    value.rem(&Numeric::from(2)).is_ok_and(|rest| rest.signum() != 0)
}

fn sqrt_var(value: &Var, scale: i32) -> Var {
    if value.is_zero() {
        return Var::zero(scale);
    }
    let target = scale + 4;
    // A double gives the first 15 digits; each Newton step doubles them.
    let half_weight = value.weight.div_euclid(2);
    let shifted = Var { weight: value.weight - 2 * half_weight, ..value.clone() };
    let start = shifted.to_f64_lossy().sqrt();
    let mut root = Var::from_scaled((start * 1e15) as i128, 15);
    root.weight += half_weight;
    let half = Var::from_scaled(5, 1);
    let mut correct = 14;
    let wanted = target + (root.weight + 1) * 4;
    loop {
        let step_scale = target.min(2 * correct + 4 - root.weight * 4).max(0);
        let quotient = value.div(&root, step_scale, true);
        root = root.add(&quotient).mul(&half);
        root.round(step_scale + 1);
        if correct >= wanted {
            break;
        }
        correct *= 2;
    }
    let near = root.clone();
    root.round(scale);
    // The digits that were cut off decide the rounding only if they are not near a half: then the square does.
    let mut off = near.sub(&root);
    off.negative = false;
    let hundredths = |count| Var::from_i64(count).mul(&power_of_ten(-scale - 2));
    if off.cmp(&hundredths(49)) == Ordering::Greater {
        let (half, unit) = (hundredths(50), hundredths(100));
        let (low, high) = (root.sub(&half), root.add(&half));
        if value.cmp(&low.mul(&low)) == Ordering::Less {
            root = root.sub(&unit);
        } else if value.cmp(&high.mul(&high)) != Ordering::Less {
            root = root.add(&unit);
        }
        root.round(scale);
    }
    root
}

/// `10 ^ exponent`
fn power_of_ten(exponent: i32) -> Var {
    let mut power = Var::from_i64(10_i64.pow(exponent.rem_euclid(4) as u32));
    power.weight += exponent.div_euclid(4);
    power.dscale = (-exponent).max(0);
    power
}

/// Estimated decimal weight of `ln(value)`.
fn ln_weight(value: &Var) -> i32 {
    let near_one = value.cmp(&Var::from_scaled(9, 1)) != Ordering::Less
        && value.cmp(&Var::from_scaled(11, 1)) != Ordering::Greater;
    if near_one {
        // ln(1 + x) is about x.
        let x = value.sub(&Var::one());
        return match x.digits.first() {
            Some(&digit) => x.weight * 4 + digit.ilog10() as i32,
            None => 0,
        };
    }
    let ln = value.log10_approx() * std::f64::consts::LN_10;
    ln.abs().log10() as i32
}

/// The logarithm to a scale, through decimal digits.
pub(super) fn ln_digits(value: &Var, scale: i32) -> Var {
    if value.cmp(&Var::one()) == Ordering::Equal {
        return Var::zero(scale.max(0));
    }
    let estimate = value.log10_approx() * std::f64::consts::LN_10;
    if estimate.abs() < MAX_EXPONENT - 1.0
        && let Some(mut result) = ln_by_exp(value, estimate, scale.max(0) + GUARD)
    {
        result.round(scale);
        return result;
    }
    // Of enormous and minute values: value = mantissa * 10000^weight
    let work = scale.max(0) + GUARD;
    let mantissa = Var { weight: 0, ..value.clone() };
    let mut result = ln_mantissa(&mantissa, work);
    if value.weight != 0 {
        let ln_base = ln_mantissa(&Var::from_i64(10_000), work);
        result = result.add(&ln_base.mul(&Var::from_i64(i64::from(value.weight))));
    }
    result.round(scale);
    result
}

/// Refines an estimate `y` that is good to a dozen digits: `ln x = y + ln(x / e^y)`, and the quotient is so near 1 that
/// the series for its logarithm needs only a few terms.
fn ln_by_exp(value: &Var, estimate: f64, work: i32) -> Option<Var> {
    let mut y = Var::from_scaled((estimate * 1e15) as i128, 15);
    let digits = (estimate.abs() * std::f64::consts::LOG10_E) as i32;
    let negative = std::mem::take(&mut y.negative);
    let power = exp_var(&y, work - digits).ok()?;
    y.negative = negative;
    let ratio = if negative { value.mul_round(&power, work + 2) } else { value.div(&power, work + 2, true) };
    Some(y.add(&artanh_series(&ratio, work).mul(&Var::from_i64(2))))
}

/// `artanh((x - 1) / (x + 1))`, half the logarithm of `x`, by its power series.
fn artanh_series(x: &Var, work: i32) -> Var {
    let one = Var::one();
    let y = x.sub(&one).div(&x.add(&one), work, true);
    let square = y.mul_round(&y, work);
    let mut power = y.clone();
    let mut sum = y;
    let mut n = 3;
    loop {
        power = power.mul_round(&square, work);
        let term = power.div(&Var::from_i64(n), work, true);
        if term.is_zero() {
            return sum;
        }
        sum = sum.add(&term);
        n += 2;
    }
}

/// Logarithm of a value whose weight is about 0: square roots bring it near 1, then the series of
/// `ln x = 2 artanh((x - 1) / (x + 1))`.
fn ln_mantissa(value: &Var, scale: i32) -> Var {
    let mut x = value.clone();
    let mut doublings = 1;
    let work = scale.max(0) + GUARD;
    let (low, high) = (Var::from_scaled(99, 2), Var::from_scaled(101, 2));
    while (x.cmp(&low) == Ordering::Less || x.cmp(&high) == Ordering::Greater) && doublings < 64 {
        x = sqrt_var(&x, work + 4);
        doublings += 1;
    }
    let mut sum = artanh_series(&x, work);
    sum = sum.mul(&Var::from_i64(1i64 << doublings.min(62)));
    sum.round(scale);
    sum
}

fn exp_var(x: &Var, scale: i32) -> Result<Var> {
    let approx = if x.weight > 3 { f64::INFINITY } else { x.to_f64_lossy().abs() };
    if approx >= MAX_EXPONENT {
        if x.negative {
            return Ok(Var::zero(scale));
        }
        return Err(overflow());
    }
    let mut magnitude = x.clone();
    magnitude.negative = false;
    let result_digits = (approx * std::f64::consts::LOG10_E) as i32 + 1;
    // Significant digits wanted; the reciprocal of a large power keeps fewer.
    let wanted = if x.negative { (scale - result_digits).max(0) + 4 } else { scale + result_digits };
    let mut halvings = (approx.log2().ceil().max(0.0) as i32) + 7;
    halvings += f64::from(wanted.max(1)).sqrt() as i32 / 2;
    let work = wanted + halvings / 3 + GUARD;
    let divisor = Var::from_i64(1i64 << halvings.min(62));
    let small = magnitude.div(&divisor, work + 2, true);
    let mut term = Var::one();
    let mut sum = Var::one();
    let mut n = 1;
    loop {
        term = term.mul(&small).div(&Var::from_i64(n), work, true);
        if term.is_zero() {
            break;
        }
        sum = sum.add(&term);
        n += 1;
    }
    for _ in 0..halvings.min(62) {
        let product = sum.mul(&sum);
        let keep = work - product.weight * 4;
        sum = product;
        sum.round(keep.max(0));
    }
    if x.negative {
        return Ok(Var::one().div(&sum, scale, true));
    }
    sum.round(scale);
    Ok(sum)
}

/// `base ^ exponent` for an exponent that fits an `int4`.
fn power_int(base: &Var, exponent: i32, exponent_scale: i32) -> Result<Var> {
    let log10 = if base.is_zero() { 0.0 } else { f64::from(exponent) * base.log10_approx() };
    if log10 > f64::from((MAX_WEIGHT + 1) * 4) {
        return Err(overflow());
    }
    if log10 + 1.0 < -f64::from(MAX_DISPLAY_SCALE) {
        return Ok(Var::zero(MAX_DISPLAY_SCALE));
    }
    let scale = display_scale((MIN_SIG_DIGITS - log10 as i32).max(base.dscale).max(exponent_scale));
    let mut result = match exponent {
        0 => Var::one(),
        1 => base.clone(),
        -1 => return Ok(Var::one().div(base, scale, true)),
        2 => base.mul(base),
        _ if base.is_zero() => Var::zero(scale),
        _ => power_by_squaring(base, exponent.unsigned_abs(), scale, log10)?,
    };
    if exponent < 0 {
        return Ok(Var::one().div(&result, scale, true));
    }
    result.round(scale);
    result.dscale = scale;
    Ok(result)
}

fn power_by_squaring(base: &Var, exponent: u32, scale: i32, log10: f64) -> Result<Var> {
    // Each multiplication may lose a digit's worth of relative error; keep enough significant digits.
    let significant = scale + log10.abs() as i32 + exponent.ilog2() as i32 + GUARD;
    let keep = |var: &mut Var| {
        let scale = significant - (var.weight + 1) * 4 + 4;
        if scale < var.dscale || (var.digits.len() as i32) * 4 > significant + 8 {
            var.round(scale);
        }
    };
    let mut result = Var::one();
    let mut factor = base.clone();
    let mut rest = exponent;
    loop {
        if rest & 1 == 1 {
            result = result.mul(&factor);
            keep(&mut result);
        }
        rest >>= 1;
        if rest == 0 {
            break;
        }
        factor = factor.mul(&factor);
        keep(&mut factor);
        if factor.weight > MAX_WEIGHT + 1 {
            return Err(overflow());
        }
    }
    Ok(result)
}

/// `base ^ exponent` through logarithm and exponential; the base is above zero.
fn power_var(base: &Var, exponent: &Var) -> Result<Var> {
    let weight = ln_weight(base);
    let rough = ln_digits(base, (8 - weight).max(0)).mul(exponent);
    let estimate = if rough.weight > 3 {
        if rough.negative { f64::NEG_INFINITY } else { f64::INFINITY }
    } else {
        rough.to_f64_lossy()
    };
    if estimate.abs() > MAX_EXPONENT * 1.0034 {
        return if estimate > 0.0 { Err(overflow()) } else { Ok(Var::zero(MAX_DISPLAY_SCALE)) };
    }
    let log10 = estimate * std::f64::consts::LOG10_E;
    let scale = display_scale((MIN_SIG_DIGITS - log10 as i32).max(base.dscale).max(exponent.dscale));
    // The product's absolute error is the result's relative error.
    let significant = scale + log10 as i32;
    let exponent_digits = if exponent.is_zero() { 0 } else { (exponent.weight + 1) * 4 };
    let ln = ln_digits(base, (significant + exponent_digits.max(0) - weight.min(0)).max(0) + GUARD);
    let product = ln.mul_round(exponent, significant.max(0) + GUARD);
    exp_var(&product, scale).map_err(|_| err!(NUMERIC_VALUE_OUT_OF_RANGE, "value overflows numeric format"))
}
