//! Calls of simple SQL functions become what the functions compute.
//!
//! A scalar function whose body is `SELECT expression` is replaced by the expression, and a set-returning one in FROM
//! whose body is one SELECT by that query, under PostgreSQL's conditions: the result must be the same for every argument,
//! whatever is NULL or volatile.

use super::volatility::{is_nonstrict, worst_volatility};
use crate::AnalyzeContext;
use crate::binder::Binder;
use crate::routine::{ArgumentNames, FunctionResult, ResultShape, StoredBody, coerce_result, result_columns};
use pglitedb_catalog::{CastContext, ProcInfo, ProcKind, Volatility};
use pglitedb_query_tree::{CallForm, CommandType, Expr, FuncExpr, OpExpr, ParamKind, Query, Rte, RteKind};
use pglitedb_sql_parser::ast::Statement;
use pglitedb_sqlstate::Result;
use pglitedb_types::{Oid, oids};

/// `sql`
const LANGUAGE_SQL: Oid = 14;
/// `text || anynonarray`
const TEXT_ANY_CONCAT: Oid = 2003;
/// `anynonarray || text`
const ANY_TEXT_CONCAT: Oid = 2004;
/// `text || text`: the operator and its function.
const TEXT_CONCAT: (Oid, Oid) = (654, 1258);
/// Functions within functions are inlined this deep.
const DEPTH_MAX: usize = 16;

/// Inlines what can be inlined on one query level. `active`: functions being expanded.
pub(super) fn inline(binder: &mut Binder<'_>, query: &mut Query, active: &mut Vec<Oid>) -> Result<()> {
    if !has_user_function(query) {
        return Ok(());
    }
    for rte in &mut query.rtable {
        set_function(binder, rte, active)?;
    }
    let mut failed = None;
    let mut sublinks = false;
    query.for_each_expr_mut(&mut |top| {
        if failed.is_none() {
            failed = scalars(binder, top, active).err();
            sublinks = sublinks || top.any(&mut |expr| matches!(expr, Expr::SubLink(_)));
        }
    });
    query.has_sublinks |= sublinks;
    failed.map_or(Ok(()), Err)
}

fn is_user_function(expr: &Expr) -> bool {
    matches!(expr, Expr::Func(func) if func.func >= oids::FIRST_NORMAL_OID)
        || matches!(expr, Expr::Op(op) if op.func >= oids::FIRST_NORMAL_OID || is_any_concat(op))
}

fn is_any_concat(op: &OpExpr) -> bool {
    matches!(op.func, TEXT_ANY_CONCAT | ANY_TEXT_CONCAT)
}

/// Text concatenated with anything else is, in PostgreSQL's catalogs too, text concatenated with that cast to text.
fn concat_any(binder: &mut Binder<'_>, op: &mut OpExpr) -> Result<()> {
    let at = usize::from(op.func == TEXT_ANY_CONCAT);
    let Some(place) = op.args.get_mut(at) else { return Ok(()) };
    let arg = std::mem::replace(place, Expr::null_const(oids::TEXT, -1, 0));
    let (context, form) = (CastContext::Explicit, CallForm::ExplicitCast);
    match binder.coerce_to_target(arg, oids::TEXT, -1, context, form)? {
        Ok(text) => {
            *place = text;
            (op.op, op.func) = TEXT_CONCAT;
        }
        Err(arg) => *place = arg,
    }
    Ok(())
}

fn has_user_function(query: &Query) -> bool {
    let mut found = false;
    query.for_each_expr(&mut |top| found = found || top.any(&mut is_user_function_ref));
    found
}

fn is_user_function_ref(expr: &Expr) -> bool {
    is_user_function(expr)
}

/// Inlines the calls within an expression, innermost first.
fn scalars(binder: &mut Binder<'_>, expr: &mut Expr, active: &mut Vec<Oid>) -> Result<()> {
    let mut failed = None;
    expr.for_each_child_mut(&mut |child| {
        if failed.is_none() {
            failed = scalars(binder, child, active).err();
        }
    });
    if let Some(error) = failed {
        return Err(error);
    }
    if let Expr::Op(op) = expr
        && is_any_concat(op)
    {
        return concat_any(binder, op);
    }
    let (func, args, result_type, input_collation) = match &*expr {
        Expr::Func(func) if func.func >= oids::FIRST_NORMAL_OID && !func.returns_set => {
            (func.func, &func.args, func.result_type, func.input_collation)
        }
        Expr::Op(op) if op.func >= oids::FIRST_NORMAL_OID => {
            (op.func, &op.args, op.result_type, op.input_collation)
        }
        _ => return Ok(()),
    };
    let call = Call { func, args, result_type, input_collation };
    if let Some(mut value) = scalar(binder, &call, active)? {
        active.push(func);
        let result = scalars(binder, &mut value, active);
        active.pop();
        result?;
        *expr = value;
    }
    Ok(())
}

struct Call<'a> {
    func: Oid,
    args: &'a [Expr],
    result_type: Oid,
    input_collation: Oid,
}

/// The body of a function that qualifies at all.
fn body(binder: &Binder<'_>, proc: &ProcInfo, types: &[Oid]) -> Result<Option<Query>> {
    let mut queries = if let Some(stored) = &proc.sql_body {
        StoredBody::from_text(stored)?.queries
    } else {
        let source = proc.source.clone();
        let parsed = match pglitedb_sql_parser::parse(&source) {
            Ok(parsed) => parsed,
            // The call itself will complain.
            Err(_) => return Ok(None),
        };
        let [one] = parsed.as_slice() else { return Ok(None) };
        let Statement::Select(select) = &one.stmt else { return Ok(None) };
        if crate::into_clause(select).is_some() {
            return Ok(None);
        }
        let names = ArgumentNames::of_proc(proc, types, binder.ctx.catalog);
        let ctx = AnalyzeContext::new(binder.ctx.catalog, binder.ctx.env, &source)
            .with_params(crate::ParamTypes::Fixed(types))
            .with_hook(&names);
        match crate::analyze(&one.stmt, &ctx) {
            Ok(query) => vec![query],
            Err(_) => return Ok(None),
        }
    };
    Ok(match (queries.pop(), queries.is_empty()) {
        (Some(query), true) if query.command == CommandType::Select => Some(query),
        _ => None,
    })
}

/// The function of a call if its definition allows inlining at all.
fn candidate(binder: &Binder<'_>, oid: Oid, active: &[Oid]) -> Result<Option<std::sync::Arc<ProcInfo>>> {
    if active.contains(&oid) || active.len() >= DEPTH_MAX {
        return Ok(None);
    }
    let Some(proc) = binder.ctx.catalog.proc(oid)? else { return Ok(None) };
    let fits = proc.language == LANGUAGE_SQL
        && proc.kind == ProcKind::Function
        && !proc.security_definer
        && proc.config.is_empty();
    Ok((fits && binder.ctx.env.may_execute(oid)?).then_some(proc))
}

/// Positions in a function's text mean nothing in the statement.
fn strip_positions(query: &mut Query) {
    query.rewrite_exprs(0, &mut |expr, _| expr.clear_position());
}

fn scalar(binder: &mut Binder<'_>, call: &Call<'_>, active: &[Oid]) -> Result<Option<Expr>> {
    let Some(proc) = candidate(binder, call.func, active)? else { return Ok(None) };
    if proc.returns_set || proc.return_type == oids::RECORD || call.args.len() != proc.arg_types.len() {
        return Ok(None);
    }
    if call.args.iter().any(has_test_value) {
        return Ok(None);
    }
    let types: Vec<Oid> = actual_types(&proc, call.args);
    let Some(mut query) = body(binder, &proc, &types)? else { return Ok(None) };
    if !query.is_single_expression() {
        return Ok(None);
    }
    let wanted = FunctionResult { type_oid: call.result_type, columns: None, procedure: false };
    let composite = binder.is_row_type(call.result_type)?;
    if composite && query.targets[0].expr.type_oid() != call.result_type {
        return Ok(None);
    }
    match coerce_result(Some(&mut query), &wanted, binder.ctx) {
        Ok(ResultShape::Value | ResultShape::Void) => {}
        _ => return Ok(None),
    }
    strip_positions(&mut query);
    let Some(target) = query.targets.pop() else { return Ok(None) };
    let mut value = target.expr;
    if value.type_oid() != call.result_type {
        return Ok(None);
    }
    let worst = worst_volatility(binder, &value)?;
    let allowed = match proc.volatility {
        Volatility::Immutable => worst == Volatility::Immutable,
        Volatility::Stable => worst != Volatility::Volatile,
        Volatility::Volatile => true,
    };
    if !allowed || (proc.strict && is_nonstrict(binder, &value)?) {
        return Ok(None);
    }
    let mut uses = vec![0_usize; call.args.len()];
    value.walk(&mut |expr| {
        if let Expr::Param(param) = expr
            && param.kind == ParamKind::External
            && let Some(count) = param.id.checked_sub(1).and_then(|at| uses.get_mut(at))
        {
            *count += 1;
        }
        true
    });
    for (arg, count) in call.args.iter().zip(&uses) {
        if *count == 0 && proc.strict {
            return Ok(None);
        }
        if *count != 1
            && (has_subquery(arg)
                || worst_volatility(binder, arg)? == Volatility::Volatile
                || (*count > 1 && is_expensive(arg)))
        {
            return Ok(None);
        }
    }
    substitute(&mut value, call.args);
    collate(binder, call, value).map(Some)
}

/// A result whose collation is not the call's gets it by COLLATE.
fn collate(binder: &Binder<'_>, call: &Call<'_>, value: Expr) -> Result<Expr> {
    if call.input_collation == 0 || binder.type_collation(call.result_type)? == 0 {
        return Ok(value);
    }
    if value.collation() == call.input_collation {
        return Ok(value);
    }
    Ok(Expr::Collate(Box::new(value), call.input_collation))
}

/// Types of the arguments: the declared ones, or what was given for polymorphic ones.
fn actual_types(proc: &ProcInfo, args: &[Expr]) -> Vec<Oid> {
    proc.arg_types
        .iter()
        .zip(args)
        .map(
            |(declared, arg)| {
                if crate::types::is_polymorphic(*declared) { arg.type_oid() } else { *declared }
            },
        )
        .collect()
}

fn has_test_value(expr: &Expr) -> bool {
    expr.any(&mut |expr| matches!(expr, Expr::CaseTest { .. } | Expr::DomainValue { .. }))
}

fn has_subquery(expr: &Expr) -> bool {
    expr.any(&mut |expr| matches!(expr, Expr::SubLink(_) | Expr::SubPlan(_)))
}

/// More than a handful of operators.
fn is_expensive(expr: &Expr) -> bool {
    let mut cost = 0;
    expr.walk(&mut |expr| {
        cost += match expr {
            Expr::Func(func) if func.func >= oids::FIRST_NORMAL_OID => 100,
            Expr::Func(_) | Expr::Op(_) | Expr::ScalarArray(_) | Expr::CoerceViaIo { .. } => 1,
            _ => 0,
        };
        true
    });
    cost > 10
}

/// Parameters become arguments.
fn substitute(value: &mut Expr, args: &[Expr]) {
    value.rewrite(&mut |expr| {
        if let Expr::Param(param) = expr
            && param.kind == ParamKind::External
            && let Some(arg) = param.id.checked_sub(1).and_then(|at| args.get(at))
        {
            *expr = arg.clone();
        }
    });
}

/// A set-returning function in FROM becomes a subquery.
fn set_function(binder: &mut Binder<'_>, rte: &mut Rte, active: &mut Vec<Oid>) -> Result<()> {
    let RteKind::Function { functions, ordinality: false } = &rte.kind else { return Ok(()) };
    let [function] = functions.as_slice() else { return Ok(()) };
    let Expr::Func(call) = &function.expr else { return Ok(()) };
    if call.func < oids::FIRST_NORMAL_OID || !call.returns_set {
        return Ok(());
    }
    let columns: Vec<(Oid, i32)> =
        function.columns.iter().map(|column| (column.type_oid, column.typmod)).collect();
    let Some(query) = set_body(binder, call, &columns, active)? else { return Ok(()) };
    let func = call.func;
    let mut query = query;
    active.push(func);
    let result = super::rewrite_query(binder, &mut query, active);
    active.pop();
    result?;
    rte.kind = RteKind::Subquery { query: Box::new(query), view: func, barrier: false };
    Ok(())
}

fn set_body(
    binder: &mut Binder<'_>,
    call: &FuncExpr,
    columns: &[(Oid, i32)],
    active: &[Oid],
) -> Result<Option<Query>> {
    let Some(proc) = candidate(binder, call.func, active)? else { return Ok(None) };
    let fits = proc.returns_set
        && !proc.strict
        && proc.volatility != Volatility::Volatile
        && proc.return_type != oids::VOID
        && call.args.len() == proc.arg_types.len()
        && columns.iter().all(|(type_oid, _)| *type_oid != 0);
    if !fits {
        return Ok(None);
    }
    for arg in &call.args {
        if has_subquery(arg) || worst_volatility(binder, arg)? == Volatility::Volatile {
            return Ok(None);
        }
    }
    let types = actual_types(&proc, &call.args);
    let Some(mut query) = body(binder, &proc, &types)? else { return Ok(None) };
    let known = result_columns(&proc, call.result_type, &|oid| oid, binder.ctx)?;
    let is_record = call.result_type == oids::RECORD;
    let composite = is_record || known.is_some();
    let wanted = FunctionResult {
        type_oid: call.result_type,
        columns: composite.then(|| columns.to_vec()),
        procedure: false,
    };
    let shape = match coerce_result(Some(&mut query), &wanted, binder.ctx) {
        Ok(shape) => shape,
        Err(_) => return Ok(None),
    };
    // A column that is the whole row would have to be taken apart.
    if composite && shape != ResultShape::Fields {
        return Ok(None);
    }
    strip_positions(&mut query);
    query.rewrite_exprs(0, &mut |expr, depth| {
        if let Expr::Param(param) = expr
            && param.kind == ParamKind::External
            && let Some(arg) = param.id.checked_sub(1).and_then(|at| call.args.get(at))
        {
            let mut arg = arg.clone();
            arg.shift_levels(depth as i32 + 1, 0);
            *expr = arg;
        }
    });
    Ok(Some(query))
}
