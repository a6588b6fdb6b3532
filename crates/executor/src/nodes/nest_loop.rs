//! NestLoop: for each outer row the inner side is read again.

use super::join::JoinCore;
use crate::build::Builder;
use crate::executor::Node;
use crate::expr::{CompileCtx, Compiled, EvalRow, compile};
use crate::runtime::Runtime;
use pglitedb_query_tree::{JoinType, Plan, PlanNode};
use pglitedb_sqlstate::{Error, Result};
use pglitedb_types::Datum;

struct NestLoop {
    core: JoinCore,
    outer: Box<dyn Node>,
    inner: Box<dyn Node>,
    params: Vec<(usize, Compiled)>,
    row: Vec<Datum>,
    inner_row: Vec<Datum>,
    has_outer: bool,
    matched: bool,
    inner_started: bool,
}

pub(crate) fn build(
    builder: &mut Builder<'_>,
    plan: &Plan,
    ctx: &mut CompileCtx<'_>,
) -> Result<Box<dyn Node>> {
    let PlanNode::NestLoop { join, outer, inner, join_quals, inner_unique, params } = &plan.node else {
        return Err(Error::internal("not a nested loop"));
    };
    let widths = (outer.targets.len(), inner.targets.len());
    let core = JoinCore::new(builder, plan, *join, join_quals, *inner_unique, widths, ctx)?;
    let params = params.iter().map(|(id, expr)| Ok((*id, compile(expr, ctx)?))).collect::<Result<_>>()?;
    Ok(Box::new(NestLoop {
        core,
        outer: builder.plan(outer, ctx)?,
        inner: builder.plan(inner, ctx)?,
        params,
        row: Vec::new(),
        inner_row: Vec::new(),
        has_outer: false,
        matched: false,
        inner_started: false,
    }))
}

impl Node for NestLoop {
    fn next(&mut self, rt: &Runtime<'_>, out: &mut Vec<Datum>) -> Result<bool> {
        loop {
            if !self.has_outer {
                if !self.outer.next(rt, &mut self.row)? {
                    return Ok(false);
                }
                self.has_outer = true;
                self.matched = false;
                let shared = rt.shared()?;
                let row = EvalRow { outer: &self.row, ..EvalRow::default() };
                for (id, expr) in &self.params {
                    shared.set(*id, expr.eval(&row, rt)?);
                }
                if !self.params.is_empty() {
                    shared.params_changed();
                }
                if self.inner_started || !self.params.is_empty() {
                    self.inner.rescan(rt)?;
                }
                self.inner_started = true;
            }
            rt.check()?;
            if self.matched && self.core.unique {
                self.has_outer = false;
                continue;
            }
            if self.inner.next(rt, &mut self.inner_row)? {
                if !self.core.matches(&self.row, &self.inner_row, rt)? {
                    continue;
                }
                self.matched = true;
                match self.core.join {
                    JoinType::Anti => self.has_outer = false,
                    JoinType::Semi => {
                        self.has_outer = false;
                        if self.core.emit(&self.row, self.core.inner_nulls(), rt, out)? {
                            return Ok(true);
                        }
                    }
                    _ => {
                        if self.core.emit(&self.row, &self.inner_row, rt, out)? {
                            return Ok(true);
                        }
                    }
                }
                continue;
            }
            self.has_outer = false;
            if !self.matched
                && matches!(self.core.join, JoinType::Left | JoinType::Anti)
                && self.core.emit(&self.row, self.core.inner_nulls(), rt, out)?
            {
                return Ok(true);
            }
        }
    }

    fn rescan(&mut self, rt: &Runtime<'_>) -> Result<()> {
        self.has_outer = false;
        self.outer.rescan(rt)?;
        if rt.is_restart() {
            self.inner_started = false;
            return self.inner.rescan(rt);
        }
        self.inner_started = true;
        Ok(())
    }
}
