//! Expressions (PostgreSQL: transformExpr).

mod array;
mod case;
mod column;
mod compare;
pub(crate) mod json;
pub(crate) mod json_query;
mod like;
mod literal;
pub(crate) mod names;
mod row;
mod special;
mod sublink;
mod subscript;
mod xml;

use crate::ExprKind;
use crate::binder::Binder;
use pglitedb_catalog::CastContext;
use pglitedb_query_tree::{BoolOp, BoolTest, CallForm, Expr};
use pglitedb_sql_parser::ast::{self, ExprKind as Ast, TruthTest};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::oids;

impl<'c> Binder<'c> {
    /// Binds an expression in a place.
    pub fn expr_of_kind(&mut self, expr: &'c ast::Expr, kind: ExprKind) -> Result<Expr> {
        self.with_kind(kind, |binder| binder.expr(expr))
    }

    /// Binds a condition: an expression that becomes boolean.
    pub fn condition(&mut self, expr: &'c ast::Expr, kind: ExprKind, what: &str) -> Result<Expr> {
        let bound = self.expr_of_kind(expr, kind)?;
        self.coerce_to_boolean(bound, what)
    }

    /// Binds an expression where the current one stands.
    pub fn expr(&mut self, expr: &'c ast::Expr) -> Result<Expr> {
        self.guarded(|binder| binder.expr_inner(expr))
    }

    fn exprs(&mut self, list: &'c [ast::Expr]) -> Result<Vec<Expr>> {
        list.iter().map(|expr| self.expr(expr)).collect()
    }

    fn expr_inner(&mut self, expr: &'c ast::Expr) -> Result<Expr> {
        let at = expr.span.offset();
        match &expr.kind {
            Ast::Literal(literal) => self.literal(literal, at),
            Ast::Column(column) => self.column_ref(column, at),
            Ast::Param(number) => self.param(*number, at),
            Ast::Indirection { base, indirection } => self.indirection(base, indirection, at),
            Ast::Unary { op, arg } => {
                let arg = self.expr(arg)?;
                self.make_op(op, None, arg, op.span.offset())
            }
            Ast::Binary { op, left, right } => self.binary(op, left, right),
            Ast::Quantified { left, op, quantifier, array } => {
                let scalar = self.expr(left)?;
                let array = self.expr(array)?;
                let any = *quantifier == ast::Quantifier::Any;
                self.make_scalar_array_op(op, any, scalar, array, op.span.offset())
            }
            Ast::QuantifiedQuery { left, op, quantifier, query } => {
                self.quantified_query(left, op, *quantifier, query, op.span.offset())
            }
            Ast::And { args, .. } => self.bool_expr(BoolOp::And, args, "AND"),
            Ast::Or { args, .. } => self.bool_expr(BoolOp::Or, args, "OR"),
            Ast::Not(arg) => {
                let arg = self.expr(arg)?;
                Ok(not(self.coerce_to_boolean(arg, "NOT")?))
            }
            Ast::IsNull { arg, negated } => {
                let arg = self.expr(arg)?;
                let arg_is_row = self.is_row_type(arg.type_oid())?;
                Ok(Expr::NullTest { arg: Box::new(arg), negated: *negated, arg_is_row })
            }
            Ast::IsTruth { arg, test, negated } => self.truth_test(arg, *test, *negated),
            Ast::IsDistinct { left, right, negated, op } => {
                self.is_distinct(left, right, *negated, op.offset())
            }
            Ast::IsNormalized { arg, form, negated } => self.is_normalized(arg, *form, *negated, at),
            Ast::Between { arg, low, high, symmetric, negated, op } => {
                self.between(arg, low, high, *symmetric, *negated, op.offset())
            }
            Ast::InList { arg, list, negated, op } => self.in_list(arg, list, *negated, op.offset()),
            Ast::InQuery { arg, query, negated, op } => self.in_query(arg, query, *negated, op.offset()),
            Ast::Like { kind, arg, pattern, escape, negated, op } => {
                self.like(*kind, arg, pattern, escape.as_deref(), *negated, op.offset())
            }
            Ast::Overlaps { left, right, op } => self.overlaps(left, right, op.offset()),
            Ast::AtTimeZone { arg, zone, op } => {
                let arg = self.expr(arg)?;
                let zone = self.expr(zone)?;
                self.sql_function("timezone", vec![zone, arg], op.offset())
            }
            Ast::AtLocal { arg, op } => {
                let arg = self.expr(arg)?;
                self.sql_function("timezone", vec![arg], op.offset())
            }
            Ast::Collate { arg, collation, op } => self.collate_clause(arg, collation, op.offset()),
            Ast::Cast { arg, type_name, op } => self.cast(arg, type_name, op.offset()),
            Ast::Row { items, explicit } => self.row(items, *explicit),
            Ast::Array(items) => self.array(items, None, at),
            Ast::Function(call) => self.function_call(call, at, false),
            Ast::Special(special) => self.special_function(special, at),
            Ast::SqlValue { function, precision } => self.sql_value(*function, *precision, at),
            Ast::Case(case) => self.case(case, at),
            Ast::Coalesce(args) => self.coalesce(args),
            Ast::Greatest(args) => self.min_max(args, true),
            Ast::Least(args) => self.min_max(args, false),
            Ast::NullIf(left, right) => self.null_if(left, right, at),
            Ast::Grouping(args) => self.grouping_call(args, at),
            Ast::Exists(query) => self.exists(query, at),
            Ast::Subquery(query) => self.scalar_query(query, at),
            Ast::ArrayQuery(query) => self.array_query(query, at),
            Ast::Default => Err(err!(SYNTAX_ERROR, "DEFAULT is not allowed in this context").at(at)),
            Ast::CurrentOf(cursor) => match &self.cur().target {
                Some(target) => Ok(Expr::CurrentOf { cursor: cursor.as_str().into(), rte: target.rte }),
                None => Err(Error::internal("CURRENT OF without a target table")),
            },
            Ast::MergeAction => self.merge_action(at),
            Ast::Xml(xml) => self.xml(xml, at),
            Ast::Json(json) => self.json(json, at),
        }
    }

    fn bool_expr(&mut self, op: BoolOp, args: &'c [ast::Expr], what: &str) -> Result<Expr> {
        let mut bound = Vec::with_capacity(args.len());
        for arg in args {
            let arg = self.expr(arg)?;
            bound.push(self.coerce_to_boolean(arg, what)?);
        }
        Ok(Expr::Bool(op, bound))
    }

    fn truth_test(&mut self, arg: &'c ast::Expr, test: TruthTest, negated: bool) -> Result<Expr> {
        let (test, what) = match (test, negated) {
            (TruthTest::True, false) => (BoolTest::True, "IS TRUE"),
            (TruthTest::True, true) => (BoolTest::NotTrue, "IS NOT TRUE"),
            (TruthTest::False, false) => (BoolTest::False, "IS FALSE"),
            (TruthTest::False, true) => (BoolTest::NotFalse, "IS NOT FALSE"),
            (TruthTest::Unknown, false) => (BoolTest::Unknown, "IS UNKNOWN"),
            (TruthTest::Unknown, true) => (BoolTest::NotUnknown, "IS NOT UNKNOWN"),
        };
        let arg = self.expr(arg)?;
        let arg = self.coerce_to_boolean(arg, what)?;
        Ok(Expr::BoolTest(Box::new(arg), test))
    }

    fn cast(&mut self, arg: &'c ast::Expr, type_name: &'c ast::TypeName, at: usize) -> Result<Expr> {
        let (target, typmod) = self.resolve_type(type_name)?;
        let bound = match &arg.kind {
            Ast::Array(items) => {
                let (base, base_typmod) = self.base_type_and_typmod(target, typmod)?;
                let element = self.element_type(base)?;
                if element != 0 {
                    self.array(items, Some((base, element, base_typmod)), arg.span.offset())?
                } else {
                    self.expr(arg)?
                }
            }
            _ => self.expr(arg)?,
        };
        let source = bound.type_oid();
        match self.coerce_to_target(bound, target, typmod, CastContext::Explicit, CallForm::ExplicitCast)? {
            Ok(converted) => Ok(converted),
            Err(_) => Err(err!(
                CANNOT_COERCE,
                "cannot cast type {} to {}",
                self.type_name(source),
                self.type_name(target)
            )
            .at(at)),
        }
    }

    fn collate_clause(
        &mut self,
        arg: &'c ast::Expr,
        collation: &'c ast::QualifiedName,
        at: usize,
    ) -> Result<Expr> {
        let arg = self.expr(arg)?;
        let type_oid = arg.type_oid();
        if type_oid != oids::UNKNOWN && self.type_collation(type_oid)? == 0 {
            return Err(err!(
                DATATYPE_MISMATCH,
                "collations are not supported by type {}",
                self.type_name(type_oid)
            )
            .at(at));
        }
        let oid = self.collation(collation).map_err(|error| error.at(at))?;
        Ok(Expr::Collate(Box::new(arg), oid))
    }
}

/// NOT of a condition.
pub(crate) fn not(arg: Expr) -> Expr {
    Expr::Bool(BoolOp::Not, vec![arg])
}

/// A function or operator of `pg_catalog`.
pub(crate) fn system_name(name: &str) -> ast::QualifiedName {
    ast::QualifiedName { parts: vec![ast::Ident::synthetic("pg_catalog"), ast::Ident::synthetic(name)] }
}

/// An operator without schema at a place.
pub(crate) fn operator_name(symbol: &str, at: usize) -> ast::OperatorName {
    ast::OperatorName { schema: Vec::new(), symbol: symbol.into(), span: ast::Span::new(at, at) }
}
