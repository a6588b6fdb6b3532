//! DO and CALL.

use super::Outcome;
use crate::env::Env;
use crate::output::{Column, CommandTag};
use crate::routine::{call_statement, run_inline};
use pglitedb_sql_parser::ast::{CallStatement, DoArg, DoStatement};
use pglitedb_sqlstate::{Result, err};
use pglitedb_types::{Datum, TypeEnv};
use std::sync::Arc;

/// Runs something that may end the transaction if it is a statement of its own outside of a block.
fn free_to_end<T>(env: &Env, top_level: bool, f: impl FnOnce() -> Result<T>) -> Result<T> {
    let may = if top_level { !env.transaction.borrow().in_block() } else { env.may_end_transaction.get() };
    let before = env.may_end_transaction.replace(may);
    let result = f();
    env.may_end_transaction.set(before);
    result
}

/// DO.
pub(super) fn run_do(env: &Env, stmt: &DoStatement, top_level: bool) -> Result<()> {
    let (mut code, mut language) = (None, None);
    for arg in &stmt.args {
        let (slot, text, span): (&mut Option<&str>, &str, _) = match arg {
            DoArg::Code(text, span) => (&mut code, text, span),
            DoArg::Language(name, span) => (&mut language, name, span),
        };
        if slot.is_some() {
            return Err(err!(SYNTAX_ERROR, "conflicting or redundant options").at(span.offset()));
        }
        *slot = Some(text);
    }
    let code = code.ok_or_else(|| err!(SYNTAX_ERROR, "no inline code specified"))?;
    match language.unwrap_or("plpgsql") {
        "plpgsql" => free_to_end(env, top_level, || run_inline(env, code)),
        name @ ("sql" | "c" | "internal") => {
            Err(err!(FEATURE_NOT_SUPPORTED, "language \"{name}\" does not support inline code execution"))
        }
        name => Err(err!(UNDEFINED_OBJECT, "language \"{name}\" does not exist")),
    }
}

/// CALL.
pub(super) fn run_call(
    env: &Env,
    stmt: &CallStatement,
    source: &str,
    params: &[Datum],
    top_level: bool,
) -> Result<Outcome> {
    let result = free_to_end(env, top_level, || call_statement::from_client(env, stmt, source, params))?;
    let Some((columns, row)) = result.row else { return Ok(Outcome::Tag(CommandTag::new("CALL"))) };
    let columns = client_columns(env, &columns)?;
    Ok(Outcome::Rows { columns, rows: vec![row], tag: "CALL", formats: Vec::new() })
}

fn client_columns(env: &Env, columns: &[pglitedb_plpgsql::Column]) -> Result<Arc<[Column]>> {
    columns
        .iter()
        .map(|column| {
            Ok(Column {
                name: column.name.clone(),
                type_oid: column.type_oid,
                type_len: TypeEnv::type_info(env, column.type_oid)?.len,
                typmod: column.typmod,
                table: 0,
                attnum: 0,
            })
        })
        .collect()
}

/// Columns of a CALL's result, before it is run.
pub(super) fn columns(env: &Env, stmt: &CallStatement) -> Result<Option<Arc<[Column]>>> {
    env.ensure_transaction()?;
    match call_statement::result_columns(env, stmt)? {
        Some(columns) => client_columns(env, &columns).map(Some),
        None => Ok(None),
    }
}
