//! Aggregates whose input is sorted: by their own ORDER BY or DISTINCT.

use super::order::pathkeys_of;
use crate::path::PathKey;
use crate::planner::Planner;
use pglitedb_query_tree::{Aggref, Expr, Query};
use pglitedb_sqlstate::Result;

/// What the aggregates of a query level ask of their input.
#[derive(Default)]
pub(crate) struct AggOrder {
    /// Is there an aggregate with ORDER BY or DISTINCT? Then groups can't be hashed, as in PostgreSQL.
    pub ordered: bool,
    /// The order of the input that serves the most of them.
    pub keys: Vec<PathKey>,
}

/// Calls `f` on the aggregates of this level.
fn for_each_aggregate<'q>(query: &'q Query, f: &mut dyn FnMut(&'q Aggref)) {
    let tops = query.targets.iter().map(|target| &target.expr).chain(&query.having);
    for top in tops {
        top.walk(&mut |expr| {
            if let Expr::Agg(agg) = expr
                && agg.levels_up == 0
            {
                f(agg);
            }
            true
        });
    }
}

/// Looks at the aggregates of a query.
pub(crate) fn aggregate_order(planner: &Planner<'_>, query: &Query) -> Result<AggOrder> {
    let mut found: Vec<&Aggref> = Vec::new();
    for_each_aggregate(query, &mut |agg| {
        if !agg.order_by.is_empty() || !agg.distinct.is_empty() {
            found.push(agg);
        }
    });
    let mut order = AggOrder { ordered: !found.is_empty(), keys: Vec::new() };
    if !order.ordered || !planner.settings().enable_presorted_aggregate || !query.grouping_sets.is_empty() {
        return Ok(order);
    }
    let mut asked: Vec<Vec<PathKey>> = Vec::new();
    for agg in found {
        // Ordered-set aggregates sort for themselves; a filter may keep rows away whose sort keys can't be computed.
        if agg.kind != b'n' || (agg.filter.is_some() && !only_columns(agg)) {
            continue;
        }
        let keys = keys_of(planner, agg)?;
        let mut volatile = false;
        for key in &keys {
            volatile |= crate::prep::ctes::expr_is_volatile(planner, &key.expr)?;
        }
        if !volatile {
            asked.push(keys);
        }
    }
    let mut best = 0;
    for keys in &asked {
        // An order that continues this one serves those that are content with less, too.
        let longest = asked.iter().filter(|other| other.starts_with(keys)).max_by_key(|other| other.len());
        let longest = longest.unwrap_or(keys);
        let served = asked.iter().filter(|other| longest.starts_with(other)).count();
        if served > best {
            best = served;
            order.keys.clone_from(longest);
        }
    }
    Ok(order)
}

/// Adds keys behind others.
pub(crate) fn extend(keys: &mut Vec<PathKey>, more: &[PathKey]) {
    for key in more {
        if !keys.iter().any(|known| known.expr == key.expr) {
            keys.push(key.clone());
        }
    }
}

fn keys_of(planner: &Planner<'_>, agg: &Aggref) -> Result<Vec<PathKey>> {
    let clauses = if agg.distinct.is_empty() { &agg.order_by } else { &agg.distinct };
    let mut keys = pathkeys_of(planner, clauses, &|reference| {
        agg.args.iter().find(|target| target.sort_group_ref == reference).map(|target| target.expr.clone())
    })?;
    keys.retain(|key| !matches!(key.expr, Expr::Const(_)));
    Ok(keys)
}

fn only_columns(agg: &Aggref) -> bool {
    agg.args.iter().all(|target| {
        let mut expr = &target.expr;
        while let Expr::Relabel { arg, .. } = expr {
            expr = arg;
        }
        matches!(expr, Expr::Var(_))
    })
}
