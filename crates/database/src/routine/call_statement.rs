//! CALL: binds the call, evaluates the arguments, runs the procedure, gives back the OUT arguments.

use super::plpgsql::{CallFromFunction, PlHost};
use super::{cache, run, scope};
use crate::env::Env;
use pglitedb_analyzer::{AnalyzeContext, ParamTypes, bind_call, resolve_polymorphic};
use pglitedb_catalog::{ArgMode, Catalog, ProcInfo, ProcKind};
use pglitedb_executor::{CompileCtx, EvalRow, Runtime, compile};
use pglitedb_functions::{CallInfo, SessionEnv};
use pglitedb_plpgsql::ast::Sql;
use pglitedb_plpgsql::{Column, Frame};
use pglitedb_query_tree::{Expr, FuncExpr};
use pglitedb_sql_parser::ast::{CallStatement, Statement};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::{Datum, Oid};
use std::cell::RefCell;
use std::sync::Arc;

/// What a CALL came to.
pub(crate) struct Called {
    /// Values of the OUT arguments, if the procedure has any.
    pub row: Option<(Arc<[Column]>, Vec<Datum>)>,
    /// Variables that take them, where the call stands in PL/pgSQL.
    pub targets: Vec<Option<usize>>,
}

/// Output arguments of a procedure: number among all arguments, name, type.
fn outputs(proc: &ProcInfo) -> Vec<(usize, Arc<str>, Oid)> {
    proc.arg_modes
        .iter()
        .enumerate()
        .filter(|(_, mode)| matches!(mode, ArgMode::Out | ArgMode::InOut))
        .map(|(at, _)| {
            let name = proc.arg_names.get(at).filter(|name| !name.is_empty()).cloned();
            let name = name.unwrap_or_else(|| Arc::from(format!("column{}", at + 1)));
            (at, name, proc.all_arg_types.get(at).copied().unwrap_or(0))
        })
        .collect()
}

/// Input arguments among those of the bound call (which has OUT ones, too).
fn inputs(proc: &ProcInfo, args: &[Expr]) -> Vec<Expr> {
    if proc.arg_modes.is_empty() || args.len() == proc.arg_types.len() {
        return args.to_vec();
    }
    let is_input = |at: usize| !matches!(proc.arg_modes.get(at), Some(ArgMode::Out | ArgMode::Table));
    args.iter().enumerate().filter(|(at, _)| is_input(*at)).map(|(_, arg)| arg.clone()).collect()
}

fn columns_of(env: &Env, proc: &ProcInfo, input_types: &[Oid]) -> Result<Option<Arc<[Column]>>> {
    let ctx = AnalyzeContext::new(env, env, "");
    let outs = outputs(proc);
    if outs.is_empty() {
        return Ok(None);
    }
    let mut columns = Vec::with_capacity(outs.len());
    for (_, name, declared) in outs {
        let type_oid = match cache::is_polymorphic(declared) {
            true => resolve_polymorphic(declared, &proc.arg_types, input_types, &ctx)?,
            false => declared,
        };
        columns.push(Column { name, type_oid, typmod: -1 });
    }
    Ok(Some(columns.into()))
}

fn procedure(env: &Env, call: &FuncExpr) -> Result<Arc<ProcInfo>> {
    let proc = env
        .proc(call.func)?
        .ok_or_else(|| err!(UNDEFINED_FUNCTION, "function with OID {} does not exist", call.func))?;
    if !env.may_execute(proc.oid)? {
        return Err(err!(INSUFFICIENT_PRIVILEGE, "permission denied for procedure {}", proc.name));
    }
    Ok(proc)
}

/// Runs a bound call.
fn run_bound(env: &Env, call: &FuncExpr, params: &[Datum]) -> Result<Called> {
    let proc = procedure(env, call)?;
    let inputs = inputs(&proc, &call.args);
    let types: Vec<Oid> = inputs.iter().map(Expr::type_oid).collect();
    let mut values = Vec::with_capacity(inputs.len());
    {
        let txn = env.txn()?;
        let snapshot = env.statement_snapshot(&txn)?;
        let rt = Runtime::new(env, env, env.registry(), env.space(), &txn, &snapshot, params, env);
        for mut arg in inputs {
            if arg.any(&mut |expr| matches!(expr, Expr::SubLink(_))) {
                return Err(err!(FEATURE_NOT_SUPPORTED, "cannot use subquery in CALL argument"));
            }
            pglitedb_planner::fold_expr(&mut arg, env, env, env.registry())?;
            let mut ctx = CompileCtx::new(env, env, env.registry());
            values.push(compile(&arg, &mut ctx)?.eval(&EvalRow::default(), &rt)?);
        }
    }
    let info = CallInfo {
        function: proc.oid,
        arg_types: types.clone(),
        result_type: proc.return_type,
        ..CallInfo::default()
    };
    let routine = cache::find(env, &info)?;
    if proc.strict && values.iter().any(Datum::is_null) {
        return Ok(Called { row: None, targets: Vec::new() });
    }
    let value = scope::run_procedure(env, &proc, || run(env, &routine, &values))?;
    let Some(columns) = columns_of(env, &proc, &types)? else {
        return Ok(Called { row: None, targets: Vec::new() });
    };
    let row = match value {
        Datum::Record(record) => record.fields.clone(),
        _ => vec![Datum::Null; columns.len()],
    };
    Ok(Called { row: Some((columns, row)), targets: Vec::new() })
}

fn bound(stmt: &CallStatement, ctx: &AnalyzeContext<'_>) -> Result<FuncExpr> {
    match bind_call(&stmt.call, ctx)? {
        Expr::Func(call) => Ok(call),
        _ => Err(Error::internal("CALL of something else than a procedure")),
    }
}

/// CALL as a statement of a client.
pub(crate) fn from_client(env: &Env, stmt: &CallStatement, source: &str, params: &[Datum]) -> Result<Called> {
    let types = RefCell::new(vec![0; params.len()]);
    let ctx = AnalyzeContext::new(env, env, source);
    let ctx = if params.is_empty() { ctx } else { ctx.with_params(ParamTypes::Variable(&types)) };
    let call = bound(stmt, &ctx)?;
    run_bound(env, &call, params)
}

/// CALL within an SQL function.
pub(super) fn from_sql(
    env: &Env,
    stmt: &CallStatement,
    ctx: &AnalyzeContext<'_>,
    params: &[Datum],
) -> Result<()> {
    let call = bound(stmt, ctx)?;
    if !outputs(&*procedure(env, &call)?).is_empty() {
        return Err(err!(
            FEATURE_NOT_SUPPORTED,
            "calling procedures with output arguments is not supported in SQL functions"
        ));
    }
    run_bound(env, &call, params).map(drop)
}

/// Columns of the result of a CALL.
pub(crate) fn result_columns(env: &Env, stmt: &CallStatement) -> Result<Option<Arc<[Column]>>> {
    let types = RefCell::new(Vec::new());
    let ctx = AnalyzeContext::new(env, env, "").with_params(ParamTypes::Variable(&types));
    let call = bound(stmt, &ctx)?;
    let proc = procedure(env, &call)?;
    let inputs: Vec<Oid> = inputs(&proc, &call.args).iter().map(Expr::type_oid).collect();
    columns_of(env, &proc, &inputs)
}

/// CALL (or DO) as a statement of PL/pgSQL.
pub(super) fn from_plpgsql(host: &PlHost<'_>, sql: &Sql, frame: &Frame) -> Result<Called> {
    let env = host.env;
    let mut list = pglitedb_sql_parser::parse(&sql.text)?;
    let stmt = match list.pop() {
        Some(raw) => raw.stmt,
        None => return Err(Error::internal("CALL without a text")),
    };
    let Statement::Call(stmt) = stmt else {
        let prepared = crate::plan::Prepared::new(sql.text.clone(), Some(stmt), Arc::new([]));
        let stmt = prepared.stmt.as_ref().ok_or_else(|| Error::internal("no statement"))?;
        crate::utility::run(env, stmt, &prepared, &[], false)?;
        return Ok(Called { row: None, targets: Vec::new() });
    };
    let names = CallFromFunction::new(host, sql, frame);
    let ctx = AnalyzeContext::new(env, env, &sql.text).with_hook(names.hook());
    let call = bound(&stmt, &ctx)?;
    let proc = procedure(env, &call)?;
    if proc.kind != ProcKind::Procedure {
        return Err(Error::internal("CALL of something else than a procedure"));
    }
    let mut targets = Vec::new();
    for (at, name, _) in outputs(&proc) {
        let target = call.args.get(at).and_then(|arg| names.variable_of(arg));
        if target.is_none() {
            let shown = proc.arg_names.get(at).filter(|name| !name.is_empty());
            return Err(match shown {
                Some(_) => err!(
                    SYNTAX_ERROR,
                    "procedure parameter \"{name}\" is an output parameter but corresponding argument is not \
                     writable"
                ),
                None => err!(
                    SYNTAX_ERROR,
                    "procedure parameter {} is an output parameter but corresponding argument is not writable",
                    at + 1
                ),
            });
        }
        targets.push(target);
    }
    let params = names.params(frame)?;
    let called = run_bound(env, &call, &params)?;
    Ok(Called { targets, ..called })
}
