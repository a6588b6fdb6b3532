//! Checking a row again after waiting for its lock (READ COMMITTED): the plan below is run once more with the scan of
//! the row's relation giving just the row's newest version.

use crate::executor::Executor;
use crate::expr::CompileCtx;
use crate::runtime::{Recheck, Runtime};
use pglitedb_query_tree::{Plan, PlannedStmt};
use pglitedb_sqlstate::Result;
use pglitedb_tables::RowId;
use pglitedb_types::Datum;
use std::cell::RefCell;
use std::sync::Arc;

/// Runs `child` (a plan of the statement) again for some rows.
pub(crate) struct Rechecker {
    stmt: Arc<PlannedStmt>,
    executor: Option<Executor>,
}

impl Rechecker {
    /// For the child of a node of the statement.
    pub(crate) fn new(stmt: &Arc<PlannedStmt>, child: &Plan) -> Self {
        let mut copy = (**stmt).clone();
        copy.plan = child.clone();
        // Junk columns are wanted here.
        copy.plan.targets.iter_mut().for_each(|target| target.junk = false);
        Rechecker { stmt: Arc::new(copy), executor: None }
    }

    /// The child's row for the newest versions of `rows` (range table entry, row id), or `None` if its conditions no
    /// longer hold.
    pub(crate) fn run(&mut self, rows: Vec<(usize, RowId)>, rt: &Runtime<'_>) -> Result<Option<Vec<Datum>>> {
        let recheck = Recheck { rows: RefCell::new(rows) };
        let rt = Runtime { recheck: Some(&recheck), shared: None, ..*rt };
        let executor = match &mut self.executor {
            Some(executor) => {
                executor.reset(&rt)?;
                executor
            }
            None => {
                let mut ctx = CompileCtx::new(rt.catalog, rt.env, rt.registry);
                self.executor.insert(Executor::build(&self.stmt, &mut ctx, false)?)
            }
        };
        let mut row = Vec::new();
        let found = executor.next(&rt, &mut row)?;
        executor.reset(&rt)?;
        Ok(found.then_some(row))
    }
}

/// The row that stands for a relation, if its scan is under recheck.
pub(crate) fn row_for(rt: &Runtime<'_>, rte: usize) -> Option<RowId> {
    let recheck = rt.recheck?;
    recheck.rows.borrow().iter().find(|(known, _)| *known == rte).map(|(_, id)| *id)
}
