//! Simple subqueries in FROM are merged into the query that contains them.

use super::sublinks::{cross, pull_up_sublinks};
use super::{append_rtable, ctes, joins, shift_rtes};
use crate::planner::Planner;
use pglitedb_query_tree::{CallForm, CommandType, Expr, FromItem, JoinType, Query, RteKind};
use pglitedb_sqlstate::Result;
use pglitedb_types::oids;

/// Where in the join tree an item stands.
#[derive(Clone, Copy, Default)]
struct Place {
    /// On the nullable side of an outer join: expressions other than plain columns would have to become NULL.
    nullable: bool,
    /// Below a FULL join: conditions can't move.
    full: bool,
    /// Below any outer, semi or anti join: a lateral reference may not cross it.
    below_outer: bool,
}

/// Pulls up all simple subqueries in FROM.
pub(crate) fn pull_up_subqueries(planner: &Planner<'_>, query: &mut Query) -> Result<()> {
    let items = std::mem::take(&mut query.from);
    let mut from = Vec::with_capacity(items.len());
    let mut quals = Vec::new();
    for item in items {
        from.push(pull_item(planner, query, item, Place::default(), &mut quals)?);
    }
    query.from = from;
    if !quals.is_empty() {
        quals.extend(query.quals.take());
        query.quals = Expr::and(quals);
    }
    Ok(())
}

/// Returns the item that takes this one's place; conditions to be applied above it go to `quals`.
fn pull_item(
    planner: &Planner<'_>,
    query: &mut Query,
    item: FromItem,
    place: Place,
    quals: &mut Vec<Expr>,
) -> Result<FromItem> {
    match item {
        FromItem::Rte(rte) => {
            if is_simple(planner, query, rte, place)? {
                pull_up(planner, query, rte, place, quals)
            } else {
                Ok(FromItem::Rte(rte))
            }
        }
        FromItem::Join(mut join) => {
            let (left_place, right_place) = places(join.join, place);
            let mut own = Vec::new();
            let mut left_quals = Vec::new();
            join.left = pull_item(planner, query, join.left, left_place, &mut left_quals)?;
            join.right = pull_item(planner, query, join.right, right_place, &mut own)?;
            match join.join {
                JoinType::Inner => own.append(&mut left_quals),
                // Rows of the right side of a RIGHT join are all kept: its conditions go above, the left side's here.
                JoinType::Right => std::mem::swap(&mut own, &mut left_quals),
                _ => {}
            }
            quals.append(&mut left_quals);
            if !own.is_empty() {
                own.extend(join.quals.take());
                join.quals = Expr::and(own);
            }
            Ok(FromItem::Join(join))
        }
    }
}

fn places(join: JoinType, place: Place) -> (Place, Place) {
    let below = Place { below_outer: true, ..place };
    let nullable = Place { nullable: true, below_outer: true, ..place };
    match join {
        JoinType::Inner => (place, place),
        JoinType::Left => (below, nullable),
        JoinType::Right => (nullable, below),
        JoinType::Full => {
            let full = Place { nullable: true, full: true, below_outer: true };
            (full, full)
        }
        _ => (below, below),
    }
}

fn is_simple(planner: &Planner<'_>, query: &Query, rte: usize, place: Place) -> Result<bool> {
    let Some(entry) = query.rtable.get(rte) else { return Ok(false) };
    let RteKind::Subquery { query: sub, barrier: false, .. } = &entry.kind else { return Ok(false) };
    let plain = sub.command == CommandType::Select
        && sub.set_operation.is_none()
        && !sub.has_aggs
        && sub.group_by.is_empty()
        && sub.grouping_sets.is_empty()
        && sub.having.is_none()
        && !sub.has_windows
        && !sub.has_target_srfs
        && sub.distinct.is_empty()
        && sub.order_by.is_empty()
        && sub.limit.is_none()
        && sub.offset.is_none()
        && sub.row_marks.is_empty()
        && sub.ctes.is_empty()
        && !sub.from.is_empty();
    if !plain || (place.full && sub.quals.is_some()) {
        return Ok(false);
    }
    if place.below_outer && (entry.lateral || sub.from.len() != 1) {
        return Ok(false);
    }
    for target in &sub.targets {
        if place.nullable && !matches!(&target.expr, Expr::Var(var) if var.levels_up == 0 && var.attno != 0) {
            return Ok(false);
        }
        if ctes::expr_is_volatile(planner, &target.expr)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn pull_up(
    planner: &Planner<'_>,
    query: &mut Query,
    rte: usize,
    place: Place,
    quals: &mut Vec<Expr>,
) -> Result<FromItem> {
    let kind = std::mem::replace(&mut query.rtable[rte].kind, RteKind::Result);
    let RteKind::Subquery { query: mut sub, view, .. } = kind else { return Ok(FromItem::Rte(rte)) };
    pull_up_sublinks(planner, &mut sub)?;
    pull_up_subqueries(planner, &mut sub)?;
    if place.below_outer && sub.from.len() != 1 {
        query.rtable[rte].kind = RteKind::Subquery { query: sub, view, barrier: false };
        return Ok(FromItem::Rte(rte));
    }
    let offset = query.rtable.len();
    shift_rtes(&mut sub, offset);
    sub.shift_levels(-1, 1);
    append_rtable(query, &mut sub);
    query.has_sublinks |= sub.has_sublinks;
    if view != 0 && query.rtable[rte].required_privileges != 0 {
        // The view's own privileges are still checked: an entry outside of FROM stays for that.
        let mut entry = query.rtable[rte].clone();
        entry.kind = RteKind::Subquery { query: Box::default(), view, barrier: true };
        entry.in_from = false;
        query.rtable.push(entry);
    }
    // The entry becomes an alias list of the subquery's columns, like a join's.
    let aliases =
        sub.targets.iter().filter(|target| !target.junk).map(|target| target.expr.clone()).collect();
    query.rtable[rte].kind = RteKind::Join { join: JoinType::Inner, aliases, merged: 0 };
    joins::replace_alias_vars(query, rte);
    quals.extend(sub.quals.take());
    let items = std::mem::take(&mut sub.from);
    Ok(cross(items).unwrap_or(FromItem::Rte(rte)))
}

/// A whole-row variable of a subquery or join as a ROW of its columns.
pub(crate) fn whole_row(columns: &[Expr], query: &Query, rte: usize) -> Expr {
    Expr::Row {
        args: columns.to_vec(),
        type_oid: oids::RECORD,
        names: query.rtable[rte].columns.iter().map(|column| column.name.clone()).collect(),
        form: CallForm::ImplicitCast,
    }
}

/// Range table entries in an item.
pub(crate) fn item_rtes(item: &FromItem, out: &mut Vec<usize>) {
    match item {
        FromItem::Rte(rte) => out.push(*rte),
        FromItem::Join(join) => {
            item_rtes(&join.left, out);
            item_rtes(&join.right, out);
        }
    }
}
