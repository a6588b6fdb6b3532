//! Type, type modifier, collation and position of an expression.

use crate::expr::{Expr, Position, SubLinkKind};
use pglitedb_types::{Oid, oids};

impl Expr {
    /// Result type.
    pub fn type_oid(&self) -> Oid {
        match self {
            Expr::Var(var) => var.type_oid,
            Expr::Const(constant) => constant.type_oid,
            Expr::Param(param) => param.type_oid,
            Expr::Func(func) => func.result_type,
            Expr::Op(op) => op.result_type,
            Expr::NullIf(op) => op.args.first().map_or(oids::UNKNOWN, Expr::type_oid),
            Expr::Agg(agg) => agg.result_type,
            Expr::Window(window) => window.result_type,
            Expr::Grouping { .. } => oids::INT4,
            Expr::SubLink(link) => link.result_type,
            Expr::SubPlan(plan) => plan.result_type,
            Expr::SubLinkColumn { type_oid, .. }
            | Expr::FieldSelect { type_oid, .. }
            | Expr::FieldStore { type_oid, .. }
            | Expr::Relabel { type_oid, .. }
            | Expr::CoerceViaIo { type_oid, .. }
            | Expr::ArrayCoerce { type_oid, .. }
            | Expr::ConvertRowtype { type_oid, .. }
            | Expr::CaseTest { type_oid, .. }
            | Expr::Row { type_oid, .. }
            | Expr::Coalesce { type_oid, .. }
            | Expr::MinMax { type_oid, .. }
            | Expr::SqlValue { type_oid, .. }
            | Expr::CoerceToDomain { type_oid, .. }
            | Expr::DomainValue { type_oid, .. }
            | Expr::SetToDefault { type_oid, .. }
            | Expr::NextValue { type_oid, .. } => *type_oid,
            Expr::Collate(arg, _) => arg.type_oid(),
            Expr::PlaceHolder(holder) => holder.expr.type_oid(),
            Expr::Case(case) => case.result_type,
            Expr::Array { array_type, .. } => *array_type,
            Expr::Subscript(subscript) => subscript.result_type,
            Expr::Special(special) => special.result_type,
            Expr::Distinct(_)
            | Expr::ScalarArray(_)
            | Expr::Bool(..)
            | Expr::RowCompare(_)
            | Expr::NullTest { .. }
            | Expr::BoolTest(..)
            | Expr::CurrentOf { .. } => oids::BOOL,
        }
    }

    /// Result type modifier, -1 if none.
    pub fn typmod(&self) -> i32 {
        match self {
            Expr::Var(var) => var.typmod,
            Expr::Const(constant) => constant.typmod,
            Expr::Param(param) => param.typmod,
            Expr::Func(func) => func.typmod,
            Expr::NullIf(op) => op.args.first().map_or(-1, Expr::typmod),
            Expr::SubLink(link) if matches!(link.kind, SubLinkKind::Scalar) => {
                link.query.visible_targets().next().map_or(-1, |target| target.expr.typmod())
            }
            Expr::SubPlan(plan) if plan.kind == SubLinkKind::Scalar => plan.first_typmod,
            Expr::SubLinkColumn { typmod, .. }
            | Expr::FieldSelect { typmod, .. }
            | Expr::Relabel { typmod, .. }
            | Expr::ArrayCoerce { typmod, .. }
            | Expr::CaseTest { typmod, .. }
            | Expr::SqlValue { typmod, .. }
            | Expr::CoerceToDomain { typmod, .. }
            | Expr::DomainValue { typmod, .. }
            | Expr::SetToDefault { typmod, .. } => *typmod,
            Expr::Collate(arg, _) => arg.typmod(),
            Expr::PlaceHolder(holder) => holder.expr.typmod(),
            Expr::Case(case) => {
                let typmod = case.default.typmod();
                let same = |e: &Expr| e.type_oid() == case.result_type && e.typmod() == typmod;
                if typmod >= 0 && same(&case.default) && case.whens.iter().all(|(_, result)| same(result)) {
                    typmod
                } else {
                    -1
                }
            }
            Expr::Coalesce { args, type_oid, .. } | Expr::MinMax { args, type_oid, .. } => {
                let typmod = args.first().map_or(-1, Expr::typmod);
                if args.iter().all(|arg| arg.type_oid() == *type_oid && arg.typmod() == typmod) {
                    typmod
                } else {
                    -1
                }
            }
            Expr::Subscript(subscript) => subscript.typmod,
            Expr::Special(special) => special.typmod,
            _ => -1,
        }
    }

    /// Result collation, 0 if none.
    pub fn collation(&self) -> Oid {
        match self {
            Expr::Var(var) => var.collation,
            Expr::Const(constant) => constant.collation,
            Expr::Param(param) => param.collation,
            Expr::Func(func) => func.collation,
            Expr::Op(op) | Expr::NullIf(op) => op.collation,
            Expr::Agg(agg) => agg.collation,
            Expr::Window(window) => window.collation,
            Expr::SubLink(link) if matches!(link.kind, SubLinkKind::Scalar | SubLinkKind::Array) => {
                link.query.visible_targets().next().map_or(0, |target| target.expr.collation())
            }
            Expr::SubPlan(plan) => match plan.kind {
                SubLinkKind::Scalar | SubLinkKind::Array => plan.first_collation,
                _ => 0,
            },
            Expr::SubLinkColumn { collation, .. }
            | Expr::FieldSelect { collation, .. }
            | Expr::Relabel { collation, .. }
            | Expr::CoerceViaIo { collation, .. }
            | Expr::ArrayCoerce { collation, .. }
            | Expr::CaseTest { collation, .. }
            | Expr::Array { collation, .. }
            | Expr::Coalesce { collation, .. }
            | Expr::MinMax { collation, .. }
            | Expr::CoerceToDomain { collation, .. }
            | Expr::DomainValue { collation, .. }
            | Expr::SetToDefault { collation, .. } => *collation,
            Expr::Collate(_, collation) => *collation,
            Expr::PlaceHolder(holder) => holder.expr.collation(),
            Expr::Case(case) => case.collation,
            Expr::SqlValue { type_oid, .. } if *type_oid == oids::NAME => 950,
            Expr::Subscript(subscript) => subscript.collation,
            Expr::Special(special) => special.collation,
            _ => 0,
        }
    }

    /// Forgets where this node (not those below it) stood in a text.
    pub fn clear_position(&mut self) {
        let none = Position(None);
        match self {
            Expr::Var(var) => var.position = none,
            Expr::Const(constant) => constant.position = none,
            Expr::Param(param) => param.position = none,
            Expr::Func(func) => func.position = none,
            Expr::Op(op) | Expr::Distinct(op) | Expr::NullIf(op) => op.position = none,
            Expr::ScalarArray(op) => op.position = none,
            Expr::Agg(agg) => agg.position = none,
            Expr::Window(window) => window.position = none,
            Expr::SubLink(link) => link.position = none,
            Expr::CoerceViaIo { position, .. } | Expr::Array { position, .. } => *position = none,
            Expr::Case(case) => case.position = none,
            Expr::Special(special) => special.position = none,
            _ => {}
        }
    }

    /// Where the expression begins in the statement, if known: its own position or that of its leftmost argument.
    pub fn position(&self) -> Position {
        let leftmost = |own: Position, args: &[Expr]| {
            let first = args.first().map_or(Position(None), Expr::position);
            match (own.0, first.0) {
                (Some(own), Some(first)) => Position(Some(own.min(first))),
                (own, first) => Position(own.or(first)),
            }
        };
        match self {
            Expr::Var(var) => var.position,
            Expr::Const(constant) => constant.position,
            Expr::Param(param) => param.position,
            Expr::Func(func) => leftmost(func.position, &func.args),
            Expr::Op(op) | Expr::Distinct(op) | Expr::NullIf(op) => leftmost(op.position, &op.args),
            Expr::ScalarArray(op) => leftmost(op.position, std::slice::from_ref(&op.scalar)),
            Expr::Bool(_, args)
            | Expr::Row { args, .. }
            | Expr::Coalesce { args, .. }
            | Expr::MinMax { args, .. } => leftmost(Position(None), args),
            Expr::Agg(agg) => agg.position,
            Expr::Window(window) => window.position,
            Expr::SubLink(link) => link.position,
            Expr::FieldSelect { arg, .. }
            | Expr::Relabel { arg, .. }
            | Expr::ArrayCoerce { arg, .. }
            | Expr::CoerceToDomain { arg, .. }
            | Expr::NullTest { arg, .. }
            | Expr::BoolTest(arg, _)
            | Expr::Collate(arg, _) => arg.position(),
            Expr::CoerceViaIo { arg, position, .. } => leftmost(*position, std::slice::from_ref(arg)),
            Expr::Array { position, .. } => *position,
            Expr::Case(case) => case.position,
            Expr::Subscript(subscript) => subscript.container.position(),
            Expr::Special(special) => special.position,
            _ => Position(None),
        }
    }
}
