//! Reads intervals.

use super::super::calendar::{USECS_PER_DAY, USECS_PER_HOUR, USECS_PER_MINUTE, USECS_PER_SEC};
use super::super::errors::{interval_out_of_range, invalid_syntax};
use super::super::parse::token::{Kind, Tokens, tokenize};
use super::super::parse::words::{Unit, Word, find_unit, find_word};
use super::super::parse::{Clock, ParseError, ParseResult, fraction, leading_i32, leading_i64};
use super::super::typmod::interval_fields::{DAY, HOUR, MINUTE, MONTH, SECOND, YEAR};
use super::{INTERVAL_INFINITY, INTERVAL_MINUS_INFINITY, MONTHS_PER_YEAR, iso8601};
use crate::Interval;
use crate::env::IntervalStyle;
use pglitedb_sqlstate::{Result, err};

/// Reads an interval whose last number, if it has no unit, means the last field of `range`.
pub(super) fn parse(text: &str, range: i32, style: IntervalStyle) -> Result<Interval> {
    let read = match tokenize(text).and_then(|tokens| Reader::read(&tokens, range, style)) {
        Err(ParseError::BadFormat) => iso8601::parse(text).map(Read::Finite),
        read => read,
    };
    match read {
        Ok(Read::Finite(parts)) => parts.into_interval().ok_or_else(interval_out_of_range),
        Ok(Read::Infinity) => Ok(INTERVAL_INFINITY),
        Ok(Read::MinusInfinity) => Ok(INTERVAL_MINUS_INFINITY),
        Err(ParseError::BadFormat) => Err(invalid_syntax("interval", text)),
        Err(ParseError::FieldOverflow) => {
            Err(err!(INTERVAL_FIELD_OVERFLOW, "interval field value out of range: \"{text}\""))
        }
        Err(other) => Err(other.report("interval", text)),
    }
}

enum Read {
    Finite(Parts),
    Infinity,
    MinusInfinity,
}

/// The interval so far.
#[derive(Debug, Default)]
pub(super) struct Parts {
    years: i32,
    months: i32,
    days: i32,
    micros: i64,
}

const OVERFLOW: ParseError = ParseError::FieldOverflow;

impl Parts {
    fn into_interval(self) -> Option<Interval> {
        let months = i64::from(self.years) * i64::from(MONTHS_PER_YEAR) + i64::from(self.months);
        // The extremes of all fields are the infinities, however they are written.
        Some(Interval { months: i32::try_from(months).ok()?, days: self.days, micros: self.micros })
    }

    /// Adds a part of a unit of `scale` microseconds.
    pub(super) fn add_fraction_micros(&mut self, part: f64, scale: i64) -> ParseResult<()> {
        if part == 0.0 {
            return Ok(());
        }
        let micros = part * scale as f64;
        let mut whole = micros as i64;
        let rest = micros - whole as f64;
        if rest > 0.5 {
            whole += 1;
        } else if rest < -0.5 {
            whole -= 1;
        }
        self.micros = self.micros.checked_add(whole).ok_or(OVERFLOW)?;
        Ok(())
    }

    /// Adds a part of a unit of `scale` days.
    pub(super) fn add_fraction_days(&mut self, part: f64, scale: i32) -> ParseResult<()> {
        if part == 0.0 {
            return Ok(());
        }
        let days = part * f64::from(scale);
        let whole = days as i32;
        self.days = self.days.checked_add(whole).ok_or(OVERFLOW)?;
        self.add_fraction_micros(days - f64::from(whole), USECS_PER_DAY)
    }

    /// Adds a part of a unit of `scale` years, to the month.
    pub(super) fn add_fraction_years(&mut self, part: f64, scale: i32) -> ParseResult<()> {
        let months = (part * f64::from(scale) * f64::from(MONTHS_PER_YEAR)).round_ties_even() as i32;
        self.months = self.months.checked_add(months).ok_or(OVERFLOW)?;
        Ok(())
    }

    /// Adds `value` and a part of a unit of `scale` microseconds.
    pub(super) fn add_micros(&mut self, value: i64, part: f64, scale: i64) -> ParseResult<()> {
        let micros = value.checked_mul(scale).ok_or(OVERFLOW)?;
        self.micros = self.micros.checked_add(micros).ok_or(OVERFLOW)?;
        self.add_fraction_micros(part, scale)
    }

    /// Adds units of `scale` days.
    pub(super) fn add_days(&mut self, value: i64, scale: i32) -> ParseResult<()> {
        self.days = add_scaled(self.days, value, scale)?;
        Ok(())
    }

    /// Adds months.
    pub(super) fn add_months(&mut self, value: i64) -> ParseResult<()> {
        self.months = add_scaled(self.months, value, 1)?;
        Ok(())
    }

    /// Adds units of `scale` years.
    pub(super) fn add_years(&mut self, value: i64, scale: i32) -> ParseResult<()> {
        self.years = add_scaled(self.years, value, scale)?;
        Ok(())
    }

    /// Adds a number of units.
    fn add_unit(&mut self, unit: Unit, value: i64, part: f64) -> ParseResult<()> {
        let years = |parts: &mut Self, scale| {
            parts.add_years(value, scale)?;
            parts.add_fraction_years(part, scale)
        };
        match unit {
            Unit::Microsecond => self.add_micros(value, part, 1),
            Unit::Millisecond => self.add_micros(value, part, 1000),
            Unit::Second => self.add_micros(value, part, USECS_PER_SEC),
            Unit::Minute => self.add_micros(value, part, USECS_PER_MINUTE),
            Unit::Hour => self.add_micros(value, part, USECS_PER_HOUR),
            Unit::Day => {
                self.add_days(value, 1)?;
                self.add_fraction_micros(part, USECS_PER_DAY)
            }
            Unit::Week => {
                self.add_days(value, 7)?;
                self.add_fraction_days(part, 7)
            }
            Unit::Month => {
                self.add_months(value)?;
                self.add_fraction_days(part, super::DAYS_PER_MONTH)
            }
            Unit::Year => years(self, 1),
            Unit::Decade => years(self, 10),
            Unit::Century => years(self, 100),
            Unit::Millennium => years(self, 1000),
            _ => Err(ParseError::BadFormat),
        }
    }

    fn negate(&mut self) -> ParseResult<()> {
        self.years = self.years.checked_neg().ok_or(OVERFLOW)?;
        self.months = self.months.checked_neg().ok_or(OVERFLOW)?;
        self.days = self.days.checked_neg().ok_or(OVERFLOW)?;
        self.micros = self.micros.checked_neg().ok_or(OVERFLOW)?;
        Ok(())
    }
}

fn add_scaled(field: i32, value: i64, scale: i32) -> ParseResult<i32> {
    let value = i32::try_from(value).ok().and_then(|value| value.checked_mul(scale)).ok_or(OVERFLOW)?;
    field.checked_add(value).ok_or(OVERFLOW)
}

/// Which fields a token set; none may be set twice.
mod seen {
    pub(super) const MICROSECOND: u32 = 1;
    pub(super) const MILLISECOND: u32 = 1 << 1;
    pub(super) const SECOND: u32 = 1 << 2;
    pub(super) const MINUTE: u32 = 1 << 3;
    pub(super) const HOUR: u32 = 1 << 4;
    pub(super) const DAY: u32 = 1 << 5;
    pub(super) const WEEK: u32 = 1 << 6;
    pub(super) const MONTH: u32 = 1 << 7;
    pub(super) const YEAR: u32 = 1 << 8;
    pub(super) const DECADE: u32 = 1 << 9;
    pub(super) const CENTURY: u32 = 1 << 10;
    pub(super) const MILLENNIUM: u32 = 1 << 11;
    pub(super) const ALL_SECONDS: u32 = SECOND | MILLISECOND | MICROSECOND;
    pub(super) const TIME: u32 = HOUR | MINUTE | ALL_SECONDS;
    pub(super) const DATE: u32 = YEAR | MONTH | DAY;
}

fn seen_by(unit: Unit, part: f64) -> u32 {
    match unit {
        Unit::Microsecond => seen::MICROSECOND,
        Unit::Millisecond => seen::MILLISECOND,
        Unit::Second if part == 0.0 => seen::SECOND,
        Unit::Second => seen::ALL_SECONDS,
        Unit::Minute => seen::MINUTE,
        Unit::Hour => seen::HOUR,
        Unit::Day => seen::DAY,
        Unit::Week => seen::WEEK,
        Unit::Month => seen::MONTH,
        Unit::Year => seen::YEAR,
        Unit::Decade => seen::DECADE,
        Unit::Century => seen::CENTURY,
        Unit::Millennium => seen::MILLENNIUM,
        _ => 0,
    }
}

/// Tokens are read from the right, so that a unit comes before its number.
struct Reader {
    parts: Parts,
    seen: u32,
    /// Unit of the next number.
    unit: Option<Unit>,
    /// A unit was read, its number not yet.
    unit_pending: bool,
    ago: bool,
    /// SQL standard: one sign in front holds for all fields.
    all_negative: bool,
    range: i32,
}

impl Reader {
    fn read(tokens: &Tokens, range: i32, style: IntervalStyle) -> ParseResult<Read> {
        let signed = |(_, token): (Kind, &str)| token.starts_with(['+', '-']);
        let all_negative = style == IntervalStyle::SqlStandard
            && tokens.get(0).1.starts_with('-')
            && !tokens.iter().skip(1).any(signed);
        let mut reader = Reader {
            parts: Parts::default(),
            seen: 0,
            unit: None,
            unit_pending: false,
            ago: false,
            all_negative,
            range,
        };
        let mut infinite = None;
        for at in (0..tokens.len()).rev() {
            let (kind, token) = tokens.get(at);
            let is_last = at + 1 == tokens.len();
            let fields = match kind {
                Kind::Time => {
                    let micros = reader.clock_micros(token)?;
                    reader.clock(micros, false)
                }
                Kind::Signed => {
                    let clock = token.get(1..).filter(|clock| clock.contains(':'));
                    match clock.map(|clock| reader.clock_micros(clock)) {
                        Some(Ok(micros)) => reader.clock(micros, token.starts_with('-')),
                        _ => reader.number(token)?,
                    }
                }
                Kind::Date | Kind::Number => reader.number(token)?,
                Kind::Word | Kind::SignedWord => match reader.word(token, is_last)? {
                    Some(word) => {
                        infinite = Some(word);
                        seen::DATE | seen::TIME
                    }
                    None => 0,
                },
            };
            if reader.seen & fields != 0 {
                return Err(ParseError::BadFormat);
            }
            reader.seen |= fields;
        }
        if reader.seen == 0 || reader.unit_pending {
            return Err(ParseError::BadFormat);
        }
        if reader.ago {
            reader.parts.negate()?;
        }
        Ok(match infinite {
            Some(Word::Infinity) => Read::Infinity,
            Some(_) => Read::MinusInfinity,
            None => Read::Finite(reader.parts),
        })
    }

    fn minute_to_second(&self) -> bool {
        self.range == MINUTE | SECOND
    }

    /// The length that a clock shows.
    fn clock_micros(&self, token: &str) -> ParseResult<i64> {
        let clock = Clock::parse(token, self.minute_to_second())?;
        let seconds = i64::from(clock.min) * 60 + i64::from(clock.sec);
        clock
            .hour
            .checked_mul(USECS_PER_HOUR)
            .and_then(|micros| micros.checked_add(seconds * USECS_PER_SEC + i64::from(clock.usec)))
            .ok_or(OVERFLOW)
    }

    fn clock(&mut self, micros: i64, negative: bool) -> u32 {
        self.parts.micros = if negative || self.all_negative { -micros } else { micros };
        // A number to the left without a unit counts days: 1 02:03.
        self.unit = Some(Unit::Day);
        self.unit_pending = false;
        seen::TIME
    }

    fn number(&mut self, token: &str) -> ParseResult<u32> {
        let mut unit = self.unit.unwrap_or_else(|| unit_of_range(self.range));
        let negative = token.starts_with('-');
        let (mut value, rest) = leading_i64(token)?;
        let mut part = 0.0;
        if let Some(months) = rest.strip_prefix('-') {
            // years-months
            let (months, rest) = leading_i32(months)?;
            if !(0..MONTHS_PER_YEAR).contains(&months) {
                return Err(OVERFLOW);
            }
            if !rest.is_empty() {
                return Err(ParseError::BadFormat);
            }
            unit = Unit::Month;
            let months = i64::from(if negative { -months } else { months });
            value = value
                .checked_mul(i64::from(MONTHS_PER_YEAR))
                .and_then(|value| value.checked_add(months))
                .ok_or(OVERFLOW)?;
        } else if rest.starts_with('.') || rest.starts_with("-.") || rest.starts_with("+.") {
            part = fraction(rest.trim_start_matches(['+', '-']))?;
            if negative {
                part = -part;
            }
        } else if !rest.is_empty() {
            return Err(ParseError::BadFormat);
        }
        if self.all_negative {
            value = if value > 0 { -value } else { value };
            part = -part.abs();
        }
        self.parts.add_unit(unit, value, part)?;
        // A number to the left of hours without a unit counts days.
        self.unit = Some(if unit == Unit::Hour { Unit::Day } else { unit });
        self.unit_pending = false;
        Ok(seen_by(unit, part))
    }

    /// Answers an infinity; everything else is noted.
    fn word(&mut self, token: &str, is_last: bool) -> ParseResult<Option<Word>> {
        if self.unit_pending {
            return Err(ParseError::BadFormat);
        }
        if token == "ago" {
            if !is_last {
                return Err(ParseError::BadFormat);
            }
            self.ago = true;
            // A number right before it has no unit that it could take.
            self.unit = Some(Unit::Epoch);
            return Ok(None);
        }
        if let Some(unit) = find_unit(token) {
            self.unit = Some(unit);
            self.unit_pending = true;
            return Ok(None);
        }
        match find_word(token) {
            Some(Word::Ignored) => {
                self.unit = None;
                Ok(None)
            }
            Some(Word::Unit(unit)) => {
                self.unit = Some(unit);
                self.unit_pending = true;
                Ok(None)
            }
            Some(word @ (Word::Infinity | Word::MinusInfinity)) if is_last => Ok(Some(word)),
            _ => Err(ParseError::BadFormat),
        }
    }
}

/// What a number without unit means: the last field of the type.
fn unit_of_range(range: i32) -> Unit {
    if range & SECOND != 0 {
        Unit::Second
    } else if range & MINUTE != 0 {
        Unit::Minute
    } else if range & HOUR != 0 {
        Unit::Hour
    } else if range & DAY != 0 {
        Unit::Day
    } else if range & MONTH != 0 {
        Unit::Month
    } else if range & YEAR != 0 {
        Unit::Year
    } else {
        Unit::Second
    }
}
