//! Order, equality, hash and key form.

use super::{Numeric, POW10, Repr, Var};
use std::cmp::Ordering;

impl Numeric {
    /// PostgreSQL's order: minus infinity, finite values, plus infinity, NaN; display scale plays no part.
    #[inline]
    pub fn compare(&self, other: &Numeric) -> Ordering {
        match (&self.0, &other.0) {
            (Repr::Small { mantissa: a, scale: s }, Repr::Small { mantissa: b, scale: t }) => {
                match s.cmp(t) {
                    Ordering::Equal => a.cmp(b),
                    Ordering::Less => {
                        (i128::from(*a) * i128::from(POW10[(t - s) as usize])).cmp(&i128::from(*b))
                    }
                    Ordering::Greater => {
                        i128::from(*a).cmp(&(i128::from(*b) * i128::from(POW10[(s - t) as usize])))
                    }
                }
            }
            (Repr::Big(a), Repr::Big(b)) => a.cmp(b),
            (Repr::Big(a), Repr::Small { .. }) => a.cmp(&other.to_var()),
            (Repr::Small { .. }, Repr::Big(b)) => self.to_var().cmp(b),
            _ => self.class().cmp(&other.class()),
        }
    }

    fn class(&self) -> u8 {
        match self.0 {
            Repr::NegInfinity => 0,
            Repr::Small { .. } | Repr::Big(_) => 1,
            Repr::Infinity => 2,
            Repr::NaN => 3,
        }
    }

    /// Feeds what equal values have in common to a hash function, word by word.
    pub fn hash_words(&self, mut feed: impl FnMut(u64)) {
        match &self.0 {
            Repr::Small { mantissa, scale } => {
                let (mantissa, exponent) = normalize(*mantissa, -i32::from(*scale));
                feed(mantissa as u64);
                feed(exponent as u64);
            }
            Repr::Big(var) => match normalized_small(var) {
                Some((mantissa, exponent)) => {
                    feed(mantissa as u64);
                    feed(exponent as u64);
                }
                None => {
                    feed(var.weight as u64 ^ (u64::from(var.negative) << 40));
                    for chunk in var.digits.chunks(4) {
                        feed(chunk.iter().fold(0, |n, &d| n << 16 | u64::from(d)));
                    }
                }
            },
            Repr::NaN => feed(u64::MAX),
            Repr::Infinity => feed(u64::MAX - 1),
            Repr::NegInfinity => feed(u64::MAX - 2),
        }
    }

    /// Appends bytes whose order is the order of the values and that end themselves.
    ///
    /// A class byte; then the weight; then each base-100 digit `d` as `2d + 1`, the last one as `2d`. Below zero
    /// everything after the class byte is inverted.
    pub fn write_key(&self, out: &mut Vec<u8>) {
        let var = match &self.0 {
            Repr::NegInfinity => return out.push(1),
            Repr::Infinity => return out.push(5),
            Repr::NaN => return out.push(6),
            Repr::Small { mantissa: 0, .. } => return out.push(3),
            Repr::Small { .. } => &self.to_var(),
            Repr::Big(var) => var.as_ref(),
        };
        if var.is_zero() {
            return out.push(3);
        }
        out.push(if var.negative { 2 } else { 4 });
        let start = out.len();
        // One byte for usual weights, three more for the others.
        match var.weight {
            w @ -100..=100 => out.push((w + 128) as u8),
            w if w < 0 => {
                out.push(1);
                out.extend_from_slice(&((w + (1 << 20)) as u32).to_be_bytes());
            }
            w => {
                out.push(254);
                out.extend_from_slice(&(w as u32).to_be_bytes());
            }
        }
        let last = var.digits.len() * 2 - if var.digits.last().is_some_and(|d| d % 100 == 0) { 2 } else { 1 };
        let halves = var.digits.iter().flat_map(|&d| [(d / 100) as u8, (d % 100) as u8]);
        for (i, half) in halves.enumerate().take(last + 1) {
            out.push(half * 2 + u8::from(i != last));
        }
        if var.negative {
            out[start..].iter_mut().for_each(|b| *b = !*b);
        }
    }
}

/// Moves trailing decimal zeros into the exponent.
fn normalize(mut mantissa: i64, mut exponent: i32) -> (i64, i32) {
    if mantissa == 0 {
        return (0, 0);
    }
    while mantissa % 10_000 == 0 {
        mantissa /= 10_000;
        exponent += 4;
    }
    while mantissa % 10 == 0 {
        mantissa /= 10;
        exponent += 1;
    }
    (mantissa, exponent)
}

/// Mantissa without trailing zeros and exponent, if the mantissa is one that a small value could have too.
fn normalized_small(var: &Var) -> Option<(i64, i32)> {
    if var.digits.len() > 6 {
        return None;
    }
    let mut mantissa = var.digits.iter().fold(0i128, |n, &d| n * 10_000 + i128::from(d));
    let mut exponent = (var.weight - var.digits.len() as i32 + 1) * 4;
    while mantissa != 0 && mantissa % 10 == 0 {
        mantissa /= 10;
        exponent += 1;
    }
    let mantissa = i64::try_from(mantissa).ok()?;
    let mantissa = if var.negative { -mantissa } else { mantissa };
    Some(if mantissa == 0 { (0, 0) } else { (mantissa, exponent) })
}

impl PartialEq for Numeric {
    fn eq(&self, other: &Numeric) -> bool {
        self.compare(other) == Ordering::Equal
    }
}

impl Eq for Numeric {}

impl PartialOrd for Numeric {
    fn partial_cmp(&self, other: &Numeric) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Numeric {
    fn cmp(&self, other: &Numeric) -> Ordering {
        self.compare(other)
    }
}

impl std::hash::Hash for Numeric {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.hash_words(|word| state.write_u64(word));
    }
}
