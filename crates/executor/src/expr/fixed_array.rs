//! Subscripts of types of fixed length whose values are made of like parts: points, boxes, lines, line segments.

use super::{EvalRow, Subscript, SubscriptCall};
use crate::runtime::Runtime;
use pglitedb_sqlstate::{Result, bail};
use pglitedb_types::{Datum, Geometry, oids};
use std::sync::Arc;

/// How many numbers a part takes.
fn width(call: &SubscriptCall) -> usize {
    if call.element_type == oids::POINT { 2 } else { 1 }
}

/// The place of the only subscript; `None` if it is NULL, or there are several, or they are slices.
fn place(call: &SubscriptCall, row: &EvalRow<'_>, rt: &Runtime<'_>) -> Result<Option<i32>> {
    match call.items.as_slice() {
        [Subscript::Index(expr)] => super::array::index(expr, row, rt),
        _ => Ok(None),
    }
}

/// A part, NULL if there is none at that place.
pub(super) fn fetch(
    call: &SubscriptCall,
    value: &Geometry,
    row: &EvalRow<'_>,
    rt: &Runtime<'_>,
) -> Result<Datum> {
    let Some(at) = place(call, row, rt)? else { return Ok(Datum::Null) };
    let width = width(call);
    let coords = usize::try_from(at).ok().and_then(|at| {
        let start = at.checked_mul(width)?;
        value.coords.get(start..start.checked_add(width)?)
    });
    Ok(match coords {
        Some([one]) => Datum::Float8(*one),
        Some(part) => Datum::Geometry(Arc::new(Geometry { closed: false, coords: part.to_vec() })),
        None => Datum::Null,
    })
}

/// The value with one part replaced. Where it is NULL, or the part is, it stays as it was.
pub(super) fn store(
    call: &SubscriptCall,
    container: Datum,
    row: &EvalRow<'_>,
    rt: &Runtime<'_>,
) -> Result<Datum> {
    let Some(assign) = &call.assign else { return Ok(container) };
    let Some(at) = place(call, row, rt)? else {
        bail!(NULL_VALUE_NOT_ALLOWED, "array subscript in assignment must not be null");
    };
    let element = match &container {
        Datum::Geometry(value) => fetch(call, value, row, rt)?,
        _ => Datum::Null,
    };
    let part = assign.eval(&EvalRow { case_value: Some(&element), ..*row }, rt)?;
    let Datum::Geometry(value) = &container else { return Ok(container) };
    let coords: &[f64] = match &part {
        Datum::Null => return Ok(container),
        Datum::Float8(one) => std::slice::from_ref(one),
        Datum::Geometry(part) => &part.coords,
        _ => return Err(pglitedb_sqlstate::Error::internal("a part of a geometric value is no number")),
    };
    let mut changed = (**value).clone();
    let slot = usize::try_from(at).ok().and_then(|at| {
        let start = at.checked_mul(width(call))?;
        changed.coords.get_mut(start..start.checked_add(coords.len())?)
    });
    match slot {
        Some(slot) => slot.copy_from_slice(coords),
        None => bail!(ARRAY_SUBSCRIPT_ERROR, "array subscript out of range"),
    }
    Ok(Datum::Geometry(Arc::new(changed)))
}
