//! `money`: cents.

use crate::Registry;
use crate::convert::order;
use crate::number::integer::division_by_zero;
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::Numeric;

#[cold]
fn out_of_range() -> Error {
    err!(NUMERIC_VALUE_OUT_OF_RANGE, "money out of range")
}

fn from_float(value: f64) -> Result<i64> {
    let rounded = value.round_ties_even();
    if (-9223372036854775808.0..9223372036854775808.0).contains(&rounded) {
        Ok(rounded as i64)
    } else {
        Err(out_of_range())
    }
}

fn multiply(cents: i64, factor: i64) -> Result<i64> {
    cents.checked_mul(factor).ok_or_else(out_of_range)
}

fn divide(cents: i64, divisor: i64) -> Result<i64> {
    if divisor == 0 {
        return Err(division_by_zero());
    }
    cents.checked_div(divisor).ok_or_else(out_of_range)
}

fn divide_float(cents: i64, divisor: f64) -> Result<i64> {
    if divisor == 0.0 {
        return Err(division_by_zero());
    }
    from_float(cents as f64 / divisor)
}

fn from_numeric(value: &Numeric) -> Result<i64> {
    let cents = value.mul(&Numeric::from_scaled(100, 0))?.to_i128_rounded();
    cents.and_then(|cents| i64::try_from(cents).ok()).ok_or_else(out_of_range)
}

/// A number below 1000 in words.
fn hundreds(value: u64, out: &mut Vec<String>) {
    const SMALL: [&str; 28] = [
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
        "twenty",
        "thirty",
        "forty",
        "fifty",
        "sixty",
        "seventy",
        "eighty",
        "ninety",
    ];
    let word = |at: u64| SMALL.get(at as usize).copied().unwrap_or("").to_owned();
    let tens = value % 100;
    if value >= 100 {
        out.push(format!("{} hundred", word(value / 100)));
    }
    if tens == 0 && value >= 100 {
        return;
    }
    let separator = if value >= 100 { "and " } else { "" };
    if tens.is_multiple_of(10) && tens > 10 {
        out.push(word(tens / 10 + 18));
    } else if tens < 20 {
        out.push(format!("{separator}{}", word(tens)));
    } else {
        out.push(format!("{} {}", word(tens / 10 + 18), word(tens % 10)));
    }
}

fn words(cents: i64) -> String {
    let mut out = Vec::new();
    let (dollars, rest) = (cents.unsigned_abs() / 100, cents.unsigned_abs() % 100);
    if cents < 0 {
        out.push("minus".to_owned());
    }
    let mut scale = 1_000_000_000_000_000_000_u64;
    for name in ["quintillion", "quadrillion", "trillion", "billion", "million", "thousand"] {
        let part = dollars / scale % 1000;
        if part > 0 {
            hundreds(part, &mut out);
            out.push(name.to_owned());
        }
        scale /= 1000;
    }
    if dollars % 1000 > 0 {
        hundreds(dollars % 1000, &mut out);
    }
    if dollars == 0 {
        out.push("zero".to_owned());
    }
    out.push(if dollars == 1 { "dollar and" } else { "dollars and" }.to_owned());
    hundreds(rest, &mut out);
    out.push(if rest == 1 { "cent" } else { "cents" }.to_owned());
    let text = out.join(" ");
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_ascii_uppercase().to_string() + chars.as_str())
}

pub(crate) fn register(reg: &mut Registry) {
    comparisons!(reg; "cash_" => |a: i64, b: i64| a.cmp(&b););
    scalars!(reg;
        "cash_cmp" => |a: i64, b: i64| order(a.cmp(&b));
        "cashlarger" => |a: i64, b: i64| a.max(b);
        "cashsmaller" => |a: i64, b: i64| a.min(b);
        "cash_pl" => |a: i64, b: i64| a.checked_add(b).ok_or_else(out_of_range);
        "cash_mi" => |a: i64, b: i64| a.checked_sub(b).ok_or_else(out_of_range);
        "cash_mul_int2" => |a: i64, b: i16| multiply(a, b.into());
        "cash_mul_int4" => |a: i64, b: i32| multiply(a, b.into());
        "cash_mul_int8" => |a: i64, b: i64| multiply(a, b);
        "int2_mul_cash" => |a: i16, b: i64| multiply(b, a.into());
        "int4_mul_cash" => |a: i32, b: i64| multiply(b, a.into());
        "int8_mul_cash" => |a: i64, b: i64| multiply(a, b);
        "cash_mul_flt4" => |a: i64, b: f32| from_float(a as f64 * f64::from(b));
        "cash_mul_flt8" => |a: i64, b: f64| from_float(a as f64 * b);
        "flt4_mul_cash" => |a: f32, b: i64| from_float(b as f64 * f64::from(a));
        "flt8_mul_cash" => |a: f64, b: i64| from_float(b as f64 * a);
        "cash_div_int2" => |a: i64, b: i16| divide(a, b.into());
        "cash_div_int4" => |a: i64, b: i32| divide(a, b.into());
        "cash_div_int8" => |a: i64, b: i64| divide(a, b);
        "cash_div_flt4" => |a: i64, b: f32| divide_float(a, b.into());
        "cash_div_flt8" => |a: i64, b: f64| divide_float(a, b);
        "cash_div_cash" => |a: i64, b: i64| {
            if b == 0 {
                return Err(division_by_zero());
            }
            a as f64 / b as f64
        };
        "cash_numeric" => |a: i64| Numeric::from_scaled(a.into(), 2);
        "numeric_cash" => |a: &Numeric| {
            if !a.is_finite() {
                let what = if a.is_nan() { "NaN" } else { "infinity" };
                return Err(Error::unsupported(format!("cannot convert {what} to bigint")));
            }
            from_numeric(a)
        };
        "int4_cash" => |a: i32| i64::from(a) * 100;
        "int8_cash" => |a: i64| multiply(a, 100);
        "cash_words" => |a: i64| words(a);
    );
}
