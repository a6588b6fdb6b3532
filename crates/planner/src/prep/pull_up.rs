//! Simple subqueries in FROM are merged into the query that contains them.

use super::sublinks::{cross, pull_up_sublinks};
use super::{append_rtable, ctes, joins, placeholders, shift_rtes};
use crate::planner::Planner;
use pglitedb_query_tree::{
    CallForm, CommandType, Expr, FromItem, JoinExpr, JoinType, Query, Rte, RteKind, VarSource,
};
use pglitedb_sqlstate::Result;
use pglitedb_types::oids;
use std::rc::Rc;

/// Where in the join tree an item stands.
#[derive(Clone, Default)]
struct Place {
    /// On the nullable side of an outer join: expressions other than plain columns would have to become NULL.
    nullable: bool,
    /// Below a FULL join: conditions can't move.
    full: bool,
    /// Other items are joined with it.
    has_neighbours: bool,
    /// Entries of the lowest outer, semi or anti join above: a lateral reference may not leave it.
    lowest_outer: Option<Rc<Vec<usize>>>,
}

/// Pulls up all simple subqueries in FROM.
pub(crate) fn pull_up_subqueries(planner: &Planner<'_>, query: &mut Query) -> Result<()> {
    let items = std::mem::take(&mut query.from);
    let top = Place { has_neighbours: items.len() > 1, ..Place::default() };
    let mut from = Vec::with_capacity(items.len());
    let mut quals = Vec::new();
    let had_items = !items.is_empty();
    for item in items {
        let item = pull_item(planner, query, item, top.clone(), &mut quals)?;
        from.extend(without_results(query, item, &mut quals));
    }
    if from.is_empty() && had_items {
        // Only rows of nothing were joined: one is left.
        query.rtable.push(result_entry());
        from.push(FromItem::Rte(query.rtable.len() - 1));
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
            if is_simple(planner, query, rte, &place)? {
                pull_up(planner, query, rte, &place, quals)
            } else {
                Ok(FromItem::Rte(rte))
            }
        }
        FromItem::Join(mut join) => {
            let (left_place, right_place) = places(&join, place);
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

fn places(join: &JoinExpr, place: Place) -> (Place, Place) {
    if join.join == JoinType::Inner {
        let inner = Place { has_neighbours: true, ..place };
        return (inner.clone(), inner);
    }
    let mut inside = Vec::new();
    item_rtes(&join.left, &mut inside);
    item_rtes(&join.right, &mut inside);
    let below = Place { lowest_outer: Some(Rc::new(inside)), ..place };
    let nullable = Place { nullable: true, ..below.clone() };
    match join.join {
        JoinType::Left => (below, nullable),
        JoinType::Right => (nullable, below),
        JoinType::Full => {
            let full = Place { full: true, ..nullable };
            (full.clone(), full)
        }
        _ => (below.clone(), below),
    }
}

fn is_simple(planner: &Planner<'_>, query: &Query, rte: usize, place: &Place) -> Result<bool> {
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
        && (!sub.from.is_empty() || is_row_of_nothing(place));
    if !plain || (place.full && sub.quals.is_some()) {
        return Ok(false);
    }
    if let Some(inside) = &place.lowest_outer
        && entry.lateral
        && !stays_inside(sub, inside)
    {
        return Ok(false);
    }
    for target in &sub.targets {
        if ctes::expr_is_volatile(planner, &target.expr)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// May a subquery without FROM go? Only where other relations stay, and where no outer join could make it NULL.
fn is_row_of_nothing(place: &Place) -> bool {
    place.lowest_outer.is_none() && place.has_neighbours
}

/// Do the subquery's references to its own level's neighbours stay among these entries?
fn stays_inside(sub: &Query, inside: &[usize]) -> bool {
    let mut stays = true;
    sub.walk_exprs(0, &mut |expr, depth| match expr {
        Expr::Var(var) if var.levels_up == depth + 1 => match var.source {
            VarSource::Rte(rte) => stays &= inside.contains(&rte),
            _ => stays = false,
        },
        Expr::PlaceHolder(holder) if holder.levels_up == depth + 1 => {
            stays &= holder.rtes.iter().all(|rte| inside.contains(rte));
        }
        _ => {}
    });
    stays
}

fn pull_up(
    planner: &Planner<'_>,
    query: &mut Query,
    rte: usize,
    place: &Place,
    quals: &mut Vec<Expr>,
) -> Result<FromItem> {
    let kind = std::mem::replace(&mut query.rtable[rte].kind, RteKind::Result);
    let RteKind::Subquery { query: mut sub, view, .. } = kind else { return Ok(FromItem::Rte(rte)) };
    pull_up_sublinks(planner, &mut sub)?;
    pull_up_subqueries(planner, &mut sub)?;
    if place.nullable && !can_be_nulled(&sub) {
        query.rtable[rte].kind = RteKind::Subquery { query: sub, view, barrier: false };
        return Ok(FromItem::Rte(rte));
    }
    let offset = query.rtable.len();
    shift_rtes(&mut sub, offset);
    sub.shift_levels(-1, 1);
    let mut base = Vec::new();
    sub.from.iter().for_each(|item| item_rtes(item, &mut base));
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
    let mut aliases: Vec<Expr> =
        sub.targets.iter().filter(|target| !target.junk).map(|target| target.expr.clone()).collect();
    // Where there is no row of the nullable side, the row as a whole is NULL rather than a row of NULLs.
    let mut row = [whole_row(&aliases, query, rte)];
    if place.nullable {
        placeholders::wrap(planner, &mut aliases, &base)?;
        placeholders::wrap(planner, &mut row, &base)?;
    }
    query.rtable[rte].kind = RteKind::Join { join: JoinType::Inner, aliases, merged: 0 };
    let [row] = row;
    joins::replace_alias_vars(query, rte, &row);
    if sub.has_sublinks {
        // What refers to the columns may have got a subquery with them, at whatever depth.
        query.for_each_subquery_mut(&mut note_sublinks);
    }
    quals.extend(sub.quals.take());
    let items = std::mem::take(&mut sub.from);
    Ok(cross(items).unwrap_or_else(|| {
        query.rtable[rte].kind = RteKind::Result;
        FromItem::Rte(rte)
    }))
}

fn note_sublinks(query: &mut Query) {
    query.has_sublinks = true;
    query.for_each_subquery_mut(&mut note_sublinks);
}

/// Takes out of inner joins what was pulled up from nothing: one row without columns changes nothing.
fn without_results(query: &Query, item: FromItem, quals: &mut Vec<Expr>) -> Option<FromItem> {
    match item {
        FromItem::Rte(rte) if matches!(query.rtable[rte].kind, RteKind::Result) => None,
        FromItem::Join(mut join) if join.join == JoinType::Inner => {
            let gone = FromItem::Rte(usize::MAX);
            let left = without_results(query, std::mem::replace(&mut join.left, gone.clone()), quals);
            let right = without_results(query, std::mem::replace(&mut join.right, gone), quals);
            match (left, right) {
                (Some(left), Some(right)) => {
                    (join.left, join.right) = (left, right);
                    Some(FromItem::Join(join))
                }
                (left, right) => {
                    quals.extend(join.quals.take());
                    left.or(right)
                }
            }
        }
        other => Some(other),
    }
}

/// An entry that stands for one row without columns.
fn result_entry() -> Rte {
    Rte {
        kind: RteKind::Result,
        name: std::sync::Arc::from("*RESULT*"),
        has_alias: false,
        alias_columns: Vec::new(),
        columns: Vec::new(),
        lateral: false,
        in_from: false,
        required_privileges: 0,
        check_as_user: 0,
    }
}

/// A placeholder with references to neighbours is computed at a single relation, so only such a subquery may need one.
fn can_be_nulled(sub: &Query) -> bool {
    let mut base = Vec::new();
    sub.from.iter().for_each(|item| item_rtes(item, &mut base));
    base.len() == 1
        || !sub.targets.iter().any(|target| {
            target.expr.any(&mut |expr| {
                matches!(expr, Expr::Var(var) if var.levels_up > 0)
                    || matches!(expr, Expr::PlaceHolder(holder) if holder.levels_up > 0)
            })
        })
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
