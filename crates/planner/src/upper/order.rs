//! DISTINCT, ORDER BY, row locks, LIMIT.

use super::{targets, windows};
use crate::create::{presorted as presorted_keys, sort_on};
use crate::path::{PathKey, cost, pathkeys_contain};
use crate::planner::Planner;
use crate::refs::{Built, on_top, pull_components, resolve_targets, targets_of};
use pglitedb_query_tree::{
    AggStrategy, Expr, GroupKey, Plan, PlanNode, Query, RowMarkPlan, RteKind, SortGroupClause, SortKey,
    SystemColumn, TargetEntry, Var, VarSource,
};
use pglitedb_sqlstate::{Error, Result};
use pglitedb_types::oids;
use std::sync::Arc;

/// The order a list of clauses asks for. Constants order nothing.
pub(crate) fn pathkeys(
    planner: &Planner<'_>,
    query: &Query,
    clauses: &[SortGroupClause],
) -> Result<Vec<PathKey>> {
    pathkeys_of(planner, clauses, &|reference| targets::expr_of(query, reference))
}

/// The same for clauses that refer to another list.
pub(crate) fn pathkeys_of(
    planner: &Planner<'_>,
    clauses: &[SortGroupClause],
    find: &dyn Fn(u32) -> Option<Expr>,
) -> Result<Vec<PathKey>> {
    let mut keys: Vec<PathKey> = Vec::new();
    for clause in clauses {
        let Some(mut expr) = find(clause.target_ref) else {
            return Err(Error::internal("ORDER BY refers to a target that is not there"));
        };
        let amops = planner.catalog().amops_of_operator(clause.sort_op)?;
        let family =
            amops.iter().find(|amop| amop.method == crate::path::clause::BTREE).map_or(0, |amop| amop.family);
        let collation = expr.collation();
        while let Expr::Relabel { arg, .. } = expr {
            expr = *arg;
        }
        let key = PathKey {
            expr,
            family,
            collation,
            descending: clause.descending,
            nulls_first: clause.nulls_first,
        };
        if !keys.iter().any(|known| known.expr == key.expr) {
            keys.push(key);
        }
    }
    Ok(keys)
}

/// Order under which duplicates are adjacent: the ORDER BY as far as it goes, then the rest of DISTINCT.
pub(crate) fn distinct_pathkeys(planner: &Planner<'_>, query: &Query) -> Result<Vec<PathKey>> {
    pathkeys(planner, query, &distinct_order(query))
}

fn distinct_order(query: &Query) -> Vec<SortGroupClause> {
    let mut clauses: Vec<SortGroupClause> = Vec::new();
    for clause in &query.order_by {
        let in_distinct = query.distinct.iter().any(|known| known.target_ref == clause.target_ref);
        if in_distinct || query.distinct_on {
            clauses.push(clause.clone());
        } else {
            break;
        }
    }
    for clause in &query.distinct {
        if !clauses.iter().any(|known| known.target_ref == clause.target_ref) {
            clauses.push(clause.clone());
        }
    }
    clauses
}

/// How many rows (or which fraction) LIMIT and OFFSET ask of the plan below.
pub(crate) fn limit_fraction(query: &Query, tuple_fraction: f64) -> f64 {
    let number = |expr: &Option<Expr>| match expr {
        Some(Expr::Const(constant)) => constant.value.as_i64().map(|value| value.max(0) as f64),
        Some(_) => Some(10.0),
        None => None,
    };
    if query.with_ties {
        return tuple_fraction;
    }
    match number(&query.limit) {
        Some(limit) => (limit + number(&query.offset).unwrap_or(0.0)).max(1.0),
        None => tuple_fraction,
    }
}

/// Does ORDER BY (or DISTINCT) use a set-returning function?
pub(crate) fn depends_on_srf(query: &Query) -> bool {
    query
        .order_by
        .iter()
        .chain(&query.distinct)
        .filter_map(|clause| targets::expr_of(query, clause.target_ref))
        .any(|expr| targets::has_srf(&expr))
}

fn sort_keys(query: &Query, built: &Built, clauses: &[SortGroupClause]) -> Result<Vec<SortKey>> {
    let mut keys: Vec<SortKey> = Vec::new();
    for clause in clauses {
        let expr = targets::expr_of(query, clause.target_ref)
            .ok_or_else(|| Error::internal("ORDER BY refers to a target that is not there"))?;
        let by_ref = built.plan.targets.iter().position(|target| target.sort_group_ref == clause.target_ref);
        let column = by_ref
            .or_else(|| built.outputs.iter().position(|known| *known == expr))
            .ok_or_else(|| Error::internal("sort column is not in the input"))?;
        if !keys.iter().any(|known| known.column == column + 1) {
            keys.push(windows::sort_key(column + 1, &expr, clause));
        }
    }
    Ok(keys)
}

/// The target list before the sort, if some of it is to be computed after: volatile expressions that are not sorted by
/// are computed in the order of the result, and only for rows that LIMIT lets through.
pub(crate) fn staged_targets(planner: &Planner<'_>, query: &Query) -> Result<Option<Vec<TargetEntry>>> {
    if query.order_by.is_empty() || !query.distinct.is_empty() || query.has_target_srfs {
        return Ok(None);
    }
    let (mut kept, mut postponed) = (Vec::new(), Vec::new());
    for target in &query.targets {
        let sorted_by = query.order_by.iter().any(|clause| clause.target_ref == target.sort_group_ref);
        if !sorted_by && crate::prep::ctes::expr_is_volatile(planner, &target.expr)? {
            postponed.push(&target.expr);
        } else {
            kept.push(target.clone());
        }
    }
    if postponed.is_empty() {
        return Ok(None);
    }
    let known: Vec<Expr> = kept.iter().map(|target| target.expr.clone()).collect();
    let mut parts = Vec::new();
    for expr in postponed {
        pull_components(expr, &known, true, &mut parts);
    }
    parts.retain(|part| !known.contains(part));
    for mut target in targets_of(&parts) {
        target.resno += known.len();
        kept.push(target);
    }
    for (at, target) in kept.iter_mut().enumerate() {
        target.resno = at + 1;
    }
    Ok(Some(kept))
}

/// Sorts the (final) targets by ORDER BY.
pub(crate) fn sort_targets(
    planner: &Planner<'_>,
    query: &Query,
    built: Built,
    have: &[PathKey],
    limit: Option<f64>,
) -> Result<Built> {
    let keys = sort_keys(query, &built, &query.order_by)?;
    let want = pathkeys(planner, query, &query.order_by)?;
    let presorted = if want.len() == keys.len() { presorted_keys(planner, have, &want) } else { 0 };
    Ok(sort_on(planner, built, keys, presorted, limit))
}

/// Sorts before the target list is computed: the sort expressions are added as columns first.
pub(crate) fn sort_components(
    planner: &Planner<'_>,
    query: &Query,
    built: Built,
    limit: Option<f64>,
) -> Result<Built> {
    let mut list = built.outputs.clone();
    for clause in &query.order_by {
        if let Some(expr) = targets::expr_of(query, clause.target_ref)
            && !list.contains(&expr)
        {
            list.push(expr);
        }
    }
    let built = if list.len() > built.outputs.len() {
        let (targets, outputs) = resolve_targets(targets_of(&list), &built.outputs, None)?;
        let mut above = on_top(built, |outer| PlanNode::Result { outer: Some(outer), one_time: None });
        above.plan.targets = targets;
        above.outputs = outputs;
        above
    } else {
        built
    };
    let keys = sort_keys(query, &built, &query.order_by)?;
    Ok(sort_on(planner, built, keys, 0, limit))
}

/// DISTINCT: hashing, or sorting and dropping neighbours.
pub(crate) fn plan_distinct(
    planner: &Planner<'_>,
    query: &Query,
    built: Built,
    ordered_by: &mut Vec<PathKey>,
) -> Result<Built> {
    let settings = planner.settings();
    let clauses = distinct_order(query);
    let wanted = pathkeys(planner, query, &clauses)?;
    let rows = built.plan.rows;
    let groups = cost::clamp_rows(rows * 0.5);
    let hashable = query.distinct.iter().all(|clause| clause.hashable) && !query.distinct_on;
    let sortable = query.distinct.iter().all(|clause| clause.sort_op != 0);
    let presorted = pathkeys_contain(ordered_by, &wanted);
    let sort = cost::sort(settings, built.plan.total_cost, rows, built.plan.width, None);
    let sorted_total = if presorted { built.plan.total_cost } else { sort.total };
    let mut hashed_total =
        built.plan.total_cost + rows * settings.cpu_operator_cost * query.distinct.len() as f64;
    if !query.order_by.is_empty() {
        hashed_total += cost::sort(settings, 0.0, groups, built.plan.width, None).total;
    }
    if !settings.enable_hashagg {
        hashed_total += crate::settings::DISABLE_COST;
    }
    if hashable && (!sortable || hashed_total < sorted_total) {
        let keys = group_keys(query, &built, &query.distinct)?;
        let key_refs = query.distinct.iter().map(|clause| clause.target_ref).collect();
        let mut above = on_top(built, |outer| PlanNode::Agg {
            outer,
            strategy: AggStrategy::Hashed,
            keys,
            grouping_sets: Vec::new(),
            key_refs,
        });
        above.plan.startup_cost = hashed_total;
        above.plan.total_cost = hashed_total;
        above.plan.rows = groups;
        ordered_by.clear();
        return Ok(above);
    }
    if !sortable {
        return Err(Error::unsupported("DISTINCT on a type that can be neither hashed nor sorted"));
    }
    let mut built = built;
    if !presorted {
        let keys = sort_keys(query, &built, &clauses)?;
        let ready = if keys.len() == wanted.len() { presorted_keys(planner, ordered_by, &wanted) } else { 0 };
        built = sort_on(planner, built, keys, ready, None);
        *ordered_by = wanted;
    }
    let keys = group_keys(query, &built, &query.distinct)?;
    let mut above = on_top(built, |outer| PlanNode::Unique { outer, keys });
    above.plan.rows = groups;
    Ok(above)
}

fn group_keys(query: &Query, built: &Built, clauses: &[SortGroupClause]) -> Result<Vec<GroupKey>> {
    clauses
        .iter()
        .map(|clause| {
            let expr = targets::expr_of(query, clause.target_ref)
                .ok_or_else(|| Error::internal("DISTINCT refers to a target that is not there"))?;
            let column = built
                .plan
                .targets
                .iter()
                .position(|target| target.sort_group_ref == clause.target_ref)
                .or_else(|| built.outputs.iter().position(|known| *known == expr))
                .ok_or_else(|| Error::internal("DISTINCT column is not in the input"))?;
            Ok(GroupKey {
                column: column + 1,
                eq_op: clause.eq_op,
                type_oid: expr.type_oid(),
                collation: expr.collation(),
            })
        })
        .collect()
}

/// A system column of an entry.
pub(crate) fn system_var(rte: usize, column: SystemColumn) -> Expr {
    let type_oid = match column {
        SystemColumn::Ctid => oids::TID,
        SystemColumn::TableOid => oids::OID,
        SystemColumn::RowId => oids::INT8,
        SystemColumn::Xmin | SystemColumn::Xmax => oids::XID,
        SystemColumn::Cmin | SystemColumn::Cmax => oids::CID,
    };
    Expr::Var(Var {
        source: VarSource::Rte(rte),
        attno: column as i16,
        type_oid,
        typmod: -1,
        collation: 0,
        levels_up: 0,
        returning: Default::default(),
        position: Default::default(),
    })
}

/// Junk columns with the row ids that LockRows needs.
pub(crate) fn row_mark_targets(query: &Query, first: usize) -> Vec<TargetEntry> {
    let mut list = Vec::new();
    for mark in &query.row_marks {
        if !matches!(query.rtable.get(mark.rte).map(|rte| &rte.kind), Some(RteKind::Relation { .. })) {
            continue;
        }
        list.push(TargetEntry {
            expr: system_var(mark.rte, SystemColumn::RowId),
            resno: first + list.len() + 1,
            name: Some(Arc::from(format!("row mark {}", mark.rte))),
            sort_group_ref: 0,
            orig_table: 0,
            orig_column: 0,
            junk: true,
        });
    }
    list
}

/// LockRows on top of everything but LIMIT.
pub(crate) fn lock_rows(planner: &Planner<'_>, query: &Query, offset: usize, built: Built) -> Result<Built> {
    let mut marks = Vec::new();
    for mark in &query.row_marks {
        let Some(RteKind::Relation { oid, .. }) = query.rtable.get(mark.rte).map(|rte| &rte.kind) else {
            continue;
        };
        let relation = planner.catalog().relation(*oid)?;
        let relation = relation.ok_or_else(|| Error::internal("relation to lock is gone"))?;
        let row_id = system_var(mark.rte, SystemColumn::RowId);
        let column = built.outputs.iter().position(|known| *known == row_id);
        let column = column.ok_or_else(|| Error::internal("row id to lock is not in the input"))?;
        marks.push(RowMarkPlan {
            rte: mark.rte + offset,
            relation,
            row_id_column: column + 1,
            table_oid_column: None,
            strength: mark.strength,
            wait: mark.wait,
        });
    }
    if marks.is_empty() {
        return Ok(built);
    }
    Ok(on_top(built, |outer| PlanNode::LockRows { outer, marks }))
}

/// LIMIT and OFFSET.
pub(crate) fn plan_limit(query: &Query, built: Built) -> Result<Built> {
    // Constants that leave all rows need no node.
    let is_null = |expr: &Expr| matches!(expr, Expr::Const(constant) if constant.value.is_null());
    let is_zero = |expr: &Expr| matches!(expr, Expr::Const(constant) if constant.value.as_i64() == Some(0));
    let limited = query.limit.as_ref().is_some_and(|limit| !is_null(limit));
    let skips = query.offset.as_ref().is_some_and(|offset| !is_null(offset) && !is_zero(offset));
    if !limited && !skips {
        return Ok(built);
    }
    let with_ties = if query.with_ties { Some(sort_keys(query, &built, &query.order_by)?) } else { None };
    let number = |expr: &Option<Expr>| match expr {
        Some(Expr::Const(constant)) => constant.value.as_i64().map(|value| value.max(0) as f64),
        _ => None,
    };
    let skipped = number(&query.offset).unwrap_or(0.0);
    let input = (built.plan.startup_cost, built.plan.total_cost, built.plan.rows.max(1.0));
    let (offset, count) = (query.offset.clone(), query.limit.clone());
    let rows =
        number(&query.limit).unwrap_or(if count.is_some() { (input.2 * 0.1).max(1.0) } else { input.2 });
    let mut above = on_top(built, |outer| PlanNode::Limit { outer, offset, count, with_ties });
    let plan: &mut Plan = &mut above.plan;
    let price = |rows: f64| input.0 + (input.1 - input.0) * (rows / input.2).min(1.0);
    plan.startup_cost = price(skipped);
    plan.total_cost = price(skipped + rows);
    plan.rows = rows.min((input.2 - skipped).max(1.0)).max(1.0);
    Ok(above)
}
