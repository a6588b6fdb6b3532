//! ProjectSet: set-returning functions in the target list. All run in step; those that end early give NULLs.

use super::function_scan::SetCall;
use crate::executor::Node;
use crate::expr::{CompileCtx, Compiled, EvalRow, compile};
use crate::runtime::Runtime;
use pglitedb_functions::{FnCtx, SetIter};
use pglitedb_query_tree::{Expr, Plan};
use pglitedb_sqlstate::Result;
use pglitedb_types::{Datum, RecordValue};
use std::sync::Arc;

enum Column {
    Plain(Compiled),
    Set(SetCall),
}

pub(crate) struct ProjectSet {
    outer: Box<dyn Node>,
    columns: Vec<Column>,
    iters: Vec<Option<Box<dyn SetIter>>>,
    active: bool,
    row: Vec<Datum>,
    buffer: Vec<Datum>,
}

impl ProjectSet {
    pub(crate) fn new(plan: &Plan, outer: Box<dyn Node>, ctx: &mut CompileCtx<'_>) -> Result<Self> {
        let mut columns = Vec::with_capacity(plan.targets.len());
        for target in &plan.targets {
            let set = match &target.expr {
                Expr::Func(func) => SetCall::compile(func, ctx)?,
                _ => None,
            };
            columns.push(match set {
                Some(call) => Column::Set(call),
                None => Column::Plain(compile(&target.expr, ctx)?),
            });
        }
        Ok(ProjectSet {
            outer,
            columns,
            iters: Vec::new(),
            active: false,
            row: Vec::new(),
            buffer: Vec::new(),
        })
    }
}

impl Node for ProjectSet {
    fn next(&mut self, rt: &Runtime<'_>, out: &mut Vec<Datum>) -> Result<bool> {
        loop {
            rt.check()?;
            if !self.active {
                if !self.outer.next(rt, &mut self.row)? {
                    return Ok(false);
                }
                let row = EvalRow { outer: &self.row, ..EvalRow::default() };
                self.iters.clear();
                for column in &self.columns {
                    self.iters.push(match column {
                        Column::Set(call) => call.start(&row, rt)?,
                        Column::Plain(_) => None,
                    });
                }
                self.active = true;
            }
            let row = EvalRow { outer: &self.row, ..EvalRow::default() };
            out.clear();
            let mut any = false;
            for (column, iter) in self.columns.iter().zip(&mut self.iters) {
                let value = match (column, iter) {
                    (Column::Plain(expr), _) => expr.eval(&row, rt)?,
                    (Column::Set(call), slot) => match slot {
                        Some(iter) => {
                            if iter.next(&FnCtx { env: rt.env, info: &call.info }, &mut self.buffer)? {
                                any = true;
                                single(&mut self.buffer, call.info.result_type)
                            } else {
                                *slot = None;
                                Datum::Null
                            }
                        }
                        None => Datum::Null,
                    },
                };
                out.push(value);
            }
            if any {
                return Ok(true);
            }
            self.active = false;
        }
    }

    fn rescan(&mut self, rt: &Runtime<'_>) -> Result<()> {
        self.active = false;
        self.outer.rescan(rt)
    }
}

/// The value of a call that gave a row: several columns are a composite.
fn single(row: &mut Vec<Datum>, type_oid: u32) -> Datum {
    if row.len() == 1 {
        return row.pop().unwrap_or_default();
    }
    let field_types = vec![0; row.len()].into();
    Datum::Record(Arc::new(RecordValue::new(type_oid, field_types, std::mem::take(row))))
}
