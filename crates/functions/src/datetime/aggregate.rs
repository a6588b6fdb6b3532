//! `sum` and `avg` of intervals. (Minimum and maximum are ordinary functions.)

use crate::call::{AggState, FnCtx};
use crate::{Builtin, Registry};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::datetime::{
    INTERVAL_INFINITY, INTERVAL_MINUS_INFINITY, interval_add, interval_div, interval_sub,
};
use pglitedb_types::{Datum, Interval};

/// Infinities are counted apart, so that a window frame can leave them behind.
#[derive(Default)]
struct IntervalSum {
    count: i64,
    sum: Interval,
    infinities: i64,
    minus_infinities: i64,
}

impl IntervalSum {
    fn add(&mut self, value: Interval) -> Result<()> {
        match value {
            INTERVAL_INFINITY => self.infinities += 1,
            INTERVAL_MINUS_INFINITY => self.minus_infinities += 1,
            _ => {
                self.sum = interval_add(self.sum, value)?;
                self.count += 1;
            }
        }
        Ok(())
    }

    fn remove(&mut self, value: Interval) -> Result<()> {
        match value {
            INTERVAL_INFINITY => self.infinities -= 1,
            INTERVAL_MINUS_INFINITY => self.minus_infinities -= 1,
            _ => {
                self.count -= 1;
                self.sum = if self.count > 0 { interval_sub(self.sum, value)? } else { Interval::default() };
            }
        }
        Ok(())
    }

    /// The sum and how many values it has; `None` without values.
    fn total(&self) -> Result<Option<(Interval, i64)>> {
        match (self.infinities > 0, self.minus_infinities > 0) {
            (true, true) => Err(err!(DATETIME_FIELD_OVERFLOW, "interval out of range")),
            (true, false) => Ok(Some((INTERVAL_INFINITY, 1))),
            (false, true) => Ok(Some((INTERVAL_MINUS_INFINITY, 1))),
            (false, false) if self.count == 0 => Ok(None),
            (false, false) => Ok(Some((self.sum, self.count))),
        }
    }
}

fn state(state: &mut AggState) -> Result<&mut IntervalSum> {
    let wrong = || Error::internal("aggregate state is not that of a sum of intervals");
    match state {
        AggState::Internal(slot) => {
            slot.get_or_insert_with(|| Box::new(IntervalSum::default())).downcast_mut().ok_or_else(wrong)
        }
        AggState::Value(_) => Err(wrong()),
    }
}

fn accumulate(_ctx: &FnCtx<'_>, slot: &mut AggState, args: &[Datum]) -> Result<()> {
    let sum = state(slot)?;
    if let [Datum::Interval(value), ..] = args { sum.add(*value) } else { Ok(()) }
}

fn discard(_ctx: &FnCtx<'_>, slot: &mut AggState, args: &[Datum]) -> Result<()> {
    let sum = state(slot)?;
    if let [Datum::Interval(value), ..] = args { sum.remove(*value) } else { Ok(()) }
}

fn average(_ctx: &FnCtx<'_>, slot: &mut AggState, _args: &[Datum]) -> Result<Datum> {
    Ok(match state(slot)?.total()? {
        Some((sum, count)) => Datum::Interval(interval_div(sum, count as f64)?),
        None => Datum::Null,
    })
}

fn sum(_ctx: &FnCtx<'_>, slot: &mut AggState, _args: &[Datum]) -> Result<Datum> {
    Ok(state(slot)?.total()?.map_or(Datum::Null, |(sum, _)| Datum::Interval(sum)))
}

pub(crate) fn register(reg: &mut Registry) {
    reg.add("interval_avg_accum", Builtin::Trans(accumulate));
    reg.add("interval_avg_accum_inv", Builtin::Trans(discard));
    reg.add("interval_avg", Builtin::Final(average));
    reg.add("interval_sum", Builtin::Final(sum));
}
