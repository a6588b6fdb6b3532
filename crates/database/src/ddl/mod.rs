//! Execution of DDL: one file per kind of object.
//!
//! [`execute`] is called inside of a transaction, with the statement's context. It returns the command tag; anything
//! that goes wrong is an error, and the transaction is rolled back by the caller. Statements that are not here are
//! refused by name with `0A000`.

mod column;
pub mod constraint;
pub mod create_table;
pub mod create_table_as;
pub mod dependency;
pub mod describe;
pub mod drop;
pub mod foreign_key;
pub mod index;
mod like;
pub mod options;
pub mod relation;
pub mod schema;
pub mod sequence;
mod session;
pub mod truncate;
pub mod util;
pub mod view;

use crate::context::StatementCtx;
use crate::env::Env;
use crate::output::CommandTag;
use crate::utility::tag::command_name;
use pglitedb_sql_parser::ast::Statement;
use pglitedb_sqlstate::{Error, Result};

/// Runs a DDL statement.
pub fn execute(stmt: &Statement, ctx: &StatementCtx<'_>) -> Result<CommandTag> {
    match stmt {
        Statement::CreateTable(create) => create_table::create(create, ctx).map(drop)?,
        Statement::CreateTableAs(create) => {
            if let Some(rows) = create_table_as::create(create, ctx)? {
                return Ok(CommandTag::with_rows("SELECT", rows));
            }
        }
        Statement::RefreshMaterializedView(refresh) => create_table_as::refresh(refresh, ctx)?,
        Statement::CreateView(create) => view::create(create, ctx)?,
        Statement::CreateIndex(create) => index::create(create, ctx)?,
        Statement::CreateSequence(create) => sequence::create(create, ctx)?,
        Statement::AlterSequence(alter) => sequence::alter(alter, ctx)?,
        Statement::CreateSchema(create) => schema::create(create, ctx)?,
        Statement::Truncate(truncate) => truncate::execute(truncate, ctx)?,
        Statement::Drop(drop) => drop::execute(drop, ctx)?,
        _ => return Err(Error::unsupported(format!("{} is not supported yet", command_name(stmt)))),
    }
    Ok(CommandTag::new(command_name(stmt)))
}

/// Drops all temporary objects of the session (DISCARD TEMP, and its end).
pub(crate) fn discard_temporary(env: &Env) -> Result<()> {
    if env.temp_namespace.get() == 0 {
        return Ok(());
    }
    Err(Error::unsupported("DISCARD TEMP is not supported yet"))
}
