//! `generate_series` of timestamps.

use super::zone;
use crate::call::{FnCtx, SetIter};
use crate::convert::{Arg, arity, mismatch};
use crate::{Builtin, Registry};
use pglitedb_sqlstate::{Result, bail};
use pglitedb_types::datetime::{self as dt, ZoneName};
use pglitedb_types::{Datum, Interval, TimeZone};

/// A running series. With a zone it is one of `timestamptz`.
struct Series {
    next: Option<i64>,
    stop: i64,
    step: Interval,
    descending: bool,
    zone: Option<TimeZone>,
}

impl SetIter for Series {
    fn next(&mut self, ctx: &FnCtx<'_>, row: &mut Vec<Datum>) -> Result<bool> {
        row.clear();
        let Some(current) = self.next else { return Ok(false) };
        let is_over = if self.descending { current < self.stop } else { current > self.stop };
        if is_over {
            self.next = None;
            return Ok(false);
        }
        ctx.env.check_interrupts()?;
        let (value, next) = match &self.zone {
            Some(zone) => {
                (Datum::TimestampTz(current), dt::timestamptz_add_interval(current, self.step, zone)?)
            }
            None => (Datum::Timestamp(current), dt::timestamp_add_interval(current, self.step)?),
        };
        // Infinity plus anything stays where it is: one row is all there is.
        self.next = (next != current).then_some(next);
        row.push(value);
        Ok(true)
    }
}

fn start(start: i64, stop: i64, step: &Datum, zone: Option<TimeZone>) -> Result<Box<dyn SetIter>> {
    let step = Interval::get(step)?;
    let sign = dt::interval_sign(step);
    if sign == 0 {
        bail!(INVALID_PARAMETER_VALUE, "step size cannot equal zero");
    }
    if !dt::is_finite_interval(step) {
        bail!(INVALID_PARAMETER_VALUE, "step size cannot be infinite");
    }
    Ok(Box::new(Series { next: Some(start), stop, step, descending: sign < 0, zone }))
}

fn timestamps(_ctx: &FnCtx<'_>, args: &[Datum]) -> Result<Box<dyn SetIter>> {
    match args {
        [Datum::Timestamp(from), Datum::Timestamp(to), step] => start(*from, *to, step, None),
        [other, _, _] => Err(mismatch(other, "Timestamp")),
        _ => Err(arity("generate_series_timestamp", args.len())),
    }
}

fn timestamps_with_zone(ctx: &FnCtx<'_>, args: &[Datum]) -> Result<Box<dyn SetIter>> {
    let (bounds, zone) = match args {
        [from, to, step] => ([from, to, step], zone(ctx).clone()),
        [from, to, step, name] => {
            ([from, to, step], ZoneName::resolve(<&str>::get(name)?, zone(ctx))?.into_zone()?)
        }
        _ => return Err(arity("generate_series_timestamptz", args.len())),
    };
    match bounds {
        [Datum::TimestampTz(from), Datum::TimestampTz(to), step] => start(*from, *to, step, Some(zone)),
        [other, _, _] => Err(mismatch(other, "TimestampTz")),
    }
}

pub(crate) fn register(reg: &mut Registry) {
    reg.add("generate_series_timestamp", Builtin::Set(timestamps));
    reg.add("generate_series_timestamptz", Builtin::Set(timestamps_with_zone));
    reg.add("generate_series_timestamptz_at_zone", Builtin::Set(timestamps_with_zone));
}
