//! Window functions: one WindowAgg node for each window, sorted as it needs.

use super::{order, targets};
use crate::create::sort_by;
use crate::path::{PathKey, pathkeys_contain};
use crate::planner::Planner;
use crate::refs::{Built, on_top, pull_components, resolve, resolve_targets, targets_of};
use pglitedb_query_tree::{
    Expr, FrameBound, GroupKey, PlanNode, Query, SortGroupClause, SortKey, WindowClause, WindowPlan,
};
use pglitedb_sqlstate::{Error, Result};
use std::sync::Arc;

/// Adds what windows partition and order by, and their frame offsets, to a list of components.
pub(crate) fn add_window_components(query: &Query, into: &mut Vec<Expr>) {
    for window in &query.windows {
        for clause in window.partition_by.iter().chain(&window.order_by) {
            if let Some(expr) = targets::expr_of(query, clause.target_ref)
                && !into.contains(&expr)
                && !matches!(expr, Expr::Const(_))
            {
                into.push(expr);
            }
        }
    }
}

/// Adds the WindowAgg nodes.
pub(crate) fn plan_windows(
    planner: &Planner<'_>,
    query: &Query,
    mut built: Built,
    ordered_by: &mut Vec<PathKey>,
) -> Result<Built> {
    // Windows with the longest order first, so that later ones may find their order ready.
    let mut at: Vec<usize> = (0..query.windows.len()).collect();
    let length = |window: &WindowClause| window.partition_by.len() + window.order_by.len();
    at.sort_by_key(|at| std::cmp::Reverse(length(&query.windows[*at])));
    for number in at {
        let calls = calls_of(query, number);
        if calls.is_empty() {
            continue;
        }
        let window = &query.windows[number];
        let mut clauses = window.partition_by.clone();
        clauses.extend(window.order_by.iter().cloned());
        let wanted = order::pathkeys(planner, query, &clauses)?;
        built = add_missing(query, &clauses, built)?;
        if !pathkeys_contain(ordered_by, &wanted) {
            built = sort_by(planner, built, &wanted, None)?;
            *ordered_by = wanted;
        }
        built = window_node(query, window, number, &calls, built)?;
    }
    Ok(built)
}

/// Constants in PARTITION BY or ORDER BY are no components: compute them as columns.
fn add_missing(query: &Query, clauses: &[SortGroupClause], built: Built) -> Result<Built> {
    let missing: Vec<Expr> = clauses
        .iter()
        .filter_map(|clause| targets::expr_of(query, clause.target_ref))
        .filter(|expr| !built.outputs.contains(expr))
        .collect();
    if missing.is_empty() {
        return Ok(built);
    }
    let mut list = built.outputs.clone();
    list.extend(missing);
    let (targets, outputs) = resolve_targets(targets_of(&list), &built.outputs, None)?;
    let mut above = on_top(built, |outer| PlanNode::Result { outer: Some(outer), one_time: None });
    above.plan.targets = targets;
    above.outputs = outputs;
    Ok(above)
}

fn calls_of(query: &Query, number: usize) -> Vec<Expr> {
    let mut calls = Vec::new();
    for target in &query.targets {
        let mut components = Vec::new();
        pull_components(&target.expr, &[], true, &mut components);
        for component in components {
            if matches!(&component, Expr::Window(call) if call.window == number)
                && !calls.contains(&component)
            {
                calls.push(component);
            }
        }
    }
    calls
}

fn column_of(built: &Built, query: &Query, clause: &SortGroupClause) -> Result<(usize, Expr)> {
    let expr = targets::expr_of(query, clause.target_ref);
    let expr = expr.ok_or_else(|| Error::internal("window refers to a target that is not there"))?;
    let column = built.outputs.iter().position(|known| *known == expr);
    let column = column.ok_or_else(|| Error::internal("window column is not in the input"))?;
    Ok((column + 1, expr))
}

fn window_node(
    query: &Query,
    window: &WindowClause,
    number: usize,
    calls: &[Expr],
    built: Built,
) -> Result<Built> {
    let mut partition_by = Vec::new();
    for clause in &window.partition_by {
        let (column, expr) = column_of(&built, query, clause)?;
        partition_by.push(GroupKey {
            column,
            eq_op: clause.eq_op,
            type_oid: expr.type_oid(),
            collation: expr.collation(),
        });
    }
    let mut order_by = Vec::new();
    for clause in &window.order_by {
        let (column, expr) = column_of(&built, query, clause)?;
        order_by.push(sort_key(column, &expr, clause));
    }
    let bound = |bound: &FrameBound| -> Result<FrameBound> {
        Ok(match bound {
            FrameBound::Preceding(expr) => {
                FrameBound::Preceding(resolve(expr.clone(), &built.outputs, None)?)
            }
            FrameBound::Following(expr) => {
                FrameBound::Following(resolve(expr.clone(), &built.outputs, None)?)
            }
            other => other.clone(),
        })
    };
    let plan = WindowPlan {
        name: window.name.clone().unwrap_or_else(|| Arc::from(format!("w{}", number + 1))),
        partition_by,
        order_by,
        mode: window.mode,
        start: bound(&window.start)?,
        end: bound(&window.end)?,
        exclusion: window.exclusion,
        start_in_range: window.start_in_range,
        end_in_range: window.end_in_range,
        window: number,
    };
    let mut list = built.plan.targets.clone();
    for (target, output) in list.iter_mut().zip(&built.outputs) {
        target.expr = output.clone();
    }
    let first = list.len();
    for (at, mut target) in targets_of(calls).into_iter().enumerate() {
        target.resno = first + at + 1;
        list.push(target);
    }
    let (targets, outputs) = resolve_targets(list, &built.outputs, None)?;
    let mut above = on_top(built, |outer| PlanNode::WindowAgg { outer, window: Box::new(plan) });
    above.plan.targets = targets;
    above.outputs = outputs;
    above.plan.total_cost += above.plan.rows * 0.01 * calls.len() as f64;
    Ok(above)
}

/// A sort key on a column.
pub(crate) fn sort_key(column: usize, expr: &Expr, clause: &SortGroupClause) -> SortKey {
    SortKey {
        column,
        sort_op: clause.sort_op,
        type_oid: expr.type_oid(),
        collation: expr.collation(),
        descending: clause.descending,
        nulls_first: clause.nulls_first,
    }
}
