//! VACUUM, ANALYZE, CHECKPOINT.

use crate::env::Env;
use pglitedb_sql_parser::ast::VacuumStatement;
use pglitedb_sqlstate::{Error, Result};
use pglitedb_tables::storage_error;

/// CHECKPOINT.
pub(super) fn checkpoint(env: &Env) -> Result<()> {
    env.cluster.engine.checkpoint().map_err(storage_error)
}

/// VACUUM and ANALYZE.
pub(super) fn run(env: &Env, stmt: &VacuumStatement, source: &str, top_level: bool) -> Result<()> {
    let _ = source;
    if stmt.vacuum {
        env.prevent_in_block("VACUUM", top_level)?;
    }
    Err(Error::unsupported(if stmt.vacuum {
        "VACUUM is not supported yet"
    } else {
        "ANALYZE is not supported yet"
    }))
}
