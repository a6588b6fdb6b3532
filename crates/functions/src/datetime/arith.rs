//! Addition, subtraction, multiplication; `age`, `justify_*`, `date_trunc`, `date_bin`.

use super::args::{AnyTimestamp, Date, Time, Timestamp, TimestampTz};
use super::zone;
use crate::Registry;
use pglitedb_types::datetime::{self as dt, ZoneName};
use pglitedb_types::{Interval, TimeTz};

pub(crate) fn register(reg: &mut Registry) {
    dates(reg);
    times(reg);
    timestamps(reg);
    intervals(reg);
    truncation(reg);
}

fn dates(reg: &mut Registry) {
    scalars!(reg;
        "date_pli" => |a: Date, b: i32| dt::date_add_days(a.0, b).map(Date);
        "sql:2550" => |a: i32, b: Date| dt::date_add_days(b.0, a).map(Date);
        "date_mii" => |a: Date, b: i32| dt::date_sub_days(a.0, b).map(Date);
        "date_mi" => |a: Date, b: Date| dt::date_diff(a.0, b.0);
        "date_pl_interval" => |a: Date, b: Interval| {
            dt::timestamp_add_interval(dt::date_to_timestamp(a.0)?, b).map(Timestamp)
        };
        "sql:2546" => |a: Interval, b: Date| {
            dt::timestamp_add_interval(dt::date_to_timestamp(b.0)?, a).map(Timestamp)
        };
        "date_mi_interval" => |a: Date, b: Interval| {
            dt::timestamp_sub_interval(dt::date_to_timestamp(a.0)?, b).map(Timestamp)
        };
        "datetime_timestamp" => |a: Date, b: Time| dt::date_and_time(a.0, b.0).map(Timestamp);
        "sql:1296" => |a: Time, b: Date| dt::date_and_time(b.0, a.0).map(Timestamp);
        "datetimetz_timestamptz" => |a: Date, b: TimeTz| dt::date_and_timetz(a.0, b).map(TimestampTz);
        "sql:1298" => |a: TimeTz, b: Date| dt::date_and_timetz(b.0, a).map(TimestampTz);
        "sql:1176" => [ctx] |a: Date, b: Time| {
            dt::timestamp_to_timestamptz(dt::date_and_time(a.0, b.0)?, zone(ctx)).map(TimestampTz)
        };
    );
}

fn times(reg: &mut Registry) {
    scalars!(reg;
        "time_pl_interval" => |a: Time, b: Interval| dt::time_add_interval(a.0, b).map(Time);
        "sql:1848" => |a: Interval, b: Time| dt::time_add_interval(b.0, a).map(Time);
        "time_mi_interval" => |a: Time, b: Interval| dt::time_sub_interval(a.0, b).map(Time);
        "time_mi_time" => |a: Time, b: Time| dt::time_diff(a.0, b.0);
        "timetz_pl_interval" => |a: TimeTz, b: Interval| dt::timetz_add_interval(a, b);
        "sql:2547" => |a: Interval, b: TimeTz| dt::timetz_add_interval(b, a);
        "timetz_mi_interval" => |a: TimeTz, b: Interval| dt::timetz_sub_interval(a, b);
    );
}

fn timestamps(reg: &mut Registry) {
    scalars!(reg;
        "timestamp_pl_interval" => |a: Timestamp, b: Interval| dt::timestamp_add_interval(a.0, b).map(Timestamp);
        "sql:2548" => |a: Interval, b: Timestamp| dt::timestamp_add_interval(b.0, a).map(Timestamp);
        "timestamp_mi_interval" => |a: Timestamp, b: Interval| dt::timestamp_sub_interval(a.0, b).map(Timestamp);
        "timestamptz_pl_interval" => [ctx] |a: TimestampTz, b: Interval| {
            dt::timestamptz_add_interval(a.0, b, zone(ctx)).map(TimestampTz)
        };
        "sql:2549" => [ctx] |a: Interval, b: TimestampTz| {
            dt::timestamptz_add_interval(b.0, a, zone(ctx)).map(TimestampTz)
        };
        "timestamptz_mi_interval" => [ctx] |a: TimestampTz, b: Interval| {
            dt::timestamptz_sub_interval(a.0, b, zone(ctx)).map(TimestampTz)
        };
        "timestamptz_pl_interval_at_zone" => [ctx] |a: TimestampTz, b: Interval, name: &str| {
            let zone = ZoneName::resolve(name, zone(ctx))?.into_zone()?;
            dt::timestamptz_add_interval(a.0, b, &zone).map(TimestampTz)
        };
        "timestamptz_mi_interval_at_zone" => [ctx] |a: TimestampTz, b: Interval, name: &str| {
            let zone = ZoneName::resolve(name, zone(ctx))?.into_zone()?;
            dt::timestamptz_sub_interval(a.0, b, &zone).map(TimestampTz)
        };
        "timestamp_mi" => |a: AnyTimestamp, b: AnyTimestamp| dt::timestamp_diff(a.0, b.0);
        "timestamp_age" => |a: Timestamp, b: Timestamp| dt::timestamp_age(a.0, b.0);
        "timestamptz_age" => [ctx] |a: TimestampTz, b: TimestampTz| dt::timestamptz_age(a.0, b.0, zone(ctx));
        // age(x) counts from today's midnight.
        "sql:2059" => [ctx] |a: Timestamp| {
            let today = dt::date_to_timestamp(super::current::current_date(ctx.env))?;
            dt::timestamp_age(today, a.0)
        };
        "sql:1386" => [ctx] |a: TimestampTz| {
            let today = dt::date_to_timestamptz(super::current::current_date(ctx.env), zone(ctx))?;
            dt::timestamptz_age(today, a.0, zone(ctx))
        };
    );
}

fn intervals(reg: &mut Registry) {
    scalars!(reg;
        "interval_um" => |a: Interval| dt::interval_neg(a);
        "interval_pl" => |a: Interval, b: Interval| dt::interval_add(a, b);
        "interval_mi" => |a: Interval, b: Interval| dt::interval_sub(a, b);
        "interval_mul" => |a: Interval, b: f64| dt::interval_mul(a, b);
        "mul_d_interval" => |a: f64, b: Interval| dt::interval_mul(b, a);
        "interval_div" => |a: Interval, b: f64| dt::interval_div(a, b);
        "interval_justify_days" => |a: Interval| dt::justify_days(a);
        "interval_justify_hours" => |a: Interval| dt::justify_hours(a);
        "interval_justify_interval" => |a: Interval| dt::justify_interval(a);
    );
}

fn truncation(reg: &mut Registry) {
    scalars!(reg;
        "timestamp_trunc" => |unit: &str, a: Timestamp| dt::timestamp_trunc(unit, a.0).map(Timestamp);
        "timestamptz_trunc" => [ctx] |unit: &str, a: TimestampTz| {
            dt::timestamptz_trunc(unit, a.0, zone(ctx)).map(TimestampTz)
        };
        "timestamptz_trunc_zone" => [ctx] |unit: &str, a: TimestampTz, name: &str| {
            let zone = ZoneName::resolve(name, zone(ctx))?.into_zone()?;
            dt::timestamptz_trunc(unit, a.0, &zone).map(TimestampTz)
        };
        "interval_trunc" => |unit: &str, a: Interval| dt::interval_trunc(unit, a);
        "timestamp_bin" => |stride: Interval, a: Timestamp, origin: Timestamp| {
            dt::date_bin(stride, a.0, origin.0).map(Timestamp)
        };
        "timestamptz_bin" => |stride: Interval, a: TimestampTz, origin: TimestampTz| {
            dt::date_bin(stride, a.0, origin.0).map(TimestampTz)
        };
        "daterange_subdiff" => |a: Date, b: Date| f64::from(a.0) - f64::from(b.0);
        "tsrange_subdiff" => |a: Timestamp, b: Timestamp| (a.0 as f64 - b.0 as f64) / 1e6;
        "tstzrange_subdiff" => |a: TimestampTz, b: TimestampTz| (a.0 as f64 - b.0 as f64) / 1e6;
    );
}
