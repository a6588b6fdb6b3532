//! Definitions of objects as SQL (`pg_get_*def`, `pg_get_expr`).

mod constraint;
mod expression;
mod function;
mod index;
mod statistics;
mod trigger;
mod view;

use super::rows::Row;
use crate::env::Env;
use pglitedb_catalog::{Catalog, Relation};
use pglitedb_functions::Registry;
use pglitedb_sqlstate::Result;
use pglitedb_types::{Oid, quote_identifier};
use std::sync::Arc;

pub(super) fn register(reg: &mut Registry) {
    constraint::register(reg);
    expression::register(reg);
    function::register(reg);
    index::register(reg);
    statistics::register(reg);
    trigger::register(reg);
    view::register(reg);
}

/// A relation's quoted name: always with its schema, or (pretty) only where the search path does not find it.
fn relation_name(env: &Env, oid: Oid, pretty: bool) -> Result<String> {
    let Some(relation) = env.relation(oid)? else { return Ok(oid.to_string()) };
    let visible = pretty && super::visible::relation(env, relation.namespace, &relation.name, relation.oid)?;
    super::reg::qualified(env, relation.namespace, &relation.name, visible)
}

/// Quoted names of columns by attnum.
fn column_names(relation: &Relation, attnums: &[i16]) -> String {
    let names = attnums.iter().map(|attnum| match relation.column(*attnum) {
        Some(column) => quote_identifier(&column.name).into_owned(),
        None => "?".to_owned(),
    });
    names.collect::<Vec<_>>().join(", ")
}

/// The table of an object, if it still exists.
fn table_of(env: &Env, row: &Row, at: usize) -> Result<Option<Arc<Relation>>> {
    env.relation(row.oid(at))
}
