//! Aggregates: transition and final functions by `pg_aggregate`'s names.

pub mod collect;
pub mod float;
pub mod number;
pub mod ordered_set;
pub mod regression;

use crate::Registry;
use crate::call::{AggState, FnCtx};
use crate::registry::ScalarFn;
use pglitedb_sqlstate::{Error, Result};
use pglitedb_types::{ArrayValue, Datum};
use std::any::Any;
use std::sync::Arc;

pub(crate) fn register(reg: &mut Registry) {
    number::register(reg);
    float::register(reg);
    regression::register(reg);
    collect::register(reg);
    ordered_set::register(reg);
}

macro_rules! transitions {
    ($($name:literal => $accumulate:path;)*) => {
        /// The transition function `name` as a function of the state and a row that returns the next state, if its state
        /// is an SQL value.
        pub fn transition_call(name: &str) -> Option<ScalarFn> {
            Some(match name {
                $($name => |ctx, args| transition(ctx, args, $accumulate),)*
                _ => return None,
            })
        }
    };
}

transitions! {
    "float8_accum" => float::accum;
    "float4_accum" => float::accum;
    "float8_regr_accum" => regression::accum;
    "int4_avg_accum" => number::small_add;
    "int2_avg_accum" => number::small_add;
    "int4_avg_accum_inv" => number::small_remove;
    "int2_avg_accum_inv" => number::small_remove;
}

fn transition(
    ctx: &FnCtx<'_>,
    args: &[Datum],
    accumulate: fn(&FnCtx<'_>, &mut AggState, &[Datum]) -> Result<()>,
) -> Result<Datum> {
    let Some((first, row)) = args.split_first() else { return Err(wrong_state()) };
    let mut state = AggState::Value(first.clone());
    accumulate(ctx, &mut state, row)?;
    match state {
        AggState::Value(value) => Ok(value),
        AggState::Internal(_) => Err(wrong_state()),
    }
}

#[cold]
fn wrong_state() -> Error {
    Error::internal("aggregate state is not of the type that its functions expect")
}

/// The state, made on the first call.
pub fn state<T: Any + Send + Default>(state: &mut AggState) -> Result<&mut T> {
    match state {
        AggState::Internal(slot) => {
            let value = slot.get_or_insert_with(|| Box::new(T::default()));
            value.downcast_mut().ok_or_else(wrong_state)
        }
        AggState::Value(_) => Err(wrong_state()),
    }
}

/// The state if there was any call.
pub fn finished<T: Any + Send>(state: &mut AggState) -> Result<Option<&mut T>> {
    match state {
        AggState::Internal(None) => Ok(None),
        AggState::Internal(Some(value)) => value.downcast_mut().ok_or_else(wrong_state).map(Some),
        AggState::Value(_) => Err(wrong_state()),
    }
}

/// The elements of a state that is an SQL array, to be changed in place.
pub fn elements<const N: usize>(state: &mut AggState) -> Result<&mut [Datum; N]> {
    let AggState::Value(Datum::Array(array)) = state else { return Err(wrong_state()) };
    if array.dims.len() != 1 {
        return Err(wrong_state());
    }
    Arc::make_mut(array).values.as_mut_slice().try_into().map_err(|_| wrong_state())
}

/// The numbers of a state that is an array of `float8`.
pub fn floats<const N: usize>(array: &ArrayValue) -> Result<[f64; N]> {
    let mut out = [0.0; N];
    if array.values.len() != N || array.dims.len() != 1 {
        return Err(wrong_state());
    }
    for (slot, value) in out.iter_mut().zip(&array.values) {
        let Datum::Float8(value) = value else { return Err(wrong_state()) };
        *slot = *value;
    }
    Ok(out)
}
