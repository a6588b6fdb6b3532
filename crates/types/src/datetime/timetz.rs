//! `timetz`.

use super::calendar::{Tm, USECS_PER_DAY, USECS_PER_SEC};
use super::errors::{insufficient_data, time_out_of_range};
use super::output;
use super::parse::parse_time;
use super::typmod::round_micros;
use crate::TimeTz;
use crate::env::TypeEnv;
use pglitedb_sqlstate::{Result, bail};
use std::cmp::Ordering;

/// Zones are less than this many seconds away from UTC.
pub const ZONE_LIMIT_SECS: i32 = 16 * 3600;

/// Parses a time of day with time zone.
pub fn timetz_in(text: &str, typmod: i32, env: &dyn TypeEnv) -> Result<TimeTz> {
    let (tm, offset_east) = parse_time("time with time zone", text, env)?;
    Ok(timetz_apply_typmod(TimeTz { micros: tm.time_micros(), zone: -offset_east }, typmod))
}

/// Prints a time of day with time zone.
pub fn timetz_out(value: TimeTz, out: &mut Vec<u8>) {
    let mut tm = Tm::default();
    tm.set_time_micros(value.micros);
    output::put_clock(out, &tm);
    output::put_offset(out, value.zone.saturating_neg(), false);
}

/// Prints a time of day with time zone as JSON and XML want it: the offset with minutes.
pub fn timetz_out_xsd(value: TimeTz, out: &mut Vec<u8>) {
    let mut tm = Tm::default();
    tm.set_time_micros(value.micros);
    output::put_clock(out, &tm);
    output::put_offset(out, value.zone.saturating_neg(), true);
}

/// Rounds to the precision of the type modifier.
pub fn timetz_apply_typmod(value: TimeTz, typmod: i32) -> TimeTz {
    TimeTz { micros: round_micros(value.micros, typmod), ..value }
}

/// Reads the binary form.
pub fn timetz_recv(bytes: &[u8], typmod: i32) -> Result<TimeTz> {
    let [a, b, c, d, e, f, g, h, i, j, k, l] = *bytes else { return Err(insufficient_data()) };
    let value = TimeTz {
        micros: i64::from_be_bytes([a, b, c, d, e, f, g, h]),
        zone: i32::from_be_bytes([i, j, k, l]),
    };
    if !(0..=USECS_PER_DAY).contains(&value.micros) {
        return Err(time_out_of_range());
    }
    if value.zone <= -ZONE_LIMIT_SECS || value.zone >= ZONE_LIMIT_SECS {
        bail!(INVALID_TIME_ZONE_DISPLACEMENT_VALUE, "time zone displacement out of range");
    }
    Ok(timetz_apply_typmod(value, typmod))
}

/// Writes the binary form.
pub fn timetz_send(value: TimeTz, out: &mut Vec<u8>) {
    out.extend_from_slice(&value.micros.to_be_bytes());
    out.extend_from_slice(&value.zone.to_be_bytes());
}

/// The same moment in UTC, in microseconds since midnight there.
pub fn timetz_utc_micros(value: TimeTz) -> i64 {
    value.micros.wrapping_add(i64::from(value.zone) * USECS_PER_SEC)
}

/// Orders by the moment, then by the zone (most western last).
pub fn timetz_cmp(left: TimeTz, right: TimeTz) -> Ordering {
    timetz_utc_micros(left).cmp(&timetz_utc_micros(right)).then(left.zone.cmp(&right.zone))
}
