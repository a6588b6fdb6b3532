//! WITH queries: inlined into the query when referred to once and free of side effects, planned once otherwise.

use crate::planner::{CtePlan, Planner};
use pglitedb_catalog::Volatility;
use pglitedb_query_tree::{CommandType, Cte, CteMaterialize, Expr, Query, RteKind, SetOp};
use pglitedb_sqlstate::{Error, Result, err};
use std::sync::Arc;

/// Plans or inlines all WITH queries of a level.
pub(crate) fn plan_ctes(planner: &mut Planner<'_>, query: &mut Query) -> Result<()> {
    for at in 0..query.ctes.len() {
        let cte = query.ctes[at].clone();
        let modifying = cte.query.command != CommandType::Select;
        if cte.references == 0 && !modifying {
            continue;
        }
        if !modifying && can_inline(planner, &cte)? {
            inline(query, &cte, 0);
            continue;
        }
        plan_one(planner, &cte)?;
    }
    Ok(())
}

/// Names of the data-modifying WITH queries, in order.
pub(crate) fn modifying_ctes(query: &Query) -> Vec<Arc<str>> {
    query
        .ctes
        .iter()
        .filter(|cte| cte.query.command != CommandType::Select)
        .map(|cte| cte.name.clone())
        .collect()
}

fn can_inline(planner: &Planner<'_>, cte: &Cte) -> Result<bool> {
    if cte.recursive || cte.materialize == CteMaterialize::Always || !cte.query.row_marks.is_empty() {
        return Ok(false);
    }
    if cte.references > 1 && cte.materialize != CteMaterialize::Never {
        return Ok(false);
    }
    Ok(!has_volatile(planner, &cte.query)?)
}

/// Does a query call a volatile function anywhere?
pub(crate) fn has_volatile(planner: &Planner<'_>, query: &Query) -> Result<bool> {
    let mut volatile = Ok(false);
    query.walk_exprs(0, &mut |expr, _| {
        if let Ok(false) = volatile {
            volatile = is_volatile_call(planner, expr);
        }
    });
    volatile
}

/// Is this very node a call of a volatile function?
pub(crate) fn is_volatile_call(planner: &Planner<'_>, expr: &Expr) -> Result<bool> {
    let func = match expr {
        Expr::Func(func) => func.func,
        Expr::Op(op) => op.func,
        Expr::NextValue { .. } => return Ok(true),
        _ => return Ok(false),
    };
    Ok(planner.catalog().proc(func)?.is_some_and(|proc| proc.volatility == Volatility::Volatile))
}

/// Does an expression call a volatile function (or contain a subquery that does)?
pub(crate) fn expr_is_volatile(planner: &Planner<'_>, top: &Expr) -> Result<bool> {
    let mut volatile = Ok(false);
    top.walk(&mut |expr| {
        if let Ok(false) = volatile {
            volatile = match expr {
                Expr::SubLink(link) => has_volatile(planner, &link.query),
                other => is_volatile_call(planner, other),
            };
        }
        matches!(volatile, Ok(false))
    });
    volatile
}

/// Replaces references to a WITH query by subqueries, in the query and the queries inside it.
fn inline(query: &mut Query, cte: &Cte, depth: u32) {
    for rte in &mut query.rtable {
        if let RteKind::Cte { name, levels_up, self_reference: false } = &rte.kind
            && *name == cte.name
            && *levels_up == depth
        {
            let mut copy = (*cte.query).clone();
            // The copy sits one level below the referring query; its definition sat one below the WITH's level.
            #[allow(clippy::cast_possible_wrap)]
            copy.shift_levels(depth as i32, 1);
            rte.kind = RteKind::Subquery { query: Box::new(copy), view: 0, barrier: false };
        }
    }
    query.for_each_subquery_mut(&mut |inner| inline(inner, cte, depth + 1));
}

fn plan_one(planner: &mut Planner<'_>, cte: &Cte) -> Result<()> {
    let plan = if cte.recursive && refers_to_itself(&cte.query) {
        plan_recursive(planner, cte)?
    } else {
        planner.query((*cte.query).clone(), 0.0, false)?.plan
    };
    let (rows, width) = (plan.rows, plan.width);
    planner.subplans.push(plan);
    let at = planner.subplans.len() - 1;
    planner.level().ctes.insert(cte.name.clone(), CtePlan { plan: at, rows, width, work_table: None });
    Ok(())
}

fn refers_to_itself(query: &Query) -> bool {
    query.rtable.iter().any(|rte| match &rte.kind {
        RteKind::Cte { self_reference, .. } => *self_reference,
        RteKind::Subquery { query, .. } => refers_to_itself(query),
        _ => false,
    })
}

/// A recursive query is a UNION of the starting term and the recursive one, which reads the work table.
fn plan_recursive(planner: &mut Planner<'_>, cte: &Cte) -> Result<pglitedb_query_tree::Plan> {
    let query = &cte.query;
    let Some(SetOp::Node { all, left, right, group, .. }) = &query.set_operation else {
        return Err(Error::internal("recursive query is not a UNION"));
    };
    let (SetOp::Leaf(left), SetOp::Leaf(right)) = (&**left, &**right) else {
        return Err(Error::unsupported("recursive query whose terms are set operations"));
    };
    let term = |rte: usize| match query.rtable.get(rte).map(|rte| &rte.kind) {
        Some(RteKind::Subquery { query, .. }) => Ok((**query).clone()),
        _ => Err(Error::internal("term of a recursive query is not a subquery")),
    };
    if !query.order_by.is_empty() || query.limit.is_some() || query.offset.is_some() {
        return Err(Error::unsupported("ORDER BY, LIMIT or OFFSET in a recursive query is not implemented"));
    }
    if !*all && !group.iter().all(|clause| clause.hashable) {
        return Err(err!(FEATURE_NOT_SUPPORTED, "could not implement recursive UNION")
            .detail("All column datatypes must be hashable."));
    }
    // The terms sit two levels below the WITH's level: the UNION itself is a level.
    planner.levels.push(crate::planner::Level::default());
    let result = (|| {
        let outer = planner.query(term(*left)?, 0.0, false)?.plan;
        let work_table = planner.work_tables;
        planner.work_tables += 1;
        let above = planner.levels.len() - 2;
        let own = CtePlan {
            plan: usize::MAX,
            rows: outer.rows * 10.0,
            width: outer.width,
            work_table: Some(work_table),
        };
        planner.levels[above].ctes.insert(cte.name.clone(), own);
        let inner = planner.query(term(*right)?, 0.0, false)?.plan;
        Ok(crate::upper::setop::recursive_union(outer, inner, work_table, *all, group))
    })();
    planner.levels.pop();
    result
}
