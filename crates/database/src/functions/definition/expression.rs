//! `pg_get_expr`

use super::super::env_of;
use crate::env::Env;
use pglitedb_analyzer::AnalyzeContext;
use pglitedb_analyzer::ruleutils::{DeparseStyle, deparse_expr};
use pglitedb_catalog::{Catalog, Relation};
use pglitedb_functions::{FnCtx, Registry, scalars};
use pglitedb_query_tree::serial;
use pglitedb_sqlstate::{Result, bail};
use pglitedb_types::Oid;

/// What separates the members of a stored list of expressions.
const LIST_SEPARATOR: char = '\u{1e}';

/// A stored expression as SQL.
pub(super) fn stored(env: &Env, text: &str, relation: Option<&Relation>, pretty: bool) -> Result<String> {
    let expr = serial::expr_from_text(text)?;
    let ctx = AnalyzeContext::new(env, env, "");
    deparse_expr(&expr, relation, DeparseStyle::line(pretty), &ctx)
}

fn get(ctx: &FnCtx<'_>, text: &str, relation: Oid, pretty: bool) -> Result<Option<String>> {
    let env = env_of(ctx)?;
    let found = if relation == 0 { None } else { env.relation(relation)? };
    if relation != 0 && found.is_none() {
        return Ok(None);
    }
    if text.is_empty() {
        bail!(INVALID_TEXT_REPRESENTATION, "malformed node string");
    }
    let parts: Result<Vec<String>> =
        list(text).map(|text| stored(env, text, found.as_deref(), pretty)).collect();
    parts.map(|parts| Some(parts.join(", ")))
}

/// The members of a stored list of expressions (`pg_index.indexprs`).
pub(super) fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split(LIST_SEPARATOR)
}

pub(super) fn register(reg: &mut Registry) {
    scalars!(reg;
        "pg_get_expr" => [ctx] |text: &str, relation: u32| get(ctx, text, relation, false);
        "pg_get_expr_ext" => [ctx] |text: &str, relation: u32, pretty: bool| get(ctx, text, relation, pretty);
    );
}
