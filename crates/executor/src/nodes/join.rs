//! What all joins share.

use super::Projection;
use crate::build::Builder;
use crate::expr::{CompileCtx, Compiled, EvalRow, all_true, compile_all};
use crate::runtime::Runtime;
use pglitedb_query_tree::{Expr, JoinType, Plan};
use pglitedb_sqlstate::Result;
use pglitedb_types::Datum;

/// Conditions and output of a join.
pub(crate) struct JoinCore {
    pub join: JoinType,
    pub join_quals: Vec<Compiled>,
    pub quals: Vec<Compiled>,
    pub projection: Projection,
    /// Stop at the first match.
    pub unique: bool,
    pub outer_width: usize,
    pub inner_width: usize,
    /// NULLs standing for the missing side.
    pub nulls: Vec<Datum>,
}

impl JoinCore {
    pub(crate) fn new(
        builder: &Builder<'_>,
        plan: &Plan,
        join: JoinType,
        join_quals: &[Expr],
        unique: bool,
        widths: (usize, usize),
        ctx: &mut CompileCtx<'_>,
    ) -> Result<Self> {
        Ok(JoinCore {
            join,
            join_quals: compile_all(join_quals, ctx)?,
            quals: builder.quals(plan, ctx)?,
            projection: builder.projection(plan, ctx)?,
            unique: unique || matches!(join, JoinType::Semi | JoinType::Anti),
            outer_width: widths.0,
            inner_width: widths.1,
            nulls: vec![Datum::Null; widths.0.max(widths.1)],
        })
    }

    /// Do the two rows match?
    pub(crate) fn matches(&self, outer: &[Datum], inner: &[Datum], rt: &Runtime<'_>) -> Result<bool> {
        if self.join_quals.is_empty() {
            return Ok(true);
        }
        all_true(&self.join_quals, &EvalRow { outer, inner, ..EvalRow::default() }, rt)
    }

    /// Writes the joined row if the filter lets it through.
    pub(crate) fn emit(
        &self,
        outer: &[Datum],
        inner: &[Datum],
        rt: &Runtime<'_>,
        out: &mut Vec<Datum>,
    ) -> Result<bool> {
        let row = EvalRow { outer, inner, ..EvalRow::default() };
        if !all_true(&self.quals, &row, rt)? {
            return Ok(false);
        }
        self.projection.project(&row, rt, out)?;
        Ok(true)
    }

    /// NULLs for an outer row that is missing.
    pub(crate) fn outer_nulls(&self) -> &[Datum] {
        &self.nulls[..self.outer_width]
    }

    /// NULLs for an inner row that is missing.
    pub(crate) fn inner_nulls(&self) -> &[Datum] {
        &self.nulls[..self.inner_width]
    }
}
