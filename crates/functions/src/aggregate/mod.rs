//! Aggregates: transition and final functions by `pg_aggregate`'s names.

pub mod collect;
pub mod float;
pub mod number;
pub mod ordered_set;
pub mod regression;

use crate::Registry;
use crate::call::AggState;
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
    Arc::make_mut(array).values.as_mut_slice().try_into().map_err(|_| wrong_state())
}

/// The numbers of a state that is an array of `float8`.
pub fn floats<const N: usize>(array: &ArrayValue) -> Result<[f64; N]> {
    let mut out = [0.0; N];
    if array.values.len() != N {
        return Err(wrong_state());
    }
    for (slot, value) in out.iter_mut().zip(&array.values) {
        let Datum::Float8(value) = value else { return Err(wrong_state()) };
        *slot = *value;
    }
    Ok(out)
}
