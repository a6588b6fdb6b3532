//! `to_char`, `to_date`, `to_timestamp(text, text)`, `to_number`.

use crate::Registry;
use crate::datetime::args::{Date, Timestamp, TimestampTz};
use pglitedb_types::formatting as by_template;
use pglitedb_types::{Interval, Numeric};

pub(crate) fn register(reg: &mut Registry) {
    scalars!(reg;
        "timestamp_to_char" => |a: Timestamp, template: &str| by_template::timestamp_to_char(a.0, template);
        "timestamptz_to_char" => [ctx] |a: TimestampTz, template: &str| {
            by_template::timestamptz_to_char(a.0, template, &ctx.env.format().time_zone)
        };
        "interval_to_char" => |a: Interval, template: &str| by_template::interval_to_char(a, template);
        "numeric_to_char" => |a: &Numeric, template: &str| by_template::numeric_to_char(a, template);
        "int4_to_char" => |a: i32, template: &str| by_template::int4_to_char(a, template);
        "int8_to_char" => |a: i64, template: &str| by_template::int8_to_char(a, template);
        "float4_to_char" => |a: f32, template: &str| by_template::float4_to_char(a, template);
        "float8_to_char" => |a: f64, template: &str| by_template::float8_to_char(a, template);
        "numeric_to_number" => |a: &str, template: &str| by_template::to_number(a, template);
        "to_date" => [ctx] |a: &str, template: &str| {
            by_template::to_date(a, template, &ctx.env.format().time_zone).map(Date)
        };
        "to_timestamp" => [ctx] |a: &str, template: &str| {
            by_template::to_timestamp(a, template, &ctx.env.format().time_zone).map(TimestampTz)
        };
    );
}
