//! `extract` (a `numeric`) and `date_part` (a `double precision`).

use super::args::{Date, Time, Timestamp, TimestampTz};
use super::zone;
use crate::Registry;
use pglitedb_sqlstate::Result;
use pglitedb_types::datetime::{self as dt, Extracted};
use pglitedb_types::{Interval, Numeric, TimeTz};

/// The `numeric` that `extract` answers; `None` is NULL.
pub fn to_numeric(value: Extracted) -> Result<Option<Numeric>> {
    let scaled = |value: i64, scale: u32| Numeric::from_scaled(i128::from(value), scale);
    Ok(Some(match value {
        Extracted::Null => return Ok(None),
        Extracted::Infinite(true) => Numeric::NEG_INFINITY,
        Extracted::Infinite(false) => Numeric::INFINITY,
        Extracted::Int(value) => scaled(value, 0),
        Extracted::Millis(micros) => scaled(micros, 3),
        Extracted::Seconds(micros) => scaled(micros, 6),
        Extracted::Epoch(micros) => Numeric::from_scaled(micros, 6),
        Extracted::Julian(day, micros) => {
            scaled(day, 0).add(&scaled(micros, 0).div(&scaled(dt::calendar::USECS_PER_DAY, 0))?)?
        }
    }))
}

pub(crate) fn register(reg: &mut Registry) {
    scalars!(reg;
        "extract_date" => |field: &str, a: Date| to_numeric(dt::extract_date(field, a.0)?);
        "extract_time" => |field: &str, a: Time| to_numeric(dt::extract_time(field, a.0)?);
        "extract_timetz" => |field: &str, a: TimeTz| to_numeric(dt::extract_timetz(field, a)?);
        "extract_timestamp" => |field: &str, a: Timestamp| to_numeric(dt::extract_timestamp(field, a.0)?);
        "extract_timestamptz" => [ctx] |field: &str, a: TimestampTz| {
            to_numeric(dt::extract_timestamptz(field, a.0, zone(ctx))?)
        };
        "extract_interval" => |field: &str, a: Interval| to_numeric(dt::extract_interval(field, a)?);
        "sql:1384" => |field: &str, a: Date| dt::date_part_date(field, a.0)?.to_f64();
        "time_part" => |field: &str, a: Time| dt::extract_time(field, a.0)?.to_f64();
        "timetz_part" => |field: &str, a: TimeTz| dt::extract_timetz(field, a)?.to_f64();
        "timestamp_part" => |field: &str, a: Timestamp| dt::extract_timestamp(field, a.0)?.to_f64();
        "timestamptz_part" => [ctx] |field: &str, a: TimestampTz| {
            dt::extract_timestamptz(field, a.0, zone(ctx))?.to_f64()
        };
        "interval_part" => |field: &str, a: Interval| dt::extract_interval(field, a)?.to_f64();
    );
}
