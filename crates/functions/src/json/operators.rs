//! Operators that look into JSON, and comparison of `jsonb`.

use super::node::{Kind, Node, with_node};
use crate::Registry;
use crate::convert::order;
use pglitedb_sqlstate::{Error, Result, bail, err};
use pglitedb_types::{ArrayValue, Comparator, Datum, JsonbValue, Numeric};
use std::cmp::Ordering;

fn field(json: &Datum, key: &str, as_text: bool) -> Result<Datum> {
    with_node(json, |node| Ok(show(node.member(key), as_text)))
}

fn element(json: &Datum, index: i32, as_text: bool) -> Result<Datum> {
    with_node(json, |node| {
        // A scalar jsonb counts as an array of itself here.
        let is_itself = matches!(json, Datum::Jsonb(_)) && node.kind().is_scalar() && matches!(index, 0 | -1);
        Ok(show(if is_itself { Some(node) } else { node.item(index) }, as_text))
    })
}

fn show(node: Option<Node<'_>>, as_text: bool) -> Datum {
    match node {
        None => Datum::Null,
        Some(node) if as_text => node.text_datum(),
        Some(node) => node.datum(),
    }
}

/// `#>` and `#>>`
fn path(json: &Datum, path: &ArrayValue, as_text: bool) -> Result<Datum> {
    with_node(json, |node| {
        let mut at = Some(node);
        for step in &path.values {
            let (Some(node), Datum::Text(step)) = (at, step) else { return Ok(Datum::Null) };
            at = match node.kind() {
                Kind::Object => node.member(step),
                Kind::Array => step.trim().parse().ok().and_then(|index| node.item(index)),
                _ => None,
            };
        }
        Ok(show(at, as_text))
    })
}

fn array_length(json: &Datum) -> Result<i32> {
    with_node(json, |node| match node.items() {
        Some(items) => Ok(items.len() as i32),
        None if node.kind().is_scalar() => {
            bail!(INVALID_PARAMETER_VALUE, "cannot get array length of a scalar")
        }
        None => bail!(INVALID_PARAMETER_VALUE, "cannot get array length of a non-array"),
    })
}

/// Is there a key, an array item, or a root string of this text?
fn exists(value: &JsonbValue, key: &str) -> bool {
    match value {
        JsonbValue::Object(_) => super::node::member(value, key).is_some(),
        JsonbValue::Array(items) => items.iter().any(|i| matches!(i, JsonbValue::String(s) if **s == *key)),
        JsonbValue::String(text) => **text == *key,
        _ => false,
    }
}

fn keys(array: &ArrayValue) -> impl Iterator<Item = &str> {
    array.values.iter().filter_map(Datum::as_str)
}

fn is_scalar(value: &JsonbValue) -> bool {
    !matches!(value, JsonbValue::Array(_) | JsonbValue::Object(_))
}

fn deep_contains(a: &JsonbValue, b: &JsonbValue) -> bool {
    match (a, b) {
        (JsonbValue::Object(x), JsonbValue::Object(y)) => {
            y.len() <= x.len()
                && y.iter()
                    .all(|(key, value)| super::node::member(a, key).is_some_and(|v| deep_contains(v, value)))
        }
        (JsonbValue::Array(x), JsonbValue::Array(y)) => y.iter().all(|value| {
            x.iter().any(|v| if is_scalar(value) { scalars_equal(v, value) } else { deep_contains(v, value) })
        }),
        _ => scalars_equal(a, b),
    }
}

fn scalars_equal(a: &JsonbValue, b: &JsonbValue) -> bool {
    is_scalar(a) && is_scalar(b) && a == b
}

/// `@>`: at the root an array contains a scalar that is one of its items.
pub fn contains(a: &JsonbValue, b: &JsonbValue) -> bool {
    match a {
        JsonbValue::Array(items) if is_scalar(b) => items.iter().any(|item| scalars_equal(item, b)),
        _ => deep_contains(a, b),
    }
}

/// Order of two `jsonb` values.
pub fn compare(a: &Datum, b: &Datum) -> Ordering {
    Comparator::plain().compare(a, b)
}

pub(crate) fn register(reg: &mut Registry) {
    macro_rules! both {
        ($($name:literal => |$a:ident, $b:ident: $ty:ty| $body:expr;)*) => {$(
            scalars!(reg;
                concat!("json_", $name) => |$a: &Datum, $b: $ty| $body;
                concat!("jsonb_", $name) => |$a: &Datum, $b: $ty| $body;
            );
        )*};
    }
    both!(
        "object_field" => |a, b: &str| field(a, b, false);
        "object_field_text" => |a, b: &str| field(a, b, true);
        "array_element" => |a, b: i32| element(a, b, false);
        "array_element_text" => |a, b: i32| element(a, b, true);
        "extract_path" => |a, b: &ArrayValue| path(a, b, false);
        "extract_path_text" => |a, b: &ArrayValue| path(a, b, true);
    );
    scalars!(reg;
        "json_array_length" => |a: &Datum| array_length(a);
        "jsonb_array_length" => |a: &Datum| array_length(a);
        "json_typeof" => |a: &Datum| with_node(a, |node| Ok(node.kind().name()));
        "jsonb_typeof" => |a: &Datum| with_node(a, |node| Ok(node.kind().name()));
        "jsonb_exists" => |a: &JsonbValue, b: &str| exists(a, b);
        "jsonb_exists_any" => |a: &JsonbValue, b: &ArrayValue| keys(b).any(|key| exists(a, key));
        "jsonb_exists_all" => |a: &JsonbValue, b: &ArrayValue| keys(b).all(|key| exists(a, key));
        "jsonb_contains" => |a: &JsonbValue, b: &JsonbValue| contains(a, b);
        "jsonb_contained" => |a: &JsonbValue, b: &JsonbValue| contains(b, a);
        "jsonb_cmp" => |a: &Datum, b: &Datum| order(compare(a, b));
        "jsonb_pretty" => |a: &JsonbValue| {
            let mut out = Vec::new();
            pglitedb_types::json::write_jsonb_pretty(a, &mut out);
            Datum::text(&String::from_utf8_lossy(&out))
        };
    );
    comparisons!(reg; "jsonb_" => |a: &Datum, b: &Datum| compare(a, b););
    casts(reg);
}

#[cold]
fn cannot_cast(value: &JsonbValue, to: &str) -> Error {
    let kind = match Node::Jsonb(value).kind() {
        Kind::Number => "numeric",
        other => other.name(),
    };
    err!(INVALID_PARAMETER_VALUE, "cannot cast jsonb {kind} to type {to}")
}

/// The number of a `jsonb` value, `None` for null.
fn number<'a>(value: &'a JsonbValue, to: &str) -> Result<Option<&'a Numeric>> {
    match value {
        JsonbValue::Number(number) => Ok(Some(number)),
        JsonbValue::Null => Ok(None),
        other => Err(cannot_cast(other, to)),
    }
}

fn casts(reg: &mut Registry) {
    scalars!(reg;
        "jsonb_bool" => |a: &JsonbValue| match a {
            JsonbValue::Bool(value) => Ok(Some(*value)),
            JsonbValue::Null => Ok(None),
            other => Err(cannot_cast(other, "boolean")),
        };
        "jsonb_numeric" => |a: &JsonbValue| number(a, "numeric")?.cloned();
        "jsonb_int2" => |a: &JsonbValue| number(a, "smallint")?.map(Numeric::to_int2);
        "jsonb_int4" => |a: &JsonbValue| number(a, "integer")?.map(Numeric::to_int4);
        "jsonb_int8" => |a: &JsonbValue| number(a, "bigint")?.map(Numeric::to_int8);
        "jsonb_float4" => |a: &JsonbValue| number(a, "real")?.map(Numeric::to_float4);
        "jsonb_float8" => |a: &JsonbValue| number(a, "double precision")?.map(Numeric::to_float8);
    );
}
