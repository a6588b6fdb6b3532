//! `json_agg`, `json_object_agg` and their variants.

use super::node::quoted;
use super::to_json::{argument_type, object_key, to_jsonb, write_json};
use crate::aggregate::{finished, state};
use crate::call::{AggState, FnCtx};
use crate::{Builtin, Registry};
use pglitedb_sqlstate::{Result, bail};
use pglitedb_types::json::object_from_pairs;
use pglitedb_types::{Datum, JsonbValue, Oid};
use std::collections::HashSet;
use std::sync::Arc;

/// The text so far, without what closes it; and the keys seen where they must be unique.
#[derive(Default)]
struct Text {
    text: String,
    keys: HashSet<String>,
}

/// Items of an array or members of an object.
#[derive(Default)]
struct Items(Vec<JsonbValue>);
#[derive(Default)]
struct Members {
    members: Vec<(Arc<str>, JsonbValue)>,
    keys: HashSet<String>,
}

/// Type of the `back`-th argument from the last: right whether or not the state is counted as the first one.
fn type_from_end(ctx: &FnCtx<'_>, back: usize) -> Oid {
    let count = ctx.info.arg_types.len();
    count.checked_sub(back + 1).map_or(0, |at| argument_type(ctx, at))
}

fn json_agg(ctx: &FnCtx<'_>, agg: &mut AggState, args: &[Datum], strict: bool) -> Result<()> {
    let text: &mut Text = state(agg)?;
    let value = args.first().unwrap_or(&Datum::Null);
    if strict && value.is_null() {
        return Ok(());
    }
    if !text.text.is_empty() {
        text.text.push_str(", ");
        // As PostgreSQL does: containers on lines of their own.
        if matches!(value, Datum::Array(_) | Datum::Record(_)) {
            text.text.push_str("\n ");
        }
    } else {
        text.text.push('[');
    }
    write_json(value, type_from_end(ctx, 0), false, ctx.env.as_type_env(), &mut text.text)
}

fn close(agg: &mut AggState, open: &str, end: &str) -> Result<Datum> {
    Ok(match finished::<Text>(agg)? {
        None => Datum::Null,
        Some(text) if text.text.is_empty() => Datum::Text(format!("{open}{end}").into()),
        Some(text) => Datum::Text(format!("{}{end}", text.text).into()),
    })
}

fn jsonb_agg(ctx: &FnCtx<'_>, agg: &mut AggState, args: &[Datum], strict: bool) -> Result<()> {
    let items: &mut Items = state(agg)?;
    let value = args.first().unwrap_or(&Datum::Null);
    if !(strict && value.is_null()) {
        items.0.push(to_jsonb(value, type_from_end(ctx, 0), ctx.env.as_type_env())?);
    }
    Ok(())
}

/// The key of a member, checked; `None` if the member is to be left out.
fn key_of(
    ctx: &FnCtx<'_>,
    args: &[Datum],
    seen: &mut HashSet<String>,
    strict: bool,
    unique: bool,
    jsonb: bool,
) -> Result<Option<String>> {
    let key = args.first().unwrap_or(&Datum::Null);
    let skip = strict && args.get(1).is_none_or(Datum::is_null);
    if skip && !unique && !key.is_null() {
        return Ok(None);
    }
    let key = object_key(key, type_from_end(ctx, 1), ctx.env.as_type_env())?;
    if unique && !seen.insert(key.clone()) {
        if jsonb {
            return Err(super::sql_json::duplicate_jsonb_key());
        }
        bail!(DUPLICATE_JSON_OBJECT_KEY_VALUE, "duplicate JSON object key value: {}", quoted(&key));
    }
    Ok((!skip).then_some(key))
}

fn json_object_agg(
    ctx: &FnCtx<'_>,
    agg: &mut AggState,
    args: &[Datum],
    strict: bool,
    unique: bool,
) -> Result<()> {
    let text: &mut Text = state(agg)?;
    let Some(key) = key_of(ctx, args, &mut text.keys, strict, unique, false)? else { return Ok(()) };
    text.text.push_str(if text.text.is_empty() { "{ " } else { ", " });
    text.text.push_str(&quoted(&key));
    text.text.push_str(" : ");
    let value = args.get(1).unwrap_or(&Datum::Null);
    write_json(value, type_from_end(ctx, 0), false, ctx.env.as_type_env(), &mut text.text)
}

fn jsonb_object_agg(
    ctx: &FnCtx<'_>,
    agg: &mut AggState,
    args: &[Datum],
    strict: bool,
    unique: bool,
) -> Result<()> {
    if args.first().is_none_or(Datum::is_null) {
        bail!(INVALID_PARAMETER_VALUE, "field name must not be null");
    }
    let members: &mut Members = state(agg)?;
    let Some(key) = key_of(ctx, args, &mut members.keys, strict, unique, true)? else { return Ok(()) };
    let value = args.get(1).unwrap_or(&Datum::Null);
    members.members.push((key.into(), to_jsonb(value, type_from_end(ctx, 0), ctx.env.as_type_env())?));
    Ok(())
}

pub(crate) fn register(reg: &mut Registry) {
    reg.add("json_agg_transfn", Builtin::Trans(|c, s, a| json_agg(c, s, a, false)));
    reg.add("json_agg_strict_transfn", Builtin::Trans(|c, s, a| json_agg(c, s, a, true)));
    reg.add("json_agg_finalfn", Builtin::Final(|_, s, _| close(s, "[", "]")));
    reg.add("jsonb_agg_transfn", Builtin::Trans(|c, s, a| jsonb_agg(c, s, a, false)));
    reg.add("jsonb_agg_strict_transfn", Builtin::Trans(|c, s, a| jsonb_agg(c, s, a, true)));
    reg.add(
        "jsonb_agg_finalfn",
        Builtin::Final(|_, s, _| {
            let items = finished::<Items>(s)?.map(|items| JsonbValue::Array(items.0.clone()));
            Ok(items.map_or(Datum::Null, |items| Datum::Jsonb(Arc::new(items))))
        }),
    );
    reg.add("json_object_agg_transfn", Builtin::Trans(|c, s, a| json_object_agg(c, s, a, false, false)));
    reg.add(
        "json_object_agg_strict_transfn",
        Builtin::Trans(|c, s, a| json_object_agg(c, s, a, true, false)),
    );
    reg.add(
        "json_object_agg_unique_transfn",
        Builtin::Trans(|c, s, a| json_object_agg(c, s, a, false, true)),
    );
    reg.add(
        "json_object_agg_unique_strict_transfn",
        Builtin::Trans(|c, s, a| json_object_agg(c, s, a, true, true)),
    );
    reg.add("json_object_agg_finalfn", Builtin::Final(|_, s, _| close(s, "{", " }")));
    reg.add("jsonb_object_agg_transfn", Builtin::Trans(|c, s, a| jsonb_object_agg(c, s, a, false, false)));
    reg.add(
        "jsonb_object_agg_strict_transfn",
        Builtin::Trans(|c, s, a| jsonb_object_agg(c, s, a, true, false)),
    );
    reg.add(
        "jsonb_object_agg_unique_transfn",
        Builtin::Trans(|c, s, a| jsonb_object_agg(c, s, a, false, true)),
    );
    reg.add(
        "jsonb_object_agg_unique_strict_transfn",
        Builtin::Trans(|c, s, a| jsonb_object_agg(c, s, a, true, true)),
    );
    reg.add(
        "jsonb_object_agg_finalfn",
        Builtin::Final(|_, s, _| {
            let object = finished::<Members>(s)?.map(|members| object_from_pairs(members.members.clone()));
            Ok(object.map_or(Datum::Null, |object| Datum::Jsonb(Arc::new(object))))
        }),
    );
}
