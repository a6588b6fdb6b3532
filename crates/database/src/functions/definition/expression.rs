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
    // Lists of expressions (`pg_index.indexprs`) are stored as a JSON array.
    if let Ok(texts) = list(text) {
        let parts: Result<Vec<String>> =
            texts.iter().map(|text| stored(env, text, found.as_deref(), pretty)).collect();
        return parts.map(|parts| Some(parts.join(", ")));
    }
    if text.is_empty() {
        bail!(INVALID_TEXT_REPRESENTATION, "malformed node string");
    }
    stored(env, text, found.as_deref(), pretty).map(Some)
}

/// The members of a stored list of expressions.
pub(super) fn list(text: &str) -> Result<Vec<String>> {
    if text.trim_start().starts_with('[') {
        serial::from_text(text)
    } else {
        bail!(INVALID_TEXT_REPRESENTATION, "not a list of expressions")
    }
}

pub(super) fn register(reg: &mut Registry) {
    scalars!(reg;
        "pg_get_expr" => [ctx] |text: &str, relation: u32| get(ctx, text, relation, false);
        "pg_get_expr_ext" => [ctx] |text: &str, relation: u32, pretty: bool| get(ctx, text, relation, pretty);
    );
}
