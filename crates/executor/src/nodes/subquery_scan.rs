//! SubqueryScan: the rows of a subquery as a scan.

use super::Projection;
use crate::executor::Node;
use crate::expr::{Compiled, EvalRow, all_true};
use crate::runtime::Runtime;
use pglitedb_sqlstate::Result;
use pglitedb_types::Datum;

pub(crate) struct SubqueryScan {
    outer: Box<dyn Node>,
    quals: Vec<Compiled>,
    projection: Projection,
    row: Vec<Datum>,
}

impl SubqueryScan {
    pub(crate) fn new(outer: Box<dyn Node>, quals: Vec<Compiled>, projection: Projection) -> Self {
        SubqueryScan { outer, quals, projection, row: Vec::new() }
    }
}

impl Node for SubqueryScan {
    fn next(&mut self, rt: &Runtime<'_>, out: &mut Vec<Datum>) -> Result<bool> {
        while self.outer.next(rt, &mut self.row)? {
            let row = EvalRow { scan: &self.row, ..EvalRow::default() };
            if all_true(&self.quals, &row, rt)? {
                self.projection.project(&row, rt, out)?;
                return Ok(true);
            }
            rt.check()?;
        }
        Ok(false)
    }

    fn rescan(&mut self, rt: &Runtime<'_>) -> Result<()> {
        self.outer.rescan(rt)
    }

    fn scanned_row(&self) -> Option<(pglitedb_types::Oid, pglitedb_tables::RowId)> {
        self.outer.scanned_row()
    }
}
