//! From JSON objects to composite values.

use super::node::{Kind, Node, with_node};
use super::sets::rows;
use super::to_json::argument_type;
use crate::call::{FnCtx, SetIter};
use crate::{Builtin, Registry};
use pglitedb_sqlstate::{Error, Result, bail, err};
use pglitedb_types::io::input;
use pglitedb_types::{ArrayDim, ArrayValue, Datum, Oid, RecordValue, TypeEnv, TypeKind, oids};
use std::sync::Arc;

/// How deep composite types may contain one another.
const MAX_DEPTH: usize = 200;

/// A column to fill: name, type, typmod.
type Column = (Arc<str>, Oid, i32);

/// One JSON value as a value of an SQL type.
fn convert(node: Node<'_>, type_oid: Oid, typmod: i32, env: &dyn TypeEnv, depth: usize) -> Result<Datum> {
    if depth > MAX_DEPTH {
        bail!(STATEMENT_TOO_COMPLEX, "stack depth limit exceeded");
    }
    let info = env.type_info(type_oid)?;
    if info.kind == TypeKind::Domain {
        let value = convert(node, info.base_type, info.base_typmod, env, depth + 1)?;
        env.check_domain(type_oid, &value)?;
        return Ok(value);
    }
    if node.kind() == Kind::Null {
        return Ok(Datum::Null);
    }
    match type_oid {
        oids::JSON => return Ok(Datum::Text(node.source().into())),
        oids::JSONB => {
            return match node {
                Node::Jsonb(_) => Ok(node.datum()),
                Node::Json(raw) => Ok(Datum::Jsonb(Arc::new(pglitedb_types::json::parse_jsonb(raw.source)?))),
            };
        }
        _ => {}
    }
    if info.is_true_array && node.kind() != Kind::String {
        return array(node, info.element, env, depth);
    }
    if info.kind == TypeKind::Composite && node.kind() == Kind::Object {
        return record(node, type_oid, None, env, depth + 1);
    }
    if info.kind == TypeKind::Composite && node.kind() != Kind::String {
        bail!(INVALID_PARAMETER_VALUE, "cannot call populate_composite on {}", article(node.kind()));
    }
    input(&node.text().unwrap_or_default(), type_oid, typmod, env)
}

fn article(kind: Kind) -> &'static str {
    if kind == Kind::Array { "an array" } else { "a scalar" }
}

#[cold]
fn expected_array() -> Error {
    err!(INVALID_TEXT_REPRESENTATION, "expected JSON array")
}

fn array(node: Node<'_>, element: Oid, env: &dyn TypeEnv, depth: usize) -> Result<Datum> {
    let mut lens: Vec<Option<i32>> = Vec::new();
    let mut values = Vec::new();
    let nested = element_is_json(element);
    collect(node, element, 0, &mut lens, &mut values, env, depth, nested)?;
    let dims: Vec<ArrayDim> = lens.iter().map(|len| ArrayDim { len: len.unwrap_or(0), lower: 1 }).collect();
    if values.is_empty() {
        return Ok(Datum::Array(Arc::new(ArrayValue::one_dim(element, Vec::new()))));
    }
    Ok(Datum::Array(Arc::new(ArrayValue { elem_type: element, dims, values })))
}

/// Items of these types may be arrays themselves.
fn element_is_json(element: Oid) -> bool {
    matches!(element, oids::JSON | oids::JSONB)
}

fn collect(
    node: Node<'_>,
    element: Oid,
    level: usize,
    lens: &mut Vec<Option<i32>>,
    values: &mut Vec<Datum>,
    env: &dyn TypeEnv,
    depth: usize,
    json_elements: bool,
) -> Result<()> {
    let Some(items) = node.items() else { return Err(expected_array()) };
    if level >= 6 {
        bail!(PROGRAM_LIMIT_EXCEEDED, "number of array dimensions (7) exceeds the maximum allowed (6)");
    }
    let len = i32::try_from(items.len()).unwrap_or(i32::MAX);
    match lens.get(level) {
        Some(Some(known)) if *known != len => {
            return Err(err!(INVALID_TEXT_REPRESENTATION, "malformed JSON array")
                .detail("Multidimensional arrays must have sub-arrays with matching dimensions."));
        }
        Some(_) => {}
        None => lens.push(Some(len)),
    }
    for item in items {
        if item.kind() == Kind::Array && !json_elements {
            collect(item, element, level + 1, lens, values, env, depth + 1, json_elements)?;
        } else if lens.len() > level + 1 {
            return Err(expected_array());
        } else {
            values.push(convert(item, element, -1, env, depth + 1)?);
        }
    }
    Ok(())
}

/// Columns of a composite type.
fn columns(type_oid: Oid, env: &dyn TypeEnv) -> Result<Vec<Column>> {
    let fields = env.composite_fields(type_oid)?;
    Ok(fields.iter().map(|field| (field.name.clone(), field.type_oid, field.typmod)).collect())
}

/// The values of the columns from an object's members; absent ones from `base`.
fn fill(
    node: Node<'_>,
    columns: &[Column],
    base: Option<&RecordValue>,
    env: &dyn TypeEnv,
    depth: usize,
) -> Result<Vec<Datum>> {
    columns
        .iter()
        .enumerate()
        .map(|(at, (name, type_oid, typmod))| match node.member(name) {
            Some(value) => convert(value, *type_oid, *typmod, env, depth),
            None => Ok(base.and_then(|base| base.fields.get(at)).cloned().unwrap_or_default()),
        })
        .collect()
}

fn record(
    node: Node<'_>,
    type_oid: Oid,
    base: Option<&RecordValue>,
    env: &dyn TypeEnv,
    depth: usize,
) -> Result<Datum> {
    let columns = columns(type_oid, env)?;
    let fields = fill(node, &columns, base, env, depth)?;
    let field_types = columns.iter().map(|(_, type_oid, _)| *type_oid).collect();
    Ok(Datum::Record(Arc::new(RecordValue { type_oid, field_types, fields })))
}

/// What a call's result consists of, and the value that absent members come from.
struct Target<'a> {
    type_oid: Oid,
    columns: Vec<Column>,
    base: Option<&'a RecordValue>,
}

fn target<'a>(ctx: &FnCtx<'_>, base: Option<&'a Datum>) -> Result<Target<'a>> {
    let env = ctx.env.as_type_env();
    let record = match base {
        Some(Datum::Record(record)) => Some(&**record),
        _ => None,
    };
    if !ctx.info.result_columns.is_empty() {
        return Ok(Target { type_oid: oids::RECORD, columns: ctx.info.result_columns.clone(), base: record });
    }
    let mut type_oid = if base.is_some() { argument_type(ctx, 0) } else { ctx.info.result_type };
    let info = env.type_info(type_oid)?;
    if info.kind == TypeKind::Domain {
        type_oid = info.base_type;
    }
    if type_oid == oids::RECORD || env.type_info(type_oid)?.kind != TypeKind::Composite {
        let error = err!(DATATYPE_MISMATCH, "could not determine row type for result of json function");
        return Err(error.hint(
            "Provide a non-null record argument, or call the function in the FROM clause using a column \
             definition list.",
        ));
    }
    Ok(Target { type_oid, columns: columns(type_oid, env)?, base: record })
}

fn one(ctx: &FnCtx<'_>, base: Option<&Datum>, json: &Datum) -> Result<Datum> {
    let target = target(ctx, base)?;
    if json.is_null() {
        return Ok(base.cloned().unwrap_or_default());
    }
    with_node(json, |node| {
        if node.kind() != Kind::Object {
            bail!(INVALID_PARAMETER_VALUE, "cannot call populate_composite on {}", article(node.kind()));
        }
        let fields = fill(node, &target.columns, target.base, ctx.env.as_type_env(), 0)?;
        let field_types = target.columns.iter().map(|(_, type_oid, _)| *type_oid).collect();
        Ok(Datum::Record(Arc::new(RecordValue { type_oid: target.type_oid, field_types, fields })))
    })
}

fn many(ctx: &FnCtx<'_>, base: Option<&Datum>, json: &Datum, function: &str) -> Result<Box<dyn SetIter>> {
    if json.is_null() {
        return rows(Vec::new());
    }
    let target = target(ctx, base)?;
    with_node(json, |node| {
        let Some(items) = node.items() else {
            let what = if node.kind() == Kind::Object { "an object" } else { "a scalar" };
            bail!(INVALID_PARAMETER_VALUE, "cannot call {function} on {what}");
        };
        let mut out = Vec::with_capacity(items.len());
        for item in items {
            if item.kind() != Kind::Object {
                bail!(INVALID_PARAMETER_VALUE, "argument of {function} must be an array of objects");
            }
            out.push(fill(item, &target.columns, target.base, ctx.env.as_type_env(), 0)?);
        }
        rows(out)
    })
}

fn argument(args: &[Datum], at: usize) -> Result<&Datum> {
    args.get(at).ok_or_else(|| crate::convert::arity("json function", args.len()))
}

pub(crate) fn register(reg: &mut Registry) {
    reg.add(
        "json_populate_record",
        Builtin::Scalar(|ctx, args| one(ctx, Some(argument(args, 0)?), argument(args, 1)?)),
    );
    reg.add(
        "jsonb_populate_record",
        Builtin::Scalar(|ctx, args| one(ctx, Some(argument(args, 0)?), argument(args, 1)?)),
    );
    reg.add(
        "jsonb_populate_record_valid",
        Builtin::Scalar(|ctx, args| {
            match one(ctx, Some(argument(args, 0)?), argument(args, 1)?) {
                Ok(_) => Ok(Datum::Bool(true)),
                // Data exceptions and violated constraints are what it asks about; others are real.
                Err(error) if matches!(&error.code().class(), b"22" | b"23") => Ok(Datum::Bool(false)),
                Err(error) => Err(error),
            }
        }),
    );
    reg.add("json_to_record", Builtin::Scalar(|ctx, args| one(ctx, None, argument(args, 0)?)));
    reg.add("jsonb_to_record", Builtin::Scalar(|ctx, args| one(ctx, None, argument(args, 0)?)));
    reg.add(
        "json_populate_recordset",
        Builtin::Set(|ctx, args| {
            many(ctx, Some(argument(args, 0)?), argument(args, 1)?, "json_populate_recordset")
        }),
    );
    reg.add(
        "jsonb_populate_recordset",
        Builtin::Set(|ctx, args| {
            many(ctx, Some(argument(args, 0)?), argument(args, 1)?, "jsonb_populate_recordset")
        }),
    );
    reg.add(
        "json_to_recordset",
        Builtin::Set(|ctx, args| many(ctx, None, argument(args, 0)?, "json_to_recordset")),
    );
    reg.add(
        "jsonb_to_recordset",
        Builtin::Set(|ctx, args| many(ctx, None, argument(args, 0)?, "jsonb_to_recordset")),
    );
}
