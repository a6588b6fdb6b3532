//! Result: one row from nothing, or the child's rows if a condition holds.

use super::Projection;
use crate::executor::Node;
use crate::expr::{Compiled, EvalRow};
use crate::runtime::Runtime;
use pglitedb_sqlstate::Result;
use pglitedb_types::Datum;

pub(crate) struct ResultNode {
    outer: Option<Box<dyn Node>>,
    one_time: Option<Compiled>,
    quals: Vec<Compiled>,
    projection: Projection,
    started: bool,
    done: bool,
    row: Vec<Datum>,
}

impl ResultNode {
    pub(crate) fn new(
        outer: Option<Box<dyn Node>>,
        one_time: Option<Compiled>,
        quals: Vec<Compiled>,
        projection: Projection,
    ) -> Self {
        ResultNode { outer, one_time, quals, projection, started: false, done: false, row: Vec::new() }
    }
}

impl Node for ResultNode {
    fn next(&mut self, rt: &Runtime<'_>, out: &mut Vec<Datum>) -> Result<bool> {
        if !self.started {
            self.started = true;
            if let Some(filter) = &self.one_time {
                self.done = !filter.is_true(&EvalRow::default(), rt)?;
            }
        }
        while !self.done {
            match &mut self.outer {
                None => self.done = true,
                Some(outer) => {
                    if !outer.next(rt, &mut self.row)? {
                        self.done = true;
                        return Ok(false);
                    }
                }
            }
            let row = EvalRow { outer: &self.row, ..EvalRow::default() };
            if crate::expr::all_true(&self.quals, &row, rt)? {
                if self.projection.is_identity(self.row.len()) && self.outer.is_some() {
                    std::mem::swap(out, &mut self.row);
                } else {
                    self.projection.project(&row, rt, out)?;
                }
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn rescan(&mut self, rt: &Runtime<'_>) -> Result<()> {
        self.started = false;
        self.done = false;
        match &mut self.outer {
            Some(outer) => outer.rescan(rt),
            None => Ok(()),
        }
    }

    fn scanned_row(&self) -> Option<(pglitedb_types::Oid, pglitedb_tables::RowId)> {
        self.outer.as_ref()?.scanned_row()
    }
}
