//! Arithmetic on intervals.

use super::super::calendar::{SECS_PER_DAY, USECS_PER_DAY, USECS_PER_SEC};
use super::super::errors::interval_out_of_range;
use super::{DAYS_PER_MONTH, INTERVAL_INFINITY, INTERVAL_MINUS_INFINITY, is_finite_interval};
use crate::Interval;
use pglitedb_sqlstate::{Result, bail, err};

/// The value if it is finite; infinity as the result of finite operands is an overflow.
fn finite(value: Interval) -> Result<Interval> {
    if is_finite_interval(value) { Ok(value) } else { Err(interval_out_of_range()) }
}

fn fields(months: Option<i32>, days: Option<i32>, micros: Option<i64>) -> Result<Interval> {
    match (months, days, micros) {
        (Some(months), Some(days), Some(micros)) => finite(Interval { months, days, micros }),
        _ => Err(interval_out_of_range()),
    }
}

/// -1, 0 or 1, as the length is.
pub fn interval_sign(value: Interval) -> i32 {
    super::interval_length(value).signum() as i32
}

/// `- interval`
pub fn interval_neg(value: Interval) -> Result<Interval> {
    match value {
        INTERVAL_INFINITY => Ok(INTERVAL_MINUS_INFINITY),
        INTERVAL_MINUS_INFINITY => Ok(INTERVAL_INFINITY),
        _ => fields(value.months.checked_neg(), value.days.checked_neg(), value.micros.checked_neg()),
    }
}

/// `interval + interval`
pub fn interval_add(left: Interval, right: Interval) -> Result<Interval> {
    match (is_finite_interval(left), is_finite_interval(right)) {
        (true, true) => fields(
            left.months.checked_add(right.months),
            left.days.checked_add(right.days),
            left.micros.checked_add(right.micros),
        ),
        (true, false) => Ok(right),
        (false, true) => Ok(left),
        (false, false) if left == right => Ok(left),
        (false, false) => Err(interval_out_of_range()),
    }
}

/// `interval - interval`
pub fn interval_sub(left: Interval, right: Interval) -> Result<Interval> {
    match (is_finite_interval(left), is_finite_interval(right)) {
        (true, true) => fields(
            left.months.checked_sub(right.months),
            left.days.checked_sub(right.days),
            left.micros.checked_sub(right.micros),
        ),
        (true, false) => interval_neg(right),
        (false, true) => Ok(left),
        (false, false) if left != right => Ok(left),
        (false, false) => Err(interval_out_of_range()),
    }
}

/// Rounds to microseconds where the value counts seconds (and to six digits otherwise).
fn round_6(value: f64) -> f64 {
    (value * 1e6).round_ties_even() / 1e6
}

fn to_i32(value: f64) -> Result<i32> {
    if value >= f64::from(i32::MIN) && value < -f64::from(i32::MIN) {
        Ok(value as i32)
    } else {
        Err(interval_out_of_range())
    }
}

fn to_i64(value: f64) -> Result<i64> {
    if value >= i64::MIN as f64 && value < -(i64::MIN as f64) {
        Ok(value as i64)
    } else {
        Err(interval_out_of_range())
    }
}

/// Applies a factor or divisor to each field; what is left of months goes to days, what is left of days to the time.
fn scale(value: Interval, apply: impl Fn(f64) -> f64) -> Result<Interval> {
    let exact_months = apply(f64::from(value.months));
    let months = to_i32(exact_months)?;
    let exact_days = apply(f64::from(value.days));
    let mut days = to_i32(exact_days)?;
    let month_rest = round_6((exact_months - f64::from(months)) * f64::from(DAYS_PER_MONTH));
    let whole_month_rest = month_rest as i32;
    let day_rest = exact_days - f64::from(days) + month_rest - f64::from(whole_month_rest);
    let mut seconds = round_6(day_rest * SECS_PER_DAY as f64);
    if seconds.abs() >= SECS_PER_DAY as f64 {
        let whole = (seconds / SECS_PER_DAY as f64) as i32;
        days = days.checked_add(whole).ok_or_else(interval_out_of_range)?;
        seconds -= f64::from(whole) * SECS_PER_DAY as f64;
    }
    let days = days.checked_add(whole_month_rest).ok_or_else(interval_out_of_range)?;
    let micros = apply(value.micros as f64) + seconds * USECS_PER_SEC as f64;
    finite(Interval { months, days, micros: to_i64(micros.round_ties_even())? })
}

/// `interval * double precision`
pub fn interval_mul(value: Interval, factor: f64) -> Result<Interval> {
    if factor.is_nan() {
        return Err(interval_out_of_range());
    }
    if !is_finite_interval(value) {
        if factor == 0.0 {
            return Err(interval_out_of_range());
        }
        return if factor < 0.0 { interval_neg(value) } else { Ok(value) };
    }
    if factor.is_infinite() {
        let sign = f64::from(interval_sign(value)) * factor;
        // A sign of zero makes the product NaN.
        return if sign.is_nan() {
            Err(interval_out_of_range())
        } else if sign < 0.0 {
            Ok(INTERVAL_MINUS_INFINITY)
        } else {
            Ok(INTERVAL_INFINITY)
        };
    }
    scale(value, |field| field * factor)
}

/// `interval / double precision`
pub fn interval_div(value: Interval, divisor: f64) -> Result<Interval> {
    if divisor == 0.0 {
        bail!(DIVISION_BY_ZERO, "division by zero");
    }
    if divisor.is_nan() {
        return Err(interval_out_of_range());
    }
    if !is_finite_interval(value) {
        if divisor.is_infinite() {
            return Err(interval_out_of_range());
        }
        return if divisor < 0.0 { interval_neg(value) } else { Ok(value) };
    }
    scale(value, |field| field / divisor)
}

/// `justify_hours`: whole days of the time become days.
pub fn justify_hours(value: Interval) -> Result<Interval> {
    if !is_finite_interval(value) {
        return Ok(value);
    }
    let mut value = value;
    hours_to_days(&mut value)?;
    same_sign_days_micros(&mut value);
    finite(value)
}

/// `justify_days`: every 30 days become a month.
pub fn justify_days(value: Interval) -> Result<Interval> {
    if !is_finite_interval(value) {
        return Ok(value);
    }
    let mut value = value;
    days_to_months(&mut value)?;
    if value.months > 0 && value.days < 0 {
        value.days += DAYS_PER_MONTH;
        value.months -= 1;
    } else if value.months < 0 && value.days > 0 {
        value.days -= DAYS_PER_MONTH;
        value.months += 1;
    }
    finite(value)
}

/// `justify_interval`: both, and all fields of the same sign.
pub fn justify_interval(value: Interval) -> Result<Interval> {
    if !is_finite_interval(value) {
        return Ok(value);
    }
    let mut value = value;
    // Days first where that leaves room for what comes from the hours.
    if (value.days > 0 && value.micros > 0) || (value.days < 0 && value.micros < 0) {
        days_to_months(&mut value)?;
    }
    hours_to_days(&mut value)?;
    days_to_months(&mut value)?;
    if value.months > 0 && (value.days < 0 || (value.days == 0 && value.micros < 0)) {
        value.days += DAYS_PER_MONTH;
        value.months -= 1;
    } else if value.months < 0 && (value.days > 0 || (value.days == 0 && value.micros > 0)) {
        value.days -= DAYS_PER_MONTH;
        value.months += 1;
    }
    same_sign_days_micros(&mut value);
    finite(value)
}

fn hours_to_days(value: &mut Interval) -> Result<()> {
    let whole = (value.micros / USECS_PER_DAY) as i32;
    value.micros %= USECS_PER_DAY;
    value.days = value.days.checked_add(whole).ok_or_else(interval_out_of_range)?;
    Ok(())
}

fn days_to_months(value: &mut Interval) -> Result<()> {
    let whole = value.days / DAYS_PER_MONTH;
    value.days %= DAYS_PER_MONTH;
    value.months = value.months.checked_add(whole).ok_or_else(interval_out_of_range)?;
    Ok(())
}

fn same_sign_days_micros(value: &mut Interval) {
    if value.days > 0 && value.micros < 0 {
        value.micros += USECS_PER_DAY;
        value.days -= 1;
    } else if value.days < 0 && value.micros > 0 {
        value.micros -= USECS_PER_DAY;
        value.days += 1;
    }
}

/// `make_interval`
pub fn make_interval([years, months, weeks, days, hours, mins]: [i32; 6], secs: f64) -> Result<Interval> {
    if !secs.is_finite() {
        return Err(interval_out_of_range());
    }
    let months = years.checked_mul(super::MONTHS_PER_YEAR).and_then(|years| years.checked_add(months));
    let days = weeks.checked_mul(7).and_then(|weeks| weeks.checked_add(days));
    let clock = (i64::from(hours) * 60 + i64::from(mins)) * 60 * USECS_PER_SEC;
    // No overflow of hours and minutes is possible: 2^31 * 3.6e9 < 2^63.
    if months.is_none() || days.is_none() {
        return Err(interval_out_of_range());
    }
    let micros = secs * USECS_PER_SEC as f64;
    if micros.is_infinite() {
        return Err(err!(NUMERIC_VALUE_OUT_OF_RANGE, "value out of range: overflow"));
    }
    fields(months, days, clock.checked_add(to_i64(micros.round_ties_even())?))
}
