//! `EXISTS` and `IN` subqueries among the conjuncts of WHERE become semi and anti joins.

use super::{append_rtable, ctes, shift_rtes};
use crate::planner::Planner;
use pglitedb_query_tree::{
    BoolOp, CommandType, Expr, FromItem, JoinExpr, JoinType, Position, Query, Rte, RteColumn, RteKind,
    SubLink, SubLinkKind, Var, VarReturning, VarSource,
};
use pglitedb_sqlstate::Result;
use std::sync::Arc;

/// Range table entry number of a join that has no entry of its own.
pub(crate) const NO_RTE: usize = usize::MAX / 2;

/// Pulls up what can be pulled up.
pub(crate) fn pull_up_sublinks(planner: &Planner<'_>, query: &mut Query) -> Result<()> {
    if !query.has_sublinks || query.from.is_empty() {
        return Ok(());
    }
    let Some(quals) = query.quals.take() else { return Ok(()) };
    let mut kept = Vec::new();
    for conjunct in quals.into_conjuncts() {
        if let Some(conjunct) = pull_up_one(planner, query, conjunct)? {
            kept.push(conjunct);
        }
    }
    // Conditions that came with the joins stand in the joins; what remains is WHERE again.
    query.quals = Expr::and(kept);
    Ok(())
}

/// Returns the conjunct if it stays.
fn pull_up_one(planner: &Planner<'_>, query: &mut Query, conjunct: Expr) -> Result<Option<Expr>> {
    let (negated, link) = match conjunct {
        Expr::SubLink(link) => (false, link),
        Expr::Bool(BoolOp::Not, mut args)
            if matches!(args.first(), Some(Expr::SubLink(_))) && args.len() == 1 =>
        {
            match args.pop() {
                Some(Expr::SubLink(link)) => (true, link),
                _ => return Ok(None),
            }
        }
        other => return Ok(Some(other)),
    };
    let mut link = link;
    if link.kind == SubLinkKind::Exists {
        simplify_exists(planner, &mut link.query)?;
    }
    let rebuilt = |link: Box<SubLink>| {
        let expr = Expr::SubLink(link);
        Some(if negated { Expr::Bool(BoolOp::Not, vec![expr]) } else { expr })
    };
    match link.kind {
        SubLinkKind::Exists if exists_is_simple(planner, &link.query)? => {
            pull_up_exists(query, *link.query, negated);
            Ok(None)
        }
        SubLinkKind::Any if !negated && any_is_simple(planner, &link)? => {
            pull_up_any(query, *link);
            Ok(None)
        }
        _ => Ok(rebuilt(link)),
    }
}

/// Whether there is a row does not depend on how many are asked for, if it is at least one.
fn simplify_exists(planner: &Planner<'_>, query: &mut Query) -> Result<()> {
    if let Some(limit) = &mut query.limit {
        planner.folder().expr(limit)?;
        let asks = match limit {
            Expr::Const(constant) => {
                constant.value.is_null() || constant.value.as_i64().is_some_and(|n| n > 0)
            }
            _ => false,
        };
        if asks && query.offset.is_none() && !query.with_ties {
            query.limit = None;
        }
    }
    Ok(())
}

fn exists_is_simple(planner: &Planner<'_>, query: &Query) -> Result<bool> {
    let plain = query.command == CommandType::Select
        && query.set_operation.is_none()
        && !query.has_aggs
        && query.group_by.is_empty()
        && query.grouping_sets.is_empty()
        && query.having.is_none()
        && !query.has_target_srfs
        && !query.has_windows
        && query.limit.is_none()
        && query.offset.is_none()
        && query.row_marks.is_empty()
        && query.ctes.is_empty()
        && !query.from.is_empty();
    if !plain {
        return Ok(false);
    }
    let Some(quals) = &query.quals else { return Ok(false) };
    // The condition must tie the two queries together, and only it may refer to the outer one.
    let mut correlated = false;
    let mut nested = false;
    quals.walk(&mut |expr| {
        match expr {
            Expr::Var(var) if var.levels_up == 1 => correlated = true,
            Expr::SubLink(_) => nested = true,
            _ => {}
        }
        true
    });
    if !correlated || nested || ctes::expr_is_volatile(planner, quals)? {
        return Ok(false);
    }
    let mut outer_elsewhere = false;
    let mut without_quals = query.clone();
    without_quals.quals = None;
    without_quals.targets.clear();
    without_quals.walk_exprs(0, &mut |expr, depth| {
        if let Expr::Var(var) = expr {
            outer_elsewhere |= var.levels_up > depth;
        }
    });
    Ok(!outer_elsewhere)
}

fn any_is_simple(planner: &Planner<'_>, link: &SubLink) -> Result<bool> {
    let Some(test) = &link.test else { return Ok(false) };
    let mut correlated = false;
    link.query.walk_exprs(0, &mut |expr, depth| match expr {
        Expr::Var(var) => correlated |= var.levels_up > depth,
        Expr::Agg(agg) => correlated |= agg.levels_up > depth,
        _ => {}
    });
    let has_vars = test.any(&mut |expr| matches!(expr, Expr::Var(var) if var.levels_up == 0));
    let nested = test.any(&mut |expr| matches!(expr, Expr::SubLink(_)));
    Ok(!correlated
        && has_vars
        && !nested
        && link.query.command == CommandType::Select
        && !ctes::expr_is_volatile(planner, test)?)
}

/// All items of a FROM list as one cross-joined item.
pub(crate) fn cross(items: Vec<FromItem>) -> Option<FromItem> {
    items.into_iter().reduce(|left, right| join_item(JoinType::Inner, left, right, None))
}

/// A join nobody wrote.
pub(crate) fn join_item(join: JoinType, left: FromItem, right: FromItem, quals: Option<Expr>) -> FromItem {
    FromItem::Join(Box::new(JoinExpr {
        join,
        natural: false,
        left,
        right,
        using: Vec::new(),
        quals,
        alias: None,
        using_alias: None,
        rte: NO_RTE,
    }))
}

fn add_join(query: &mut Query, join: JoinType, right: FromItem, quals: Option<Expr>) {
    let left = cross(std::mem::take(&mut query.from));
    if let Some(left) = left {
        query.from = vec![join_item(join, left, right, quals)];
    }
}

fn pull_up_exists(query: &mut Query, mut sub: Query, negated: bool) {
    let offset = query.rtable.len();
    shift_rtes(&mut sub, offset);
    sub.shift_levels(-1, 1);
    append_rtable(query, &mut sub);
    let join = if negated { JoinType::Anti } else { JoinType::Semi };
    if let Some(right) = cross(std::mem::take(&mut sub.from)) {
        add_join(query, join, right, sub.quals.take());
    }
    query.has_sublinks |= sub.has_sublinks;
}

fn pull_up_any(query: &mut Query, link: SubLink) {
    let rte = query.rtable.len();
    let columns: Vec<RteColumn> = link
        .query
        .visible_targets()
        .map(|target| RteColumn {
            name: target.name.clone().unwrap_or_else(|| Arc::from("?column?")),
            type_oid: target.expr.type_oid(),
            typmod: target.expr.typmod(),
            collation: target.expr.collation(),
        })
        .collect();
    query.rtable.push(Rte {
        kind: RteKind::Subquery { query: link.query, view: 0, barrier: false },
        name: Arc::from("ANY_subquery"),
        has_alias: false,
        alias_columns: Vec::new(),
        columns,
        lateral: false,
        in_from: false,
        required_privileges: 0,
        check_as_user: 0,
    });
    let test = link.test.map(|mut test| {
        test.rewrite(&mut |expr| {
            if let Expr::SubLinkColumn { column, type_oid, typmod, collation } = *expr {
                *expr = Expr::Var(Var {
                    source: VarSource::Rte(rte),
                    attno: i16::try_from(column).unwrap_or(i16::MAX),
                    type_oid,
                    typmod,
                    collation,
                    levels_up: 0,
                    returning: VarReturning::Default,
                    position: Position::default(),
                });
            }
        });
        *test
    });
    add_join(query, JoinType::Semi, FromItem::Rte(rte), test);
}
