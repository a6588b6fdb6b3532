//! Unique: drops rows equal to the one before.

use super::GroupColumns;
use crate::executor::Node;
use crate::runtime::Runtime;
use pglitedb_sqlstate::Result;
use pglitedb_types::Datum;

pub(crate) struct Unique {
    outer: Box<dyn Node>,
    keys: GroupColumns,
    last: Option<Vec<Datum>>,
}

impl Unique {
    pub(crate) fn new(outer: Box<dyn Node>, keys: GroupColumns) -> Self {
        Unique { outer, keys, last: None }
    }
}

impl Node for Unique {
    fn next(&mut self, rt: &Runtime<'_>, out: &mut Vec<Datum>) -> Result<bool> {
        while self.outer.next(rt, out)? {
            if self.last.as_ref().is_none_or(|last| !self.keys.same(last, out)) {
                self.last = Some(out.clone());
                return Ok(true);
            }
            rt.check()?;
        }
        Ok(false)
    }

    fn rescan(&mut self, rt: &Runtime<'_>) -> Result<()> {
        self.last = None;
        self.outer.rescan(rt)
    }
}
