//! Target lists: look-up by sort reference, projection, set-returning functions.

use crate::refs::{Built, on_top, resolve_targets, targets_of};
use pglitedb_query_tree::{Expr, PlanNode, Query, TargetEntry};
use pglitedb_sqlstate::Result;

/// The expression a sort or group clause refers to.
pub(crate) fn expr_of(query: &Query, target_ref: u32) -> Option<Expr> {
    query.targets.iter().find(|target| target.sort_group_ref == target_ref).map(|target| target.expr.clone())
}

/// Makes a plan compute exactly these targets (followed by its own junk columns that are not among them).
pub(crate) fn project(built: Built, targets: &[TargetEntry]) -> Result<Built> {
    let same = built.outputs.len() >= targets.len()
        && built.outputs.iter().zip(targets).all(|(known, target)| *known == target.expr);
    let extra: Vec<TargetEntry> = built
        .plan
        .targets
        .iter()
        .zip(&built.outputs)
        .filter(|(target, _)| {
            target.junk && target.name.as_deref().is_some_and(|name| name.starts_with("row mark "))
        })
        .map(|(target, expr)| TargetEntry { expr: expr.clone(), ..target.clone() })
        .collect();
    let mut wanted = targets.to_vec();
    for (at, mut target) in extra.into_iter().enumerate() {
        if wanted.iter().any(|known| known.name == target.name && known.junk) {
            continue;
        }
        target.resno = targets.len() + at + 1;
        wanted.push(target);
    }
    if same && built.outputs.len() == wanted.len() {
        let mut built = built;
        for (own, target) in built.plan.targets.iter_mut().zip(&wanted) {
            let expr = std::mem::replace(&mut own.expr, Expr::bool_const(true));
            *own = TargetEntry { expr, ..target.clone() };
        }
        return Ok(built);
    }
    let (targets, outputs) = resolve_targets(wanted, &built.outputs, None)?;
    let mut above = on_top(built, |outer| PlanNode::Result { outer: Some(outer), one_time: None });
    above.plan.targets = targets;
    above.outputs = outputs;
    Ok(above)
}

/// Is this a call of a set-returning function?
pub(crate) fn is_srf(expr: &Expr) -> bool {
    matches!(expr, Expr::Func(func) if func.returns_set)
}

/// Does an expression contain one?
pub(crate) fn has_srf(expr: &Expr) -> bool {
    expr.any(&mut |node| is_srf(node))
}

/// Adds ProjectSet nodes until all set-returning functions in the targets are columns; nested calls one level a node.
pub(crate) fn project_srfs(mut built: Built, targets: &[TargetEntry]) -> Result<Built> {
    loop {
        let mut calls: Vec<Expr> = Vec::new();
        for target in targets {
            innermost_srfs(&target.expr, &built.outputs, &mut calls);
        }
        if calls.is_empty() {
            return Ok(built);
        }
        let mut list = built.plan.targets.clone();
        for (target, output) in list.iter_mut().zip(&built.outputs) {
            target.expr = output.clone();
        }
        let first = list.len();
        for (at, mut target) in targets_of(&calls).into_iter().enumerate() {
            target.resno = first + at + 1;
            list.push(target);
        }
        let (targets, outputs) = resolve_targets(list, &built.outputs, None)?;
        let calls_count = calls.len();
        let mut above = on_top(built, |outer| PlanNode::ProjectSet { outer });
        above.plan.targets = targets;
        above.outputs = outputs;
        above.plan.rows *= 10.0_f64.powi(i32::from(calls_count > 0));
        built = above;
    }
}

/// Set-returning calls not yet computed whose arguments contain none that is not computed.
fn innermost_srfs(expr: &Expr, done: &[Expr], calls: &mut Vec<Expr>) {
    if done.contains(expr) || calls.contains(expr) {
        return;
    }
    let before = calls.len();
    let mut pending_below = false;
    expr.for_each_child(&mut |child| {
        innermost_srfs(child, done, calls);
        pending_below |= child.any(&mut |node| is_srf(node) && !done.contains(node));
    });
    if is_srf(expr) && !pending_below && calls.len() == before {
        calls.push(expr.clone());
    }
}
