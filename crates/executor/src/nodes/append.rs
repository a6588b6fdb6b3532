//! Append: the children's rows one after the other.

use crate::executor::Node;
use crate::runtime::Runtime;
use pglitedb_sqlstate::Result;
use pglitedb_types::Datum;

pub(crate) struct Append {
    children: Vec<Box<dyn Node>>,
    at: usize,
}

impl Append {
    pub(crate) fn new(children: Vec<Box<dyn Node>>) -> Self {
        Append { children, at: 0 }
    }
}

impl Node for Append {
    fn next(&mut self, rt: &Runtime<'_>, out: &mut Vec<Datum>) -> Result<bool> {
        while let Some(child) = self.children.get_mut(self.at) {
            if child.next(rt, out)? {
                return Ok(true);
            }
            self.at += 1;
        }
        Ok(false)
    }

    fn rescan(&mut self, rt: &Runtime<'_>) -> Result<()> {
        self.at = 0;
        self.children.iter_mut().try_for_each(|child| child.rescan(rt))
    }

    fn scanned_row(&self) -> Option<(pglitedb_types::Oid, pglitedb_tables::RowId)> {
        self.children.get(self.at)?.scanned_row()
    }
}
