//! PREPARE, EXECUTE, DEALLOCATE.

use crate::env::Env;
use crate::output::RowShape;
use crate::plan::StatementKind;
use crate::portal::Portal;
use pglitedb_analyzer::{AnalyzeContext, ExprKind, bind_expr, resolve_type_name};
use pglitedb_executor::expr::CompileCtx;
use pglitedb_executor::{EvalRow, Runtime, compile};
use pglitedb_sql_parser::ast::{DeallocateStatement, ExecuteStatement, PrepareStatement};
use pglitedb_sqlstate::{Result, bail};
use pglitedb_types::{Datum, oids};
use std::sync::Arc;

/// PREPARE.
pub(super) fn prepare(env: &Env, stmt: &PrepareStatement, source: &Arc<str>) -> Result<()> {
    let name = stmt.name.as_str();
    if name.is_empty() {
        bail!(INVALID_PSTATEMENT_DEFINITION, "invalid statement name: must not be empty");
    }
    let ctx = AnalyzeContext::new(env, env, source);
    let types = stmt
        .types
        .iter()
        .map(|name| {
            let (oid, _) = resolve_type_name(name, &ctx)?;
            Ok(if oid == oids::UNKNOWN { 0 } else { oid })
        })
        .collect::<Result<Vec<_>>>()?;
    if StatementKind::of(&stmt.statement) != StatementKind::Planned {
        bail!(INVALID_PSTATEMENT_DEFINITION, "utility statements cannot be prepared");
    }
    let mut prepared = env.prepare_statement(source.clone(), Some((*stmt.statement).clone()), &types)?;
    prepared.from_sql = true;
    *prepared.described.lock() = env.prepared_columns(&prepared)?;
    if env.statements.borrow().get(name).is_some() {
        bail!(DUPLICATE_PSTATEMENT, "prepared statement \"{name}\" already exists");
    }
    env.statements.borrow_mut().put(name, Arc::new(prepared));
    Ok(())
}

/// EXECUTE: the statement with its parameters, to be run in place of this one.
pub(crate) fn execute(
    env: &Env,
    stmt: &ExecuteStatement,
    source: &str,
    params: &[Datum],
) -> Result<Box<Portal>> {
    let name = stmt.name.as_str();
    let prepared = env.prepared(name)?;
    if stmt.args.len() != prepared.param_types.len() {
        return Err(pglitedb_sqlstate::err!(
            SYNTAX_ERROR,
            "wrong number of parameters for prepared statement \"{name}\""
        )
        .detail(format!(
            "Expected {} parameters but got {}.",
            prepared.param_types.len(),
            stmt.args.len()
        )));
    }
    let txn = env.txn()?;
    let snapshot = env.statement_snapshot(&txn)?;
    let rt = Runtime::new(env, env, env.registry(), env.space(), &txn, &snapshot, params, env);
    let ctx = AnalyzeContext::new(env, env, source);
    let mut values = Vec::with_capacity(stmt.args.len());
    for (arg, type_oid) in stmt.args.iter().zip(prepared.param_types.iter()) {
        let bound = bind_expr(arg, ExprKind::ExecuteParameter, Some((*type_oid, -1)), &ctx)?;
        let compiled = compile(&bound, &mut CompileCtx::new(env, env, env.registry()))?;
        values.push(compiled.eval(&EvalRow::default(), &rt)?);
    }
    let shape = RowShape { columns: env.no_columns.clone(), formats: Vec::new() };
    Ok(Box::new(Portal::new("", prepared, values.into(), shape)))
}

/// DEALLOCATE.
pub(super) fn deallocate(env: &Env, stmt: &DeallocateStatement) -> Result<()> {
    match &stmt.name {
        None => env.statements.borrow_mut().clear(),
        Some(name) => {
            env.prepared(name.as_str())?;
            env.statements.borrow_mut().remove(name.as_str());
        }
    }
    Ok(())
}
