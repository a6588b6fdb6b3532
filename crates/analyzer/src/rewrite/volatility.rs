//! What functions an expression calls promise.

use crate::binder::Binder;
use pglitedb_catalog::Volatility;
use pglitedb_query_tree::{Expr, SqlValueFunction};
use pglitedb_sqlstate::Result;
use pglitedb_types::Oid;

fn of_function(binder: &Binder<'_>, oid: Oid) -> Result<Volatility> {
    Ok(binder.ctx.catalog.proc(oid)?.map_or(Volatility::Volatile, |proc| proc.volatility))
}

fn of_node(binder: &Binder<'_>, expr: &Expr) -> Result<Volatility> {
    Ok(match expr {
        Expr::Func(func) => of_function(binder, func.func)?,
        Expr::Op(op) | Expr::Distinct(op) | Expr::NullIf(op) => of_function(binder, op.func)?,
        Expr::ScalarArray(op) => of_function(binder, op.func)?,
        Expr::Agg(agg) => of_function(binder, agg.func)?,
        Expr::Window(window) => of_function(binder, window.func)?,
        Expr::NextValue { .. } => Volatility::Volatile,
        Expr::SqlValue { function: SqlValueFunction::CurrentCatalog, .. } | Expr::SqlValue { .. } => {
            Volatility::Stable
        }
        // Input and output functions of most types are immutable, those of times and the like stable.
        Expr::CoerceViaIo { .. } | Expr::CoerceToDomain { .. } => Volatility::Stable,
        Expr::SubLink(link) => {
            let mut worst = Volatility::Immutable;
            let mut failed = None;
            link.query.walk_exprs(0, &mut |inner, _| match of_node_flat(binder, inner) {
                Ok(found) => worst = worst.max(found),
                Err(error) => failed = Some(error),
            });
            match failed {
                Some(error) => return Err(error),
                None => worst,
            }
        }
        _ => Volatility::Immutable,
    })
}

/// As [`of_node`], where the queries of sublinks are visited by the caller.
fn of_node_flat(binder: &Binder<'_>, expr: &Expr) -> Result<Volatility> {
    match expr {
        Expr::SubLink(_) => Ok(Volatility::Immutable),
        other => of_node(binder, other),
    }
}

/// The weakest promise of all functions in an expression.
pub(super) fn worst_volatility(binder: &Binder<'_>, expr: &Expr) -> Result<Volatility> {
    let mut worst = Volatility::Immutable;
    let mut failed = None;
    expr.walk(&mut |expr| {
        match of_node(binder, expr) {
            Ok(found) => worst = worst.max(found),
            Err(error) => failed = Some(error),
        }
        failed.is_none()
    });
    failed.map_or(Ok(worst), Err)
}

/// May an expression be other than NULL although a part of it is NULL?
pub(super) fn is_nonstrict(binder: &Binder<'_>, expr: &Expr) -> Result<bool> {
    let mut found = false;
    let mut failed = None;
    let strict = |oid: Oid| Ok(binder.ctx.catalog.proc(oid)?.is_some_and(|proc| proc.strict));
    expr.walk(&mut |expr| {
        let here: Result<bool> = match expr {
            Expr::Func(func) => strict(func.func).map(|strict| !strict),
            Expr::Op(op) => strict(op.func).map(|strict| !strict),
            Expr::Var(_)
            | Expr::Const(_)
            | Expr::Param(_)
            | Expr::Relabel { .. }
            | Expr::CoerceViaIo { .. }
            | Expr::Collate(..)
            | Expr::FieldSelect { .. } => Ok(false),
            Expr::Bool(pglitedb_query_tree::BoolOp::Not, _) => Ok(false),
            _ => Ok(true),
        };
        match here {
            Ok(nonstrict) => found |= nonstrict,
            Err(error) => failed = Some(error),
        }
        !found && failed.is_none()
    });
    failed.map_or(Ok(found), Err)
}
