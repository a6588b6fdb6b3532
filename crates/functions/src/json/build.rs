//! `json_build_object` and the like.

use super::node::quoted;
use super::to_json::{argument_type, object_key, to_jsonb, write_json};
use crate::call::FnCtx;
use crate::{Builtin, Registry};
use pglitedb_sqlstate::{Result, bail, err};
use pglitedb_types::json::object_from_pairs;
use pglitedb_types::{ArrayValue, Datum, JsonbValue, Oid};
use std::borrow::Cow;
use std::sync::Arc;

/// The arguments of a VARIADIC "any" function with their types; `None` if a NULL array was passed as the list.
pub fn variadic<'a>(
    ctx: &FnCtx<'_>,
    args: &'a [Datum],
    skip: usize,
) -> Result<Option<Vec<(Oid, Cow<'a, Datum>)>>> {
    if !ctx.info.variadic {
        let rest = args.iter().enumerate().skip(skip);
        return Ok(Some(rest.map(|(at, value)| (argument_type(ctx, at), Cow::Borrowed(value))).collect()));
    }
    match args.get(skip) {
        Some(Datum::Array(array)) => {
            Ok(Some(array.values.iter().map(|value| (array.elem_type, Cow::Borrowed(value))).collect()))
        }
        _ => Ok(None),
    }
}

fn pairs<'a>(
    ctx: &FnCtx<'_>,
    args: &'a [Datum],
    name: &str,
) -> Result<Option<Vec<[(Oid, Cow<'a, Datum>); 2]>>> {
    let Some(list) = variadic(ctx, args, 0)? else { return Ok(None) };
    if list.len() % 2 != 0 {
        return Err(err!(INVALID_PARAMETER_VALUE, "argument list must have even number of elements")
            .hint(format!("The arguments of {name}() must consist of alternating keys and values.")));
    }
    let mut out = Vec::with_capacity(list.len() / 2);
    let mut list = list.into_iter();
    while let (Some(key), Some(value)) = (list.next(), list.next()) {
        out.push([key, value]);
    }
    Ok(Some(out))
}

fn json_object(ctx: &FnCtx<'_>, args: &[Datum]) -> Result<Datum> {
    let env = ctx.env.as_type_env();
    let Some(pairs) = pairs(ctx, args, "json_build_object")? else { return Ok(Datum::Null) };
    let mut out = String::from("{");
    for (at, [(key_type, key), (value_type, value)]) in pairs.iter().enumerate() {
        if at > 0 {
            out.push_str(", ");
        }
        out.push_str(&quoted(&object_key(key, *key_type, env)?));
        out.push_str(" : ");
        write_json(value, *value_type, false, env, &mut out)?;
    }
    out.push('}');
    Ok(Datum::Text(out.into()))
}

fn jsonb_object(ctx: &FnCtx<'_>, args: &[Datum]) -> Result<Datum> {
    let env = ctx.env.as_type_env();
    let Some(pairs) = pairs(ctx, args, "jsonb_build_object")? else { return Ok(Datum::Null) };
    let mut members: Vec<(Arc<str>, JsonbValue)> = Vec::with_capacity(pairs.len());
    for (at, [(key_type, key), (value_type, value)]) in pairs.iter().enumerate() {
        if key.is_null() {
            bail!(INVALID_PARAMETER_VALUE, "argument {}: key must not be null", 2 * at + 1);
        }
        members.push((object_key(key, *key_type, env)?.into(), to_jsonb(value, *value_type, env)?));
    }
    Ok(Datum::Jsonb(Arc::new(object_from_pairs(members))))
}

fn json_array(ctx: &FnCtx<'_>, args: &[Datum]) -> Result<Datum> {
    let Some(list) = variadic(ctx, args, 0)? else { return Ok(Datum::Null) };
    let mut out = String::from("[");
    for (at, (type_oid, value)) in list.iter().enumerate() {
        if at > 0 {
            out.push_str(", ");
        }
        write_json(value, *type_oid, false, ctx.env.as_type_env(), &mut out)?;
    }
    out.push(']');
    Ok(Datum::Text(out.into()))
}

fn jsonb_array(ctx: &FnCtx<'_>, args: &[Datum]) -> Result<Datum> {
    let Some(list) = variadic(ctx, args, 0)? else { return Ok(Datum::Null) };
    let items = list.iter().map(|(type_oid, value)| to_jsonb(value, *type_oid, ctx.env.as_type_env()));
    Ok(Datum::Jsonb(Arc::new(JsonbValue::Array(items.collect::<Result<_>>()?))))
}

/// Keys and values of `json_object(text[])`.
fn text_pairs(array: &ArrayValue) -> Result<Vec<(&str, Option<&str>)>> {
    let wrong = || err!(ARRAY_SUBSCRIPT_ERROR, "wrong number of array subscripts");
    match array.dims.as_slice() {
        [] => return Ok(Vec::new()),
        [dim] if dim.len % 2 != 0 => {
            return Err(err!(ARRAY_SUBSCRIPT_ERROR, "array must have even number of elements"));
        }
        [_] => {}
        [_, dim] if dim.len != 2 => return Err(err!(ARRAY_SUBSCRIPT_ERROR, "array must have two columns")),
        [_, _] => {}
        _ => return Err(wrong()),
    }
    array
        .values
        .chunks(2)
        .map(|pair| match pair {
            [Datum::Text(key), value] => Ok((&**key, value.as_str())),
            _ => Err(err!(NULL_VALUE_NOT_ALLOWED, "null value not allowed for object key")),
        })
        .collect()
}

fn two_arrays<'a>(keys: &'a ArrayValue, values: &'a ArrayValue) -> Result<Vec<(&'a str, Option<&'a str>)>> {
    if keys.dims.len() > 1 || keys.dims.len() != values.dims.len() {
        bail!(ARRAY_SUBSCRIPT_ERROR, "wrong number of array subscripts");
    }
    if keys.values.len() != values.values.len() {
        bail!(ARRAY_SUBSCRIPT_ERROR, "mismatched array dimensions");
    }
    keys.values
        .iter()
        .zip(&values.values)
        .map(|(key, value)| match key {
            Datum::Text(key) => Ok((&**key, value.as_str())),
            _ => Err(err!(NULL_VALUE_NOT_ALLOWED, "null value not allowed for object key")),
        })
        .collect()
}

fn json_of_texts(pairs: &[(&str, Option<&str>)]) -> String {
    let members: Vec<String> = pairs
        .iter()
        .map(|(key, value)| format!("{} : {}", quoted(key), value.map_or_else(|| "null".to_owned(), quoted)))
        .collect();
    format!("{{{}}}", members.join(", "))
}

fn jsonb_of_texts(pairs: &[(&str, Option<&str>)]) -> JsonbValue {
    let value = |v: Option<&str>| v.map_or(JsonbValue::Null, |v| JsonbValue::String(v.into()));
    object_from_pairs(pairs.iter().map(|(key, v)| (Arc::from(*key), value(*v))).collect())
}

pub(crate) fn register(reg: &mut Registry) {
    reg.add("json_build_object", Builtin::Scalar(json_object));
    reg.add("jsonb_build_object", Builtin::Scalar(jsonb_object));
    reg.add("json_build_array", Builtin::Scalar(json_array));
    reg.add("jsonb_build_array", Builtin::Scalar(jsonb_array));
    scalars!(reg;
        "json_build_object_noargs" => | | "{}";
        "jsonb_build_object_noargs" => | | JsonbValue::Object(Vec::new());
        "json_build_array_noargs" => | | "[]";
        "jsonb_build_array_noargs" => | | JsonbValue::Array(Vec::new());
        "json_object" => |a: &ArrayValue| json_of_texts(&text_pairs(a)?);
        "jsonb_object" => |a: &ArrayValue| jsonb_of_texts(&text_pairs(a)?);
        "json_object_two_arg" => |a: &ArrayValue, b: &ArrayValue| json_of_texts(&two_arrays(a, b)?);
        "jsonb_object_two_arg" => |a: &ArrayValue, b: &ArrayValue| jsonb_of_texts(&two_arrays(a, b)?);
    );
}
