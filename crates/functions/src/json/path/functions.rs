//! The functions.

use super::eval::Evaluator;
use crate::call::{FnCtx, SetIter};
use crate::convert::Arg;
use crate::text::regexp::rows;
use crate::{Builtin, Registry};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::jsonpath::{JsonPath, parse};
use pglitedb_types::{Datum, JsonbValue};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

thread_local! {
    /// The path used last, parsed: a statement uses one for all its rows.
    static LAST: RefCell<Option<(Arc<str>, Rc<JsonPath>)>> = const { RefCell::new(None) };
}

fn parsed(text: &Arc<str>) -> Result<Rc<JsonPath>> {
    let last = LAST.with_borrow(|last| match last {
        Some((known, path)) if Arc::ptr_eq(known, text) || known == text => Some(path.clone()),
        _ => None,
    });
    if let Some(path) = last {
        return Ok(path);
    }
    let path = Rc::new(parse(text)?);
    LAST.set(Some((text.clone(), path.clone())));
    Ok(path)
}

/// Evaluates the path of a call; `None` if an error was to be kept silent.
fn select(
    ctx: &FnCtx<'_>,
    args: &[Datum],
    use_tz: bool,
    silent: Option<bool>,
) -> Result<Option<Vec<JsonbValue>>> {
    let [target, path, rest @ ..] = args else { return Err(crate::convert::arity("jsonb_path", args.len())) };
    let (root, text) = (<&JsonbValue>::get(target)?, <&Arc<str>>::get(path)?);
    let none = JsonbValue::Object(Vec::new());
    let vars = match rest.first() {
        Some(Datum::Jsonb(vars)) => vars,
        _ => &none,
    };
    if !matches!(vars, JsonbValue::Object(_)) {
        return Err(err!(INVALID_PARAMETER_VALUE, "\"vars\" argument is not an object")
            .detail("Jsonpath parameters should be encoded as key-value pairs of \"vars\" object."));
    }
    let silent = silent.unwrap_or(matches!(rest.get(1), Some(Datum::Bool(true))));
    let path = parsed(text)?;
    let evaluator = Evaluator { ctx, lax: path.lax, root, vars, use_tz };
    let result = evaluator.run(&path).and_then(|items| {
        items.into_iter().map(|item| item.into_json(ctx.env.as_type_env())).collect::<Result<Vec<_>>>()
    });
    match result {
        Ok(items) => Ok(Some(items)),
        Err(error) if silent && &error.code().class() == b"22" => Ok(None),
        Err(error) => Err(error),
    }
}

/// The items that a path selects, dates and times as strings.
pub fn run_path(
    ctx: &FnCtx<'_>,
    root: &JsonbValue,
    path: &Arc<str>,
    vars: &JsonbValue,
    use_tz: bool,
) -> Result<Vec<JsonbValue>> {
    let path = parsed(path)?;
    let evaluator = Evaluator { ctx, lax: path.lax, root, vars, use_tz };
    let items = evaluator.run(&path)?;
    items.into_iter().map(|item| item.into_json(ctx.env.as_type_env())).collect()
}

fn exists(ctx: &FnCtx<'_>, args: &[Datum], use_tz: bool, silent: Option<bool>) -> Result<Datum> {
    Ok(select(ctx, args, use_tz, silent)?.map(|items| !items.is_empty()).into())
}

fn matches(ctx: &FnCtx<'_>, args: &[Datum], use_tz: bool, silent: Option<bool>) -> Result<Datum> {
    let quiet = silent.unwrap_or(matches!(args.get(3), Some(Datum::Bool(true))));
    match select(ctx, args, use_tz, silent)?.as_deref() {
        Some([JsonbValue::Bool(truth)]) => Ok(Datum::Bool(*truth)),
        Some([JsonbValue::Null]) | None => Ok(Datum::Null),
        Some(_) if quiet => Ok(Datum::Null),
        Some(_) => Err(single_boolean()),
    }
}

#[cold]
fn single_boolean() -> Error {
    err!(SINGLETON_SQL_JSON_ITEM_REQUIRED, "single boolean result is expected")
}

fn query(ctx: &FnCtx<'_>, args: &[Datum], use_tz: bool) -> Result<Box<dyn SetIter>> {
    let items = select(ctx, args, use_tz, None)?.unwrap_or_default();
    rows(items.into_iter().map(|item| Datum::Jsonb(Arc::new(item))).collect())
}

fn array(ctx: &FnCtx<'_>, args: &[Datum], use_tz: bool) -> Result<Datum> {
    let items = select(ctx, args, use_tz, None)?.unwrap_or_default();
    Ok(Datum::Jsonb(Arc::new(JsonbValue::Array(items))))
}

fn first(ctx: &FnCtx<'_>, args: &[Datum], use_tz: bool) -> Result<Datum> {
    let items = select(ctx, args, use_tz, None)?.unwrap_or_default();
    Ok(items.into_iter().next().map_or(Datum::Null, |item| Datum::Jsonb(Arc::new(item))))
}

/// Registers the functions.
pub fn register(reg: &mut Registry) {
    reg.add("jsonb_path_exists", Builtin::Scalar(|ctx, args| exists(ctx, args, false, None)));
    reg.add("jsonb_path_exists_tz", Builtin::Scalar(|ctx, args| exists(ctx, args, true, None)));
    reg.add("jsonb_path_exists_opr", Builtin::Scalar(|ctx, args| exists(ctx, args, false, Some(true))));
    reg.add("jsonb_path_match", Builtin::Scalar(|ctx, args| matches(ctx, args, false, None)));
    reg.add("jsonb_path_match_tz", Builtin::Scalar(|ctx, args| matches(ctx, args, true, None)));
    reg.add("jsonb_path_match_opr", Builtin::Scalar(|ctx, args| matches(ctx, args, false, Some(true))));
    reg.add("jsonb_path_query", Builtin::Set(|ctx, args| query(ctx, args, false)));
    reg.add("jsonb_path_query_tz", Builtin::Set(|ctx, args| query(ctx, args, true)));
    reg.add("jsonb_path_query_array", Builtin::Scalar(|ctx, args| array(ctx, args, false)));
    reg.add("jsonb_path_query_array_tz", Builtin::Scalar(|ctx, args| array(ctx, args, true)));
    reg.add("jsonb_path_query_first", Builtin::Scalar(|ctx, args| first(ctx, args, false)));
    reg.add("jsonb_path_query_first_tz", Builtin::Scalar(|ctx, args| first(ctx, args, true)));
}
