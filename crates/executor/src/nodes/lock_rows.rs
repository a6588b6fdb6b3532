//! LockRows: SELECT ... FOR UPDATE and its kin.

use super::recheck::Rechecker;
use crate::build::Builder;
use crate::executor::Node;
use crate::expr::CompileCtx;
use crate::runtime::Runtime;
use pglitedb_query_tree::{LockWait, Plan, PlanNode, RowLockStrength, RowMarkPlan};
use pglitedb_sqlstate::{Error, Result};
use pglitedb_storage::LockWait as StorageWait;
use pglitedb_tables::{RowId, RowLock, RowLockMode, concurrent_delete, concurrent_update};
use pglitedb_types::Datum;

struct LockRows {
    outer: Box<dyn Node>,
    marks: Vec<RowMarkPlan>,
    rechecker: Rechecker,
}

pub(crate) fn build(
    builder: &mut Builder<'_>,
    plan: &Plan,
    ctx: &mut CompileCtx<'_>,
) -> Result<Box<dyn Node>> {
    let PlanNode::LockRows { outer, marks } = &plan.node else {
        return Err(Error::internal("not a LockRows node"));
    };
    let rechecker = Rechecker::new(builder.stmt, outer);
    Ok(Box::new(LockRows { outer: builder.plan(outer, ctx)?, marks: marks.clone(), rechecker }))
}

fn mode(strength: RowLockStrength) -> RowLockMode {
    match strength {
        RowLockStrength::KeyShare => RowLockMode::KeyShare,
        RowLockStrength::Share => RowLockMode::Share,
        RowLockStrength::NoKeyUpdate => RowLockMode::NoKeyUpdate,
        RowLockStrength::Update => RowLockMode::Update,
    }
}

fn wait(wait: LockWait) -> StorageWait {
    match wait {
        LockWait::Block => StorageWait::Block,
        LockWait::Skip => StorageWait::Skip,
        LockWait::Error => StorageWait::NoWait,
    }
}

impl LockRows {
    /// Locks the rows behind an output row; false if it must be skipped. A changed row's output is computed again.
    fn lock(&mut self, rt: &Runtime<'_>, out: &mut Vec<Datum>) -> Result<bool> {
        let mut rows: Vec<(usize, RowId)> = Vec::new();
        let mut changed = false;
        for mark in &self.marks {
            let Some(Datum::Int8(id)) = out.get(mark.row_id_column - 1) else { continue };
            let id = RowId(id.cast_unsigned());
            let table = rt.space.open(&mark.relation, rt.catalog)?;
            match table.lock_row(rt.txn, rt.snapshot, id, mode(mark.strength), wait(mark.wait))? {
                RowLock::Unchanged | RowLock::SelfModified => {}
                RowLock::Updated if rt.rechecks() => changed = true,
                RowLock::Updated => return Err(concurrent_update()),
                RowLock::Deleted if rt.rechecks() => return Ok(false),
                RowLock::Deleted => return Err(concurrent_delete()),
                RowLock::Skipped => return Ok(false),
            }
            rows.push((mark.rte, id));
        }
        if !changed {
            return Ok(true);
        }
        match self.rechecker.run(rows, rt)? {
            Some(row) => {
                *out = row;
                Ok(true)
            }
            None => Ok(false),
        }
    }
}

impl Node for LockRows {
    fn next(&mut self, rt: &Runtime<'_>, out: &mut Vec<Datum>) -> Result<bool> {
        while self.outer.next(rt, out)? {
            if self.lock(rt, out)? {
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
