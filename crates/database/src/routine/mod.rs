//! Running user-defined functions and procedures.
//!
//! The executor calls one of two functions of the registry, [`call`] or [`call_set`], for every user-defined function
//! that is not of language `internal`: they find the session behind the call, and through it the [`Routine`], which is
//! kept with its plans until its definition changes.
//!
//! - `cache`: routines by OID (and argument types, for polymorphic ones)
//! - `scope`: SECURITY DEFINER, SET clauses, the depth of calls
//! - `sql`: language SQL
//! - `plpgsql`: language PL/pgSQL
//! - `call_statement`: CALL
//! - `set`: results of set-returning functions

mod cache;
pub(crate) mod call_statement;
mod plpgsql;
mod scope;
mod set;
mod sql;

pub(crate) use cache::RoutineCache;
pub(crate) use plpgsql::{CastCache, run_inline, validate as validate_plpgsql};
pub(crate) use scope::stack_address;
pub(crate) use sql::validate as validate_sql;

use crate::env::Env;
use crate::functions::env_of;
use pglitedb_analyzer::FunctionResult;
use pglitedb_catalog::ProcInfo;
use pglitedb_functions::{Builtin, FnCtx, Registry, SetIter};
use pglitedb_sqlstate::{Error, Result};
use pglitedb_types::{Datum, Oid, RecordValue};
use std::sync::Arc;

/// A routine that can be called: its definition, with what is known of the types at the call.
pub(crate) struct Routine {
    pub proc: Arc<ProcInfo>,
    /// Types of the input arguments, polymorphic ones resolved.
    pub arg_types: Arc<[Oid]>,
    pub result: FunctionResult,
    pub code: Code,
}

/// The code of a routine.
pub(crate) enum Code {
    Sql(sql::SqlCode),
    PlPgSql(Box<plpgsql::PlCode>),
}

/// Calls a user-defined function that does not return a set.
fn call(ctx: &FnCtx<'_>, args: &[Datum]) -> Result<Datum> {
    let env = env_of(ctx)?;
    let routine = cache::find(env, ctx.info)?;
    scope::run(env, &routine.proc, || run(env, &routine, args))
}

/// Runs a routine that returns no set.
fn run(env: &Env, routine: &Routine, args: &[Datum]) -> Result<Datum> {
    match &routine.code {
        Code::Sql(code) => code.call(env, routine, args),
        Code::PlPgSql(code) => plpgsql::call(env, routine, code, args),
    }
}

/// Calls a user-defined function that returns a set.
fn call_set(ctx: &FnCtx<'_>, args: &[Datum]) -> Result<Box<dyn SetIter>> {
    let env = env_of(ctx)?;
    let routine = cache::find(env, ctx.info)?;
    let lazily = !routine.proc.security_definer && routine.proc.config.is_empty();
    scope::run(env, &routine.proc, || match &routine.code {
        Code::Sql(_) => sql::call_set(env, &routine, args, lazily),
        Code::PlPgSql(code) => plpgsql::call_set(env, &routine, code, args).map(set::Collected::boxed),
    })
}

/// Adds the functions that the executor calls.
pub(crate) fn register(registry: &mut Registry) {
    registry.add("sql:routine", Builtin::Scalar(call));
    registry.add("sql:routine set", Builtin::Set(call_set));
}

impl Routine {
    /// A row of the last statement as a value of the result type.
    fn record(&self, row: &[Datum]) -> Datum {
        let field_types = match &self.result.columns {
            Some(columns) => columns.iter().map(|(oid, _)| *oid).collect(),
            None => vec![0; row.len()].into(),
        };
        let type_oid = self.result.type_oid;
        Datum::Record(Arc::new(RecordValue::new(type_oid, field_types, row.to_vec())))
    }
}

/// An error within the text of a routine: its position becomes one in that text.
fn within(mut error: Error, text: &str) -> Error {
    let fields = error.fields_mut();
    if let Some(position) = fields.position.take()
        && fields.internal_query.is_none()
        && !text.is_empty()
    {
        fields.internal_query = Some(text.to_owned());
        fields.internal_position = Some(position);
    }
    error
}
