//! Dimensions of arrays.

use super::MAX_ELEMENTS;
use crate::Registry;
use pglitedb_sqlstate::{Error, Result, bail, err};
use pglitedb_types::{ArrayDim, ArrayValue, Datum};
use std::fmt::Write as _;

/// A dimension by its 1-based number.
fn dim(array: &ArrayValue, number: i32) -> Option<ArrayDim> {
    array.dims.get(usize::try_from(number).ok()?.checked_sub(1)?).copied()
}

fn dims_text(array: &ArrayValue) -> Option<String> {
    if array.dims.is_empty() {
        return None;
    }
    let mut out = String::new();
    for dim in &array.dims {
        let _ = write!(out, "[{}:{}]", dim.lower, upper(*dim));
    }
    Some(out)
}

/// The last subscript of a dimension.
pub fn upper(dim: ArrayDim) -> i32 {
    dim.lower.wrapping_add(dim.len).wrapping_sub(1)
}

#[cold]
fn wrong_subscripts(detail: &str) -> Error {
    err!(ARRAY_SUBSCRIPT_ERROR, "wrong number of array subscripts").detail(detail)
}

/// The integers of a dimension or bound argument.
fn integers(array: &ArrayValue, what: &str) -> Result<Vec<i32>> {
    if array.dims.len() > 1 {
        return Err(wrong_subscripts(&format!("{what} array must be one dimensional.")));
    }
    array
        .values
        .iter()
        .map(|value| match value {
            Datum::Int4(value) => Ok(*value),
            _ => Err(err!(NULL_VALUE_NOT_ALLOWED, "dimension values cannot be null")),
        })
        .collect()
}

fn fill(
    elem_type: pglitedb_types::Oid,
    value: &Datum,
    lens: Option<&ArrayValue>,
    lowers: Option<Option<&ArrayValue>>,
) -> Result<ArrayValue> {
    let (Some(lens), false) = (lens, matches!(lowers, Some(None))) else {
        bail!(NULL_VALUE_NOT_ALLOWED, "dimension array or low bound array cannot be null");
    };
    let lens = integers(lens, "Dimension")?;
    if lens.len() > 6 {
        bail!(
            PROGRAM_LIMIT_EXCEEDED,
            "number of array dimensions ({}) exceeds the maximum allowed (6)",
            lens.len()
        );
    }
    let lowers = match lowers.flatten() {
        Some(lowers) => integers(lowers, "Low bound")?,
        None => vec![1; lens.len()],
    };
    if lowers.len() != lens.len() {
        return Err(wrong_subscripts("Low bound array has different size than dimensions array."));
    }
    let mut count = 1_usize;
    for len in &lens {
        let len = usize::try_from(*len).map_err(|_| too_large())?;
        count = count.checked_mul(len).filter(|count| *count <= MAX_ELEMENTS).ok_or_else(too_large)?;
    }
    if count == 0 || lens.is_empty() {
        return Ok(ArrayValue::one_dim(elem_type, Vec::new()));
    }
    let dims: Vec<ArrayDim> =
        lens.iter().zip(&lowers).map(|(len, lower)| ArrayDim { len: *len, lower: *lower }).collect();
    if dims.iter().any(|dim| dim.lower.checked_add(dim.len).is_none()) {
        bail!(PROGRAM_LIMIT_EXCEEDED, "array lower bound is too large: {}", lowers[0]);
    }
    Ok(ArrayValue { elem_type, dims, values: vec![value.clone(); count] })
}

/// `54000` for more elements than an array may have.
#[cold]
pub fn too_large() -> Error {
    err!(PROGRAM_LIMIT_EXCEEDED, "array size exceeds the maximum allowed ({MAX_ELEMENTS})")
}

pub(crate) fn register(reg: &mut Registry) {
    scalars!(reg;
        "array_ndims" => |a: &ArrayValue| (!a.dims.is_empty()).then_some(a.dims.len() as i32);
        "array_dims" => |a: &ArrayValue| dims_text(a);
        "array_length" => |a: &ArrayValue, number: i32| dim(a, number).map(|dim| dim.len);
        "array_lower" => |a: &ArrayValue, number: i32| dim(a, number).map(|dim| dim.lower);
        "array_upper" => |a: &ArrayValue, number: i32| dim(a, number).map(upper);
        "array_cardinality" => |a: &ArrayValue| a.values.len() as i32;
        "array_fill" => [ctx] |value: &Datum, lens: Option<&ArrayValue>| {
            fill(super::result_element(ctx)?, value, lens, None)
        };
        "array_fill_with_lower_bounds" => [ctx] |value: &Datum, lens: Option<&ArrayValue>, lowers: Option<&ArrayValue>| {
            fill(super::result_element(ctx)?, value, lens, Some(lowers))
        };
    );
}
