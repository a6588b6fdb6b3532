//! Rows and comparisons of rows.

use super::operator_name;
use crate::binder::Binder;
use pglitedb_query_tree::{BoolOp, CallForm, Expr, RowCompare};
use pglitedb_sql_parser::ast::{self, ExprKind as Ast, OperatorName};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::{Oid, oids};
use std::sync::Arc;

/// What a row comparison's operators mean.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum RowOp {
    Strategy(i16),
    NotEqual,
}

const BTREE: Oid = 403;
const EQUAL: i16 = 3;

impl<'c> Binder<'c> {
    /// Elements of a row as written, `x.*` expanded.
    pub(super) fn row_items(&mut self, items: &'c [ast::Expr]) -> Result<Vec<Expr>> {
        self.expand_list(items)
    }

    pub(super) fn row(&mut self, items: &'c [ast::Expr], explicit: bool) -> Result<Expr> {
        let args = self.row_items(items)?;
        if args.len() > 1664 {
            return Err(err!(TOO_MANY_COLUMNS, "ROW expressions can have at most 1664 entries"));
        }
        let names = (1..=args.len()).map(|n| Arc::from(format!("f{n}"))).collect();
        let form = if explicit { CallForm::Explicit } else { CallForm::ImplicitCast };
        Ok(Expr::Row { args, type_oid: oids::RECORD, names, form })
    }

    /// `left op right` where rows compare element by element.
    pub(super) fn binary(
        &mut self,
        op: &'c OperatorName,
        left: &'c ast::Expr,
        right: &'c ast::Expr,
    ) -> Result<Expr> {
        let at = op.span.offset();
        match (&left.kind, &right.kind) {
            (Ast::Row { items: left, .. }, Ast::Row { items: right, .. }) => {
                let left = self.row_items(left)?;
                let right = self.row_items(right)?;
                self.row_comparison(op, left, right, at)
            }
            (Ast::Row { .. }, Ast::Subquery(query)) => self.row_query(left, op, query, at),
            _ => {
                let left = self.expr(left)?;
                let right = self.expr(right)?;
                self.make_op(op, Some(left), right, at)
            }
        }
    }

    /// Compares two lists of expressions.
    pub fn row_comparison(
        &mut self,
        op: &OperatorName,
        left: Vec<Expr>,
        right: Vec<Expr>,
        at: usize,
    ) -> Result<Expr> {
        if left.len() != right.len() {
            return Err(err!(SYNTAX_ERROR, "unequal number of entries in row expressions").at(at));
        }
        if left.is_empty() {
            return Err(Error::unsupported("cannot compare rows of zero length").at(at));
        }
        let mut pairs = Vec::with_capacity(left.len());
        for (left, right) in left.into_iter().zip(right) {
            let pair = self.make_op(op, Some(left), right, at)?;
            if pair.type_oid() != oids::BOOL {
                return Err(err!(
                    DATATYPE_MISMATCH,
                    "row comparison operator must yield type boolean, not type {}",
                    self.type_name(pair.type_oid())
                )
                .at(at));
            }
            pairs.push(pair);
        }
        if pairs.len() == 1 {
            return pairs.pop().ok_or_else(|| Error::internal("row comparison without columns"));
        }
        let ops: Vec<Oid> =
            pairs.iter().map(|pair| if let Expr::Op(op) = pair { op.op } else { 0 }).collect();
        match self.row_operator(&ops)? {
            Some(RowOp::Strategy(EQUAL)) => Ok(Expr::Bool(BoolOp::And, pairs)),
            Some(RowOp::NotEqual) => Ok(Expr::Bool(BoolOp::Or, pairs)),
            Some(RowOp::Strategy(strategy)) => self.row_compare(strategy, pairs, ops, op, at),
            None => Err(Error::unsupported(format!(
                "could not determine interpretation of row comparison operator {}",
                op.symbol
            ))
            .hint("Row comparison operators must be associated with btree operator families.")
            .at(at)),
        }
    }

    fn row_compare(
        &mut self,
        strategy: i16,
        pairs: Vec<Expr>,
        ops: Vec<Oid>,
        op: &OperatorName,
        at: usize,
    ) -> Result<Expr> {
        let mut families = Vec::with_capacity(ops.len());
        for oid in &ops {
            let family = self
                .ctx
                .catalog
                .amops_of_operator(*oid)?
                .iter()
                .find(|amop| amop.method == BTREE && amop.strategy == strategy)
                .map(|amop| amop.family);
            match family {
                Some(family) => families.push(family),
                None => {
                    return Err(Error::unsupported(format!(
                        "could not determine interpretation of row comparison operator {}",
                        op.symbol
                    ))
                    .detail("There are multiple equally-plausible candidates.")
                    .at(at));
                }
            }
        }
        let mut left = Vec::with_capacity(pairs.len());
        let mut right = Vec::with_capacity(pairs.len());
        for pair in pairs {
            let Expr::Op(mut pair) = pair else { return Err(Error::internal("not an operator")) };
            let (Some(b), Some(a)) = (pair.args.pop(), pair.args.pop()) else {
                return Err(Error::internal("operator lost its arguments"));
            };
            left.push(a);
            right.push(b);
        }
        let collations = vec![0; ops.len()];
        Ok(Expr::RowCompare(Box::new(RowCompare { strategy, ops, families, collations, left, right })))
    }

    /// What all the operators mean in common.
    pub fn row_operator(&self, ops: &[Oid]) -> Result<Option<RowOp>> {
        let mut common: Option<Vec<i16>> = None;
        const NOT_EQUAL: i16 = 6;
        for &oid in ops {
            let mut meanings: Vec<i16> = self
                .ctx
                .catalog
                .amops_of_operator(oid)?
                .iter()
                .filter(|amop| amop.method == BTREE)
                .map(|amop| amop.strategy)
                .collect();
            if let Some(info) = self.ctx.catalog.operator(oid)?
                && info.negator != 0
                && self
                    .ctx
                    .catalog
                    .amops_of_operator(info.negator)?
                    .iter()
                    .any(|amop| amop.method == BTREE && amop.strategy == EQUAL)
            {
                meanings.push(NOT_EQUAL);
            }
            common = Some(match common {
                None => meanings,
                Some(known) => known.into_iter().filter(|m| meanings.contains(m)).collect(),
            });
        }
        Ok(common.and_then(|list| list.into_iter().min()).map(|strategy| match strategy {
            NOT_EQUAL => RowOp::NotEqual,
            strategy => RowOp::Strategy(strategy),
        }))
    }

    /// `a IS [NOT] DISTINCT FROM b`.
    pub(super) fn is_distinct(
        &mut self,
        left: &'c ast::Expr,
        right: &'c ast::Expr,
        negated: bool,
        at: usize,
    ) -> Result<Expr> {
        let is_null = |expr: &ast::Expr| matches!(expr.kind, Ast::Literal(ast::Literal::Null));
        if is_null(right) || is_null(left) {
            let arg = self.expr(if is_null(right) { left } else { right })?;
            let arg_is_row = self.is_row_type(arg.type_oid())?;
            return Ok(Expr::NullTest { arg: Box::new(arg), negated: !negated, arg_is_row });
        }
        let equals = operator_name("=", at);
        let result = match (&left.kind, &right.kind) {
            (Ast::Row { items: left, .. }, Ast::Row { items: right, .. }) => {
                let left = self.row_items(left)?;
                let right = self.row_items(right)?;
                if left.len() != right.len() {
                    return Err(err!(SYNTAX_ERROR, "unequal number of entries in row expressions").at(at));
                }
                let mut parts = Vec::with_capacity(left.len());
                for (left, right) in left.into_iter().zip(right) {
                    parts.push(self.distinct_pair(&equals, left, right, at)?);
                }
                match parts.len() {
                    0 => Expr::bool_const(false),
                    1 => parts.remove(0),
                    _ => Expr::Bool(BoolOp::Or, parts),
                }
            }
            _ => {
                let left = self.expr(left)?;
                let right = self.expr(right)?;
                self.distinct_pair(&equals, left, right, at)?
            }
        };
        Ok(if negated { super::not(result) } else { result })
    }

    fn distinct_pair(&mut self, op: &OperatorName, left: Expr, right: Expr, at: usize) -> Result<Expr> {
        match self.make_op(op, Some(left), right, at)? {
            Expr::Op(op) if op.result_type == oids::BOOL => Ok(Expr::Distinct(op)),
            _ => Err(err!(DATATYPE_MISMATCH, "IS DISTINCT FROM requires = operator to yield boolean").at(at)),
        }
    }

    pub(super) fn null_if(&mut self, left: &'c ast::Expr, right: &'c ast::Expr, at: usize) -> Result<Expr> {
        let left = self.expr(left)?;
        let right = self.expr(right)?;
        match self.make_op(&operator_name("=", at), Some(left), right, at)? {
            Expr::Op(op) if op.result_type == oids::BOOL => Ok(Expr::NullIf(op)),
            _ => Err(err!(DATATYPE_MISMATCH, "NULLIF requires = operator to yield boolean").at(at)),
        }
    }
}
