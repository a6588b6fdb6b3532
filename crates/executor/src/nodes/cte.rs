//! CteScan: reads a WITH query whose rows are computed once, on demand, and shared by its readers.

use super::Projection;
use crate::executor::{Node, Shared};
use crate::expr::{Compiled, EvalRow, all_true};
use crate::runtime::Runtime;
use pglitedb_sqlstate::{Error, Result};
use pglitedb_types::Datum;

/// Rows of a WITH query so far.
#[derive(Default)]
pub(crate) struct CteState {
    rows: Vec<Vec<Datum>>,
    complete: bool,
    /// The plan must be rescanned before it is read (parameters changed).
    pub restart: bool,
}

impl CteState {
    pub(crate) fn clear(&mut self) {
        self.rows.clear();
        self.complete = false;
    }
}

/// Makes row `at` available; false if there are not so many.
fn fill(shared: &Shared, plan: usize, at: usize, rt: &Runtime<'_>) -> Result<bool> {
    let recursive = || Error::internal("WITH query reads itself");
    let mut state = shared.ctes[plan].try_borrow_mut().map_err(|_| recursive())?;
    while state.rows.len() <= at && !state.complete {
        rt.check()?;
        let mut sub = shared.subplans[plan].try_borrow_mut().map_err(|_| recursive())?;
        if std::mem::take(&mut state.restart) {
            sub.node.rescan(rt)?;
        }
        let mut row = Vec::new();
        if sub.node.next(rt, &mut row)? {
            state.rows.push(row);
        } else {
            state.complete = true;
        }
    }
    Ok(state.rows.len() > at)
}

/// Computes all rows.
pub(crate) fn read_all(shared: &Shared, plan: usize, rt: &Runtime<'_>) -> Result<()> {
    fill(shared, plan, usize::MAX - 1, rt).map(|_| ())
}

pub(crate) struct CteScan {
    plan: usize,
    quals: Vec<Compiled>,
    projection: Projection,
    at: usize,
    row: Vec<Datum>,
}

impl CteScan {
    pub(crate) fn new(plan: usize, quals: Vec<Compiled>, projection: Projection) -> Self {
        CteScan { plan, quals, projection, at: 0, row: Vec::new() }
    }
}

impl Node for CteScan {
    fn next(&mut self, rt: &Runtime<'_>, out: &mut Vec<Datum>) -> Result<bool> {
        let shared = rt.shared()?;
        while fill(shared, self.plan, self.at, rt)? {
            self.row.clone_from(&shared.ctes[self.plan].borrow().rows[self.at]);
            self.at += 1;
            let row = EvalRow { scan: &self.row, ..EvalRow::default() };
            if all_true(&self.quals, &row, rt)? {
                self.projection.project(&row, rt, out)?;
                return Ok(true);
            }
            rt.check()?;
        }
        Ok(false)
    }

    fn rescan(&mut self, _: &Runtime<'_>) -> Result<()> {
        self.at = 0;
        Ok(())
    }
}
