//! EXPLAIN.

use super::{Outcome, text_column};
use crate::env::Env;
use crate::output::Column;
use pglitedb_sql_parser::ast::ExplainStatement;
use pglitedb_sqlstate::{Error, Result};
use pglitedb_types::Datum;
use std::sync::Arc;

/// Columns of its result.
pub(super) fn columns(stmt: &ExplainStatement) -> Result<Arc<[Column]>> {
    let _ = stmt;
    Ok(Arc::new([text_column("QUERY PLAN")]))
}

/// Runs it.
pub(super) fn run(env: &Env, stmt: &ExplainStatement, source: &Arc<str>, params: &[Datum]) -> Result<Outcome> {
    let _ = (env, stmt, source, params);
    Err(Error::unsupported("EXPLAIN is not supported yet"))
}
