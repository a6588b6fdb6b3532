//! Random numbers, drawn as PostgreSQL draws them: after the same `setseed` they are the same.

use super::float;
use crate::Registry;
use crate::call::SessionEnv;
use pglitedb_sqlstate::{Result, bail};
use pglitedb_types::Numeric;

/// A uniformly distributed integer of `0..=max`.
pub fn random_up_to(env: &dyn SessionEnv, max: u64) -> u64 {
    if max == 0 {
        return 0;
    }
    let shift = max.leading_zeros();
    loop {
        let value = env.random_u64() >> shift;
        if value <= max {
            return value;
        }
    }
}

/// A uniformly distributed number of `[0, 1)`.
fn uniform(env: &dyn SessionEnv) -> f64 {
    (env.random_u64() >> 12) as f64 / (1_u64 << 52) as f64
}

fn check_bounds(in_order: bool) -> Result<()> {
    if !in_order {
        bail!(INVALID_PARAMETER_VALUE, "lower bound must be less than or equal to upper bound");
    }
    Ok(())
}

/// An integer between two others.
fn between(env: &dyn SessionEnv, low: i64, high: i64) -> Result<i64> {
    check_bounds(low <= high)?;
    let offset = random_up_to(env, high.wrapping_sub(low).cast_unsigned());
    Ok(low.wrapping_add(offset.cast_signed()))
}

fn numeric_between(env: &dyn SessionEnv, low: &Numeric, high: &Numeric) -> Result<Numeric> {
    for (name, bound) in [("lower", low), ("upper", high)] {
        if bound.is_nan() {
            bail!(INVALID_PARAMETER_VALUE, "{name} bound cannot be NaN");
        }
        if bound.is_infinite() {
            bail!(INVALID_PARAMETER_VALUE, "{name} bound cannot be infinity");
        }
    }
    check_bounds(low.compare(high).is_le())?;
    Numeric::random(low, high, |max| random_up_to(env, max))
}

pub(crate) fn register(reg: &mut Registry) {
    scalars!(reg;
        "drandom" => [ctx] | | uniform(ctx.env);
        "drandom_normal" => [ctx] |mean: f64, deviation: f64| {
            let (u, v) = (1.0 - uniform(ctx.env), 1.0 - uniform(ctx.env));
            let z = (-2.0 * u.ln()).sqrt() * (2.0 * std::f64::consts::PI * v).sin();
            float::check_overflow(deviation * z + mean, deviation.is_infinite() || mean.is_infinite())
        };
        "int4random" => [ctx] |low: i32, high: i32| {
            between(ctx.env, low.into(), high.into())?.clamp(low.into(), high.into()) as i32
        };
        "int8random" => [ctx] |low: i64, high: i64| between(ctx.env, low, high);
        "numeric_random" => [ctx] |low: &Numeric, high: &Numeric| numeric_between(ctx.env, low, high);
        "setseed" => [ctx] |seed: f64| {
            if !(-1.0..=1.0).contains(&seed) {
                bail!(INVALID_PARAMETER_VALUE, "setseed parameter {seed} is out of allowed range [-1,1]");
            }
            ctx.env.set_seed(seed);
        };
    );
}
