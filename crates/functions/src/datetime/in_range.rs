//! Support of `RANGE` window frames: is a value within an offset of the current row's?

use super::args::{Date, Time, Timestamp, TimestampTz};
use super::zone;
use crate::Registry;
use pglitedb_sqlstate::{Result, bail};
use pglitedb_types::datetime::{
    self as dt, INTERVAL_INFINITY, INTERVAL_MINUS_INFINITY,
    calendar::{TIMESTAMP_INFINITY, TIMESTAMP_MINUS_INFINITY},
};
use pglitedb_types::{Interval, TimeTz};
use std::cmp::Ordering;

fn check_offset(negative: bool) -> Result<()> {
    if negative {
        bail!(INVALID_PRECEDING_OR_FOLLOWING_SIZE, "invalid preceding or following size in window function");
    }
    Ok(())
}

/// Is the ordering of value and limit what the frame asks for?
fn holds(ordering: Ordering, less: bool) -> bool {
    if less { ordering.is_le() } else { ordering.is_ge() }
}

/// `add` and `subtract` compute the limit from `base`.
fn timestamp_in_range(
    value: i64,
    base: i64,
    offset: Interval,
    (subtract, less): (bool, bool),
    limit: impl FnOnce() -> Result<i64>,
) -> Result<bool> {
    check_offset(dt::interval_sign(offset) < 0)?;
    // Infinity minus infinity is an error elsewhere; here everything is in range.
    let far = if subtract { TIMESTAMP_INFINITY } else { TIMESTAMP_MINUS_INFINITY };
    if offset == INTERVAL_INFINITY && base == far {
        return Ok(true);
    }
    Ok(holds(value.cmp(&limit()?), less))
}

fn plain(value: i64, base: i64, offset: Interval, subtract: bool, less: bool) -> Result<bool> {
    timestamp_in_range(value, base, offset, (subtract, less), || {
        if subtract {
            dt::timestamp_sub_interval(base, offset)
        } else {
            dt::timestamp_add_interval(base, offset)
        }
    })
}

fn interval_in_range(
    value: Interval,
    base: Interval,
    offset: Interval,
    subtract: bool,
    less: bool,
) -> Result<bool> {
    check_offset(dt::interval_sign(offset) < 0)?;
    let far = if subtract { INTERVAL_INFINITY } else { INTERVAL_MINUS_INFINITY };
    if offset == INTERVAL_INFINITY && base == far {
        return Ok(true);
    }
    let limit = if subtract { dt::interval_sub(base, offset) } else { dt::interval_add(base, offset) }?;
    Ok(holds(dt::interval_cmp(value, limit), less))
}

/// The limit on a clock that does not wrap around; `None` if it is beyond all times.
fn time_limit(base: i64, offset: Interval, subtract: bool) -> Result<Option<i64>> {
    check_offset(offset.micros < 0)?;
    Ok(if subtract { Some(base - offset.micros) } else { base.checked_add(offset.micros) })
}

pub(crate) fn register(reg: &mut Registry) {
    scalars!(reg;
        "in_range_date_interval" => |value: Date, base: Date, offset: Interval, subtract: bool, less: bool| {
            let value = dt::date_to_timestamp(value.0)?;
            plain(value, dt::date_to_timestamp(base.0)?, offset, subtract, less)
        };
        "in_range_timestamp_interval" =>
            |value: Timestamp, base: Timestamp, offset: Interval, subtract: bool, less: bool| {
                plain(value.0, base.0, offset, subtract, less)
            };
        "in_range_timestamptz_interval" => [ctx]
            |value: TimestampTz, base: TimestampTz, offset: Interval, subtract: bool, less: bool| {
                timestamp_in_range(value.0, base.0, offset, (subtract, less), || {
                    if subtract {
                        dt::timestamptz_sub_interval(base.0, offset, zone(ctx))
                    } else {
                        dt::timestamptz_add_interval(base.0, offset, zone(ctx))
                    }
                })
            };
        "in_range_interval_interval" =>
            |value: Interval, base: Interval, offset: Interval, subtract: bool, less: bool| {
                interval_in_range(value, base, offset, subtract, less)
            };
        "in_range_time_interval" => |value: Time, base: Time, offset: Interval, subtract: bool, less: bool| {
            match time_limit(base.0, offset, subtract)? {
                Some(limit) => holds(value.0.cmp(&limit), less),
                None => less,
            }
        };
        "in_range_timetz_interval" => |value: TimeTz, base: TimeTz, offset: Interval, subtract: bool, less: bool| {
            match time_limit(base.micros, offset, subtract)? {
                Some(micros) => holds(dt::timetz_cmp(value, TimeTz { micros, zone: base.zone }), less),
                None => less,
            }
        };
    );
}
