//! Functions that make new arrays of old ones.

use super::{array_arg, element_equality, result_element, same};
use crate::Registry;
use crate::call::FnCtx;
use crate::number::integer::int4_range;
use crate::number::random::random_up_to;
use pglitedb_sqlstate::{Error, Result, bail, err};
use pglitedb_types::{ArrayDim, ArrayValue, Datum};
use std::sync::Arc;

/// Appends or prepends one element.
fn push(ctx: &FnCtx<'_>, array: &Datum, element: &Datum, in_front: bool) -> Result<ArrayValue> {
    if array.is_null() {
        return Ok(ArrayValue::one_dim(result_element(ctx)?, vec![element.clone()]));
    }
    let array = array_arg(array)?;
    let dims = match array.dims.as_slice() {
        [] => vec![ArrayDim { len: 1, lower: 1 }],
        [dim] => {
            let len = dim.len.checked_add(1).ok_or_else(int4_range)?;
            dim.lower.checked_add(len).ok_or_else(int4_range)?;
            vec![ArrayDim { len, lower: dim.lower }]
        }
        _ => bail!(DATA_EXCEPTION, "argument must be empty or one-dimensional array"),
    };
    let mut values = Vec::with_capacity(array.values.len() + 1);
    if in_front {
        values.push(element.clone());
    }
    values.extend_from_slice(&array.values);
    if !in_front {
        values.push(element.clone());
    }
    Ok(ArrayValue { elem_type: array.elem_type, dims, values })
}

#[cold]
fn incompatible(detail: String) -> Error {
    err!(ARRAY_SUBSCRIPT_ERROR, "cannot concatenate incompatible arrays").detail(detail)
}

fn concat(a: &Datum, b: &Datum) -> Result<Datum> {
    if a.is_null() || b.is_null() {
        return Ok(if a.is_null() { b.clone() } else { a.clone() });
    }
    let (x, y) = (array_arg(a)?, array_arg(b)?);
    if x.dims.is_empty() || y.dims.is_empty() {
        return Ok(if x.dims.is_empty() { b.clone() } else { a.clone() });
    }
    let (m, n) = (x.dims.len(), y.dims.len());
    let mut dims;
    if m == n {
        if x.dims[1..] != y.dims[1..] {
            return Err(incompatible(
                "Arrays with differing element dimensions are not compatible for concatenation.".into(),
            ));
        }
        dims = x.dims.clone();
        dims[0].len = dims[0].len.checked_add(y.dims[0].len).ok_or_else(int4_range)?;
    } else if m.abs_diff(n) == 1 {
        let (outer, inner) = if m > n { (x, y) } else { (y, x) };
        if outer.dims[1..] != inner.dims[..] {
            return Err(incompatible(
                "Arrays with differing dimensions are not compatible for concatenation.".into(),
            ));
        }
        dims = outer.dims.clone();
        dims[0].len = dims[0].len.checked_add(1).ok_or_else(int4_range)?;
    } else {
        return Err(incompatible(format!(
            "Arrays of {m} and {n} dimensions are not compatible for concatenation."
        )));
    }
    if x.values.len() + y.values.len() > super::MAX_ELEMENTS {
        return Err(super::shape::too_large());
    }
    let mut values = Vec::with_capacity(x.values.len() + y.values.len());
    values.extend_from_slice(&x.values);
    values.extend_from_slice(&y.values);
    Ok(Datum::Array(Arc::new(ArrayValue { elem_type: x.elem_type, dims, values })))
}

fn remove(ctx: &FnCtx<'_>, array: &Datum, element: &Datum) -> Result<Datum> {
    if array.is_null() {
        return Ok(Datum::Null);
    }
    let value = array_arg(array)?;
    if value.dims.len() > 1 {
        bail!(FEATURE_NOT_SUPPORTED, "removing elements from multidimensional arrays is not supported");
    }
    let comparator = element_equality(ctx, value.elem_type)?;
    let kept: Vec<Datum> = value.values.iter().filter(|v| !same(&comparator, v, element)).cloned().collect();
    if kept.len() == value.values.len() {
        return Ok(array.clone());
    }
    let mut out = ArrayValue::one_dim(value.elem_type, kept);
    if let (Some(dim), Some(old)) = (out.dims.first_mut(), value.dims.first()) {
        dim.lower = old.lower;
    }
    Ok(Datum::Array(Arc::new(out)))
}

fn replace(ctx: &FnCtx<'_>, array: &Datum, from: &Datum, to: &Datum) -> Result<Datum> {
    if array.is_null() {
        return Ok(Datum::Null);
    }
    let array = array_arg(array)?;
    let comparator = element_equality(ctx, array.elem_type)?;
    let values = array.values.iter().map(|v| if same(&comparator, v, from) { to.clone() } else { v.clone() });
    let out = ArrayValue { elem_type: array.elem_type, dims: array.dims.clone(), values: values.collect() };
    Ok(Datum::Array(Arc::new(out)))
}

/// Number of elements in one step of the first dimension.
pub fn stride(array: &ArrayValue) -> usize {
    let outer = array.dims.first().map_or(0, |dim| dim.len.max(0) as usize);
    array.values.len().checked_div(outer).unwrap_or(1).max(1)
}

/// The array with these items of the first dimension.
pub fn with_items(array: &ArrayValue, items: &[&[Datum]], lower: i32) -> ArrayValue {
    if items.is_empty() {
        return ArrayValue::one_dim(array.elem_type, Vec::new());
    }
    let mut dims = array.dims.clone();
    if let Some(dim) = dims.first_mut() {
        *dim = ArrayDim { len: items.len() as i32, lower };
    }
    ArrayValue { elem_type: array.elem_type, dims, values: items.concat() }
}

fn trim(array: &ArrayValue, count: i32) -> Result<ArrayValue> {
    let len = array.dims.first().map_or(0, |dim| dim.len);
    if count < 0 || count > len {
        bail!(ARRAY_ELEMENT_ERROR, "number of elements to trim must be between 0 and {len}");
    }
    let items: Vec<&[Datum]> = array.values.chunks(stride(array)).take((len - count) as usize).collect();
    let mut out = with_items(array, &items, 1);
    // As a slice would do: all lower bounds become 1.
    out.dims.iter_mut().for_each(|dim| dim.lower = 1);
    Ok(out)
}

fn reverse(array: &ArrayValue) -> ArrayValue {
    let items: Vec<&[Datum]> = array.values.chunks(stride(array)).rev().collect();
    with_items(array, &items, array.dims.first().map_or(1, |dim| dim.lower))
}

/// `count` items in random order.
fn sample(ctx: &FnCtx<'_>, array: &ArrayValue, count: usize, lower: i32) -> ArrayValue {
    let mut items: Vec<&[Datum]> = array.values.chunks(stride(array)).collect();
    for at in 0..count.min(items.len()) {
        let other = at + random_up_to(ctx.env, (items.len() - at - 1) as u64) as usize;
        items.swap(at, other);
    }
    items.truncate(count);
    with_items(array, &items, lower)
}

pub(crate) fn register(reg: &mut Registry) {
    scalars!(reg;
        "array_append" => [ctx] |a: &Datum, b: &Datum| push(ctx, a, b, false);
        "array_prepend" => [ctx] |a: &Datum, b: &Datum| push(ctx, b, a, true);
        "array_cat" => |a: &Datum, b: &Datum| concat(a, b);
        "array_remove" => [ctx] |a: &Datum, b: &Datum| remove(ctx, a, b);
        "array_replace" => [ctx] |a: &Datum, b: &Datum, c: &Datum| replace(ctx, a, b, c);
        "trim_array" => |a: &ArrayValue, count: i32| trim(a, count);
        "array_reverse" => |a: &ArrayValue| reverse(a);
        "array_shuffle" => [ctx] |a: &ArrayValue| {
            sample(ctx, a, usize::MAX, a.dims.first().map_or(1, |dim| dim.lower))
        };
        "array_sample" => [ctx] |a: &ArrayValue, count: i32| {
            let len = a.dims.first().map_or(0, |dim| dim.len);
            if count < 0 || count > len {
                bail!(INVALID_PARAMETER_VALUE, "sample size must be between 0 and {len}");
            }
            sample(ctx, a, count as usize, 1)
        };
    );
}
