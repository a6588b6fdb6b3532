//! `interval`: text, binary, comparison, arithmetic.

mod arith;
mod input;
mod iso8601;
mod output;

pub use arith::*;

use super::calendar::USECS_PER_DAY;
use super::errors::{insufficient_data, interval_out_of_range};
use super::typmod::{interval_fields, interval_precision, interval_range, is_interval_range, round_micros};
use crate::Interval;
use crate::env::{FormatSettings, TypeEnv};
use pglitedb_sqlstate::{Error, Result};
use std::cmp::Ordering;

/// `infinity`
pub const INTERVAL_INFINITY: Interval = Interval { months: i32::MAX, days: i32::MAX, micros: i64::MAX };
/// `-infinity`
pub const INTERVAL_MINUS_INFINITY: Interval = Interval { months: i32::MIN, days: i32::MIN, micros: i64::MIN };
/// Days of a month where an interval must be compared or broken down.
pub const DAYS_PER_MONTH: i32 = 30;
/// Months of a year.
pub const MONTHS_PER_YEAR: i32 = 12;

/// Parses an interval.
pub fn interval_in(text: &str, typmod: i32, env: &dyn TypeEnv) -> Result<Interval> {
    let value = input::parse(text, interval_range(typmod), env.format().interval_style)?;
    interval_apply_typmod(value, typmod)
}

/// Prints an interval.
pub fn interval_out(value: Interval, settings: &FormatSettings, out: &mut Vec<u8>) {
    output::put_interval(out, value, settings.interval_style);
}

/// Cuts off fields and rounds to the precision that the type modifier asks for.
pub fn interval_apply_typmod(value: Interval, typmod: i32) -> Result<Interval> {
    use super::calendar::{USECS_PER_HOUR, USECS_PER_MINUTE};
    use interval_fields::{DAY, HOUR, MINUTE, MONTH, SECOND, YEAR};
    if typmod < 0 || !is_finite_interval(value) {
        return Ok(value);
    }
    let mut value = value;
    let range = interval_range(typmod);
    if !is_interval_range(range) {
        return Err(Error::internal(format!("unrecognized interval typmod: {typmod}")));
    }
    if range & (DAY | HOUR | MINUTE | SECOND) == 0 {
        (value.days, value.micros) = (0, 0);
        if range & MONTH == 0 && range & YEAR != 0 {
            value.months -= value.months % MONTHS_PER_YEAR;
        }
    } else if range & (HOUR | MINUTE | SECOND) == 0 {
        value.micros = 0;
    } else if range & (MINUTE | SECOND) == 0 {
        value.micros -= value.micros % USECS_PER_HOUR;
    } else if range & SECOND == 0 {
        value.micros -= value.micros % USECS_PER_MINUTE;
    }
    if let Some(precision) = interval_precision(typmod) {
        // Rounding away from zero must stay within the type.
        if value.micros.unsigned_abs() > i64::MAX as u64 - 500_000 {
            return Err(interval_out_of_range());
        }
        value.micros = round_micros(value.micros, precision);
    }
    Ok(value)
}

/// Reads the binary form.
pub fn interval_recv(bytes: &[u8], typmod: i32) -> Result<Interval> {
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = *bytes else { return Err(insufficient_data()) };
    let value = Interval {
        micros: i64::from_be_bytes([a, b, c, d, e, f, g, h]),
        days: i32::from_be_bytes([i, j, k, l]),
        months: i32::from_be_bytes([m, n, o, p]),
    };
    interval_apply_typmod(value, typmod)
}

/// Writes the binary form.
pub fn interval_send(value: Interval, out: &mut Vec<u8>) {
    out.extend_from_slice(&value.micros.to_be_bytes());
    out.extend_from_slice(&value.days.to_be_bytes());
    out.extend_from_slice(&value.months.to_be_bytes());
}

/// Is the interval neither infinity?
pub fn is_finite_interval(value: Interval) -> bool {
    value != INTERVAL_INFINITY && value != INTERVAL_MINUS_INFINITY
}

/// The length in microseconds, with 30 days a month and 24 hours a day. Equal intervals have equal lengths, so this is
/// what comparison and hashing look at.
pub fn interval_length(value: Interval) -> i128 {
    let days = i64::from(value.months) * i64::from(DAYS_PER_MONTH) + i64::from(value.days);
    i128::from(days) * i128::from(USECS_PER_DAY) + i128::from(value.micros)
}

/// Orders by length.
pub fn interval_cmp(left: Interval, right: Interval) -> Ordering {
    interval_length(left).cmp(&interval_length(right))
}
