//! Logarithms and powers of small values in binary, 128 bits wide.
//!
//! Both give `None` where 128 bits do not decide how the result is rounded, or have no room for it; the decimal digits of
//! [`Var`](super::Var) do it then.

use super::Numeric;
use std::sync::LazyLock;

/// Bits after the point of the fixed-point numbers here.
const POINT: u32 = 120;
const ONE: u128 = 1 << POINT;
/// What logarithms may be wrong by: `2^-104`.
const LN_ERROR_BITS: u32 = 104;
/// Largest scale of a logarithm: `10^25 < 2^84`, so the error stays far below half a unit.
const MAX_LN_SCALE: u32 = 25;
/// The largest exponent whose power is computed here.
const MAX_EXPONENT: u32 = 4096;

/// The upper and the lower half of a product.
fn wide_product(a: u128, b: u128) -> (u128, u128) {
    const LOW: u128 = u64::MAX as u128;
    let (a1, a0, b1, b0) = (a >> 64, a & LOW, b >> 64, b & LOW);
    let (low, high) = (a0 * b0, a1 * b1);
    let (x, y) = (a1 * b0, a0 * b1);
    let middle = (low >> 64) + (x & LOW) + (y & LOW);
    (high + (x >> 64) + (y >> 64) + (middle >> 64), middle << 64 | low & LOW)
}

/// Product of fixed-point numbers, the first of them with a sign.
fn fixed_product(a: i128, b: i128) -> i128 {
    let (high, low) = wide_product(a.unsigned_abs(), b.unsigned_abs());
    let product = (high << (128 - POINT) | low >> POINT).cast_signed();
    if (a < 0) == (b < 0) { product } else { -product }
}

/// `ln(a / b)` by the series of `2 artanh((a - b) / (a + b))`; for making tables.
fn ln_of_ratio(a: u32, b: u32) -> i128 {
    let sum = u128::from(a) + u128::from(b);
    // The quotient's first 104 bits after the point, then the other 16.
    let numerator = u128::from(a.abs_diff(b)) << (POINT - 16);
    let quotient = ((numerator / sum) << 16) | (((numerator % sum) << 16) / sum);
    let z = quotient.cast_signed();
    let square = fixed_product(z, z);
    let (mut power, mut total, mut n) = (z, z, 3);
    while power != 0 {
        power = fixed_product(power, square);
        total += power / n;
        n += 2;
    }
    if a < b { -2 * total } else { 2 * total }
}

/// Logarithms by table.
struct Tables {
    ln_2: i128,
    ln_10: i128,
    /// For each first 7 bits after the leading one a factor (in units of `2^-8`) that brings such numbers near 1, and minus
    /// its logarithm.
    coarse: Vec<(u32, i128)>,
    /// Minus the logarithms of `1 - j / 2^14` for `j` from `-FINE`.
    fine: Vec<i128>,
    /// `1 / n` for the series.
    inverse: [i128; 10],
}

const FINE: i32 = 140;

static TABLES: LazyLock<Tables> = LazyLock::new(|| Tables {
    ln_2: ln_of_ratio(2, 1),
    // Of the ratio 10 the series would take long.
    ln_10: 3 * ln_of_ratio(2, 1) + ln_of_ratio(5, 4),
    coarse: (0..128_u32)
        .map(|index| {
            // 256 / (1 + (index + 1/2) / 128), rounded
            let divisor = 2 * (128 + index) + 1;
            let factor = (4 * 256 * 128 + divisor) / (2 * divisor);
            (factor, -ln_of_ratio(factor, 256))
        })
        .collect(),
    fine: (-FINE..=FINE).map(|j| -ln_of_ratio((16_384 - j).unsigned_abs(), 16_384)).collect(),
    inverse: std::array::from_fn(|n| (ONE / (n.max(1) as u128)).cast_signed()),
});

/// `ln(mantissa / 10^scale)`, fixed-point.
fn ln_fixed(mantissa: u64, scale: u32) -> Option<i128> {
    let tables = &*TABLES;
    let shift = mantissa.leading_zeros();
    // In [1, 2), 63 bits after the point.
    let normal = mantissa << shift;
    let (factor, coarse) = *tables.coarse.get((normal >> 56) as usize & 127)?;
    // Near 1 by 2^-7, 71 bits after the point, exact.
    let near = u128::from(normal) * u128::from(factor);
    let off = near.cast_signed() - (1 << 71);
    let j = i32::try_from((off + (1 << 56)) >> 57).ok()?;
    let fine = *tables.fine.get(usize::try_from(j + FINE).ok()?)?;
    // Near 1 by 2^-13, 85 bits after the point, exact.
    let nearer = near * u128::from((16_384 - j).unsigned_abs());
    let e = (nearer.cast_signed() - (1 << 85)) << (POINT - 85);
    // ln(1 + e) = e (1 - e (1/2 - e (1/3 - ...)))
    let (last, inner) = tables.inverse.split_last()?;
    let series = inner.iter().skip(1).rev().fold(*last, |sum, inverse| inverse - fixed_product(e, sum));
    let ln = fixed_product(e, series) + coarse + fine;
    Some(ln + i128::from(63 - shift) * tables.ln_2 - i128::from(scale) * tables.ln_10)
}

/// `10^scale` times a fixed-point number, rounded, if its error leaves no doubt about that.
fn to_decimal(fixed: i128, scale: u32) -> Option<Numeric> {
    let power = 10_u128.checked_pow(scale)?;
    let magnitude = fixed.unsigned_abs();
    let (whole, fraction) = (magnitude >> POINT, magnitude << (128 - POINT));
    let (units, rest) = wide_product(fraction, power);
    let doubt = power << (128 - LN_ERROR_BITS);
    let half = 1_u128 << 127;
    if rest.abs_diff(half) <= doubt {
        return None;
    }
    let rounded = whole.checked_mul(power)?.checked_add(units + u128::from(rest > half))?;
    let rounded = i128::try_from(rounded).ok()?;
    Some(Numeric::from_scaled(if fixed < 0 { -rounded } else { rounded }, scale))
}

/// `ln` of a positive value that is not 1, to `scale` digits after the point.
pub(super) fn ln(mantissa: u64, own_scale: u32, scale: u32) -> Option<Numeric> {
    if scale > MAX_LN_SCALE || mantissa == 0 {
        return None;
    }
    to_decimal(ln_fixed(mantissa, own_scale)?, scale)
}

/// `bits * 2^exponent`, the highest bit being set.
#[derive(Clone, Copy)]
struct Wide {
    bits: u128,
    exponent: i32,
}

/// `10^-n`
static INVERSE_POWERS: LazyLock<[Wide; 19]> = LazyLock::new(|| {
    std::array::from_fn(|n| {
        let power = super::POW10[n].unsigned_abs();
        if power == 1 {
            return Wide::of(1);
        }
        let shift = power.leading_zeros();
        let divisor = u128::from(power << shift);
        let first = (1_u128 << 127) / divisor;
        let rest = (1_u128 << 127) % divisor;
        // 2^191 / divisor
        Wide { bits: (first << 64) | ((rest << 64) / divisor), exponent: shift as i32 - 191 }
    })
});

impl Wide {
    fn of(value: u128) -> Wide {
        let shift = value.leading_zeros();
        Wide { bits: value << shift, exponent: -(shift as i32) }
    }

    /// The product, less than one unit of the last bit too small.
    fn times(self, other: Wide) -> Wide {
        let (high, low) = wide_product(self.bits, other.bits);
        let exponent = self.exponent + other.exponent + 128;
        if high >> 127 == 1 {
            Wide { bits: high, exponent }
        } else {
            Wide { bits: high << 1 | low >> 127, exponent: exponent - 1 }
        }
    }
}

/// `(mantissa / 10^own_scale) ^ exponent`, to `scale` digits after the point.
pub(super) fn power(mantissa: i64, own_scale: u32, exponent: u32, scale: u32) -> Option<Numeric> {
    if mantissa == 0 || exponent == 0 || exponent > MAX_EXPONENT {
        return None;
    }
    let units = Wide::of(10_u128.checked_pow(scale)?);
    let base = Wide::of(u128::from(mantissa.unsigned_abs()));
    let base = match own_scale {
        0 => base,
        scale => base.times(*INVERSE_POWERS.get(scale as usize)?),
    };
    let mut product = base;
    for bit in (0..exponent.ilog2()).rev() {
        product = product.times(product);
        if exponent >> bit & 1 == 1 {
            product = product.times(base);
        }
        // Beyond this there is no room for the result anyway.
        if product.exponent.abs() > 1000 {
            return None;
        }
    }
    let product = product.times(units);
    // At least 32 bits after the point.
    let after = u32::try_from(-product.exponent).ok().filter(|after| (32..128).contains(after))?;
    let (whole, fraction) = (product.bits >> after, product.bits & ((1 << after) - 1));
    let half = 1_u128 << (after - 1);
    // Each factor of the base may be wrong by two units of its last bit, and so may each product.
    let doubt = u128::from(8 * exponent + 64);
    if fraction.abs_diff(half) <= doubt {
        return None;
    }
    let rounded = i128::try_from(whole + u128::from(fraction > half)).ok()?;
    let negative = mantissa < 0 && exponent % 2 == 1;
    Some(Numeric::from_scaled(if negative { -rounded } else { rounded }, scale))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(state: &mut u64) -> u64 {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        *state
    }

    #[test]
    fn constants_are_right_to_the_last_digits() {
        let shown = |fixed| to_decimal(fixed, 25).map(|value| value.to_string());
        assert_eq!(shown(TABLES.ln_2).as_deref(), Some("0.6931471805599453094172321"));
        assert_eq!(shown(TABLES.ln_10).as_deref(), Some("2.3025850929940456840179915"));
        assert_eq!(ln(1, 18, 16).map(|v| v.to_string()).as_deref(), Some("-41.4465316738928223"));
    }

    #[test]
    fn logarithms_are_those_of_decimal_digits() {
        let mut state = 88_172_645_463_325_252;
        let mut here = 0;
        for round in 0..400 {
            let mantissa = (next(&mut state) >> (round % 63)).max(2);
            let own_scale = (next(&mut state) % 19) as u32;
            let Ok(small) = i64::try_from(mantissa) else { continue };
            for scale in [0, 5, 16, 21, 25] {
                let Some(found) = ln(mantissa, own_scale, scale) else { continue };
                let value = Numeric::from_scaled(small.into(), own_scale);
                let slow = super::super::transcendental::ln_digits(&value.to_var(), scale as i32);
                assert_eq!(found.to_string(), Numeric::from_var(slow).unwrap().to_string(), "ln {value}");
                here += 1;
            }
        }
        assert!(here > 1500, "{here}");
    }

    #[test]
    fn powers_are_those_of_decimal_digits() {
        let mut state = 1_234_567_890_123_457;
        let mut here = 0;
        for round in 0..400 {
            let mantissa = next(&mut state).cast_signed() >> (1 + round % 62);
            let own_scale = (next(&mut state) % 19) as u32;
            let exponent = 2 + (next(&mut state) % 40) as u32;
            for scale in [0, 3, 16, 20] {
                let Some(found) = power(mantissa, own_scale, exponent, scale) else { continue };
                let base = Numeric::from_scaled(mantissa.into(), own_scale);
                let mut exact = base.to_var();
                for _ in 1..exponent {
                    exact = exact.mul(&base.to_var());
                }
                exact.round(scale as i32);
                assert_eq!(
                    found.to_string(),
                    Numeric::from_var(exact).unwrap().to_string(),
                    "{base}^{exponent}"
                );
                here += 1;
            }
        }
        assert!(here > 100, "{here}");
    }

    #[test]
    fn ties_are_left_to_others() {
        assert!(power(15, 1, 2, 1).is_none(), "2.25 to one digit");
        assert_eq!(power(2, 0, 10, 16).map(|v| v.to_string()).as_deref(), Some("1024.0000000000000000"));
    }
}
