//! Searching arrays.

use super::{array_arg, element_comparator, element_equality, int4_array, same};
use crate::Registry;
use crate::call::FnCtx;
use pglitedb_sqlstate::{Result, bail};
use pglitedb_types::{ArrayValue, Datum};

/// Subscripts of the elements that are not distinct from one, from a subscript on.
fn positions(ctx: &FnCtx<'_>, array: &Datum, element: &Datum, from: i32, only_one: bool) -> Result<Vec<i32>> {
    let array = array_arg(array)?;
    if array.dims.len() > 1 {
        bail!(FEATURE_NOT_SUPPORTED, "searching for elements in multidimensional arrays is not supported");
    }
    let lower = array.dims.first().map_or(1, |dim| dim.lower);
    let comparator = element_equality(ctx, array.elem_type)?;
    let found = array
        .values
        .iter()
        .enumerate()
        .map(|(at, value)| (lower.wrapping_add(at as i32), value))
        .filter(|(at, value)| *at >= from && same(&comparator, value, element))
        .map(|(at, _)| at);
    Ok(if only_one { found.take(1).collect() } else { found.collect() })
}

fn position(ctx: &FnCtx<'_>, array: &Datum, element: &Datum, from: i32) -> Result<Option<i32>> {
    if array.is_null() {
        return Ok(None);
    }
    Ok(positions(ctx, array, element, from, true)?.first().copied())
}

/// Are all elements of `b` in `a`? NULLs are in nothing.
fn contains(ctx: &FnCtx<'_>, a: &ArrayValue, b: &ArrayValue) -> Result<bool> {
    let comparator = element_equality(ctx, a.elem_type)?;
    Ok(b.values
        .iter()
        .all(|x| !x.is_null() && a.values.iter().any(|y| !y.is_null() && comparator.equal(x, y))))
}

fn overlaps(ctx: &FnCtx<'_>, a: &ArrayValue, b: &ArrayValue) -> Result<bool> {
    let comparator = element_equality(ctx, a.elem_type)?;
    Ok(b.values
        .iter()
        .any(|x| !x.is_null() && a.values.iter().any(|y| !y.is_null() && comparator.equal(x, y))))
}

fn width_bucket(ctx: &FnCtx<'_>, value: &Datum, thresholds: &ArrayValue) -> Result<i32> {
    if thresholds.dims.len() > 1 {
        bail!(ARRAY_SUBSCRIPT_ERROR, "thresholds must be one-dimensional array");
    }
    if thresholds.values.iter().any(Datum::is_null) {
        bail!(NULL_VALUE_NOT_ALLOWED, "thresholds array must not contain NULLs");
    }
    let comparator = element_comparator(ctx, thresholds.elem_type)?;
    Ok(thresholds.values.partition_point(|threshold| comparator.compare(threshold, value).is_le()) as i32)
}

pub(crate) fn register(reg: &mut Registry) {
    scalars!(reg;
        "array_position" => [ctx] |a: &Datum, b: &Datum| position(ctx, a, b, i32::MIN);
        "array_position_start" => [ctx] |a: &Datum, b: &Datum, from: Option<i32>| {
            if a.is_null() {
                return Ok(Datum::Null);
            }
            let Some(from) = from else { bail!(NULL_VALUE_NOT_ALLOWED, "initial position must not be null") };
            position(ctx, a, b, from)
        };
        "array_positions" => [ctx] |a: &Datum, b: &Datum| {
            if a.is_null() {
                return Ok(Datum::Null);
            }
            int4_array(positions(ctx, a, b, i32::MIN, false)?)
        };
        "arraycontains" => [ctx] |a: &ArrayValue, b: &ArrayValue| contains(ctx, a, b);
        "arraycontained" => [ctx] |a: &ArrayValue, b: &ArrayValue| contains(ctx, b, a);
        "arrayoverlap" => [ctx] |a: &ArrayValue, b: &ArrayValue| overlaps(ctx, a, b);
        "width_bucket_array" => [ctx] |value: &Datum, thresholds: &ArrayValue| width_bucket(ctx, value, thresholds);
    );
}
