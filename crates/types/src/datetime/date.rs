//! `date`.

use super::calendar::{
    DATE_INFINITY, DATE_MINUS_INFINITY, EPOCH_JD, UNIX_EPOCH_JD, civil_from_julian, is_valid_date,
    is_valid_julian,
};
use super::errors::{date_out_of_range, date_text_out_of_range, exactly};
use super::output;
use super::parse::{Parsed, parse_datetime, parse_iso_date};
use crate::env::{FormatSettings, TypeEnv};
use pglitedb_sqlstate::Result;

/// Parses a date.
pub fn date_in(text: &str, env: &dyn TypeEnv) -> Result<i32> {
    if let Some((year, month, day)) = parse_iso_date(text.as_bytes()) {
        return ymd_to_date(year, month, day).ok_or_else(|| date_text_out_of_range(text));
    }
    match parse_datetime("date", text, env)? {
        Parsed::At(tm, _) => {
            ymd_to_date(tm.year, tm.mon, tm.mday).ok_or_else(|| date_text_out_of_range(text))
        }
        Parsed::Epoch => Ok((UNIX_EPOCH_JD - EPOCH_JD) as i32),
        Parsed::Infinity => Ok(DATE_INFINITY),
        Parsed::MinusInfinity => Ok(DATE_MINUS_INFINITY),
    }
}

/// Day number of a valid calendar date; `None` if out of range.
pub fn ymd_to_date(year: i32, month: i32, day: i32) -> Option<i32> {
    if !is_valid_julian(year, month) {
        return None;
    }
    let days = super::calendar::julian_day(year, month, day) - EPOCH_JD;
    if is_valid_date(days) { i32::try_from(days).ok() } else { None }
}

/// Prints a date.
pub fn date_out(value: i32, settings: &FormatSettings, out: &mut Vec<u8>) {
    match value {
        DATE_INFINITY => out.extend_from_slice(b"infinity"),
        DATE_MINUS_INFINITY => out.extend_from_slice(b"-infinity"),
        _ => output::put_date(out, i64::from(value) + EPOCH_JD, settings.date_style, settings.date_order),
    }
}

/// Reads the binary form.
pub fn date_recv(bytes: &[u8]) -> Result<i32> {
    let value = i32::from_be_bytes(exactly(bytes)?);
    if !is_finite_date(value) || is_valid_date(i64::from(value)) {
        Ok(value)
    } else {
        Err(date_out_of_range())
    }
}

/// Writes the binary form.
pub fn date_send(value: i32, out: &mut Vec<u8>) {
    out.extend_from_slice(&value.to_be_bytes());
}

/// Is the date neither infinity?
pub fn is_finite_date(value: i32) -> bool {
    value != DATE_INFINITY && value != DATE_MINUS_INFINITY
}

/// Year (0 is 1 BC), month and day of a finite date.
pub fn date_to_ymd(value: i32) -> (i32, i32, i32) {
    civil_from_julian(i64::from(value) + EPOCH_JD)
}
