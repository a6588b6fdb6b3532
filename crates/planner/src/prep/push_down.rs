//! Conditions on the columns of one subquery that stays a subquery are checked inside of it, where there may be an index and
//! fewer rows to group or sort.

use super::pull_up::item_rtes;
use crate::planner::Planner;
use pglitedb_query_tree::{
    CommandType, Expr, FromItem, JoinType, Query, RteKind, SetOp, SetOpKind, VarSource,
};
use pglitedb_sqlstate::Result;
use pglitedb_types::Oid;

/// Moves what can be moved of WHERE into the subqueries in FROM.
pub(crate) fn push_down(planner: &Planner<'_>, query: &mut Query) -> Result<()> {
    let candidate =
        |rte: &pglitedb_query_tree::Rte| matches!(rte.kind, RteKind::Subquery { barrier: false, .. });
    if query.quals.is_none() || !query.rtable.iter().any(candidate) {
        return Ok(());
    }
    let mut nullable = Vec::new();
    query.from.iter().for_each(|item| nullable_rtes(item, &mut nullable));
    let mut kept = Vec::new();
    for conjunct in query.quals.take().map_or_else(Vec::new, Expr::into_conjuncts) {
        let Some(rte) = only_rte(&conjunct).filter(|rte| !nullable.contains(rte)) else {
            kept.push(conjunct);
            continue;
        };
        if crate::prep::ctes::expr_is_volatile(planner, &conjunct)? {
            kept.push(conjunct);
            continue;
        }
        let columns = columns_of(&conjunct);
        match query.rtable.get_mut(rte).map(|rte| &mut rte.kind) {
            Some(RteKind::Subquery { query: sub, barrier: false, .. })
                if is_safe(planner, sub, &conjunct, &columns, None)? =>
            {
                push(sub, &conjunct);
            }
            _ => kept.push(conjunct),
        }
    }
    query.quals = Expr::and(kept);
    Ok(())
}

/// Entries whose columns an outer join may replace by NULL: conditions hold after that.
fn nullable_rtes(item: &FromItem, into: &mut Vec<usize>) {
    let FromItem::Join(join) = item else { return };
    if matches!(join.join, JoinType::Right | JoinType::Full) {
        item_rtes(&join.left, into);
    }
    if !matches!(join.join, JoinType::Inner | JoinType::Right) {
        item_rtes(&join.right, into);
    }
    nullable_rtes(&join.left, into);
    nullable_rtes(&join.right, into);
}

/// The one entry whose columns a condition uses, if there is nothing else in it that belongs to this query.
fn only_rte(expr: &Expr) -> Option<usize> {
    let (mut found, mut fits) = (None, true);
    expr.walk(&mut |node| {
        match node {
            Expr::Var(var) => match var.source {
                VarSource::Rte(rte)
                    if var.levels_up == 0 && var.attno > 0 && found.is_none_or(|known| known == rte) =>
                {
                    found = Some(rte);
                }
                _ => fits = false,
            },
            Expr::PlaceHolder(_)
            | Expr::SubLink(_)
            | Expr::SubPlan(_)
            | Expr::Agg(_)
            | Expr::Grouping { .. }
            | Expr::Window(_)
            | Expr::CurrentOf { .. } => fits = false,
            _ => {}
        }
        fits
    });
    found.filter(|_| fits)
}

/// Columns (from 1) that a condition uses.
fn columns_of(expr: &Expr) -> Vec<usize> {
    let mut columns = Vec::new();
    expr.walk(&mut |node| {
        if let Expr::Var(var) = node
            && let Ok(column) = usize::try_from(var.attno)
            && !columns.contains(&column)
        {
            columns.push(column);
        }
        true
    });
    columns
}

/// Gives the same rows, whether a condition on these columns is checked on the result or inside? `types`: what the
/// columns of a branch of a set operation must be of.
fn is_safe(
    planner: &Planner<'_>,
    sub: &Query,
    condition: &Expr,
    columns: &[usize],
    types: Option<&[Oid]>,
) -> Result<bool> {
    if sub.command != CommandType::Select
        || sub.limit.is_some()
        || sub.offset.is_some()
        || sub.with_ties
        || !sub.row_marks.is_empty()
        || sub.recursive
    {
        return Ok(false);
    }
    let visible: Vec<_> = sub.visible_targets().collect();
    for (at, column) in columns.iter().enumerate() {
        let Some(target) = column.checked_sub(1).and_then(|column| visible.get(column)) else {
            return Ok(false);
        };
        if types.is_some_and(|types| types.get(at) != Some(&target.expr.type_oid())) {
            return Ok(false);
        }
        if sub.set_operation.is_some() {
            continue;
        }
        let special = target.expr.any(&mut |node| match node {
            Expr::Func(func) => func.returns_set,
            Expr::SubLink(_) | Expr::SubPlan(_) | Expr::Window(_) => true,
            _ => false,
        });
        if special || crate::prep::ctes::expr_is_volatile(planner, &target.expr)? {
            return Ok(false);
        }
        let listed = |clauses: &[pglitedb_query_tree::SortGroupClause]| {
            clauses.iter().any(|clause| clause.target_ref == target.sort_group_ref)
        };
        if sub.distinct_on && !listed(&sub.distinct) {
            return Ok(false);
        }
        if sub.has_windows && !sub.windows.iter().all(|window| listed(&window.partition_by)) {
            return Ok(false);
        }
        let partitions = sub.windows.iter().flat_map(|window| &window.partition_by);
        for clause in sub.distinct.iter().chain(&sub.group_by).chain(partitions) {
            if clause.target_ref == target.sort_group_ref
                && distinguishes_equal(planner, condition, *column, clause.eq_op)?
            {
                return Ok(false);
            }
        }
    }
    let Some(operation) = &sub.set_operation else { return Ok(true) };
    if !no_except(operation) {
        return Ok(false);
    }
    let mut equalities = Vec::new();
    equalities_of(operation, &mut equalities);
    for (column, eq_op) in equalities {
        if columns.contains(&column) && distinguishes_equal(planner, condition, column, eq_op)? {
            return Ok(false);
        }
    }
    let types: Vec<Oid> = columns
        .iter()
        .filter_map(|column| visible.get(column.wrapping_sub(1)).map(|target| target.expr.type_oid()))
        .collect();
    for rte in &sub.rtable {
        if let RteKind::Subquery { query, .. } = &rte.kind
            && !is_safe(planner, query, condition, columns, Some(&types))?
        {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Columns that set operations compare, with their equality.
fn equalities_of(operation: &SetOp, into: &mut Vec<(usize, Oid)>) {
    if let SetOp::Node { left, right, group, .. } = operation {
        into.extend(group.iter().map(|clause| (clause.target_ref as usize, clause.eq_op)));
        equalities_of(left, into);
        equalities_of(right, into);
    }
}

/// Does a condition compare a column by an operator that tells values apart which are equal where rows are put together?
/// Which one of them represents the rest then matters.
fn distinguishes_equal(planner: &Planner<'_>, condition: &Expr, column: usize, eq_op: Oid) -> Result<bool> {
    let families = |op: Oid| -> Result<Vec<Oid>> {
        let amops = planner.catalog().amops_of_operator(op)?;
        // B-trees and hash indexes.
        Ok(amops.iter().filter(|amop| matches!(amop.method, 403 | 405)).map(|amop| amop.family).collect())
    };
    let known = families(eq_op)?;
    let mut found = Ok(false);
    let is_column = |expr: &Expr| {
        let mut expr = expr;
        while let Expr::Relabel { arg, .. } = expr {
            expr = arg;
        }
        matches!(expr, Expr::Var(var) if usize::try_from(var.attno) == Ok(column))
    };
    condition.walk(&mut |node| {
        let op = match node {
            Expr::Op(op) | Expr::Distinct(op) if op.args.iter().any(is_column) => op.op,
            Expr::ScalarArray(op) if is_column(&op.scalar) => op.op,
            _ => return matches!(found, Ok(false)),
        };
        match families(op) {
            Ok(own) => {
                if !own.is_empty() && !own.iter().any(|family| known.contains(family)) {
                    found = Ok(true);
                }
            }
            Err(error) => found = Err(error),
        }
        matches!(found, Ok(false))
    });
    found
}

/// What EXCEPT takes away depends on all of its right side.
fn no_except(operation: &SetOp) -> bool {
    match operation {
        SetOp::Leaf(_) => true,
        SetOp::Node { kind, left, right, .. } => {
            *kind != SetOpKind::Except && no_except(left) && no_except(right)
        }
    }
}

/// Puts a condition on a subquery's columns inside.
fn push(sub: &mut Query, condition: &Expr) {
    if sub.set_operation.is_some() {
        for rte in &mut sub.rtable {
            if let RteKind::Subquery { query, .. } = &mut rte.kind {
                push(query, condition);
            }
        }
        return;
    }
    let columns: Vec<Expr> = sub.visible_targets().map(|target| target.expr.clone()).collect();
    let mut inside = condition.clone();
    inside.rewrite(&mut |node| {
        if let Expr::Var(var) = node
            && matches!(var.source, VarSource::Rte(_))
            && let Some(column) =
                usize::try_from(var.attno).ok().and_then(|at| columns.get(at.wrapping_sub(1)))
        {
            *node = column.clone();
        }
    });
    let of_groups = inside.any(&mut |node| matches!(node, Expr::Agg(_) | Expr::Grouping { .. }));
    let grouped = sub.has_aggs || !sub.group_by.is_empty() || sub.having.is_some();
    // What groups have in common may be checked on their rows, unless there is a group without rows.
    let on_rows = !grouped || (!of_groups && sub.grouping_sets.is_empty() && !sub.group_by.is_empty());
    let place = if on_rows { &mut sub.quals } else { &mut sub.having };
    *place = Expr::and(place.take().into_iter().chain(std::iter::once(inside)).collect());
}
