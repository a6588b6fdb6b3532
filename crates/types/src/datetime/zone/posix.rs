//! POSIX time zone specifications: `EST5EDT,M3.2.0,M11.1.0`, `<+03>-3`.

use super::LocalType;
use crate::datetime::calendar::{SECS_PER_DAY, UNIX_EPOCH_JD, civil_from_julian, is_leap_year, julian_day};

/// What a specification without rules means: the rules of the United States since 2007.
const DEFAULT_RULES: &str = ",M3.2.0,M11.1.0";

/// A day of the year on which the clocks change, and when on that day.
#[derive(Clone, Copy, Debug)]
struct RuleDate {
    day: RuleDay,
    /// Seconds after local midnight; may be negative or exceed a day.
    time: i64,
}

#[derive(Clone, Copy, Debug)]
enum RuleDay {
    /// `Jn`: 1 to 365, 29 February is never counted.
    WithoutLeapDay(i64),
    /// `n`: 0 to 365.
    FromZero(i64),
    /// `Mm.w.d`: month, week (5 is the last), day of the week.
    MonthWeekDay(i32, i64, i64),
}

/// A parsed specification.
#[derive(Debug)]
pub(super) struct PosixRule {
    /// Standard time.
    pub(super) std: LocalType,
    /// Daylight saving time with its first and last moment of the year.
    dst: Option<(LocalType, RuleDate, RuleDate)>,
}

/// A transition that a rule produces.
#[derive(Clone, Copy)]
pub(super) struct RuleTransition {
    /// Seconds since 1970 UTC.
    pub(super) at: i64,
    /// To daylight saving time?
    pub(super) to_dst: bool,
}

impl PosixRule {
    /// Parses a specification; `None` if it is none.
    pub(super) fn parse(text: &str) -> Option<PosixRule> {
        let mut parser = Parser(text.as_bytes());
        let std_name = parser.name()?;
        let std = LocalType {
            offset_east: i32::try_from(-parser.offset()?).ok()?,
            is_dst: false,
            abbrev: std_name,
        };
        if parser.0.is_empty() {
            return Some(PosixRule { std, dst: None });
        }
        let dst_name = parser.name().filter(|name| !name.is_empty())?;
        let dst_offset = match parser.0.first() {
            None | Some(b',') => std.offset_east.checked_add(3600)?,
            Some(_) => i32::try_from(-parser.offset()?).ok()?,
        };
        if parser.0.is_empty() {
            parser = Parser(DEFAULT_RULES.as_bytes());
        }
        let start = parser.rule()?;
        let end = parser.rule()?;
        if !parser.0.is_empty() {
            return None;
        }
        let dst = LocalType { offset_east: dst_offset, is_dst: true, abbrev: dst_name };
        Some(PosixRule { std, dst: Some((dst, start, end)) })
    }

    /// The daylight saving type, if there is one.
    pub(super) fn dst(&self) -> Option<&LocalType> {
        self.dst.as_ref().map(|(dst, _, _)| dst)
    }

    /// The type a transition leads to.
    pub(super) fn target(&self, transition: RuleTransition) -> &LocalType {
        match &self.dst {
            Some((dst, _, _)) if transition.to_dst => dst,
            _ => &self.std,
        }
    }

    /// The transitions of a year, in order.
    pub(super) fn transitions_of(&self, year: i32) -> Option<[RuleTransition; 2]> {
        let (dst, start, end) = self.dst.as_ref()?;
        let to_dst = RuleTransition { at: start.local(year) - i64::from(self.std.offset_east), to_dst: true };
        let to_std = RuleTransition { at: end.local(year) - i64::from(dst.offset_east), to_dst: false };
        Some(if to_dst.at < to_std.at { [to_dst, to_std] } else { [to_std, to_dst] })
    }

    /// The last transition at or before the moment and the first one after it.
    pub(super) fn around(&self, at: i64) -> Option<(RuleTransition, RuleTransition)> {
        let (year, _, _) = civil_from_julian(at.div_euclid(SECS_PER_DAY) + UNIX_EPOCH_JD);
        let mut before = None;
        for year in [year.checked_sub(1)?, year, year.checked_add(1)?] {
            for transition in self.transitions_of(year)? {
                if transition.at > at {
                    return Some((before?, transition));
                }
                before = Some(transition);
            }
        }
        None
    }
}

impl RuleDate {
    /// Seconds since 1970 in local time.
    fn local(&self, year: i32) -> i64 {
        let new_year = julian_day(year, 1, 1);
        let day = match self.day {
            RuleDay::WithoutLeapDay(n) => new_year + n - 1 + i64::from(n >= 60 && is_leap_year(year)),
            RuleDay::FromZero(n) => new_year + n,
            RuleDay::MonthWeekDay(month, week, weekday) => {
                let first = julian_day(year, month, 1);
                let first_weekday = (first + 1).rem_euclid(7);
                let mut day = first + (weekday - first_weekday).rem_euclid(7) + (week - 1) * 7;
                let next_month =
                    if month == 12 { julian_day(year + 1, 1, 1) } else { julian_day(year, month + 1, 1) };
                while day >= next_month {
                    day -= 7;
                }
                day
            }
        };
        (day - UNIX_EPOCH_JD) * SECS_PER_DAY + self.time
    }
}

struct Parser<'a>(&'a [u8]);

impl Parser<'_> {
    /// `<...>`, or everything up to a digit, sign or comma; may be empty.
    fn name(&mut self) -> Option<Box<str>> {
        let name = if let Some(rest) = self.0.strip_prefix(b"<") {
            let len = rest.iter().position(|byte| *byte == b'>')?;
            self.0 = &rest[len + 1..];
            &rest[..len]
        } else {
            let is_end = |byte: &u8| byte.is_ascii_digit() || b"+-,".contains(byte);
            let len = self.0.iter().position(is_end).unwrap_or(self.0.len());
            let (name, rest) = self.0.split_at(len);
            self.0 = rest;
            name
        };
        let name = std::str::from_utf8(name).ok()?;
        (name.len() < 50).then(|| name.into())
    }

    fn number(&mut self, min: i64, max: i64) -> Option<i64> {
        let len = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if len == 0 || len > 9 {
            return None;
        }
        let (digits, rest) = self.0.split_at(len);
        self.0 = rest;
        let value = digits.iter().fold(0, |value, digit| value * 10 + i64::from(digit - b'0'));
        (min..=max).contains(&value).then_some(value)
    }

    fn eat(&mut self, byte: u8) -> bool {
        match self.0.split_first() {
            Some((first, rest)) if *first == byte => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }

    /// `[+-]h[:m[:s]]` in seconds.
    fn offset(&mut self) -> Option<i64> {
        let negative = self.eat(b'-');
        if !negative {
            self.eat(b'+');
        }
        let mut seconds = self.number(0, 24 * 7 - 1)? * 3600;
        if self.eat(b':') {
            seconds += self.number(0, 59)? * 60;
            if self.eat(b':') {
                seconds += self.number(0, 60)?;
            }
        }
        Some(if negative { -seconds } else { seconds })
    }

    /// `,date[/time]`
    fn rule(&mut self) -> Option<RuleDate> {
        if !self.eat(b',') && !self.eat(b';') {
            return None;
        }
        let day = if self.eat(b'J') {
            RuleDay::WithoutLeapDay(self.number(1, 365)?)
        } else if self.eat(b'M') {
            let month = self.number(1, 12)? as i32;
            let week = self.eat(b'.').then(|| self.number(1, 5))??;
            let weekday = self.eat(b'.').then(|| self.number(0, 6))??;
            RuleDay::MonthWeekDay(month, week, weekday)
        } else {
            RuleDay::FromZero(self.number(0, 365)?)
        };
        let time = if self.eat(b'/') { self.offset()? } else { 7200 };
        Some(RuleDate { day, time })
    }
}
