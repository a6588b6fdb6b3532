//! `pg_get_constraintdef`

use super::super::env_of;
use super::super::rows::Row;
use super::{column_names, expression, index, relation_name, table_of};
use crate::env::Env;
use pglitedb_analyzer::AnalyzeContext;
use pglitedb_analyzer::ruleutils::{DeparseStyle, deparse_expr};
use pglitedb_catalog::Catalog;
use pglitedb_catalog::builtin::columns::pg_constraint::*;
use pglitedb_functions::{Registry, scalars};
use pglitedb_query_tree::serial;
use pglitedb_sqlstate::{Error, Result};
use pglitedb_types::Oid;

/// The constraint as ALTER TABLE ... ADD takes it; `None` if there is no such constraint.
pub(super) fn definition(env: &Env, oid: Oid, pretty: bool) -> Result<Option<String>> {
    let Some(row) = Row::by_oid(env, RELATION, oid)? else { return Ok(None) };
    let mut text = match row.char(CONTYPE) {
        b'f' => foreign_key(env, &row)?,
        b'p' | b'u' => unique(env, &row)?,
        b'c' => check(env, &row, pretty)?,
        b'n' => match table_of(env, &row, CONRELID)? {
            Some(relation) => {
                let inherit = if row.flag(CONNOINHERIT) { " NO INHERIT" } else { "" };
                format!("NOT NULL {}{inherit}", column_names(&relation, &row.ints(CONKEY)))
            }
            None => "NOT NULL".to_owned(),
        },
        b't' => "TRIGGER".to_owned(),
        b'x' => index::exclusion(env, row.oid(CONINDID), &row.oids(CONEXCLOP))?,
        other => return Err(Error::internal(format!("invalid constraint type \"{}\"", char::from(other)))),
    };
    if row.flag(CONDEFERRABLE) {
        text.push_str(" DEFERRABLE");
    }
    if row.flag(CONDEFERRED) {
        text.push_str(" INITIALLY DEFERRED");
    }
    if !row.flag(CONENFORCED) {
        text.push_str(" NOT ENFORCED");
    } else if !row.flag(CONVALIDATED) {
        text.push_str(" NOT VALID");
    }
    Ok(Some(text))
}

fn foreign_key(env: &Env, row: &Row) -> Result<String> {
    let names = |at: usize, columns: usize| -> Result<String> {
        Ok(match table_of(env, row, at)? {
            Some(relation) => column_names(&relation, &row.ints(columns)),
            None => String::new(),
        })
    };
    // With a period the last columns overlap rather than being equal.
    let period = |list: String| match list.rfind(", ") {
        Some(at) if row.flag(CONPERIOD) => format!("{}, PERIOD {}", &list[..at], &list[at + 2..]),
        _ => list,
    };
    let mut text = format!(
        "FOREIGN KEY ({}) REFERENCES {}({})",
        period(names(CONRELID, CONKEY)?),
        relation_name(env, row.oid(CONFRELID), true)?,
        period(names(CONFRELID, CONFKEY)?)
    );
    match row.char(CONFMATCHTYPE) {
        b'f' => text.push_str(" MATCH FULL"),
        b'p' => text.push_str(" MATCH PARTIAL"),
        _ => {}
    }
    let action = |letter: u8| match letter {
        b'r' => Some("RESTRICT"),
        b'c' => Some("CASCADE"),
        b'n' => Some("SET NULL"),
        b'd' => Some("SET DEFAULT"),
        _ => None,
    };
    if let Some(action) = action(row.char(CONFUPDTYPE)) {
        text.push_str(" ON UPDATE ");
        text.push_str(action);
    }
    if let Some(action) = action(row.char(CONFDELTYPE)) {
        text.push_str(" ON DELETE ");
        text.push_str(action);
        let columns = row.ints(CONFDELSETCOLS);
        if !columns.is_empty()
            && let Some(relation) = table_of(env, row, CONRELID)?
        {
            text.push_str(&format!(" ({})", column_names(&relation, &columns)));
        }
    }
    Ok(text)
}

fn unique(env: &Env, row: &Row) -> Result<String> {
    let mut text = if row.char(CONTYPE) == b'p' { "PRIMARY KEY " } else { "UNIQUE " }.to_owned();
    let Some(relation) = table_of(env, row, CONRELID)? else { return Ok(text) };
    let index = env.index(row.oid(CONINDID))?;
    if index.as_ref().is_some_and(|index| index.nulls_not_distinct) {
        text.push_str("NULLS NOT DISTINCT ");
    }
    let overlaps = if row.flag(CONPERIOD) { " WITHOUT OVERLAPS" } else { "" };
    text.push_str(&format!("({}{overlaps})", column_names(&relation, &row.ints(CONKEY))));
    if let Some(index) = index
        && !index.include.is_empty()
    {
        text.push_str(&format!(" INCLUDE ({})", column_names(&relation, &index.include)));
    }
    text.push_str(&index::options(env, row.oid(CONINDID))?);
    Ok(text)
}

fn check(env: &Env, row: &Row, pretty: bool) -> Result<String> {
    let stored = row.text(CONBIN);
    let relation = table_of(env, row, CONRELID)?;
    let condition = match relation {
        Some(relation) => expression::stored(env, &stored, Some(&relation), pretty)?,
        None => {
            let expr = serial::expr_from_text(&stored)?;
            deparse_expr(&expr, None, DeparseStyle::line(pretty), &AnalyzeContext::new(env, env, ""))?
        }
    };
    let inherit = if row.flag(CONNOINHERIT) { " NO INHERIT" } else { "" };
    Ok(format!("CHECK ({condition}){inherit}"))
}

pub(super) fn register(reg: &mut Registry) {
    scalars!(reg;
        "pg_get_constraintdef" => [ctx] |oid: u32| definition(env_of(ctx)?, oid, false);
        "pg_get_constraintdef_ext" => [ctx] |oid: u32, pretty: bool| definition(env_of(ctx)?, oid, pretty);
    );
}
