//! The functions.

use super::eval::{Evaluator, Vars};
use super::item::Item;
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

/// The path, document and variables of a call.
struct Selection<'a> {
    path: Rc<JsonPath>,
    root: &'a JsonbValue,
    vars: Vars<'a>,
    silent: bool,
}

const NO_VARS: &JsonbValue = &JsonbValue::Object(Vec::new());

impl<'a> Selection<'a> {
    fn new(args: &'a [Datum], silent: Option<bool>) -> Result<Self> {
        let [target, path, rest @ ..] = args else {
            return Err(crate::convert::arity("jsonb_path", args.len()));
        };
        let (root, text) = (<&JsonbValue>::get(target)?, <&Arc<str>>::get(path)?);
        let vars = match rest.first() {
            Some(Datum::Jsonb(vars)) => &**vars,
            _ => NO_VARS,
        };
        if !matches!(vars, JsonbValue::Object(_)) {
            return Err(err!(INVALID_PARAMETER_VALUE, "\"vars\" argument is not an object")
                .detail("Jsonpath parameters should be encoded as key-value pairs of \"vars\" object."));
        }
        let silent = silent.unwrap_or(matches!(rest.get(1), Some(Datum::Bool(true))));
        Ok(Selection { path: parsed(text)?, root, vars: Vars::Object(vars), silent })
    }

    fn evaluator(&self, ctx: &'a FnCtx<'a>, use_tz: bool) -> Evaluator<'a> {
        Evaluator { ctx, lax: self.path.lax, root: self.root, vars: self.vars, use_tz }
    }

    /// An error that is to be kept silent.
    fn hides(&self, error: &Error) -> bool {
        self.silent && is_suppressible(error)
    }
}

/// Errors of data, which SQL/JSON lets the caller handle.
pub fn is_suppressible(error: &Error) -> bool {
    &error.code().class() == b"22"
}

/// The items that a path selects, and the error that ended the search if it was to be kept silent.
fn select(
    ctx: &FnCtx<'_>,
    args: &[Datum],
    use_tz: bool,
    silent: Option<bool>,
) -> Result<(Vec<JsonbValue>, bool)> {
    let selection = Selection::new(args, silent)?;
    let mut items = Vec::new();
    let result = selection.evaluator(ctx, use_tz).run(&selection.path, &mut items);
    let failed = match result {
        Err(error) if !selection.hides(&error) => return Err(error),
        result => result.is_err(),
    };
    Ok((items.into_iter().map(Item::into_json).collect(), failed))
}

/// The items that a path selects.
pub fn run_path<'a>(
    ctx: &'a FnCtx<'a>,
    root: &'a JsonbValue,
    path: &Arc<str>,
    vars: Vars<'a>,
) -> Result<Vec<Item<'a>>> {
    let path = parsed(path)?;
    let evaluator = Evaluator { ctx, lax: path.lax, root, vars, use_tz: true };
    let mut items = Vec::new();
    evaluator.run(&path, &mut items)?;
    Ok(items)
}

/// Does a path select anything?
pub fn path_exists<'a>(
    ctx: &'a FnCtx<'a>,
    root: &'a JsonbValue,
    path: &Arc<str>,
    vars: Vars<'a>,
) -> Result<bool> {
    let path = parsed(path)?;
    Evaluator { ctx, lax: path.lax, root, vars, use_tz: true }.exists(&path)
}

fn exists(ctx: &FnCtx<'_>, args: &[Datum], use_tz: bool, silent: Option<bool>) -> Result<Datum> {
    let selection = Selection::new(args, silent)?;
    match selection.evaluator(ctx, use_tz).exists(&selection.path) {
        Ok(found) => Ok(Datum::Bool(found)),
        Err(error) if selection.hides(&error) => Ok(Datum::Null),
        Err(error) => Err(error),
    }
}

fn matches(ctx: &FnCtx<'_>, args: &[Datum], use_tz: bool, silent: Option<bool>) -> Result<Datum> {
    let quiet = silent.unwrap_or(matches!(args.get(3), Some(Datum::Bool(true))));
    let (items, failed) = select(ctx, args, use_tz, silent)?;
    match items.as_slice() {
        _ if failed => Ok(Datum::Null),
        [JsonbValue::Bool(truth)] => Ok(Datum::Bool(*truth)),
        [JsonbValue::Null] => Ok(Datum::Null),
        _ if quiet => Ok(Datum::Null),
        _ => Err(single_boolean()),
    }
}

#[cold]
fn single_boolean() -> Error {
    err!(SINGLETON_SQL_JSON_ITEM_REQUIRED, "single boolean result is expected")
}

fn query(ctx: &FnCtx<'_>, args: &[Datum], use_tz: bool) -> Result<Box<dyn SetIter>> {
    let items = select(ctx, args, use_tz, None)?.0;
    rows(items.into_iter().map(|item| Datum::Jsonb(Arc::new(item))).collect())
}

fn array(ctx: &FnCtx<'_>, args: &[Datum], use_tz: bool) -> Result<Datum> {
    let items = select(ctx, args, use_tz, None)?.0;
    Ok(Datum::Jsonb(Arc::new(JsonbValue::Array(items))))
}

fn first(ctx: &FnCtx<'_>, args: &[Datum], use_tz: bool) -> Result<Datum> {
    let items = select(ctx, args, use_tz, None)?.0;
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
