//! Everything above the join tree: grouping, windows, set-returning targets, DISTINCT, ORDER BY, LIMIT, row locks, data
//! changes.

pub(crate) mod group_keys;
pub(crate) mod grouping;
pub(crate) mod minmax;
pub(crate) mod modify;
pub(crate) mod order;
pub(crate) mod presort;
pub(crate) mod setop;
pub(crate) mod subplan;
pub(crate) mod targets;
pub(crate) mod windows;

use crate::create::Creator;
use crate::path::join::JoinSearch;
use crate::path::selectivity::Estimator;
use crate::path::useful::UsefulOrders;
use crate::path::{Path, PathKey, PathKind, RelSet, base, cost, pathkeys_contain};
use crate::planner::Planner;
use crate::refs::{Built, pull_components, targets_of};
use pglitedb_query_tree::{CommandType, Expr, Plan, PlanNode, Query, TargetEntry};
use pglitedb_sqlstate::{Error, Result};
use std::rc::Rc;

/// Plans a query level that is no set operation.
pub(crate) fn plan_upper(
    planner: &mut Planner<'_>,
    query: &mut Query,
    offset: usize,
    tuple_fraction: f64,
    top: bool,
) -> Result<Plan> {
    let init_plans = subplan::plan_sublinks(planner, query)?;
    let mut plan = if query.command == CommandType::Select {
        plan_select(planner, query, offset, tuple_fraction)?.plan
    } else {
        modify::plan_modify(planner, query, offset, top)?
    };
    plan.init_plans.extend(init_plans);
    plan.init_plans.append(&mut planner.level().init_plans);
    Ok(plan)
}

/// The chosen path of the FROM clause and what is needed to build on it.
pub(crate) struct FromPlan {
    pub base: base::BaseRels,
    pub path: Rc<Path>,
    /// Estimated number of groups, if there is GROUP BY.
    pub groups: f64,
    /// Conditions that don't depend on the rows.
    pub one_time: Vec<Expr>,
}

/// Finds the path for FROM and WHERE; `wanted` orders make ordered paths worth more.
pub(crate) fn plan_from(
    planner: &mut Planner<'_>,
    query: &mut Query,
    tuple_fraction: f64,
    wanted: &[PathKey],
) -> Result<FromPlan> {
    let mut base = base::collect(planner, query)?;
    base.startup_matters = tuple_fraction > 0.0;
    let mut one_time = Vec::new();
    let mut conds = Vec::new();
    for expr in query.quals.iter().flat_map(|quals| quals.clone().into_conjuncts()) {
        let constant =
            base.map.rels(&expr).is_empty() && !crate::prep::ctes::expr_is_volatile(planner, &expr)?;
        if constant { one_time.push(expr) } else { conds.push(expr) }
    }
    if query.from.is_empty() {
        one_time.extend(conds);
        let path = Path {
            kind: PathKind::Empty,
            rels: RelSet::default(),
            required: RelSet::default(),
            disabled: 0,
            rows: 1.0,
            startup: 0.0,
            total: planner.settings().cpu_tuple_cost,
            width: 0,
            pathkeys: Vec::new(),
        };
        return Ok(FromPlan { base, path: Rc::new(path), groups: 1.0, one_time });
    }
    let clauses =
        query.order_by.iter().chain(&query.group_by).chain(&query.distinct).chain(
            query.windows.iter().flat_map(|window| window.partition_by.iter().chain(&window.order_by)),
        );
    let ordered = clauses
        .filter_map(|clause| targets::expr_of(query, clause.target_ref))
        .map(|expr| crate::path::strip(&expr).clone())
        .collect();
    let (joins, ranges) = Default::default();
    let estimator =
        Estimator { planner, query, map: &base.map, tuples: &base.tuples, ordered, joins, ranges };
    let above = estimator.ordered.iter().chain(wanted.iter().map(|key| &key.expr));
    let useful = UsefulOrders::new(query, &conds, &base.map, above);
    let search = JoinSearch { planner, estimator: &estimator, base: &base, useful };
    let node = search.plan_list(&query.from, conds)?;
    let path = choose(planner, &estimator, &node, tuple_fraction, wanted)?;
    let group_exprs: Vec<Expr> =
        query.group_by.iter().filter_map(|clause| targets::expr_of(query, clause.target_ref)).collect();
    let groups = estimator.group_count(group_exprs.iter(), path.rows);
    Ok(FromPlan { base, path, groups, one_time })
}

/// The cheapest path counting the sort that an unordered one would need.
fn choose(
    planner: &Planner<'_>,
    estimator: &Estimator<'_, '_>,
    node: &crate::path::RelNode,
    tuple_fraction: f64,
    wanted: &[PathKey],
) -> Result<Rc<Path>> {
    let none = || Error::internal("no path for the FROM clause");
    if wanted.is_empty() {
        return cost::cheapest_fractional(node, tuple_fraction).cloned().ok_or_else(none);
    }
    let fraction = match tuple_fraction {
        f if f <= 0.0 => 1.0,
        f if f >= 1.0 => (f / node.rows.max(1.0)).min(1.0),
        f => f,
    };
    let limit = (tuple_fraction >= 1.0).then_some(tuple_fraction);
    let price = |path: &Path| {
        if crate::path::pathkeys_contain(&path.pathkeys, wanted) {
            path.startup + fraction * (path.total - path.startup)
        } else if let ready @ 1.. = crate::create::presorted(planner, &path.pathkeys, wanted) {
            let groups = estimator.group_count(wanted[..ready].iter().map(|key| &key.expr), path.rows);
            let input = cost::Cost { startup: path.startup, total: path.total };
            let sort =
                cost::incremental_sort(planner.settings(), input, (path.rows, groups), path.width, limit);
            sort.startup + fraction * (sort.total - sort.startup)
        } else {
            let sort = cost::sort(planner.settings(), path.total, path.rows, path.width, limit);
            sort.startup + fraction * (sort.total - sort.startup)
        }
    };
    node.paths
        .iter()
        .filter(|path| path.required.is_empty())
        .min_by(|a, b| a.disabled.cmp(&b.disabled).then(price(a).total_cmp(&price(b))))
        .cloned()
        .ok_or_else(none)
}

/// Is a condition constant, and not true?
fn is_never(condition: &Expr) -> bool {
    matches!(condition, Expr::Const(constant) if constant.value.as_bool() != Some(true))
}

/// A plan that gives no rows. What its columns would be made of need not be there.
fn no_rows(mut targets: Vec<TargetEntry>) -> Built {
    let outputs = targets.iter().map(|target| target.expr.clone()).collect();
    for target in &mut targets {
        target.expr.rewrite(&mut |expr| {
            if matches!(expr, Expr::Var(_) | Expr::PlaceHolder(_)) {
                *expr = Expr::null_const(expr.type_oid(), expr.typmod(), expr.collation());
            }
        });
    }
    let plan = Plan {
        node: PlanNode::Result { outer: None, one_time: Some(Expr::bool_const(false)) },
        targets,
        quals: Vec::new(),
        init_plans: Vec::new(),
        startup_cost: 0.0,
        total_cost: 0.0,
        rows: 1.0,
        width: 0,
    };
    Built { plan, outputs }
}

/// Builds the chosen path with the given outputs (`exact`; at least these otherwise) and puts the one-time filter on top.
pub(crate) fn create_from(
    planner: &mut Planner<'_>,
    query: &Query,
    offset: usize,
    from: &FromPlan,
    targets: Vec<TargetEntry>,
    exact: bool,
) -> Result<Built> {
    if from.one_time.iter().any(is_never) {
        return Ok(no_rows(targets));
    }
    let path = from.path.clone();
    let mut creator = Creator::new(planner, query, &from.base, offset);
    let mut built = if exact {
        creator.create(&path, targets)?
    } else {
        let needed: Vec<Expr> = targets.into_iter().map(|target| target.expr).collect();
        creator.input(&path, &needed)?
    };
    if !from.one_time.is_empty() {
        let one_time = Expr::and(from.one_time.clone());
        built = match built.plan.node {
            PlanNode::Result { outer: None, one_time: None } => {
                built.plan.node = PlanNode::Result { outer: None, one_time };
                built
            }
            _ => crate::refs::on_top(built, |outer| PlanNode::Result { outer: Some(outer), one_time }),
        };
    }
    Ok(built)
}

fn plan_select(
    planner: &mut Planner<'_>,
    query: &mut Query,
    offset: usize,
    tuple_fraction: f64,
) -> Result<Built> {
    let grouped = query.has_aggs
        || !query.group_by.is_empty()
        || query.having.is_some()
        || !query.grouping_sets.is_empty();
    group_keys::drop_dependent(planner, query)?;
    let fraction = order::limit_fraction(query, tuple_fraction);
    let order_keys = order::pathkeys(planner, query, &query.order_by)?;
    let aggregates =
        if query.has_aggs { presort::aggregate_order(planner, query)? } else { presort::AggOrder::default() };
    let wanted = if grouped {
        let mut keys = order::pathkeys(planner, query, &query.group_by)?;
        presort::extend(&mut keys, &aggregates.keys);
        keys
    } else if query.has_windows {
        Vec::new()
    } else if !query.distinct.is_empty() {
        order::distinct_pathkeys(planner, query)?
    } else {
        order_keys.clone()
    };
    let hashable_groups =
        grouped && !aggregates.ordered && query.group_by.iter().all(|clause| clause.hashable);
    let hint: &[PathKey] = if hashable_groups { &[] } else { &wanted };
    let from = plan_from(planner, query, if grouped || query.has_windows { 0.0 } else { fraction }, hint)?;
    let mut ordered_by = from.path.pathkeys.clone();

    if query.has_windows {
        windows::simplify(query);
    }
    // From here on `built` computes more and more of the target list.
    let final_targets = query.targets.clone();
    let in_order = !grouped && !query.has_windows && pathkeys_contain(&ordered_by, &order_keys);
    let staged = if in_order { None } else { order::staged_targets(planner, query)? };
    let before_sort = staged.as_ref().unwrap_or(&final_targets);
    let mut built = if grouped {
        let grouping =
            grouping::Grouping { aggregates: &aggregates, targets: before_sort, order: &order_keys };
        let (built, order) = grouping::plan_grouping(planner, query, offset, &from, &grouping)?;
        ordered_by = order;
        built
    } else {
        let mut list = before_sort.clone();
        if query.has_windows || query.has_target_srfs {
            let mut components = Vec::new();
            windows::add_window_components(query, &mut components);
            for target in &final_targets {
                pull_components(&target.expr, &components.clone(), false, &mut components);
            }
            list = targets_of(&components);
        }
        let marks = order::row_mark_targets(query, list.len());
        list.extend(marks);
        create_from(planner, query, offset, &from, list, true)?
    };
    if query.has_windows {
        let last = (!query.has_target_srfs).then_some(before_sort.as_slice());
        built = windows::plan_windows(planner, query, built, &mut ordered_by, last)?;
    }
    let mut srfs_pending = false;
    if query.has_target_srfs {
        // Set-returning functions multiply rows: sort first where the order does not depend on them.
        if order::depends_on_srf(query) || !query.distinct.is_empty() || query.order_by.is_empty() {
            built = targets::project_srfs(built, &final_targets)?;
            ordered_by.clear();
        } else {
            srfs_pending = true;
        }
    }
    if !srfs_pending {
        built = targets::project(built, before_sort)?;
    }
    if !query.distinct.is_empty() {
        built = order::plan_distinct(planner, query, built, &mut ordered_by)?;
    }
    if !query.order_by.is_empty() && !crate::path::pathkeys_contain(&ordered_by, &order_keys) {
        let limit = (fraction >= 1.0).then_some(fraction);
        built = if srfs_pending {
            order::sort_components(planner, query, built, limit)?
        } else {
            order::sort_targets(planner, query, built, &ordered_by, limit)?
        };
    }
    if srfs_pending {
        built = targets::project_srfs(built, &final_targets)?;
    }
    if srfs_pending || staged.is_some() {
        built = targets::project(built, &final_targets)?;
    }
    if !query.row_marks.is_empty() {
        built = order::lock_rows(planner, query, offset, built)?;
    }
    order::plan_limit(query, built)
}
