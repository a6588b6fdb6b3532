//! BETWEEN, IN, OVERLAPS.

use super::{not, operator_name};
use crate::binder::Binder;
use pglitedb_query_tree::{BoolOp, Expr};
use pglitedb_sql_parser::ast::{self, ExprKind as Ast};
use pglitedb_sqlstate::Result;
use pglitedb_types::oids;

impl<'c> Binder<'c> {
    pub(super) fn between(
        &mut self,
        arg: &'c ast::Expr,
        low: &'c ast::Expr,
        high: &'c ast::Expr,
        symmetric: bool,
        negated: bool,
        at: usize,
    ) -> Result<Expr> {
        let arg = self.expr(arg)?;
        let low = self.expr(low)?;
        let high = self.expr(high)?;
        let (lower, upper, join) = if negated { ("<", ">", BoolOp::Or) } else { (">=", "<=", BoolOp::And) };
        let lower = operator_name(lower, at);
        let upper = operator_name(upper, at);
        let range = |binder: &mut Self, arg: Expr, low: Expr, high: Expr| -> Result<Expr> {
            let first = binder.make_op(&lower, Some(arg.clone()), low, at)?;
            let second = binder.make_op(&upper, Some(arg), high, at)?;
            let what = if join == BoolOp::And { "AND" } else { "OR" };
            let first = binder.coerce_to_boolean(first, what)?;
            let second = binder.coerce_to_boolean(second, what)?;
            Ok(Expr::Bool(join, vec![first, second]))
        };
        if !symmetric {
            return range(self, arg, low, high);
        }
        let straight = range(self, arg.clone(), low.clone(), high.clone())?;
        let crossed = range(self, arg, high, low)?;
        let outer = if negated { BoolOp::And } else { BoolOp::Or };
        Ok(Expr::Bool(outer, vec![straight, crossed]))
    }

    pub(super) fn in_list(
        &mut self,
        arg: &'c ast::Expr,
        list: &'c [ast::Expr],
        negated: bool,
        at: usize,
    ) -> Result<Expr> {
        let op = operator_name(if negated { "<>" } else { "=" }, at);
        let join = if negated { BoolOp::And } else { BoolOp::Or };
        let left_row = match &arg.kind {
            Ast::Row { items, .. } => Some(self.row_items(items)?),
            _ => None,
        };
        let left = match &left_row {
            Some(_) => None,
            None => Some(self.expr(arg)?),
        };
        let mut parts: Vec<Expr> = Vec::new();
        let mut constants: Vec<Expr> = Vec::new();
        let mut others: Vec<(&'c ast::Expr, Option<Expr>)> = Vec::new();
        for item in list {
            if left_row.is_some() && matches!(item.kind, Ast::Row { .. }) {
                others.push((item, None));
                continue;
            }
            let bound = self.expr(item)?;
            let has_vars = bound.any(&mut |node| match node {
                Expr::Var(var) => var.levels_up == 0,
                Expr::SubLink(_) => true,
                _ => false,
            });
            if has_vars { others.push((item, Some(bound))) } else { constants.push(bound) }
        }
        if constants.len() > 1
            && let Some(left) = &left
        {
            match self.in_array(&op, !negated, left, constants, at)? {
                Ok(array) => {
                    parts.push(array);
                    constants = Vec::new();
                }
                Err(back) => constants = back,
            }
        }
        let mut singles: Vec<(&'c ast::Expr, Option<Expr>)> =
            constants.into_iter().map(|bound| (arg, Some(bound))).collect();
        singles.extend(others);
        for (item, bound) in singles {
            let part = match (&left_row, &left, bound, &item.kind) {
                (Some(row), _, None, Ast::Row { items, .. }) => {
                    let right = self.row_items(items)?;
                    self.row_comparison(&op, row.clone(), right, at)?
                }
                (_, Some(left), Some(bound), _) => self.make_op(&op, Some(left.clone()), bound, at)?,
                (Some(_), _, Some(bound), _) => {
                    let row = self.expr(arg)?;
                    self.make_op(&op, Some(row), bound, at)?
                }
                _ => continue,
            };
            parts.push(self.coerce_to_boolean(part, "IN")?);
        }
        Ok(match parts.len() {
            1 => parts.remove(0),
            _ => Expr::Bool(join, parts),
        })
    }

    /// `left op ANY (ARRAY[...])` if the elements have a common type; gives them back otherwise.
    fn in_array(
        &mut self,
        op: &ast::OperatorName,
        any: bool,
        left: &Expr,
        constants: Vec<Expr>,
        at: usize,
    ) -> Result<std::result::Result<Expr, Vec<Expr>>> {
        let mut all: Vec<&Expr> = vec![left];
        all.extend(&constants);
        let scalar = self.common_type(&all, None)?;
        if scalar == 0 || scalar == oids::RECORD {
            return Ok(Err(constants));
        }
        let types: Vec<_> = all.iter().map(|expr| expr.type_oid()).collect();
        if !self.all_coercible(&types, scalar)? {
            return Ok(Err(constants));
        }
        let array_type = self.array_type(scalar)?;
        if array_type == 0 {
            return Ok(Err(constants));
        }
        let position = constants.first().map(Expr::position).unwrap_or_default();
        let mut elements = Vec::with_capacity(constants.len());
        for constant in constants {
            elements.push(self.coerce_to_common(constant, scalar, "IN")?);
        }
        let array = Expr::Array {
            array_type,
            element_type: scalar,
            collation: 0,
            elements,
            multidims: false,
            position,
        };
        self.make_scalar_array_op(op, any, left.clone(), array, at).map(Ok)
    }

    pub(super) fn in_query(
        &mut self,
        arg: &'c ast::Expr,
        query: &'c ast::Query,
        negated: bool,
        at: usize,
    ) -> Result<Expr> {
        let equals = operator_name("=", at);
        let link = self.any_all_query(arg, &equals, pglitedb_query_tree::SubLinkKind::Any, query, at)?;
        Ok(if negated { not(link) } else { link })
    }

    pub(super) fn overlaps(
        &mut self,
        left: &'c [ast::Expr],
        right: &'c [ast::Expr],
        at: usize,
    ) -> Result<Expr> {
        let mut args = Vec::with_capacity(4);
        for item in left.iter().chain(right) {
            args.push(self.expr(item)?);
        }
        self.sql_function("overlaps", args, at)
    }
}
