//! Subscripted assignment to `jsonb`: missing containers are made, arrays are filled up with nulls.

use pglitedb_sqlstate::{Result, bail, err};
use pglitedb_types::JsonbValue;
use pglitedb_types::json::object_from_pairs;
use std::sync::Arc;

/// Elements that filling with nulls may make.
const ELEMENTS_MAX: usize = 16_777_215;

/// One subscript.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// An integer: an item of an array, or the key of that text.
    Index(i32),
    /// A key.
    Key(Arc<str>),
}

impl Step {
    /// The integer that it stands for.
    fn index(&self) -> Option<i32> {
        match self {
            Step::Index(index) => Some(*index),
            Step::Key(text) => text.trim().parse().ok(),
        }
    }

    /// The key that it stands for.
    pub fn key(&self) -> Arc<str> {
        match self {
            Step::Index(index) => index.to_string().into(),
            Step::Key(text) => text.clone(),
        }
    }
}

/// The container with the value at the end of the path replaced. No container (NULL) is an array if the first subscript
/// is an integer, an object otherwise.
pub fn set_element(container: Option<&JsonbValue>, path: &[Step], value: JsonbValue) -> Result<JsonbValue> {
    match (container, path.first()) {
        (Some(container), Some(_)) => set(container, path, 0, value),
        (Some(_), None) => Ok(value),
        (None, _) => chain(path, value),
    }
}

/// What a subscript finds.
pub fn get_element<'a>(container: &'a JsonbValue, step: &Step) -> Option<&'a JsonbValue> {
    match (container, step) {
        (JsonbValue::Object(_), Step::Key(key)) => super::node::member(container, key),
        (JsonbValue::Object(_), index) => super::node::member(container, &index.key()),
        (JsonbValue::Array(items), step) => {
            let index = i64::from(step.index()?);
            let at = if index < 0 { index + items.len() as i64 } else { index };
            items.get(usize::try_from(at).ok()?)
        }
        _ => None,
    }
}

/// New containers around a value, the outermost chosen by its step.
fn chain(path: &[Step], value: JsonbValue) -> Result<JsonbValue> {
    let mut value = value;
    for step in path.iter().rev() {
        // As PostgreSQL has it, text that looks like an integer makes an array too.
        value = match step.index() {
            Some(index) => {
                let mut items = nulls(usize::try_from(index).unwrap_or(0))?;
                items.push(value);
                JsonbValue::Array(items)
            }
            None => JsonbValue::Object(vec![(step.key(), value)]),
        };
    }
    Ok(value)
}

fn nulls(count: usize) -> Result<Vec<JsonbValue>> {
    if count >= ELEMENTS_MAX {
        bail!(
            PROGRAM_LIMIT_EXCEEDED,
            "number of jsonb array elements exceeds the maximum allowed ({ELEMENTS_MAX})"
        );
    }
    Ok(vec![JsonbValue::Null; count])
}

fn set(target: &JsonbValue, path: &[Step], level: usize, value: JsonbValue) -> Result<JsonbValue> {
    let Some(step) = path.get(level) else { return Ok(value) };
    let rest = path.get(level + 1..).unwrap_or(&[]);
    match target {
        JsonbValue::Object(members) => {
            let key = step.key();
            let mut out = members.clone();
            match out.iter_mut().find(|(known, _)| *known == key) {
                Some((_, old)) => *old = set(old, path, level + 1, value)?,
                None => {
                    out.push((key, chain(rest, value)?));
                    return Ok(object_from_pairs(out));
                }
            }
            Ok(JsonbValue::Object(out))
        }
        JsonbValue::Array(items) => {
            let Some(index) = step.index() else {
                bail!(
                    INVALID_TEXT_REPRESENTATION,
                    "path element at position {} is not an integer: \"{}\"",
                    level + 1,
                    step.key()
                );
            };
            let count = items.len() as i64;
            let at = if index < 0 { count + i64::from(index) } else { index.into() };
            let Ok(at) = usize::try_from(at) else {
                bail!(
                    INVALID_PARAMETER_VALUE,
                    "path element at position {} is out of range: {index}",
                    level + 1
                );
            };
            let mut out = items.clone();
            match out.get_mut(at) {
                Some(old) => *old = set(old, path, level + 1, value)?,
                None => {
                    if at >= ELEMENTS_MAX {
                        nulls(at)?;
                    }
                    out.resize(at, JsonbValue::Null);
                    out.push(chain(rest, value)?);
                }
            }
            Ok(JsonbValue::Array(out))
        }
        _ => Err(err!(INVALID_PARAMETER_VALUE, "cannot replace existing key")
            .detail("The path assumes key is a composite object, but it is a scalar value.")),
    }
}
