//! UNION, INTERSECT, EXCEPT, and the union of a recursive query.

use super::order;
use crate::planner::Planner;
use crate::refs::{Built, on_top};
use pglitedb_query_tree::{
    AggStrategy, Expr, GroupKey, Plan, PlanNode, Query, RteKind, SetOp, SetOpKind, SortGroupClause, SortKey,
    TargetEntry, VarSource,
};
use pglitedb_sqlstate::{Error, Result};

/// Plans a query that is a tree of set operations.
pub(crate) fn plan_set_operation(
    planner: &mut Planner<'_>,
    query: &mut Query,
    offset: usize,
    tuple_fraction: f64,
) -> Result<Plan> {
    let tree = query.set_operation.take().ok_or_else(|| Error::internal("not a set operation"))?;
    let init_plans = super::subplan::plan_sublinks(planner, query)?;
    planner.folder().query(query)?;
    let plan = node(planner, query, offset, &tree)?;
    // The targets are columns of the leftmost leaf; name them as the query does.
    let outputs: Vec<Expr> = query.targets.iter().map(|target| target.expr.clone()).collect();
    let mut built = Built { plan, outputs };
    for (own, target) in built.plan.targets.iter_mut().zip(&query.targets) {
        own.name = target.name.clone();
        own.sort_group_ref = target.sort_group_ref;
        own.junk = target.junk;
    }
    if !query.order_by.is_empty() {
        let fraction = order::limit_fraction(query, tuple_fraction);
        built = order::sort_targets(planner, query, built, &[], (fraction >= 1.0).then_some(fraction))?;
    }
    let mut plan = order::plan_limit(query, built)?.plan;
    plan.init_plans.extend(init_plans);
    Ok(plan)
}

fn node(planner: &mut Planner<'_>, query: &mut Query, offset: usize, tree: &SetOp) -> Result<Plan> {
    planner.ctx.env.check_interrupts()?;
    match tree {
        SetOp::Leaf(rte) => leaf(planner, query, offset, *rte),
        SetOp::Node { kind: SetOpKind::Union, all, group, .. } => {
            // Nested UNIONs of the same kind are one Append.
            let mut children = Vec::new();
            union_children(planner, query, offset, tree, *all, &mut children)?;
            let plan = append(children);
            if *all { Ok(plan) } else { distinct(planner, plan, group) }
        }
        SetOp::Node { kind, all, left, right, group, .. } => {
            let left = node(planner, query, offset, left)?;
            let right = node(planner, query, offset, right)?;
            if !group.iter().all(|clause| clause.hashable) {
                return sorted_set_operation(planner, *kind, *all, left, right, group);
            }
            Ok(set_operation(*kind, *all, left, right, group, false))
        }
    }
}

fn leaf(planner: &mut Planner<'_>, query: &mut Query, offset: usize, rte: usize) -> Result<Plan> {
    let RteKind::Subquery { query: sub, .. } = &mut query.rtable[rte].kind else {
        return Err(Error::internal("leaf of a set operation is not a subquery"));
    };
    let sub = std::mem::take(sub);
    let plan = planner.query(*sub, 0.0, false)?.plan;
    let visible: Vec<&TargetEntry> = plan.targets.iter().filter(|target| !target.junk).collect();
    if visible.len() == plan.targets.len() {
        return Ok(plan);
    }
    let targets: Vec<TargetEntry> = visible
        .iter()
        .enumerate()
        .map(|(at, target)| TargetEntry {
            expr: crate::refs::column_ref(VarSource::Scan, at + 1, &target.expr),
            resno: at + 1,
            sort_group_ref: 0,
            ..(*target).clone()
        })
        .collect();
    let (startup_cost, total_cost, rows, width) = (plan.startup_cost, plan.total_cost, plan.rows, plan.width);
    Ok(Plan {
        node: PlanNode::SubqueryScan { rte: rte + offset, outer: Box::new(plan) },
        targets,
        quals: Vec::new(),
        init_plans: Vec::new(),
        startup_cost,
        total_cost,
        rows,
        width,
    })
}

fn union_children(
    planner: &mut Planner<'_>,
    query: &mut Query,
    offset: usize,
    tree: &SetOp,
    all: bool,
    children: &mut Vec<Plan>,
) -> Result<()> {
    match tree {
        SetOp::Node { kind: SetOpKind::Union, all: own_all, left, right, .. } if *own_all == all || !all => {
            union_children(planner, query, offset, left, all, children)?;
            union_children(planner, query, offset, right, all, children)
        }
        other => {
            children.push(node(planner, query, offset, other)?);
            Ok(())
        }
    }
}

fn append(children: Vec<Plan>) -> Plan {
    let targets = children.first().map_or_else(Vec::new, crate::refs::pass_through);
    let sum = |f: fn(&Plan) -> f64| children.iter().map(f).sum::<f64>();
    Plan {
        startup_cost: children.first().map_or(0.0, |child| child.startup_cost),
        total_cost: sum(|child| child.total_cost + child.rows * 0.005),
        rows: sum(|child| child.rows),
        width: children.first().map_or(0, |child| child.width),
        targets,
        quals: Vec::new(),
        init_plans: Vec::new(),
        node: PlanNode::Append { children },
    }
}

fn keys(targets: &[TargetEntry], group: &[SortGroupClause]) -> Vec<GroupKey> {
    let key = |(at, (clause, target)): (usize, (&SortGroupClause, &TargetEntry))| GroupKey {
        column: at + 1,
        eq_op: clause.eq_op,
        type_oid: target.expr.type_oid(),
        collation: target.expr.collation(),
    };
    group.iter().zip(targets).enumerate().map(key).collect()
}

fn sort_keys(targets: &[TargetEntry], group: &[SortGroupClause]) -> Vec<SortKey> {
    let pairs = group.iter().zip(targets).enumerate();
    pairs.map(|(at, (clause, target))| super::windows::sort_key(at + 1, &target.expr, clause)).collect()
}

fn distinct(planner: &Planner<'_>, plan: Plan, group: &[SortGroupClause]) -> Result<Plan> {
    let keys = keys(&plan.targets, group);
    let rows = plan.rows;
    let outputs = plan.targets.iter().map(|target| target.expr.clone()).collect();
    let built = Built { plan, outputs };
    if group.iter().all(|clause| clause.hashable) {
        let mut above = on_top(built, |outer| PlanNode::Agg {
            outer,
            strategy: AggStrategy::Hashed,
            keys,
            grouping_sets: Vec::new(),
            key_refs: Vec::new(),
        });
        above.plan.total_cost += rows * 0.01;
        above.plan.startup_cost = above.plan.total_cost;
        return Ok(above.plan);
    }
    let sorted = sort_all(planner, built, group)?;
    Ok(on_top(sorted, |outer| PlanNode::Unique { outer, keys }).plan)
}

fn sort_all(planner: &Planner<'_>, built: Built, group: &[SortGroupClause]) -> Result<Built> {
    if group.iter().any(|clause| clause.sort_op == 0) {
        return Err(Error::unsupported("set operation on a type that can be neither hashed nor sorted"));
    }
    let keys = sort_keys(&built.plan.targets, group);
    Ok(crate::create::sort_on(planner, built, keys, 0, None))
}

fn set_operation(
    kind: SetOpKind,
    all: bool,
    left: Plan,
    right: Plan,
    group: &[SortGroupClause],
    sorted: bool,
) -> Plan {
    let targets = crate::refs::pass_through(&left);
    let keys = keys(&targets, group);
    let sorted = sorted.then(|| sort_keys(&targets, group));
    let total_cost = left.total_cost + right.total_cost + (left.rows + right.rows) * 0.01;
    let rows = match kind {
        SetOpKind::Intersect => left.rows.min(right.rows),
        _ => left.rows,
    };
    Plan {
        startup_cost: if sorted.is_some() { left.startup_cost + right.startup_cost } else { total_cost },
        total_cost,
        rows,
        width: left.width,
        targets,
        quals: Vec::new(),
        init_plans: Vec::new(),
        node: PlanNode::SetOp { kind, all, outer: Box::new(left), inner: Box::new(right), keys, sorted },
    }
}

fn sorted_set_operation(
    planner: &Planner<'_>,
    kind: SetOpKind,
    all: bool,
    left: Plan,
    right: Plan,
    group: &[SortGroupClause],
) -> Result<Plan> {
    let sort = |plan: Plan| {
        let outputs = plan.targets.iter().map(|target| target.expr.clone()).collect();
        sort_all(planner, Built { plan, outputs }, group).map(|built| built.plan)
    };
    let (left, right) = (sort(left)?, sort(right)?);
    Ok(set_operation(kind, all, left, right, group, true))
}

/// The node of a recursive WITH query.
pub(crate) fn recursive_union(
    outer: Plan,
    inner: Plan,
    work_table: usize,
    all: bool,
    group: &[SortGroupClause],
) -> Plan {
    let targets = crate::refs::pass_through(&outer);
    let distinct = if all { Vec::new() } else { keys(&targets, group) };
    Plan {
        startup_cost: outer.startup_cost,
        total_cost: outer.total_cost + inner.total_cost * 10.0,
        rows: outer.rows + inner.rows * 10.0,
        width: outer.width,
        targets,
        quals: Vec::new(),
        init_plans: Vec::new(),
        node: PlanNode::RecursiveUnion {
            outer: Box::new(outer),
            inner: Box::new(inner),
            work_table,
            distinct,
        },
    }
}
