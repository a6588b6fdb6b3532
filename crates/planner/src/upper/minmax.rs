//! `min(x)` and `max(x)` of a table by an index on `x`: its first or last entry.

use super::FromPlan;
use crate::planner::{Planner, exec_param};
use crate::refs::Built;
use pglitedb_query_tree::{
    Aggref, Const, Expr, FromItem, InitPlan, Plan, PlanNode, Position, Query, RteKind, SortGroupClause,
    SubLinkKind, TargetEntry,
};
use pglitedb_sqlstate::Result;
use pglitedb_types::{Datum, oids};
use std::sync::Arc;

/// B-tree strategies of `<` and `>`.
const LESS: i16 = 1;
const GREATER: i16 = 5;

/// A query whose only aggregates are min and max is planned as a subquery `SELECT x FROM ... WHERE x IS NOT NULL ORDER BY x
/// LIMIT 1` for each, where that is cheaper than looking at all rows. `list`: the targets to compute.
pub(crate) fn try_plan(
    planner: &mut Planner<'_>,
    query: &Query,
    offset: usize,
    from: &FromPlan,
    list: &[TargetEntry],
) -> Result<Option<Built>> {
    let Some(aggregates) = candidates(planner, query, list)? else { return Ok(None) };
    let mut plans: Vec<Plan> = Vec::new();
    let subplans = planner.subplans.len();
    let mut cost = 0.0;
    let mut offset = offset;
    for (at, agg) in aggregates.iter().enumerate() {
        if at > 0 {
            // Every fetch but the first reads a table with a name of its own.
            offset = planner.register_rtes(query)?;
        }
        let Some(plan) = first_row(planner, query, offset, agg)? else {
            planner.subplans.truncate(subplans);
            return Ok(None);
        };
        cost += plan.total_cost;
        plans.push(plan);
    }
    let settings = planner.settings();
    let all_rows = from.path.total + aggregates.len() as f64 * settings.cpu_operator_cost * from.path.rows;
    if cost > all_rows {
        planner.subplans.truncate(subplans);
        return Ok(None);
    }
    planner.empty_froms += 1;
    let mut params = Vec::new();
    for (agg, plan) in aggregates.iter().zip(plans) {
        planner.subplans.push(plan);
        planner.subplan_count += 1;
        let id = planner.new_param();
        let init_plan = InitPlan {
            plan: planner.subplans.len() - 1,
            name: Arc::from(format!("InitPlan {}", planner.subplan_count)),
            kind: SubLinkKind::Scalar,
            params: vec![id],
            element_type: 0,
        };
        planner.level().init_plans.push(init_plan);
        let whole = Expr::Agg(Box::new(agg.clone()));
        params.push((exec_param(id, &whole), whole));
    }
    let replaced = |expr: &Expr| {
        let mut expr = expr.clone();
        expr.rewrite(&mut |node| {
            if let Some((param, _)) = params.iter().find(|(_, whole)| whole == node) {
                *node = param.clone();
            }
        });
        expr
    };
    let having = query.having.as_ref().map(&replaced);
    let targets: Vec<TargetEntry> =
        list.iter().map(|target| TargetEntry { expr: replaced(&target.expr), ..target.clone() }).collect();
    let plan = Plan {
        node: PlanNode::Result { outer: None, one_time: having },
        targets,
        quals: Vec::new(),
        init_plans: Vec::new(),
        startup_cost: cost,
        total_cost: cost + planner.settings().cpu_tuple_cost,
        rows: 1.0,
        width: 0,
    };
    let outputs = list.iter().map(|target| target.expr.clone()).collect();
    Ok(Some(Built { plan, outputs }))
}

/// The aggregates, each once, if they and the query qualify.
fn candidates(planner: &Planner<'_>, query: &Query, list: &[TargetEntry]) -> Result<Option<Vec<Aggref>>> {
    let [FromItem::Rte(rte)] = query.from.as_slice() else { return Ok(None) };
    let table =
        matches!(query.rtable.get(*rte).map(|rte| &rte.kind), Some(RteKind::Relation { sample: None, .. }));
    if !table
        || !query.group_by.is_empty()
        || !query.grouping_sets.is_empty()
        || query.has_windows
        || !query.ctes.is_empty()
        || !query.row_marks.is_empty()
    {
        return Ok(None);
    }
    let mut found: Vec<Aggref> = Vec::new();
    let mut fits = true;
    for top in list.iter().map(|target| &target.expr).chain(&query.having) {
        top.walk(&mut |expr| {
            match expr {
                Expr::Agg(agg) if agg.levels_up == 0 => {
                    if !found.contains(agg) {
                        found.push((**agg).clone());
                    }
                    return false;
                }
                // Whatever else comes from the row is not there any more.
                Expr::Var(_) | Expr::PlaceHolder(_) | Expr::SubPlan(_) => fits = false,
                _ => {}
            }
            fits
        });
    }
    if found.is_empty() || !fits {
        return Ok(None);
    }
    for agg in &found {
        let known = planner.catalog().aggregate(agg.func)?;
        let sorts = known.is_some_and(|info| info.sort_op != 0) && agg.filter.is_none();
        let [arg] = agg.args.as_slice() else { return Ok(None) };
        let constant = matches!(arg.expr, Expr::Const(_));
        if !sorts || constant || crate::prep::ctes::expr_is_volatile(planner, &arg.expr)? {
            return Ok(None);
        }
    }
    Ok(Some(found))
}

/// The plan that fetches one aggregate's value, if there is an index that has it first.
fn first_row(planner: &mut Planner<'_>, query: &Query, offset: usize, agg: &Aggref) -> Result<Option<Plan>> {
    let Some(info) = planner.catalog().aggregate(agg.func)? else { return Ok(None) };
    let Some(arg) = agg.args.first().map(|target| target.expr.clone()) else { return Ok(None) };
    let amops = planner.catalog().amops_of_operator(info.sort_op)?;
    let ordering = amops
        .iter()
        .find(|amop| amop.method == crate::path::clause::BTREE && matches!(amop.strategy, LESS | GREATER));
    let Some(ordering) = ordering else { return Ok(None) };
    let equal = planner.catalog().amop(ordering.family, ordering.left, ordering.right, 3)?;
    let Some(eq_op) = equal else { return Ok(None) };
    let descending = ordering.strategy == GREATER;
    for nulls_first in [descending, !descending] {
        let clause = SortGroupClause {
            target_ref: 1,
            eq_op,
            sort_op: info.sort_op,
            descending,
            nulls_first,
            hashable: false,
        };
        let mut sub = one_row_query(query, arg.clone(), clause);
        let built = super::plan_select(planner, &mut sub, offset, 1.0)?;
        if !has_sort(&built.plan) {
            return Ok(Some(built.plan));
        }
    }
    Ok(None)
}

fn one_row_query(query: &Query, arg: Expr, clause: SortGroupClause) -> Query {
    let mut sub = query.clone();
    let present = Expr::NullTest { arg: Box::new(arg.clone()), negated: true, arg_is_row: false };
    sub.quals = Expr::and(std::iter::once(present).chain(sub.quals.take()).collect());
    sub.targets = vec![TargetEntry {
        expr: arg,
        resno: 1,
        name: None,
        sort_group_ref: clause.target_ref,
        orig_table: 0,
        orig_column: 0,
        junk: false,
    }];
    sub.order_by = vec![clause];
    sub.limit = Some(Expr::Const(Const {
        value: Datum::Int8(1),
        type_oid: oids::INT8,
        typmod: -1,
        collation: 0,
        position: Position(None),
    }));
    sub.offset = None;
    sub.having = None;
    sub.distinct = Vec::new();
    sub.distinct_on = false;
    sub.has_aggs = false;
    sub.has_target_srfs = false;
    sub
}

fn has_sort(plan: &Plan) -> bool {
    matches!(plan.node, PlanNode::Sort { .. }) || plan.children().into_iter().any(has_sort)
}
