//! ARRAY[], element casts, subscripts.

use super::{Compiled, EvalRow, Other, Subscript, SubscriptCall};
use crate::runtime::Runtime;
use pglitedb_functions::json::subscript::{Step, get_element, set_element};
use pglitedb_sqlstate::{Error, Result, bail, err};
use pglitedb_types::{ArrayDim, ArrayValue, Datum, JsonbValue, Oid};
use std::sync::Arc;

/// Elements an array may have (as in PostgreSQL: 128 MB of pointers).
const ELEMENTS_MAX: usize = 134_217_727;

pub(super) fn eval(expr: &Other, row: &EvalRow<'_>, rt: &Runtime<'_>) -> Result<Datum> {
    match expr {
        Other::Array(element_type, elements, multidims) => {
            construct(*element_type, elements, *multidims, row, rt)
        }
        Other::ArrayCoerce(arg, elem, element_type) => {
            let Datum::Array(array) = arg.eval(row, rt)? else { return Ok(Datum::Null) };
            let mut values = Vec::with_capacity(array.values.len());
            for value in &array.values {
                values.push(elem.eval(&EvalRow { case_value: Some(value), ..*row }, rt)?);
            }
            Ok(Datum::Array(Arc::new(ArrayValue {
                elem_type: *element_type,
                dims: array.dims.clone(),
                values,
            })))
        }
        Other::Subscript(call) if call.is_jsonb => jsonb(call, row, rt),
        Other::Subscript(call) => match &call.assign {
            None => fetch(call, row, rt),
            Some(assign) => store(call, assign, row, rt),
        },
        _ => Err(Error::internal("not an array expression")),
    }
}

fn construct(
    element_type: Oid,
    elements: &[Compiled],
    multidims: bool,
    row: &EvalRow<'_>,
    rt: &Runtime<'_>,
) -> Result<Datum> {
    let values = elements.iter().map(|element| element.eval(row, rt)).collect::<Result<Vec<_>>>()?;
    if !multidims {
        return Ok(Datum::Array(Arc::new(ArrayValue::one_dim(element_type, values))));
    }
    let mut dims: Option<Vec<ArrayDim>> = None;
    let mut flat = Vec::new();
    let mut count = 0;
    for value in &values {
        // NULL sub-arrays are left out, as PostgreSQL does.
        let Datum::Array(inner) = value else { continue };
        count += 1;
        match &dims {
            None => dims = Some(inner.dims.clone()),
            Some(known) if *known != inner.dims => {
                bail!(
                    ARRAY_SUBSCRIPT_ERROR,
                    "multidimensional arrays must have array expressions with matching dimensions"
                );
            }
            Some(_) => {}
        }
        flat.extend(inner.values.iter().cloned());
    }
    let inner_dims = dims.unwrap_or_default();
    if flat.is_empty() {
        return Ok(Datum::Array(Arc::new(ArrayValue {
            elem_type: element_type,
            dims: Vec::new(),
            values: Vec::new(),
        })));
    }
    if inner_dims.len() >= 6 {
        bail!(
            PROGRAM_LIMIT_EXCEEDED,
            "number of array dimensions ({}) exceeds the maximum allowed (6)",
            inner_dims.len() + 1
        );
    }
    let mut all = vec![ArrayDim { len: count, lower: 1 }];
    all.extend(inner_dims);
    Ok(Datum::Array(Arc::new(ArrayValue { elem_type: element_type, dims: all, values: flat })))
}

pub(super) fn index(expr: &Compiled, row: &EvalRow<'_>, rt: &Runtime<'_>) -> Result<Option<i32>> {
    Ok(match expr.eval(row, rt)? {
        Datum::Int4(value) => Some(value),
        Datum::Null => None,
        other => return Err(Error::internal(format!("subscript is {other:?}, not an integer"))),
    })
}

/// Subscripts as ranges; `None` if one is NULL. A plain index beside slices means `1:index`.
fn ranges(
    call: &SubscriptCall,
    array: Option<&ArrayValue>,
    row: &EvalRow<'_>,
    rt: &Runtime<'_>,
) -> Result<Option<Vec<(i32, i32)>>> {
    let mut ranges = Vec::with_capacity(call.items.len());
    for (at, item) in call.items.iter().enumerate() {
        let dim = array.and_then(|array| array.dims.get(at));
        let (first, last) = dim.map_or((1, 0), |dim| (dim.lower, dim.lower.saturating_add(dim.len - 1)));
        let (from, to) = match item {
            Subscript::Index(expr) => (Some(1), index(expr, row, rt)?),
            Subscript::Slice(from, to) => (
                match from {
                    Some(from) => index(from, row, rt)?,
                    None => Some(first),
                },
                match to {
                    Some(to) => index(to, row, rt)?,
                    None => Some(last),
                },
            ),
        };
        match (from, to) {
            (Some(from), Some(to)) => ranges.push((from, to)),
            _ => return Ok(None),
        }
    }
    Ok(Some(ranges))
}

fn is_slice(call: &SubscriptCall) -> bool {
    call.items.iter().any(|item| matches!(item, Subscript::Slice(..)))
}

/// Place of an element in row-major order.
fn offset(dims: &[ArrayDim], at: &[i32]) -> Option<usize> {
    if dims.len() != at.len() || dims.is_empty() {
        return None;
    }
    let mut offset = 0_usize;
    for (dim, at) in dims.iter().zip(at) {
        let within = i64::from(*at) - i64::from(dim.lower);
        if within < 0 || within >= i64::from(dim.len) {
            return None;
        }
        offset =
            offset.checked_mul(usize::try_from(dim.len).ok()?)?.checked_add(usize::try_from(within).ok()?)?;
    }
    Some(offset)
}

/// Bytes of a `name`, which counts as an array of 64 `"char"`s from 0.
fn name_byte(call: &SubscriptCall, name: &str, row: &EvalRow<'_>, rt: &Runtime<'_>) -> Result<Datum> {
    const NAME_BYTES: i32 = 64;
    let [Subscript::Index(expr)] = call.items.as_slice() else { return Ok(Datum::Null) };
    match index(expr, row, rt)? {
        Some(at) if (0..NAME_BYTES).contains(&at) => {
            let byte = usize::try_from(at).ok().and_then(|at| name.as_bytes().get(at));
            Ok(Datum::Char(byte.copied().unwrap_or(0)))
        }
        _ => Ok(Datum::Null),
    }
}

fn fetch(call: &SubscriptCall, row: &EvalRow<'_>, rt: &Runtime<'_>) -> Result<Datum> {
    let array = match call.container.eval(row, rt)? {
        Datum::Array(array) => array,
        Datum::Text(name) => return name_byte(call, &name, row, rt),
        Datum::Geometry(value) => return super::fixed_array::fetch(call, &value, row, rt),
        _ => return Ok(Datum::Null),
    };
    if !is_slice(call) {
        let mut at = Vec::with_capacity(call.items.len());
        for item in &call.items {
            let Subscript::Index(expr) = item else { continue };
            match index(expr, row, rt)? {
                Some(index) => at.push(index),
                None => return Ok(Datum::Null),
            }
        }
        return Ok(offset(&array.dims, &at).and_then(|at| array.values.get(at).cloned()).unwrap_or_default());
    }
    let Some(mut ranges) = ranges(call, Some(&array), row, rt)? else { return Ok(Datum::Null) };
    let empty = || Datum::Array(Arc::new(ArrayValue::one_dim(array.elem_type, Vec::new())));
    if ranges.len() > array.dims.len() {
        return Ok(empty());
    }
    for dim in &array.dims[ranges.len()..] {
        ranges.push((dim.lower, dim.lower.saturating_add(dim.len - 1)));
    }
    let mut dims = Vec::with_capacity(ranges.len());
    for (range, dim) in ranges.iter_mut().zip(&array.dims) {
        range.0 = range.0.max(dim.lower);
        range.1 = range.1.min(dim.lower.saturating_add(dim.len - 1));
        if range.0 > range.1 {
            return Ok(empty());
        }
        dims.push(ArrayDim { len: range.1 - range.0 + 1, lower: 1 });
    }
    let mut values = Vec::new();
    each_position(&ranges, &mut |at| {
        values.push(offset(&array.dims, at).and_then(|at| array.values.get(at).cloned()).unwrap_or_default());
    });
    Ok(Datum::Array(Arc::new(ArrayValue { elem_type: array.elem_type, dims, values })))
}

/// Calls `f` with every position inside the ranges, in row-major order.
fn each_position(ranges: &[(i32, i32)], f: &mut dyn FnMut(&[i32])) {
    let mut at: Vec<i32> = ranges.iter().map(|range| range.0).collect();
    loop {
        f(&at);
        let mut dim = ranges.len();
        loop {
            if dim == 0 {
                return;
            }
            dim -= 1;
            if at[dim] < ranges[dim].1 {
                at[dim] += 1;
                break;
            }
            at[dim] = ranges[dim].0;
        }
    }
}

/// The container with one element or a slice replaced.
fn store(call: &SubscriptCall, assign: &Compiled, row: &EvalRow<'_>, rt: &Runtime<'_>) -> Result<Datum> {
    let container = call.container.eval(row, rt)?;
    if call.fixed || matches!(container, Datum::Geometry(_)) {
        return super::fixed_array::store(call, container, row, rt);
    }
    let old = match &container {
        Datum::Array(array) => Some(&**array),
        _ => None,
    };
    let slice = is_slice(call);
    let open = |item: &Subscript| matches!(item, Subscript::Slice(None, _) | Subscript::Slice(_, None));
    if old.is_none_or(|old| old.dims.is_empty()) && call.items.iter().any(open) {
        return Err(err!(ARRAY_SUBSCRIPT_ERROR, "array slice subscript must provide both boundaries").detail(
            "When assigning to a slice of an empty array value, slice boundaries must be fully specified.",
        ));
    }
    let ranges = if slice {
        ranges(call, old, row, rt)?
    } else {
        let mut ranges = Vec::with_capacity(call.items.len());
        for item in &call.items {
            let Subscript::Index(expr) = item else { continue };
            match index(expr, row, rt)? {
                Some(index) => ranges.push((index, index)),
                None => {
                    bail!(NULL_VALUE_NOT_ALLOWED, "array subscript in assignment must not be null");
                }
            }
        }
        Some(ranges)
    };
    let Some(ranges) = ranges else {
        bail!(NULL_VALUE_NOT_ALLOWED, "array subscript in assignment must not be null");
    };
    // The value may itself be an assignment further in, whose container is the element replaced here.
    let element = if slice { container.clone() } else { current_element(old, &ranges) };
    let value = assign.eval(&EvalRow { case_value: Some(&element), ..*row }, rt)?;
    let mut dims = old.map(|old| old.dims.clone()).unwrap_or_default();
    let mut values = old.map(|old| old.values.clone()).unwrap_or_default();
    if slice && value.is_null() {
        return Ok(container);
    }
    if dims.is_empty() {
        dims = ranges.iter().map(|range| ArrayDim { len: 0, lower: range.0 }).collect();
        if dims.len() > 1 {
            dims = ranges.iter().map(|(from, to)| ArrayDim { len: to - from + 1, lower: *from }).collect();
            let count = dims.iter().map(|dim| usize::try_from(dim.len).unwrap_or(0)).product::<usize>();
            values = vec![Datum::Null; count.min(ELEMENTS_MAX)];
        }
    }
    if dims.len() != ranges.len() {
        bail!(ARRAY_SUBSCRIPT_ERROR, "wrong number of array subscripts");
    }
    if let ([dim], [(from, to)]) = (dims.as_mut_slice(), ranges.as_slice()) {
        extend(dim, &mut values, *from, *to)?;
    }
    let source: Vec<Datum> = match (&value, slice) {
        (Datum::Array(array), true) => array.values.clone(),
        _ => vec![value],
    };
    let wanted: usize = ranges.iter().map(|(from, to)| usize::try_from(to - from + 1).unwrap_or(0)).product();
    if source.len() < wanted {
        bail!(ARRAY_SUBSCRIPT_ERROR, "source array too small");
    }
    let mut next = source.into_iter();
    let mut out_of_range = false;
    each_position(&ranges, &mut |at| {
        let slot = offset(&dims, at).and_then(|at| values.get_mut(at));
        match (slot, next.next()) {
            (Some(slot), Some(value)) => *slot = value,
            _ => out_of_range = true,
        }
    });
    if out_of_range {
        bail!(ARRAY_SUBSCRIPT_ERROR, "array subscript out of range");
    }
    let elem_type = old.map_or(call.element_type, |old| old.elem_type);
    Ok(Datum::Array(Arc::new(ArrayValue { elem_type, dims, values })))
}

fn current_element(old: Option<&ArrayValue>, ranges: &[(i32, i32)]) -> Datum {
    let at: Vec<i32> = ranges.iter().map(|range| range.0).collect();
    old.and_then(|old| offset(&old.dims, &at).and_then(|at| old.values.get(at).cloned())).unwrap_or_default()
}

/// Grows a one-dimensional array so that `from..=to` is inside, filling with NULLs.
fn extend(dim: &mut ArrayDim, values: &mut Vec<Datum>, from: i32, to: i32) -> Result<()> {
    if to < from {
        bail!(ARRAY_SUBSCRIPT_ERROR, "upper bound cannot be less than lower bound");
    }
    let first = if dim.len == 0 { from } else { dim.lower.min(from) };
    let last = if dim.len == 0 { to } else { (dim.lower + dim.len - 1).max(to) };
    let len = i64::from(last) - i64::from(first) + 1;
    if len > ELEMENTS_MAX as i64 {
        bail!(PROGRAM_LIMIT_EXCEEDED, "array size exceeds the maximum allowed ({ELEMENTS_MAX})");
    }
    if dim.len > 0 && first < dim.lower {
        let missing = usize::try_from(dim.lower - first).unwrap_or(0);
        values.splice(0..0, std::iter::repeat_n(Datum::Null, missing));
    }
    values.resize(usize::try_from(len).unwrap_or(0), Datum::Null);
    *dim = ArrayDim { len: i32::try_from(len).unwrap_or(i32::MAX), lower: first };
    Ok(())
}

/// jsonb subscripts are path steps.
fn jsonb(call: &SubscriptCall, row: &EvalRow<'_>, rt: &Runtime<'_>) -> Result<Datum> {
    let container = call.container.eval(row, rt)?;
    if container.is_null() && call.assign.is_none() {
        return Ok(Datum::Null);
    }
    let mut path = Vec::with_capacity(call.items.len());
    for item in &call.items {
        let Subscript::Index(expr) = item else {
            bail!(DATATYPE_MISMATCH, "jsonb subscript does not support slices");
        };
        path.push(match expr.eval(row, rt)? {
            Datum::Null if call.assign.is_some() => {
                bail!(NULL_VALUE_NOT_ALLOWED, "jsonb subscript in assignment must not be null");
            }
            Datum::Int4(index) => Step::Index(index),
            Datum::Text(key) => Step::Key(key),
            _ => return Ok(Datum::Null),
        });
    }
    if let Some(assign) = &call.assign {
        let value = match assign.eval(&EvalRow { case_value: Some(&container), ..*row }, rt)? {
            Datum::Jsonb(value) => (*value).clone(),
            _ => JsonbValue::Null,
        };
        let old = match &container {
            Datum::Jsonb(value) => Some(&**value),
            _ => None,
        };
        return Ok(Datum::Jsonb(Arc::new(set_element(old, &path, value)?)));
    }
    let Datum::Jsonb(value) = &container else { return Ok(Datum::Null) };
    let mut found = &**value;
    for step in &path {
        match get_element(found, step) {
            Some(inner) => found = inner,
            None => return Ok(Datum::Null),
        }
    }
    Ok(Datum::Jsonb(Arc::new(found.clone())))
}
