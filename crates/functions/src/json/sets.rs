//! Functions that return the parts of a JSON value as rows.

use super::node::{Kind, Node, with_node};
use crate::call::{FnCtx, SetIter};
use crate::{Builtin, Registry};
use pglitedb_sqlstate::{Result, bail};
use pglitedb_types::Datum;

/// Rows computed beforehand.
pub struct Rows(pub std::vec::IntoIter<Vec<Datum>>);

impl SetIter for Rows {
    fn next(&mut self, _ctx: &FnCtx<'_>, row: &mut Vec<Datum>) -> Result<bool> {
        row.clear();
        match self.0.next() {
            Some(mut next) => {
                row.append(&mut next);
                Ok(true)
            }
            None => Ok(false),
        }
    }
}

/// A set of rows.
pub fn rows(rows: Vec<Vec<Datum>>) -> Result<Box<dyn SetIter>> {
    Ok(Box::new(Rows(rows.into_iter())))
}

fn show(node: Node<'_>, as_text: bool) -> Datum {
    if as_text { node.text_datum() } else { node.datum() }
}

fn argument(args: &[Datum]) -> Result<&Datum> {
    args.first().ok_or_else(|| crate::convert::arity("json function", 0))
}

fn is_jsonb(datum: &Datum) -> bool {
    matches!(datum, Datum::Jsonb(_))
}

fn elements(args: &[Datum], as_text: bool) -> Result<Box<dyn SetIter>> {
    let json = argument(args)?;
    with_node(json, |node| match node.items() {
        Some(items) => rows(items.into_iter().map(|item| vec![show(item, as_text)]).collect()),
        None => {
            let suffix = if as_text { "_text" } else { "" };
            let scalar = node.kind().is_scalar();
            if is_jsonb(json) {
                let what = if scalar { "a scalar" } else { "an object" };
                bail!(INVALID_PARAMETER_VALUE, "cannot extract elements from {what}");
            }
            let what = if scalar { "a scalar" } else { "a non-array" };
            bail!(INVALID_PARAMETER_VALUE, "cannot call json_array_elements{suffix} on {what}")
        }
    })
}

fn each(args: &[Datum], as_text: bool) -> Result<Box<dyn SetIter>> {
    let json = argument(args)?;
    with_node(json, |node| match node.members() {
        Some(members) => rows(
            members.into_iter().map(|(key, value)| vec![Datum::text(key), show(value, as_text)]).collect(),
        ),
        None if is_jsonb(json) => {
            let suffix = if as_text { "_text" } else { "" };
            bail!(INVALID_PARAMETER_VALUE, "cannot call jsonb_each{suffix} on a non-object")
        }
        None if node.kind() == Kind::Array => {
            bail!(INVALID_PARAMETER_VALUE, "cannot deconstruct an array as an object")
        }
        None => bail!(INVALID_PARAMETER_VALUE, "cannot deconstruct a scalar"),
    })
}

fn keys(args: &[Datum]) -> Result<Box<dyn SetIter>> {
    let json = argument(args)?;
    with_node(json, |node| match node.members() {
        Some(members) => rows(members.into_iter().map(|(key, _)| vec![Datum::text(key)]).collect()),
        None => {
            let name = if is_jsonb(json) { "jsonb_object_keys" } else { "json_object_keys" };
            let what = if node.kind() == Kind::Array { "an array" } else { "a scalar" };
            bail!(INVALID_PARAMETER_VALUE, "cannot call {name} on {what}")
        }
    })
}

pub(crate) fn register(reg: &mut Registry) {
    reg.add("json_array_elements", Builtin::Set(|_, args| elements(args, false)));
    reg.add("jsonb_array_elements", Builtin::Set(|_, args| elements(args, false)));
    reg.add("json_array_elements_text", Builtin::Set(|_, args| elements(args, true)));
    reg.add("jsonb_array_elements_text", Builtin::Set(|_, args| elements(args, true)));
    reg.add("json_each", Builtin::Set(|_, args| each(args, false)));
    reg.add("jsonb_each", Builtin::Set(|_, args| each(args, false)));
    reg.add("json_each_text", Builtin::Set(|_, args| each(args, true)));
    reg.add("jsonb_each_text", Builtin::Set(|_, args| each(args, true)));
    reg.add("json_object_keys", Builtin::Set(|_, args| keys(args)));
    reg.add("jsonb_object_keys", Builtin::Set(|_, args| keys(args)));
}
