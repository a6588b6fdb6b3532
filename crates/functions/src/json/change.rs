//! Functions that change `jsonb` values.

use super::node::{Raw, RawKind, parse, quoted};
use crate::Registry;
use pglitedb_sqlstate::{Error, Result, bail, err};
use pglitedb_types::json::object_from_pairs;
use pglitedb_types::{ArrayValue, Datum, JsonbValue};
use std::sync::Arc;

fn is_scalar(value: &JsonbValue) -> bool {
    !matches!(value, JsonbValue::Array(_) | JsonbValue::Object(_))
}

fn into_items(value: &JsonbValue) -> Vec<JsonbValue> {
    match value {
        JsonbValue::Array(items) => items.clone(),
        other => vec![other.clone()],
    }
}

/// `||`
fn concat(a: &JsonbValue, b: &JsonbValue) -> JsonbValue {
    match (a, b) {
        (JsonbValue::Object(x), JsonbValue::Object(y)) => {
            object_from_pairs(x.iter().chain(y).cloned().collect())
        }
        _ => {
            let mut items = into_items(a);
            items.extend(into_items(b));
            JsonbValue::Array(items)
        }
    }
}

#[cold]
fn from_scalar() -> Error {
    err!(INVALID_PARAMETER_VALUE, "cannot delete from scalar")
}

fn delete_keys(value: &JsonbValue, unwanted: &dyn Fn(&str) -> bool) -> Result<JsonbValue> {
    Ok(match value {
        JsonbValue::Object(members) => {
            JsonbValue::Object(members.iter().filter(|(key, _)| !unwanted(key)).cloned().collect())
        }
        JsonbValue::Array(items) => {
            let keep = |item: &&JsonbValue| !matches!(item, JsonbValue::String(text) if unwanted(text));
            JsonbValue::Array(items.iter().filter(keep).cloned().collect())
        }
        _ => return Err(from_scalar()),
    })
}

fn delete_index(value: &JsonbValue, index: i32) -> Result<JsonbValue> {
    match value {
        JsonbValue::Array(items) => {
            let mut items = items.clone();
            let at = if index < 0 { items.len() as i64 + i64::from(index) } else { index.into() };
            if let Some(at) = usize::try_from(at).ok().filter(|at| *at < items.len()) {
                items.remove(at);
            }
            Ok(JsonbValue::Array(items))
        }
        JsonbValue::Object(_) => {
            bail!(INVALID_PARAMETER_VALUE, "cannot delete from object using integer index")
        }
        _ => Err(from_scalar()),
    }
}

/// What to do at the end of a path.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Action {
    Set { create: bool },
    Insert { after: bool },
    Delete,
}

struct Change<'a> {
    path: &'a [Datum],
    action: Action,
    value: &'a JsonbValue,
}

fn change(target: &JsonbValue, path: &ArrayValue, value: &JsonbValue, action: Action) -> Result<JsonbValue> {
    if path.dims.len() > 1 {
        bail!(ARRAY_SUBSCRIPT_ERROR, "wrong number of array subscripts");
    }
    if is_scalar(target) {
        bail!(
            INVALID_PARAMETER_VALUE,
            "cannot {} path in scalar",
            if action == Action::Delete { "delete" } else { "set" }
        );
    }
    let empty = matches!(target, JsonbValue::Array(items) if items.is_empty())
        || matches!(target, JsonbValue::Object(members) if members.is_empty());
    let changes_nothing = matches!(action, Action::Set { create: false } | Action::Delete);
    if path.values.is_empty() || (empty && changes_nothing) {
        return Ok(target.clone());
    }
    Change { path: &path.values, action, value }.apply(target, 0)
}

impl Change<'_> {
    /// A step of the path; only those that are reached must not be null.
    fn step(&self, level: usize) -> Result<&str> {
        match self.path.get(level) {
            Some(Datum::Text(step)) => Ok(step),
            _ => bail!(NULL_VALUE_NOT_ALLOWED, "path element at position {} is null", level + 1),
        }
    }

    fn apply(&self, target: &JsonbValue, level: usize) -> Result<JsonbValue> {
        match target {
            JsonbValue::Object(members) => self.object(target, members, level),
            JsonbValue::Array(items) => self.array(items, level),
            _ => Ok(target.clone()),
        }
    }

    fn object(
        &self,
        target: &JsonbValue,
        members: &[(Arc<str>, JsonbValue)],
        level: usize,
    ) -> Result<JsonbValue> {
        let key = self.step(level)?;
        let last = level + 1 == self.path.len();
        let mut out = members.to_vec();
        match members.iter().position(|(k, _)| **k == *key) {
            Some(at) if !last => out[at].1 = self.apply(&members[at].1, level + 1)?,
            Some(at) => match self.action {
                Action::Delete => {
                    out.remove(at);
                }
                Action::Set { .. } => out[at].1 = self.value.clone(),
                Action::Insert { .. } => {
                    return Err(err!(INVALID_PARAMETER_VALUE, "cannot replace existing key")
                        .hint("Try using the function jsonb_set to replace key value."));
                }
            },
            None if last && matches!(self.action, Action::Set { create: true } | Action::Insert { .. }) => {
                out.push((Arc::from(key), self.value.clone()));
                return Ok(object_from_pairs(out));
            }
            None => return Ok(target.clone()),
        }
        Ok(JsonbValue::Object(out))
    }

    fn array(&self, items: &[JsonbValue], level: usize) -> Result<JsonbValue> {
        let text = self.step(level)?;
        let Ok(index) = text.trim().parse::<i32>() else {
            bail!(
                INVALID_TEXT_REPRESENTATION,
                "path element at position {} is not an integer: \"{text}\"",
                level + 1
            );
        };
        let mut out = items.to_vec();
        let count = items.len() as i64;
        let last = level + 1 == self.path.len();
        let at = if index < 0 { count + i64::from(index) } else { index.into() };
        let inside = (0..count).contains(&at);
        match self.action {
            _ if !last => {
                if inside {
                    out[at as usize] = self.apply(&items[at as usize], level + 1)?;
                }
            }
            Action::Delete => {
                if inside {
                    out.remove(at as usize);
                }
            }
            Action::Set { .. } if inside => out[at as usize] = self.value.clone(),
            Action::Set { create: false } => {}
            Action::Set { create: true } => out.insert(at.clamp(0, count) as usize, self.value.clone()),
            Action::Insert { after } => {
                let place = if inside && after { at + 1 } else { at };
                out.insert(place.clamp(0, count) as usize, self.value.clone());
            }
        }
        Ok(JsonbValue::Array(out))
    }
}

fn strip(value: &JsonbValue, in_arrays: bool) -> JsonbValue {
    match value {
        JsonbValue::Object(members) => JsonbValue::Object(
            members
                .iter()
                .filter(|(_, v)| !matches!(v, JsonbValue::Null))
                .map(|(k, v)| (k.clone(), strip(v, in_arrays)))
                .collect(),
        ),
        JsonbValue::Array(items) => JsonbValue::Array(
            items
                .iter()
                .filter(|v| !in_arrays || !matches!(v, JsonbValue::Null))
                .map(|v| strip(v, in_arrays))
                .collect(),
        ),
        other => other.clone(),
    }
}

fn strip_text(raw: &Raw<'_>, in_arrays: bool, out: &mut String) {
    let is_null = |raw: &Raw<'_>| matches!(raw.kind, RawKind::Null);
    match &raw.kind {
        RawKind::Object(members) => {
            out.push('{');
            for (at, (key, value)) in members.iter().filter(|(_, v)| !is_null(v)).enumerate() {
                if at > 0 {
                    out.push(',');
                }
                out.push_str(&quoted(key));
                out.push(':');
                strip_text(value, in_arrays, out);
            }
            out.push('}');
        }
        RawKind::Array(items) => {
            out.push('[');
            for (at, value) in items.iter().filter(|v| !in_arrays || !is_null(v)).enumerate() {
                if at > 0 {
                    out.push(',');
                }
                strip_text(value, in_arrays, out);
            }
            out.push(']');
        }
        RawKind::String(text) => out.push_str(&quoted(text)),
        _ => out.push_str(raw.source),
    }
}

/// `jsonb_set_lax`: what a NULL value means is an argument.
fn set_lax(args: &[Datum]) -> Result<Datum> {
    let [target, path, value, create, treatment] = args else {
        return Err(crate::convert::arity("jsonb_set_lax", args.len()));
    };
    if target.is_null() || path.is_null() || create.is_null() {
        return Ok(Datum::Null);
    }
    let (Datum::Jsonb(json), Datum::Array(steps)) = (target, path) else {
        return Err(crate::convert::mismatch(target, "Jsonb"));
    };
    let Datum::Text(treatment) = treatment else {
        bail!(
            INVALID_PARAMETER_VALUE,
            "null_value_treatment must be \"delete_key\", \"return_target\", \"use_json_null\", or \"raise_exception\""
        );
    };
    let set = |value: &JsonbValue| {
        let create = create.as_bool().unwrap_or(true);
        change(json, steps, value, Action::Set { create }).map(|v| Datum::Jsonb(Arc::new(v)))
    };
    if let Datum::Jsonb(value) = value {
        return set(value);
    }
    match &**treatment {
        "raise_exception" => Err(err!(NULL_VALUE_NOT_ALLOWED, "JSON value must not be null")
            .detail("Exception was raised because null_value_treatment is \"raise_exception\".")
            .hint(
                "To avoid, either change the null_value_treatment argument or ensure that an SQL NULL is not passed.",
            )),
        "use_json_null" => set(&JsonbValue::Null),
        "delete_key" => {
            change(json, steps, &JsonbValue::Null, Action::Delete).map(|v| Datum::Jsonb(Arc::new(v)))
        }
        "return_target" => Ok(target.clone()),
        _ => bail!(
            INVALID_PARAMETER_VALUE,
            "null_value_treatment must be \"delete_key\", \"return_target\", \"use_json_null\", or \"raise_exception\""
        ),
    }
}

pub(crate) fn register(reg: &mut Registry) {
    scalars!(reg;
        "jsonb_concat" => |a: &JsonbValue, b: &JsonbValue| concat(a, b);
        "jsonb_delete" => |a: &JsonbValue, key: &str| delete_keys(a, &|k| k == key);
        "jsonb_delete_array" => |a: &JsonbValue, keys: &ArrayValue| {
            if keys.dims.len() > 1 {
                bail!(ARRAY_SUBSCRIPT_ERROR, "wrong number of array subscripts");
            }
            delete_keys(a, &|k| keys.values.iter().any(|key| key.as_str() == Some(k)))
        };
        "jsonb_delete_idx" => |a: &JsonbValue, index: i32| delete_index(a, index);
        "jsonb_delete_path" => |a: &JsonbValue, path: &ArrayValue| change(a, path, &JsonbValue::Null, Action::Delete);
        "jsonb_set" => |a: &JsonbValue, path: &ArrayValue, value: &JsonbValue, create: bool| {
            change(a, path, value, Action::Set { create })
        };
        "jsonb_insert" => |a: &JsonbValue, path: &ArrayValue, value: &JsonbValue, after: bool| {
            change(a, path, value, Action::Insert { after })
        };
        "jsonb_strip_nulls" => |a: &JsonbValue, in_arrays: bool| strip(a, in_arrays);
        "json_strip_nulls" => |a: &str, in_arrays: bool| {
            let mut out = String::with_capacity(a.len());
            strip_text(&parse(a)?, in_arrays, &mut out);
            out
        };
    );
    reg.add("jsonb_set_lax", crate::Builtin::Scalar(|_, args| set_lax(args)));
}
