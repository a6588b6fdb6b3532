//! SQL/JSON: constructors, IS JSON, JSON_EXISTS, JSON_VALUE, JSON_QUERY. The analyzer gives them as `special:NAME` with
//! their options, a JSON object, as the first argument; the types of the call site do not count it.

use super::node::{Node, Raw, RawKind, jsonb_text, member, parse, quoted};
use super::path::functions::run_path;
use super::to_json::{argument_type, object_key, to_jsonb, write_json};
use crate::call::FnCtx;
use crate::{Builtin, Registry};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::json::{object_from_pairs, parse_jsonb};
use pglitedb_types::{Datum, JsonbValue, oids};
use std::sync::Arc;

/// Options and the arguments behind them.
fn split(args: &[Datum]) -> Result<(JsonbValue, &[Datum])> {
    match args {
        [Datum::Text(options), rest @ ..] => Ok((parse_jsonb(options)?, rest)),
        _ => Err(crate::convert::arity("special", args.len())),
    }
}

fn flag(options: &JsonbValue, name: &str) -> bool {
    matches!(member(options, name), Some(JsonbValue::Bool(true)))
}

fn word<'o>(options: &'o JsonbValue, name: &str) -> &'o str {
    match member(options, name) {
        Some(JsonbValue::String(text)) => text,
        _ => "",
    }
}

#[cold]
fn duplicate_key(key: &str) -> Error {
    err!(DUPLICATE_JSON_OBJECT_KEY_VALUE, "duplicate JSON object key value: {}", quoted(key))
}

fn object(ctx: &FnCtx<'_>, args: &[Datum]) -> Result<Datum> {
    let (options, args) = split(args)?;
    let env = ctx.env.as_type_env();
    let (absent, unique) = (flag(&options, "absent_on_null"), flag(&options, "unique"));
    let mut seen: Vec<String> = Vec::new();
    let mut members: Vec<(Arc<str>, JsonbValue)> = Vec::new();
    let mut text = String::from("{");
    let jsonb = flag(&options, "jsonb");
    for (at, pair) in args.chunks(2).enumerate() {
        let [key, value] = pair else { break };
        let name = object_key(key, argument_type(ctx, at * 2), env)?;
        if unique {
            if seen.contains(&name) {
                return Err(match jsonb {
                    true => err!(DUPLICATE_JSON_OBJECT_KEY_VALUE, "duplicate JSON object key value"),
                    false => duplicate_key(&name),
                });
            }
            seen.push(name.clone());
        }
        if absent && value.is_null() {
            continue;
        }
        let type_oid = argument_type(ctx, at * 2 + 1);
        if jsonb {
            members.push((name.into(), to_jsonb(value, type_oid, env)?));
            continue;
        }
        if text.len() > 1 {
            text.push_str(", ");
        }
        text.push_str(&quoted(&name));
        text.push_str(" : ");
        write_json(value, type_oid, false, env, &mut text)?;
    }
    if jsonb {
        return Ok(Datum::Jsonb(Arc::new(object_from_pairs(members))));
    }
    text.push('}');
    Ok(Datum::text(&text))
}

fn array(ctx: &FnCtx<'_>, args: &[Datum]) -> Result<Datum> {
    let (options, args) = split(args)?;
    let env = ctx.env.as_type_env();
    let absent = flag(&options, "absent_on_null");
    let mut text = String::from("[");
    let mut items = Vec::new();
    let jsonb = flag(&options, "jsonb");
    for (at, value) in args.iter().enumerate() {
        if absent && value.is_null() {
            continue;
        }
        if jsonb {
            items.push(to_jsonb(value, argument_type(ctx, at), env)?);
            continue;
        }
        if text.len() > 1 {
            text.push_str(", ");
        }
        write_json(value, argument_type(ctx, at), false, env, &mut text)?;
    }
    if jsonb {
        return Ok(Datum::Jsonb(Arc::new(JsonbValue::Array(items))));
    }
    text.push(']');
    Ok(Datum::text(&text))
}

fn scalar(ctx: &FnCtx<'_>, args: &[Datum]) -> Result<Datum> {
    let (_, args) = split(args)?;
    let Some(value) = args.first().filter(|value| !value.is_null()) else { return Ok(Datum::Null) };
    let mut text = String::new();
    write_json(value, argument_type(ctx, 0), false, ctx.env.as_type_env(), &mut text)?;
    Ok(Datum::text(&text))
}

/// The first key that an object anywhere in the value has twice.
fn repeated_key(raw: &Raw<'_>) -> Option<String> {
    match &raw.kind {
        RawKind::Array(items) => items.iter().find_map(repeated_key),
        RawKind::Object(members) => members.iter().enumerate().find_map(|(at, (name, value))| {
            if members.iter().take(at).any(|(other, _)| other == name) {
                return Some(name.clone());
            }
            repeated_key(value)
        }),
        _ => None,
    }
}

/// The text of a `text`, `json` or `bytea` argument; `None` if it is not UTF-8.
fn source(value: &Datum) -> Option<String> {
    match value {
        Datum::Text(text) => Some(text.to_string()),
        Datum::Bytea(bytes) => String::from_utf8(bytes.to_vec()).ok(),
        _ => None,
    }
}

fn parse_unique(_: &FnCtx<'_>, args: &[Datum]) -> Result<Datum> {
    let (_, args) = split(args)?;
    match args.first() {
        Some(Datum::Text(text)) => {
            pglitedb_types::json::validate_json(text)?;
            match repeated_key(&parse(text)?) {
                Some(key) => Err(duplicate_key(&key)),
                None => Ok(Datum::Text(text.clone())),
            }
        }
        Some(Datum::Jsonb(value)) => Ok(Datum::text(&jsonb_text(value))),
        _ => Ok(Datum::Null),
    }
}

fn is_kind(node: Node<'_>, kind: &str) -> bool {
    use super::node::Kind;
    match kind {
        "object" => node.kind() == Kind::Object,
        "array" => node.kind() == Kind::Array,
        "scalar" => !matches!(node.kind(), Kind::Object | Kind::Array),
        _ => true,
    }
}

fn is_json(_: &FnCtx<'_>, args: &[Datum]) -> Result<Datum> {
    let (options, args) = split(args)?;
    let kind = word(&options, "kind");
    match args.first() {
        None | Some(Datum::Null) => Ok(Datum::Null),
        Some(Datum::Jsonb(value)) => Ok(Datum::Bool(is_kind(Node::Jsonb(value), kind))),
        Some(value) => {
            let Some(text) = source(value) else { return Ok(Datum::Bool(false)) };
            if pglitedb_types::json::validate_json(&text).is_err() {
                return Ok(Datum::Bool(false));
            }
            let raw = parse(&text)?;
            let fits = is_kind(Node::Json(&raw), kind)
                && !(flag(&options, "unique") && repeated_key(&raw).is_some());
            Ok(Datum::Bool(fits))
        }
    }
}

/// A call of one of the query functions.
struct Query<'a, 'c> {
    ctx: &'a FnCtx<'c>,
    options: JsonbValue,
    args: &'a [Datum],
}

impl Query<'_, '_> {
    /// The items that the path selects; `None` if document or path is NULL.
    fn items(&self) -> Option<Result<Vec<JsonbValue>>> {
        let (Some(Datum::Jsonb(root)), Some(Datum::Text(path))) = (self.args.first(), self.args.get(1))
        else {
            return None;
        };
        let mut vars = Vec::new();
        if let Some(JsonbValue::Array(names)) = member(&self.options, "passing") {
            for (at, name) in names.iter().enumerate() {
                let JsonbValue::String(name) = name else { continue };
                let value = match self.args.get(at + 2) {
                    Some(Datum::Jsonb(value)) => (**value).clone(),
                    _ => JsonbValue::Null,
                };
                vars.push((name.clone(), value));
            }
        }
        Some(run_path(self.ctx, root, path, &object_from_pairs(vars), true))
    }

    /// What ON EMPTY or ON ERROR says. `error` is raised for ERROR.
    fn behavior(&self, event: &str, error: Error) -> Result<Datum> {
        let json = |value: JsonbValue| self.converted(&value);
        match member(&self.options, event) {
            Some(JsonbValue::Number(number)) => {
                let at: usize = number.to_string().parse().unwrap_or(usize::MAX);
                Ok(self.args.get(at).cloned().unwrap_or_default())
            }
            Some(JsonbValue::String(text)) => match &**text {
                "error" => Err(error),
                "true" => Ok(Datum::Bool(true)),
                "false" => Ok(Datum::Bool(false)),
                "empty_array" => json(JsonbValue::Array(Vec::new())),
                "empty_object" => json(JsonbValue::Object(Vec::new())),
                _ => Ok(Datum::Null),
            },
            _ => Ok(Datum::Null),
        }
    }

    /// Errors of data are ON ERROR's, others are raised.
    fn on_error(&self, error: Error) -> Result<Datum> {
        if error.code().class() == *b"22" { self.behavior("on_error", error) } else { Err(error) }
    }

    fn typmod(&self) -> i32 {
        match member(&self.options, "typmod") {
            Some(JsonbValue::Number(number)) => number.to_string().parse().unwrap_or(-1),
            _ => -1,
        }
    }

    /// A JSON value as the result type.
    fn converted(&self, value: &JsonbValue) -> Result<Datum> {
        if self.ctx.info.result_type == oids::JSONB {
            return Ok(Datum::Jsonb(Arc::new(value.clone())));
        }
        self.read(&jsonb_text(value))
    }

    fn read(&self, text: &str) -> Result<Datum> {
        let type_oid = self.ctx.info.result_type;
        let env = self.ctx.env.as_type_env();
        let value = pglitedb_types::input(text, type_oid, self.typmod(), env)?;
        pglitedb_types::apply_typmod(&value, type_oid, self.typmod(), true)
    }
}

fn call<'a, 'c>(ctx: &'a FnCtx<'c>, args: &'a [Datum]) -> Result<Query<'a, 'c>> {
    let (options, args) = split(args)?;
    Ok(Query { ctx, options, args })
}

#[cold]
fn no_item() -> Error {
    err!(NO_SQL_JSON_ITEM, "no SQL/JSON item found for specified path")
}

fn compound(value: &JsonbValue) -> bool {
    matches!(value, JsonbValue::Array(_) | JsonbValue::Object(_))
}

fn exists(ctx: &FnCtx<'_>, args: &[Datum]) -> Result<Datum> {
    let call = call(ctx, args)?;
    match call.items() {
        None => Ok(Datum::Null),
        Some(Ok(items)) => Ok(Datum::Bool(!items.is_empty())),
        Some(Err(error)) => call.on_error(error),
    }
}

fn value(ctx: &FnCtx<'_>, args: &[Datum]) -> Result<Datum> {
    let call = call(ctx, args)?;
    let items = match call.items() {
        None => return Ok(Datum::Null),
        Some(Ok(items)) => items,
        Some(Err(error)) => return call.on_error(error),
    };
    let result = match items.as_slice() {
        [] => return call.behavior("on_empty", no_item()),
        [JsonbValue::Null] => return Ok(Datum::Null),
        [single] if matches!(ctx.info.result_type, oids::JSON | oids::JSONB) && !compound(single) => {
            call.converted(single)
        }
        [JsonbValue::String(text)] => call.read(text),
        [scalar @ (JsonbValue::Bool(_) | JsonbValue::Number(_))] => call.read(&jsonb_text(scalar)),
        _ => Err(err!(
            MORE_THAN_ONE_SQL_JSON_ITEM,
            "JSON path expression in JSON_VALUE must return single scalar item"
        )),
    };
    result.or_else(|error| call.on_error(error))
}

fn query(ctx: &FnCtx<'_>, args: &[Datum]) -> Result<Datum> {
    let call = call(ctx, args)?;
    let mut items = match call.items() {
        None => return Ok(Datum::Null),
        Some(Ok(items)) => items,
        Some(Err(error)) => return call.on_error(error),
    };
    if items.is_empty() {
        return call.behavior("on_empty", no_item());
    }
    let wrap = match word(&call.options, "wrapper") {
        "unconditional" => true,
        "conditional" => items.len() > 1,
        _ => false,
    };
    let single = if wrap {
        JsonbValue::Array(items)
    } else if items.len() > 1 {
        let error = err!(
            MORE_THAN_ONE_SQL_JSON_ITEM,
            "JSON path expression in JSON_QUERY must return single item when no wrapper is requested"
        );
        return call
            .on_error(error.hint("Use the WITH WRAPPER clause to wrap SQL/JSON items into an array."));
    } else {
        items.swap_remove(0)
    };
    let omit = word(&call.options, "quotes") == "omit";
    let result = match &single {
        JsonbValue::String(text) if omit => call.read(text),
        other => call.converted(other),
    };
    result.or_else(|error| call.on_error(error))
}

pub(crate) fn register(reg: &mut Registry) {
    reg.add("special:json_object", Builtin::Scalar(object));
    reg.add("special:json_array", Builtin::Scalar(array));
    reg.add("special:json_scalar", Builtin::Scalar(scalar));
    reg.add("special:json_parse", Builtin::Scalar(parse_unique));
    reg.add("special:is_json", Builtin::Scalar(is_json));
    reg.add("special:json_exists", Builtin::Scalar(exists));
    reg.add("special:json_value", Builtin::Scalar(value));
    reg.add("special:json_query", Builtin::Scalar(query));
}
