//! Prints intervals in the four styles.

use super::super::calendar::{USECS_PER_HOUR, USECS_PER_MINUTE, USECS_PER_SEC};
use super::super::output::{put_2, put_fraction, put_number};
use super::{INTERVAL_INFINITY, INTERVAL_MINUS_INFINITY, MONTHS_PER_YEAR};
use crate::Interval;
use crate::env::IntervalStyle;

/// An interval in fields, which all carry their own sign.
#[derive(Clone, Copy)]
struct Fields {
    years: i64,
    months: i64,
    days: i64,
    hours: i64,
    minutes: i64,
    seconds: i64,
    usec: i64,
}

impl Fields {
    fn new(value: Interval) -> Self {
        let rest = value.micros % USECS_PER_HOUR;
        Fields {
            years: i64::from(value.months / MONTHS_PER_YEAR),
            months: i64::from(value.months % MONTHS_PER_YEAR),
            days: i64::from(value.days),
            hours: value.micros / USECS_PER_HOUR,
            minutes: rest / USECS_PER_MINUTE,
            seconds: rest % USECS_PER_MINUTE / USECS_PER_SEC,
            usec: rest % USECS_PER_SEC,
        }
    }

    /// The fields of the time; they have the same sign.
    fn time(&self) -> [i64; 4] {
        [self.hours, self.minutes, self.seconds, self.usec]
    }

    fn negated(&self) -> Fields {
        Fields {
            years: -self.years,
            months: -self.months,
            days: -self.days,
            hours: -self.hours,
            minutes: -self.minutes,
            seconds: -self.seconds,
            usec: -self.usec,
        }
    }
}

/// Prints an interval.
pub(super) fn put_interval(out: &mut Vec<u8>, value: Interval, style: IntervalStyle) {
    if value == INTERVAL_INFINITY {
        return out.extend_from_slice(b"infinity");
    }
    if value == INTERVAL_MINUS_INFINITY {
        return out.extend_from_slice(b"-infinity");
    }
    let fields = Fields::new(value);
    match style {
        IntervalStyle::Postgres => put_postgres(out, &fields),
        IntervalStyle::PostgresVerbose => put_verbose(out, &fields),
        IntervalStyle::SqlStandard => put_sql(out, &fields),
        IntervalStyle::Iso8601 => put_iso(out, &fields),
    }
}

/// Seconds and fraction without sign.
fn put_seconds(out: &mut Vec<u8>, fields: &Fields, two_digits: bool) {
    let seconds = fields.seconds.unsigned_abs() as i32;
    if two_digits {
        put_2(out, seconds);
    } else {
        put_number(out, i64::from(seconds));
    }
    put_fraction(out, fields.usec.unsigned_abs() as u32);
}

/// `:MM:SS.ffffff` without sign.
fn put_minutes_seconds(out: &mut Vec<u8>, fields: &Fields) {
    out.push(b':');
    put_2(out, fields.minutes.unsigned_abs() as i32);
    out.push(b':');
    put_seconds(out, fields, true);
}

fn put_postgres(out: &mut Vec<u8>, fields: &Fields) {
    let mut is_first = true;
    let mut after_negative = false;
    for (value, name) in [(fields.years, "year"), (fields.months, "mon"), (fields.days, "day")] {
        if value == 0 {
            continue;
        }
        if !is_first {
            out.push(b' ');
        }
        if after_negative && value > 0 {
            out.push(b'+');
        }
        put_number(out, value);
        out.push(b' ');
        out.extend_from_slice(name.as_bytes());
        if value != 1 {
            out.push(b's');
        }
        after_negative = value < 0;
        is_first = false;
    }
    let time = fields.time();
    if is_first || time.iter().any(|field| *field != 0) {
        if !is_first {
            out.push(b' ');
        }
        if time.iter().any(|field| *field < 0) {
            out.push(b'-');
        } else if after_negative {
            out.push(b'+');
        }
        let hours = fields.hours.abs();
        if hours < 100 {
            put_2(out, hours as i32);
        } else {
            put_number(out, hours);
        }
        put_minutes_seconds(out, fields);
    }
}

fn put_verbose(out: &mut Vec<u8>, fields: &Fields) {
    out.push(b'@');
    let mut is_first = true;
    let mut ago = false;
    let units = [
        (fields.years, "year"),
        (fields.months, "mon"),
        (fields.days, "day"),
        (fields.hours, "hour"),
        (fields.minutes, "min"),
    ];
    for (value, name) in units {
        if value == 0 {
            continue;
        }
        if is_first {
            ago = value < 0;
        }
        let value = if ago { -value } else { value };
        out.push(b' ');
        put_number(out, value);
        out.push(b' ');
        out.extend_from_slice(name.as_bytes());
        if value != 1 {
            out.push(b's');
        }
        is_first = false;
    }
    if fields.seconds != 0 || fields.usec != 0 {
        out.push(b' ');
        let negative = fields.seconds < 0 || fields.usec < 0;
        if is_first {
            ago = negative;
        } else if negative != ago {
            out.push(b'-');
        }
        put_seconds(out, fields, false);
        out.extend_from_slice(b" sec");
        if fields.seconds.abs() != 1 || fields.usec != 0 {
            out.push(b's');
        }
        is_first = false;
    }
    if is_first {
        out.extend_from_slice(b" 0");
    }
    if ago {
        out.extend_from_slice(b" ago");
    }
}

fn put_sql(out: &mut Vec<u8>, fields: &Fields) {
    let time = fields.time();
    let date = [fields.years, fields.months, fields.days];
    let mut all = date.iter().chain(&time);
    let has_negative = all.clone().any(|field| *field < 0);
    let has_positive = all.any(|field| *field > 0);
    let has_year_month = fields.years != 0 || fields.months != 0;
    let has_day_time = fields.days != 0 || time.iter().any(|field| *field != 0);
    if !has_negative && !has_positive {
        return out.push(b'0');
    }
    if has_negative == has_positive || (has_year_month && has_day_time) {
        return put_sql_signed(out, fields);
    }
    let mut fields = *fields;
    if has_negative {
        out.push(b'-');
        fields = fields.negated();
    }
    if has_year_month {
        put_number(out, fields.years);
        out.push(b'-');
        put_number(out, fields.months);
        return;
    }
    if fields.days != 0 {
        put_number(out, fields.days);
        out.push(b' ');
    }
    put_number(out, fields.hours);
    put_minutes_seconds(out, &fields);
}

/// What the standard has no form for: all groups, each with its sign.
fn put_sql_signed(out: &mut Vec<u8>, fields: &Fields) {
    let sign = |negative: bool| if negative { b'-' } else { b'+' };
    out.push(sign(fields.years < 0 || fields.months < 0));
    put_number(out, fields.years.abs());
    out.push(b'-');
    put_number(out, fields.months.abs());
    out.push(b' ');
    out.push(sign(fields.days < 0));
    put_number(out, fields.days.abs());
    out.push(b' ');
    out.push(sign(fields.time().iter().any(|field| *field < 0)));
    put_number(out, fields.hours.abs());
    put_minutes_seconds(out, fields);
}

fn put_iso(out: &mut Vec<u8>, fields: &Fields) {
    let start = out.len();
    let put = |out: &mut Vec<u8>, value: i64, designator: u8| {
        if value != 0 {
            put_number(out, value);
            out.push(designator);
        }
    };
    out.push(b'P');
    put(out, fields.years, b'Y');
    put(out, fields.months, b'M');
    put(out, fields.days, b'D');
    if fields.time().iter().any(|field| *field != 0) {
        out.push(b'T');
        put(out, fields.hours, b'H');
        put(out, fields.minutes, b'M');
        if fields.seconds != 0 || fields.usec != 0 {
            if fields.seconds < 0 || fields.usec < 0 {
                out.push(b'-');
            }
            put_seconds(out, fields, false);
            out.push(b'S');
        }
    }
    if out.len() == start + 1 {
        out.extend_from_slice(b"T0S");
    }
}
