//! Arbitrary-precision decimal numbers (`numeric`).
//!
//! A value that fits is an `i64` mantissa with a decimal scale and needs no allocation; everything else is a vector of
//! digits in base 10,000 as PostgreSQL keeps them. The form is canonical: a value that fits the small form is always in
//! it, so the two never have to be compared for representation, only for value.

mod accum;
mod arith;
mod binary;
mod compare;
mod convert;
mod integer;
mod random;
mod text;
mod transcendental;
mod typmod;
mod var;
mod wide;

pub use accum::{NumericSum, NumericVariance};
pub use typmod::{make_typmod, split_typmod};

use std::sync::Arc;
pub(crate) use var::Var;

/// Most digits after the decimal point that a value can carry.
pub const MAX_DSCALE: i32 = 16383;
/// Most digits after the decimal point in results of division and the transcendental functions, and the largest scale
/// (and precision) in a type modifier.
pub const MAX_DISPLAY_SCALE: i32 = 1000;
/// Significant digits that division and the transcendental functions aim for.
pub(crate) const MIN_SIG_DIGITS: i32 = 16;
/// Largest weight (in base-10,000 digits) of a value: 131,072 digits before the decimal point.
pub(crate) const MAX_WEIGHT: i32 = 32767;
/// Largest scale of the small form.
pub(crate) const SMALL_SCALE: u32 = 18;

/// A `numeric` value: any finite decimal number with its display scale, NaN, or an infinity. 16 bytes.
#[derive(Clone)]
pub struct Numeric(Repr);

#[derive(Clone)]
enum Repr {
    /// `mantissa / 10^scale`, `scale <= 18`, `mantissa != i64::MIN`
    Small {
        mantissa: i64,
        scale: u8,
    },
    /// What does not fit.
    Big(Arc<Var>),
    NaN,
    Infinity,
    NegInfinity,
}

const _: () = assert!(size_of::<Numeric>() <= 16);

/// Powers of ten that fit an `i64`.
pub(crate) const POW10: [i64; 19] = {
    let mut table = [1i64; 19];
    let mut i = 1;
    while i < 19 {
        table[i] = table[i - 1] * 10;
        i += 1;
    }
    table
};

/// `10^n` if it fits.
pub(crate) fn pow10_i128(n: u32) -> Option<i128> {
    if n > 38 {
        return None;
    }
    10i128.checked_pow(n)
}

impl Numeric {
    /// Not a number. PostgreSQL's equals itself and sorts above everything.
    pub const NAN: Numeric = Numeric(Repr::NaN);
    /// Plus infinity.
    pub const INFINITY: Numeric = Numeric(Repr::Infinity);
    /// Minus infinity.
    pub const NEG_INFINITY: Numeric = Numeric(Repr::NegInfinity);
    /// 0, scale 0.
    pub const ZERO: Numeric = Numeric(Repr::Small { mantissa: 0, scale: 0 });
    /// 1, scale 0.
    pub const ONE: Numeric = Numeric(Repr::Small { mantissa: 1, scale: 0 });

    /// `mantissa / 10^scale`, the display scale being `scale`.
    pub fn from_scaled(mantissa: i128, scale: u32) -> Numeric {
        if scale <= SMALL_SCALE
            && let Ok(small) = i64::try_from(mantissa)
            && small != i64::MIN
        {
            return Numeric(Repr::Small { mantissa: small, scale: scale as u8 });
        }
        Numeric(Repr::Big(Arc::new(Var::from_scaled(mantissa, scale))))
    }

    /// The value as mantissa and scale, if it is small. Lets callers take fast paths.
    #[inline]
    pub fn as_small(&self) -> Option<(i64, u32)> {
        match self.0 {
            Repr::Small { mantissa, scale } => Some((mantissa, u32::from(scale))),
            _ => None,
        }
    }

    /// Wraps digits, in canonical form. The caller has checked the limits.
    fn from_var_unchecked(var: Var) -> Numeric {
        match var.to_scaled_i64() {
            Some((mantissa, scale)) => Numeric(Repr::Small { mantissa, scale: scale as u8 }),
            None => Numeric(Repr::Big(Arc::new(var))),
        }
    }

    /// Wraps digits, in canonical form; `22003 value overflows numeric format` beyond PostgreSQL's limits.
    pub(crate) fn from_var(mut var: Var) -> pglitedb_sqlstate::Result<Numeric> {
        if var.weight > MAX_WEIGHT && !var.digits.is_empty() {
            return Err(overflow());
        }
        if var.dscale > MAX_DSCALE {
            var.round(MAX_DSCALE);
        }
        Ok(Self::from_var_unchecked(var))
    }

    /// The digits of a finite value.
    pub(crate) fn to_var(&self) -> Var {
        match &self.0 {
            Repr::Small { mantissa, scale } => Var::from_scaled(i128::from(*mantissa), u32::from(*scale)),
            Repr::Big(var) => Var::clone(var),
            _ => Var::zero(0),
        }
    }

    /// Is it NaN?
    #[inline]
    pub fn is_nan(&self) -> bool {
        matches!(self.0, Repr::NaN)
    }

    /// Is it plus or minus infinity?
    #[inline]
    pub fn is_infinite(&self) -> bool {
        matches!(self.0, Repr::Infinity | Repr::NegInfinity)
    }

    /// Neither NaN nor infinite?
    #[inline]
    pub fn is_finite(&self) -> bool {
        matches!(self.0, Repr::Small { .. } | Repr::Big(_))
    }

    /// -1, 0 or 1 (0 for NaN).
    pub fn signum(&self) -> i32 {
        match &self.0 {
            Repr::Small { mantissa, .. } => mantissa.signum() as i32,
            Repr::Big(var) if var.digits.is_empty() => 0,
            Repr::Big(var) => {
                if var.negative {
                    -1
                } else {
                    1
                }
            }
            Repr::NaN => 0,
            Repr::Infinity => 1,
            Repr::NegInfinity => -1,
        }
    }

    /// Number of digits shown after the decimal point; `None` for NaN and infinities.
    pub fn scale(&self) -> Option<i32> {
        match &self.0 {
            Repr::Small { scale, .. } => Some(i32::from(*scale)),
            Repr::Big(var) => Some(var.dscale),
            _ => None,
        }
    }

    /// Weight of the first base-10,000 digit and that digit; `(0, 0)` for zero.
    fn head(&self) -> (i32, i32) {
        match &self.0 {
            Repr::Small { mantissa: 0, .. } => (0, 0),
            Repr::Small { mantissa, scale } => {
                let pad = (4 - scale % 4) % 4;
                let mut rest = u128::from(mantissa.unsigned_abs()) * POW10[pad as usize] as u128;
                let mut weight = -i32::from((scale + pad) / 4);
                while rest >= 10_000 {
                    rest /= 10_000;
                    weight += 1;
                }
                (weight, rest as i32)
            }
            Repr::Big(var) => match var.digits.first() {
                Some(&digit) => (var.weight, i32::from(digit)),
                None => (0, 0),
            },
            _ => (0, 0),
        }
    }
}

/// `22003 value overflows numeric format`
pub(crate) fn overflow() -> pglitedb_sqlstate::Error {
    pglitedb_sqlstate::err!(NUMERIC_VALUE_OUT_OF_RANGE, "value overflows numeric format")
}
