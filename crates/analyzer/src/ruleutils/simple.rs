//! Which arguments need no parentheses when pretty-printing.

use crate::binder::Binder;
use pglitedb_query_tree::{BoolOp, CallForm, Expr};

/// Can the expression stand below its parent without parentheses?
pub(super) fn is_simple(binder: &Binder<'_>, expr: &Expr, parent: &Expr) -> bool {
    match expr {
        Expr::Var(_)
        | Expr::Const(_)
        | Expr::Param(_)
        | Expr::CaseTest { .. }
        | Expr::DomainValue { .. }
        | Expr::SetToDefault { .. }
        | Expr::CurrentOf { .. }
        | Expr::Subscript(_)
        | Expr::Array { .. }
        | Expr::Row { .. }
        | Expr::Coalesce { .. }
        | Expr::MinMax { .. }
        | Expr::SqlValue { .. }
        | Expr::NextValue { .. }
        | Expr::NullIf(_)
        | Expr::Agg(_)
        | Expr::Grouping { .. }
        | Expr::Window(_)
        | Expr::SubLinkColumn { .. }
        | Expr::SubPlan(_)
        | Expr::Special(_) => true,
        Expr::PlaceHolder(holder) => is_simple(binder, &holder.expr, parent),
        Expr::Func(func) => match func.form {
            CallForm::Explicit | CallForm::SqlSyntax => true,
            _ => cast_is_simple(parent),
        },
        Expr::Case(_) => true,
        Expr::FieldSelect { .. } => !matches!(parent, Expr::FieldSelect { .. }),
        Expr::FieldStore { .. } => !matches!(parent, Expr::FieldStore { .. }),
        Expr::Relabel { arg, .. }
        | Expr::CoerceViaIo { arg, .. }
        | Expr::ArrayCoerce { arg, .. }
        | Expr::ConvertRowtype { arg, .. }
        | Expr::CoerceToDomain { arg, .. } => is_simple(binder, arg, expr) && cast_is_simple(parent),
        Expr::Collate(..) | Expr::ScalarArray(_) | Expr::RowCompare(_) => false,
        Expr::Op(op) => operator_is_simple(binder, op.args.len(), op.op, expr, parent),
        Expr::Bool(op, _) => bool_is_simple(*op, parent),
        Expr::Distinct(_) | Expr::SubLink(_) | Expr::NullTest { .. } | Expr::BoolTest(..) => {
            container(parent)
        }
    }
}

fn cast_is_simple(parent: &Expr) -> bool {
    // A cast binds tighter than any operator.
    let _ = parent;
    true
}

/// Parents that enclose their arguments anyway.
fn container(parent: &Expr) -> bool {
    match parent {
        Expr::Func(func) => {
            // Arguments of casts must be enclosed.
            matches!(func.form, CallForm::Explicit | CallForm::SqlSyntax)
        }
        Expr::Bool(..)
        | Expr::Subscript(_)
        | Expr::Array { .. }
        | Expr::Row { .. }
        | Expr::Coalesce { .. }
        | Expr::MinMax { .. }
        | Expr::NullIf(_)
        | Expr::Agg(_)
        | Expr::Grouping { .. }
        | Expr::Window(_)
        | Expr::Case(_)
        | Expr::Special(_) => true,
        _ => false,
    }
}

fn operator_is_simple(binder: &Binder<'_>, count: usize, oid: u32, expr: &Expr, parent: &Expr) -> bool {
    if let Expr::Op(outer) = parent {
        let (Some(own), Some(above)) = (precedence(binder, oid), precedence(binder, outer.op)) else {
            return false;
        };
        if count != 2 {
            return false;
        }
        if own > above {
            return true;
        }
        return own == above && outer.args.first().is_some_and(|first| std::ptr::eq(first, expr));
    }
    container(parent)
}

/// Precedence of the arithmetic operators, by name.
fn precedence(binder: &Binder<'_>, oid: u32) -> Option<u8> {
    let info = binder.ctx.catalog.operator(oid).ok()??;
    match &*info.name {
        "*" | "/" | "%" => Some(2),
        "+" | "-" => Some(1),
        _ => None,
    }
}

fn bool_is_simple(op: BoolOp, parent: &Expr) -> bool {
    match parent {
        Expr::Bool(outer, _) => match op {
            BoolOp::Not | BoolOp::And => matches!(outer, BoolOp::And | BoolOp::Or),
            BoolOp::Or => matches!(outer, BoolOp::Or),
        },
        other => container(other),
    }
}
