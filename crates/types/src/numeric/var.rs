//! The working form: sign, weight and base-10,000 digits, and the four operations on it.

use std::cmp::Ordering;

/// Base of a digit.
pub(crate) const BASE: u32 = 10_000;
/// Decimal digits in a digit.
pub(crate) const DEC_DIGITS: i32 = 4;

/// A finite number: the sum of `digits[i] * 10000^(weight - i)`, with a sign and a display scale.
///
/// Digits carry no leading and no trailing zeros; zero has none at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Var {
    /// Below zero? Never for zero.
    pub negative: bool,
    /// Power of 10,000 of the first digit.
    pub weight: i32,
    /// Digits shown after the decimal point.
    pub dscale: i32,
    /// Most significant first, each below 10,000.
    pub digits: Vec<u16>,
}

impl Var {
    /// Zero with a display scale.
    pub fn zero(dscale: i32) -> Var {
        Var { negative: false, weight: 0, dscale, digits: Vec::new() }
    }

    /// One.
    pub fn one() -> Var {
        Var { negative: false, weight: 0, dscale: 0, digits: vec![1] }
    }

    /// A small integer.
    pub fn from_i64(value: i64) -> Var {
        Var::from_scaled(i128::from(value), 0)
    }

    /// `mantissa / 10^scale`.
    pub fn from_scaled(mantissa: i128, scale: u32) -> Var {
        let pad = (4 - scale % 4) % 4;
        let mut rest = mantissa.unsigned_abs();
        let mut reversed: Vec<u16> = Vec::with_capacity(10);
        let mut groups_below = (scale + pad) / 4;
        if pad > 0 && rest > 0 {
            // The last group is incomplete: take fewer decimal digits from the mantissa and shift them up.
            let cut = 10u128.pow(4 - pad);
            reversed.push((rest % cut) as u16 * 10u16.pow(pad));
            rest /= cut;
        } else if pad > 0 {
            reversed.push(0);
        }
        while rest > 0 {
            reversed.push((rest % 10_000) as u16);
            rest /= 10_000;
        }
        reversed.reverse();
        if groups_below > reversed.len() as u32 + 40_000 {
            groups_below = 0;
        }
        let weight = reversed.len() as i32 - groups_below as i32 - 1;
        let mut var = Var { negative: mantissa < 0, weight, dscale: scale as i32, digits: reversed };
        var.strip();
        var
    }

    /// Mantissa and scale if the value fits the small form.
    pub fn to_scaled_i64(&self) -> Option<(i64, u32)> {
        if self.dscale > super::SMALL_SCALE as i32 || self.weight > 4 {
            return None;
        }
        let mantissa = self.to_scaled_i128(self.dscale)?;
        let mantissa = i64::try_from(mantissa).ok().filter(|&m| m != i64::MIN)?;
        Some((mantissa, self.dscale as u32))
    }

    /// `self * 10^scale` if it is an integer that fits.
    pub fn to_scaled_i128(&self, scale: i32) -> Option<i128> {
        if self.digits.is_empty() {
            return Some(0);
        }
        if self.weight > 10 || scale > 60 {
            return None;
        }
        let mut value: i128 = 0;
        for &digit in &self.digits {
            value = value.checked_mul(10_000)?.checked_add(i128::from(digit))?;
        }
        // The value so far counts units of 10000^(weight - n + 1).
        let exponent = (self.weight - self.digits.len() as i32 + 1) * DEC_DIGITS + scale;
        if exponent >= 0 {
            value = value.checked_mul(super::pow10_i128(exponent as u32)?)?;
        } else {
            let divisor = super::pow10_i128(exponent.unsigned_abs())?;
            if value % divisor != 0 {
                return None;
            }
            value /= divisor;
        }
        Some(if self.negative { -value } else { value })
    }

    /// Is it zero?
    pub fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    /// The digit of weight `weight`, 0 outside the stored ones.
    fn at(&self, weight: i32) -> u32 {
        let index = i64::from(self.weight) - i64::from(weight);
        usize::try_from(index).ok().and_then(|i| self.digits.get(i)).map_or(0, |&d| u32::from(d))
    }

    /// Restores the invariant on leading and trailing zeros.
    pub fn strip(&mut self) {
        while self.digits.last() == Some(&0) {
            self.digits.pop();
        }
        let leading = self.digits.iter().take_while(|&&d| d == 0).count();
        if leading > 0 {
            self.digits.drain(..leading);
            self.weight -= leading as i32;
        }
        if self.digits.is_empty() {
            self.weight = 0;
            self.negative = false;
        }
    }

    /// Rounds half away from zero to `rscale` digits after the point (which may be negative) and sets the display
    /// scale to it (at least 0).
    pub fn round(&mut self, rscale: i32) {
        self.cut(rscale, true);
    }

    /// Cuts off everything beyond `rscale` digits after the point and sets the display scale to it (at least 0).
    pub fn truncate(&mut self, rscale: i32) {
        self.cut(rscale, false);
    }

    fn cut(&mut self, rscale: i32, rounding: bool) {
        self.dscale = rscale.max(0);
        if self.digits.is_empty() {
            return;
        }
        // Decimal digits to keep, counted from the first digit's most significant decimal.
        let keep = i64::from(self.weight + 1) * i64::from(DEC_DIGITS) + i64::from(rscale);
        if keep < 0 {
            *self = Var::zero(self.dscale);
            return;
        }
        let keep = keep as usize;
        let whole = keep / 4;
        if whole >= self.digits.len() {
            return;
        }
        let drop_in_group = (4 - keep % 4) as u32;
        let unit = 10u16.pow(drop_in_group % 4);
        let (up, index) = if drop_in_group == 4 {
            // The cut falls between groups.
            let up = self.digits[whole] >= 5_000;
            self.digits.truncate(whole);
            (up, whole.checked_sub(1))
        } else {
            let digit = self.digits[whole];
            let rest = digit % unit;
            self.digits.truncate(whole + 1);
            self.digits[whole] = digit - rest;
            (rest >= unit / 2, Some(whole))
        };
        if rounding && up {
            let unit = if drop_in_group == 4 { 1 } else { unit };
            self.carry_up(index, unit);
        }
        self.strip();
    }

    /// Adds `unit` to the digit at `index` (`None`: a new digit in front) and carries.
    fn carry_up(&mut self, index: Option<usize>, unit: u16) {
        let mut add = unit;
        let mut at = index;
        while let Some(i) = at {
            let sum = self.digits[i] + add;
            if sum < BASE as u16 {
                self.digits[i] = sum;
                return;
            }
            self.digits[i] = sum - BASE as u16;
            add = 1;
            at = i.checked_sub(1);
        }
        self.digits.insert(0, add);
        self.weight += 1;
    }

    /// Compares absolute values.
    pub fn cmp_abs(&self, other: &Var) -> Ordering {
        match (self.is_zero(), other.is_zero()) {
            (true, true) => return Ordering::Equal,
            (true, false) => return Ordering::Less,
            (false, true) => return Ordering::Greater,
            _ => {}
        }
        self.weight.cmp(&other.weight).then_with(|| self.digits.cmp(&other.digits))
    }

    /// Compares values.
    pub fn cmp(&self, other: &Var) -> Ordering {
        match (self.negative, other.negative) {
            (false, false) => self.cmp_abs(other),
            (true, true) => other.cmp_abs(self),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }

    /// Sum, exact; display scale is the larger one.
    pub fn add(&self, other: &Var) -> Var {
        if self.negative == other.negative {
            let mut sum = add_abs(self, other);
            sum.negative = self.negative && !sum.is_zero();
            return sum;
        }
        match self.cmp_abs(other) {
            Ordering::Equal => Var::zero(self.dscale.max(other.dscale)),
            Ordering::Greater => {
                let mut difference = sub_abs(self, other);
                difference.negative = self.negative;
                difference
            }
            Ordering::Less => {
                let mut difference = sub_abs(other, self);
                difference.negative = other.negative;
                difference
            }
        }
    }

    /// Difference, exact.
    pub fn sub(&self, other: &Var) -> Var {
        let mut negated = other.clone();
        negated.negative = !other.negative && !other.is_zero();
        self.add(&negated)
    }

    /// Exact product; display scale is the sum.
    pub fn mul(&self, other: &Var) -> Var {
        let dscale = self.dscale + other.dscale;
        if self.is_zero() || other.is_zero() {
            return Var::zero(dscale);
        }
        let len = self.digits.len() + other.digits.len();
        let mut acc = vec![0u64; len];
        // No overflow: each cell sums at most `len` products below 10^8.
        for (i, &a) in self.digits.iter().enumerate() {
            let a = u64::from(a);
            if a == 0 {
                continue;
            }
            for (cell, &b) in acc[i + 1..].iter_mut().zip(&other.digits) {
                *cell += a * u64::from(b);
            }
        }
        let mut digits = vec![0u16; len];
        let mut carry = 0u64;
        for (out, cell) in digits.iter_mut().zip(&acc).rev() {
            let value = cell + carry;
            *out = (value % u64::from(BASE)) as u16;
            carry = value / u64::from(BASE);
        }
        let mut product = Var {
            negative: self.negative != other.negative,
            weight: self.weight + other.weight + 1,
            dscale,
            digits,
        };
        product.strip();
        product
    }

    /// Product rounded to `rscale` digits after the point.
    pub fn mul_round(&self, other: &Var, rscale: i32) -> Var {
        let mut product = self.mul(other);
        product.round(rscale);
        product
    }

    /// Quotient to `rscale` digits after the point, rounded or truncated. The divisor is not zero.
    pub fn div(&self, divisor: &Var, rscale: i32, rounding: bool) -> Var {
        if self.is_zero() || divisor.is_zero() {
            return Var::zero(rscale.max(0));
        }
        let weight = self.weight - divisor.weight;
        // Groups wanted: integer part, fraction, and one more that decides the rounding.
        let groups = i64::from(weight) + 1 + i64::from((rscale + 3).div_euclid(4)) + 1;
        let groups = groups.max(1) as usize;
        let digits = match divisor.digits.as_slice() {
            [a] => div_short(&self.digits, u64::from(*a), 1, groups),
            [a, b] => div_short(&self.digits, u64::from(*a) * 10_000 + u64::from(*b), 2, groups),
            [a, b, c] => {
                let value = (u64::from(*a) * 10_000 + u64::from(*b)) * 10_000 + u64::from(*c);
                div_short(&self.digits, value, 3, groups)
            }
            long => div_long(&self.digits, long, groups),
        };
        let mut quotient =
            Var { negative: self.negative != divisor.negative, weight, dscale: rscale.max(0), digits };
        quotient.strip();
        quotient.cut(rscale, rounding);
        quotient
    }

    /// Remainder of the division truncated towards zero; exact.
    pub fn rem(&self, divisor: &Var) -> Var {
        let quotient = self.div(divisor, 0, false);
        let mut product = quotient.mul(divisor);
        product.dscale = divisor.dscale;
        let mut result = self.sub(&product);
        result.dscale = self.dscale.max(divisor.dscale);
        result
    }

    /// Rounds towards minus infinity (`up` false) or plus infinity (`up` true) to an integer.
    pub fn floor_ceil(&self, up: bool) -> Var {
        let mut whole = self.clone();
        whole.truncate(0);
        let exact = whole.cmp(self) == Ordering::Equal;
        if !exact && self.negative != up {
            let one = Var::one();
            whole = if up { whole.add(&one) } else { whole.sub(&one) };
        }
        whole
    }

    /// An approximation for estimates; infinite when too large.
    pub fn to_f64_lossy(&self) -> f64 {
        let mut value = 0f64;
        for (i, &digit) in self.digits.iter().take(6).enumerate() {
            value += f64::from(digit) * 10_000f64.powi(self.weight - i as i32);
        }
        if self.negative { -value } else { value }
    }

    /// Base-10 logarithm of the absolute value, approximately. Not for zero.
    pub fn log10_approx(&self) -> f64 {
        let mut head = 0f64;
        for (i, &digit) in self.digits.iter().take(4).enumerate() {
            head += f64::from(digit) * 10_000f64.powi(-(i as i32));
        }
        head.log10() + f64::from(self.weight) * 4.0
    }
}

fn add_abs(a: &Var, b: &Var) -> Var {
    let dscale = a.dscale.max(b.dscale);
    if a.is_zero() || b.is_zero() {
        let mut result = if a.is_zero() { b.clone() } else { a.clone() };
        result.dscale = dscale;
        result.negative = false;
        return result;
    }
    let top = a.weight.max(b.weight) + 1;
    let bottom = (a.weight - a.digits.len() as i32 + 1).min(b.weight - b.digits.len() as i32 + 1);
    let mut digits = vec![0u16; (top - bottom + 1) as usize];
    let mut carry = 0;
    for (slot, weight) in digits.iter_mut().rev().zip(bottom..) {
        let sum = a.at(weight) + b.at(weight) + carry;
        carry = u32::from(sum >= BASE);
        *slot = (sum - carry * BASE) as u16;
    }
    let mut sum = Var { negative: false, weight: top, dscale, digits };
    sum.strip();
    sum
}

/// `|a| - |b|`, where `|a| >= |b|`.
fn sub_abs(a: &Var, b: &Var) -> Var {
    let dscale = a.dscale.max(b.dscale);
    let top = a.weight;
    let mut bottom = a.weight - a.digits.len() as i32 + 1;
    if !b.is_zero() {
        bottom = bottom.min(b.weight - b.digits.len() as i32 + 1);
    }
    let mut digits = vec![0u16; (top - bottom + 1).max(0) as usize];
    let mut borrow = 0;
    for (slot, weight) in digits.iter_mut().rev().zip(bottom..) {
        let (x, y) = (a.at(weight), b.at(weight) + borrow);
        borrow = u32::from(x < y);
        *slot = (x + borrow * BASE - y) as u16;
    }
    let mut difference = Var { negative: false, weight: top, dscale, digits };
    difference.strip();
    difference
}

/// The first `groups` digits of `dividend / divisor`, both read as fractions with one group before the point; the
/// divisor has `divisor_groups` groups and is below 10^12.
fn div_short(dividend: &[u16], divisor: u64, divisor_groups: usize, groups: usize) -> Vec<u16> {
    let base = u64::from(BASE);
    let mut quotient = Vec::with_capacity(groups);
    let mut rest = 0u64;
    let mut input = dividend.iter().map(|&d| u64::from(d)).chain(std::iter::repeat(0));
    for _ in 1..divisor_groups {
        rest = rest * base + input.next().unwrap_or(0);
    }
    for _ in 0..groups {
        rest = rest * base + input.next().unwrap_or(0);
        quotient.push((rest / divisor) as u16);
        rest %= divisor;
    }
    quotient
}

/// Like [`div_short`] for a divisor of any length: schoolbook division with a normalised divisor.
fn div_long(dividend: &[u16], divisor: &[u16], groups: usize) -> Vec<u16> {
    let n = divisor.len();
    let scale = BASE / (u32::from(divisor[0]) + 1);
    let divisor = scaled(divisor, scale, n);
    // One extra leading group takes the carry of the scaling.
    let mut rest: Vec<u32> = Vec::with_capacity(groups + n);
    let take = (groups + n - 1).min(dividend.len());
    let head = scaled(&dividend[..take], scale, take + 1);
    rest.extend(head);
    rest.resize(groups + n, 0);
    let mut quotient = Vec::with_capacity(groups);
    for j in 0..groups {
        let top = u64::from(rest[j]) * u64::from(BASE) + u64::from(rest[j + 1]);
        let first = u64::from(divisor[0]);
        let mut guess = (top / first).min(u64::from(BASE - 1));
        let mut left = top - guess * first;
        let second = u64::from(divisor[1]);
        while left < u64::from(BASE) && guess * second > left * u64::from(BASE) + u64::from(rest[j + 2]) {
            guess -= 1;
            left += first;
        }
        if guess > 0 && !subtract_multiple(&mut rest[j..=j + n], &divisor, guess as u32) {
            guess -= 1;
            add_back(&mut rest[j..=j + n], &divisor);
        }
        quotient.push(guess as u16);
    }
    quotient
}

/// `digits * factor` in exactly `len` groups.
fn scaled(digits: &[u16], factor: u32, len: usize) -> Vec<u32> {
    let mut out = vec![0u32; len];
    let mut carry = 0;
    let mut source = digits.iter().rev();
    for slot in out.iter_mut().rev() {
        let value = source.next().map_or(0, |&d| u32::from(d)) * factor + carry;
        *slot = value % BASE;
        carry = value / BASE;
    }
    out
}

/// `window -= divisor * guess`; false if that went below zero (the borrow out of the top is dropped).
fn subtract_multiple(window: &mut [u32], divisor: &[u32], guess: u32) -> bool {
    let mut borrow = 0u32;
    for (slot, &d) in window[1..].iter_mut().zip(divisor).rev() {
        let take = d * guess + borrow;
        borrow = take / BASE;
        let low = take % BASE;
        if *slot < low {
            *slot += BASE;
            borrow += 1;
        }
        *slot -= low;
    }
    if window[0] < borrow {
        window[0] = window[0] + BASE - borrow;
        return false;
    }
    window[0] -= borrow;
    true
}

/// `window += divisor`, modulo the window's size.
fn add_back(window: &mut [u32], divisor: &[u32]) {
    let mut carry = 0;
    for (slot, &d) in window[1..].iter_mut().zip(divisor).rev() {
        let sum = *slot + d + carry;
        carry = u32::from(sum >= BASE);
        *slot = sum - carry * BASE;
    }
    window[0] = (window[0] + carry) % BASE;
}
