//! Evaluation of a path over a value.

use super::item::Item;
use super::{methods, operators};
use crate::call::FnCtx;
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::jsonpath::{Accessor, JsonPath, Node};
use pglitedb_types::{JsonbValue, Numeric};
use std::borrow::Cow;

/// A sequence of items.
pub type Items<'a> = Vec<Item<'a>>;

/// What evaluation needs to know throughout.
pub struct Evaluator<'a> {
    /// The call.
    pub ctx: &'a FnCtx<'a>,
    /// `lax`?
    pub lax: bool,
    /// `$`
    pub root: &'a JsonbValue,
    /// The variables, an object.
    pub vars: &'a JsonbValue,
    /// May dates and times be compared across time zones?
    pub use_tz: bool,
}

/// What is around an expression: `@`, and the array that `last` speaks of.
#[derive(Clone, Copy)]
pub struct Scope<'a, 's> {
    /// `@`
    pub current: Option<&'s Item<'a>>,
    /// Number of items of the innermost subscripted array.
    pub last: Option<usize>,
}

impl<'a> Evaluator<'a> {
    /// The items that a path selects.
    pub fn run(&self, path: &JsonPath) -> Result<Items<'a>> {
        self.items(&path.root, Scope { current: None, last: None })
    }

    /// The items that an expression selects.
    pub fn items(&self, node: &Node, scope: Scope<'a, '_>) -> Result<Items<'a>> {
        Ok(match node {
            Node::Root => vec![Item::Json(Cow::Borrowed(self.root))],
            Node::Current => scope.current.cloned().into_iter().collect(),
            Node::Last => {
                let last = scope.last.map_or(0, |len| len as i128 - 1);
                vec![Item::new(JsonbValue::Number(Numeric::from_scaled(last, 0)))]
            }
            Node::Variable(name) => match crate::json::node::member(self.vars, name) {
                Some(value) => vec![Item::Json(Cow::Borrowed(value))],
                None => return Err(err!(UNDEFINED_OBJECT, "could not find jsonpath variable \"{name}\"")),
            },
            Node::Null => vec![Item::new(JsonbValue::Null)],
            Node::Bool(value) => vec![Item::new(JsonbValue::Bool(*value))],
            Node::Number(number) => vec![Item::new(JsonbValue::Number(number.clone()))],
            Node::String(text) => vec![Item::new(JsonbValue::String(text.as_str().into()))],
            Node::Chain(inner, accessors) => {
                let mut items = self.items(inner, scope)?;
                for accessor in accessors {
                    self.ctx.env.check_interrupts()?;
                    let mut next = Vec::new();
                    for item in &items {
                        self.access(accessor, item, scope, &mut next)?;
                    }
                    items = next;
                }
                items
            }
            Node::Binary(op, left, right) if !node.is_predicate() => {
                vec![operators::arithmetic(self, *op, left, right, scope)?]
            }
            Node::Sign(minus, operand) => operators::sign(self, *minus, operand, scope)?,
            _ => vec![Item::new(match operators::predicate(self, node, scope)? {
                Some(truth) => JsonbValue::Bool(truth),
                None => JsonbValue::Null,
            })],
        })
    }

    /// The items that an expression selects, arrays among them taken apart in lax mode.
    pub fn unwrapped(&self, node: &Node, scope: Scope<'a, '_>) -> Result<Items<'a>> {
        let items = self.items(node, scope)?;
        if !self.lax {
            return Ok(items);
        }
        Ok(items
            .into_iter()
            .flat_map(|item| match item.items() {
                Some(items) => items,
                None => vec![item],
            })
            .collect())
    }

    fn access(
        &self,
        accessor: &Accessor,
        item: &Item<'a>,
        scope: Scope<'a, '_>,
        out: &mut Items<'a>,
    ) -> Result<()> {
        // In lax mode these look through arrays.
        let unwraps = match accessor {
            Accessor::Key(_) | Accessor::AnyKey | Accessor::Filter(_) => true,
            Accessor::Method(method, _) => methods::unwraps(*method),
            _ => false,
        };
        if unwraps
            && self.lax
            && let Some(items) = item.items()
        {
            return items.iter().try_for_each(|item| self.access_one(accessor, item, scope, out));
        }
        self.access_one(accessor, item, scope, out)
    }

    fn access_one(
        &self,
        accessor: &Accessor,
        item: &Item<'a>,
        scope: Scope<'a, '_>,
        out: &mut Items<'a>,
    ) -> Result<()> {
        match accessor {
            Accessor::Key(key) => self.key(key, item, out),
            Accessor::AnyKey => match item.member_values() {
                Some(values) => {
                    out.extend(values);
                    Ok(())
                }
                None => self.structural(err!(
                    SQL_JSON_OBJECT_NOT_FOUND,
                    "jsonpath wildcard member accessor can only be applied to an object"
                )),
            },
            Accessor::AnyItem => match item.items() {
                Some(items) => {
                    out.extend(items);
                    Ok(())
                }
                None if self.lax => {
                    out.push(item.clone());
                    Ok(())
                }
                None => Err(err!(
                    SQL_JSON_ARRAY_NOT_FOUND,
                    "jsonpath wildcard array accessor can only be applied to an array"
                )),
            },
            Accessor::Items(ranges) => self.subscripts(ranges, item, scope, out),
            Accessor::AnyDepth(from, to) => {
                let deepest = u32::MAX;
                let only_leaves = from.is_none();
                self.descend(item, 0, from.unwrap_or(0), to.unwrap_or(deepest), only_leaves, out);
                Ok(())
            }
            Accessor::Filter(predicate) => {
                let inner = Scope { current: Some(item), last: scope.last };
                if operators::predicate(self, predicate, inner)? == Some(true) {
                    out.push(item.clone());
                }
                Ok(())
            }
            Accessor::Method(method, arguments) => {
                out.extend(methods::call(self, *method, arguments, item)?);
                Ok(())
            }
        }
    }

    /// An error of structure: of no consequence in lax mode.
    fn structural(&self, error: Error) -> Result<()> {
        if self.lax { Ok(()) } else { Err(error) }
    }

    fn key(&self, key: &str, item: &Item<'a>, out: &mut Items<'a>) -> Result<()> {
        match item.member(key) {
            Some(value) => {
                out.push(value);
                Ok(())
            }
            None if matches!(item.json(), Some(JsonbValue::Object(_))) => self.structural(err!(
                SQL_JSON_MEMBER_NOT_FOUND,
                "JSON object does not contain key {}",
                crate::json::node::quoted(key)
            )),
            None => self.structural(err!(
                SQL_JSON_MEMBER_NOT_FOUND,
                "jsonpath member accessor can only be applied to an object"
            )),
        }
    }

    fn subscripts(
        &self,
        ranges: &[(Node, Option<Node>)],
        item: &Item<'a>,
        scope: Scope<'a, '_>,
        out: &mut Items<'a>,
    ) -> Result<()> {
        let items = match item.items() {
            Some(items) => items,
            None if self.lax => vec![item.clone()],
            None => {
                return Err(err!(
                    SQL_JSON_ARRAY_NOT_FOUND,
                    "jsonpath array accessor can only be applied to an array"
                ));
            }
        };
        let inner = Scope { current: scope.current, last: Some(items.len()) };
        let count = items.len() as i64;
        for (from, to) in ranges {
            let from = self.subscript(from, inner)?;
            let to = match to {
                Some(to) => self.subscript(to, inner)?,
                None => from,
            };
            if !self.lax && (from < 0 || from > to || to >= count) {
                return Err(err!(INVALID_SQL_JSON_SUBSCRIPT, "jsonpath array subscript is out of bounds"));
            }
            for at in from.max(0)..=to.min(count - 1) {
                out.extend(items.get(at as usize).cloned());
            }
        }
        Ok(())
    }

    fn subscript(&self, node: &Node, scope: Scope<'a, '_>) -> Result<i64> {
        let items = self.items(node, scope)?;
        let [item] = items.as_slice() else { return Err(not_numeric_subscript()) };
        let Some(JsonbValue::Number(number)) = item.json() else { return Err(not_numeric_subscript()) };
        match number.trunc(0)?.to_int4() {
            Ok(at) => Ok(at.into()),
            Err(_) => {
                Err(err!(INVALID_SQL_JSON_SUBSCRIPT, "jsonpath array subscript is out of integer range"))
            }
        }
    }

    /// The item and what is inside of it, level by level.
    fn descend(
        &self,
        item: &Item<'a>,
        level: u32,
        from: u32,
        to: u32,
        only_leaves: bool,
        out: &mut Items<'a>,
    ) {
        let children = item.items().or_else(|| item.member_values());
        let inside = level >= from && level <= to;
        if inside && (!only_leaves || children.is_none()) {
            out.push(item.clone());
        }
        if level < to {
            for child in children.unwrap_or_default() {
                self.descend(&child, level + 1, from, to, only_leaves, out);
            }
        }
    }
}

#[cold]
fn not_numeric_subscript() -> Error {
    err!(INVALID_SQL_JSON_SUBSCRIPT, "jsonpath array subscript is not a single numeric value")
}
