//! SeqScan: all rows of a table.

use super::{Projection, recheck, scan_columns};
use crate::build::Builder;
use crate::executor::Node;
use crate::expr::{CompileCtx, Compiled, EvalRow, all_true};
use crate::runtime::Runtime;
use pglitedb_catalog::{RelKind, Relation};
use pglitedb_query_tree::Plan;
use pglitedb_sqlstate::Result;
use pglitedb_storage::Direction;
use pglitedb_tables::{RowId, TableAccess, TableScan};
use pglitedb_types::Datum;
use std::sync::Arc;

pub(crate) struct SeqScan {
    rte: usize,
    relation: Arc<Relation>,
    table: Option<Arc<TableAccess>>,
    wanted: Vec<usize>,
    quals: Vec<Compiled>,
    projection: Projection,
    scan: Option<TableScan>,
    done: bool,
    row: Vec<Datum>,
    /// Identity of the row returned last.
    current: Option<RowId>,
    /// TABLESAMPLE: chance of each row, and the seed.
    pub sample: Option<super::sample_scan::Sample>,
}

impl SeqScan {
    pub(crate) fn new(
        builder: &Builder<'_>,
        plan: &Plan,
        rte: usize,
        relation: &Arc<Relation>,
        ctx: &mut CompileCtx<'_>,
    ) -> Result<Self> {
        let width = relation.columns.len();
        Ok(SeqScan {
            rte,
            relation: relation.clone(),
            table: None,
            wanted: scan_columns(plan, width),
            quals: builder.quals(plan, ctx)?,
            projection: builder.projection(plan, ctx)?,
            scan: None,
            done: false,
            row: vec![Datum::Null; width],
            current: None,
            sample: None,
        })
    }

    /// Reads the next tuple into `row`.
    fn advance(&mut self, rt: &Runtime<'_>) -> Result<bool> {
        if self.done {
            return Ok(false);
        }
        if self.relation.kind == RelKind::Sequence {
            return self.sequence(rt);
        }
        let table = match &self.table {
            Some(table) => table,
            None => self.table.insert(rt.space.open(&self.relation, rt.catalog)?),
        };
        if rt.recheck.is_some()
            && let Some(id) = recheck::row_for(rt, self.rte)
        {
            self.done = true;
            self.current = Some(id);
            return table.fetch_latest(rt.txn, id, &self.wanted, &mut self.row);
        }
        let scan = match &mut self.scan {
            Some(scan) => scan,
            None => self.scan.insert(table.scan(rt.txn, rt.snapshot, Direction::Forward)?),
        };
        self.current = scan.next(&self.wanted, &mut self.row)?;
        self.done = self.current.is_none();
        Ok(!self.done)
    }

    /// The one row of a sequence: its state is kept apart from rows.
    #[cold]
    fn sequence(&mut self, rt: &Runtime<'_>) -> Result<bool> {
        let (value, is_called) = rt.hooks.sequence_state(self.relation.oid)?;
        // `log_cnt` counts values that are logged ahead of their use: there are none.
        self.row = vec![Datum::Int8(value), Datum::Int8(0), Datum::Bool(is_called)];
        self.done = true;
        Ok(true)
    }
}

impl Node for SeqScan {
    fn next(&mut self, rt: &Runtime<'_>, out: &mut Vec<Datum>) -> Result<bool> {
        let mut count = 0_u32;
        while self.advance(rt)? {
            count += 1;
            if count & 0x3f == 0 {
                rt.check()?;
            }
            if let (Some(sample), Some(id)) = (&mut self.sample, self.current)
                && !sample.takes(id, rt)?
            {
                continue;
            }
            let row = EvalRow::scanned(&self.row, self.current, self.relation.oid);
            if all_true(&self.quals, &row, rt)? {
                self.projection.project(&row, rt, out)?;
                return Ok(true);
            }
            rt.note_removed();
        }
        Ok(false)
    }

    fn rescan(&mut self, rt: &Runtime<'_>) -> Result<()> {
        self.scan = None;
        self.done = false;
        if rt.is_restart() {
            self.table = None;
        }
        if let Some(sample) = &mut self.sample {
            sample.restart();
        }
        Ok(())
    }

    fn scanned_row(&self) -> Option<(pglitedb_types::Oid, RowId)> {
        Some((self.relation.oid, self.current?))
    }
}
