//! Reads dates and times as people write them.
//!
//! Text in ISO order, by far the most frequent, is recognised directly ([`iso`]). Everything else is cut into tokens
//! ([`token`]), which are then read from left to right; what a bare number means depends on what came before and on
//! `DateStyle` ([`fields`]).

mod datetime;
mod fields;
mod iso;
mod timeonly;
pub(super) mod token;
pub(super) mod words;

pub(super) use datetime::{Parsed, parse_datetime};
pub(super) use fields::{Clock, parse_offset};
pub(super) use iso::{parse_iso_date, parse_iso_time, parse_iso_timestamp};
pub(super) use timeonly::parse_time;

use super::errors::{invalid_syntax, zone_not_recognized};
use pglitedb_sqlstate::{Error, err};

/// Why text could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ParseError {
    /// It is no date at all.
    BadFormat,
    /// A field is out of range.
    FieldOverflow,
    /// Month or day is out of range, perhaps because of the order of the fields.
    MonthDayOverflow,
    /// The offset is too large.
    ZoneOverflow,
    /// No such zone.
    BadZone(String),
}

pub(super) type ParseResult<T> = Result<T, ParseError>;

impl ParseError {
    /// The error for the user.
    pub(super) fn report(self, type_name: &str, text: &str) -> Error {
        let overflow = || err!(DATETIME_FIELD_OVERFLOW, "date/time field value out of range: \"{text}\"");
        match self {
            ParseError::BadFormat => invalid_syntax(type_name, text),
            ParseError::FieldOverflow => overflow(),
            ParseError::MonthDayOverflow => {
                overflow().hint("Perhaps you need a different \"DateStyle\" setting.")
            }
            ParseError::ZoneOverflow => {
                err!(INVALID_TIME_ZONE_DISPLACEMENT_VALUE, "time zone displacement out of range: \"{text}\"")
            }
            ParseError::BadZone(name) => zone_not_recognized(&name),
        }
    }
}

/// A leading integer (with sign) and what follows it. Without digits the number is 0 and nothing is consumed.
pub(super) fn leading_i64(text: &str) -> ParseResult<(i64, &str)> {
    let sign_len = usize::from(text.starts_with(['+', '-']));
    let digits = text[sign_len..].bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 {
        return Ok((0, text));
    }
    let (number, rest) = text.split_at(sign_len + digits);
    let number = number.parse().map_err(|_| ParseError::FieldOverflow)?;
    Ok((number, rest))
}

/// Like [`leading_i64`], for numbers that must fit 32 bits.
pub(super) fn leading_i32(text: &str) -> ParseResult<(i32, &str)> {
    let (number, rest) = leading_i64(text)?;
    Ok((i32::try_from(number).map_err(|_| ParseError::FieldOverflow)?, rest))
}

/// The number that `.digits` stands for.
pub(super) fn fraction(text: &str) -> ParseResult<f64> {
    match text.strip_prefix('.') {
        Some("") => Ok(0.0),
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            text.parse().map_err(|_| ParseError::BadFormat)
        }
        _ => Err(ParseError::BadFormat),
    }
}

/// `.digits` of a second, in microseconds.
pub(super) fn fraction_micros(text: &str) -> ParseResult<i32> {
    Ok((fraction(text)? * 1e6).round_ties_even() as i32)
}
