//! Correlation and linear regression over pairs of floats. The state is an array of count and, for x and y, sum and sum
//! of squared differences, and the sum of products of differences.

use super::{elements, floats};
use crate::call::{AggState, FnCtx};
use crate::number::float::overflow;
use crate::{Builtin, Registry};
use pglitedb_sqlstate::Result;
use pglitedb_types::{ArrayValue, Datum};

/// count, sum x, squares x, sum y, squares y, products
type Sums = [f64; 6];

fn add(state: Sums, y: f64, x: f64) -> Result<Sums> {
    let [old_n, old_sx, mut sxx, old_sy, mut syy, mut sxy] = state;
    let (n, sx, sy) = (old_n + 1.0, old_sx + x, old_sy + y);
    if old_n > 0.0 {
        let (dx, dy) = (x * n - sx, y * n - sy);
        let scale = 1.0 / (n * old_n);
        sxx += dx * dx * scale;
        syy += dy * dy * scale;
        sxy += dx * dy * scale;
        if [sx, sxx, sy, syy, sxy].iter().any(|v| v.is_infinite()) {
            let x_finite = !old_sx.is_infinite() && !x.is_infinite();
            let y_finite = !old_sy.is_infinite() && !y.is_infinite();
            if ((sx.is_infinite() || sxx.is_infinite()) && x_finite)
                || ((sy.is_infinite() || syy.is_infinite()) && y_finite)
                || (sxy.is_infinite() && x_finite && y_finite)
            {
                return Err(overflow());
            }
            for value in [&mut sxx, &mut syy, &mut sxy] {
                if value.is_infinite() {
                    *value = f64::NAN;
                }
            }
        }
    } else {
        if !x.is_finite() {
            (sxx, sxy) = (f64::NAN, f64::NAN);
        }
        if !y.is_finite() {
            (syy, sxy) = (f64::NAN, f64::NAN);
        }
    }
    Ok([n, sx, sxx, sy, syy, sxy])
}

/// The next state with one more pair.
pub fn accum(_: &FnCtx<'_>, agg: &mut AggState, args: &[Datum]) -> Result<()> {
    let [Datum::Float8(y), Datum::Float8(x), ..] = args else { return Ok(()) };
    let values = elements::<6>(agg)?;
    let mut sums = [0.0; 6];
    for (slot, value) in sums.iter_mut().zip(values.iter()) {
        let Datum::Float8(value) = value else { return Err(super::wrong_state()) };
        *slot = *value;
    }
    for (slot, value) in values.iter_mut().zip(add(sums, *y, *x)?) {
        *slot = Datum::Float8(value);
    }
    Ok(())
}

fn combine(a: Sums, b: Sums) -> Sums {
    let ([n1, sx1, sxx1, sy1, syy1, sxy1], [n2, sx2, sxx2, sy2, syy2, sxy2]) = (a, b);
    if n1 == 0.0 {
        return b;
    }
    if n2 == 0.0 {
        return a;
    }
    let n = n1 + n2;
    let (dx, dy) = (sx1 / n1 - sx2 / n2, sy1 / n1 - sy2 / n2);
    let scale = n1 * n2 / n;
    [
        n,
        sx1 + sx2,
        sxx1 + sxx2 + scale * dx * dx,
        sy1 + sy2,
        syy1 + syy2 + scale * dy * dy,
        sxy1 + sxy2 + scale * dx * dy,
    ]
}

pub(crate) fn register(reg: &mut Registry) {
    reg.add("float8_regr_accum", Builtin::Trans(accum));
    scalars!(reg;
        "float8_regr_combine" => |a: &ArrayValue, b: &ArrayValue| {
            let sums = combine(floats::<6>(a)?, floats::<6>(b)?);
            ArrayValue::one_dim(pglitedb_types::oids::FLOAT8, sums.into_iter().map(Datum::Float8).collect())
        };
        "float8_regr_sxx" => |s: &ArrayValue| { let [n, _, sxx, ..] = floats::<6>(s)?; (n >= 1.0).then_some(sxx) };
        "float8_regr_syy" => |s: &ArrayValue| { let [n, .., syy, _] = floats::<6>(s)?; (n >= 1.0).then_some(syy) };
        "float8_regr_sxy" => |s: &ArrayValue| { let [n, .., sxy] = floats::<6>(s)?; (n >= 1.0).then_some(sxy) };
        "float8_regr_avgx" => |s: &ArrayValue| { let [n, sx, ..] = floats::<6>(s)?; (n >= 1.0).then(|| sx / n) };
        "float8_regr_avgy" => |s: &ArrayValue| { let [n, _, _, sy, ..] = floats::<6>(s)?; (n >= 1.0).then(|| sy / n) };
        "float8_covar_pop" => |s: &ArrayValue| { let [n, .., sxy] = floats::<6>(s)?; (n >= 1.0).then(|| sxy / n) };
        "float8_covar_samp" => |s: &ArrayValue| {
            let [n, .., sxy] = floats::<6>(s)?;
            (n >= 2.0).then(|| sxy / (n - 1.0))
        };
        "float8_corr" => |s: &ArrayValue| {
            let [n, _, sxx, _, syy, sxy] = floats::<6>(s)?;
            (n >= 1.0 && sxx != 0.0 && syy != 0.0).then(|| (sxy / (sxx * syy).sqrt()).clamp(-1.0, 1.0))
        };
        "float8_regr_r2" => |s: &ArrayValue| {
            let [n, _, sxx, _, syy, sxy] = floats::<6>(s)?;
            (n >= 1.0 && sxx != 0.0).then(|| if syy == 0.0 { 1.0 } else { (sxy * sxy) / (sxx * syy) })
        };
        "float8_regr_slope" => |s: &ArrayValue| {
            let [n, _, sxx, _, _, sxy] = floats::<6>(s)?;
            (n >= 1.0 && sxx != 0.0).then(|| sxy / sxx)
        };
        "float8_regr_intercept" => |s: &ArrayValue| {
            let [n, sx, sxx, sy, _, sxy] = floats::<6>(s)?;
            (n >= 1.0 && sxx != 0.0).then(|| (sy - sx * sxy / sxx) / n)
        };
    );
}
