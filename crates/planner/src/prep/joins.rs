//! Join aliases replaced by what they stand for; outer joins reduced to inner ones where a condition allows it.

use super::pull_up::{item_rtes, whole_row};
use crate::planner::{Planner, var_rte};
use pglitedb_query_tree::{BoolOp, BoolTest, Expr, FromItem, JoinType, Query, RteKind, VarSource};
use pglitedb_sqlstate::Result;
use std::collections::BTreeSet;

/// Replaces variables of join entries, in this query and in the queries inside it, by the inputs' columns.
pub(crate) fn flatten_join_aliases(query: &mut Query) {
    for rte in 0..query.rtable.len() {
        if matches!(query.rtable[rte].kind, RteKind::Join { .. }) {
            let RteKind::Join { aliases, .. } = &query.rtable[rte].kind else { continue };
            let row = whole_row(aliases, query, rte);
            replace_alias_vars(query, rte, &row);
        }
    }
}

/// Once nothing refers to joins' columns, their lists would only look like uses of the inputs' columns.
pub(crate) fn forget_aliases(query: &mut Query) {
    for rte in &mut query.rtable {
        if let RteKind::Join { aliases, .. } = &mut rte.kind {
            aliases.clear();
        }
    }
}

/// Replaces variables of one join-like entry. Entries are numbered so that a join comes after its inputs, except for
/// pulled-up subqueries, whose aliases are replaced when they are pulled up; so one pass per entry is enough if the
/// aliases themselves are treated too. `row` stands for the columns all together.
pub(crate) fn replace_alias_vars(query: &mut Query, rte: usize, row: &Expr) {
    let RteKind::Join { aliases, .. } = &query.rtable[rte].kind else { return };
    let columns = aliases.clone();
    query.rewrite_exprs(0, &mut |expr, depth| {
        let Expr::Var(var) = expr else { return };
        if var.levels_up != depth || var.source != VarSource::Rte(rte) {
            return;
        }
        let replacement = match var.attno {
            0 => Some(row),
            attno => usize::try_from(attno).ok().and_then(|attno| columns.get(attno.wrapping_sub(1))),
        };
        if let Some(replacement) = replacement {
            let mut replacement = replacement.clone();
            #[allow(clippy::cast_possible_wrap)]
            replacement.shift_levels(depth as i32, 0);
            *expr = replacement;
        }
    });
}

/// LEFT joins whose right side can't be NULL in the result become inner joins, FULL joins one-sided; RIGHT joins are
/// turned round.
pub(crate) fn reduce_outer_joins(planner: &Planner<'_>, query: &mut Query) -> Result<()> {
    let mut nonnullable = BTreeSet::new();
    if let Some(quals) = &query.quals {
        nonnullable = nonnullable_rtes(planner, quals, true)?;
    }
    let mut from = std::mem::take(&mut query.from);
    for item in &mut from {
        reduce(planner, item, &nonnullable)?;
    }
    query.from = from;
    Ok(())
}

fn touches(item: &FromItem, rtes: &BTreeSet<usize>) -> bool {
    let mut own = Vec::new();
    item_rtes(item, &mut own);
    own.iter().any(|rte| rtes.contains(rte))
}

fn reduce(planner: &Planner<'_>, item: &mut FromItem, nonnullable: &BTreeSet<usize>) -> Result<()> {
    let FromItem::Join(join) = item else { return Ok(()) };
    let left_known = touches(&join.left, nonnullable);
    let right_known = touches(&join.right, nonnullable);
    join.join = match join.join {
        JoinType::Left if right_known => JoinType::Inner,
        JoinType::Right if left_known => JoinType::Inner,
        JoinType::Full => match (left_known, right_known) {
            (true, true) => JoinType::Inner,
            (true, false) => JoinType::Left,
            (false, true) => JoinType::Right,
            (false, false) => JoinType::Full,
        },
        other => other,
    };
    if join.join == JoinType::Right {
        std::mem::swap(&mut join.left, &mut join.right);
        join.join = JoinType::Left;
    }
    // The join's own condition makes columns of its inner side(s) non-null as well.
    let own = match (&join.quals, join.join) {
        (Some(quals), JoinType::Inner | JoinType::Left | JoinType::Semi | JoinType::Anti) => {
            nonnullable_rtes(planner, quals, true)?
        }
        _ => BTreeSet::new(),
    };
    let both: BTreeSet<usize> = nonnullable.union(&own).copied().collect();
    let none = BTreeSet::new();
    let (for_left, for_right): (&BTreeSet<usize>, &BTreeSet<usize>) = match join.join {
        JoinType::Inner | JoinType::Semi => (&both, &both),
        JoinType::Left | JoinType::Anti => (nonnullable, &own),
        _ => (&none, &none),
    };
    reduce(planner, &mut join.left, for_left)?;
    reduce(planner, &mut join.right, for_right)
}

/// Entries that must have a non-NULL column for the condition to be true (`top`), or not NULL.
fn nonnullable_rtes(planner: &Planner<'_>, expr: &Expr, top: bool) -> Result<BTreeSet<usize>> {
    Ok(match expr {
        Expr::Var(var) => var_rte(var).into_iter().collect(),
        Expr::Op(op) if is_strict(planner, op.func)? => union(planner, &op.args)?,
        Expr::Func(func) if !func.returns_set && is_strict(planner, func.func)? => {
            union(planner, &func.args)?
        }
        Expr::ScalarArray(op) if op.use_or && is_strict(planner, op.func)? => {
            nonnullable_rtes(planner, &op.scalar, false)?
        }
        Expr::Bool(BoolOp::And, args) if top => union_top(planner, args)?,
        Expr::Bool(BoolOp::And | BoolOp::Or, args) => intersection(planner, args, top)?,
        Expr::Bool(BoolOp::Not, args) => union(planner, args)?,
        Expr::NullTest { arg, negated: true, arg_is_row: false } if top => {
            nonnullable_rtes(planner, arg, false)?
        }
        Expr::BoolTest(arg, BoolTest::True | BoolTest::False | BoolTest::NotUnknown) if top => {
            nonnullable_rtes(planner, arg, false)?
        }
        Expr::PlaceHolder(holder) => {
            let mut rtes = nonnullable_rtes(planner, &holder.expr, top)?;
            // It is computed at its one relation and NULL wherever that is.
            if let [rte] = holder.rtes[..] {
                rtes.insert(rte);
            }
            rtes
        }
        Expr::Relabel { arg, .. } | Expr::Collate(arg, _) | Expr::CoerceViaIo { arg, .. } => {
            nonnullable_rtes(planner, arg, false)?
        }
        _ => BTreeSet::new(),
    })
}

fn union(planner: &Planner<'_>, args: &[Expr]) -> Result<BTreeSet<usize>> {
    let mut all = BTreeSet::new();
    for arg in args {
        all.append(&mut nonnullable_rtes(planner, arg, false)?);
    }
    Ok(all)
}

fn union_top(planner: &Planner<'_>, args: &[Expr]) -> Result<BTreeSet<usize>> {
    let mut all = BTreeSet::new();
    for arg in args {
        all.append(&mut nonnullable_rtes(planner, arg, true)?);
    }
    Ok(all)
}

fn intersection(planner: &Planner<'_>, args: &[Expr], top: bool) -> Result<BTreeSet<usize>> {
    let mut common: Option<BTreeSet<usize>> = None;
    for arg in args {
        let own = nonnullable_rtes(planner, arg, top)?;
        common = Some(match common {
            None => own,
            Some(common) => common.intersection(&own).copied().collect(),
        });
    }
    Ok(common.unwrap_or_default())
}

fn is_strict(planner: &Planner<'_>, func: pglitedb_types::Oid) -> Result<bool> {
    Ok(planner.catalog().proc(func)?.is_some_and(|proc| proc.strict))
}
