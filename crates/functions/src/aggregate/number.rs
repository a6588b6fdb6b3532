//! Sums, averages and variances of integers and `numeric`.

use super::{elements, finished, state};
use crate::call::{AggState, FnCtx};
use crate::{Builtin, Registry};
use pglitedb_sqlstate::{Error, Result};
use pglitedb_types::numeric::{NumericSum, NumericVariance};
use pglitedb_types::{ArrayValue, Datum, Numeric};

/// Sum and count of `int8`: exact, without digits.
#[derive(Default)]
struct WideSum {
    count: i64,
    sum: i128,
}

fn int8_avg_accum(_: &FnCtx<'_>, agg: &mut AggState, args: &[Datum]) -> Result<()> {
    let sum: &mut WideSum = state(agg)?;
    if let [Datum::Int8(value), ..] = args {
        sum.count += 1;
        sum.sum += i128::from(*value);
    }
    Ok(())
}

fn int8_avg_remove(_: &FnCtx<'_>, agg: &mut AggState, args: &[Datum]) -> Result<()> {
    let sum: &mut WideSum = state(agg)?;
    if let [Datum::Int8(value), ..] = args {
        sum.count -= 1;
        sum.sum -= i128::from(*value);
    }
    Ok(())
}

fn wide_sum(_: &FnCtx<'_>, agg: &mut AggState, _: &[Datum]) -> Result<Datum> {
    Ok(match finished::<WideSum>(agg)? {
        Some(sum) if sum.count > 0 => Datum::Numeric(Numeric::from_scaled(sum.sum, 0)),
        _ => Datum::Null,
    })
}

fn wide_avg(_: &FnCtx<'_>, agg: &mut AggState, _: &[Datum]) -> Result<Datum> {
    Ok(match finished::<WideSum>(agg)? {
        Some(sum) if sum.count > 0 => {
            Datum::Numeric(Numeric::from_scaled(sum.sum, 0).div(&Numeric::from_scaled(sum.count.into(), 0))?)
        }
        _ => Datum::Null,
    })
}

fn numeric_avg_accum(_: &FnCtx<'_>, agg: &mut AggState, args: &[Datum]) -> Result<()> {
    let sum: &mut NumericSum = state(agg)?;
    match args {
        [Datum::Numeric(value), ..] => sum.add(value),
        _ => Ok(()),
    }
}

fn numeric_sum(_: &FnCtx<'_>, agg: &mut AggState, _: &[Datum]) -> Result<Datum> {
    Ok(finished::<NumericSum>(agg)?
        .map(|sum| sum.sum())
        .transpose()?
        .flatten()
        .map_or(Datum::Null, Datum::Numeric))
}

fn numeric_avg(_: &FnCtx<'_>, agg: &mut AggState, _: &[Datum]) -> Result<Datum> {
    Ok(finished::<NumericSum>(agg)?
        .map(|sum| sum.avg())
        .transpose()?
        .flatten()
        .map_or(Datum::Null, Datum::Numeric))
}

/// An integer of any width, or a `numeric`, as `numeric`.
fn as_numeric(value: &Datum) -> Option<Numeric> {
    match value {
        Datum::Numeric(value) => Some(value.clone()),
        other => other.as_i64().map(|value| Numeric::from_scaled(value.into(), 0)),
    }
}

fn variance_accum(_: &FnCtx<'_>, agg: &mut AggState, args: &[Datum]) -> Result<()> {
    let variance: &mut NumericVariance = state(agg)?;
    match args.first().and_then(as_numeric) {
        Some(value) => variance.add(&value),
        None => Ok(()),
    }
}

/// Takes a value out again. `numeric_accum_inv` serves the sums as well.
fn numeric_remove(_: &FnCtx<'_>, agg: &mut AggState, args: &[Datum]) -> Result<()> {
    let Some(value) = args.first().and_then(as_numeric) else { return Ok(()) };
    if let AggState::Internal(Some(any)) = agg {
        if let Some(sum) = any.downcast_mut::<NumericSum>() {
            return sum.remove(&value);
        }
        if let Some(variance) = any.downcast_mut::<NumericVariance>() {
            return variance.remove(&value);
        }
    }
    Err(Error::internal("moving aggregate has no state"))
}

fn variance<const SAMPLE: bool, const ROOT: bool>(
    _: &FnCtx<'_>,
    agg: &mut AggState,
    _: &[Datum],
) -> Result<Datum> {
    let Some(variance) = finished::<NumericVariance>(agg)? else { return Ok(Datum::Null) };
    let value = if ROOT { variance.stddev(SAMPLE)? } else { variance.variance(SAMPLE)? };
    Ok(value.map_or(Datum::Null, Datum::Numeric))
}

/// `int4_avg_accum` and `int2_avg_accum`: the state is `{count, sum}`.
fn small_avg(agg: &mut AggState, args: &[Datum], add: bool) -> Result<()> {
    let Some(value) = args.first().and_then(Datum::as_i64) else { return Ok(()) };
    let [Datum::Int8(count), Datum::Int8(sum)] = elements::<2>(agg)? else {
        return Err(super::wrong_state());
    };
    *count = count.wrapping_add(if add { 1 } else { -1 });
    // Sums of fewer than 2^32 values cannot overflow; states made by hand wrap around.
    *sum = if add { sum.wrapping_add(value) } else { sum.wrapping_sub(value) };
    Ok(())
}

/// The next state of an average of small integers.
pub fn small_add(_: &FnCtx<'_>, agg: &mut AggState, args: &[Datum]) -> Result<()> {
    small_avg(agg, args, true)
}

/// The state without a value of an average of small integers.
pub fn small_remove(_: &FnCtx<'_>, agg: &mut AggState, args: &[Datum]) -> Result<()> {
    small_avg(agg, args, false)
}

fn count_and_sum(array: &ArrayValue) -> Result<(i64, i64)> {
    match array.values.as_slice() {
        [Datum::Int8(count), Datum::Int8(sum)] => Ok((*count, *sum)),
        _ => Err(super::wrong_state()),
    }
}

pub(crate) fn register(reg: &mut Registry) {
    reg.add("int8_avg_accum", Builtin::Trans(int8_avg_accum));
    reg.add("int8_avg_accum_inv", Builtin::Trans(int8_avg_remove));
    reg.add("numeric_poly_sum", Builtin::Final(wide_sum));
    reg.add("numeric_poly_avg", Builtin::Final(wide_avg));
    reg.add("numeric_avg_accum", Builtin::Trans(numeric_avg_accum));
    reg.add("numeric_sum", Builtin::Final(numeric_sum));
    reg.add("numeric_avg", Builtin::Final(numeric_avg));
    for name in ["numeric_accum", "int2_accum", "int4_accum", "int8_accum"] {
        reg.add(name, Builtin::Trans(variance_accum));
    }
    for name in ["numeric_accum_inv", "int2_accum_inv", "int4_accum_inv", "int8_accum_inv"] {
        reg.add(name, Builtin::Trans(numeric_remove));
    }
    reg.add("numeric_var_pop", Builtin::Final(variance::<false, false>));
    reg.add("numeric_var_samp", Builtin::Final(variance::<true, false>));
    reg.add("numeric_stddev_pop", Builtin::Final(variance::<false, true>));
    reg.add("numeric_stddev_samp", Builtin::Final(variance::<true, true>));
    reg.add("numeric_poly_var_pop", Builtin::Final(variance::<false, false>));
    reg.add("numeric_poly_var_samp", Builtin::Final(variance::<true, false>));
    reg.add("numeric_poly_stddev_pop", Builtin::Final(variance::<false, true>));
    reg.add("numeric_poly_stddev_samp", Builtin::Final(variance::<true, true>));
    for name in ["int4_avg_accum", "int2_avg_accum"] {
        reg.add(name, Builtin::Trans(small_add));
    }
    for name in ["int4_avg_accum_inv", "int2_avg_accum_inv"] {
        reg.add(name, Builtin::Trans(small_remove));
    }
    scalars!(reg;
        "int8_avg" => |state: &ArrayValue| {
            let (count, sum) = count_and_sum(state)?;
            if count == 0 {
                return Ok(Datum::Null);
            }
            Numeric::from_scaled(sum.into(), 0).div(&Numeric::from_scaled(count.into(), 0))
        };
        "int2int4_sum" => |state: &ArrayValue| {
            let (count, sum) = count_and_sum(state)?;
            (count > 0).then_some(sum)
        };
    );
}
