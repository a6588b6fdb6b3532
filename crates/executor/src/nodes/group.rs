//! Group: GROUP BY without aggregates over sorted rows.

use super::{GroupColumns, Projection};
use crate::executor::Node;
use crate::expr::{Compiled, EvalRow, all_true};
use crate::runtime::Runtime;
use pglitedb_sqlstate::Result;
use pglitedb_types::Datum;

pub(crate) struct Group {
    outer: Box<dyn Node>,
    keys: GroupColumns,
    quals: Vec<Compiled>,
    projection: Projection,
    last: Option<Vec<Datum>>,
    row: Vec<Datum>,
}

impl Group {
    pub(crate) fn new(
        outer: Box<dyn Node>,
        keys: GroupColumns,
        quals: Vec<Compiled>,
        projection: Projection,
    ) -> Self {
        Group { outer, keys, quals, projection, last: None, row: Vec::new() }
    }
}

impl Node for Group {
    fn next(&mut self, rt: &Runtime<'_>, out: &mut Vec<Datum>) -> Result<bool> {
        while self.outer.next(rt, &mut self.row)? {
            rt.check()?;
            if self.last.as_ref().is_some_and(|last| self.keys.same(last, &self.row)) {
                continue;
            }
            self.last = Some(self.row.clone());
            let row = EvalRow { outer: &self.row, ..EvalRow::default() };
            if all_true(&self.quals, &row, rt)? {
                self.projection.project(&row, rt, out)?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn rescan(&mut self, rt: &Runtime<'_>) -> Result<()> {
        self.last = None;
        self.outer.rescan(rt)
    }
}
