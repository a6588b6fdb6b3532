//! Casts among the types, and to their own precision.

use super::args::{Date, Time, Timestamp, TimestampTz};
use super::zone;
use crate::Registry;
use pglitedb_types::datetime as dt;
use pglitedb_types::{Interval, TimeTz};

pub(crate) fn register(reg: &mut Registry) {
    scalars!(reg;
        "date_timestamp" => |a: Date| dt::date_to_timestamp(a.0).map(Timestamp);
        "date_timestamptz" => [ctx] |a: Date| dt::date_to_timestamptz(a.0, zone(ctx)).map(TimestampTz);
        "timestamp_date" => |a: Timestamp| Date(dt::timestamp_to_date(a.0));
        "timestamptz_date" => [ctx] |a: TimestampTz| Date(dt::timestamptz_to_date(a.0, zone(ctx)));
        "timestamp_timestamptz" => [ctx] |a: Timestamp| {
            dt::timestamp_to_timestamptz(a.0, zone(ctx)).map(TimestampTz)
        };
        "timestamptz_timestamp" => [ctx] |a: TimestampTz| {
            dt::timestamptz_to_timestamp(a.0, zone(ctx)).map(Timestamp)
        };
        "timestamp_time" => |a: Timestamp| dt::timestamp_to_time(a.0).map(Time);
        "timestamptz_time" => [ctx] |a: TimestampTz| dt::timestamptz_to_time(a.0, zone(ctx)).map(Time);
        "timestamptz_timetz" => [ctx] |a: TimestampTz| dt::timestamptz_to_timetz(a.0, zone(ctx));
        "time_timetz" => [ctx] |a: Time| dt::time_to_timetz(a.0, ctx.env.transaction_timestamp(), zone(ctx));
        "timetz_time" => |a: TimeTz| Time(a.micros);
        "time_interval" => |a: Time| Interval { micros: a.0, ..Interval::default() };
        "interval_time" => |a: Interval| dt::interval_to_time(a).map(Time);
        "timestamp_scale" => |a: Timestamp, typmod: i32| dt::timestamp_apply_typmod(a.0, typmod).map(Timestamp);
        "timestamptz_scale" => |a: TimestampTz, typmod: i32| {
            dt::timestamp_apply_typmod(a.0, typmod).map(TimestampTz)
        };
        "time_scale" => |a: Time, typmod: i32| Time(dt::time_apply_typmod(a.0, typmod));
        "timetz_scale" => |a: TimeTz, typmod: i32| dt::timetz_apply_typmod(a, typmod);
        "interval_scale" => |a: Interval, typmod: i32| dt::interval_apply_typmod(a, typmod);
    );
}
