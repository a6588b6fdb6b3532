//! Preparing a query level: everything that changes the query before paths are looked for.

pub(crate) mod ctes;
pub(crate) mod joins;
pub(crate) mod placeholders;
pub(crate) mod pull_up;
pub(crate) mod push_down;
pub(crate) mod sublinks;

use crate::planner::Planner;
use pglitedb_query_tree::{Query, RteKind};
use pglitedb_sqlstate::Result;

/// Runs the preparation steps in order. WITH queries have been dealt with already.
pub(crate) fn preprocess(planner: &mut Planner<'_>, query: &mut Query) -> Result<()> {
    sublinks::pull_up_sublinks(planner, query)?;
    pull_up::pull_up_subqueries(planner, query)?;
    joins::flatten_join_aliases(query);
    // What was pulled up may refer to outer levels.
    planner.replace_outer_refs(query);
    joins::forget_aliases(query);
    planner.folder().query(query)?;
    joins::reduce_outer_joins(planner, query)?;
    push_down::push_down(planner, query)?;
    placeholders::unwrap_unneeded(planner, query)?;
    Ok(())
}

/// Appends a query's range table to another's; returns the offset its entries moved by. The caller renumbers.
pub(crate) fn append_rtable(query: &mut Query, other: &mut Query) -> usize {
    let offset = query.rtable.len();
    query.rtable.append(&mut other.rtable);
    offset
}

/// Moves all references of a query level (and of inner queries to it) to its own range table by `offset`.
pub(crate) fn shift_rtes(query: &mut Query, offset: usize) {
    shift_vars(query, offset, 0);
    query.from.iter_mut().for_each(|item| shift_from(item, offset));
    for mark in &mut query.row_marks {
        mark.rte += offset;
    }
}

fn shift_from(item: &mut pglitedb_query_tree::FromItem, offset: usize) {
    match item {
        pglitedb_query_tree::FromItem::Rte(rte) => *rte += offset,
        pglitedb_query_tree::FromItem::Join(join) => {
            join.rte += offset;
            shift_from(&mut join.left, offset);
            shift_from(&mut join.right, offset);
        }
    }
}

fn shift_vars(query: &mut Query, offset: usize, depth: u32) {
    for rte in &mut query.rtable {
        if let RteKind::Subquery { query, .. } = &mut rte.kind {
            shift_vars(query, offset, depth + 1);
        }
    }
    for cte in &mut query.ctes {
        shift_vars(&mut cte.query, offset, depth + 1);
    }
    query.for_each_expr_mut(&mut |top| shift_expr_vars(top, offset, depth));
}

/// Moves the variables of one expression that belong to the level `depth` above it.
pub(crate) fn shift_expr_vars(top: &mut pglitedb_query_tree::Expr, offset: usize, depth: u32) {
    use pglitedb_query_tree::{Expr, VarSource};
    top.rewrite(&mut |expr| match expr {
        Expr::Var(var) if var.levels_up == depth => {
            if let VarSource::Rte(rte) = &mut var.source {
                *rte += offset;
            }
        }
        Expr::CurrentOf { rte, .. } if depth == 0 => *rte += offset,
        Expr::PlaceHolder(holder) if holder.levels_up == depth => {
            holder.rtes.iter_mut().for_each(|rte| *rte += offset);
        }
        Expr::SubLink(link) => shift_vars(&mut link.query, offset, depth + 1),
        _ => {}
    });
}
