//! `extract` and `date_part`.

use super::arith::date_to_timestamp;
use super::calendar::{
    EPOCH_JD, SECS_PER_DAY, Tm, UNIX_EPOCH_JD, UNIX_EPOCH_SHIFT_SECS, USECS_PER_DAY, USECS_PER_HOUR,
    USECS_PER_MINUTE, USECS_PER_SEC, day_of_week, day_of_year, iso_year_week, timestamp_to_tm,
};
use super::date::is_finite_date;
use super::interval::{DAYS_PER_MONTH, MONTHS_PER_YEAR, is_finite_interval};
use super::parse::words::{Unit, Word, find_unit, find_word};
use super::timestamp::{is_finite_timestamp, timestamptz_to_tm};
use super::trunc::{unrecognized, unsupported};
use super::zone::TimeZone;
use crate::{Interval, TimeTz};
use pglitedb_sqlstate::Result;

/// A field's value, before it becomes a `numeric` (`extract`) or a `double precision` (`date_part`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extracted {
    /// Infinity has no such field: NULL.
    Null,
    /// `infinity` or `-infinity` (`true`: negative).
    Infinite(bool),
    /// A whole number.
    Int(i64),
    /// Microseconds, to be shown as milliseconds with three digits.
    Millis(i64),
    /// Microseconds, to be shown as seconds with six digits.
    Seconds(i64),
    /// Microseconds since some epoch, to be shown as seconds with six digits.
    Epoch(i128),
    /// A Julian day and the microseconds of that day.
    Julian(i64, i64),
}

impl Extracted {
    /// For `date_part`; `None` is NULL.
    pub fn to_f64(self) -> Option<f64> {
        let whole = |micros: i64| (micros / USECS_PER_SEC) as f64;
        let rest = |micros: i64| (micros % USECS_PER_SEC) as f64;
        Some(match self {
            Extracted::Null => return None,
            Extracted::Infinite(true) => f64::NEG_INFINITY,
            Extracted::Infinite(false) => f64::INFINITY,
            Extracted::Int(value) => value as f64,
            Extracted::Millis(micros) => whole(micros) * 1000.0 + rest(micros) / 1000.0,
            Extracted::Seconds(micros) => whole(micros) + rest(micros) / 1e6,
            Extracted::Epoch(micros) => micros as f64 / 1e6,
            Extracted::Julian(day, micros) => {
                day as f64 + (whole(micros) + rest(micros) / 1e6) / SECS_PER_DAY as f64
            }
        })
    }
}

/// The name of a field.
enum Field {
    Unit(Unit),
    /// A word of dates that is no field.
    Reserved,
}

fn field(lower: &str, type_name: &str) -> Result<Field> {
    if let Some(unit) = find_unit(lower) {
        return Ok(Field::Unit(unit));
    }
    match find_word(lower) {
        Some(Word::Unit(unit)) => Ok(Field::Unit(unit)),
        Some(Word::Epoch) => Ok(Field::Unit(Unit::Epoch)),
        Some(Word::Now | Word::Day(_) | Word::AllBalls | Word::Infinity | Word::MinusInfinity) => {
            Ok(Field::Reserved)
        }
        _ => Err(unrecognized(lower, type_name)),
    }
}

/// Parses the name and asks `value` for the field; `value` answers `None` for fields that the type does not have.
fn extract(name: &str, type_name: &str, value: impl FnOnce(Unit) -> Option<Extracted>) -> Result<Extracted> {
    // Mostly the grammar has lowered the name already.
    let lowered;
    let lower = if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        lowered = name.to_ascii_lowercase();
        lowered.as_str()
    } else {
        name
    };
    match field(lower, type_name)? {
        Field::Unit(unit) => value(unit).ok_or_else(|| unsupported(lower, type_name)),
        // Intervals and times of day know no such words at all.
        Field::Reserved if !type_name.starts_with("timestamp") && type_name != "date" => {
            Err(unrecognized(lower, type_name))
        }
        Field::Reserved => Err(unsupported(lower, type_name)),
    }
}

/// The year as people count it: there is no year zero.
fn counted_year(year: i32) -> i64 {
    i64::from(if year > 0 { year } else { year - 1 })
}

/// Number of the period of `length` years that a year belongs to; the first one begins with year 1.
fn period(year: i32, length: i32) -> i64 {
    let number = i64::from((year - 1).div_euclid(length)) + 1;
    if number > 0 { number } else { number - 1 }
}

/// Fields of the calendar.
fn date_field(tm: &Tm, unit: Unit) -> Option<i64> {
    Some(match unit {
        Unit::Day => i64::from(tm.mday),
        Unit::Month => i64::from(tm.mon),
        Unit::Quarter => i64::from((tm.mon - 1) / 3 + 1),
        Unit::Week => i64::from(iso_year_week(tm.year, tm.mon, tm.mday).1),
        Unit::Year => counted_year(tm.year),
        Unit::IsoYear => counted_year(iso_year_week(tm.year, tm.mon, tm.mday).0),
        Unit::Decade => i64::from(tm.year.div_euclid(10)),
        Unit::Century => period(tm.year, 100),
        Unit::Millennium => period(tm.year, 1000),
        Unit::DayOfWeek => i64::from(day_of_week(tm.julian_day())),
        Unit::IsoDayOfWeek => match day_of_week(tm.julian_day()) {
            0 => 7,
            day => i64::from(day),
        },
        Unit::DayOfYear => i64::from(day_of_year(tm.year, tm.mon, tm.mday)),
        _ => return None,
    })
}

/// Fields of the clock.
fn time_field(micros: i64, unit: Unit) -> Option<Extracted> {
    let in_minute = micros % USECS_PER_MINUTE;
    Some(match unit {
        Unit::Microsecond => Extracted::Int(in_minute),
        Unit::Millisecond => Extracted::Millis(in_minute),
        Unit::Second => Extracted::Seconds(in_minute),
        Unit::Minute => Extracted::Int(micros % USECS_PER_HOUR / USECS_PER_MINUTE),
        Unit::Hour => Extracted::Int(micros / USECS_PER_HOUR),
        _ => return None,
    })
}

fn zone_field(offset_east: i32, unit: Unit) -> Option<Extracted> {
    Some(Extracted::Int(i64::from(match unit {
        Unit::Timezone => offset_east,
        Unit::TimezoneHour => offset_east / 3600,
        Unit::TimezoneMinute => offset_east % 3600 / 60,
        _ => return None,
    })))
}

/// Fields of infinite dates and timestamps: those that only grow are infinite, the others NULL.
fn infinite_field(unit: Unit, negative: bool, has_time: bool) -> Option<Extracted> {
    match unit {
        Unit::Year
        | Unit::Decade
        | Unit::Century
        | Unit::Millennium
        | Unit::Julian
        | Unit::IsoYear
        | Unit::Epoch => Some(Extracted::Infinite(negative)),
        Unit::Timezone
        | Unit::TimezoneHour
        | Unit::TimezoneMinute
        | Unit::Microsecond
        | Unit::Millisecond
        | Unit::Second
        | Unit::Minute
        | Unit::Hour => has_time.then_some(Extracted::Null),
        _ => Some(Extracted::Null),
    }
}

fn timestamp_field(tm: &Tm, unit: Unit) -> Option<Extracted> {
    match unit {
        Unit::Julian => Some(Extracted::Julian(tm.julian_day(), tm.time_micros())),
        _ => time_field(tm.time_micros(), unit).or_else(|| date_field(tm, unit).map(Extracted::Int)),
    }
}

fn epoch(timestamp: i64) -> Extracted {
    Extracted::Epoch(i128::from(timestamp) + i128::from(UNIX_EPOCH_SHIFT_SECS * USECS_PER_SEC))
}

/// A field of a date.
pub fn extract_date(name: &str, date: i32) -> Result<Extracted> {
    extract(name, "date", |unit| {
        if !is_finite_date(date) {
            return infinite_field(unit, date < 0, false);
        }
        let days = i64::from(date) + EPOCH_JD;
        match unit {
            Unit::Julian => Some(Extracted::Int(days)),
            Unit::Epoch => Some(Extracted::Int((days - UNIX_EPOCH_JD) * SECS_PER_DAY)),
            _ => {
                let mut tm = Tm::default();
                tm.set_julian_day(days);
                date_field(&tm, unit).map(Extracted::Int)
            }
        }
    })
}

/// A field of a timestamp without time zone.
pub fn extract_timestamp(name: &str, timestamp: i64) -> Result<Extracted> {
    extract(name, "timestamp without time zone", |unit| {
        if !is_finite_timestamp(timestamp) {
            return infinite_field(unit, timestamp < 0, true);
        }
        match unit {
            Unit::Epoch => Some(epoch(timestamp)),
            _ => timestamp_field(&timestamp_to_tm(timestamp), unit),
        }
    })
}

/// A field of a timestamp with time zone.
pub fn extract_timestamptz(name: &str, timestamp: i64, zone: &TimeZone) -> Result<Extracted> {
    extract(name, "timestamp with time zone", |unit| {
        if !is_finite_timestamp(timestamp) {
            return infinite_field(unit, timestamp < 0, true);
        }
        if unit == Unit::Epoch {
            return Some(epoch(timestamp));
        }
        let (tm, kind) = timestamptz_to_tm(timestamp, zone);
        timestamp_field(&tm, unit).or_else(|| zone_field(kind.offset_east, unit))
    })
}

/// A field of a time of day.
pub fn extract_time(name: &str, time: i64) -> Result<Extracted> {
    extract(name, "time without time zone", |unit| match unit {
        Unit::Epoch => Some(Extracted::Epoch(i128::from(time))),
        _ => time_field(time, unit),
    })
}

/// A field of a time of day with time zone.
pub fn extract_timetz(name: &str, time: TimeTz) -> Result<Extracted> {
    extract(name, "time with time zone", |unit| match unit {
        Unit::Epoch => Some(Extracted::Epoch(i128::from(super::timetz_utc_micros(time)))),
        _ => time_field(time.micros, unit).or_else(|| zone_field(time.zone.saturating_neg(), unit)),
    })
}

/// A field of an interval.
pub fn extract_interval(name: &str, span: Interval) -> Result<Extracted> {
    extract(name, "interval", |unit| {
        if !is_finite_interval(span) {
            return match unit {
                Unit::Microsecond
                | Unit::Millisecond
                | Unit::Second
                | Unit::Minute
                | Unit::Week
                | Unit::Month
                | Unit::Quarter => Some(Extracted::Null),
                Unit::Hour
                | Unit::Day
                | Unit::Year
                | Unit::Decade
                | Unit::Century
                | Unit::Millennium
                | Unit::Epoch => Some(Extracted::Infinite(span.months < 0)),
                _ => None,
            };
        }
        let years = span.months / MONTHS_PER_YEAR;
        let months = span.months % MONTHS_PER_YEAR;
        let value = match unit {
            Unit::Day => span.days,
            Unit::Week => span.days / 7,
            Unit::Month => months,
            Unit::Quarter if span.months >= 0 => months / 3 + 1,
            Unit::Quarter => -(-months / 3 + 1),
            Unit::Year => years,
            Unit::Decade => years / 10,
            Unit::Century => years / 100,
            Unit::Millennium => years / 1000,
            Unit::Epoch => return Some(Extracted::Epoch(interval_epoch(span))),
            _ => return time_field(span.micros, unit),
        };
        Some(Extracted::Int(i64::from(value)))
    })
}

/// Microseconds of an interval with years of 365.25 days.
fn interval_epoch(span: Interval) -> i128 {
    let years = i128::from(span.months / MONTHS_PER_YEAR);
    let months = i128::from(span.months % MONTHS_PER_YEAR);
    let quarter_days = years * 1461 + (months * i128::from(DAYS_PER_MONTH) + i128::from(span.days)) * 4;
    quarter_days * i128::from(USECS_PER_DAY / 4) + i128::from(span.micros)
}

/// `date_part(text, date)`, which goes by way of a timestamp.
pub fn date_part_date(name: &str, date: i32) -> Result<Extracted> {
    extract_timestamp(name, date_to_timestamp(date)?)
}
