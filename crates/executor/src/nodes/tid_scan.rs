//! TidScan: rows by ctid, or the row a cursor stands on.

use super::{Projection, recheck, scan_columns};
use crate::build::Builder;
use crate::executor::Node;
use crate::expr::{CompileCtx, Compiled, EvalRow, all_true, compile_all};
use crate::runtime::Runtime;
use pglitedb_catalog::Relation;
use pglitedb_query_tree::{Plan, PlanNode};
use pglitedb_sqlstate::{Error, Result};
use pglitedb_tables::RowId;
use pglitedb_types::Datum;
use std::sync::Arc;

pub(crate) struct TidScan {
    rte: usize,
    relation: Arc<Relation>,
    tids: Vec<Compiled>,
    cursor: Option<Arc<str>>,
    wanted: Vec<usize>,
    quals: Vec<Compiled>,
    projection: Projection,
    ids: Option<Vec<RowId>>,
    row: Vec<Datum>,
}

impl TidScan {
    pub(crate) fn new(builder: &Builder<'_>, plan: &Plan, ctx: &mut CompileCtx<'_>) -> Result<Self> {
        let PlanNode::TidScan { rte, relation, tids, cursor } = &plan.node else {
            return Err(Error::internal("not a tid scan"));
        };
        let width = relation.columns.len();
        Ok(TidScan {
            rte: *rte,
            relation: relation.clone(),
            tids: compile_all(tids, ctx)?,
            cursor: cursor.clone(),
            wanted: scan_columns(plan, width),
            quals: builder.quals(plan, ctx)?,
            projection: builder.projection(plan, ctx)?,
            ids: None,
            row: vec![Datum::Null; width],
        })
    }

    fn find(&self, rt: &Runtime<'_>) -> Result<Vec<RowId>> {
        if let Some(id) = recheck::row_for(rt, self.rte) {
            return Ok(vec![id]);
        }
        if let Some(cursor) = &self.cursor {
            return Ok(rt.hooks.cursor_row(cursor, self.relation.oid)?.into_iter().collect());
        }
        let mut ids = Vec::new();
        for tid in &self.tids {
            if let Datum::Tid(block, offset) = tid.eval(&EvalRow::default(), rt)? {
                ids.extend(RowId::from_ctid(block, offset));
            }
        }
        ids.sort_unstable();
        ids.dedup();
        ids.reverse();
        Ok(ids)
    }
}

impl Node for TidScan {
    fn next(&mut self, rt: &Runtime<'_>, out: &mut Vec<Datum>) -> Result<bool> {
        let table = rt.space.open(&self.relation, rt.catalog)?;
        if self.ids.is_none() {
            self.ids = Some(self.find(rt)?);
        }
        while let Some(id) = self.ids.as_mut().and_then(Vec::pop) {
            let found = if rt.recheck.is_some() {
                table.fetch_latest(rt.txn, id, &self.wanted, &mut self.row)?
            } else {
                table.fetch(rt.txn, rt.snapshot, id, &self.wanted, &mut self.row)?
            };
            if !found {
                continue;
            }
            let row = EvalRow::scanned(&self.row, Some(id), self.relation.oid);
            if all_true(&self.quals, &row, rt)? {
                self.projection.project(&row, rt, out)?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn rescan(&mut self, _: &Runtime<'_>) -> Result<()> {
        self.ids = None;
        Ok(())
    }
}
