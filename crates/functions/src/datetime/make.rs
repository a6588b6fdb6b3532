//! Values made of numbers.

use super::args::{Date, Time, Timestamp, TimestampTz};
use super::zone;
use crate::Registry;
use pglitedb_types::datetime as dt;

pub(crate) fn register(reg: &mut Registry) {
    scalars!(reg;
        "make_date" => |year: i32, month: i32, day: i32| dt::make_date(year, month, day).map(Date);
        "make_time" => |hour: i32, min: i32, sec: f64| dt::make_time(hour, min, sec).map(Time);
        "make_timestamp" => |year: i32, month: i32, day: i32, hour: i32, min: i32, sec: f64| {
            dt::make_timestamp([year, month, day], hour, min, sec).map(Timestamp)
        };
        "make_timestamptz" => [ctx] |year: i32, month: i32, day: i32, hour: i32, min: i32, sec: f64| {
            let local = dt::make_timestamp([year, month, day], hour, min, sec)?;
            dt::timestamp_to_timestamptz(local, zone(ctx)).map(TimestampTz)
        };
        "make_timestamptz_at_timezone" => [ctx]
            |year: i32, month: i32, day: i32, hour: i32, min: i32, sec: f64, name: &str| {
                let local = dt::make_timestamp([year, month, day], hour, min, sec)?;
                dt::timestamp_at_zone(local, &dt::make_timestamptz_zone(name, zone(ctx))?).map(TimestampTz)
            };
        "make_interval" =>
            |years: i32, months: i32, weeks: i32, days: i32, hours: i32, mins: i32, secs: f64| {
                dt::make_interval([years, months, weeks, days, hours, mins], secs)
            };
        "float8_timestamptz" => |seconds: f64| dt::timestamptz_from_epoch(seconds).map(TimestampTz);
    );
}
