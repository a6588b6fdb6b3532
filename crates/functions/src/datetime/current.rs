//! The present: `now()` and its relatives, and the values behind `CURRENT_DATE`, `LOCALTIME`, ...

use super::args::TimestampTz;
use super::zone;
use crate::Registry;
use crate::call::{FnCtx, SessionEnv};
use pglitedb_sqlstate::Result;
use pglitedb_types::datetime::{self as dt, calendar::day_of_week};
use pglitedb_types::{Datum, TimeTz};

/// `CURRENT_DATE`
pub fn current_date(env: &dyn SessionEnv) -> i32 {
    dt::timestamptz_to_date(env.transaction_timestamp(), &env.format().time_zone)
}

/// `CURRENT_TIME [(precision)]`; -1 for no precision.
pub fn current_time(env: &dyn SessionEnv, precision: i32) -> TimeTz {
    let now = dt::timestamptz_to_timetz(env.transaction_timestamp(), &env.format().time_zone);
    dt::timetz_apply_typmod(now.unwrap_or(TimeTz { micros: 0, zone: 0 }), precision)
}

/// `CURRENT_TIMESTAMP [(precision)]`
pub fn current_timestamp(env: &dyn SessionEnv, precision: i32) -> Result<i64> {
    dt::timestamp_apply_typmod(env.transaction_timestamp(), precision)
}

/// `LOCALTIME [(precision)]`
pub fn local_time(env: &dyn SessionEnv, precision: i32) -> i64 {
    dt::time_apply_typmod(current_time(env, -1).micros, precision)
}

/// `LOCALTIMESTAMP [(precision)]`
pub fn local_timestamp(env: &dyn SessionEnv, precision: i32) -> Result<i64> {
    let now = dt::timestamptz_to_timestamp(env.transaction_timestamp(), &env.format().time_zone)?;
    dt::timestamp_apply_typmod(now, precision)
}

pub(crate) fn register(reg: &mut Registry) {
    scalars!(reg;
        "now" => [ctx] | | TimestampTz(ctx.env.transaction_timestamp());
        "statement_timestamp" => [ctx] | | TimestampTz(ctx.env.statement_timestamp());
        "clock_timestamp" => [ctx] | | TimestampTz(ctx.env.clock_timestamp());
        "timeofday" => [ctx] | | time_of_day(ctx);
    );
}

/// `Sat Nov 21 08:45:00.123456 2026 UTC`
fn time_of_day(ctx: &FnCtx<'_>) -> Datum {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    let (tm, kind) = dt::timestamptz_to_tm(ctx.env.clock_timestamp(), zone(ctx));
    let name = |names: &[&'static str], at: i32| {
        usize::try_from(at).ok().and_then(|at| names.get(at)).copied().unwrap_or("???")
    };
    let weekday = name(&DAYS, day_of_week(tm.julian_day()));
    let month = name(&MONTHS, tm.mon - 1);
    Datum::text(&format!(
        "{weekday} {month} {:02} {:02}:{:02}:{:02}.{:06} {} {}",
        tm.mday, tm.hour, tm.min, tm.sec, tm.usec, tm.year, kind.abbrev
    ))
}
