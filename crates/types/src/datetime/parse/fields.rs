//! What both readers (timestamps, times of day) share: the fields seen so far, and how single tokens are read.

use super::super::calendar::{
    Tm, USECS_PER_DAY, USECS_PER_SEC, civil_from_julian, days_in_month, julian_day,
};
use super::super::zone::{TimeZone, ZoneAbbreviation, find_abbreviation};
use super::words::{Word, find_word};
use super::{ParseError, ParseResult, fraction, fraction_micros, leading_i32};
use crate::env::DateOrder;

/// Bits for the fields that a text has given.
pub(super) mod bits {
    pub(in super::super) const YEAR: u32 = 1;
    pub(in super::super) const MONTH: u32 = 1 << 1;
    pub(in super::super) const DAY: u32 = 1 << 2;
    pub(in super::super) const DATE: u32 = YEAR | MONTH | DAY;
    pub(in super::super) const TIME: u32 = 1 << 3;
    pub(in super::super) const ZONE: u32 = 1 << 4;
    pub(in super::super) const DST_ZONE: u32 = 1 << 5;
    pub(in super::super) const DST_MODIFIER: u32 = 1 << 6;
    pub(in super::super) const DAY_OF_YEAR: u32 = 1 << 7;
    pub(in super::super) const WEEKDAY: u32 = 1 << 8;
    pub(in super::super) const AM_PM: u32 = 1 << 9;
    pub(in super::super) const ERA: u32 = 1 << 10;
}

use bits::{DATE, DAY, DAY_OF_YEAR, DST_MODIFIER, DST_ZONE, MONTH, TIME, YEAR, ZONE};

/// The zone that a text names.
#[derive(Clone, Debug, Default)]
pub(super) enum ZoneSpec {
    /// None so far.
    #[default]
    Missing,
    /// An offset, seconds east.
    Offset(i32),
    /// A zone.
    Named(TimeZone),
    /// An abbreviation (upper case) whose meaning changed over time.
    Abbreviation(TimeZone, String),
}

/// `am` or `pm`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meridian {
    Am,
    Pm,
}

/// The state of reading.
#[derive(Debug)]
pub(super) struct Fields {
    pub(super) tm: Tm,
    /// Which fields are known ([`bits`]).
    pub(super) seen: u32,
    pub(super) order: DateOrder,
    pub(super) zone: ZoneSpec,
    pub(super) meridian: Option<Meridian>,
    pub(super) bc: bool,
    pub(super) day_of_year: i32,
    pub(super) has_text_month: bool,
    pub(super) two_digit_year: bool,
    pub(super) is_julian: bool,
}

impl Fields {
    pub(super) fn new(order: DateOrder) -> Self {
        Fields {
            tm: Tm::default(),
            seen: 0,
            order,
            zone: ZoneSpec::Missing,
            meridian: None,
            bc: false,
            day_of_year: 0,
            has_text_month: false,
            two_digit_year: false,
            is_julian: false,
        }
    }

    /// Notes that fields are known now; each may be given only once.
    pub(super) fn mark(&mut self, fields: u32) -> ParseResult<()> {
        if self.seen & fields != 0 {
            return Err(ParseError::BadFormat);
        }
        self.seen |= fields;
        Ok(())
    }

    /// `hh:mm[:ss[.fff]]`, or `mm:ss.fff`.
    pub(super) fn clock(&mut self, text: &str) -> ParseResult<u32> {
        let clock = Clock::parse(text, false)?;
        self.tm.hour = i32::try_from(clock.hour).map_err(|_| ParseError::FieldOverflow)?;
        (self.tm.min, self.tm.sec, self.tm.usec) = (clock.min, clock.sec, clock.usec);
        Ok(TIME)
    }

    /// A date in one token: parts separated by anything that is neither letter nor digit.
    pub(super) fn date(&mut self, text: &str, seen_before: u32) -> ParseResult<u32> {
        let parts = date_parts(text)?;
        let mut new = 0;
        let mut has_text_month = false;
        for part in parts.iter().filter(|part| part.starts_with(|c: char| c.is_ascii_alphabetic())) {
            match find_word(part) {
                Some(Word::Month(month)) if (seen_before | new) & MONTH == 0 => {
                    self.tm.mon = month;
                    has_text_month = true;
                    new |= MONTH;
                }
                _ => return Err(ParseError::BadFormat),
            }
        }
        for part in parts.iter().filter(|part| part.starts_with(|c: char| c.is_ascii_digit())) {
            let fields = self.number(part, has_text_month, seen_before | new)?;
            if (seen_before | new) & fields != 0 {
                return Err(ParseError::BadFormat);
            }
            new |= fields;
        }
        if (seen_before | new) & !(DAY_OF_YEAR | ZONE) != DATE {
            return Err(ParseError::BadFormat);
        }
        Ok(new)
    }

    /// A number that stands for one field, which one depends on what is known already.
    pub(super) fn number(&mut self, text: &str, has_text_month: bool, seen: u32) -> ParseResult<u32> {
        let (value, rest) = leading_i32(text)?;
        if rest.len() == text.len() {
            return Err(ParseError::BadFormat);
        }
        if rest.starts_with('.') {
            // More than two digits before the point: a date or a time run together (2001.360, 040506.789).
            if text.len() - rest.len() > 2 {
                return self.run_together(text, seen | DATE);
            }
            self.tm.usec = fraction_micros(rest)?;
        } else if !rest.is_empty() {
            return Err(ParseError::BadFormat);
        }
        if text.len() == 3 && seen & DATE == YEAR && (1..=366).contains(&value) {
            self.day_of_year = value;
            return Ok(DAY_OF_YEAR | MONTH | DAY);
        }
        let year_shaped = text.len() >= 3 || self.order == DateOrder::Ymd;
        let field = match seen & DATE {
            0 if year_shaped => YEAR,
            0 if self.order == DateOrder::Dmy => DAY,
            0 => MONTH,
            YEAR | DAY => MONTH,
            MONTH if has_text_month && year_shaped => YEAR,
            MONTH => DAY,
            fields if fields == YEAR | MONTH => {
                if has_text_month && text.len() >= 3 && self.two_digit_year {
                    // What was taken for the year is the day: 08-jan-1999 with DateStyle YMD.
                    self.tm.mday = self.tm.year;
                    self.tm.year = value;
                    self.two_digit_year = false;
                    return Ok(DAY);
                }
                DAY
            }
            fields if fields == MONTH | DAY => YEAR,
            DATE => return self.run_together(text, seen),
            _ => return Err(ParseError::BadFormat),
        };
        match field {
            YEAR => {
                self.tm.year = value;
                self.two_digit_year = text.len() <= 2;
            }
            MONTH => self.tm.mon = value,
            _ => self.tm.mday = value,
        }
        Ok(field)
    }

    /// A number that holds a whole date or time: `20011225`, `040506.789`.
    pub(super) fn run_together(&mut self, text: &str, seen: u32) -> ParseResult<u32> {
        if !text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
            || !text.bytes().any(|b| b.is_ascii_digit())
        {
            return Err(ParseError::BadFormat);
        }
        let number =
            |from: usize, to: usize| text.get(from..to).and_then(|digits| digits.parse().ok()).unwrap_or(0);
        let mut len = text.len();
        if let Some(point) = text.find('.') {
            self.tm.usec = fraction_micros(text.get(point..).unwrap_or(""))?;
            len = point;
        } else if seen & DATE != DATE && len >= 6 {
            self.tm.mday = number(len - 2, len);
            self.tm.mon = number(len - 4, len - 2);
            let year = text.get(..len - 4).unwrap_or("");
            // Too many digits wrap around, as in PostgreSQL; the range check finds most of them.
            self.tm.year = year.parse::<i64>().unwrap_or(i64::MAX) as i32;
            if year.len() == 2 {
                self.two_digit_year = true;
            }
            return Ok(DATE);
        }
        if seen & TIME != TIME && (len == 6 || len == 4) {
            self.tm.hour = number(0, 2);
            self.tm.min = number(2, 4);
            self.tm.sec = if len == 6 { number(4, 6) } else { 0 };
            return Ok(TIME);
        }
        Err(ParseError::BadFormat)
    }

    /// A Julian day, perhaps with a fraction that gives the time.
    pub(super) fn julian(&mut self, text: &str) -> ParseResult<u32> {
        let (day, rest) = leading_i32(text)?;
        if day < 0 {
            return Err(ParseError::FieldOverflow);
        }
        self.tm.set_julian_day(i64::from(day));
        self.is_julian = true;
        if rest.is_empty() {
            return Ok(DATE);
        }
        self.tm.set_time_micros((fraction(rest)? * USECS_PER_DAY as f64) as i64);
        Ok(DATE | TIME)
    }

    /// An abbreviation of a zone, the session's zone first; `None` if it is none.
    pub(super) fn abbreviation(&mut self, name: &str, session: &TimeZone) -> Option<u32> {
        let upper = name.to_ascii_uppercase();
        let (spec, fields) = match session.abbreviation(&upper) {
            Some(ZoneAbbreviation::Fixed(offset, is_dst)) => (ZoneSpec::Offset(offset), zone_fields(is_dst)),
            Some(ZoneAbbreviation::Dynamic) => (ZoneSpec::Abbreviation(session.clone(), upper), ZONE),
            None => {
                let found = find_abbreviation(name)?;
                match found.zone.and_then(TimeZone::named) {
                    Some(zone) => (ZoneSpec::Abbreviation(zone, upper), ZONE),
                    None => (ZoneSpec::Offset(found.offset_east), zone_fields(found.is_dst)),
                }
            }
        };
        self.zone = spec;
        Some(fields)
    }

    /// `dst` after a zone: an hour more.
    pub(super) fn daylight_modifier(&mut self) -> u32 {
        self.zone = match &self.zone {
            ZoneSpec::Offset(offset) => ZoneSpec::Offset(offset + 3600),
            ZoneSpec::Missing => ZoneSpec::Offset(3600),
            other => other.clone(),
        };
        DST_MODIFIER | DST_ZONE
    }

    /// Turns the date fields into a valid date: the era, two-digit years, days of the year.
    pub(super) fn validate_date(&mut self) -> ParseResult<()> {
        if self.seen & YEAR != 0 && !self.is_julian {
            let year = &mut self.tm.year;
            if self.bc {
                if *year <= 0 {
                    return Err(ParseError::FieldOverflow);
                }
                *year = 1 - *year;
            } else if self.two_digit_year {
                match *year {
                    ..0 => return Err(ParseError::FieldOverflow),
                    0..70 => *year += 2000,
                    70..100 => *year += 1900,
                    _ => {}
                }
            } else if *year <= 0 {
                return Err(ParseError::FieldOverflow);
            }
        }
        if self.seen & DAY_OF_YEAR != 0 {
            let jd = julian_day(self.tm.year, 1, 1) + i64::from(self.day_of_year) - 1;
            (self.tm.year, self.tm.mon, self.tm.mday) = civil_from_julian(jd);
        }
        if self.seen & MONTH != 0 && !(1..=12).contains(&self.tm.mon) {
            return Err(ParseError::MonthDayOverflow);
        }
        if self.seen & DAY != 0 && !(1..=31).contains(&self.tm.mday) {
            return Err(ParseError::MonthDayOverflow);
        }
        if self.seen & DATE == DATE && self.tm.mday > days_in_month(self.tm.year, self.tm.mon) {
            return Err(ParseError::FieldOverflow);
        }
        Ok(())
    }

    /// Applies `am` and `pm`.
    pub(super) fn apply_meridian(&mut self) -> ParseResult<()> {
        let Some(meridian) = self.meridian else { return Ok(()) };
        match (meridian, self.tm.hour) {
            (_, 13..) => return Err(ParseError::FieldOverflow),
            (Meridian::Am, 12) => self.tm.hour = 0,
            (Meridian::Pm, hour) if hour != 12 => self.tm.hour += 12,
            _ => {}
        }
        Ok(())
    }

    /// Is the time of day beyond 24:00:00?
    pub(super) fn check_time(&self) -> ParseResult<()> {
        let tm = &self.tm;
        let in_range = (0..=24).contains(&tm.hour)
            && (0..60).contains(&tm.min)
            && (0..=60).contains(&tm.sec)
            && (0..=USECS_PER_SEC as i32).contains(&tm.usec)
            && tm.time_micros() <= USECS_PER_DAY;
        if in_range { Ok(()) } else { Err(ParseError::FieldOverflow) }
    }
}

fn zone_fields(is_dst: bool) -> u32 {
    if is_dst { ZONE | DST_ZONE } else { ZONE }
}

/// The parts of a date. Between two parts one byte is lost, whatever it is.
fn date_parts(text: &str) -> ParseResult<Vec<&str>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        rest = rest.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
        let Some(first) = rest.bytes().next() else { return Err(ParseError::BadFormat) };
        let same =
            |byte: &u8| byte.is_ascii_digit() == first.is_ascii_digit() && byte.is_ascii_alphanumeric();
        let len = rest.bytes().take_while(|byte| same(byte)).count();
        let (part, tail) = rest.split_at(len);
        parts.push(part);
        rest = tail.get(1..).unwrap_or("");
    }
    Ok(parts)
}

/// `hh:mm:ss.fff` of a time or interval.
pub(in crate::datetime) struct Clock {
    pub(in crate::datetime) hour: i64,
    pub(in crate::datetime) min: i32,
    pub(in crate::datetime) sec: i32,
    pub(in crate::datetime) usec: i32,
}

impl Clock {
    /// Reads it; two parts are minutes and seconds if `minute_to_second` says so or there is a fraction.
    pub(in crate::datetime) fn parse(text: &str, minute_to_second: bool) -> ParseResult<Clock> {
        let (hour, rest) = super::leading_i64(text)?;
        let rest = rest.strip_prefix(':').ok_or(ParseError::BadFormat)?;
        let (min, rest) = leading_i32(rest)?;
        let mut clock = Clock { hour, min, sec: 0, usec: 0 };
        if rest.is_empty() {
            if minute_to_second {
                clock.shift()?;
            }
        } else if rest.starts_with('.') {
            clock.usec = fraction_micros(rest)?;
            clock.shift()?;
        } else if let Some(rest) = rest.strip_prefix(':') {
            let (sec, rest) = leading_i32(rest)?;
            clock.sec = sec;
            if !rest.is_empty() {
                clock.usec = fraction_micros(rest)?;
            }
        } else {
            return Err(ParseError::BadFormat);
        }
        let in_range = clock.hour >= 0
            && (0..60).contains(&clock.min)
            && (0..=60).contains(&clock.sec)
            && (0..=USECS_PER_SEC as i32).contains(&clock.usec);
        if in_range { Ok(clock) } else { Err(ParseError::FieldOverflow) }
    }

    /// What were hours and minutes are minutes and seconds.
    fn shift(&mut self) -> ParseResult<()> {
        self.sec = self.min;
        self.min = i32::try_from(self.hour).map_err(|_| ParseError::FieldOverflow)?;
        self.hour = 0;
        Ok(())
    }
}

/// `+hh[:mm[:ss]]` or `+hhmm`, in seconds east.
pub(in crate::datetime) fn parse_offset(text: &str) -> ParseResult<i32> {
    let overflow = |_| ParseError::ZoneOverflow;
    let (sign, digits) = match text.split_at_checked(1) {
        Some(("+", digits)) => (1, digits),
        Some(("-", digits)) => (-1, digits),
        _ => return Err(ParseError::BadFormat),
    };
    let (mut hour, mut rest) = leading_i32(digits).map_err(overflow)?;
    let (mut min, mut sec) = (0, 0);
    if let Some(tail) = rest.strip_prefix(':') {
        (min, rest) = leading_i32(tail).map_err(overflow)?;
        if let Some(tail) = rest.strip_prefix(':') {
            (sec, rest) = leading_i32(tail).map_err(overflow)?;
        }
    } else if rest.is_empty() && text.len() > 3 {
        (hour, min) = (hour / 100, hour % 100);
    }
    if !(0..=15).contains(&hour) || !(0..60).contains(&min) || !(0..60).contains(&sec) {
        return Err(ParseError::ZoneOverflow);
    }
    if !rest.is_empty() {
        return Err(ParseError::BadFormat);
    }
    Ok(sign * (hour * 3600 + min * 60 + sec))
}
