//! `timestamp` and `timestamptz`: text, binary, precision, the session's zone.

use super::calendar::{
    TIMESTAMP_INFINITY, TIMESTAMP_MINUS_INFINITY, Tm, UNIX_EPOCH_SHIFT_SECS, USECS_PER_SEC,
    is_valid_timestamp, timestamp_to_tm, tm_to_timestamp,
};
use super::errors::{exactly, timestamp_out_of_range, timestamp_text_out_of_range};
use super::output::{self, ZoneText};
use super::parse::{Parsed, parse_datetime, parse_iso_timestamp};
use super::typmod::round_micros;
use super::zone::{LocalType, TimeZone};
use crate::env::{FormatSettings, TypeEnv};
use pglitedb_sqlstate::{Result, err};

/// 1970-01-01 as a timestamp.
const UNIX_EPOCH: i64 = -UNIX_EPOCH_SHIFT_SECS * USECS_PER_SEC;

/// Parses a timestamp without time zone; a zone in the text is ignored.
pub fn timestamp_in(text: &str, typmod: i32, env: &dyn TypeEnv) -> Result<i64> {
    if let Some((tm, _)) = parse_iso_timestamp(text.as_bytes()) {
        let value = tm_to_timestamp(&tm, 0).ok_or_else(|| timestamp_text_out_of_range(text))?;
        return timestamp_apply_typmod(value, typmod);
    }
    let value = match parse_datetime("timestamp", text, env)? {
        Parsed::At(tm, _) => tm_to_timestamp(&tm, 0).ok_or_else(|| timestamp_text_out_of_range(text))?,
        Parsed::Epoch => UNIX_EPOCH,
        Parsed::Infinity => TIMESTAMP_INFINITY,
        Parsed::MinusInfinity => TIMESTAMP_MINUS_INFINITY,
    };
    timestamp_apply_typmod(value, typmod)
}

/// Parses a timestamp with time zone; without a zone in the text the session's counts.
pub fn timestamptz_in(text: &str, typmod: i32, env: &dyn TypeEnv) -> Result<i64> {
    if let Some((tm, offset_east)) = parse_iso_timestamp(text.as_bytes()) {
        let offset_east = offset_east.unwrap_or_else(|| env.format().time_zone.at_local(&tm).offset_east);
        let value = tm_to_timestamp(&tm, offset_east).ok_or_else(|| timestamp_text_out_of_range(text))?;
        return timestamp_apply_typmod(value, typmod);
    }
    let value = match parse_datetime("timestamp with time zone", text, env)? {
        Parsed::At(tm, offset_east) => {
            tm_to_timestamp(&tm, offset_east).ok_or_else(|| timestamp_text_out_of_range(text))?
        }
        Parsed::Epoch => UNIX_EPOCH,
        Parsed::Infinity => TIMESTAMP_INFINITY,
        Parsed::MinusInfinity => TIMESTAMP_MINUS_INFINITY,
    };
    timestamp_apply_typmod(value, typmod)
}

/// Prints the infinities; `false` if it is none.
fn put_infinity(value: i64, out: &mut Vec<u8>) -> bool {
    match value {
        TIMESTAMP_INFINITY => out.extend_from_slice(b"infinity"),
        TIMESTAMP_MINUS_INFINITY => out.extend_from_slice(b"-infinity"),
        _ => return false,
    }
    true
}

/// Prints a timestamp without time zone.
pub fn timestamp_out(value: i64, settings: &FormatSettings, out: &mut Vec<u8>) {
    if !put_infinity(value, out) {
        let tm = timestamp_to_tm(value);
        output::put_timestamp(out, &tm, None, settings.date_style, settings.date_order);
    }
}

/// Prints a timestamp with time zone, in the session's zone.
pub fn timestamptz_out(value: i64, settings: &FormatSettings, out: &mut Vec<u8>) {
    if !put_infinity(value, out) {
        let (tm, kind) = timestamptz_to_tm(value, &settings.time_zone);
        let zone = ZoneText { offset_east: kind.offset_east, abbrev: &kind.abbrev };
        output::put_timestamp(out, &tm, Some(zone), settings.date_style, settings.date_order);
    }
}

/// Prints a timestamp without time zone as JSON and XML want it: `2026-11-21T08:45:00`.
pub fn timestamp_out_xsd(value: i64, out: &mut Vec<u8>) {
    if !put_infinity(value, out) {
        output::put_timestamp_xsd(out, &timestamp_to_tm(value), None);
    }
}

/// Prints a timestamp with time zone as JSON and XML want it: `2026-11-21T08:45:00+00:00`.
pub fn timestamptz_out_xsd(value: i64, zone: &TimeZone, out: &mut Vec<u8>) {
    if !put_infinity(value, out) {
        let (tm, kind) = timestamptz_to_tm(value, zone);
        output::put_timestamp_xsd(out, &tm, Some(kind.offset_east));
    }
}

/// Prints a timestamp with time zone as [`timestamptz_out_xsd`] does, at an offset from UTC.
pub fn timestamptz_out_xsd_at(value: i64, offset_east: i32, out: &mut Vec<u8>) {
    if !put_infinity(value, out) {
        let tm = timestamp_to_tm(value.saturating_add(i64::from(offset_east) * USECS_PER_SEC));
        output::put_timestamp_xsd(out, &tm, Some(offset_east));
    }
}

/// What calendar and clock show in a zone at a moment.
pub fn timestamptz_to_tm(value: i64, zone: &TimeZone) -> (Tm, &LocalType) {
    let kind = zone.at(value.div_euclid(USECS_PER_SEC) + UNIX_EPOCH_SHIFT_SECS);
    (timestamp_to_tm(value.saturating_add(i64::from(kind.offset_east) * USECS_PER_SEC)), kind)
}

/// The moment at which calendar and clock of a zone show `tm`; `None` if out of range.
pub fn tm_to_timestamptz(tm: &Tm, zone: &TimeZone) -> Option<i64> {
    tm_to_timestamp(tm, zone.at_local(tm).offset_east)
}

/// Is the timestamp neither infinity?
#[inline]
pub fn is_finite_timestamp(value: i64) -> bool {
    value != TIMESTAMP_INFINITY && value != TIMESTAMP_MINUS_INFINITY
}

/// Rounds to the precision of the type modifier (both timestamp types).
pub fn timestamp_apply_typmod(value: i64, typmod: i32) -> Result<i64> {
    let most = super::typmod::MAX_PRECISION;
    if typmod == -1 || typmod == most || !is_finite_timestamp(value) {
        return Ok(value);
    }
    if !(0..most).contains(&typmod) {
        return Err(err!(
            INVALID_PARAMETER_VALUE,
            "timestamp({typmod}) precision must be between 0 and {most}"
        ));
    }
    Ok(round_micros(value, typmod))
}

/// Reads the binary form (both timestamp types).
pub fn timestamp_recv(bytes: &[u8], typmod: i32) -> Result<i64> {
    let value = i64::from_be_bytes(exactly(bytes)?);
    if is_finite_timestamp(value) && !is_valid_timestamp(value) {
        return Err(timestamp_out_of_range());
    }
    timestamp_apply_typmod(value, typmod)
}

/// Writes the binary form (both timestamp types).
pub fn timestamp_send(value: i64, out: &mut Vec<u8>) {
    out.extend_from_slice(&value.to_be_bytes());
}
