//! Accumulators for `sum`, `avg`, `variance` and their relatives.

use super::{Numeric, Repr, pow10_i128};
use pglitedb_sqlstate::Result;

/// Running sum and count of numerics, from which rows can be taken out again (moving window frames).
#[derive(Clone, Debug, Default)]
pub struct NumericSum {
    /// Part of the sum, in units of `10^-scale`.
    small: i128,
    scale: u32,
    /// The rest of it.
    big: Option<Numeric>,
    /// Largest display scale seen, and how many values have had it (a sum shrinks back when they all leave).
    count: i64,
    nans: i64,
    infinities: i64,
    negative_infinities: i64,
}

impl NumericSum {
    /// Number of values.
    pub fn count(&self) -> i64 {
        self.count
    }

    /// Adds a value.
    #[inline]
    pub fn add(&mut self, value: &Numeric) -> Result<()> {
        self.count += 1;
        self.accumulate(value, 1)
    }

    /// Adds an integer.
    #[inline]
    pub fn add_i64(&mut self, value: i64) -> Result<()> {
        self.add(&Numeric::from(value))
    }

    /// Takes out a value that was added.
    pub fn remove(&mut self, value: &Numeric) -> Result<()> {
        self.count -= 1;
        self.accumulate(value, -1)
    }

    /// Adds another sum.
    pub fn merge(&mut self, other: &NumericSum) -> Result<()> {
        self.count += other.count;
        self.nans += other.nans;
        self.infinities += other.infinities;
        self.negative_infinities += other.negative_infinities;
        self.accumulate(&other.finite()?, 1)
    }

    #[inline]
    fn accumulate(&mut self, value: &Numeric, sign: i64) -> Result<()> {
        match &value.0 {
            Repr::Small { mantissa, scale } => {
                let mantissa = i128::from(*mantissa) * i128::from(sign);
                if u32::from(*scale) == self.scale
                    && let Some(sum) = self.small.checked_add(mantissa)
                {
                    self.small = sum;
                    return Ok(());
                }
                self.add_scaled(mantissa, u32::from(*scale))
            }
            Repr::Big(_) => {
                let value = if sign < 0 { value.neg() } else { value.clone() };
                self.add_big(&value)
            }
            Repr::NaN => {
                self.nans += sign;
                Ok(())
            }
            Repr::Infinity => {
                self.infinities += sign;
                Ok(())
            }
            Repr::NegInfinity => {
                self.negative_infinities += sign;
                Ok(())
            }
        }
    }

    /// What is added up may be larger than any `numeric`.
    #[cold]
    fn add_big(&mut self, value: &Numeric) -> Result<()> {
        self.big = Some(match &self.big {
            Some(big) => big.add_unlimited(value),
            None => value.clone(),
        });
        Ok(())
    }

    /// Adds a value of another scale, or one that overflows the small part.
    fn add_scaled(&mut self, mantissa: i128, scale: u32) -> Result<()> {
        let target = self.scale.max(scale);
        let rescale = |value: i128, from: u32| value.checked_mul(pow10_i128(target - from)?);
        if let (Some(sum), Some(value)) = (rescale(self.small, self.scale), rescale(mantissa, scale))
            && let Some(sum) = sum.checked_add(value)
        {
            (self.small, self.scale) = (sum, target);
            return Ok(());
        }
        let spilled = Numeric::from_scaled(self.small, self.scale);
        self.add_big(&spilled)?;
        (self.small, self.scale) = (mantissa, scale);
        Ok(())
    }

    fn finite(&self) -> Result<Numeric> {
        let small = Numeric::from_scaled(self.small, self.scale);
        match &self.big {
            Some(big) => Ok(big.add_unlimited(&small)),
            None => Ok(small),
        }
    }

    /// The sum; `None` of no values.
    pub fn sum(&self) -> Result<Option<Numeric>> {
        self.unlimited_sum()?.map(Numeric::within_limits).transpose()
    }

    /// The sum, however large it is.
    fn unlimited_sum(&self) -> Result<Option<Numeric>> {
        if self.count == 0 {
            return Ok(None);
        }
        if self.nans > 0 || (self.infinities > 0 && self.negative_infinities > 0) {
            return Ok(Some(Numeric::NAN));
        }
        if self.infinities > 0 {
            return Ok(Some(Numeric::INFINITY));
        }
        if self.negative_infinities > 0 {
            return Ok(Some(Numeric::NEG_INFINITY));
        }
        self.finite().map(Some)
    }

    /// The average; `None` of no values.
    pub fn avg(&self) -> Result<Option<Numeric>> {
        match self.unlimited_sum()? {
            Some(sum) => sum.div(&Numeric::from(self.count)).map(Some),
            None => Ok(None),
        }
    }
}

/// Running sums of values and of their squares.
#[derive(Clone, Debug, Default)]
pub struct NumericVariance {
    sum: NumericSum,
    squares: NumericSum,
}

impl NumericVariance {
    /// Adds a value.
    pub fn add(&mut self, value: &Numeric) -> Result<()> {
        self.squares.add(&value.mul_unlimited(value))?;
        self.sum.add(value)
    }

    /// Takes out a value that was added.
    pub fn remove(&mut self, value: &Numeric) -> Result<()> {
        self.squares.remove(&value.mul_unlimited(value))?;
        self.sum.remove(value)
    }

    /// Adds another accumulator.
    pub fn merge(&mut self, other: &NumericVariance) -> Result<()> {
        self.squares.merge(&other.squares)?;
        self.sum.merge(&other.sum)
    }

    /// `var_samp` or `var_pop`; `None` of too few values.
    pub fn variance(&self, sample: bool) -> Result<Option<Numeric>> {
        let count = self.sum.count;
        if count == 0 || (sample && count == 1) {
            return Ok(None);
        }
        let (Some(sum), Some(squares)) = (self.sum.unlimited_sum()?, self.squares.unlimited_sum()?) else {
            return Ok(None);
        };
        if !sum.is_finite() || !squares.is_finite() {
            return Ok(Some(Numeric::NAN));
        }
        let n = Numeric::from(count);
        let numerator = n.mul_unlimited(&squares).add_unlimited(&sum.mul_unlimited(&sum).neg());
        if numerator.signum() <= 0 {
            return Ok(Some(Numeric::ZERO));
        }
        let denominator = n.mul(&if sample { Numeric::from(count - 1) } else { n.clone() })?;
        numerator.div(&denominator).map(Some)
    }

    /// `stddev_samp` or `stddev_pop`; `None` of too few values.
    pub fn stddev(&self, sample: bool) -> Result<Option<Numeric>> {
        match self.variance(sample)? {
            Some(variance) if variance.is_finite() && variance.signum() > 0 => {
                let scale = variance.scale().unwrap_or(0);
                variance.sqrt_scaled(scale).map(Some)
            }
            other => Ok(other),
        }
    }
}
