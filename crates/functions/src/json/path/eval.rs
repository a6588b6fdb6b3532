//! Evaluation of a path over a value.

use super::item::{Item, Moment};
use super::{methods, operators};
use crate::call::FnCtx;
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::jsonpath::{Accessor, JsonPath, Node};
use pglitedb_types::{Datum, JsonbValue, Numeric, Oid, oids};
use std::borrow::Cow;
use std::sync::Arc;

/// A sequence of items.
pub type Items<'a> = Vec<Item<'a>>;

/// `$name`s of a path.
#[derive(Clone, Copy)]
pub enum Vars<'a> {
    /// Members of an object.
    Object(&'a JsonbValue),
    /// SQL values of `PASSING`, with their types.
    Passed(&'a [(Arc<str>, Datum, Oid)]),
}

/// Accessors applied to one item after the other before the next item is looked at. Longer chains go level by level.
const DEPTH_FIRST: usize = 200;

/// What evaluation needs to know throughout.
pub struct Evaluator<'a> {
    /// The call.
    pub ctx: &'a FnCtx<'a>,
    /// `lax`?
    pub lax: bool,
    /// `$`
    pub root: &'a JsonbValue,
    /// The variables.
    pub vars: Vars<'a>,
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
    /// What does not fit an accessor is left out: after `.**`, even in strict mode.
    pub forgiving: bool,
}

impl<'a> Evaluator<'a> {
    /// The items that a path selects: those found before an error stay in `out`.
    pub fn run(&self, path: &JsonPath, out: &mut Items<'a>) -> Result<()> {
        self.items_into(&path.root, Scope { current: None, last: None, forgiving: self.lax }, out)
    }

    /// Does the path select anything? In lax mode what comes after the first item is not looked at.
    pub fn exists(&self, path: &JsonPath) -> Result<bool> {
        let mut items = Vec::new();
        let scope = Scope { current: None, last: None, forgiving: self.lax };
        if let (Node::Sign(_, operand), true) = (&path.root, self.lax) {
            let items = self.unwrapped(operand, scope)?;
            return Ok(items.iter().any(|item| matches!(item.json(), Some(JsonbValue::Number(_)))));
        }
        match self.run(path, &mut items) {
            Err(_) if self.lax && !items.is_empty() => Ok(true),
            Err(error) => Err(error),
            Ok(()) => Ok(!items.is_empty()),
        }
    }

    /// The items that an expression selects.
    pub fn items(&self, node: &Node, scope: Scope<'a, '_>) -> Result<Items<'a>> {
        let mut out = Vec::new();
        self.items_into(node, scope, &mut out)?;
        Ok(out)
    }

    fn items_into(&self, node: &Node, scope: Scope<'a, '_>, out: &mut Items<'a>) -> Result<()> {
        match node {
            Node::Root => out.push(Item::Json(Cow::Borrowed(self.root))),
            Node::Current => out.extend(scope.current.cloned()),
            Node::Last => {
                let last = scope.last.map_or(0, |len| len as i128 - 1);
                out.push(Item::new(JsonbValue::Number(Numeric::from_scaled(last, 0))));
            }
            Node::Variable(name) => out.push(self.variable(name)?),
            Node::Null => out.push(Item::new(JsonbValue::Null)),
            Node::Bool(value) => out.push(Item::new(JsonbValue::Bool(*value))),
            Node::Number(number) => out.push(Item::new(JsonbValue::Number(number.clone()))),
            Node::String(text) => out.push(Item::new(JsonbValue::String(text.as_str().into()))),
            Node::Chain(inner, accessors) => {
                for item in self.items(inner, scope)? {
                    self.chain(accessors, item, scope, out)?;
                }
            }
            Node::Binary(op, left, right) if !node.is_predicate() => {
                out.push(operators::arithmetic(self, *op, left, right, scope)?);
            }
            Node::Sign(minus, operand) => operators::sign(self, *minus, operand, scope, out)?,
            _ => out.push(Item::new(match operators::predicate(self, node, scope)? {
                Some(truth) => JsonbValue::Bool(truth),
                None => JsonbValue::Null,
            })),
        }
        Ok(())
    }

    fn chain(
        &self,
        accessors: &[Accessor],
        item: Item<'a>,
        scope: Scope<'a, '_>,
        out: &mut Items<'a>,
    ) -> Result<()> {
        let before = scope;
        let Some((first, rest)) = accessors.split_first() else {
            out.push(item);
            return Ok(());
        };
        self.ctx.env.check_interrupts()?;
        if rest.is_empty() {
            return self.access(first, &item, scope, out);
        }
        let any_depth = |accessor: &Accessor| matches!(accessor, Accessor::AnyDepth(..));
        let scope = Scope { forgiving: before.forgiving || any_depth(first), ..before };
        if accessors.len() > DEPTH_FIRST {
            let mut items = vec![item];
            let mut scope = before;
            for accessor in accessors {
                self.ctx.env.check_interrupts()?;
                scope.forgiving |= any_depth(accessor);
                let mut next = Vec::new();
                for item in &items {
                    self.access(accessor, item, scope, &mut next)?;
                }
                items = next;
            }
            out.append(&mut items);
            return Ok(());
        }
        let mut next = Vec::new();
        let result = self.access(first, &item, before, &mut next);
        for item in next {
            self.chain(rest, item, scope, out)?;
        }
        result
    }

    fn variable(&self, name: &str) -> Result<Item<'a>> {
        let found = match self.vars {
            Vars::Object(object) => {
                crate::json::node::member(object, name).map(|value| Item::Json(Cow::Borrowed(value)))
            }
            Vars::Passed(list) => {
                let passed = list.iter().find(|(known, ..)| **known == *name);
                match passed {
                    Some((_, value, type_oid)) => Some(self.passed(value, *type_oid)?),
                    None => None,
                }
            }
        };
        found.ok_or_else(|| err!(UNDEFINED_OBJECT, "could not find jsonpath variable \"{name}\""))
    }

    /// An SQL value as an item.
    fn passed(&self, value: &'a Datum, type_oid: Oid) -> Result<Item<'a>> {
        Ok(match (value, type_oid) {
            (Datum::Jsonb(value), _) => Item::Json(Cow::Borrowed(&**value)),
            (Datum::Null, _) => Item::new(JsonbValue::Null),
            (_, oids::DATE | oids::TIME | oids::TIMETZ | oids::TIMESTAMP | oids::TIMESTAMPTZ) => {
                Item::Datetime(Moment { value: value.clone(), type_oid, offset_east: 0 })
            }
            _ => Item::new(crate::json::to_json::to_jsonb(value, type_oid, self.ctx.env.as_type_env())?),
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
            Accessor::Key(key) => self.key(key, item, scope, out),
            Accessor::AnyKey => match item.member_values() {
                Some(values) => {
                    out.extend(values);
                    Ok(())
                }
                None => Self::structural(
                    scope,
                    err!(
                        SQL_JSON_OBJECT_NOT_FOUND,
                        "jsonpath wildcard member accessor can only be applied to an object"
                    ),
                ),
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
                None => Self::structural(
                    scope,
                    err!(
                        SQL_JSON_ARRAY_NOT_FOUND,
                        "jsonpath wildcard array accessor can only be applied to an array"
                    ),
                ),
            },
            Accessor::Items(ranges) => self.subscripts(ranges, item, scope, out),
            Accessor::AnyDepth(from, to) => {
                let deepest = u32::MAX;
                let only_leaves = from.is_none();
                self.descend(item, 0, from.unwrap_or(0), to.unwrap_or(deepest), only_leaves, out);
                Ok(())
            }
            Accessor::Filter(predicate) => {
                let inner = Scope { current: Some(item), last: scope.last, forgiving: scope.forgiving };
                if operators::predicate(self, predicate, inner)? == Some(true) {
                    out.push(item.clone());
                }
                Ok(())
            }
            Accessor::Method(method, arguments) => {
                out.extend(methods::call(self, *method, arguments, item, scope.forgiving)?);
                Ok(())
            }
        }
    }

    /// An error of structure: of no consequence in lax mode.
    fn structural(scope: Scope<'a, '_>, error: Error) -> Result<()> {
        if scope.forgiving { Ok(()) } else { Err(error) }
    }

    fn key(&self, key: &str, item: &Item<'a>, scope: Scope<'a, '_>, out: &mut Items<'a>) -> Result<()> {
        match item.member(key) {
            Some(value) => {
                out.push(value);
                Ok(())
            }
            None if matches!(item.json(), Some(JsonbValue::Object(_))) => Self::structural(
                scope,
                err!(
                    SQL_JSON_MEMBER_NOT_FOUND,
                    "JSON object does not contain key {}",
                    crate::json::node::quoted(key)
                ),
            ),
            None => Self::structural(
                scope,
                err!(SQL_JSON_MEMBER_NOT_FOUND, "jsonpath member accessor can only be applied to an object"),
            ),
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
                return Self::structural(
                    scope,
                    err!(SQL_JSON_ARRAY_NOT_FOUND, "jsonpath array accessor can only be applied to an array"),
                );
            }
        };
        let inner = Scope { current: scope.current, last: Some(items.len()), forgiving: scope.forgiving };
        let count = items.len() as i64;
        for (from, to) in ranges {
            let from = self.subscript(from, inner)?;
            let to = match to {
                Some(to) => self.subscript(to, inner)?,
                None => from,
            };
            if !scope.forgiving && (from < 0 || from > to || to >= count) {
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
