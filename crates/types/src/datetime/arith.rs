//! Arithmetic on dates, times and timestamps.

use super::calendar::{
    DATE_INFINITY, DATE_MINUS_INFINITY, EPOCH_JD, TIMESTAMP_INFINITY, TIMESTAMP_MINUS_INFINITY, Tm,
    USECS_PER_DAY, USECS_PER_SEC, days_in_month, is_valid_date, is_valid_timestamp, timestamp_to_tm,
    tm_to_timestamp,
};
use super::date::is_finite_date;
use super::errors::{date_out_of_range, interval_out_of_range, timestamp_out_of_range};
use super::interval::{
    INTERVAL_INFINITY, INTERVAL_MINUS_INFINITY, MONTHS_PER_YEAR, interval_neg, is_finite_interval,
    justify_hours,
};
use super::timestamp::{is_finite_timestamp, timestamptz_to_tm, tm_to_timestamptz};
use super::zone::TimeZone;
use crate::{Interval, TimeTz};
use pglitedb_sqlstate::{Result, bail};

/// `date + integer`
pub fn date_add_days(date: i32, days: i32) -> Result<i32> {
    if !is_finite_date(date) {
        return Ok(date);
    }
    date.checked_add(days).filter(|sum| is_valid_date(i64::from(*sum))).ok_or_else(date_out_of_range)
}

/// `date - integer`
pub fn date_sub_days(date: i32, days: i32) -> Result<i32> {
    if !is_finite_date(date) {
        return Ok(date);
    }
    date.checked_sub(days).filter(|sum| is_valid_date(i64::from(*sum))).ok_or_else(date_out_of_range)
}

/// `date - date`, in days.
pub fn date_diff(left: i32, right: i32) -> Result<i32> {
    if !is_finite_date(left) || !is_finite_date(right) {
        bail!(DATETIME_FIELD_OVERFLOW, "cannot subtract infinite dates");
    }
    left.checked_sub(right).ok_or_else(date_out_of_range)
}

/// Microseconds moved into one day.
fn within_day(micros: i64) -> i64 {
    micros.rem_euclid(USECS_PER_DAY)
}

fn finite_for_time(span: Interval, verb: &str, preposition: &str) -> Result<()> {
    if is_finite_interval(span) {
        return Ok(());
    }
    bail!(DATETIME_FIELD_OVERFLOW, "cannot {verb} infinite interval {preposition} time")
}

/// `time + interval`; only the interval's time counts.
pub fn time_add_interval(time: i64, span: Interval) -> Result<i64> {
    finite_for_time(span, "add", "to")?;
    Ok(within_day(time.wrapping_add(span.micros)))
}

/// `time - interval`
pub fn time_sub_interval(time: i64, span: Interval) -> Result<i64> {
    finite_for_time(span, "subtract", "from")?;
    Ok(within_day(time.wrapping_sub(span.micros)))
}

/// `time - time`
pub fn time_diff(left: i64, right: i64) -> Interval {
    Interval { micros: left - right, ..Interval::default() }
}

/// `timetz + interval`
pub fn timetz_add_interval(time: TimeTz, span: Interval) -> Result<TimeTz> {
    Ok(TimeTz { micros: time_add_interval(time.micros, span)?, ..time })
}

/// `timetz - interval`
pub fn timetz_sub_interval(time: TimeTz, span: Interval) -> Result<TimeTz> {
    Ok(TimeTz { micros: time_sub_interval(time.micros, span)?, ..time })
}

/// Adds months to calendar fields; the day is cut down to the last one of the month.
fn add_months(tm: &mut Tm, months: i32) -> Result<()> {
    let count = i64::from(tm.year) * i64::from(MONTHS_PER_YEAR) + i64::from(tm.mon - 1) + i64::from(months);
    tm.year =
        i32::try_from(count.div_euclid(i64::from(MONTHS_PER_YEAR))).map_err(|_| timestamp_out_of_range())?;
    tm.mon = count.rem_euclid(i64::from(MONTHS_PER_YEAR)) as i32 + 1;
    tm.mday = tm.mday.min(days_in_month(tm.year, tm.mon));
    Ok(())
}

/// Adding an infinity, or to one: the result, or `None` if both are finite.
fn add_infinite(timestamp: i64, span: Interval) -> Result<Option<i64>> {
    let added = match span {
        INTERVAL_INFINITY => TIMESTAMP_INFINITY,
        INTERVAL_MINUS_INFINITY => TIMESTAMP_MINUS_INFINITY,
        _ if is_finite_timestamp(timestamp) => return Ok(None),
        _ => return Ok(Some(timestamp)),
    };
    if is_finite_timestamp(timestamp) || timestamp == added {
        Ok(Some(added))
    } else {
        Err(timestamp_out_of_range())
    }
}

fn add_micros(timestamp: i64, micros: i64) -> Result<i64> {
    timestamp.checked_add(micros).filter(|sum| is_valid_timestamp(*sum)).ok_or_else(timestamp_out_of_range)
}

/// `timestamp + interval`: first the months, then the days, then the time.
pub fn timestamp_add_interval(timestamp: i64, span: Interval) -> Result<i64> {
    if let Some(result) = add_infinite(timestamp, span)? {
        return Ok(result);
    }
    let mut timestamp = timestamp;
    if span.months != 0 {
        let mut tm = timestamp_to_tm(timestamp);
        add_months(&mut tm, span.months)?;
        timestamp = tm_to_timestamp(&tm, 0).ok_or_else(timestamp_out_of_range)?;
    }
    if span.days != 0 {
        // The days alone may be more microseconds than 64 bits hold, when they begin long before 2000.
        let sum = i128::from(timestamp) + i128::from(span.days) * i128::from(USECS_PER_DAY);
        let sum = i64::try_from(sum).ok().filter(|sum| is_valid_timestamp(*sum));
        timestamp = sum.ok_or_else(timestamp_out_of_range)?;
    }
    add_micros(timestamp, span.micros)
}

/// `timestamp - interval`
pub fn timestamp_sub_interval(timestamp: i64, span: Interval) -> Result<i64> {
    timestamp_add_interval(timestamp, interval_neg(span)?)
}

/// `timestamptz + interval`: months and days by the calendar of the zone, so that the clock shows the same time.
pub fn timestamptz_add_interval(timestamp: i64, span: Interval, zone: &TimeZone) -> Result<i64> {
    if let Some(result) = add_infinite(timestamp, span)? {
        return Ok(result);
    }
    let mut timestamp = timestamp;
    if span.months != 0 {
        let (mut tm, _) = timestamptz_to_tm(timestamp, zone);
        add_months(&mut tm, span.months)?;
        timestamp = tm_to_timestamptz(&tm, zone).ok_or_else(timestamp_out_of_range)?;
    }
    if span.days != 0 {
        let (mut tm, _) = timestamptz_to_tm(timestamp, zone);
        let jd = tm.julian_day() + i64::from(span.days);
        if jd < 0 {
            return Err(timestamp_out_of_range());
        }
        tm.set_julian_day(jd);
        timestamp = tm_to_timestamptz(&tm, zone).ok_or_else(timestamp_out_of_range)?;
    }
    add_micros(timestamp, span.micros)
}

/// `timestamptz - interval`
pub fn timestamptz_sub_interval(timestamp: i64, span: Interval, zone: &TimeZone) -> Result<i64> {
    timestamptz_add_interval(timestamp, interval_neg(span)?, zone)
}

/// The difference if one side is infinite.
fn infinite_difference(left: i64, right: i64) -> Result<Option<Interval>> {
    if is_finite_timestamp(left) && is_finite_timestamp(right) {
        return Ok(None);
    }
    match left.cmp(&right) {
        std::cmp::Ordering::Less => Ok(Some(INTERVAL_MINUS_INFINITY)),
        std::cmp::Ordering::Greater => Ok(Some(INTERVAL_INFINITY)),
        std::cmp::Ordering::Equal => Err(interval_out_of_range()),
    }
}

/// `timestamp - timestamp` (both types), in days and time.
pub fn timestamp_diff(left: i64, right: i64) -> Result<Interval> {
    if let Some(result) = infinite_difference(left, right)? {
        return Ok(result);
    }
    let micros = left.checked_sub(right).ok_or_else(interval_out_of_range)?;
    justify_hours(Interval { micros, ..Interval::default() })
}

/// `age(timestamp, timestamp)`: the difference in years, months, days and time.
pub fn timestamp_age(left: i64, right: i64) -> Result<Interval> {
    match infinite_difference(left, right)? {
        Some(result) => Ok(result),
        None => Ok(symbolic_difference(left < right, &timestamp_to_tm(left), &timestamp_to_tm(right))),
    }
}

/// `age(timestamptz, timestamptz)`
pub fn timestamptz_age(left: i64, right: i64, zone: &TimeZone) -> Result<Interval> {
    match infinite_difference(left, right)? {
        Some(result) => Ok(result),
        None => {
            let (left_tm, _) = timestamptz_to_tm(left, zone);
            let (right_tm, _) = timestamptz_to_tm(right, zone);
            Ok(symbolic_difference(left < right, &left_tm, &right_tm))
        }
    }
}

/// Subtracts field by field and borrows from the next one where a difference is negative.
fn symbolic_difference(negative: bool, left: &Tm, right: &Tm) -> Interval {
    let (later, earlier) = if negative { (right, left) } else { (left, right) };
    let mut micros = later.time_micros() - earlier.time_micros();
    let mut days = later.mday - earlier.mday;
    let mut months = (later.year - earlier.year) * MONTHS_PER_YEAR + later.mon - earlier.mon;
    if micros < 0 {
        micros += USECS_PER_DAY;
        days -= 1;
    }
    while days < 0 {
        // The month borrowed is always the one of the earlier moment.
        days += days_in_month(earlier.year, earlier.mon);
        months -= 1;
    }
    if negative {
        Interval { months: -months, days: -days, micros: -micros }
    } else {
        Interval { months, days, micros }
    }
}

/// `date + interval` and other operations on dates by way of timestamps: the timestamp of midnight.
pub fn date_to_timestamp(date: i32) -> Result<i64> {
    date_to_timestamp_saturating(date).map_err(|_| super::errors::date_out_of_range_for_timestamp())
}

/// The timestamp of midnight; the error says only that the date is later than all timestamps.
pub(super) fn date_to_timestamp_saturating(date: i32) -> std::result::Result<i64, ()> {
    match date {
        DATE_INFINITY => Ok(TIMESTAMP_INFINITY),
        DATE_MINUS_INFINITY => Ok(TIMESTAMP_MINUS_INFINITY),
        _ => {
            i64::from(date).checked_mul(USECS_PER_DAY).filter(|micros| is_valid_timestamp(*micros)).ok_or(())
        }
    }
}

/// `date_bin`: the beginning of the bin of width `stride` that the timestamp is in; one bin begins at `origin`.
pub fn date_bin(stride: Interval, timestamp: i64, origin: i64) -> Result<i64> {
    if !is_finite_timestamp(timestamp) {
        return Ok(timestamp);
    }
    if !is_finite_timestamp(origin) {
        bail!(DATETIME_FIELD_OVERFLOW, "origin out of range");
    }
    if !is_finite_interval(stride) {
        bail!(DATETIME_FIELD_OVERFLOW, "timestamps cannot be binned into infinite intervals");
    }
    if stride.months != 0 {
        bail!(FEATURE_NOT_SUPPORTED, "timestamps cannot be binned into intervals containing months or years");
    }
    let stride = i64::from(stride.days)
        .checked_mul(USECS_PER_DAY)
        .and_then(|days| days.checked_add(stride.micros))
        .ok_or_else(interval_out_of_range)?;
    if stride <= 0 {
        bail!(DATETIME_FIELD_OVERFLOW, "stride must be greater than zero");
    }
    let difference = timestamp.checked_sub(origin).ok_or_else(interval_out_of_range)?;
    let start = timestamp.checked_sub(difference.rem_euclid(stride)).ok_or_else(timestamp_out_of_range)?;
    if is_valid_timestamp(start) { Ok(start) } else { Err(timestamp_out_of_range()) }
}

/// Days since 2000-01-01 of a timestamp.
pub(super) fn day_of_timestamp(timestamp: i64) -> i32 {
    timestamp.div_euclid(USECS_PER_DAY) as i32
}

/// Days since 2000-01-01 of calendar fields.
pub(super) fn day_of_tm(tm: &Tm) -> i32 {
    (tm.julian_day() - EPOCH_JD) as i32
}

/// Moves a time of day to another zone.
pub(super) fn timetz_to_zone(time: TimeTz, offset_east: i32) -> TimeTz {
    let shift = (i64::from(time.zone) + i64::from(offset_east)) * USECS_PER_SEC;
    TimeTz { micros: within_day(time.micros + shift), zone: offset_east.saturating_neg() }
}
