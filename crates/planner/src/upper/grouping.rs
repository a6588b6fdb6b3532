//! GROUP BY, aggregates, HAVING, grouping sets.

use super::presort::AggOrder;
use super::{FromPlan, create_from, targets, windows};
use crate::create::sort_by;
use crate::path::{PathKey, cost, pathkeys_contain};
use crate::planner::Planner;
use crate::refs::{Built, pull_components, pull_vars, resolve, resolve_targets, targets_of};
use crate::settings::DISABLE_COST;
use pglitedb_query_tree::{AggStrategy, Expr, GroupKey, Plan, PlanNode, Query, SortGroupClause, TargetEntry};
use pglitedb_sqlstate::{Error, Result};

/// What is asked of the aggregation.
pub(crate) struct Grouping<'a> {
    /// What its aggregates want.
    pub aggregates: &'a AggOrder,
    /// The targets to compute, unless windows or set-returning functions come after it.
    pub targets: &'a [TargetEntry],
    /// The order of the result.
    pub order: &'a [PathKey],
}

/// Builds the aggregation. Returns it with the order of its output.
pub(crate) fn plan_grouping(
    planner: &mut Planner<'_>,
    query: &mut Query,
    offset: usize,
    from: &FromPlan,
    grouping: &Grouping<'_>,
) -> Result<(Built, Vec<PathKey>)> {
    let group_exprs: Vec<(Expr, SortGroupClause)> = query
        .group_by
        .iter()
        .filter_map(|clause| targets::expr_of(query, clause.target_ref).map(|expr| (expr, clause.clone())))
        .collect();
    if group_exprs.len() != query.group_by.len() {
        return Err(Error::internal("GROUP BY refers to a target that is not there"));
    }
    let exprs: Vec<Expr> = group_exprs.iter().map(|(expr, _)| expr.clone()).collect();

    // Input: the grouping expressions, and the columns used anywhere else.
    let mut input = exprs.clone();
    let mut used: Vec<&Expr> = query.targets.iter().map(|target| &target.expr).collect();
    used.extend(query.having.iter());
    for expr in used {
        input_columns(expr, &exprs, &mut input);
    }
    // Output: everything the targets are made of.
    let mut outputs = Vec::new();
    let final_list = !query.has_windows && !query.has_target_srfs;
    if !final_list {
        windows::add_window_components(query, &mut outputs);
        let whole: Vec<Expr> = exprs.iter().chain(&outputs).cloned().collect();
        for target in &query.targets {
            pull_components(&target.expr, &whole, false, &mut outputs);
        }
    }
    let list: Vec<TargetEntry> = if final_list { grouping.targets.to_vec() } else { targets_of(&outputs) };
    if let Some(built) = super::minmax::try_plan(planner, query, offset, from, &list)? {
        return Ok((built, Vec::new()));
    }
    for key in &grouping.aggregates.keys {
        if !input.contains(&key.expr) {
            input.push(key.expr.clone());
        }
    }
    let built = create_from(planner, query, offset, from, targets_of(&input), false)?;
    aggregate(planner, query, from, built, &group_exprs, list, grouping)
}

/// Columns below aggregates and grouping expressions.
fn input_columns(expr: &Expr, groups: &[Expr], into: &mut Vec<Expr>) {
    if groups.contains(expr) {
        return;
    }
    match expr {
        Expr::Var(_) | Expr::PlaceHolder(_) => pull_vars(expr, into),
        Expr::Agg(agg) if agg.levels_up == 0 => {
            expr.for_each_child(&mut |child| pull_vars(child, into));
        }
        _ => expr.for_each_child(&mut |child| input_columns(child, groups, into)),
    }
}

fn keys_of(built: &Built, groups: &[(Expr, SortGroupClause)]) -> Result<Vec<GroupKey>> {
    groups
        .iter()
        .map(|(expr, clause)| {
            let column = built
                .outputs
                .iter()
                .position(|known| known == expr)
                .ok_or_else(|| Error::internal("grouping column is not in the input"))?;
            Ok(GroupKey {
                column: column + 1,
                eq_op: clause.eq_op,
                type_oid: expr.type_oid(),
                collation: expr.collation(),
            })
        })
        .collect()
}

fn aggregate(
    planner: &Planner<'_>,
    query: &Query,
    from: &FromPlan,
    built: Built,
    groups: &[(Expr, SortGroupClause)],
    list: Vec<TargetEntry>,
    grouping: &Grouping<'_>,
) -> Result<(Built, Vec<PathKey>)> {
    let settings = planner.settings();
    let clauses: Vec<SortGroupClause> = groups.iter().map(|(_, clause)| clause.clone()).collect();
    let group_order = super::order::pathkeys(planner, query, &clauses)?;
    let order = grouping.order;
    let mut input_order = group_order.clone();
    super::presort::extend(&mut input_order, &grouping.aggregates.keys);
    let all_hashable = clauses.iter().all(|clause| clause.hashable) && !grouping.aggregates.ordered;
    let all_sortable = clauses.iter().all(|clause| clause.sort_op != 0);
    let input = (built.plan.total_cost, built.plan.rows, built.plan.width);
    let per_row = settings.cpu_operator_cost * (groups.len() as f64 + 1.0);
    let mut strategy = AggStrategy::Plain;
    let mut built = built;
    let mut output_order = Vec::new();
    let mut grouping_sets = Vec::new();
    if !query.grouping_sets.is_empty() {
        strategy = AggStrategy::Mixed;
        grouping_sets = query
            .grouping_sets
            .iter()
            .map(|set| {
                set.iter().filter_map(|r| clauses.iter().position(|clause| clause.target_ref == *r)).collect()
            })
            .collect();
        // Hashing takes any order of input; sorting first keeps the output ordered as users know it.
        if all_sortable && !groups.is_empty() {
            built = sort_by(planner, built, &from.path.pathkeys, &group_order, None)?;
        }
    } else if !groups.is_empty() {
        let presorted = pathkeys_contain(&from.path.pathkeys, &input_order);
        let sort = cost::sort(settings, input.0, input.1, input.2, None);
        let sorted_total = if presorted { input.0 } else { sort.total } + per_row * input.1;
        let mut hashed_total = input.0 + per_row * input.1 + settings.cpu_tuple_cost * from.groups;
        let hash_bytes = from.groups * (f64::from(input.2) + 64.0);
        if hash_bytes > settings.work_mem * settings.hash_mem_multiplier * 1024.0 {
            hashed_total += hash_bytes / 8192.0 * 2.0 * settings.seq_page_cost;
        }
        if !settings.enable_hashagg {
            hashed_total += DISABLE_COST;
        }
        // A result that must be ordered by the groups anyway makes sorting cheaper.
        let order_helps = !order.is_empty() && pathkeys_contain(&group_order, order);
        let resort = cost::sort(settings, 0.0, from.groups, input.2, None).total;
        if !order.is_empty() {
            hashed_total += resort;
        }
        let sorted_total = if order.is_empty() || order_helps { sorted_total } else { sorted_total + resort };
        if !all_hashable && !all_sortable {
            return Err(Error::unsupported("grouping by a type that can be neither hashed nor sorted"));
        }
        if all_hashable && (!all_sortable || hashed_total <= sorted_total) {
            strategy = AggStrategy::Hashed;
        } else {
            strategy = AggStrategy::Sorted;
            if !presorted {
                built = sort_by(planner, built, &from.path.pathkeys, &input_order, None)?;
            }
            output_order = group_order;
        }
    } else if !input_order.is_empty() && !pathkeys_contain(&from.path.pathkeys, &input_order) {
        built = sort_by(planner, built, &from.path.pathkeys, &input_order, None)?;
    }
    let keys = keys_of(&built, groups)?;
    let having = query.having.clone().map_or_else(Vec::new, Expr::into_conjuncts);
    let quals =
        having.into_iter().map(|expr| resolve(expr, &built.outputs, None)).collect::<Result<Vec<_>>>()?;
    let (targets, outputs) = resolve_targets(list, &built.outputs, None)?;
    let rows = match strategy {
        AggStrategy::Plain => 1.0,
        AggStrategy::Mixed => cost::clamp_rows(from.groups * grouping_sets.len().max(1) as f64),
        _ => cost::clamp_rows(from.groups),
    };
    let total = built.plan.total_cost + per_row * input.1 + settings.cpu_tuple_cost * rows;
    let startup = match strategy {
        AggStrategy::Sorted => built.plan.startup_cost,
        _ => built.plan.total_cost + per_row * input.1,
    };
    let plain_group = strategy == AggStrategy::Sorted
        && !targets.iter().any(|target| has_agg(&target.expr))
        && !quals.iter().any(has_agg);
    let child = Box::new(built.plan);
    let node = if plain_group {
        PlanNode::Group { outer: child, keys }
    } else {
        let key_refs = clauses.iter().map(|clause| clause.target_ref).collect();
        PlanNode::Agg { outer: child, strategy, keys, grouping_sets, key_refs }
    };
    let plan = Plan {
        node,
        targets,
        quals,
        init_plans: Vec::new(),
        startup_cost: startup,
        total_cost: total,
        rows,
        width: input.2,
    };
    Ok((Built { plan, outputs }, output_order))
}

fn has_agg(expr: &Expr) -> bool {
    expr.any(&mut |node| matches!(node, Expr::Agg(_) | Expr::Grouping { .. }))
}
