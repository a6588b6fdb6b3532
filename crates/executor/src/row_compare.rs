//! Row-wise `<`, `<=`, `>`, `>=`.

use crate::expr::{CompileCtx, Compiled, EvalRow, compile_all};
use crate::runtime::Runtime;
use pglitedb_query_tree::RowCompare;
use pglitedb_sqlstate::Result;
use pglitedb_types::{Comparator, Datum};
use std::cmp::Ordering;

/// A compiled row comparison.
pub struct RowComparison {
    strategy: i16,
    left: Vec<Compiled>,
    right: Vec<Compiled>,
    comparators: Vec<Comparator>,
}

impl RowComparison {
    /// Compiles one.
    pub(crate) fn compile(compare: &RowCompare, ctx: &mut CompileCtx<'_>) -> Result<Self> {
        let comparators = compare
            .left
            .iter()
            .zip(&compare.collations)
            .map(|(left, collation)| Comparator::new(left.type_oid(), *collation, ctx.env.as_type_env()))
            .collect::<Result<_>>()?;
        Ok(RowComparison {
            strategy: compare.strategy,
            left: compile_all(&compare.left, ctx)?,
            right: compile_all(&compare.right, ctx)?,
            comparators,
        })
    }

    /// The first pair that differs decides; a NULL before it makes the result NULL.
    pub(crate) fn eval(&self, row: &EvalRow<'_>, rt: &Runtime<'_>) -> Result<Datum> {
        let mut order = Ordering::Equal;
        for ((left, right), comparator) in self.left.iter().zip(&self.right).zip(&self.comparators) {
            let (left, right) = (left.eval(row, rt)?, right.eval(row, rt)?);
            if left.is_null() || right.is_null() {
                return Ok(Datum::Null);
            }
            order = comparator.compare(&left, &right);
            if order != Ordering::Equal {
                break;
            }
        }
        Ok(Datum::Bool(match self.strategy {
            1 => order == Ordering::Less,
            2 => order != Ordering::Greater,
            4 => order != Ordering::Less,
            5 => order == Ordering::Greater,
            _ => order == Ordering::Equal,
        }))
    }
}
