//! Material: keeps the child's rows for rescans.

use crate::executor::Node;
use crate::runtime::Runtime;
use pglitedb_sqlstate::Result;
use pglitedb_types::Datum;

pub(crate) struct Material {
    outer: Box<dyn Node>,
    /// The child's rows depend on parameters: a rescan reads it again.
    dependent: bool,
    rows: Vec<Vec<Datum>>,
    complete: bool,
    at: usize,
}

impl Material {
    pub(crate) fn new(outer: Box<dyn Node>, dependent: bool) -> Self {
        Material { outer, dependent, rows: Vec::new(), complete: false, at: 0 }
    }
}

impl Node for Material {
    fn next(&mut self, rt: &Runtime<'_>, out: &mut Vec<Datum>) -> Result<bool> {
        if self.at < self.rows.len() {
            out.clone_from(&self.rows[self.at]);
            self.at += 1;
            return Ok(true);
        }
        if self.complete || !self.outer.next(rt, out)? {
            self.complete = true;
            return Ok(false);
        }
        self.rows.push(out.clone());
        self.at += 1;
        Ok(true)
    }

    fn rescan(&mut self, rt: &Runtime<'_>) -> Result<()> {
        self.at = 0;
        if self.dependent || rt.is_restart() {
            self.rows.clear();
            self.complete = false;
            self.outer.rescan(rt)?;
        }
        Ok(())
    }
}
