//! LIMIT and OFFSET.

use crate::ExprKind;
use crate::binder::Binder;
use pglitedb_query_tree::{Expr, Query};
use pglitedb_sql_parser::ast::{self, ExprKind as Ast, Limit, Literal};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::oids;

impl<'c> Binder<'c> {
    pub fn limit(&mut self, limit: Option<&'c Limit>, query: &mut Query) -> Result<()> {
        let Some(limit) = limit else { return Ok(()) };
        if let Some(offset) = &limit.offset {
            query.offset = Some(self.limit_expr(offset, ExprKind::Offset, "OFFSET")?);
        }
        if let Some(count) = &limit.count {
            let null = matches!(count.kind, Ast::Literal(Literal::Null));
            if limit.with_ties && null {
                return Err(Error::new(
                    pglitedb_sqlstate::codes::INVALID_ROW_COUNT_IN_LIMIT_CLAUSE,
                    "row count cannot be null in FETCH FIRST ... WITH TIES clause",
                ));
            }
            query.limit = Some(self.limit_expr(count, ExprKind::Limit, "LIMIT")?);
        }
        query.with_ties = limit.with_ties;
        Ok(())
    }

    /// An int8 expression without variables of this query.
    pub fn limit_expr(&mut self, expr: &'c ast::Expr, kind: ExprKind, what: &str) -> Result<Expr> {
        let bound = self.expr_of_kind(expr, kind)?;
        let bound = self.coerce_to_specific(bound, oids::INT8, what)?;
        let mut levels = crate::func::ArgLevels::default();
        levels.add(&bound);
        if levels.min_var == Some(0) {
            let mut at = None;
            bound.walk(&mut |node| {
                if let Expr::Var(var) = node
                    && var.levels_up == 0
                    && at.is_none()
                {
                    at = var.position.get();
                }
                true
            });
            return Err(
                err!(INVALID_COLUMN_REFERENCE, "argument of {what} must not contain variables").at_opt(at)
            );
        }
        Ok(bound)
    }
}
