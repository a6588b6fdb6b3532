//! SQL/JSON: constructors and IS JSON. The analyzer gives them as `special:NAME` with their options, a `jsonb` object, as
//! the first argument; the types of the call site do not count it.

use super::node::{Node, Raw, RawKind, jsonb_text, member, parse, quoted};
use super::to_json::{argument_type, object_key, to_jsonb, write_json};
use crate::call::FnCtx;
use crate::{Builtin, Registry};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::json::object_from_pairs;
use pglitedb_types::{Datum, JsonbValue};
use std::sync::Arc;

/// Options and the arguments behind them.
fn split(args: &[Datum]) -> Result<(&JsonbValue, &[Datum])> {
    match args {
        [Datum::Jsonb(options), rest @ ..] => Ok((options, rest)),
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

/// Without the key: PostgreSQL finds it when the members are sorted.
#[cold]
pub fn duplicate_jsonb_key() -> Error {
    err!(DUPLICATE_JSON_OBJECT_KEY_VALUE, "duplicate JSON object key value")
}

#[cold]
fn duplicate_key(key: &str) -> Error {
    err!(DUPLICATE_JSON_OBJECT_KEY_VALUE, "duplicate JSON object key value: {}", quoted(key))
}

fn object(ctx: &FnCtx<'_>, args: &[Datum]) -> Result<Datum> {
    let (options, args) = split(args)?;
    let env = ctx.env.as_type_env();
    let (absent, unique) = (flag(options, "absent_on_null"), flag(options, "unique"));
    let mut seen: Vec<String> = Vec::new();
    let mut members: Vec<(Arc<str>, JsonbValue)> = Vec::new();
    let mut text = String::from("{");
    let jsonb = flag(options, "jsonb");
    for (at, pair) in args.chunks(2).enumerate() {
        let [key, value] = pair else { break };
        let name = object_key(key, argument_type(ctx, at * 2), env)?;
        if unique {
            if seen.contains(&name) {
                return Err(if jsonb { duplicate_jsonb_key() } else { duplicate_key(&name) });
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
    let absent = flag(options, "absent_on_null");
    let mut text = String::from("[");
    let mut items = Vec::new();
    let jsonb = flag(options, "jsonb");
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

/// JSON(): the text, which must be JSON; its keys unique if so wanted.
fn parse_text(ctx: &FnCtx<'_>, args: &[Datum]) -> Result<Datum> {
    let (options, args) = split(args)?;
    match args.first() {
        Some(Datum::Text(text)) => {
            if flag(options, "unique") {
                pglitedb_types::json::validate_json(text, ctx.env.as_type_env().format())?;
                if repeated_key(&parse(text)?).is_some() {
                    return Err(duplicate_jsonb_key());
                }
            }
            Ok(Datum::Text(text.clone()))
        }
        Some(Datum::Jsonb(value)) => Ok(Datum::text(&jsonb_text(value))),
        _ => Ok(Datum::Null),
    }
}

/// JSON_SERIALIZE(): the text of a JSON value.
fn serialize(_: &FnCtx<'_>, args: &[Datum]) -> Result<Datum> {
    let (_, args) = split(args)?;
    Ok(match args.first() {
        Some(Datum::Jsonb(value)) => Datum::text(&jsonb_text(value)),
        Some(other) => other.clone(),
        None => Datum::Null,
    })
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

fn is_json(ctx: &FnCtx<'_>, args: &[Datum]) -> Result<Datum> {
    let (options, args) = split(args)?;
    let kind = word(options, "kind");
    match args.first() {
        None | Some(Datum::Null) => Ok(Datum::Null),
        Some(Datum::Jsonb(value)) => Ok(Datum::Bool(is_kind(Node::Jsonb(value), kind))),
        Some(value) => {
            let Some(text) = source(value) else { return Ok(Datum::Bool(false)) };
            if pglitedb_types::json::validate_json(&text, ctx.env.as_type_env().format()).is_err() {
                return Ok(Datum::Bool(false));
            }
            let raw = parse(&text)?;
            let fits =
                is_kind(Node::Json(&raw), kind) && !(flag(options, "unique") && repeated_key(&raw).is_some());
            Ok(Datum::Bool(fits))
        }
    }
}

pub(crate) fn register(reg: &mut Registry) {
    reg.add("special:json_object", Builtin::Scalar(object));
    reg.add("special:json_array", Builtin::Scalar(array));
    reg.add("special:json_scalar", Builtin::Scalar(scalar));
    reg.add("special:json_parse", Builtin::Scalar(parse_text));
    reg.add("special:json_serialize", Builtin::Scalar(serialize));
    reg.add("special:is_json", Builtin::Scalar(is_json));
}
