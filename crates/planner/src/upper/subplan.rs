//! Subqueries in expressions: init plans when they don't depend on the row, subplans otherwise.

use crate::planner::{Planner, exec_param};
use pglitedb_query_tree::{Expr, InitPlan, Param, ParamKind, Query, SubLink, SubLinkKind, SubPlan};
use pglitedb_sqlstate::Result;
use std::sync::Arc;

/// Plans every sublink of a query level; returns the init plans.
pub(crate) fn plan_sublinks(planner: &mut Planner<'_>, query: &mut Query) -> Result<Vec<InitPlan>> {
    let mut init_plans = Vec::new();
    if !query.has_sublinks {
        return Ok(init_plans);
    }
    let mut multi = Vec::new();
    let mut result = Ok(());
    query.for_each_expr_mut(&mut |top| {
        if result.is_ok() {
            result = within(planner, top, &mut init_plans, &mut multi);
        }
    });
    result?;
    Ok(init_plans)
}

/// Plans the sublinks of one expression.
fn within(
    planner: &mut Planner<'_>,
    top: &mut Expr,
    init_plans: &mut Vec<InitPlan>,
    multi: &mut Vec<(u32, Vec<usize>)>,
) -> Result<()> {
    let mut result = Ok(());
    top.rewrite(&mut |expr: &mut Expr| {
        if result.is_ok()
            && let Expr::SubLink(_) = expr
        {
            result = replace(planner, expr, init_plans, multi);
        }
    });
    result
}

fn replace(
    planner: &mut Planner<'_>,
    expr: &mut Expr,
    init_plans: &mut Vec<InitPlan>,
    multi: &mut Vec<(u32, Vec<usize>)>,
) -> Result<()> {
    let Expr::SubLink(link) = std::mem::replace(expr, Expr::bool_const(true)) else { return Ok(()) };
    *expr = plan_one(planner, *link, init_plans, multi)?;
    Ok(())
}

fn plan_one(
    planner: &mut Planner<'_>,
    link: SubLink,
    init_plans: &mut Vec<InitPlan>,
    multi: &mut Vec<(u32, Vec<usize>)>,
) -> Result<Expr> {
    if link.kind == SubLinkKind::MultiExpr
        && let Some((_, params)) = multi.iter().find(|(id, _)| *id == link.id)
    {
        let columns: Vec<Expr> = link.query.visible_targets().map(|target| target.expr.clone()).collect();
        return Ok(row_of_params(params, &columns));
    }
    let fraction = match link.kind {
        SubLinkKind::Exists => 1.0,
        SubLinkKind::Any | SubLinkKind::All => 0.5,
        _ => 0.0,
    };
    let first = link.query.visible_targets().next();
    let (first_type, first_typmod, first_collation) = first
        .map_or((0, -1, 0), |target| (target.expr.type_oid(), target.expr.typmod(), target.expr.collation()));
    let columns: Vec<Expr> = link.query.visible_targets().map(|target| target.expr.clone()).collect();
    // References of the subquery to this level are collected while it is planned.
    let saved = std::mem::take(&mut planner.level().outer_refs);
    let planned = planner.query(*link.query, fraction, false);
    let refs = std::mem::replace(&mut planner.level().outer_refs, saved);
    planner.subplans.push(planned?.plan);
    let plan = planner.subplans.len() - 1;
    planner.subplan_count += 1;
    let number = planner.subplan_count;
    let (param_ids, mut args): (Vec<usize>, Vec<Expr>) =
        refs.into_iter().map(|(expr, id)| (id, expr)).unzip();
    // What the subquery takes from here may be an aggregate of this level, with subqueries of its own.
    for arg in args.iter_mut().filter(|arg| !matches!(arg, Expr::Var(_))) {
        within(planner, arg, init_plans, multi)?;
    }

    let uncorrelated = args.is_empty();
    match link.kind {
        SubLinkKind::Exists | SubLinkKind::Scalar | SubLinkKind::Array if uncorrelated => {
            let param = planner.new_param();
            let name = Arc::from(format!("InitPlan {number}"));
            init_plans.push(InitPlan {
                plan,
                name,
                kind: link.kind,
                params: vec![param],
                element_type: first_type,
            });
            return Ok(Expr::Param(Param {
                kind: ParamKind::Exec,
                id: param,
                type_oid: link.result_type,
                typmod: if link.kind == SubLinkKind::Scalar { first_typmod } else { -1 },
                collation: first_collation,
                position: link.position,
            }));
        }
        SubLinkKind::RowCompare | SubLinkKind::MultiExpr if uncorrelated => {
            let params: Vec<usize> = columns.iter().map(|_| planner.new_param()).collect();
            let name = Arc::from(format!("InitPlan {number}"));
            init_plans.push(InitPlan {
                plan,
                name,
                kind: link.kind,
                params: params.clone(),
                element_type: 0,
            });
            if link.kind == SubLinkKind::MultiExpr {
                multi.push((link.id, params.clone()));
                return Ok(row_of_params(&params, &columns));
            }
            let mut test = link.test.map_or(Expr::bool_const(true), |test| *test);
            bind_columns(&mut test, &params);
            return Ok(test);
        }
        _ => {}
    }
    let column_params: Vec<usize> = match link.kind {
        SubLinkKind::Any | SubLinkKind::All | SubLinkKind::RowCompare | SubLinkKind::MultiExpr => {
            columns.iter().map(|_| planner.new_param()).collect()
        }
        _ => Vec::new(),
    };
    let mut test = link.test;
    if let Some(test) = &mut test {
        bind_columns(test, &column_params);
    }
    let use_hash_table = link.kind == SubLinkKind::Any
        && uncorrelated
        && test.as_deref().is_some_and(|test| is_hashable_test(planner, test));
    Ok(Expr::SubPlan(Box::new(SubPlan {
        kind: link.kind,
        plan,
        name: Arc::from(format!("SubPlan {number}")),
        test,
        column_params,
        param_ids,
        args,
        use_hash_table,
        unknown_eq_false: false,
        first_type,
        first_typmod,
        first_collation,
        result_type: link.result_type,
    })))
}

fn row_of_params(params: &[usize], columns: &[Expr]) -> Expr {
    Expr::Row {
        args: params.iter().zip(columns).map(|(param, column)| exec_param(*param, column)).collect(),
        type_oid: pglitedb_types::oids::RECORD,
        names: params.iter().enumerate().map(|(at, _)| Arc::from(format!("f{}", at + 1))).collect(),
        form: pglitedb_query_tree::CallForm::ImplicitCast,
    }
}

fn bind_columns(test: &mut Expr, params: &[usize]) {
    test.rewrite(&mut |expr| {
        if let Expr::SubLinkColumn { column, type_oid, typmod, collation } = *expr
            && let Some(id) = params.get(column.wrapping_sub(1))
        {
            *expr = Expr::Param(Param {
                kind: ParamKind::Exec,
                id: *id,
                type_oid,
                typmod,
                collation,
                position: Default::default(),
            });
        }
    });
}

/// `x = column` (or several of them) between values of one type can be looked up in a hash table.
fn is_hashable_test(planner: &Planner<'_>, test: &Expr) -> bool {
    match test {
        Expr::Op(op) => match op.args.as_slice() {
            [left, right] => {
                left.type_oid() == right.type_oid()
                    && matches!(right, Expr::Param(_))
                    && crate::path::clause::hashable(planner.catalog(), op.op).unwrap_or(false)
            }
            _ => false,
        },
        Expr::Bool(pglitedb_query_tree::BoolOp::And, args) => {
            args.iter().all(|arg| is_hashable_test(planner, arg))
        }
        _ => false,
    }
}
