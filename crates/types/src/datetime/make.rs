//! Values made of numbers: `make_date` and its relatives, `to_timestamp(double precision)`.

use super::at_zone::ZoneName;
use super::calendar::{
    EPOCH_JD, MIN_DATE, SECS_PER_DAY, TIMESTAMP_INFINITY, TIMESTAMP_MINUS_INFINITY, Tm,
    UNIX_EPOCH_SHIFT_SECS, USECS_PER_DAY, USECS_PER_SEC, days_in_month, is_valid_julian, is_valid_timestamp,
    time_micros,
};
use super::date::ymd_to_date;
use super::parse::{ParseError, parse_offset};
use super::zone::TimeZone;
use pglitedb_sqlstate::{Error, Result, bail, err};

/// First day (from 2000-01-01) that no timestamp reaches.
const END_TIMESTAMP_DAY: i64 = 109_203_528 - EPOCH_JD;

/// `printf("%02g")`: six significant digits.
fn format_g(value: f64) -> String {
    if !value.is_finite() {
        return if value.is_nan() {
            "NaN"
        } else if value < 0.0 {
            "-Infinity"
        } else {
            "Infinity"
        }
        .to_owned();
    }
    let scientific = format!("{value:.5e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let trim = |text: &str| match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text.to_owned(),
    };

    if (-4..6).contains(&exponent) {
        trim(&format!("{value:.*}", (5 - exponent) as usize))
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{}e{sign}{:02}", trim(mantissa), exponent.abs())
    }
}

/// `%02g`
fn format_02g(value: f64) -> String {
    format!("{:0>2}", format_g(value))
}

/// Year as fields count it, for a year as people count it (-1 is 1 BC); checks month and day.
fn calendar_year(year: i32, month: i32, day: i32) -> Result<i32> {
    let astronomical = astronomical_year(year);
    let valid = astronomical.is_some_and(|year| day <= days_in_month(year, month));
    match astronomical {
        Some(year) if valid && (1..=12).contains(&month) && day >= 1 => Ok(year),
        _ => Err(err!(DATETIME_FIELD_OVERFLOW, "date field value out of range: {year}-{month:02}-{day:02}")),
    }
}

/// The year with a year zero; `None` for zero, which does not exist.
fn astronomical_year(year: i32) -> Option<i32> {
    match year {
        0 | i32::MIN => None,
        ..0 => Some(year + 1),
        _ => Some(year),
    }
}

/// Microseconds since midnight; `None` if a field is out of range.
fn clock(hour: i32, min: i32, sec: f64) -> Option<i64> {
    let micros = (sec * USECS_PER_SEC as f64).round_ties_even();
    if !(0..=24).contains(&hour) || !(0..60).contains(&min) || !(0.0..=60e6).contains(&micros) {
        return None;
    }
    let total = time_micros(hour, min, 0, 0) + micros as i64;
    (total <= USECS_PER_DAY).then_some(total)
}

fn time_out_of_range(hour: i32, min: i32, sec: f64) -> Error {
    let sec = format_02g(sec);
    err!(DATETIME_FIELD_OVERFLOW, "time field value out of range: {hour}:{min:02}:{sec}")
}

/// `make_date`
pub fn make_date(year: i32, month: i32, day: i32) -> Result<i32> {
    // Years before Christ are reported as they are counted inside.
    let shown = astronomical_year(year).unwrap_or(year);
    let astronomical = calendar_year(year, month, day).map_err(|_| {
        err!(DATETIME_FIELD_OVERFLOW, "date field value out of range: {shown}-{month:02}-{day:02}")
    })?;
    let year = shown;
    ymd_to_date(astronomical, month, day)
        .ok_or_else(|| err!(DATETIME_FIELD_OVERFLOW, "date out of range: {year}-{month:02}-{day:02}"))
}

/// `make_time`
pub fn make_time(hour: i32, min: i32, sec: f64) -> Result<i64> {
    clock(hour, min, sec).ok_or_else(|| time_out_of_range(hour, min, sec))
}

/// `make_timestamp`
pub fn make_timestamp(date: [i32; 3], hour: i32, min: i32, sec: f64) -> Result<i64> {
    let [year, month, day] = date;
    let astronomical = calendar_year(year, month, day)?;
    if !is_valid_julian(astronomical, month) {
        bail!(DATETIME_FIELD_OVERFLOW, "date out of range: {year}-{month:02}-{day:02}");
    }
    let time = clock(hour, min, sec).ok_or_else(|| time_out_of_range(hour, min, sec))?;
    let midnight = Tm { year: astronomical, mon: month, mday: day, ..Tm::default() };
    let days = midnight.julian_day() - EPOCH_JD;
    let result = i128::from(days) * i128::from(USECS_PER_DAY) + i128::from(time);
    match i64::try_from(result) {
        Ok(result) if is_valid_timestamp(result) => Ok(result),
        _ => {
            let sec = format_02g(sec);
            bail!(
                DATETIME_FIELD_OVERFLOW,
                "timestamp out of range: {year}-{month:02}-{day:02} {hour}:{min:02}:{sec}"
            )
        }
    }
}

/// The zone argument of `make_timestamptz`: an offset with a sign, or a name.
pub fn make_timestamptz_zone(text: &str, session: &TimeZone) -> Result<ZoneName> {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(err!(
            INVALID_PARAMETER_VALUE,
            "invalid input syntax for type numeric time zone: \"{text}\""
        )
        .hint("Numeric time zones must have \"-\" or \"+\" as first character."));
    }
    match parse_offset(text) {
        Ok(offset) => Ok(ZoneName::Offset(offset)),
        Err(ParseError::ZoneOverflow) => {
            bail!(INVALID_PARAMETER_VALUE, "numeric time zone \"{text}\" out of range")
        }
        Err(_) => ZoneName::resolve(text, session),
    }
}

/// `to_timestamp(double precision)`: seconds since 1970.
pub fn timestamptz_from_epoch(seconds: f64) -> Result<i64> {
    if seconds.is_nan() {
        bail!(DATETIME_FIELD_OVERFLOW, "timestamp cannot be NaN");
    }
    if seconds.is_infinite() {
        return Ok(if seconds < 0.0 { TIMESTAMP_MINUS_INFINITY } else { TIMESTAMP_INFINITY });
    }
    let first = (i64::from(MIN_DATE) * SECS_PER_DAY + UNIX_EPOCH_SHIFT_SECS) as f64;
    let end = (END_TIMESTAMP_DAY * SECS_PER_DAY + UNIX_EPOCH_SHIFT_SECS) as f64;
    let out_of_range = || err!(DATETIME_FIELD_OVERFLOW, "timestamp out of range: \"{}\"", format_g(seconds));
    if seconds < first || seconds >= end {
        return Err(out_of_range());
    }
    let micros = ((seconds - UNIX_EPOCH_SHIFT_SECS as f64) * USECS_PER_SEC as f64).round_ties_even() as i64;
    if is_valid_timestamp(micros) { Ok(micros) } else { Err(out_of_range()) }
}
