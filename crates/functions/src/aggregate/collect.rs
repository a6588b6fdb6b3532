//! Aggregates that collect their input: `string_agg`, `array_agg`, `any_value`.

use super::{finished, state};
use crate::call::{AggState, FnCtx};
use crate::{Builtin, Registry};
use pglitedb_sqlstate::{Result, bail};
use pglitedb_types::{ArrayDim, ArrayValue, Datum, Oid};
use std::sync::Arc;

/// Joined so far; `None` before the first value.
#[derive(Default)]
struct Joined<T>(Option<T>);

fn string_agg(_: &FnCtx<'_>, agg: &mut AggState, args: &[Datum]) -> Result<()> {
    let joined: &mut Joined<String> = state(agg)?;
    let (Some(Datum::Text(value)), delimiter) = (args.first(), args.get(1)) else { return Ok(()) };
    match &mut joined.0 {
        Some(text) => {
            text.push_str(delimiter.and_then(Datum::as_str).unwrap_or(""));
            text.push_str(value);
        }
        None => joined.0 = Some(value.as_ref().to_owned()),
    }
    Ok(())
}

fn string_agg_final(_: &FnCtx<'_>, agg: &mut AggState, _: &[Datum]) -> Result<Datum> {
    let text = finished::<Joined<String>>(agg)?.and_then(|joined| joined.0.as_deref());
    Ok(text.map_or(Datum::Null, Datum::text))
}

fn bytea_agg(_: &FnCtx<'_>, agg: &mut AggState, args: &[Datum]) -> Result<()> {
    let joined: &mut Joined<Vec<u8>> = state(agg)?;
    let (Some(Datum::Bytea(value)), delimiter) = (args.first(), args.get(1)) else { return Ok(()) };
    match &mut joined.0 {
        Some(bytes) => {
            if let Some(Datum::Bytea(delimiter)) = delimiter {
                bytes.extend_from_slice(delimiter);
            }
            bytes.extend_from_slice(value);
        }
        None => joined.0 = Some(value.to_vec()),
    }
    Ok(())
}

fn bytea_agg_final(_: &FnCtx<'_>, agg: &mut AggState, _: &[Datum]) -> Result<Datum> {
    let bytes = finished::<Joined<Vec<u8>>>(agg)?.and_then(|joined| joined.0.as_deref());
    Ok(bytes.map_or(Datum::Null, Datum::bytea))
}

/// Element type of the call's result, an array.
pub fn result_element(ctx: &FnCtx<'_>) -> Result<Oid> {
    Ok(ctx.env.as_type_env().type_info(ctx.info.result_type)?.element)
}

fn array_agg(_: &FnCtx<'_>, agg: &mut AggState, args: &[Datum]) -> Result<()> {
    let values: &mut Vec<Datum> = state(agg)?;
    values.extend(args.first().cloned());
    Ok(())
}

fn array_agg_final(ctx: &FnCtx<'_>, agg: &mut AggState, _: &[Datum]) -> Result<Datum> {
    let Some(values) = finished::<Vec<Datum>>(agg)? else { return Ok(Datum::Null) };
    Ok(Datum::Array(Arc::new(ArrayValue::one_dim(result_element(ctx)?, values.clone()))))
}

/// Arrays of equal shape, to become one of a dimension more.
#[derive(Default)]
struct Stacked {
    count: i32,
    dims: Vec<ArrayDim>,
    values: Vec<Datum>,
    elem_type: Oid,
}

fn array_agg_array(_: &FnCtx<'_>, agg: &mut AggState, args: &[Datum]) -> Result<()> {
    let stacked: &mut Stacked = state(agg)?;
    let array = match args.first() {
        Some(Datum::Array(array)) => array,
        _ => bail!(NULL_VALUE_NOT_ALLOWED, "cannot accumulate null arrays"),
    };
    if array.dims.is_empty() {
        bail!(ARRAY_SUBSCRIPT_ERROR, "cannot accumulate empty arrays");
    }
    if stacked.count == 0 {
        if array.dims.len() >= 6 {
            bail!(PROGRAM_LIMIT_EXCEEDED, "number of array dimensions (7) exceeds the maximum allowed (6)");
        }
        stacked.dims = array.dims.clone();
        stacked.elem_type = array.elem_type;
    } else if stacked.dims.len() != array.dims.len()
        || stacked.dims.iter().zip(&array.dims).any(|(a, b)| a.len != b.len || a.lower != b.lower)
    {
        bail!(ARRAY_SUBSCRIPT_ERROR, "cannot accumulate arrays of different dimensionality");
    }
    stacked.count += 1;
    stacked.values.extend_from_slice(&array.values);
    Ok(())
}

fn array_agg_array_final(_: &FnCtx<'_>, agg: &mut AggState, _: &[Datum]) -> Result<Datum> {
    let Some(stacked) = finished::<Stacked>(agg)?.filter(|stacked| stacked.count > 0) else {
        return Ok(Datum::Null);
    };
    let mut dims = vec![ArrayDim { len: stacked.count, lower: 1 }];
    dims.extend_from_slice(&stacked.dims);
    let array = ArrayValue { elem_type: stacked.elem_type, dims, values: stacked.values.clone() };
    Ok(Datum::Array(Arc::new(array)))
}

/// Counts true and non-null values, for windows that move.
#[derive(Default)]
struct Truths {
    seen: i64,
    truths: i64,
}

fn count_truth(agg: &mut AggState, args: &[Datum], step: i64) -> Result<()> {
    let truths: &mut Truths = state(agg)?;
    if let Some(Datum::Bool(value)) = args.first() {
        truths.seen += step;
        truths.truths += if *value { step } else { 0 };
    }
    Ok(())
}

fn truth(agg: &mut AggState, all: bool) -> Result<Datum> {
    Ok(match finished::<Truths>(agg)? {
        Some(truths) if truths.seen > 0 => {
            Datum::Bool(if all { truths.truths == truths.seen } else { truths.truths > 0 })
        }
        _ => Datum::Null,
    })
}

pub(crate) fn register(reg: &mut Registry) {
    reg.add("string_agg_transfn", Builtin::Trans(string_agg));
    reg.add("string_agg_finalfn", Builtin::Final(string_agg_final));
    reg.add("bytea_string_agg_transfn", Builtin::Trans(bytea_agg));
    reg.add("bytea_string_agg_finalfn", Builtin::Final(bytea_agg_final));
    reg.add("array_agg_transfn", Builtin::Trans(array_agg));
    reg.add("array_agg_finalfn", Builtin::Final(array_agg_final));
    reg.add("array_agg_array_transfn", Builtin::Trans(array_agg_array));
    reg.add("array_agg_array_finalfn", Builtin::Final(array_agg_array_final));
    reg.add("bool_accum", Builtin::Trans(|_, agg, args| count_truth(agg, args, 1)));
    reg.add("bool_accum_inv", Builtin::Trans(|_, agg, args| count_truth(agg, args, -1)));
    reg.add("bool_alltrue", Builtin::Final(|_, agg, _| truth(agg, true)));
    reg.add("bool_anytrue", Builtin::Final(|_, agg, _| truth(agg, false)));
    scalars!(reg;
        "any_value_transfn" => |first: &Datum, _other: &Datum| first.clone();
    );
}
