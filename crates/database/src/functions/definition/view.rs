//! `pg_get_viewdef`, `pg_get_ruledef`

use super::super::rows::Row;
use super::super::{env_of, reg as names};
use super::relation_name;
use crate::env::Env;
use pglitedb_analyzer::AnalyzeContext;
use pglitedb_analyzer::ruleutils::{DeparseStyle, deparse_view};
use pglitedb_catalog::Catalog;
use pglitedb_catalog::builtin::columns::pg_rewrite;
use pglitedb_functions::{Registry, scalars};
use pglitedb_query_tree::serial;
use pglitedb_sqlstate::{Error, Result};
use pglitedb_types::{Oid, RegKind, quote_identifier};

/// Lists are broken at this width by `pg_get_viewdef(view, true)`.
const PRETTY_WRAP: i32 = 0;

/// The SELECT behind a view; `None` if there is no such view.
fn definition(env: &Env, oid: Oid, style: DeparseStyle) -> Result<Option<String>> {
    let Some(relation) = env.relation(oid)? else { return Ok(None) };
    let Some(stored) = &relation.view_query else {
        // The system's own views are kept as text.
        let text = pglitedb_catalog::builtin::system_view(oid);
        return Ok(text.map(|text| format!(" {};", text.trim().trim_end_matches(';'))));
    };
    let query = serial::query_from_text(stored)?;
    let columns: Vec<&str> = relation.columns.iter().map(|column| &*column.name).collect();
    deparse_view(&query, &columns, style, &AnalyzeContext::new(env, env, "")).map(Some)
}

fn pretty_style(pretty: bool, wrap_column: i32) -> DeparseStyle {
    let style = if pretty { DeparseStyle::pretty_view() } else { DeparseStyle::view() };
    DeparseStyle { wrap_column, ..style }
}

fn rule(env: &Env, oid: Oid, pretty: bool) -> Result<Option<String>> {
    let Some(row) = Row::by_oid(env, pg_rewrite::RELATION, oid)? else { return Ok(None) };
    let is_select = row.char(pg_rewrite::EV_TYPE) == b'1';
    if !is_select {
        return Err(Error::unsupported("pg_get_ruledef() of a rule that is no view is not supported yet"));
    }
    let view = row.oid(pg_rewrite::EV_CLASS);
    let Some(select) = definition(env, view, pretty_style(pretty, PRETTY_WRAP))? else { return Ok(None) };
    let name = relation_name(env, view, pretty)?;
    Ok(Some(format!(
        "CREATE RULE {} AS\n    ON SELECT TO {name} DO INSTEAD {select}",
        quote_identifier(&row.text(pg_rewrite::RULENAME))
    )))
}

pub(super) fn register(reg: &mut Registry) {
    scalars!(reg;
        "pg_get_viewdef" => [ctx] |oid: u32| definition(env_of(ctx)?, oid, pretty_style(false, 0));
        "pg_get_viewdef_ext" => [ctx] |oid: u32, pretty: bool|
            definition(env_of(ctx)?, oid, pretty_style(pretty, PRETTY_WRAP));
        "pg_get_viewdef_wrap" => [ctx] |oid: u32, wrap: i32| definition(env_of(ctx)?, oid, pretty_style(true, wrap));
        "pg_get_viewdef_name" => [ctx] |name: &str| {
            let env = env_of(ctx)?;
            definition(env, names::input(env, RegKind::Class, name)?, pretty_style(false, 0))
        };
        "pg_get_viewdef_name_ext" => [ctx] |name: &str, pretty: bool| {
            let env = env_of(ctx)?;
            definition(env, names::input(env, RegKind::Class, name)?, pretty_style(pretty, PRETTY_WRAP))
        };
        "pg_get_ruledef" => [ctx] |oid: u32| rule(env_of(ctx)?, oid, false);
        "pg_get_ruledef_ext" => [ctx] |oid: u32, pretty: bool| rule(env_of(ctx)?, oid, pretty);
    );
}
