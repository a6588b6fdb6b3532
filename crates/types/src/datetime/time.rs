//! `time`.

use super::calendar::{Tm, USECS_PER_DAY};
use super::errors::{exactly, time_out_of_range};
use super::output;
use super::parse::{parse_iso_time, parse_time};
use super::typmod::round_micros;
use crate::env::TypeEnv;
use pglitedb_sqlstate::Result;

/// Parses a time of day.
pub fn time_in(text: &str, typmod: i32, env: &dyn TypeEnv) -> Result<i64> {
    let micros = match parse_iso_time(text.as_bytes()) {
        Some(micros) => micros,
        None => parse_time("time", text, env)?.0.time_micros(),
    };
    Ok(time_apply_typmod(micros, typmod))
}

/// Prints a time of day.
pub fn time_out(value: i64, out: &mut Vec<u8>) {
    let mut tm = Tm::default();
    tm.set_time_micros(value);
    output::put_clock(out, &tm);
}

/// Rounds to the precision of the type modifier.
pub fn time_apply_typmod(value: i64, typmod: i32) -> i64 {
    round_micros(value, typmod)
}

/// Reads the binary form.
pub fn time_recv(bytes: &[u8], typmod: i32) -> Result<i64> {
    let value = i64::from_be_bytes(exactly(bytes)?);
    if !(0..=USECS_PER_DAY).contains(&value) {
        return Err(time_out_of_range());
    }
    Ok(time_apply_typmod(value, typmod))
}

/// Writes the binary form.
pub fn time_send(value: i64, out: &mut Vec<u8>) {
    out.extend_from_slice(&value.to_be_bytes());
}
