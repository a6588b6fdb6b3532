//! `to_date` and `to_timestamp(text, text)`.

use super::template::{Convention, Field, Item, Pattern, is_separator, is_space, parsed};
use super::{DAYS, DAYS_SHORT, MONTHS, MONTHS_ROMAN, MONTHS_SHORT};
use crate::TimeZone;
use crate::datetime::calendar::{
    civil_from_julian, days_in_month, is_leap_year, is_valid_julian, iso_week_to_julian, julian_day,
    tm_to_timestamp,
};
use crate::datetime::zone::{ZoneAbbreviation, find_abbreviation};
use crate::datetime::{Tm, ZoneName, timestamp_apply_typmod, ymd_to_date};
use pglitedb_sqlstate::{Error, Result, bail, err};

/// `to_date(text, text)`
pub fn to_date(text: &str, template: &str, session: &TimeZone) -> Result<i32> {
    let parts = Reader::read(text, template, session)?;
    let (tm, _) = parts.resolve(text)?;
    let out_of_range = || err!(DATETIME_FIELD_OVERFLOW, "date out of range: \"{text}\"");
    if !is_valid_julian(tm.year, tm.mon) {
        return Err(out_of_range());
    }
    ymd_to_date(tm.year, tm.mon, tm.mday).ok_or_else(out_of_range)
}

/// `to_timestamp(text, text)`
pub fn to_timestamp(text: &str, template: &str, session: &TimeZone) -> Result<i64> {
    let parts = Reader::read(text, template, session)?;
    let (tm, offset) = parts.resolve(text)?;
    let offset = offset.unwrap_or_else(|| session.at_local(&tm).offset_east);
    let value = tm_to_timestamp(&tm, offset)
        .ok_or_else(|| err!(DATETIME_FIELD_OVERFLOW, "timestamp out of range"))?;
    if parts.fraction_digits > 0 { timestamp_apply_typmod(value, parts.fraction_digits) } else { Ok(value) }
}

/// What the text gave. Zero is "not given", as a field may be given twice only with the same value.
#[derive(Default)]
pub(super) struct Parts {
    convention: Option<Convention>,
    hour: i32,
    is_pm: i32,
    minute: i32,
    second: i32,
    second_of_day: i32,
    /// Sunday is 1.
    weekday: i32,
    day: i32,
    day_of_year: i32,
    month: i32,
    millis: i32,
    year: i32,
    is_bc: i32,
    iso_week: i32,
    week: i32,
    week_of_month: i32,
    century: i32,
    julian: i32,
    micros: i32,
    /// Digits of the year pattern.
    year_digits: u32,
    twelve_hours: bool,
    pub(super) fraction_digits: i32,
    /// -1, 0 (no offset) or 1.
    zone_sign: i32,
    zone_hour: i32,
    zone_minute: i32,
    zone: Option<ZoneName>,
}

pub(super) struct Reader<'a> {
    rest: &'a str,
    /// All that was read so far lies before `rest`.
    text: &'a str,
    parts: Parts,
    /// `FX`: no liberties with spaces.
    fixed: bool,
    /// Characters skipped beyond those that the template asked for.
    extra_skip: i32,
    session: &'a TimeZone,
}

/// A year of fewer than four digits is the one nearest to 2020.
fn nearest_to_2020(year: i32) -> i32 {
    match year {
        ..70 => year.saturating_add(2000),
        70..100 => year + 1900,
        100..520 => year + 2000,
        520..1000 => year + 1000,
        _ => year,
    }
}

impl<'a> Reader<'a> {
    fn read(text: &'a str, template: &str, session: &'a TimeZone) -> Result<Parts> {
        Self::read_items(text, &parsed(template), session, false)
    }

    /// Reads by a parsed template. `exact`: separators and text must be the template's, and nothing may be left.
    pub(super) fn read_items(
        text: &'a str,
        items: &[Item],
        session: &'a TimeZone,
        exact: bool,
    ) -> Result<Parts> {
        let mut reader =
            Reader { rest: text, text, parts: Parts::default(), fixed: exact, extra_skip: 0, session };
        let mut done = 0;
        for (at, item) in items.iter().enumerate() {
            if reader.rest.is_empty() {
                break;
            }
            done = at + 1;
            let is_pattern = matches!(item, Item::Pattern(_));
            let is_fx = matches!(item, Item::Pattern(Pattern { field: Field::FixedWidth, .. }));
            if !reader.fixed && !is_fx && (is_pattern || at == 0) {
                reader.skip_spaces();
            }
            match item {
                Item::Space(c) | Item::Separator(c) if exact => {
                    if !reader.rest.starts_with(*c) {
                        bail!(INVALID_DATETIME_FORMAT, "unmatched format separator \"{c}\"");
                    }
                    reader.skip_char();
                }
                Item::Text(c) if exact => {
                    if !reader.rest.starts_with(*c) {
                        bail!(INVALID_DATETIME_FORMAT, "unmatched format character \"{c}\"");
                    }
                    reader.skip_char();
                }
                Item::Space(_) | Item::Separator(_) => reader.skip_separator(),
                Item::Text(_) if !reader.fixed && reader.extra_skip > 0 => reader.extra_skip -= 1,
                Item::Text(_) => reader.skip_char(),
                Item::Pattern(pattern) => {
                    reader.field(pattern, followed_by_non_digit(pattern, items.get(at + 1)))?;
                    if !reader.fixed {
                        reader.extra_skip = 0;
                        reader.skip_spaces();
                    }
                }
            }
        }
        if exact && done < items.len() {
            bail!(INVALID_DATETIME_FORMAT, "input string is too short for datetime format");
        }
        if exact && !reader.rest.trim_start_matches(is_space).is_empty() {
            bail!(
                INVALID_DATETIME_FORMAT,
                "trailing characters remain in input string after datetime format"
            );
        }
        Ok(reader.parts)
    }

    fn skip_spaces(&mut self) {
        let rest = self.rest.trim_start_matches(is_space);
        self.extra_skip += (self.rest.len() - rest.len()) as i32;
        self.rest = rest;
    }

    fn skip_char(&mut self) {
        let mut chars = self.rest.chars();
        chars.next();
        self.rest = chars.as_str();
    }

    /// One space or separator of the template stands for one or none in the text; with `FX` for any character.
    fn skip_separator(&mut self) {
        if self.fixed {
            return self.skip_char();
        }
        self.extra_skip -= 1;
        if self.rest.starts_with(|c| is_space(c) || is_separator(c)) {
            self.skip_char();
            self.extra_skip += 1;
        }
    }

    fn skip_ordinal(&mut self, pattern: &Pattern) {
        if pattern.ordinal.is_some() {
            self.skip_char();
            self.skip_char();
        }
    }

    fn field(&mut self, pattern: &Pattern, open_ended: bool) -> Result<()> {
        if let Some(convention) = pattern.field.convention() {
            if self.parts.convention.is_some_and(|before| before != convention) {
                return Err(err!(INVALID_DATETIME_FORMAT, "invalid combination of date conventions")
                    .hint("Do not mix Gregorian and ISO week date conventions in a formatting template."));
            }
            self.parts.convention = Some(convention);
        }
        let default_len = pattern.name.len();
        macro_rules! int {
            ($field:ident, $len:expr) => {{
                let (value, len) = self.int(pattern, $len, open_ended)?;
                set(&mut self.parts.$field, value, pattern)?;
                self.skip_ordinal(pattern);
                len
            }};
        }
        match pattern.field {
            Field::FixedWidth => self.fixed = true,
            Field::Meridian | Field::MeridianDotted => {
                let names: &[&str] =
                    if pattern.field == Field::Meridian { &["am", "pm"] } else { &["a.m.", "p.m."] };
                let at = self.name(pattern, names)?;
                set(&mut self.parts.is_pm, at, pattern)?;
                self.parts.twelve_hours = true;
            }
            Field::Hour12 => {
                int!(hour, 2);
                self.parts.twelve_hours = true;
            }
            Field::Hour24 => drop(int!(hour, 2)),
            Field::Minute => drop(int!(minute, default_len)),
            Field::Second => drop(int!(second, default_len)),
            Field::SecondOfDay => drop(int!(second_of_day, default_len)),
            Field::Millisecond => {
                let (value, len) = self.int(pattern, 3, open_ended)?;
                set(&mut self.parts.millis, value, pattern)?;
                // 25 is 0.25.
                self.parts.millis = scaled(self.parts.millis, len, 3);
                self.skip_ordinal(pattern);
            }
            Field::Microsecond => self.fraction(pattern, 6, open_ended)?,
            Field::Fraction(digits) => {
                self.parts.fraction_digits = digits as i32;
                self.fraction(pattern, digits as usize, open_ended)?;
            }
            Field::Zone => self.zone(pattern, open_ended)?,
            Field::Offset => self.offset(pattern, open_ended)?,
            Field::OffsetHour => {
                self.offset_sign();
                let (value, _) = self.int(pattern, 2, open_ended)?;
                set(&mut self.parts.zone_hour, value, pattern)?;
            }
            Field::OffsetMinute => {
                if self.parts.zone_sign == 0 {
                    self.parts.zone_sign = 1;
                }
                let (value, _) = self.int(pattern, 2, open_ended)?;
                set(&mut self.parts.zone_minute, value, pattern)?;
            }
            Field::Era | Field::EraDotted => {
                let names: &[&str] =
                    if pattern.field == Field::Era { &["ad", "bc"] } else { &["a.d.", "b.c."] };
                let at = self.name(pattern, names)?;
                set(&mut self.parts.is_bc, at, pattern)?;
            }
            Field::MonthName | Field::MonthShort => {
                let names = if pattern.field == Field::MonthName { &MONTHS } else { &MONTHS_SHORT };
                let at = self.name(pattern, names)?;
                set(&mut self.parts.month, at + 1, pattern)?;
            }
            Field::Month => drop(int!(month, default_len)),
            Field::MonthRoman => {
                // Longer ones first: VIII before VII before VI.
                let names: Vec<&str> = MONTHS_ROMAN.iter().rev().copied().collect();
                let at = self.name(pattern, &names)?;
                set(&mut self.parts.month, 12 - at, pattern)?;
            }
            Field::DayName | Field::DayShort => {
                let names = if pattern.field == Field::DayName { &DAYS } else { &DAYS_SHORT };
                let at = self.name(pattern, names)?;
                set(&mut self.parts.weekday, at, pattern)?;
                self.parts.weekday += 1;
            }
            Field::DayOfYear => drop(int!(day_of_year, default_len)),
            Field::IsoDayOfYear => drop(int!(day_of_year, 3)),
            Field::Day => drop(int!(day, default_len)),
            Field::DayOfWeek => drop(int!(weekday, default_len)),
            Field::IsoDayOfWeek => {
                int!(weekday, 1);
                self.parts.weekday = if self.parts.weekday >= 7 { 1 } else { self.parts.weekday + 1 };
            }
            Field::Week => drop(int!(week, default_len)),
            Field::IsoWeek => drop(int!(iso_week, default_len)),
            Field::WeekOfMonth => drop(int!(week_of_month, default_len)),
            Field::Quarter => {
                // Read, but it says too little about a date to be used.
                self.int(pattern, default_len, open_ended)?;
                self.skip_ordinal(pattern);
            }
            Field::Century => drop(int!(century, default_len)),
            Field::Julian => drop(int!(julian, default_len)),
            Field::YearComma => self.year_with_comma(pattern)?,
            Field::Year(digits) | Field::IsoYear(digits) => {
                let (value, len) = self.int(pattern, default_len, open_ended)?;
                set(&mut self.parts.year, value, pattern)?;
                if digits < 4 && len < 4 {
                    self.parts.year = nearest_to_2020(self.parts.year);
                }
                self.parts.year_digits = digits;
                self.skip_ordinal(pattern);
            }
        }
        Ok(())
    }

    fn fraction(&mut self, pattern: &Pattern, digits: usize, open_ended: bool) -> Result<()> {
        let (value, len) = self.int(pattern, digits, open_ended)?;
        set(&mut self.parts.micros, value, pattern)?;
        self.parts.micros = scaled(self.parts.micros, len, 6);
        self.skip_ordinal(pattern);
        Ok(())
    }

    /// An integer of `len` characters, or of any length if `FM` was given or no digit may follow. Answers the number of
    /// characters used, too.
    fn int(&mut self, pattern: &Pattern, len: usize, open_ended: bool) -> Result<(i32, usize)> {
        let before = self.rest;
        let trimmed = before.trim_start_matches(is_space);
        let copy = prefix(trimmed, len);
        let source = if pattern.fill || open_ended { trimmed } else { copy };
        if !(pattern.fill || open_ended) && trimmed.len() < len {
            return Err(err!(
                INVALID_DATETIME_FORMAT,
                "source string too short for \"{}\" formatting field",
                pattern.name
            )
            .detail(format!("Field requires {len} characters, but only {} remain.", trimmed.len()))
            .hint("If your source string is not fixed-width, try using the \"FM\" modifier."));
        }
        let used = integer_len(source);
        if !(pattern.fill || open_ended) && used > 0 && used < len {
            return Err(invalid_value(copy, pattern)
                .detail(format!("Field requires {len} characters, but only {used} could be parsed."))
                .hint("If your source string is not fixed-width, try using the \"FM\" modifier."));
        }
        if used == 0 {
            return Err(invalid_value(copy, pattern).detail("Value must be an integer."));
        }
        let digits = source.get(..used).unwrap_or("").trim_start_matches(is_space);
        let Ok(value) = digits.parse::<i32>() else {
            return Err(out_of_range(pattern).detail(format!(
                "Value must be in the range {} to {}.",
                i32::MIN,
                i32::MAX
            )));
        };
        self.rest = trimmed.get(used..).unwrap_or("");
        Ok((value, before.len() - self.rest.len()))
    }

    /// The index of the first name that the text begins with, in whatever case.
    fn name(&mut self, pattern: &Pattern, names: &[&str]) -> Result<i32> {
        let is_prefix =
            |name: &&str| self.rest.get(..name.len()).is_some_and(|text| text.eq_ignore_ascii_case(name));
        match names.iter().position(is_prefix) {
            Some(at) => {
                let len = names.get(at).map_or(0, |name| name.len());
                self.rest = self.rest.get(len..).unwrap_or("");
                Ok(at as i32)
            }
            None => {
                let word = self.rest.split(is_space).next().unwrap_or("");
                Err(invalid_value(word, pattern)
                    .detail("The given value did not match any of the allowed values for this field."))
            }
        }
    }

    /// A sign before an offset; a minus may have been taken for a separator.
    fn offset_sign(&mut self) {
        let swallowed_minus = || {
            let before = self.text.len() - self.rest.len();
            self.extra_skip > 0 && self.text.get(..before).is_some_and(|text| text.ends_with('-'))
        };
        self.parts.zone_sign = match self.rest.chars().next() {
            Some('-') => -1,
            Some('+' | ' ') => 1,
            _ if swallowed_minus() => -1,
            _ => 1,
        };
        if self.rest.starts_with(['-', '+', ' ']) {
            self.skip_char();
        }
    }

    fn offset(&mut self, pattern: &Pattern, open_ended: bool) -> Result<()> {
        self.offset_sign();
        let (hour, _) = self.int(pattern, 2, open_ended)?;
        set(&mut self.parts.zone_hour, hour, pattern)?;
        if let Some(rest) = self.rest.strip_prefix(':') {
            self.rest = rest;
            let (minute, _) = self.int(pattern, 2, open_ended)?;
            set(&mut self.parts.zone_minute, minute, pattern)?;
        }
        Ok(())
    }

    /// The longest abbreviation, or else an offset.
    fn zone(&mut self, pattern: &Pattern, open_ended: bool) -> Result<()> {
        let letters = self.rest.bytes().take_while(u8::is_ascii_alphabetic).count().min(10);
        for len in (1..=letters).rev() {
            let name = self.rest.get(..len).unwrap_or("");
            let upper = name.to_ascii_uppercase();
            let in_session = self.session.abbreviation(&upper);
            let zone = match in_session {
                Some(ZoneAbbreviation::Fixed(offset, _)) => ZoneName::Offset(offset),
                Some(ZoneAbbreviation::Dynamic) => ZoneName::Abbreviation(self.session.clone(), upper),
                None => {
                    let Some(found) = find_abbreviation(name) else { continue };
                    match found.zone.and_then(TimeZone::named) {
                        Some(zone) => ZoneName::Abbreviation(zone, upper),
                        None => ZoneName::Offset(found.offset_east),
                    }
                }
            };
            self.parts.zone = Some(zone);
            self.parts.zone_sign = 0;
            self.rest = self.rest.get(len..).unwrap_or("");
            return Ok(());
        }
        if letters > 0 {
            return Err(invalid_value(self.rest, pattern).detail("Time zone abbreviation is not recognized."));
        }
        self.offset(pattern, open_ended)
    }

    /// `2,000`
    fn year_with_comma(&mut self, pattern: &Pattern) -> Result<()> {
        let invalid =
            || err!(INVALID_DATETIME_FORMAT, "invalid value \"{}\" for \"{}\"", self.rest, pattern.name);
        let used = integer_len(self.rest);
        let (thousands, tail) = self.rest.split_at_checked(used).ok_or_else(invalid)?;
        let tail = tail.strip_prefix(',').ok_or_else(invalid)?;
        let spaces = tail.len() - tail.trim_start_matches(is_space).len();
        let digits = integer_len(prefix(tail.get(spaces..).unwrap_or(""), 3));
        if used == 0 || digits == 0 {
            return Err(invalid());
        }
        let (years, rest) = tail.split_at_checked(spaces + digits).ok_or_else(invalid)?;
        let thousands = thousands.trim_start_matches(is_space).parse::<i64>().unwrap_or(i64::MAX);
        let years: i64 = years.trim_start_matches(is_space).parse().unwrap_or(0);
        let year = thousands
            .checked_mul(1000)
            .and_then(|thousands| thousands.checked_add(years))
            .and_then(|year| i32::try_from(year).ok())
            .ok_or_else(|| out_of_range(pattern))?;
        set(&mut self.parts.year, year, pattern)?;
        self.parts.year_digits = 4;
        self.rest = rest;
        self.skip_ordinal(pattern);
        Ok(())
    }
}

/// The first `len` bytes, or somewhat fewer at the boundary of a character.
fn prefix(text: &str, len: usize) -> &str {
    let len = (0..=len.min(text.len())).rev().find(|len| text.is_char_boundary(*len)).unwrap_or(0);
    text.get(..len).unwrap_or("")
}

/// Length of an integer at the beginning: spaces, a sign, digits; 0 if there is none.
fn integer_len(text: &str) -> usize {
    let spaces = text.len() - text.trim_start_matches(is_space).len();
    let sign = usize::from(text.get(spaces..).is_some_and(|rest| rest.starts_with(['+', '-'])));
    let digits = text.bytes().skip(spaces + sign).take_while(u8::is_ascii_digit).count();
    if digits == 0 { 0 } else { spaces + sign + digits }
}

/// The first `len` digits of a fraction of `digits` digits.
fn scaled(value: i32, len: usize, digits: usize) -> i32 {
    let missing = digits.saturating_sub(len).min(6) as u32;
    value.saturating_mul(10_i32.pow(missing))
}

fn invalid_value(value: &str, pattern: &Pattern) -> Error {
    err!(INVALID_DATETIME_FORMAT, "invalid value \"{value}\" for \"{}\"", pattern.name)
}

fn out_of_range(pattern: &Pattern) -> Error {
    err!(DATETIME_FIELD_OVERFLOW, "value for \"{}\" in source string is out of range", pattern.name)
}

/// Sets a field, which must not have another value yet.
fn set(field: &mut i32, value: i32, pattern: &Pattern) -> Result<()> {
    if *field != 0 && *field != value {
        return Err(err!(
            INVALID_DATETIME_FORMAT,
            "conflicting values for \"{}\" field in formatting string",
            pattern.name
        )
        .detail("This value contradicts a previous setting for the same field type."));
    }
    *field = value;
    Ok(())
}

/// May digits simply be read until something else comes?
fn followed_by_non_digit(pattern: &Pattern, next: Option<&Item>) -> bool {
    if pattern.ordinal.is_some() {
        return true;
    }
    match next {
        None => true,
        Some(Item::Pattern(next)) => !next.field.is_digits(),
        Some(Item::Separator(c) | Item::Space(c) | Item::Text(c)) => !c.is_ascii_digit(),
    }
}

impl Parts {
    /// Calendar and clock, and the offset (seconds east) if the text had one.
    pub(super) fn resolve(&self, text: &str) -> Result<(Tm, Option<i32>)> {
        let mut tm = Tm { mon: 1, mday: 1, ..Tm::default() };
        self.resolve_clock(&mut tm)?;
        let overflow = || err!(DATETIME_FIELD_OVERFLOW, "date/time field value out of range: \"{text}\"");
        let has_year = self.resolve_year(&mut tm).ok_or_else(overflow)?;
        let mut checked = Checked { year: has_year, month: false, day: false };
        self.resolve_date(&mut tm, &mut checked)?;
        let micros = i64::from(self.millis) * 1000 + i64::from(self.micros);
        checked.check(&tm).ok_or_else(overflow)?;
        let in_range = (0..24).contains(&tm.hour)
            && (0..60).contains(&tm.min)
            && (0..60).contains(&tm.sec)
            && (0..1_000_000).contains(&micros);
        if !in_range {
            return Err(overflow());
        }
        tm.usec = micros as i32;
        let offset = if self.zone_sign != 0 {
            if !(0..=15).contains(&self.zone_hour) || !(0..60).contains(&self.zone_minute) {
                bail!(
                    INVALID_TIME_ZONE_DISPLACEMENT_VALUE,
                    "time zone displacement out of range: \"{text}\""
                );
            }
            Some(self.zone_sign * (self.zone_hour * 3600 + self.zone_minute * 60))
        } else {
            self.zone.as_ref().map(|zone| zone.offset_at_local(&tm))
        };
        Ok((tm, offset))
    }

    fn resolve_clock(&self, tm: &mut Tm) -> Result<()> {
        if self.second_of_day != 0 {
            tm.hour = self.second_of_day / 3600;
            tm.min = self.second_of_day % 3600 / 60;
            tm.sec = self.second_of_day % 60;
        }
        for (given, field) in
            [(self.second, &mut tm.sec), (self.minute, &mut tm.min), (self.hour, &mut tm.hour)]
        {
            if given != 0 {
                *field = given;
            }
        }
        if self.twelve_hours {
            if !(1..=12).contains(&tm.hour) {
                return Err(err!(
                    INVALID_DATETIME_FORMAT,
                    "hour \"{}\" is invalid for the 12-hour clock",
                    tm.hour
                )
                .hint("Use the 24-hour clock, or give an hour between 1 and 12."));
            }
            if self.is_pm != 0 && tm.hour < 12 {
                tm.hour += 12;
            } else if self.is_pm == 0 && tm.hour == 12 {
                tm.hour = 0;
            }
        }
        Ok(())
    }

    /// The year from year and century; answers whether there is one, `None` if it is out of range.
    fn resolve_year(&self, tm: &mut Tm) -> Option<bool> {
        let century = if self.is_bc != 0 { self.century.checked_neg()? } else { self.century };
        if self.year != 0 {
            if self.century != 0 && self.year_digits <= 2 {
                // Two digits of a year in the given century; the 21st one ends with 2100.
                let year = self.year % 100;
                tm.year = if year == 0 {
                    century.checked_mul(100)?.checked_add(i32::from(century < 0))?
                } else if century >= 0 {
                    century.checked_sub(1)?.checked_mul(100)?.checked_add(year)?
                } else {
                    century.checked_add(1)?.checked_mul(100)?.checked_sub(year)?.checked_add(1)?
                };
            } else {
                tm.year = if self.is_bc != 0 { self.year.checked_neg()? } else { self.year };
                if tm.year < 0 {
                    tm.year += 1;
                }
            }
            return Some(true);
        }
        if self.century != 0 {
            // The first year of the century.
            let base = if century >= 0 { century.checked_sub(1)? } else { century };
            tm.year = base.checked_mul(100)?.checked_add(1)?;
            return Some(true);
        }
        Some(false)
    }

    fn resolve_date(&self, tm: &mut Tm, checked: &mut Checked) -> Result<()> {
        let iso = self.convention == Some(Convention::IsoWeek);
        let mut day_of_year = self.day_of_year;
        if self.julian != 0 {
            tm.set_julian_day(i64::from(self.julian));
            *checked = Checked { year: true, month: true, day: true };
        }
        if self.iso_week != 0 {
            // The day of the week counts from Sunday; without one it is Monday.
            let day = match self.weekday {
                0 => 0,
                1 => 6,
                day => i64::from(day) - 2,
            };
            tm.set_julian_day(iso_week_to_julian(tm.year, self.iso_week) + day);
            *checked = Checked { year: true, month: true, day: true };
        }
        if self.week != 0 {
            day_of_year = self.week.saturating_sub(1).saturating_mul(7).saturating_add(1);
        }
        let mut day = self.day;
        if self.week_of_month != 0 {
            day = self.week_of_month.saturating_sub(1).saturating_mul(7).saturating_add(1);
        }
        if day != 0 {
            tm.mday = day;
            checked.day = true;
        }
        if self.month != 0 {
            tm.mon = self.month;
            checked.month = true;
        }
        if day_of_year == 0 || (tm.mon > 1 && tm.mday > 1) {
            return Ok(());
        }
        if tm.year == 0 && self.is_bc == 0 {
            bail!(INVALID_DATETIME_FORMAT, "cannot calculate day of year without year information");
        }
        if iso {
            tm.set_julian_day(iso_week_to_julian(tm.year, 1) - 1 + i64::from(day_of_year));
            *checked = Checked { year: true, month: true, day: true };
        } else {
            let (month, day) = month_and_day(tm.year, day_of_year);
            if tm.mon <= 1 {
                tm.mon = month;
            }
            if tm.mday <= 1 {
                tm.mday = day;
            }
            (checked.month, checked.day) = (true, true);
        }
        Ok(())
    }
}

/// Month and day of a day of the year; beyond the year the month is the thirteenth.
fn month_and_day(year: i32, day_of_year: i32) -> (i32, i32) {
    let days = 365 + i32::from(is_leap_year(year));
    if day_of_year > days {
        return (13, day_of_year - days);
    }
    if day_of_year < 1 {
        return (1, day_of_year);
    }
    let (_, month, day) = civil_from_julian(julian_day(year, 1, 1) + i64::from(day_of_year) - 1);
    (month, day)
}

/// Which fields of the date were given and must be valid.
struct Checked {
    year: bool,
    month: bool,
    day: bool,
}

impl Checked {
    fn check(&self, tm: &Tm) -> Option<()> {
        let valid_month = !self.month || (1..=12).contains(&tm.mon);
        let valid_day = !self.day || (1..=31).contains(&tm.mday);
        let all = self.year && self.month && self.day;
        let exists = !all || !valid_month || tm.mday <= days_in_month(tm.year, tm.mon);
        (valid_month && valid_day && exists).then_some(())
    }
}
