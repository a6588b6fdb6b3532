//! CASE, COALESCE, GREATEST, LEAST.

use super::operator_name;
use crate::binder::Binder;
use pglitedb_query_tree::{CaseExpr, Expr, Position};
use pglitedb_sql_parser::ast;
use pglitedb_sqlstate::Result;
use pglitedb_types::oids;

impl<'c> Binder<'c> {
    pub(super) fn case(&mut self, case: &'c ast::CaseExpr, at: usize) -> Result<Expr> {
        let srf_count = self.cur().srf_count;
        let mut test = None;
        let arg = match &case.arg {
            Some(arg) => {
                let mut bound = self.expr(arg)?;
                if bound.type_oid() == oids::UNKNOWN {
                    bound = self.coerce_to_common(bound, oids::TEXT, "CASE")?;
                }
                crate::collate::assign(self, &mut bound)?;
                test = Some(Expr::CaseTest {
                    type_oid: bound.type_oid(),
                    typmod: bound.typmod(),
                    collation: bound.collation(),
                });
                Some(Box::new(bound))
            }
            None => None,
        };
        let mut conditions = Vec::with_capacity(case.branches.len());
        let mut results = Vec::with_capacity(case.branches.len() + 1);
        for branch in &case.branches {
            let condition = self.expr(&branch.condition)?;
            let condition = match &test {
                Some(test) => {
                    let place = branch.span.offset();
                    self.make_op(&operator_name("=", place), Some(test.clone()), condition, place)?
                }
                None => condition,
            };
            conditions.push(self.coerce_to_boolean(condition, "CASE/WHEN")?);
            results.push(self.expr(&branch.result)?);
        }
        let default = match &case.default {
            Some(default) => self.expr(default)?,
            None => Expr::null_const(oids::UNKNOWN, -1, 0),
        };
        // ELSE counts first, as in PostgreSQL.
        let mut all: Vec<&Expr> = vec![&default];
        all.extend(&results);
        let result_type = self.common_type(&all, Some("CASE"))?;
        let default = self.coerce_to_common(default, result_type, "CASE/ELSE")?;
        let mut whens = Vec::with_capacity(results.len());
        for (condition, result) in conditions.into_iter().zip(results) {
            whens.push((condition, self.coerce_to_common(result, result_type, "CASE/WHEN")?));
        }
        self.refuse_srf_since(srf_count, "CASE")?;
        Ok(Expr::Case(Box::new(CaseExpr {
            result_type,
            collation: 0,
            arg,
            whens,
            default: Box::new(default),
            position: Position::new(at),
        })))
    }

    pub(super) fn coalesce(&mut self, args: &'c [ast::Expr]) -> Result<Expr> {
        let srf_count = self.cur().srf_count;
        let (args, type_oid) = self.common_args(args, "COALESCE")?;
        self.refuse_srf_since(srf_count, "COALESCE")?;
        Ok(Expr::Coalesce { args, type_oid, collation: 0 })
    }

    pub(super) fn min_max(&mut self, args: &'c [ast::Expr], greatest: bool) -> Result<Expr> {
        let name = if greatest { "GREATEST" } else { "LEAST" };
        let (args, type_oid) = self.common_args(args, name)?;
        Ok(Expr::MinMax { greatest, args, type_oid, collation: 0, input_collation: 0 })
    }

    fn common_args(&mut self, args: &'c [ast::Expr], what: &str) -> Result<(Vec<Expr>, u32)> {
        let bound = self.exprs(args)?;
        let refs: Vec<&Expr> = bound.iter().collect();
        let type_oid = self.common_type(&refs, Some(what))?;
        let mut result = Vec::with_capacity(bound.len());
        for arg in bound {
            result.push(self.coerce_to_common(arg, type_oid, what)?);
        }
        Ok((result, type_oid))
    }
}
