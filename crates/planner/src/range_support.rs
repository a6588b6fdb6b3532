//! `element <@ range` with a constant range is a comparison with its bounds, which indexes know.

use crate::fold::Folder;
use pglitedb_catalog::Volatility;
use pglitedb_query_tree::{Const, Expr, OpExpr, Position};
use pglitedb_sqlstate::Result;
use pglitedb_types::{Datum, Oid, RangeValue, oids};

/// `range_contains_elem(anyrange, anyelement)`
const CONTAINS_ELEMENT: Oid = 3858;
/// `elem_contained_by_range(anyelement, anyrange)`
const ELEMENT_CONTAINED: Oid = 3860;

/// B-tree strategies.
const LESS: i16 = 1;
const LESS_EQUAL: i16 = 2;
const GREATER_EQUAL: i16 = 4;
const GREATER: i16 = 5;

impl Folder<'_> {
    /// A call of a containment function whose range is known.
    pub(crate) fn range_containment(&self, func: Oid, args: &[Expr]) -> Result<Option<Expr>> {
        let (element, range) = match (func, args) {
            (CONTAINS_ELEMENT, [range, element]) | (ELEMENT_CONTAINED, [element, range]) => (element, range),
            _ => return Ok(None),
        };
        let Expr::Const(constant) = range else { return Ok(None) };
        let Datum::Range(value) = &constant.value else { return Ok(None) };
        if value.empty {
            return Ok(Some(Expr::bool_const(false)));
        }
        if value.lower.is_none() && value.upper.is_none() {
            return Ok(Some(Expr::bool_const(true)));
        }
        // The element would be computed twice.
        let twice = value.lower.is_some() && value.upper.is_some();
        if twice && !self.is_cheap(element)? {
            return Ok(None);
        }
        self.comparisons(element, value)
    }

    fn comparisons(&self, element: &Expr, range: &RangeValue) -> Result<Option<Expr>> {
        let Some(class) = self.catalog.range_opclass(range.range_type)? else { return Ok(None) };
        let Some(class) = self.catalog.opclass(class)? else { return Ok(None) };
        let Some(info) = self.catalog.type_info(range.range_type)? else { return Ok(None) };
        let lower = if range.lower_inclusive { GREATER_EQUAL } else { GREATER };
        let upper = if range.upper_inclusive { LESS_EQUAL } else { LESS };
        let mut tests = Vec::new();
        for (bound, strategy) in [(&range.lower, lower), (&range.upper, upper)] {
            let Some(bound) = bound else { continue };
            let op = self.catalog.amop(class.family, class.input_type, class.input_type, strategy)?;
            let Some(op) = op else { return Ok(None) };
            let Some(operator) = self.catalog.operator(op)? else { return Ok(None) };
            let type_oid = info.range_subtype;
            let collation = if element.collation() == 0 { 0 } else { info.range_collation };
            let value = Expr::Const(Const {
                value: bound.clone(),
                type_oid,
                typmod: -1,
                collation,
                position: Position(None),
            });
            tests.push(Expr::Op(OpExpr {
                op,
                func: operator.proc,
                result_type: oids::BOOL,
                collation: 0,
                input_collation: info.range_collation,
                args: vec![element.clone(), value],
                position: Position(None),
            }));
        }
        Ok(Expr::and(tests))
    }

    /// Not volatile, and no more than a handful of calls.
    fn is_cheap(&self, expr: &Expr) -> Result<bool> {
        let (mut calls, mut fits) = (0, Ok(true));
        expr.walk(&mut |node| {
            let func = match node {
                Expr::Func(func) => func.func,
                Expr::Op(op) => op.func,
                Expr::SubLink(_) | Expr::SubPlan(_) => {
                    fits = Ok(false);
                    return false;
                }
                _ => return true,
            };
            match self.catalog.proc(func) {
                Ok(Some(proc)) if proc.volatility != Volatility::Volatile && proc.builtin => calls += 1,
                Ok(_) => fits = Ok(false),
                Err(error) => fits = Err(error),
            }
            matches!(fits, Ok(true))
        });
        Ok(fits? && calls <= 10)
    }
}
