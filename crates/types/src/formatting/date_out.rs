//! `to_char` of timestamps and intervals.

use super::template::{Case, Field, Item, Ordinal, Pattern, parsed};
use super::{DAYS, DAYS_SHORT, MONTHS, MONTHS_ROMAN, MONTHS_SHORT, name_at, ordinal};
use crate::datetime::calendar::{
    USECS_PER_HOUR, USECS_PER_MINUTE, USECS_PER_SEC, day_of_week, day_of_year, timestamp_to_tm,
};
use crate::datetime::{Tm, is_finite_interval, is_finite_timestamp, timestamptz_to_tm};
use crate::{Interval, TimeZone};
use pglitedb_sqlstate::{Result, err};
use std::fmt::Write;

/// The value in fields.
struct Fields<'a> {
    year: i64,
    mon: i64,
    mday: i64,
    hour: i64,
    min: i64,
    sec: i64,
    usec: i64,
    /// Sunday is 0.
    weekday: i32,
    day_of_year: i64,
    /// Seconds east and abbreviation, where there is a zone.
    zone: Option<(i32, &'a str)>,
    is_interval: bool,
}

impl<'a> Fields<'a> {
    fn of_timestamp(tm: &Tm, zone: Option<(i32, &'a str)>) -> Self {
        Fields {
            year: i64::from(tm.year),
            mon: i64::from(tm.mon),
            mday: i64::from(tm.mday),
            hour: i64::from(tm.hour),
            min: i64::from(tm.min),
            sec: i64::from(tm.sec),
            usec: i64::from(tm.usec),
            weekday: day_of_week(tm.julian_day()),
            day_of_year: i64::from(day_of_year(tm.year, tm.mon, tm.mday)),
            zone,
            is_interval: false,
        }
    }

    fn of_interval(span: Interval) -> Self {
        let rest = span.micros % USECS_PER_HOUR;
        Fields {
            year: i64::from(span.months / 12),
            mon: i64::from(span.months % 12),
            mday: i64::from(span.days),
            hour: span.micros / USECS_PER_HOUR,
            min: rest / USECS_PER_MINUTE,
            sec: rest % USECS_PER_MINUTE / USECS_PER_SEC,
            usec: rest % USECS_PER_SEC,
            weekday: 0,
            // There is no year to be a day of: the whole length in days.
            day_of_year: i64::from(span.months) * 30 + i64::from(span.days),
            zone: None,
            is_interval: true,
        }
    }

    /// The Julian day of the fields as they are. Those of an interval need not be a date.
    fn julian(&self, year: i64, mon: i64, mday: i64) -> i64 {
        let (month, year) = if mon > 2 { (mon + 1, year + 4800) } else { (mon + 13, year + 4799) };
        let century = year / 100;
        year * 365 - 32_167 + year / 4 - century + century / 4 + 7834 * month / 256 + mday
    }

    /// The Monday of the first ISO week of a year.
    fn first_monday(&self, year: i64) -> i64 {
        let fourth = self.julian(year, 1, 4);
        fourth - fourth.rem_euclid(7)
    }

    /// ISO year, ISO week and day of the ISO year.
    fn iso(&self) -> (i64, i64, i64) {
        let day = self.julian(self.year, self.mon, self.mday);
        let mut year = self.year;
        if day < self.first_monday(year) {
            year -= 1;
        }
        let mut week = (day - self.first_monday(year)) / 7 + 1;
        if week >= 52 && day >= self.first_monday(year + 1) {
            year += 1;
            week = (day - self.first_monday(year)) / 7 + 1;
        }
        (year, week, day - self.first_monday(year) + 1)
    }

    /// The year as it is shown: counted, without sign, unless it is a number of years.
    fn shown_year(&self, year: i64) -> i64 {
        if self.is_interval || year > 0 { year } else { 1 - year }
    }

    fn iso_year(&self) -> i64 {
        self.shown_year(self.iso().0)
    }
}

/// `to_char(timestamp, text)`; `None` is NULL.
pub fn timestamp_to_char(value: i64, template: &str) -> Result<Option<String>> {
    if template.is_empty() || !is_finite_timestamp(value) {
        return Ok(None);
    }
    format(&Fields::of_timestamp(&timestamp_to_tm(value), None), template).map(Some)
}

/// `to_char(timestamptz, text)`; `None` is NULL.
pub fn timestamptz_to_char(value: i64, template: &str, zone: &TimeZone) -> Result<Option<String>> {
    if template.is_empty() || !is_finite_timestamp(value) {
        return Ok(None);
    }
    let (tm, kind) = timestamptz_to_tm(value, zone);
    format(&Fields::of_timestamp(&tm, Some((kind.offset_east, &kind.abbrev))), template).map(Some)
}

/// `to_char(interval, text)`; `None` is NULL.
pub fn interval_to_char(value: Interval, template: &str) -> Result<Option<String>> {
    if template.is_empty() || !is_finite_interval(value) {
        return Ok(None);
    }
    format(&Fields::of_interval(value), template).map(Some)
}

fn format(fields: &Fields<'_>, template: &str) -> Result<String> {
    let mut out = String::new();
    for item in parsed(template).iter() {
        match item {
            Item::Separator(c) | Item::Space(c) | Item::Text(c) => out.push(*c),
            Item::Pattern(pattern) => put(&mut out, fields, pattern)?,
        }
    }
    Ok(out)
}

/// A number in at least `width` digits (a sign apart), and its ordinal suffix.
fn put_number(out: &mut String, pattern: &Pattern, value: i64, width: usize) {
    let start = out.len();
    let width = if pattern.fill { 0 } else { width + usize::from(value < 0) };
    let _ = write!(out, "{value:0width$}");
    put_ordinal(out, pattern, start);
}

/// The ordinal suffix of what was written from `start` on.
fn put_ordinal(out: &mut String, pattern: &Pattern, start: usize) {
    if let Some(case) = pattern.ordinal {
        let suffix = ordinal(out.get(start..).unwrap_or(""));
        match case {
            Ordinal::Upper => out.push_str(&suffix.to_ascii_uppercase()),
            Ordinal::Lower => out.push_str(suffix),
        }
    }
}

/// A name in the case asked for, padded to `width`.
fn put_name(out: &mut String, pattern: &Pattern, name: &str, width: usize) {
    let name = match pattern.case {
        Case::Upper => name.to_ascii_uppercase(),
        Case::Lower => name.to_ascii_lowercase(),
        Case::Title => name.to_owned(),
    };
    let width = if pattern.fill { 0 } else { width };
    let _ = write!(out, "{name:<width$}");
}

/// A word that has the pattern's case but no padding.
fn put_word(out: &mut String, pattern: &Pattern, word: &str) {
    put_name(out, pattern, word, 0);
}

fn not_for_intervals(fields: &Fields<'_>) -> Result<()> {
    if fields.is_interval {
        return Err(err!(INVALID_DATETIME_FORMAT, "invalid format specification for an interval value")
            .hint("Intervals are not tied to specific calendar dates."));
    }
    Ok(())
}

fn put(out: &mut String, fields: &Fields<'_>, pattern: &Pattern) -> Result<()> {
    match pattern.field {
        Field::Meridian | Field::MeridianDotted => {
            let is_pm = (fields.hour % 24) >= 12;
            put_word(
                out,
                pattern,
                match (pattern.field, is_pm) {
                    (Field::Meridian, true) => "PM",
                    (Field::Meridian, false) => "AM",
                    (_, true) => "P.M.",
                    (_, false) => "A.M.",
                },
            );
        }
        Field::Hour12 => {
            let hour = if fields.hour % 12 == 0 { 12 } else { fields.hour % 12 };
            // The sign of the hour decides about the width, even where twelve is shown for zero.
            let width = 2 + usize::from(fields.hour < 0 && hour >= 0);
            put_number(out, pattern, hour, width);
        }
        Field::Hour24 => put_number(out, pattern, fields.hour, 2),
        Field::Minute => put_number(out, pattern, fields.min, 2),
        Field::Second => put_number(out, pattern, fields.sec, 2),
        Field::Fraction(digits) => put_fraction(out, pattern, fields.usec, digits),
        Field::Millisecond => put_fraction(out, pattern, fields.usec, 3),
        Field::Microsecond => put_fraction(out, pattern, fields.usec, 6),
        Field::SecondOfDay => {
            put_number(out, pattern, fields.hour * 3600 + fields.min * 60 + fields.sec, 0);
        }
        Field::Zone | Field::OffsetHour | Field::OffsetMinute | Field::Offset => {
            put_zone(out, fields, pattern)?
        }
        Field::FixedWidth => {}
        _ => put_date_field(out, fields, pattern)?,
    }
    Ok(())
}

fn put_fraction(out: &mut String, pattern: &Pattern, usec: i64, digits: u32) {
    let start = out.len();
    let value = usec / 10_i64.pow(6 - digits.min(6));
    let width = digits as usize;
    let _ = write!(out, "{value:0width$}");
    put_ordinal(out, pattern, start);
}

fn put_zone(out: &mut String, fields: &Fields<'_>, pattern: &Pattern) -> Result<()> {
    not_for_intervals(fields)?;
    let (offset_east, abbrev) = fields.zone.unwrap_or((0, ""));
    let sign = if offset_east >= 0 { '+' } else { '-' };
    let seconds = offset_east.unsigned_abs();
    match pattern.field {
        Field::Zone => put_word(out, pattern, abbrev),
        Field::OffsetHour => {
            let _ = write!(out, "{sign}{:02}", seconds / 3600);
        }
        Field::OffsetMinute => {
            let _ = write!(out, "{:02}", seconds % 3600 / 60);
        }
        _ => {
            let width = if pattern.fill { 0 } else { 2 };
            let _ = write!(out, "{sign}{:0width$}", seconds / 3600);
            if seconds % 3600 != 0 {
                let _ = write!(out, ":{:02}", seconds % 3600 / 60);
            }
        }
    }
    Ok(())
}

fn put_date_field(out: &mut String, fields: &Fields<'_>, pattern: &Pattern) -> Result<()> {
    let mon = fields.mon as i32;
    match pattern.field {
        Field::Era | Field::EraDotted => {
            not_for_intervals(fields)?;
            put_word(
                out,
                pattern,
                match (pattern.field, fields.year <= 0) {
                    (Field::Era, true) => "BC",
                    (Field::Era, false) => "AD",
                    (_, true) => "B.C.",
                    (_, false) => "A.D.",
                },
            );
        }
        Field::MonthName => {
            not_for_intervals(fields)?;
            put_name(out, pattern, name_at(&MONTHS, mon - 1), if pattern.translated { 0 } else { 9 });
        }
        Field::MonthShort => {
            not_for_intervals(fields)?;
            put_name(out, pattern, name_at(&MONTHS_SHORT, mon - 1), 0);
        }
        Field::Month => put_number(out, pattern, fields.mon, 2),
        Field::DayName => {
            not_for_intervals(fields)?;
            put_name(out, pattern, name_at(&DAYS, fields.weekday), if pattern.translated { 0 } else { 9 });
        }
        Field::DayShort => {
            not_for_intervals(fields)?;
            put_name(out, pattern, name_at(&DAYS_SHORT, fields.weekday), 0);
        }
        Field::DayOfYear => put_wide(out, pattern, fields.day_of_year, 3),
        Field::IsoDayOfYear => put_wide(out, pattern, fields.iso().2, 3),
        Field::Day => put_wide(out, pattern, fields.mday, 2),
        Field::DayOfWeek => {
            not_for_intervals(fields)?;
            put_number(out, pattern, i64::from(fields.weekday) + 1, 0);
        }
        Field::IsoDayOfWeek => {
            not_for_intervals(fields)?;
            put_number(out, pattern, if fields.weekday == 0 { 7 } else { i64::from(fields.weekday) }, 0);
        }
        Field::Week => put_wide(out, pattern, (fields.day_of_year - 1) / 7 + 1, 2),
        Field::IsoWeek => put_wide(out, pattern, fields.iso().1, 2),
        Field::WeekOfMonth => put_number(out, pattern, (fields.mday - 1) / 7 + 1, 0),
        Field::Quarter if fields.mon != 0 => put_number(out, pattern, (fields.mon - 1) / 3 + 1, 0),
        Field::Quarter => {}
        Field::Julian => put_number(out, pattern, fields.julian(fields.year, fields.mon, fields.mday), 0),
        Field::MonthRoman => put_roman_month(out, fields, pattern),
        _ => put_year_field(out, fields, pattern),
    }
    Ok(())
}

/// A number whose width counts the sign.
fn put_wide(out: &mut String, pattern: &Pattern, value: i64, width: usize) {
    let start = out.len();
    let width = if pattern.fill { 0 } else { width };
    let _ = write!(out, "{value:0width$}");
    put_ordinal(out, pattern, start);
}

fn put_roman_month(out: &mut String, fields: &Fields<'_>, pattern: &Pattern) {
    let month = match fields.mon {
        // Whole years of an interval end with December.
        0 if fields.year == 0 => return,
        0 if fields.year > 0 => 11,
        0 => 0,
        // -1 is December, -2 November, ...
        ..0 => fields.mon + 12,
        _ => fields.mon - 1,
    };
    put_name(out, pattern, name_at(&MONTHS_ROMAN, month as i32), 4);
}

fn put_year_field(out: &mut String, fields: &Fields<'_>, pattern: &Pattern) {
    match pattern.field {
        Field::Century => {
            let century = if fields.is_interval {
                fields.year / 100
            } else if fields.year > 0 {
                (fields.year - 1) / 100 + 1
            } else {
                // The 1st century BC is -1.
                fields.year / 100 - 1
            };
            let width = if (-99..=99).contains(&century) { 2 } else { 0 };
            put_number(out, pattern, century, width);
        }
        Field::YearComma => {
            let start = out.len();
            let year = fields.shown_year(fields.year);
            let _ = write!(out, "{},{:03}", year / 1000, year % 1000);
            put_ordinal(out, pattern, start);
        }
        Field::Year(digits) => put_year(out, pattern, fields, fields.shown_year(fields.year), digits),
        Field::IsoYear(digits) => put_year(out, pattern, fields, fields.iso_year(), digits),
        _ => {}
    }
}

/// The last digits of a year. The sign of the calendar year decides about the width, that of ISO years, too.
fn put_year(out: &mut String, pattern: &Pattern, fields: &Fields<'_>, year: i64, digits: u32) {
    let width = digits as usize + usize::from(digits > 1 && fields.shown_year(fields.year) < 0);
    put_wide(out, pattern, if digits == 4 { year } else { year % 10_i64.pow(digits) }, width);
}
