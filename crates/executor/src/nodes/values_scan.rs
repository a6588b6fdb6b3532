//! ValuesScan: VALUES lists.

use super::Projection;
use crate::executor::Node;
use crate::expr::{Compiled, EvalRow, all_true};
use crate::runtime::Runtime;
use pglitedb_sqlstate::Result;
use pglitedb_types::Datum;

pub(crate) struct ValuesScan {
    rows: Vec<Vec<Compiled>>,
    quals: Vec<Compiled>,
    projection: Projection,
    at: usize,
    row: Vec<Datum>,
}

impl ValuesScan {
    pub(crate) fn new(rows: Vec<Vec<Compiled>>, quals: Vec<Compiled>, projection: Projection) -> Self {
        ValuesScan { rows, quals, projection, at: 0, row: Vec::new() }
    }
}

impl Node for ValuesScan {
    fn next(&mut self, rt: &Runtime<'_>, out: &mut Vec<Datum>) -> Result<bool> {
        while let Some(exprs) = self.rows.get(self.at) {
            rt.check()?;
            self.at += 1;
            self.row.clear();
            for expr in exprs {
                self.row.push(expr.eval(&EvalRow::default(), rt)?);
            }
            let row = EvalRow { scan: &self.row, ..EvalRow::default() };
            if all_true(&self.quals, &row, rt)? {
                self.projection.project(&row, rt, out)?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn rescan(&mut self, _: &Runtime<'_>) -> Result<()> {
        self.at = 0;
        Ok(())
    }
}
