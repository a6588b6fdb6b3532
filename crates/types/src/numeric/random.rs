//! A random number between two others, as PostgreSQL draws it: the same source gives the same number.

use super::{Numeric, Var, overflow};
use pglitedb_sqlstate::Result;
use std::cmp::Ordering;

/// Values of one digit.
const BASE: u64 = 10_000;
/// Digits that are drawn at once.
const TOGETHER: usize = 4;

impl Numeric {
    /// A number between two finite ones, the first of which is not greater, with as many digits after the point as the one that
    /// has more. `draw(max)` gives an integer from 0 to `max`.
    pub fn random(low: &Numeric, high: &Numeric, mut draw: impl FnMut(u64) -> u64) -> Result<Numeric> {
        let scale = low.scale().unwrap_or(0).max(high.scale().unwrap_or(0));
        let (low, high) = (low.to_var(), high.to_var());
        let span = high.sub(&low);
        let mut offset = Var::zero(scale);
        if !span.is_zero() {
            let fraction_digits = scale.div_euclid(4) + i32::from(scale % 4 != 0);
            let digits = usize::try_from(span.weight + 1 + fraction_digits).map_err(|_| overflow())?;
            // The last digit is a multiple of this.
            let unit = 10_u64.pow((fraction_digits * 4 - scale).unsigned_abs());
            // Drawn from a range that may be a little too large, until it is not.
            loop {
                offset = Var {
                    negative: false,
                    weight: span.weight,
                    dscale: scale,
                    digits: draw_digits(&span, digits, unit, &mut draw),
                };
                offset.strip();
                if offset.cmp(&span) != Ordering::Greater {
                    break;
                }
            }
        }
        let mut sum = low.add(&offset);
        sum.dscale = scale;
        Numeric::from_var(sum)
    }
}

/// Digits below those of the span: the first four are not above the span's, the others are any.
fn draw_digits(span: &Var, count: usize, unit: u64, draw: &mut impl FnMut(u64) -> u64) -> Vec<u16> {
    let first = count.clamp(1, TOGETHER);
    let most =
        (0..first).fold(0, |most, at| most * BASE + span.digits.get(at).map_or(0, |digit| u64::from(*digit)));
    let mut digits = Vec::with_capacity(count.max(first));
    let leading = if first >= count && unit != 1 { draw(most / unit) * unit } else { draw(most) };
    let mut place = BASE.pow(first as u32);
    for _ in 0..first {
        place /= BASE;
        digits.push((leading / place % BASE) as u16);
    }
    let whole = count - usize::from(unit != 1 && count > first);
    while digits.len() + TOGETHER <= whole {
        let mut four = draw(BASE.pow(TOGETHER as u32) - 1);
        for _ in 0..TOGETHER {
            digits.push((four % BASE) as u16);
            four /= BASE;
        }
    }
    while digits.len() < whole {
        digits.push(draw(BASE - 1) as u16);
    }
    if digits.len() < count {
        digits.push((draw(BASE / unit - 1) * unit) as u16);
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_and_the_greatest_can_be_drawn() {
        let bounds =
            [("0", "0"), ("-0.4", "0.4"), ("1", "1e30"), ("-1e20", "123.4567891"), ("0.001", "0.0010001")];
        for (low, high) in bounds {
            let (low, high) = (Numeric::parse(low).unwrap(), Numeric::parse(high).unwrap());
            let least = Numeric::random(&low, &high, |_| 0).unwrap();
            assert!(least.compare(&low).is_eq(), "{least}");
            let mut state = 1_u64;
            for _ in 0..50 {
                let found = Numeric::random(&low, &high, |max| {
                    state =
                        state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    (state >> 11) % (max + 1)
                });
                let found = found.unwrap();
                assert!(found.compare(&low).is_ge() && found.compare(&high).is_le(), "{found}");
                assert_eq!(found.scale(), low.scale().max(high.scale()));
            }
        }
    }
}
