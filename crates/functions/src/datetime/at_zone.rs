//! `AT TIME ZONE`, `AT LOCAL`.

use super::args::{Timestamp, TimestampTz};
use super::zone;
use crate::Registry;
use pglitedb_types::datetime::{self as dt, ZoneName};
use pglitedb_types::{Datum, Interval, TimeTz};

pub(crate) fn register(reg: &mut Registry) {
    scalars!(reg;
        // Infinity is the same everywhere, even in zones that do not exist.
        "timestamp_zone" => [ctx] |name: &str, a: Timestamp| {
            if !dt::is_finite_timestamp(a.0) {
                return Ok(Datum::TimestampTz(a.0));
            }
            dt::timestamp_at_zone(a.0, &ZoneName::resolve(name, zone(ctx))?).map(TimestampTz)
        };
        "timestamptz_zone" => [ctx] |name: &str, a: TimestampTz| {
            if !dt::is_finite_timestamp(a.0) {
                return Ok(Datum::Timestamp(a.0));
            }
            dt::timestamptz_at_zone(a.0, &ZoneName::resolve(name, zone(ctx))?).map(Timestamp)
        };
        "timetz_zone" => [ctx] |name: &str, a: TimeTz| {
            dt::timetz_at_zone(a, &ZoneName::resolve(name, zone(ctx))?, ctx.env.transaction_timestamp())
        };
        "timestamp_izone" => |offset: Interval, a: Timestamp| dt::timestamp_at_offset(a.0, offset).map(TimestampTz);
        "timestamptz_izone" => |offset: Interval, a: TimestampTz| {
            dt::timestamptz_at_offset(a.0, offset).map(Timestamp)
        };
        "timetz_izone" => |offset: Interval, a: TimeTz| dt::timetz_at_offset(a, offset);
        "timestamp_at_local" => [ctx] |a: Timestamp| dt::timestamp_to_timestamptz(a.0, zone(ctx)).map(TimestampTz);
        "timestamptz_at_local" => [ctx] |a: TimestampTz| {
            dt::timestamptz_to_timestamp(a.0, zone(ctx)).map(Timestamp)
        };
        "timetz_at_local" => [ctx] |a: TimeTz| {
            dt::timetz_at_zone(a, &ZoneName::Zone(zone(ctx).clone()), ctx.env.transaction_timestamp())
        };
    );
}
