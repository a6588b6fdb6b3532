//! `date_trunc`.

use super::calendar::{Tm, timestamp_to_tm, tm_to_timestamp};
use super::errors::{interval_out_of_range, timestamp_out_of_range};
use super::interval::{MONTHS_PER_YEAR, is_finite_interval};
use super::parse::words::{Unit, find_unit};
use super::timestamp::{is_finite_timestamp, timestamptz_to_tm};
use super::zone::TimeZone;
use crate::Interval;
use pglitedb_sqlstate::{Error, Result, err};

/// The precision of `date_trunc`; `type_name` is for the error.
fn unit(name: &str, type_name: &str, weeks: bool) -> Result<Unit> {
    let lower = name.to_ascii_lowercase();
    match find_unit(&lower) {
        Some(Unit::Week) if !weeks => {
            Err(unsupported(&lower, type_name).detail("Months usually have fractional weeks."))
        }
        Some(Unit::Timezone | Unit::TimezoneHour | Unit::TimezoneMinute) => {
            Err(unsupported(&lower, type_name))
        }
        Some(unit) => Ok(unit),
        None => Err(unrecognized(&lower, type_name)),
    }
}

/// The type has no such field.
pub(super) fn unsupported(unit: &str, type_name: &str) -> Error {
    err!(FEATURE_NOT_SUPPORTED, "unit \"{unit}\" not supported for type {type_name}")
}

/// There is no such field.
pub(super) fn unrecognized(unit: &str, type_name: &str) -> Error {
    err!(INVALID_PARAMETER_VALUE, "unit \"{unit}\" not recognized for type {type_name}")
}

/// First year of the period of `length` years (a century or millennium, which begin with year 1).
fn period_start(year: i32, length: i32) -> i32 {
    (year - 1).div_euclid(length) * length + 1
}

/// Cuts calendar and clock down to a unit.
fn truncate(tm: &mut Tm, unit: Unit) {
    match unit {
        Unit::Microsecond => return,
        Unit::Millisecond => {
            tm.usec -= tm.usec % 1000;
            return;
        }
        _ => tm.usec = 0,
    }
    if unit == Unit::Second {
        return;
    }
    tm.sec = 0;
    if unit == Unit::Minute {
        return;
    }
    tm.min = 0;
    if unit == Unit::Hour {
        return;
    }
    tm.hour = 0;
    match unit {
        Unit::Week => {
            let jd = tm.julian_day();
            tm.set_julian_day(jd - jd.rem_euclid(7));
        }
        Unit::Month => tm.mday = 1,
        Unit::Quarter => (tm.mon, tm.mday) = ((tm.mon - 1) / 3 * 3 + 1, 1),
        Unit::Year => (tm.mon, tm.mday) = (1, 1),
        Unit::Decade => (tm.year, tm.mon, tm.mday) = (tm.year.div_euclid(10) * 10, 1, 1),
        Unit::Century => (tm.year, tm.mon, tm.mday) = (period_start(tm.year, 100), 1, 1),
        Unit::Millennium => (tm.year, tm.mon, tm.mday) = (period_start(tm.year, 1000), 1, 1),
        _ => {}
    }
}

/// `date_trunc(text, timestamp)`
pub fn timestamp_trunc(unit_name: &str, timestamp: i64) -> Result<i64> {
    let unit = unit(unit_name, "timestamp without time zone", true)?;
    if !is_finite_timestamp(timestamp) {
        return Ok(timestamp);
    }
    let mut tm = timestamp_to_tm(timestamp);
    truncate(&mut tm, unit);
    tm_to_timestamp(&tm, 0).ok_or_else(timestamp_out_of_range)
}

/// `date_trunc(text, timestamptz [, text])`
pub fn timestamptz_trunc(unit_name: &str, timestamp: i64, zone: &TimeZone) -> Result<i64> {
    let unit = unit(unit_name, "timestamp with time zone", true)?;
    if !is_finite_timestamp(timestamp) {
        return Ok(timestamp);
    }
    let (mut tm, kind) = timestamptz_to_tm(timestamp, zone);
    truncate(&mut tm, unit);
    let offset = match unit {
        // Within an hour the offset stays, or the hour that occurs twice would be mistaken.
        Unit::Microsecond | Unit::Millisecond | Unit::Second | Unit::Minute | Unit::Hour => kind.offset_east,
        _ => zone.at_local(&tm).offset_east,
    };
    tm_to_timestamp(&tm, offset).ok_or_else(timestamp_out_of_range)
}

/// `date_trunc(text, interval)`
pub fn interval_trunc(unit_name: &str, span: Interval) -> Result<Interval> {
    use super::calendar::{USECS_PER_HOUR, USECS_PER_MINUTE, USECS_PER_SEC};
    let unit = unit(unit_name, "interval", false)?;
    if !is_finite_interval(span) {
        return Ok(span);
    }
    let micros_to = |unit: i64| Interval { micros: span.micros - span.micros % unit, ..span };
    let months_to = |unit: i32| Interval { months: span.months - span.months % unit, ..Interval::default() };
    let result = match unit {
        Unit::Microsecond => span,
        Unit::Millisecond => micros_to(1000),
        Unit::Second => micros_to(USECS_PER_SEC),
        Unit::Minute => micros_to(USECS_PER_MINUTE),
        Unit::Hour => micros_to(USECS_PER_HOUR),
        Unit::Day => Interval { micros: 0, ..span },
        Unit::Month => months_to(1),
        Unit::Quarter => months_to(3),
        Unit::Year => months_to(MONTHS_PER_YEAR),
        Unit::Decade => months_to(10 * MONTHS_PER_YEAR),
        Unit::Century => months_to(100 * MONTHS_PER_YEAR),
        Unit::Millennium => months_to(1000 * MONTHS_PER_YEAR),
        _ => return Err(interval_out_of_range()),
    };
    Ok(result)
}
