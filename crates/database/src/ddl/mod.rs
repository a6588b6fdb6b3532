//! Execution of DDL: one file per kind of object.
//!
//! [`execute`] is called inside of a transaction, with the statement's context. It returns the command tag; anything
//! that goes wrong is an error, and the transaction is rolled back by the caller. Statements that are not here are
//! refused by name with `0A000`.

use crate::context::StatementCtx;
use crate::output::CommandTag;
use crate::utility::tag::command_name;
use pglitedb_sql_parser::ast::Statement;
use pglitedb_sqlstate::{Error, Result};

/// Runs a DDL statement.
pub fn execute(stmt: &Statement, ctx: &StatementCtx<'_>) -> Result<CommandTag> {
    let _ = ctx;
    Err(Error::unsupported(format!("{} is not supported yet", command_name(stmt))))
}
