//! Averages and variances of floats: Youngs and Cramer's updates, as PostgreSQL does them. The state is an array of
//! count, sum, and sum of squared differences from the mean.

use super::{elements, floats};
use crate::call::{AggState, FnCtx};
use crate::number::float::overflow;
use crate::{Builtin, Registry};
use pglitedb_sqlstate::Result;
use pglitedb_types::{ArrayValue, Datum};

/// The next state with one more value.
pub fn accum(_: &FnCtx<'_>, agg: &mut AggState, args: &[Datum]) -> Result<()> {
    let value = match args.first() {
        Some(Datum::Float8(value)) => *value,
        Some(Datum::Float4(value)) => f64::from(*value),
        _ => return Ok(()),
    };
    let [Datum::Float8(count), Datum::Float8(sum), Datum::Float8(squares)] = elements::<3>(agg)? else {
        return Err(super::wrong_state());
    };
    let (old_count, old_sum) = (*count, *sum);
    *count += 1.0;
    *sum += value;
    if old_count > 0.0 {
        let difference = value * *count - *sum;
        *squares += difference * difference / (*count * old_count);
        if sum.is_infinite() || squares.is_infinite() {
            if !old_sum.is_infinite() && !value.is_infinite() {
                return Err(overflow());
            }
            *squares = f64::NAN;
        }
    } else if !value.is_finite() {
        *squares = f64::NAN;
    }
    Ok(())
}

fn combine(a: &ArrayValue, b: &ArrayValue) -> Result<Vec<f64>> {
    let ([n1, sx1, sxx1], [n2, sx2, sxx2]) = (floats::<3>(a)?, floats::<3>(b)?);
    if n1 == 0.0 || n2 == 0.0 {
        return Ok(if n1 == 0.0 { vec![n2, sx2, sxx2] } else { vec![n1, sx1, sxx1] });
    }
    let n = n1 + n2;
    let difference = sx1 / n1 - sx2 / n2;
    let squares = sxx1 + sxx2 + n1 * n2 * difference * difference / n;
    if squares.is_infinite() && !sxx1.is_infinite() && !sxx2.is_infinite() {
        return Err(overflow());
    }
    Ok(vec![n, sx1 + sx2, squares])
}

fn variance(state: &ArrayValue, sample: bool) -> Result<Option<f64>> {
    let [count, _, squares] = floats::<3>(state)?;
    if count == 0.0 || (sample && count <= 1.0) {
        return Ok(None);
    }
    Ok(Some(squares / if sample { count - 1.0 } else { count }))
}

pub(crate) fn register(reg: &mut Registry) {
    reg.add("float8_accum", Builtin::Trans(accum));
    reg.add("float4_accum", Builtin::Trans(accum));
    scalars!(reg;
        "float8_combine" => |a: &ArrayValue, b: &ArrayValue| {
            let values = combine(a, b)?.into_iter().map(Datum::Float8).collect();
            ArrayValue::one_dim(pglitedb_types::oids::FLOAT8, values)
        };
        "float8_avg" => |state: &ArrayValue| {
            let [count, sum, _] = floats::<3>(state)?;
            (count != 0.0).then(|| sum / count)
        };
        "float8_var_pop" => |state: &ArrayValue| variance(state, false);
        "float8_var_samp" => |state: &ArrayValue| variance(state, true);
        "float8_stddev_pop" => |state: &ArrayValue| variance(state, false)?.map(f64::sqrt);
        "float8_stddev_samp" => |state: &ArrayValue| variance(state, true)?.map(f64::sqrt);
    );
}
