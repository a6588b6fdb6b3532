//! Reads ISO 8601 intervals: with designators (`P1Y2M3DT4H5M6.7S`) and in the alternative form (`P0001-02-03T04:05:06`,
//! `P00010203T040506`).

use super::super::calendar::{USECS_PER_DAY, USECS_PER_HOUR, USECS_PER_MINUTE, USECS_PER_SEC};
use super::super::parse::{ParseError, ParseResult};
use super::DAYS_PER_MONTH;
use super::input::Parts;

/// Reads one.
pub(super) fn parse(text: &str) -> ParseResult<Parts> {
    let rest = text.strip_prefix('P').filter(|rest| !rest.is_empty()).ok_or(ParseError::BadFormat)?;
    let mut reader = Reader { rest, parts: Parts::default() };
    reader.read()?;
    Ok(reader.parts)
}

struct Reader<'a> {
    rest: &'a str,
    parts: Parts,
}

/// A number: whole part and fraction (of the same sign), and how many digits the whole part had.
struct Number {
    whole: i64,
    part: f64,
    width: usize,
}

impl Reader<'_> {
    fn read(&mut self) -> ParseResult<()> {
        let mut in_date = true;
        let mut has_field = false;
        while !self.rest.is_empty() {
            if self.eat('T') {
                (in_date, has_field) = (false, false);
                continue;
            }
            let number = self.number()?;
            let unit = self.rest.chars().next();
            let goes_on = if in_date {
                self.date_field(unit, &number, has_field)?
            } else {
                self.time_field(unit, &number, has_field)?
            };
            match goes_on {
                Next::Field => has_field = true,
                Next::Time => (in_date, has_field) = (false, false),
                Next::End => return Ok(()),
            }
        }
        Ok(())
    }

    fn eat(&mut self, c: char) -> bool {
        match self.rest.strip_prefix(c) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn date_field(&mut self, unit: Option<char>, number: &Number, has_field: bool) -> ParseResult<Next> {
        let &Number { whole, part, width } = number;
        let parts = &mut self.parts;
        match unit {
            Some('Y') => {
                parts.add_years(whole, 1)?;
                parts.add_fraction_years(part, 1)?;
            }
            Some('M') => {
                parts.add_months(whole)?;
                parts.add_fraction_days(part, DAYS_PER_MONTH)?;
            }
            Some('W') => {
                parts.add_days(whole, 7)?;
                parts.add_fraction_days(part, 7)?;
            }
            Some('D') => {
                parts.add_days(whole, 1)?;
                parts.add_fraction_micros(part, USECS_PER_DAY)?;
            }
            None | Some('T') if width == 8 && !has_field => {
                parts.add_years(whole / 10_000, 1)?;
                parts.add_months(whole / 100 % 100)?;
                parts.add_days(whole % 100, 1)?;
                parts.add_fraction_micros(part, USECS_PER_DAY)?;
                return Ok(if self.eat('T') { Next::Time } else { Next::End });
            }
            None | Some('T' | '-') if !has_field => return self.alternative_date(number),
            _ => return Err(ParseError::BadFormat),
        }
        self.skip_designator();
        Ok(Next::Field)
    }

    /// `year-month-day`, possibly shortened; the year is read already.
    fn alternative_date(&mut self, year: &Number) -> ParseResult<Next> {
        self.parts.add_years(year.whole, 1)?;
        self.parts.add_fraction_years(year.part, 1)?;
        if let Some(next) = self.end_of_date() {
            return Ok(next);
        }
        self.expect('-')?;
        let month = self.number()?;
        self.parts.add_months(month.whole)?;
        self.parts.add_fraction_days(month.part, DAYS_PER_MONTH)?;
        if let Some(next) = self.end_of_date() {
            return Ok(next);
        }
        self.expect('-')?;
        let day = self.number()?;
        self.parts.add_days(day.whole, 1)?;
        self.parts.add_fraction_micros(day.part, USECS_PER_DAY)?;
        self.end_of_date().ok_or(ParseError::BadFormat)
    }

    fn end_of_date(&mut self) -> Option<Next> {
        if self.rest.is_empty() {
            Some(Next::End)
        } else if self.eat('T') {
            Some(Next::Time)
        } else {
            None
        }
    }

    fn expect(&mut self, c: char) -> ParseResult<()> {
        if self.eat(c) { Ok(()) } else { Err(ParseError::BadFormat) }
    }

    fn time_field(&mut self, unit: Option<char>, number: &Number, has_field: bool) -> ParseResult<Next> {
        let &Number { whole, part, width } = number;
        let parts = &mut self.parts;
        match unit {
            Some('H') => parts.add_micros(whole, part, USECS_PER_HOUR)?,
            Some('M') => parts.add_micros(whole, part, USECS_PER_MINUTE)?,
            Some('S') => parts.add_micros(whole, part, USECS_PER_SEC)?,
            None if width == 6 && !has_field => {
                parts.add_micros(whole / 10_000, 0.0, USECS_PER_HOUR)?;
                parts.add_micros(whole / 100 % 100, 0.0, USECS_PER_MINUTE)?;
                parts.add_micros(whole % 100, part, USECS_PER_SEC)?;
                return Ok(Next::End);
            }
            None | Some(':') if !has_field => return self.alternative_time(number),
            _ => return Err(ParseError::BadFormat),
        }
        self.skip_designator();
        Ok(Next::Field)
    }

    /// `hour:minute:second`, possibly shortened; the hour is read already.
    fn alternative_time(&mut self, hour: &Number) -> ParseResult<Next> {
        self.parts.add_micros(hour.whole, hour.part, USECS_PER_HOUR)?;
        for scale in [USECS_PER_MINUTE, USECS_PER_SEC] {
            if self.rest.is_empty() {
                return Ok(Next::End);
            }
            self.expect(':')?;
            let number = self.number()?;
            self.parts.add_micros(number.whole, number.part, scale)?;
        }
        if self.rest.is_empty() { Ok(Next::End) } else { Err(ParseError::BadFormat) }
    }

    /// The designator is one ASCII letter, checked by the caller.
    fn skip_designator(&mut self) {
        self.rest = self.rest.get(1..).unwrap_or("");
    }

    fn number(&mut self) -> ParseResult<Number> {
        let len = float_len(self.rest.as_bytes());
        let (text, rest) = self.rest.split_at_checked(len).ok_or(ParseError::BadFormat)?;
        if !text.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '.') {
            return Err(ParseError::BadFormat);
        }
        let value: f64 = text.parse().map_err(|_| ParseError::BadFormat)?;
        if !(-1.0e15..=1.0e15).contains(&value) {
            return Err(ParseError::FieldOverflow);
        }
        self.rest = rest;
        let width = text.trim_start_matches('-').bytes().take_while(u8::is_ascii_digit).count();
        Ok(Number { whole: value.trunc() as i64, part: value - value.trunc(), width })
    }
}

/// What comes after a field.
enum Next {
    /// Perhaps another field.
    Field,
    /// The time (after a `T`).
    Time,
    /// Nothing.
    End,
}

/// Length of the number at the beginning, exponent included.
fn float_len(text: &[u8]) -> usize {
    let digits = |from: usize| text.iter().skip(from).take_while(|byte| byte.is_ascii_digit()).count();
    let mut len = usize::from(text.first() == Some(&b'-'));
    len += digits(len);
    if text.get(len) == Some(&b'.') {
        len += 1 + digits(len + 1);
    }
    if matches!(text.get(len), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(text.get(len + 1), Some(b'+' | b'-')));
        let exponent = digits(len + 1 + sign);
        if exponent > 0 {
            len += 1 + sign + exponent;
        }
    }
    len
}
