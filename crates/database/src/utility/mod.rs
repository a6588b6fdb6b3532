//! Commands that are not planned: transaction control, settings, cursors, prepared statements, maintenance.

pub(crate) mod call;
mod cursors;
mod discard;
mod explain;
mod lock;
mod notify;
mod prepare;
pub(crate) mod set;
mod show;
pub mod tag;
mod vacuum;

use crate::context::StatementCtx;
use crate::copy::{self, CopyFrom, CopyStart, CopyTo};
use crate::ddl;
use crate::env::Env;
use crate::output::{Column, CommandTag, Format};
use crate::plan::Prepared;
use crate::portal::Portal;
use pglitedb_sql_parser::ast::{ExecuteStatement, Statement};
use pglitedb_sqlstate::{Error, Result};
use pglitedb_types::{Datum, Oid, oids};
use std::sync::Arc;

/// What a command came to.
pub(crate) enum Outcome {
    /// Done.
    Tag(CommandTag),
    /// Rows to hand over.
    Rows { columns: Arc<[Column]>, rows: Vec<Vec<Datum>>, tag: &'static str, formats: Vec<Format> },
    /// A statement to be run in its place (EXECUTE).
    Portal(Box<Portal>),
    /// COPY TO STDOUT.
    CopyOut(Box<dyn CopyTo>),
    /// COPY FROM STDIN.
    CopyIn { copy: Box<dyn CopyFrom>, format: Format, columns: usize },
}

/// One column of a command's result.
pub(crate) fn column(name: &str, type_oid: Oid, type_len: i16) -> Column {
    Column { name: Arc::from(name), type_oid, type_len, typmod: -1, table: 0, attnum: 0 }
}

/// A text column.
pub(crate) fn text_column(name: &str) -> Column {
    column(name, oids::TEXT, -1)
}

/// The portal that EXECUTE stands for.
pub(crate) fn execute_portal(
    env: &Env,
    stmt: &ExecuteStatement,
    source: &str,
    params: &[Datum],
) -> Result<Box<Portal>> {
    prepare::execute(env, stmt, source, params)
}

/// Runs a transaction command.
pub(crate) fn transaction(env: &Env, stmt: &Statement) -> Result<CommandTag> {
    env.discloses.set(true);
    match stmt {
        Statement::Transaction(stmt) => env.transaction_command(stmt),
        _ => Err(Error::internal("not a transaction command")),
    }
}

/// Runs a command in the running transaction.
pub(crate) fn run(
    env: &Env,
    stmt: &Statement,
    prepared: &Prepared,
    params: &[Datum],
    top_level: bool,
) -> Result<Outcome> {
    env.discloses.set(true);
    let source = &prepared.source;
    let tag = |result: Result<()>| result.map(|()| Outcome::Tag(CommandTag::new(tag::command_name(stmt))));
    match stmt {
        Statement::Transaction(_) => transaction(env, stmt).map(Outcome::Tag),
        Statement::Set(set) => tag(set::run(env, set, source)),
        Statement::Show(show) => show::run(env, show),
        Statement::SetConstraints(stmt) => tag(env.set_constraints(stmt)),
        Statement::Prepare(stmt) => tag(prepare::prepare(env, stmt, source)),
        Statement::Execute(stmt) => prepare::execute(env, stmt, source, params).map(Outcome::Portal),
        Statement::Deallocate(stmt) => tag(prepare::deallocate(env, stmt)),
        Statement::DeclareCursor(stmt) => tag(cursors::declare(env, stmt, source, params)),
        Statement::Fetch(stmt) => cursors::fetch(env, stmt),
        Statement::Close(stmt) => tag(cursors::close(env, stmt)),
        Statement::Explain(stmt) => explain::run(env, stmt, source, params),
        Statement::Listen(_) | Statement::Unlisten(_) | Statement::Notify(_) => tag(notify::run(env, stmt)),
        Statement::Discard(stmt) => tag(discard::run(env, *stmt, top_level)),
        Statement::Lock(stmt) => tag(lock::run(env, stmt, source)),
        Statement::Checkpoint => tag(vacuum::checkpoint(env)),
        Statement::Vacuum(stmt) => tag(vacuum::run(env, stmt, source, top_level)),
        Statement::Copy(copy) => {
            if copy.from {
                env.check_writable("COPY FROM")?;
            }
            let txn = env.txn()?;
            env.begin_command(&txn)?;
            let ctx = StatementCtx::new(env, source, params, top_level)?;
            Ok(match copy::begin(copy, &ctx)? {
                CopyStart::Done(tag) => Outcome::Tag(tag),
                CopyStart::ToClient(copy) => Outcome::CopyOut(copy),
                CopyStart::FromClient { copy, format, columns } => Outcome::CopyIn { copy, format, columns },
            })
        }
        Statement::Do(stmt) => tag(call::run_do(env, stmt, top_level)),
        Statement::Call(stmt) => call::run_call(env, stmt, source, params, top_level),
        Statement::Load(_) => Err(Error::unsupported("LOAD is not supported")),
        Statement::Return(_) => Err(Error::internal("RETURN outside of a function")),
        ddl => {
            let txn = env.txn()?;
            env.begin_command(&txn)?;
            let ctx = StatementCtx::for_ddl(env, source, params, tag::command_name(ddl), top_level)?;
            ddl::execute(ddl, &ctx).map(Outcome::Tag)
        }
    }
}

/// Columns of a command's result, before it is run.
pub(crate) fn columns(env: &Env, stmt: &Statement) -> Result<Option<Arc<[Column]>>> {
    Ok(match stmt {
        Statement::Show(show) => Some(show::columns(env, show)?),
        Statement::Explain(stmt) => Some(explain::columns(stmt)?),
        Statement::Execute(stmt) => {
            let prepared = env.prepared(stmt.name.as_str())?;
            env.prepared_columns(&prepared)?
        }
        Statement::Call(stmt) => call::columns(env, stmt)?,
        Statement::Fetch(stmt) if !stmt.is_move => cursors::columns(env, stmt.cursor.as_str()),
        _ => None,
    })
}
