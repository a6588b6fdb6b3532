//! Placeholders: expressions of pulled-up subqueries that an outer join may turn into NULL.

use super::pull_up::item_rtes;
use crate::planner::{Planner, var_rte};
use pglitedb_query_tree::{Expr, FromItem, JoinType, PlaceHolder, Query};
use pglitedb_sqlstate::Result;

/// Makes the output columns of a subquery with the base entries `rtes` fit for the nullable side of an outer join. Plain
/// columns become NULL by themselves, and so do strict expressions over them.
pub(crate) fn wrap(planner: &Planner<'_>, columns: &mut [Expr], rtes: &[usize]) -> Result<()> {
    for column in columns {
        if needs_wrapping(planner, column, rtes)? {
            let expr = std::mem::replace(column, Expr::bool_const(true));
            *column = Expr::PlaceHolder(Box::new(PlaceHolder { expr, rtes: rtes.to_vec(), levels_up: 0 }));
        }
    }
    Ok(())
}

fn needs_wrapping(planner: &Planner<'_>, expr: &Expr, rtes: &[usize]) -> Result<bool> {
    let own = |expr: &Expr| match expr {
        Expr::Var(var) => var_rte(var).is_some_and(|rte| rtes.contains(&rte)),
        Expr::PlaceHolder(holder) => {
            holder.levels_up == 0 && holder.rtes.iter().all(|rte| rtes.contains(rte))
        }
        _ => false,
    };
    Ok(!(own(expr) || expr.any(&mut |node| own(node)) && is_strict(planner, expr)?))
}

/// Is the expression NULL whenever one of its columns is?
pub(crate) fn is_strict(planner: &Planner<'_>, expr: &Expr) -> Result<bool> {
    let strict = |func| {
        Ok::<_, pglitedb_sqlstate::Error>(planner.catalog().proc(func)?.is_some_and(|proc| proc.strict))
    };
    let node = match expr {
        Expr::Var(_) | Expr::Const(_) | Expr::Param(_) | Expr::PlaceHolder(_) => return Ok(true),
        Expr::Op(op) => strict(op.func)?,
        Expr::Func(func) => !func.returns_set && strict(func.func)?,
        Expr::Relabel { .. }
        | Expr::Collate(..)
        | Expr::CoerceViaIo { .. }
        | Expr::Bool(pglitedb_query_tree::BoolOp::Not, _) => true,
        _ => false,
    };
    if !node {
        return Ok(false);
    }
    let mut result = Ok(true);
    expr.for_each_child(&mut |child| {
        if let Ok(true) = result {
            result = is_strict(planner, child);
        }
    });
    result
}

/// Takes placeholders away that no outer join makes NULL (any more), so that conditions on them are seen for what they
/// are.
pub(crate) fn unwrap_unneeded(planner: &Planner<'_>, query: &mut Query) -> Result<()> {
    let mut any = false;
    query.for_each_expr(&mut |top| any |= top.any(&mut |expr| matches!(expr, Expr::PlaceHolder(_))));
    if !any {
        return Ok(());
    }
    let mut nullable = Vec::new();
    query.from.iter().for_each(|item| nullable_rtes(item, &mut nullable));
    query.rewrite_exprs(0, &mut |expr, depth| {
        while let Expr::PlaceHolder(holder) = expr {
            if holder.levels_up != depth || holder.rtes.iter().any(|rte| nullable.contains(rte)) {
                break;
            }
            *expr = std::mem::replace(&mut holder.expr, Expr::bool_const(true));
        }
    });
    planner.folder().query(query)
}

fn nullable_rtes(item: &FromItem, out: &mut Vec<usize>) {
    let FromItem::Join(join) = item else { return };
    nullable_rtes(&join.left, out);
    nullable_rtes(&join.right, out);
    if matches!(join.join, JoinType::Left | JoinType::Full) {
        item_rtes(&join.right, out);
    }
    if matches!(join.join, JoinType::Right | JoinType::Full) {
        item_rtes(&join.left, out);
    }
}
