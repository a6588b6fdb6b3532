//! WorkTableScan: the rows of the last round of a recursive query.

use super::Projection;
use crate::executor::Node;
use crate::expr::{Compiled, EvalRow, all_true};
use crate::runtime::Runtime;
use pglitedb_sqlstate::Result;
use pglitedb_types::Datum;

pub(crate) struct WorkTableScan {
    work_table: usize,
    quals: Vec<Compiled>,
    projection: Projection,
    at: usize,
    row: Vec<Datum>,
}

impl WorkTableScan {
    pub(crate) fn new(work_table: usize, quals: Vec<Compiled>, projection: Projection) -> Self {
        WorkTableScan { work_table, quals, projection, at: 0, row: Vec::new() }
    }
}

impl Node for WorkTableScan {
    fn next(&mut self, rt: &Runtime<'_>, out: &mut Vec<Datum>) -> Result<bool> {
        let shared = rt.shared()?;
        loop {
            match shared.work_tables.borrow().get(self.work_table).and_then(|rows| rows.get(self.at)) {
                Some(row) => self.row.clone_from(row),
                None => return Ok(false),
            }
            self.at += 1;
            let row = EvalRow { scan: &self.row, ..EvalRow::default() };
            if all_true(&self.quals, &row, rt)? {
                self.projection.project(&row, rt, out)?;
                return Ok(true);
            }
            rt.check()?;
        }
    }

    fn rescan(&mut self, _: &Runtime<'_>) -> Result<()> {
        self.at = 0;
        Ok(())
    }
}
