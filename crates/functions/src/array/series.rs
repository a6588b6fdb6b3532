//! Set-returning functions over numbers and arrays.

use super::array_arg;
use super::shape::upper;
use crate::call::{FnCtx, SetIter};
use crate::convert::Arg;
use crate::{Builtin, Registry};
use pglitedb_sqlstate::{Result, bail};
use pglitedb_types::{ArrayValue, Datum, Numeric};
use std::sync::Arc;

/// Counts from `next` to `last`; `None` when done.
struct Integers {
    next: Option<i64>,
    last: i64,
    step: i64,
    wide: bool,
}

impl SetIter for Integers {
    fn next(&mut self, _ctx: &FnCtx<'_>, row: &mut Vec<Datum>) -> Result<bool> {
        row.clear();
        let Some(value) = self.next else { return Ok(false) };
        if if self.step > 0 { value > self.last } else { value < self.last } {
            self.next = None;
            return Ok(false);
        }
        row.push(if self.wide { Datum::Int8(value) } else { Datum::Int4(value as i32) });
        self.next = value.checked_add(self.step);
        Ok(true)
    }
}

fn integers(args: &[Datum], wide: bool) -> Result<Box<dyn SetIter>> {
    let number = |at: usize| args.get(at).and_then(Datum::as_i64);
    let step = number(2).unwrap_or(1);
    if step == 0 {
        bail!(INVALID_PARAMETER_VALUE, "step size cannot equal zero");
    }
    Ok(Box::new(Integers { next: number(0), last: number(1).unwrap_or(0), step, wide }))
}

struct Numerics {
    next: Option<Numeric>,
    last: Numeric,
    step: Numeric,
}

impl SetIter for Numerics {
    fn next(&mut self, _ctx: &FnCtx<'_>, row: &mut Vec<Datum>) -> Result<bool> {
        row.clear();
        let Some(value) = self.next.take() else { return Ok(false) };
        let ordering = value.compare(&self.last);
        if if self.step.signum() > 0 { ordering.is_gt() } else { ordering.is_lt() } {
            return Ok(false);
        }
        // A number beyond the limits of the type is beyond the last one.
        self.next = value.add(&self.step).ok();
        row.push(Datum::Numeric(value));
        Ok(true)
    }
}

fn numerics(_: &FnCtx<'_>, args: &[Datum]) -> Result<Box<dyn SetIter>> {
    let number = |at: usize| args.get(at).map(<&Numeric>::get).transpose();
    let (Some(first), Some(last)) = (number(0)?, number(1)?) else {
        return Err(crate::convert::arity("generate_series_numeric", args.len()));
    };
    let step = number(2)?.cloned().unwrap_or_else(|| Numeric::from_scaled(1, 0));
    for (name, value) in [("start", first), ("stop", last), ("step size", &step)] {
        let name = if name == "step size" { name.to_owned() } else { format!("{name} value") };
        if value.is_nan() {
            bail!(INVALID_PARAMETER_VALUE, "{name} cannot be NaN");
        }
        if value.is_infinite() {
            bail!(INVALID_PARAMETER_VALUE, "{name} cannot be infinity");
        }
    }
    if step.signum() == 0 {
        bail!(INVALID_PARAMETER_VALUE, "step size cannot equal zero");
    }
    Ok(Box::new(Numerics { next: Some(first.clone()), last: last.clone(), step }))
}

/// The elements of an array.
struct Elements {
    array: Arc<ArrayValue>,
    at: usize,
}

impl SetIter for Elements {
    fn next(&mut self, _ctx: &FnCtx<'_>, row: &mut Vec<Datum>) -> Result<bool> {
        row.clear();
        row.extend(self.array.values.get(self.at).cloned());
        self.at += 1;
        Ok(!row.is_empty())
    }
}

fn unnest(_: &FnCtx<'_>, args: &[Datum]) -> Result<Box<dyn SetIter>> {
    let [array] = args else { return Err(crate::convert::arity("array_unnest", args.len())) };
    Ok(Box::new(Elements { array: array_arg(array)?.clone(), at: 0 }))
}

fn subscripts(_: &FnCtx<'_>, args: &[Datum]) -> Result<Box<dyn SetIter>> {
    let [array, Datum::Int4(number), rest @ ..] = args else {
        return Err(crate::convert::arity("generate_subscripts", args.len()));
    };
    let at = usize::try_from(*number).ok().and_then(|number| number.checked_sub(1));
    let dim = at.and_then(|at| array_arg(array).ok()?.dims.get(at)).copied();
    let reverse = matches!(rest, [Datum::Bool(true)]);
    let none = Integers { next: None, last: 0, step: 1, wide: false };
    Ok(Box::new(match dim {
        None => none,
        Some(dim) => {
            let (low, high) = (i64::from(dim.lower), i64::from(upper(dim)));
            let (first, last, step) = if reverse { (high, low, -1) } else { (low, high, 1) };
            Integers { next: Some(first), last, step, wide: false }
        }
    }))
}

/// The elements with their subscripts: `information_schema._pg_expandarray`.
struct Numbered(Elements);

impl SetIter for Numbered {
    fn next(&mut self, ctx: &FnCtx<'_>, row: &mut Vec<Datum>) -> Result<bool> {
        let number = self.0.at as i32 + 1;
        let more = self.0.next(ctx, row)?;
        if more {
            row.push(Datum::Int4(number));
        }
        Ok(more)
    }
}

fn expand_array(_: &FnCtx<'_>, args: &[Datum]) -> Result<Box<dyn SetIter>> {
    let [array] = args else { return Err(crate::convert::arity("_pg_expandarray", args.len())) };
    Ok(Box::new(Numbered(Elements { array: array_arg(array)?.clone(), at: 0 })))
}

pub(crate) fn register(reg: &mut Registry) {
    for name in ["generate_series_int4", "generate_series_step_int4"] {
        reg.add(name, Builtin::Set(|_, args| integers(args, false)));
    }
    for name in ["generate_series_int8", "generate_series_step_int8"] {
        reg.add(name, Builtin::Set(|_, args| integers(args, true)));
    }
    for name in ["generate_series_numeric", "generate_series_step_numeric"] {
        reg.add(name, Builtin::Set(numerics));
    }
    reg.add("array_unnest", Builtin::Set(unnest));
    reg.add("generate_subscripts", Builtin::Set(subscripts));
    reg.add("generate_subscripts_nodir", Builtin::Set(subscripts));
    reg.add("sql:12422", Builtin::Set(expand_array));
}
