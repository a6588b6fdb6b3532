//! From JSON to composite values and arrays.

use super::node::{Kind, Node, jsonb_text, with_node};
use super::sets::rows;
use super::to_json::{argument_type, field_names};
use crate::call::{FnCtx, SetIter};
use crate::{Builtin, Registry};
use pglitedb_sqlstate::{Error, Result, bail, err};
use pglitedb_types::io::input;
use pglitedb_types::{
    ArrayDim, ArrayValue, Datum, JsonbValue, Oid, RecordValue, TypeEnv, TypeKind, format_type, oids,
};
use std::sync::Arc;

/// How deep composite types may contain one another.
const MAX_DEPTH: usize = 200;

/// A column to fill: name, type, typmod.
type Column = (Arc<str>, Oid, i32);

/// What is filled at a place: the environment, how deep it is, and the column's name for hints.
#[derive(Clone, Copy)]
struct Place<'a> {
    env: &'a dyn TypeEnv,
    depth: usize,
    column: Option<&'a str>,
}

impl Place<'_> {
    fn deeper(self) -> Result<Self> {
        if self.depth >= MAX_DEPTH {
            bail!(STATEMENT_TOO_COMPLEX, "stack depth limit exceeded");
        }
        Ok(Place { depth: self.depth + 1, ..self })
    }
}

/// One JSON value (absent or null: none) as a value of an SQL type. `base` is what a composite starts from.
fn convert(
    node: Option<Node<'_>>,
    type_oid: Oid,
    typmod: i32,
    base: Option<&Datum>,
    place: Place<'_>,
) -> Result<Datum> {
    let place = place.deeper()?;
    let info = place.env.type_info(type_oid)?;
    if info.kind == TypeKind::Domain {
        let value = convert(node, info.base_type, info.base_typmod, base, place)?;
        place.env.check_domain(type_oid, &value)?;
        return Ok(value);
    }
    let Some(node) = node.filter(|node| node.kind() != Kind::Null) else { return Ok(Datum::Null) };
    match type_oid {
        oids::JSON => return Ok(Datum::Text(node.source().into())),
        oids::JSONB => {
            return match node {
                Node::Jsonb(_) => Ok(node.datum()),
                Node::Json(raw) => {
                    let value = pglitedb_types::json::jsonb_input(raw.source, place.env.format())?;
                    Ok(Datum::Jsonb(Arc::new(value)))
                }
            };
        }
        _ => {}
    }
    if info.is_true_array && node.kind() != Kind::String {
        return array(node, info.element, typmod, place);
    }
    if info.kind == TypeKind::Composite && node.kind() != Kind::String {
        if node.kind() != Kind::Object {
            bail!(INVALID_PARAMETER_VALUE, "cannot call populate_composite on {}", article(node.kind()));
        }
        let base = match base {
            Some(Datum::Record(record)) => Some(&**record),
            _ => None,
        };
        return record(node, type_oid, base, place);
    }
    input(&node.text().unwrap_or_default(), type_oid, typmod, place.env)
}

/// A whole JSON value (none: SQL NULL) as a value of an SQL type, as JSON_QUERY does: scalars are read from their JSON
/// text, or with `omit_quotes` from what that stands for.
pub fn from_jsonb(
    value: Option<&JsonbValue>,
    type_oid: Oid,
    typmod: i32,
    omit_quotes: bool,
    env: &dyn TypeEnv,
) -> Result<Datum> {
    let place = Place { env, depth: 0, column: None };
    let info = env.type_info(type_oid)?;
    if info.kind == TypeKind::Domain {
        let value = from_jsonb(value, info.base_type, info.base_typmod, omit_quotes, env)?;
        env.check_domain(type_oid, &value)?;
        return Ok(value);
    }
    let Some(value) = value else { return Ok(Datum::Null) };
    if omit_quotes {
        let text = match value {
            JsonbValue::String(text) => text.clone(),
            other => jsonb_text(other).into(),
        };
        let structured = matches!(value, JsonbValue::Array(_) | JsonbValue::Object(_));
        let from_parts = structured && (info.is_true_array || info.kind == TypeKind::Composite);
        if !from_parts {
            return input(&text, type_oid, typmod, env);
        }
    }
    match value {
        JsonbValue::Array(_) | JsonbValue::Object(_) => {
            convert(Some(Node::Jsonb(value)), type_oid, typmod, None, place)
        }
        _ if info.is_true_array => Err(expected_array(&[], place)),
        _ if info.kind == TypeKind::Composite => {
            bail!(INVALID_PARAMETER_VALUE, "cannot call populate_composite on a scalar")
        }
        scalar if type_oid == oids::JSONB => Ok(Datum::Jsonb(Arc::new(scalar.clone()))),
        scalar => input(&jsonb_text(scalar), type_oid, typmod, env),
    }
}

fn article(kind: Kind) -> &'static str {
    if kind == Kind::Array { "an array" } else { "a scalar" }
}

/// `at`: how many items of each enclosing dimension came before.
#[cold]
fn expected_array(at: &[i32], place: Place<'_>) -> Error {
    let error = err!(INVALID_TEXT_REPRESENTATION, "expected JSON array");
    let indexes: String = at.iter().map(|index| format!("[{index}]")).collect();
    match (at.is_empty(), place.column) {
        (true, None) => error,
        (true, Some(column)) => error.hint(format!("See the value of key \"{column}\".")),
        (false, None) => error.hint(format!("See the array element {indexes}.")),
        (false, Some(column)) => error.hint(format!("See the array element {indexes} of key \"{column}\".")),
    }
}

/// An array being filled.
struct Filling<'a> {
    element: Oid,
    typmod: i32,
    place: Place<'a>,
    /// Lengths of the dimensions that are known.
    lens: Vec<i32>,
    /// Items so far at each dimension.
    done: Vec<i32>,
    values: Vec<Datum>,
}

fn array(node: Node<'_>, element: Oid, typmod: i32, place: Place<'_>) -> Result<Datum> {
    let mut filling =
        Filling { element, typmod, place, lens: Vec::new(), done: Vec::new(), values: Vec::new() };
    filling.dimension(node, 0)?;
    if filling.values.is_empty() {
        return Ok(Datum::Array(Arc::new(ArrayValue::one_dim(element, Vec::new()))));
    }
    let dims = filling.lens.iter().map(|len| ArrayDim { len: *len, lower: 1 }).collect();
    Ok(Datum::Array(Arc::new(ArrayValue { elem_type: element, dims, values: filling.values })))
}

impl Filling<'_> {
    fn dimension(&mut self, node: Node<'_>, level: usize) -> Result<()> {
        let before = self.done.get(..level).unwrap_or(&[]);
        let Some(items) = node.items() else { return Err(expected_array(before, self.place)) };
        if level >= 6 {
            bail!(PROGRAM_LIMIT_EXCEEDED, "number of array dimensions (7) exceeds the maximum allowed (6)");
        }
        // Items of these types may be arrays themselves.
        let json_elements = matches!(self.element, oids::JSON | oids::JSONB);
        self.done.truncate(level);
        self.done.push(0);
        let len = i32::try_from(items.len()).unwrap_or(i32::MAX);
        let fresh = self.lens.len() == level;
        if fresh {
            self.lens.push(len);
        }
        for (at, item) in items.into_iter().enumerate() {
            let nested = item.kind() == Kind::Array && !json_elements;
            let innermost = self.lens.len() == level + 1;
            if nested && (!innermost || (at == 0 && fresh)) {
                self.dimension(item, level + 1)?;
            } else if !innermost {
                let before = self.done.get(..=level).unwrap_or(&[]);
                return Err(expected_array(before, self.place));
            } else {
                let value = convert(Some(item), self.element, self.typmod, None, self.place)?;
                self.values.push(value);
            }
            if let Some(done) = self.done.get_mut(level) {
                *done += 1;
            }
        }
        if self.lens.get(level) != Some(&len) {
            return Err(err!(INVALID_TEXT_REPRESENTATION, "malformed JSON array")
                .detail("Multidimensional arrays must have sub-arrays with matching dimensions."));
        }
        Ok(())
    }
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
    place: Place<'_>,
) -> Result<Vec<Datum>> {
    let mut fields = Vec::with_capacity(columns.len());
    for (at, (name, type_oid, typmod)) in columns.iter().enumerate() {
        let default = base.and_then(|base| base.fields.get(at));
        fields.push(match (node.member(name), default) {
            (None, Some(default)) => default.clone(),
            // Even what is absent may be of a domain that wants a value.
            (found, default) => {
                let place = Place { column: Some(name), ..place };
                convert(found, *type_oid, *typmod, default, place)?
            }
        });
    }
    Ok(fields)
}

fn record(node: Node<'_>, type_oid: Oid, base: Option<&RecordValue>, place: Place<'_>) -> Result<Datum> {
    let columns = columns(type_oid, place.env)?;
    let fields = fill(node, &columns, base, place)?;
    let field_types = columns.iter().map(|(_, type_oid, _)| *type_oid).collect();
    Ok(Datum::Record(Arc::new(RecordValue::new(type_oid, field_types, fields))))
}

/// What a call's result consists of, and the value that absent members come from.
struct Target<'a> {
    type_oid: Oid,
    /// The domain over it that the argument is of, if any.
    domain: Option<Oid>,
    columns: Vec<Column>,
    base: Option<&'a RecordValue>,
}

impl<'a> Target<'a> {
    fn new(ctx: &FnCtx<'_>, base: Option<&'a Datum>, function: &str) -> Result<Self> {
        let env = ctx.env.as_type_env();
        let record = match base {
            Some(Datum::Record(record)) => Some(&**record),
            _ => None,
        };
        let mut type_oid = if base.is_some() { argument_type(ctx, 0) } else { ctx.info.result_type };
        let mut domain = None;
        let mut info = env.type_info(type_oid)?;
        while info.kind == TypeKind::Domain {
            domain = domain.or(Some(type_oid));
            type_oid = info.base_type;
            info = env.type_info(type_oid)?;
        }
        if type_oid != oids::RECORD && info.kind == TypeKind::Composite {
            return Ok(Target { type_oid, domain, columns: columns(type_oid, env)?, base: record });
        }
        let wanted = &ctx.info.result_columns;
        let columns: Vec<Column> = match record {
            Some(record) if record.type_oid != oids::RECORD => columns(record.type_oid, env)?,
            Some(record) => {
                let names = field_names(record, env)?.into_iter();
                names.zip(record.field_types.iter()).map(|(name, type_oid)| (name, *type_oid, -1)).collect()
            }
            None if !wanted.is_empty() => wanted.clone(),
            None => {
                let error =
                    err!(FEATURE_NOT_SUPPORTED, "could not determine row type for result of {function}");
                return Err(error.hint(
                    "Provide a non-null record argument, or call the function in the FROM clause using a column \
                     definition list.",
                ));
            }
        };
        if !wanted.is_empty() {
            check_columns(&columns, wanted, env)?;
        }
        Ok(Target { type_oid: oids::RECORD, domain, columns, base: record })
    }

    /// The object's members as the columns.
    fn fill(&self, node: Node<'_>, env: &dyn TypeEnv) -> Result<Datum> {
        let fields = fill(node, &self.columns, self.base, Place { env, depth: 0, column: None })?;
        let mut record = RecordValue::new(
            self.type_oid,
            self.columns.iter().map(|(_, type_oid, _)| *type_oid).collect(),
            fields,
        );
        if self.type_oid == oids::RECORD {
            record.names = Some(self.columns.iter().map(|(name, ..)| name.clone()).collect());
        }
        let record = Datum::Record(Arc::new(record));
        if let Some(domain) = self.domain {
            env.check_domain(domain, &record)?;
        }
        Ok(record)
    }
}

/// The row that an argument has must be the one that the query's column definitions say.
fn check_columns(found: &[Column], wanted: &[Column], env: &dyn TypeEnv) -> Result<()> {
    let mismatch =
        || err!(DATATYPE_MISMATCH, "function return row and query-specified return row do not match");
    if found.len() != wanted.len() {
        let plural = if found.len() == 1 { "" } else { "s" };
        return Err(mismatch().detail(format!(
            "Returned row contains {} attribute{plural}, but query expects {}.",
            found.len(),
            wanted.len()
        )));
    }
    for (at, (found, wanted)) in found.iter().zip(wanted).enumerate() {
        if found.1 != wanted.1 {
            return Err(mismatch().detail(format!(
                "Returned type {} at ordinal position {}, but query expects {}.",
                format_type(found.1, -1, env)?,
                at + 1,
                format_type(wanted.1, -1, env)?
            )));
        }
    }
    Ok(())
}

fn one(ctx: &FnCtx<'_>, base: Option<&Datum>, json: &Datum, function: &str) -> Result<Datum> {
    let target = Target::new(ctx, base, function)?;
    if json.is_null() {
        return Ok(base.cloned().unwrap_or_default());
    }
    with_node(json, |node| {
        if node.kind() != Kind::Object {
            bail!(INVALID_PARAMETER_VALUE, "cannot call populate_composite on {}", article(node.kind()));
        }
        if node.members().is_none_or(|members| members.is_empty())
            && let Some(base) = base.filter(|base| !base.is_null())
        {
            return Ok(base.clone());
        }
        target.fill(node, ctx.env.as_type_env())
    })
}

fn many(ctx: &FnCtx<'_>, base: Option<&Datum>, json: &Datum, function: &str) -> Result<Box<dyn SetIter>> {
    let target = Target::new(ctx, base, function)?;
    if json.is_null() {
        return rows(Vec::new());
    }
    with_node(json, |node| {
        let Some(items) = node.items() else {
            let what = if node.kind() == Kind::Object { "an object" } else { "a scalar" };
            bail!(INVALID_PARAMETER_VALUE, "cannot call {function} on {what}");
        };
        let mut out = Vec::with_capacity(items.len());
        for item in items {
            ctx.env.check_interrupts()?;
            if item.kind() != Kind::Object {
                bail!(INVALID_PARAMETER_VALUE, "argument of {function} must be an array of objects");
            }
            if let Datum::Record(record) = target.fill(item, ctx.env.as_type_env())? {
                out.push(record.fields.clone());
            }
        }
        rows(out)
    })
}

fn argument(args: &[Datum], at: usize) -> Result<&Datum> {
    args.get(at).ok_or_else(|| crate::convert::arity("json function", args.len()))
}

macro_rules! scalar {
    ($reg:ident, $name:literal, populate) => {
        $reg.add(
            $name,
            Builtin::Scalar(|ctx, args| one(ctx, Some(argument(args, 0)?), argument(args, 1)?, $name)),
        )
    };
    ($reg:ident, $name:literal, to) => {
        $reg.add($name, Builtin::Scalar(|ctx, args| one(ctx, None, argument(args, 0)?, $name)))
    };
}

macro_rules! set {
    ($reg:ident, $name:literal, populate) => {
        $reg.add(
            $name,
            Builtin::Set(|ctx, args| many(ctx, Some(argument(args, 0)?), argument(args, 1)?, $name)),
        )
    };
    ($reg:ident, $name:literal, to) => {
        $reg.add($name, Builtin::Set(|ctx, args| many(ctx, None, argument(args, 0)?, $name)))
    };
}

pub(crate) fn register(reg: &mut Registry) {
    scalar!(reg, "json_populate_record", populate);
    scalar!(reg, "jsonb_populate_record", populate);
    scalar!(reg, "json_to_record", to);
    scalar!(reg, "jsonb_to_record", to);
    set!(reg, "json_populate_recordset", populate);
    set!(reg, "jsonb_populate_recordset", populate);
    set!(reg, "json_to_recordset", to);
    set!(reg, "jsonb_to_recordset", to);
    reg.add(
        "jsonb_populate_record_valid",
        Builtin::Scalar(|ctx, args| {
            match one(ctx, Some(argument(args, 0)?), argument(args, 1)?, "jsonb_populate_record_valid") {
                Ok(_) => Ok(Datum::Bool(true)),
                // Data exceptions and violated constraints are what it asks about; others are real.
                Err(error) if matches!(&error.code().class(), b"22" | b"23") => Ok(Datum::Bool(false)),
                Err(error) => Err(error),
            }
        }),
    );
}
