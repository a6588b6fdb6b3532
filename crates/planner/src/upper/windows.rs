//! Window functions: one WindowAgg node for each window, sorted as it needs.

use super::{order, targets};
use crate::create::sort_by;
use crate::path::{PathKey, pathkeys_contain};
use crate::planner::Planner;
use crate::refs::{Built, on_top, pull_components, resolve, resolve_targets, targets_of};
use pglitedb_query_tree::{
    Expr, FrameBound, FrameExclusion, FrameMode, GroupKey, PlanNode, Query, SortGroupClause, SortKey,
    TargetEntry, WindowClause, WindowPlan,
};
use pglitedb_sqlstate::{Error, Result};
use pglitedb_types::Oid;
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

/// Gives windows whose functions do not look at the frame the cheapest frame, and makes those one that are the same then.
pub(crate) fn simplify(query: &mut Query) {
    for number in 0..query.windows.len() {
        let calls = calls_of(query, number);
        if calls.is_empty() || !is_frameless(&calls) {
            continue;
        }
        let window = &mut query.windows[number];
        window.mode = FrameMode::Rows;
        window.start = FrameBound::UnboundedPreceding;
        window.end = FrameBound::CurrentRow;
        window.exclusion = FrameExclusion::NoOthers;
        (window.start_in_range, window.end_in_range) = (0, 0);
        let window = &query.windows[number];
        let same = query.windows.iter().enumerate().position(|(at, other)| {
            at != number
                && other.partition_by == window.partition_by
                && other.order_by == window.order_by
                && (other.mode, &other.start, &other.end) == (window.mode, &window.start, &window.end)
                && other.exclusion == window.exclusion
        });
        let Some(same) = same else { continue };
        for target in &mut query.targets {
            target.expr.rewrite(&mut |expr| {
                if let Expr::Window(call) = expr
                    && call.window == number
                {
                    call.window = same;
                }
            });
        }
    }
}

/// Adds the WindowAgg nodes.
pub(crate) fn plan_windows(
    planner: &Planner<'_>,
    query: &Query,
    mut built: Built,
    ordered_by: &mut Vec<PathKey>,
    last_targets: Option<&[TargetEntry]>,
) -> Result<Built> {
    // Windows with the longest order first, so that later ones may find their order ready.
    let mut at: Vec<usize> = (0..query.windows.len()).collect();
    let length = |window: &WindowClause| window.partition_by.len() + window.order_by.len();
    at.sort_by_key(|at| std::cmp::Reverse(length(&query.windows[*at])));
    at.retain(|number| !calls_of(query, *number).is_empty());
    let names = names_of(query, &at);
    let last = at.last().copied();
    for (number, name) in at.into_iter().zip(names) {
        let calls = calls_of(query, number);
        let window = &query.windows[number];
        let mut clauses = window.partition_by.clone();
        clauses.extend(window.order_by.iter().cloned());
        let wanted = order::pathkeys(planner, query, &clauses)?;
        built = add_missing(query, &clauses, built)?;
        if !pathkeys_contain(ordered_by, &wanted) {
            built = sort_by(planner, built, ordered_by, &wanted, None)?;
            *ordered_by = wanted;
        }
        let targets = last_targets.filter(|_| last == Some(number));
        built = window_node(query, number, name, &calls, built, targets)?;
    }
    Ok(built)
}

/// Names of windows for EXPLAIN: those without one of their own are numbered.
fn names_of(query: &Query, windows: &[usize]) -> Vec<Arc<str>> {
    let own = |name: &str| query.windows.iter().any(|window| window.name.as_deref() == Some(name));
    let mut free = (1..).map(|n| format!("w{n}")).filter(|name| !own(name));
    windows
        .iter()
        .filter_map(|at| query.windows[*at].name.clone().or_else(|| free.next().map(Arc::from)))
        .collect()
}

/// Functions whose result is the same whatever the frame.
const FRAMELESS: std::ops::RangeInclusive<Oid> = 3100..=3105;

/// Do the calls not look at the frame? Then the cheapest frame will do.
fn is_frameless(calls: &[Expr]) -> bool {
    calls.iter().all(|call| matches!(call, Expr::Window(call) if FRAMELESS.contains(&call.func)))
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
    number: usize,
    name: Arc<str>,
    calls: &[Expr],
    built: Built,
    targets: Option<&[TargetEntry]>,
) -> Result<Built> {
    let window = &query.windows[number];
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
        name,
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
    if let Some(targets) = targets {
        list = targets.to_vec();
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
