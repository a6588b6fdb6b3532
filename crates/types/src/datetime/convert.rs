//! Casts between the types, and comparison across them.

use super::arith::{date_to_timestamp, date_to_timestamp_saturating, day_of_timestamp, day_of_tm};
use super::calendar::{
    DATE_INFINITY, DATE_MINUS_INFINITY, EPOCH_JD, TIMESTAMP_INFINITY, TIMESTAMP_MINUS_INFINITY, Tm,
    USECS_PER_DAY, USECS_PER_SEC, is_valid_timestamp, timestamp_to_tm, tm_to_timestamp,
};
use super::date::is_finite_date;
use super::errors::{date_out_of_range_for_timestamp, timestamp_out_of_range};
use super::interval::is_finite_interval;
use super::timestamp::{is_finite_timestamp, timestamptz_to_tm};
use super::zone::TimeZone;
use crate::{Interval, TimeTz};
use pglitedb_sqlstate::{Result, bail};
use std::cmp::Ordering;

/// Where a value of one type lies that another type cannot hold.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Beyond {
    /// Before all finite values.
    First,
    /// After all finite values.
    Last,
}

fn date_to_timestamptz_or(date: i32, zone: &TimeZone) -> std::result::Result<i64, Beyond> {
    match date {
        DATE_INFINITY => return Ok(TIMESTAMP_INFINITY),
        DATE_MINUS_INFINITY => return Ok(TIMESTAMP_MINUS_INFINITY),
        _ => {}
    }
    let mut tm = Tm::default();
    tm.set_julian_day(i64::from(date) + EPOCH_JD);
    tm_to_timestamp(&tm, zone.at_local(&tm).offset_east).ok_or(if date < 0 {
        Beyond::First
    } else {
        Beyond::Last
    })
}

/// `date::timestamptz`: midnight in the zone.
pub fn date_to_timestamptz(date: i32, zone: &TimeZone) -> Result<i64> {
    date_to_timestamptz_or(date, zone).map_err(|_| date_out_of_range_for_timestamp())
}

/// `timestamp::date`
pub fn timestamp_to_date(timestamp: i64) -> i32 {
    match timestamp {
        TIMESTAMP_INFINITY => DATE_INFINITY,
        TIMESTAMP_MINUS_INFINITY => DATE_MINUS_INFINITY,
        _ => day_of_timestamp(timestamp),
    }
}

/// `timestamptz::date`
pub fn timestamptz_to_date(timestamp: i64, zone: &TimeZone) -> i32 {
    match timestamp {
        TIMESTAMP_INFINITY => DATE_INFINITY,
        TIMESTAMP_MINUS_INFINITY => DATE_MINUS_INFINITY,
        _ => day_of_tm(&timestamptz_to_tm(timestamp, zone).0),
    }
}

fn timestamp_to_timestamptz_or(timestamp: i64, zone: &TimeZone) -> std::result::Result<i64, Beyond> {
    if !is_finite_timestamp(timestamp) {
        return Ok(timestamp);
    }
    let tm = timestamp_to_tm(timestamp);
    let utc = timestamp - i64::from(zone.at_local(&tm).offset_east) * USECS_PER_SEC;
    if is_valid_timestamp(utc) { Ok(utc) } else { Err(if utc < 0 { Beyond::First } else { Beyond::Last }) }
}

/// `timestamp::timestamptz`: the moment at which the clocks of the zone show it.
pub fn timestamp_to_timestamptz(timestamp: i64, zone: &TimeZone) -> Result<i64> {
    timestamp_to_timestamptz_or(timestamp, zone).map_err(|_| timestamp_out_of_range())
}

/// `timestamptz::timestamp`: what the clocks of the zone show.
pub fn timestamptz_to_timestamp(timestamp: i64, zone: &TimeZone) -> Result<i64> {
    if !is_finite_timestamp(timestamp) {
        return Ok(timestamp);
    }
    let (tm, _) = timestamptz_to_tm(timestamp, zone);
    tm_to_timestamp(&tm, 0).ok_or_else(timestamp_out_of_range)
}

/// `timestamp::time`; infinity has none.
pub fn timestamp_to_time(timestamp: i64) -> Option<i64> {
    is_finite_timestamp(timestamp).then(|| timestamp.rem_euclid(USECS_PER_DAY))
}

/// `timestamptz::time`
pub fn timestamptz_to_time(timestamp: i64, zone: &TimeZone) -> Option<i64> {
    timestamptz_to_timetz(timestamp, zone).map(|time| time.micros)
}

/// `timestamptz::timetz`
pub fn timestamptz_to_timetz(timestamp: i64, zone: &TimeZone) -> Option<TimeTz> {
    if !is_finite_timestamp(timestamp) {
        return None;
    }
    let (tm, kind) = timestamptz_to_tm(timestamp, zone);
    Some(TimeTz { micros: tm.time_micros(), zone: -kind.offset_east })
}

/// `time::timetz`: with the offset that the zone has today at that time; `now` is the start of the transaction.
pub fn time_to_timetz(time: i64, now: i64, zone: &TimeZone) -> TimeTz {
    let (mut tm, _) = timestamptz_to_tm(now, zone);
    tm.set_time_micros(time);
    TimeTz { micros: time, zone: -zone.at_local(&tm).offset_east }
}

/// `interval::time`: what remains of the time after whole days.
pub fn interval_to_time(span: Interval) -> Result<i64> {
    if !is_finite_interval(span) {
        bail!(DATETIME_FIELD_OVERFLOW, "cannot convert infinite interval to time");
    }
    Ok(span.micros.rem_euclid(USECS_PER_DAY))
}

/// `date + time`
pub fn date_and_time(date: i32, time: i64) -> Result<i64> {
    let midnight = date_to_timestamp(date)?;
    if !is_finite_timestamp(midnight) {
        return Ok(midnight);
    }
    let result = midnight.saturating_add(time);
    if is_valid_timestamp(result) { Ok(result) } else { Err(timestamp_out_of_range()) }
}

/// `date + timetz`
pub fn date_and_timetz(date: i32, time: TimeTz) -> Result<i64> {
    if !is_finite_date(date) {
        return date_to_timestamp(date);
    }
    // The date must do by itself, even where the zone would bring it back.
    let result = date_to_timestamp(date)?.saturating_add(super::timetz_utc_micros(time));
    if is_valid_timestamp(result) { Ok(result) } else { Err(date_out_of_range_for_timestamp()) }
}

/// Compares what may lie beyond the finite timestamps with a timestamp.
fn compare(left: std::result::Result<i64, Beyond>, right: i64) -> Ordering {
    match left {
        Ok(left) => left.cmp(&right),
        Err(Beyond::Last) if right == TIMESTAMP_INFINITY => Ordering::Less,
        Err(Beyond::Last) => Ordering::Greater,
        Err(Beyond::First) if right == TIMESTAMP_MINUS_INFINITY => Ordering::Greater,
        Err(Beyond::First) => Ordering::Less,
    }
}

/// Compares a date with a timestamp.
pub fn date_cmp_timestamp(date: i32, timestamp: i64) -> Ordering {
    compare(date_to_timestamp_saturating(date).map_err(|()| Beyond::Last), timestamp)
}

/// Compares a date with a timestamp with time zone.
pub fn date_cmp_timestamptz(date: i32, timestamp: i64, zone: &TimeZone) -> Ordering {
    compare(date_to_timestamptz_or(date, zone), timestamp)
}

/// Compares a timestamp without time zone with one that has a zone.
pub fn timestamp_cmp_timestamptz(left: i64, right: i64, zone: &TimeZone) -> Ordering {
    compare(timestamp_to_timestamptz_or(left, zone), right)
}
